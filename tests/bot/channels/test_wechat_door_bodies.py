"""The door that WeChat knocks at, and whatever is posted to it."""

import asyncio
import json
from collections.abc import AsyncIterator
from itertools import pairwise
from typing import Any
from urllib.parse import quote, urlencode

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st
from starlette.types import Message

from bot.channels.wechat_body import written
from bot.channels.wechat_cipher import MessageCipher
from bot.channels.wechat_door import BODY_LIMIT
from tests.bot.channels.wechat_house import CONSOLES, NOW, PLAIN, SECURE, House, consoles, refusal, spoken_to
from tests.bot.channels.wechat_stage import ACCOUNT, Callback, Console, message, said
from tests.wechat_api import AES_KEY, APP_ID

_GENUINE = MessageCipher(AES_KEY, APP_ID).encrypt(written(said("路灯坏了"), as_json=False))

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
    assert (await spoken_to(house, b"", coming))[0]["status"] == 400
    assert house.heard == []


async def test_only_get_and_post_are_answered() -> None:
    async with House().visitor() as visitor:
        for method in ("PUT", "DELETE", "PATCH", "OPTIONS"):
            assert (await visitor.request(method, "/wechat")).status_code == 405


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
        answered = asyncio.run(spoken_to(house, known + b"&" + query, coming))
    assert answered[0]["status"] != 200
    _assert_met(house, answered[0]["status"], lines)
    assert asyncio.run(spoken_to(house, known + b"&" + query, coming, "GET"))[0]["status"] == 403


@given(at=st.integers(0, len(_GENUINE) - 1), character=st.characters(), as_json=st.booleans())
def test_whatever_is_changed_in_a_cipher_is_refused(at: int, character: str, as_json: bool) -> None:
    changed = _GENUINE[:at] + character + _GENUINE[at + 1 :]
    callback = Callback(SECURE.signed(NOW, _GENUINE), written({"Encrypt": changed}, as_json=as_json))
    house = House()
    status = asyncio.run(house.post(callback)).status_code
    assert (status == 200) == (changed == _GENUINE)
