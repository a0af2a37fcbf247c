"""The door that WeChat knocks at."""

import asyncio
import hmac
import json
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from urllib.parse import quote, urlencode

import httpx
import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.types import Message

from bot.channels.wechat_body import text_of, written
from bot.channels.wechat_cipher import MessageCipher, signature
from bot.channels.wechat_door import ANSWER_WITHIN, BODY_LIMIT, SILENT_FOR, Door
from handlers.messages import Inbound, Kind
from tests.bot.channels.wechat_stage import ACCOUNT, RESIDENT, Callback, Console, message, said
from tests.virtual_time import in_virtual_time
from tests.wechat_api import AES_KEY, APP_ID, TOKEN

NOW = datetime(2026, 9, 1, 1, 0, tzinfo=UTC)
OTHER_KEY = AES_KEY[::-1]
CONSOLES = {
    f"{mode} {'JSON' if as_json else 'XML'}": Console(key, with_plain, as_json)
    for mode, key, with_plain in (("plain", "", False), ("compatible", AES_KEY, True), ("secure", AES_KEY, False))
    for as_json in (False, True)
}
SECURE, PLAIN = CONSOLES["secure XML"], CONSOLES["plain XML"]
consoles = pytest.mark.parametrize("console", CONSOLES.values(), ids=CONSOLES)


class House:
    """What is behind the door of an account whose console is set like this."""

    def __init__(self, console: Console = SECURE, *, max_age: int = 600, silent_for: float = 0.0) -> None:
        self.heard: list[Inbound] = []
        self.refused: list[str] = []
        self.commits = True
        self.answer: str | None = "收到"
        self.gate = asyncio.Event()
        self.gate.set()
        self.entered = asyncio.Event()
        self.asked: list[str] = []
        self.door = Door(
            TOKEN,
            MessageCipher(AES_KEY, APP_ID) if console.aes_key else None,
            self.hand_in,
            self.say,
            clock=lambda: NOW,
            max_age=max_age,
            on_refused=self.refused.append,
            silent_for=silent_for,
        )
        self.door.open()

    async def hand_in(self, inbound: Inbound) -> bool:
        self.entered.set()
        await self.gate.wait()
        if self.commits:
            self.heard.append(inbound)
        return self.commits

    async def say(self, inbound: Inbound) -> str | None:
        self.asked.append(inbound.key)
        return self.answer

    @asynccontextmanager
    async def visitor(self) -> AsyncIterator[httpx.AsyncClient]:
        transport = httpx.ASGITransport(Starlette(routes=self.door.routes()))
        async with httpx.AsyncClient(transport=transport, base_url="http://bot") as visitor:
            yield visitor

    async def get(self, query: Mapping[str, str]) -> httpx.Response:
        async with self.visitor() as visitor:
            return await visitor.get("/wechat", params=query)

    async def post(self, callback: Callback, **more: Any) -> httpx.Response:
        async with self.visitor() as visitor:
            return await visitor.post("/wechat", params=callback.query, content=callback.body, **more)


@pytest.fixture
def lines() -> Iterator[list[structlog.typing.EventDict]]:
    with structlog.testing.capture_logs() as found:
        yield found


def refusal(why: str) -> dict[str, str]:
    return {"event": "wechat_request_refused", "why": why, "log_level": "warning"}


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
    "another key": (Console(aes_key=OTHER_KEY), 403, "cipher"),
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
    assert (APP_ID.encode(), APP_ID.encode()) in compared


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


# --- bodies

_BOMB = b'<!DOCTYPE xml [<!ENTITY a "aaaaaaaaaa">' + b"".join(
    f'<!ENTITY {name} "{f"&{before};" * 10}">'.encode() for before, name in pairwise("abcdefgh")
)
_BOMB += b"]><xml><FromUserName>&h;</FromUserName></xml>"
_BODIES = {
    "nothing": b"",
    "no fields": b"<xml></xml>",
    "no fields, closed": b"<xml/>",
    "only space": b" \n ",
    "no XML": b"<xml><Content>",
    "two roots": b"<xml><a>1</a></xml><xml><a>1</a></xml>",
    "another root": b"<message><FromUserName>oResident</FromUserName></message>",
    "an entity bomb": _BOMB,
    "an external entity": b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/hostname">]><xml><FromUserName>&f;</FromUserName></xml>',
    "an external document type": b'<!DOCTYPE xml SYSTEM "http://127.0.0.1:9/x.dtd"><xml><a>1</a></xml>',
    "an entity that nobody declared": b"<xml><FromUserName>&nbsp;</FromUserName></xml>",
    "depth": b"<xml>" * 10_000 + b"</xml>" * 10_000,
    "not UTF-8": b"<xml><FromUserName>\xff\xfe</FromUserName></xml>",
    "another encoding": "<?xml version='1.0' encoding='utf-7'?><xml><a>1</a></xml>".encode("utf-16"),
    "a null": b"<xml>\x00</xml>",
    "broken JSON": b'{"FromUserName": ',
    "JSON without fields": b"{}",
    "JSON that is nested": b'{"a": ' * 20_000,
    "a list": b"[1, 2]",
    "a number": b"5",
    "somebody with a strange name": written(said("x") | {"FromUserName": "o' OR 1=1 --"}, as_json=False),
    "nobody": written({"ToUserName": ACCOUNT, "CreateTime": 1_790_000_000, "MsgType": "text"}, as_json=False),
    "no moment": written(said("x") | {"CreateTime": "soon"}, as_json=False),
    "a moment beyond all time": written(said("x") | {"CreateTime": "9" * 5000}, as_json=True),
}


@pytest.mark.parametrize("body", _BODIES.values(), ids=_BODIES)
@pytest.mark.parametrize("console", [PLAIN, SECURE], ids=["plain", "secure"])
async def test_a_body_that_is_none_is_a_bad_request(
    body: bytes, console: Console, lines: list[structlog.typing.EventDict]
) -> None:
    house = House(console)
    answer = await house.post(console.callback(body, NOW))
    assert (answer.status_code, answer.content) == (400, b"")
    assert house.heard == []
    assert len(house.refused) == 1
    assert lines == [refusal(house.refused[0])]
    assert house.refused[0] in ("body", "message")


@pytest.mark.parametrize("body", [body for body in _BODIES.values() if b"Encrypt" not in body], ids=len)
async def test_a_body_that_is_none_is_refused_before_its_cipher_too(body: bytes) -> None:
    house = House()
    assert (await house.post(Callback(SECURE.signed(NOW, ""), body))).status_code in (400, 403)
    assert len(house.refused) == 1


@pytest.mark.parametrize("encrypted", ["", 5, None, True, [], ["x"], {}, {"Encrypt": "x"}, "\ud800", "x" * 200_000])
async def test_a_cipher_of_a_strange_kind_is_refused(encrypted: object) -> None:
    house = House()
    body = json.dumps({"Encrypt": encrypted}).encode()
    for query in (SECURE.signed(NOW), SECURE.signed(NOW, "x"), SECURE.signed(NOW, "5")):
        assert (await house.post(Callback(query, body))).status_code in (400, 403)
    assert house.heard == []
    assert len(house.refused) == 3


@consoles
async def test_a_body_at_the_limit_is_taken_and_one_beyond_it_is_not(console: Console) -> None:
    house = House(console)
    callback = console.callback(said("路灯"), NOW)
    # White space between the fields counts for nothing but its length.
    at = 1 if console.as_json else len("<xml>")
    for room, status in ((BODY_LIMIT - len(callback.body), 200), (BODY_LIMIT - len(callback.body) + 1, 400)):
        filled = callback._replace(body=callback.body[:at] + b" " * room + callback.body[at:])
        assert (await house.post(filled)).status_code == status
    assert [one.text for one in house.heard] == ["路灯"]
    assert house.refused == ["size"]


async def test_a_body_that_does_not_say_how_long_it_is_is_cut_off_at_the_limit() -> None:
    house = House()
    asked = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal asked
        while True:
            asked += 1
            yield b" " * 100_000

    async with house.visitor() as visitor:
        answer = await visitor.post("/wechat", params=SECURE.signed(NOW, ""), content=endless())
    assert answer.status_code == 400
    assert asked == BODY_LIMIT // 100_000 + 1
    assert house.refused == ["size"]


@pytest.mark.parametrize("length", ["0", "1", "9" * 30, "9" * 5000, "-1", "x", "²"])
async def test_what_a_body_s_length_is_said_to_be_counts_for_nothing(length: str) -> None:
    house = House()
    headers = {b"content-length": length.encode("latin-1")}
    answer = await house.post(SECURE.callback(said("x"), NOW), headers=headers)
    assert answer.status_code == 200


async def test_a_caller_who_hangs_up_in_the_middle_is_let_go() -> None:
    coming: list[Message] = [
        {"type": "http.request", "body": b"<xml>", "more_body": True},
        {"type": "http.disconnect"},
    ]
    house = House()
    assert (await _spoken_to(house, b"", coming))[0]["status"] == 400
    assert house.heard == []


async def _spoken_to(house: House, query: bytes, coming: list[Message], method: str = "POST") -> list[Message]:
    """What is sent while these come in, one after another; the last one stays."""
    answered: list[Message] = []

    async def receive() -> Message:
        return coming.pop(0) if len(coming) > 1 else coming[0]

    async def send(one: Message) -> None:
        answered.append(one)

    scope = {"type": "http", "method": method, "path": "/wechat", "query_string": query, "headers": []}
    await Starlette(routes=list(house.door.routes()))(scope, receive, send)
    return answered


async def test_only_get_and_post_are_answered() -> None:
    async with House().visitor() as visitor:
        for method in ("PUT", "DELETE", "PATCH", "OPTIONS"):
            assert (await visitor.request(method, "/wechat")).status_code == 405


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
    house.say = lambda _: never.wait()  # type: ignore[method-assign,assignment,return-value]  # until it is given up
    house.door._say = house.say
    assert (await house.post(SECURE.callback(said("x"), NOW))).status_code == 503
    assert asyncio.get_running_loop().time() == ANSWER_WITHIN
    assert len(house.heard) == 1


@in_virtual_time
async def test_silence_ends_when_wechat_hangs_up() -> None:
    house = House(silent_for=SILENT_FOR)
    house.commits = False
    callback = SECURE.callback(said("x"), NOW)
    coming: list[Message] = [{"type": "http.request", "body": callback.body}, {"type": "http.disconnect"}]
    assert (await _spoken_to(house, urlencode(callback.query).encode(), coming))[0]["status"] == 503
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


# --- whatever comes

_ODD = ["", "0", "1", "-1", "nan", "inf", "9" * 400, "\ud800", "text", "event"]
_WORDS = st.text(max_size=20) | st.sampled_from(_ODD)
_MESSAGES = ["text", "image", "voice", "video", "shortvideo", "location", "link", "file", "sticker"]
_EVENTS = ["subscribe", "unsubscribe", "SCAN", "CLICK", "VIEW", "LOCATION", "subscribe_msg_popup_event", "x"]
_OF_ALL = ["FromUserName", "CreateTime", "MsgType", "MsgId", "Event", "EventKey", "List", "MediaId", "bizmsgmenuid"]
_NAMES = st.sampled_from([*_OF_ALL, "Content", "Recognition", "Title", "Url", "Label", "Location_X", "Location_Y"])
_VALUES: st.SearchStrategy[Any] = st.recursive(
    _WORDS | st.none() | st.booleans() | st.integers() | st.floats(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES | _WORDS, inner, max_size=3),
    max_leaves=6,
)
_FIELDS = st.builds(
    lambda fields, kind, event: message(kind, NOW, Event=event) | fields,
    st.dictionaries(_NAMES, _VALUES, max_size=6),
    st.sampled_from([*_MESSAGES, "event"]),
    st.sampled_from(_EVENTS),
)
_INNER = st.binary(max_size=200) | _FIELDS.map(lambda fields: json.dumps(fields).encode())
_PARAMETERS = ["signature", "msg_signature", "timestamp", "nonce", "encrypt_type", "echostr"]
_QUERY = st.dictionaries(
    st.sampled_from(_PARAMETERS).map(str.encode) | st.binary(max_size=5),
    st.binary(max_size=50) | st.just(str(int(NOW.timestamp())).encode()),
    max_size=6,
).map(lambda query: b"&".join(name + b"=" + quote(value).encode() for name, value in query.items()))


def _assert_met(house: House, status: int, lines: list[structlog.typing.EventDict]) -> None:
    """Taken or refused, never at fault; each refusal counted and told once, without a word of it."""
    if status == 200:
        assert not house.refused
        assert not lines
    else:
        assert status in (400, 403)
        assert house.heard == []
        assert lines == [refusal(why) for why in house.refused]
        assert len(lines) == 1


@given(console=st.sampled_from(list(CONSOLES.values())), inner=_INNER)
def test_whatever_wechat_says_is_taken_or_refused(console: Console, inner: bytes) -> None:
    with structlog.testing.capture_logs() as lines:
        house = House(console)
        status = asyncio.run(house.post(console.callback(inner, NOW))).status_code
    _assert_met(house, status, lines)


@given(console=st.sampled_from(list(CONSOLES.values())), query=_QUERY, signed=st.booleans(), body=_INNER)
def test_whatever_anybody_says_is_refused(console: Console, query: bytes, signed: bool, body: bytes) -> None:
    known = urlencode(Console(token="another1").signed(NOW)).encode() if signed else b""
    with structlog.testing.capture_logs() as lines:
        house = House(console)
        coming: list[Message] = [{"type": "http.request", "body": body}]
        answered = asyncio.run(_spoken_to(house, known + b"&" + query, coming))
    assert answered[0]["status"] != 200
    _assert_met(house, answered[0]["status"], lines)
    assert asyncio.run(_spoken_to(house, known + b"&" + query, coming, "GET"))[0]["status"] == 403


@given(at=st.integers(0, len(_GENUINE) - 1), character=st.characters(), as_json=st.booleans())
def test_whatever_is_changed_in_a_cipher_is_refused(at: int, character: str, as_json: bool) -> None:
    changed = _GENUINE[:at] + character + _GENUINE[at + 1 :]
    callback = Callback(SECURE.signed(NOW, _GENUINE), written({"Encrypt": changed}, as_json=as_json))
    house = House()
    status = asyncio.run(house.post(callback)).status_code
    assert (status == 200) == (changed == _GENUINE)
