"""WeChat calls the bot: signed and wrapped as the console says, again where nobody answers, strict about answers."""

import asyncio
from collections.abc import Callable, Mapping

import httpx
import pytest
from starlette.responses import Response
from wechatpy import parse_message
from wechatpy.crypto import WeChatCrypto
from wechatpy.utils import check_signature

from bot.channels.wechat_body import Fields, parse, text_of, written
from bot.channels.wechat_cipher import MessageCipher, signature
from tests.set_clock import SetClock
from tests.wechat_api import FAULT, Account, Mode, Resident, WeChatStandIn
from tests.wechat_api.conftest import Bot

PATIENCE = 0.05  # seconds


def plain(account: Account, query: Mapping[str, str], body: bytes) -> bytes:
    """What was posted, as an independent library reads it."""
    check_signature(account.token, query["signature"], query["timestamp"], query["nonce"])
    if account.mode is Mode.PLAIN:
        return body
    crypto = WeChatCrypto(account.token, account.aes_key, account.app_id)
    encrypted = text_of(parse(body), "Encrypt")
    outer = f"<xml><Encrypt>{encrypted}</Encrypt></xml>"
    decrypted = crypto.decrypt_message(outer, query["msg_signature"], query["timestamp"], query["nonce"])
    return decrypted.encode() if isinstance(decrypted, str) else decrypted


def answered(account: Account, text: str = "收到", **changed: str | int) -> Response:
    """A text for the resident, as the console says; `changed` are fields that are otherwise."""
    fields: dict[str, str | int] = {
        "ToUserName": "oResident0001",
        "FromUserName": account.original_id,
        "CreateTime": int(account.clock().timestamp()),
        "MsgType": "text",
        "Content": text,
    }
    body = written({**fields, **changed}, as_json=account.as_json)
    if account.mode is not Mode.PLAIN:
        encrypted = MessageCipher(account.aes_key, account.app_id).encrypt(body)
        proof = signature(account.token, "1", "n", encrypted)
        wrapped: dict[str, str | int]
        wrapped = {"Encrypt": encrypted, "MsgSignature": proof, "TimeStamp": 1, "Nonce": "n"}
        body = written(wrapped, as_json=account.as_json)
    return Response(body)


@pytest.fixture(params=[(mode, as_json) for mode in Mode for as_json in (False, True)], ids=str)
def account(request: pytest.FixtureRequest, stand_in: WeChatStandIn) -> Account:
    stand_in.account.mode, stand_in.account.as_json = request.param
    return stand_in.account


async def test_what_is_posted_proves_itself_and_says_all(bot: Bot, account: Account, resident: Resident) -> None:
    exchange = await resident.says("您好]]>😀")
    (query, body), *others = bot.posted
    assert (exchange.statuses, exchange.text, exchange.is_taken, others) == ((200,), "", True, [])
    assert query["openid"] == resident.openid
    fields = parse(plain(account, query, body))
    assert text_of(fields, "Content") == "您好]]>😀"
    assert text_of(fields, "MsgId").isdecimal()
    outer = parse(body)
    assert ("Content" in outer, "Encrypt" in outer) == {
        Mode.PLAIN: (True, False),
        Mode.COMPATIBLE: (True, True),
        Mode.SECURE: (False, True),
    }[account.mode]


async def test_an_answer_is_shown(bot: Bot, account: Account, resident: Resident, stand_in: WeChatStandIn) -> None:
    bot.answers = [lambda _: answered(account, "第一")]
    assert (await resident.says("提建议")).text == "第一"
    await resident.says("好")
    assert [(screen.text, screen.is_answer) for screen in resident.screens] == [("第一", True)]
    assert stand_in.violations == []


UNFIT: dict[str, Callable[[Account], Response]] = {
    "to somebody else": lambda account: answered(account, ToUserName="oAnother00001"),
    "from somebody else": lambda account: answered(account, FromUserName="gh_another"),
    "too long": lambda account: answered(account, "民" * 683),
    "empty": lambda account: answered(account, ""),
    "more fields": lambda account: answered(account, MsgId=1),
    "the other format": lambda account: Response(b"<xml><a>1</a></xml>" if account.as_json else b'{"a":1}'),
    "no format at all": lambda _: Response(b"thanks"),
}


@pytest.mark.parametrize("unfit", UNFIT.values(), ids=UNFIT)
async def test_an_unfit_answer_is_held_against_the_bot(
    bot: Bot, account: Account, resident: Resident, stand_in: WeChatStandIn, unfit: Callable[[Account], Response]
) -> None:
    bot.answers = [lambda _: unfit(account)]
    await resident.says("提建议")
    assert resident.texts == [FAULT]
    assert len(stand_in.violations) == 1


async def test_an_answer_must_prove_itself(bot: Bot, resident: Resident, stand_in: WeChatStandIn) -> None:
    account = stand_in.account
    good = parse(bytes(answered(account).body))

    def with_other(name: str, value: str) -> Response:
        return Response(written({**_texts(good), name: value}, as_json=False))

    bot.answers = [
        lambda _: with_other("MsgSignature", "0" * 40),
        lambda _: with_other("Nonce", "another"),
        lambda _: Response(written({"Content": "plain"}, as_json=False)),
    ]
    for _ in range(3):
        await resident.says("提建议")
    assert resident.texts == [FAULT] * 3


def _texts(fields: Fields) -> dict[str, str]:
    return {name: text_of(fields, name) for name in fields}


# --- repeats


async def test_what_nobody_answers_is_posted_three_times(clock: SetClock) -> None:
    silent = asyncio.Event()

    async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await silent.wait()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    with WeChatStandIn(clock=clock, patience=PATIENCE, url=f"http://127.0.0.1:{port}/wechat") as stand_in:
        resident = stand_in.resident()
        exchange = await resident.says("您好")
    silent.set()
    server.close()
    assert (exchange.statuses, exchange.is_taken) == ((0, 0, 0), False)
    assert resident.texts == [FAULT]


async def test_the_first_answer_ends_the_repeats_which_are_the_same(
    bot: Bot, resident: Resident, stand_in: WeChatStandIn
) -> None:
    bot.answers = [lambda _: Response(b"", 503)]
    exchange = await resident.says("您好")
    assert exchange.statuses == (503, 200)
    first, second = (parse(plain(stand_in.account, *posted)) for posted in bot.posted)
    assert text_of(first, "MsgId") == text_of(second, "MsgId")
    assert resident.screens == []


async def test_their_last_can_be_repeated_and_the_answer_is_seen_once(
    bot: Bot, resident: Resident, stand_in: WeChatStandIn
) -> None:
    bot.answers = [lambda _: answered(stand_in.account)] * 2
    exchange = await resident.clicks("提建议")
    again = await resident.repeats()
    assert (again.said, again.text) == (exchange.said, exchange.text)
    assert resident.texts == ["收到"]


async def test_nobody_is_called_before_it_is_told_where(resident: Resident) -> None:
    exchange = await resident.says("您好")
    assert (exchange.statuses, exchange.is_taken, resident.screens) == ((), False, [])


# --- the console, and what people do


async def test_the_console_verifies(bot: Bot, stand_in: WeChatStandIn) -> None:
    assert await stand_in.verifies()
    assert bot.posted == []
    other = stand_in.add_account("wxfedcba9876543210")
    stand_in.calls_back(stand_in.base_url + "/wechat", account=other)
    assert not await stand_in.verifies(other)


async def test_every_act_is_what_an_independent_library_understands(
    bot: Bot, resident: Resident, stand_in: WeChatStandIn
) -> None:
    stand_in.account.mode = Mode.PLAIN
    await resident.says("您好")
    await resident.sends_picture(b"jpeg")
    await resident.sends_voice(b"amr", "修路灯")
    await resident.sends_video(b"film")
    await resident.sends_file("台账.xlsx", b"PK")
    await resident.shares(30.5702, 104.0648, "东街")
    await resident.clicks("提建议")
    await resident.scans("cell-7")
    await resident.unfollows()
    await resident.follows()
    await resident.unfollows()
    await resident.scans("cell-7")
    await resident.happens("VIEW", EventKey="https://example.org")
    read = [parse_message(body) for _, body in bot.posted]
    assert [getattr(one, "event", one.type) for one in read] == [
        "text", "image", "voice", "video", "unknown", "location", "click", "scan", "unsubscribe", "subscribe",
        "unsubscribe", "subscribe_scan", "view",
    ]  # fmt: skip
    assert (read[2].recognition, read[6].key, read[11].scene_id) == ("修路灯", "提建议", "cell-7")
    latitude, longitude = map(float, read[5].location)
    assert 0.001 < abs(longitude - 104.0648) < 0.01, "the degrees of Chinese maps"
    assert 0.001 < abs(latitude - 30.5702) < 0.01


async def test_a_tap_says_what_the_choice_does_and_which_it_is(resident: Resident, stand_in: WeChatStandIn) -> None:
    with pytest.raises(AssertionError, match="no choice 1"):
        await resident.taps(1)
    await resident.says("您好")
    token, _ = stand_in.account.tokens.give()
    items = [{"id": "a.0", "content": "yes"}, {"id": "a.1", "content": "no"}]
    menu = {"touser": resident.openid, "msgtype": "msgmenu", "msgmenu": {"head_content": "?", "list": items}}
    url = f"{stand_in.base_url}/cgi-bin/message/custom/send?access_token={token}"
    async with httpx.AsyncClient(trust_env=False, verify=False) as client:
        assert (await client.post(url, json=menu)).json()["errcode"] == 0
    await resident.waits_for("?")
    for which in (2, "no", "a.1"):
        said = (await resident.taps(which)).said
        assert isinstance(said, dict)
        assert (said["Content"], said["bizmsgmenuid"]) == ("no", "a.1")


async def test_what_does_not_come_is_not_waited_for_endlessly(resident: Resident) -> None:
    with pytest.raises(TimeoutError):
        await resident.waits_for("never", timeout=0.01)


async def test_it_can_be_away_for_a_while(bot: Bot, stand_in: WeChatStandIn, resident: Resident) -> None:
    port = stand_in.port
    stand_in.stop()
    stand_in.start()
    assert stand_in.port == port
    assert (await resident.says("您好")).is_taken
    assert len(bot.posted) == 1
