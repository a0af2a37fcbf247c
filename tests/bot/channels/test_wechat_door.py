"""The door that WeChat knocks at: who is believed, and what they hear when."""

import asyncio
import hmac
from base64 import b64decode, b64encode
from datetime import timedelta
from urllib.parse import urlencode

import pytest
import structlog
from starlette.types import Message

from bot.channels.wechat_body import text_of, written
from bot.channels.wechat_cipher import MessageCipher, signature
from bot.channels.wechat_door import ANSWER_WITHIN, SILENT_FOR, HandsIn
from handlers.messages import Inbound, Kind
from tests.bot.channels.wechat_house import CONSOLES, NOW, PLAIN, SECURE, House, consoles, refusal, spoken_to
from tests.bot.channels.wechat_stage import ACCOUNT, RESIDENT, Callback, Console, said
from tests.virtual_time import in_virtual_time
from tests.wechat_api import AES_KEY, APP_ID, TOKEN

# --- verification


async def test_who_knows_the_token_gets_what_they_sent_back() -> None:
    answer = await House().get(SECURE.signed(NOW) | {"echostr": "2137512345<b>"})
    assert (answer.status_code, answer.text) == (200, "2137512345<b>")
    assert answer.headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize("missing", ["signature", "timestamp", "nonce"])
async def test_a_verification_that_lacks_something_is_refused(
    missing: str, lines: list[structlog.typing.EventDict]
) -> None:
    house = House()
    query = {name: value for name, value in SECURE.signed(NOW).items() if name != missing}
    answer = await house.get(query | {"echostr": "1"})
    assert (answer.status_code, answer.text) == (403, "")
    assert house.refused == ["signature"]
    assert lines == [refusal("signature")]


@pytest.mark.parametrize("given", ["", "x", "0" * 40, "路灯", "é", "\x00", "x" * 10_000])
async def test_a_verification_with_another_signature_is_refused(given: str) -> None:
    house = House()
    assert (await house.get(SECURE.signed(NOW) | {"signature": given})).status_code == 403
    callback = SECURE.callback(said("x"), NOW)
    assert (await house.post(callback._replace(query=callback.query | {"msg_signature": given}))).status_code == 403
    assert house.refused == ["signature"] * 2


# --- what is believed


@consoles
async def test_a_message_is_heard_and_answered_in_its_own_form(console: Console) -> None:
    house = House(console)
    house.answer = "<b>收到</b> ]]> &amp; 👍🏽"
    answer = await house.post(console.callback(said("村口的路灯坏了 ]]>"), NOW))
    assert [(one.account, one.kind, one.text) for one in house.heard] == [(RESIDENT, Kind.TEXT, "村口的路灯坏了 ]]>")]
    read = console.read(answer.content)
    assert read == {
        "ToUserName": RESIDENT,
        "FromUserName": ACCOUNT,
        "CreateTime": str(int(NOW.timestamp())),
        "MsgType": "text",
        "Content": "<b>收到</b> ]]> &amp; 👍🏽",
    }
    assert answer.headers["content-type"].startswith("application/json" if console.as_json else "text/xml")
    assert answer.content.lstrip()[:1] == (b"{" if console.as_json else b"<")


@consoles
async def test_nothing_to_say_is_said_as_wechat_wants_it(console: Console) -> None:
    house = House(console)
    house.answer = ""
    answer = await house.post(console.callback(said("x"), NOW))
    assert (answer.status_code, answer.content) == (200, b"success")


async def test_of_compatible_mode_only_the_encrypted_half_is_believed() -> None:
    house = House()
    console = CONSOLES["compatible XML"]
    callback = console.callback(said("真的"), NOW)
    assert "真的".encode() in callback.body
    await house.post(callback._replace(body=callback.body.replace("真的".encode(), "假的".encode())))
    assert [one.text for one in house.heard] == ["真的"]


async def test_a_plain_body_is_not_believed_where_there_is_a_key(lines: list[structlog.typing.EventDict]) -> None:
    house = House()
    for console in (PLAIN, CONSOLES["plain JSON"]):
        callback = console.callback(said("假的"), NOW)
        assert (await house.post(callback)).status_code == 403
        # Nor where a signature stands beside it that would be right for it: of nothing encrypted.
        proof = signature(TOKEN, callback.query["timestamp"], console.nonce)
        signed = callback.query | {"msg_signature": proof, "encrypt_type": "raw"}
        assert (await house.post(callback._replace(query=signed))).status_code == 403
    assert house.heard == []
    assert lines == [refusal("not_encrypted")] * 4


async def test_what_is_encrypted_is_no_message_where_there_is_no_key() -> None:
    house = House(PLAIN)
    assert (await house.post(SECURE.callback(said("x"), NOW))).status_code == 400
    assert house.refused == ["message"]


_FORGERIES = {
    "another token": (Console(token="another1"), 403, "signature"),
    "another key": (Console(aes_key=AES_KEY[::-1]), 403, "cipher"),
    "another account": (Console(app_id="wxfedcba9876543210"), 403, "cipher"),
    "another account, whose name begins like ours": (Console(app_id=APP_ID[:-1]), 403, "cipher"),
    "another account, whose name ours begins": (Console(app_id=APP_ID + "0"), 403, "cipher"),
}


@pytest.mark.parametrize(("console", "status", "why"), _FORGERIES.values(), ids=_FORGERIES)
async def test_what_was_not_encrypted_for_us_is_refused(
    console: Console, status: int, why: str, lines: list[structlog.typing.EventDict]
) -> None:
    house = House()
    answer = await house.post(console.callback(said("路灯坏了"), NOW))
    assert (answer.status_code, answer.content) == (status, b"")
    assert house.heard == []
    assert house.refused == [why]
    assert lines == [refusal(why)]


def _signed_over(encrypted: str) -> Callback:
    """What somebody posts who knows the token, but not the key."""
    return Callback(SECURE.signed(NOW, encrypted), written({"Encrypt": encrypted}, as_json=True))


_GENUINE = MessageCipher(AES_KEY, APP_ID).encrypt(written(said("路灯坏了"), as_json=False))


@pytest.mark.parametrize(
    "encrypted",
    ["x", "路灯", "=" * 64, "A" * 43, "A" * 44, _GENUINE[:-4], _GENUINE[:64], "A" * 24 + _GENUINE[24:], f"{_GENUINE} "],
    ids=range(9),
)
async def test_a_broken_cipher_is_refused_whatever_breaks_it(encrypted: str) -> None:
    house = House()
    assert (await house.post(_signed_over(encrypted))).status_code == 403
    assert house.refused == ["cipher"]


async def test_a_padding_that_is_none_is_told_from_nothing_else() -> None:
    """Every change of the last block looks the same from outside: whether its padding came out right or not."""
    house = House()
    raw = bytearray(b64decode(_GENUINE))
    answers = set()
    for last in range(256):
        raw[-17] = last  # what the last byte of the padding is combined with
        encrypted = b64encode(raw).decode()
        if encrypted != _GENUINE:
            answer = await house.post(_signed_over(encrypted))
            answers.add((answer.status_code, answer.content, tuple(answer.headers.raw)))
    assert len(answers) == 1
    assert set(house.refused) == {"cipher"}


async def test_signatures_are_compared_in_a_time_that_tells_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[tuple[bytes, bytes]] = []

    def compare(given: bytes, expected: bytes) -> bool:
        compared.append((given, expected))
        return given == expected

    monkeypatch.setattr(hmac, "compare_digest", compare)
    house = House()
    callback = SECURE.callback(said("x"), NOW)
    await house.post(callback)
    await house.get(SECURE.signed(NOW) | {"signature": "0" * 40})
    genuine = SECURE.signed(NOW)["signature"].encode()
    assert compared[0] == (callback.query["msg_signature"].encode(),) * 2
    assert compared[-1] == (b"0" * 40, genuine)
    assert [given for given, _ in compared if given.startswith(APP_ID.encode())]


# --- age


@pytest.mark.parametrize(
    ("seconds", "max_age", "status"),
    [
        (0, 600, 200),
        (-600, 600, 200),
        (600, 600, 200),
        (-601, 600, 403),
        (601, 600, 403),
        (-10_000_000, 600, 403),
        (-31, 30, 403),
        (-10_000_000, 0, 200),
        (10_000_000, 0, 200),
    ],
)
async def test_only_what_is_young_enough_is_taken(seconds: int, max_age: int, status: int) -> None:
    house = House(max_age=max_age)
    at = NOW + timedelta(seconds=seconds)
    assert (await house.post(SECURE.callback(said("x"), at))).status_code == status
    assert (await house.get(SECURE.signed(at))).status_code == status
    assert house.refused == (["age"] * 2 if status == 403 else [])


@pytest.mark.parametrize("timestamp", ["", "x", "-1", "1.5", "９" * 10, "9" * 12, "9" * 5000, "²", " 1", "1e9", "路灯"])
@pytest.mark.parametrize("max_age", [600, 0])
async def test_a_moment_that_is_none_is_refused(timestamp: str, max_age: int) -> None:
    house = House(max_age=max_age)
    query = {"signature": signature(TOKEN, timestamp, "n"), "timestamp": timestamp, "nonce": "n"}
    status = (await house.get(query)).status_code
    assert status == (200 if timestamp == "９" * 10 and not max_age else 403)
    encrypted = _GENUINE
    signed = {"msg_signature": signature(TOKEN, timestamp, "n", encrypted), "timestamp": timestamp, "nonce": "n"}
    posted = await house.post(Callback(signed, written({"Encrypt": encrypted}, as_json=False)))
    assert posted.status_code == status


# --- in time


async def test_a_message_is_answered_once_it_is_committed() -> None:
    house = House()
    house.gate.clear()
    posting = asyncio.create_task(house.post(SECURE.callback(said("x"), NOW)))
    await house.entered.wait()
    assert not posting.done()
    assert house.asked == []
    house.gate.set()
    assert text_of(SECURE.read((await posting).content), "Content") == "收到"


@in_virtual_time
async def test_a_turn_that_takes_too_long_is_met_with_silence_until_wechat_has_hung_up() -> None:
    loop = asyncio.get_running_loop()
    house = House(silent_for=SILENT_FOR)
    house.gate.clear()
    answer = await house.post(SECURE.callback(said("x"), NOW))
    assert (answer.status_code, answer.content) == (503, b"")
    assert ANSWER_WITHIN < 5 < loop.time() == SILENT_FOR
    assert house.asked == []  # so nothing was handed over that nobody would see
    house.gate.set()
    assert text_of(SECURE.read((await house.post(SECURE.callback(said("x"), NOW))).content), "Content") == "收到"
    assert house.asked == [house.heard[0].key]


@in_virtual_time
async def test_an_answer_that_takes_too_long_is_given_up() -> None:
    house = House()
    never = asyncio.Event()

    async def say(_: Inbound, hand_in: HandsIn) -> str | None:
        await hand_in()
        await never.wait()
        return None

    house.door._say = say
    assert (await house.post(SECURE.callback(said("x"), NOW))).status_code == 503
    assert asyncio.get_running_loop().time() == ANSWER_WITHIN
    assert len(house.heard) == 1


@in_virtual_time
async def test_silence_ends_when_wechat_hangs_up() -> None:
    house = House(silent_for=SILENT_FOR)
    house.commits = False
    callback = SECURE.callback(said("x"), NOW)
    coming: list[Message] = [{"type": "http.request", "body": callback.body}, {"type": "http.disconnect"}]
    assert (await spoken_to(house, urlencode(callback.query).encode(), coming))[0]["status"] == 503
    assert asyncio.get_running_loop().time() == 0


@pytest.mark.parametrize("what", ["not committed", "not answered", "closed"])
@in_virtual_time
async def test_without_an_answer_wechat_hears_nothing_and_asks_again(what: str) -> None:
    house = House(silent_for=SILENT_FOR)
    house.commits = what != "not committed"
    house.answer = None if what == "not answered" else "收到"
    if what == "closed":
        await house.door.close()
    answer = await house.post(SECURE.callback(said("x"), NOW))
    assert (answer.status_code, answer.content) == (503, b"")
    assert asyncio.get_running_loop().time() == SILENT_FOR
    assert len(house.heard) == (what == "not answered")
    house.commits, house.answer = True, "收到"
    house.door.open()
    assert (await house.post(SECURE.callback(said("x"), NOW))).status_code == 200
    assert {one.text for one in house.heard} == {"x"}


# --- stopping


async def test_it_closes_after_what_was_taken_is_handed_in() -> None:
    house = House()
    house.gate.clear()
    posting = asyncio.create_task(house.post(SECURE.callback(said("x"), NOW)))
    await house.entered.wait()
    closing = asyncio.create_task(house.door.close())
    await asyncio.sleep(0)
    assert not closing.done()
    house.gate.set()
    await closing
    assert [one.text for one in house.heard] == ["x"]
    assert (await posting).status_code == 200


async def test_what_was_taken_is_handed_in_though_the_request_is_given_up() -> None:
    house = House()
    house.gate.clear()
    posting = asyncio.create_task(house.post(SECURE.callback(said("x"), NOW)))
    await house.entered.wait()
    posting.cancel()
    await asyncio.gather(posting, return_exceptions=True)
    house.gate.set()
    await house.door.close()
    assert [one.text for one in house.heard] == ["x"]
