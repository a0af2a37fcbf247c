"""The addresses of the program, asked in ways that no platform and no browser would."""

import socket
from collections.abc import Iterator
from urllib.parse import quote

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.hostile.siege import PATIENCE, Json, Siege, by_webhook
from tests.kill.bot_settings import WEBHOOK_SECRET

MEGABYTE = 1024 * 1024
SECRET = b"X-Telegram-Bot-Api-Secret-Token"
UPDATE = b'{"update_id": 1, "message": {"message_id": 1, "date": 1, "text": "a", "chat": {"id": 1, "type": "private"}}}'

by_polling = pytest.mark.parametrize("besieged", ["polling"], indirect=True)


def knocks(siege: Siege, body: bytes, secret: bytes | None) -> int:
    """The status that a post to the webhook is answered with."""
    headers = [] if secret is None else [(SECRET, secret)]
    return siege.http.post("/telegram", content=body, headers=headers).status_code


@by_polling
def test_who_polls_has_no_door_for_updates(siege: Siege) -> None:
    assert knocks(siege, UPDATE, WEBHOOK_SECRET.encode()) == 404


WRONG = (None, b"", b"wrong", WEBHOOK_SECRET.encode() + b"x", WEBHOOK_SECRET[:-1].encode(), "密".encode(), b"\xff")


@by_webhook
def test_who_does_not_know_the_secret_is_turned_away(siege: Siege) -> None:
    before = siege.count()
    for body in (UPDATE, b"{", b"x" * 2 * MEGABYTE):
        assert {secret: knocks(siege, body, secret) for secret in WRONG} == dict.fromkeys(WRONG, 403)
    assert siege.count() == before


BODIES = {
    "nothing": b"",
    "null": b"null",
    "a list": b"[]",
    "a number": b"7",
    "a number without end": b"9" * 5000,
    "not a number": b'{"update_id": NaN}',
    "half of it": b'{"update_id":',
    "no text": b"\xff\xfe\x00",
    "lists without end": b"[" * 100_000,
    "objects without end": b'{"a":' * 50_000,
    "lists in lists": b"[" * 960 + b"]" * 960,
    "quotes in quotes": b'{"message": ' + b'{"reply_to_message": ' * 900 + b"1" + b"}" * 901,
    "two at once": UPDATE * 2,
}


@by_webhook
def test_a_body_that_is_no_update_is_no_trouble(siege: Siege) -> None:
    before = siege.count()
    answers = {name: knocks(siege, body, WEBHOOK_SECRET.encode()) for name, body in BODIES.items()}
    assert {name: status for name, status in answers.items() if status not in (200, 400)} == {}
    assert siege.count() == before


def pieces() -> Iterator[bytes]:
    for _ in range(10):
        yield b"x" * MEGABYTE


@by_webhook
@pytest.mark.parametrize("content", [b"x" * 10 * MEGABYTE, pieces], ids=["announced", "in pieces"])
@pytest.mark.parametrize(("path", "status"), {"/telegram": 413, "/chat/upload": 400, "/chat": 405, "/": 405}.items())
def test_ten_megabytes_are_refused(siege: Siege, path: str, status: int, content: object) -> None:
    body = pieces() if content is pieces else content
    try:
        answer = siege.http.post(path, content=body, headers=[(SECRET, WEBHOOK_SECRET.encode())])  # type: ignore[arg-type]  # either kind
    except httpx.TransportError:
        return  # hung up on before all of it was said
    assert answer.status_code == status


JUNK = (
    *(b"\x00" * 100, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"GET / HTTP/9.9\r\n\r\n", b"GET / \r\n\r\n"),
    *(b"GET /\x00 HTTP/1.1\r\nHost: a\r\n\r\n", b"BREW /chat HTTP/1.1\r\n\r\n", b"GET /chat HTTP/1.1\r\n: a\r\n\r\n"),
    b"POST /telegram HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
    b"POST /telegram HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n",
    b"GET /chat/ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n",
)


@by_webhook
def test_what_is_no_request_is_refused(siege: Siege) -> None:
    answers = {said: status_of(siege, said) for said in JUNK}
    assert {said: status for said, status in answers.items() if not status.startswith(b"4")} == {}


def status_of(siege: Siege, said: bytes) -> bytes:
    """The status that something is answered with that may be no HTTP at all."""
    with socket.create_connection(("127.0.0.1", siege.bot.port), timeout=PATIENCE) as caller:
        caller.sendall(said)
        return caller.recv(4096).split()[1]


ENDLESS = {
    "an address": b"GET /",
    "a header": b"GET /chat HTTP/1.1\r\nHost: a\r\nCookie: ",
    "a header after the body": b"POST /telegram HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n"
    + SECRET + b": " + WEBHOOK_SECRET.encode() + b"\r\n\r\n0\r\nA: ",
}  # fmt: skip


@by_webhook
@pytest.mark.parametrize("beginning", ENDLESS.values(), ids=ENDLESS)
def test_a_request_without_end_is_cut_short(siege: Siege, beginning: bytes) -> None:
    try:
        assert status_of(siege, beginning + b"a" * MEGABYTE) == b"400"
    except ConnectionError:
        return  # hung up on before all of it was said


PATHS = ("/", "/chat", "/chat/ws", "/chat/upload", "/chat/file/", "/chat/static/", "/telegram", "/readyz", "/metrics")
WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40).map(quote)
VALUES = st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_categories=["Cc"]), max_size=40)
REQUESTS = st.fixed_dictionaries(
    {
        "method": st.sampled_from(["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "TRACE", "BREW"]),
        "url": st.builds("{}{}?{}".format, st.sampled_from(PATHS), WORDS, WORDS),
        "headers": st.dictionaries(
            st.sampled_from(["Cookie", "Content-Type", "X-Forwarded-For", "Origin", "Accept-Language", "Range"]),
            VALUES.map(lambda value: value.strip().encode("latin-1")),
        ),
        "content": st.binary(max_size=200),
    }
)


@by_webhook
@settings(max_examples=100)
@given(request=REQUESTS)
def test_no_request_whatever_makes_it_fail(besieged: Siege, request: Json) -> None:
    assert besieged.http.request(**request).status_code < 500
    besieged.http.cookies.clear()
    assert besieged.wounds() == []
