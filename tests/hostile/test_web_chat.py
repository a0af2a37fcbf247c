"""The web chat, as somebody else, with what is no message, and beyond what is meant to be had."""

import json
from contextlib import suppress

import pytest
from websockets.exceptions import ConnectionClosed

from bot.channels.webchat_frames import FRAME_LIMIT
from bot.channels.webchat_identity import COOKIE
from bot.channels.webchat_socket import TOO_BIG, UNKNOWN_VISITOR
from handlers.texts.everywhere import LATE_TAP
from tests.hostile.siege import PATIENCE, Siege, by_webhook

pytestmark = by_webhook

MEGABYTE = 1024 * 1024

# What can be made of a victim's account and signature, and of an account and signature of one's own.
FORGERIES = (
    *("", "x", "." * 50, "{account}", "{account}.", "{account}." + "B" * 43, "{account}.{own_signature}"),
    *("{own_account}.{signature}", "{account}.{shortened}", "{account}.{signature}A", "{account}.{swapped}"),
    *("{account}.{shortened}; minsheng_chat=x", "{account}.{signature}" + "A" * 4000, "{account}.{signature}\xe9"),
)


@pytest.mark.parametrize("forgery", FORGERIES, ids=lambda forgery: ascii(forgery[:60]))
def test_a_forged_cookie_is_nobodys(siege: Siege, forgery: str) -> None:
    own_account, _, own_signature = siege.cookie().partition(".")
    own = {"own_account": own_account, "own_signature": own_signature}
    with siege.visitor() as victim:
        assert victim.says("修路")["type"] == "accepted"
        account, _, signature = victim.cookie.partition(".")
        damaged = {"shortened": signature[:-1], "swapped": signature.swapcase()}
        forged = forgery.format(account=account, signature=signature, **damaged, **own)
        headers = [(b"Cookie", f"{COOKIE}={forged}".encode("latin-1"))]
        new = siege.http.get("/chat", headers=headers).cookies[COOKIE]
        siege.http.cookies.clear()
        assert new.partition(".")[0] not in (account, own_account)
        upload = siege.http.post("/chat/upload", files={"file": b"x"}, headers=headers)
        assert (upload.status_code, bool(upload.json()["reason"])) == (400, True)
        if forged.isascii():  # as all headers are that a WebSocket begins with
            assert_turned_away(siege, forged)


def assert_turned_away(siege: Siege, cookie: str) -> None:
    with siege.line(cookie, "?after=0") as line:
        told = json.loads(line.recv(PATIENCE))
        assert (told["type"], bool(told["reason"])) == ("refused", True)
        with pytest.raises(ConnectionClosed) as closed:
            line.recv(PATIENCE)
    assert closed.value.rcvd
    assert closed.value.rcvd.code == UNKNOWN_VISITOR


def test_another_site_cannot_write_in_a_visitors_name(siege: Siege) -> None:
    with siege.visitor() as victim:
        cookie = {"Cookie": f"{COOKIE}={victim.cookie}"}
        for origin in ("https://evil.example", "null", f"http://{siege.bot.address}.evil.example", "http://[", ""):
            headers = cookie | {"Origin": origin}
            upload = siege.http.post("/chat/upload", files={"file": b"x"}, headers=headers)
            assert (upload.status_code, bool(upload.json()["reason"])) == (400, True)
            upgrade = headers | {"Connection": "upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
            handshake = upgrade | {"Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA=="}
            assert siege.http.get("/chat/ws", headers=handshake).status_code == 403


def test_a_history_from_anywhere_is_told(siege: Siege) -> None:
    cookie = siege.cookie()
    for after in ("-1", "x", "9" * 20, "9" * 5000, "1e9", "%00", "\u0663"):
        with siege.line(cookie, f"?after={after}") as line:
            line.send('{"type":"ping"}')
            assert line.recv(PATIENCE) == '{"type":"pong"}', after


PLACES = ('"latitude":91,"longitude":0', '"latitude":NaN,"longitude":0', '"latitude":1e999,"longitude":0',
          '"latitude":true,"longitude":"x"', '"latitude":0')  # fmt: skip
FRAMES: tuple[str | bytes, ...] = (
    *("", "null", "[]", "7", '"修路"', "{", "\x00", "[" * 100_000, b"\xff\x00", "9" * 5000, "{" + "}" * 5),
    *('{"type":"text"}', '{"id":"a","type":"text","text":7}', '{"id":"a","type":"text","text":""}'),
    *('{"id":"a","type":"text","text":" \\u0000"}', '{"id":7,"type":"start"}', '{"id":"a","type":"hologram"}'),
    *('{"id":"' + "a" * 65 + '","type":"start"}', '{"id":"a b","type":"start"}', '{"id":"\\u0000","type":"start"}'),
    *('{"id":"a","type":"choice","value":"\\u0000"}', '{"id":"a","type":"choice","value":"' + "x" * 201 + '"}'),
    *('{"id":"a","type":"file","kind":"photo","upload":"../../etc/passwd"}', '{"id":"a","type":"file","kind":"photo"}'),
    *(f'{{"id":"a","type":"location",{place}}}' for place in PLACES),
)


def test_frames_that_are_no_messages_are_refused_with_a_reason(siege: Siege) -> None:
    before = siege.count()
    told = {}
    with siege.visitor() as visitor:
        for frame in FRAMES:
            visitor.line.send(frame)
            told[frame] = json.loads(visitor.line.recv(PATIENCE))
        assert [frame for frame, answer in told.items() if answer["type"] != "refused" or not answer["reason"]] == []
        assert siege.count() == before
        assert visitor.says("修路")["type"] == "accepted"


def test_taps_on_what_no_button_said_are_too_late(siege: Siege) -> None:
    with siege.visitor() as visitor:
        assert visitor.sends(type="choice", value="")["reason"]
        for value in (".", "x", "1.0", "0.99999999999999999999", "a.-1", "²", "'; --", "\U0001f333"):
            assert visitor.sends(type="choice", value=value)["type"] == "accepted"
            assert LATE_TAP.zh in visitor.hears()["text"], value


def test_a_frame_beyond_all_texts_ends_the_line(siege: Siege) -> None:
    with siege.visitor() as visitor:
        visitor.line.send("x" * (FRAME_LIMIT + 1))
        with pytest.raises(ConnectionClosed) as closed:
            visitor.line.recv(PATIENCE)
    assert closed.value.rcvd
    assert closed.value.rcvd.code == TOO_BIG


def test_ten_megabytes_end_the_line_before_they_are_read(siege: Siege) -> None:
    with siege.visitor() as visitor:
        with suppress(ConnectionClosed):
            visitor.line.send("x" * 10 * MEGABYTE)
        with pytest.raises(ConnectionClosed):
            visitor.line.recv(PATIENCE)


NUMBERS = ("0", "-1", "1.5", "x", "9223372036854775807", "9223372036854775808", "9" * 30, "9" * 5000, "%00", "\u0663",
           "..%2f..%2fsecret", "1%2f..%2f2")  # fmt: skip


def test_no_file_of_an_impossible_number_is_had(siege: Siege) -> None:
    cookie = {"Cookie": f"{COOKIE}={siege.cookie()}"}
    answers = {number: siege.http.get(f"/chat/file/{number}", headers=cookie).status_code for number in NUMBERS}
    assert answers == dict.fromkeys(NUMBERS, 404)


def test_nothing_but_what_is_meant_is_served(siege: Siege) -> None:
    paths = ("x/..%2f..%2fwebchat.py", "../../../etc/passwd", "x/%00", "x/%2e%2e/chat.html", "x/chat.html")
    answers = {path: siege.http.get(f"/chat/static/{path}").status_code for path in paths}
    assert answers == dict.fromkeys(paths, 404)
