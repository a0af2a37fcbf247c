"""The calls of WeChat's API, through its stand-in."""

import asyncio
import logging
import traceback
from collections.abc import Awaitable
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.channels.wechat_api import NetworkError, TooLarge, WeChatApi, WeChatError
from bot.channels.wechat_http import said, sendable
from tests.bot.channels.wechat_api_stage import SEND, api, api_of, clock, resident, wechat
from tests.bot_api.faults import Effect, bad_gateway, drops_after, drops_before, garbles, holds_after, holds_before
from tests.bot_api.files import small_photo
from tests.bot_api.http_server import Response
from tests.set_clock import SetClock
from tests.wechat_api import Resident, WeChatStandIn, errcode, internal_error

__all__ = ["api", "clock", "resident", "wechat"]

SHORT = 0.05  # seconds
PERSON = "oResident0001"


async def code_of(call: Awaitable[object]) -> int:
    with pytest.raises(WeChatError) as error:
        await call
    return error.value.code


def answers(body: bytes, status: int = 200, kind: str = "application/json", **headers: str) -> Effect:
    return Effect(acts=False, answer=Response(body, status, kind, tuple(headers.items())))


# --- messages


async def test_texts_choices_and_pictures_arrive_in_order(api: WeChatApi, resident: Resident) -> None:
    await resident.says("您好")
    await api.send_text(PERSON, "您好，“路灯”已修\n😀 \\u0041 C:\\users")
    await api.send_menu(PERSON, "满意吗？", [("a.0", "1 满意"), ("a.1", "2 不满意")])
    await api.send_image(PERSON, await api.upload_image(small_photo(), "路灯.jpg"))
    assert [screen.kind for screen in resident.screens] == ["text", "msgmenu", "image"]
    assert resident.texts[:2] == ["您好，“路灯”已修\n😀 \\u0041 C:\\users", "满意吗？"]
    assert resident.choices == (("a.0", "1 满意"), ("a.1", "2 不满意"))
    assert resident.screens[2].picture == small_photo()


async def test_what_wechat_would_not_take_is_left_out(api: WeChatApi, resident: Resident) -> None:
    await resident.says("您好")
    await api.send_text(PERSON, "路\x00灯\x0b\ud83d坏\t了\r\n")
    assert resident.texts == ["路灯坏\t了\r\n"]


@given(text=st.text(alphabet=st.characters(codec=None), min_size=1))
def test_whatever_is_said_is_sent_without_escapes(text: str) -> None:
    cleaned = sendable({"content": [text]})["content"][0]
    cleaned.encode()
    assert not set(cleaned) & set(map(chr, range(32))) - set("\t\n\r")
    assert len(cleaned) == sum(" " <= one < "\ud800" or one > "\udfff" or one in "\t\n\r" for one in text)


async def test_a_refusal_in_a_200_is_one(api: WeChatApi, wechat: WeChatStandIn, resident: Resident) -> None:
    assert await code_of(api.send_text(PERSON, "您好")) == 45015
    assert await code_of(api.send_text("oNobody", "您好")) == 40003
    assert await code_of(api.send_image(PERSON, "none")) == 40007
    wechat.faults.add(errcode(-1), method=SEND)
    assert await code_of(api.send_text(PERSON, "您好")) == -1
    assert resident.screens == []


UNKNOWN = {
    "500": internal_error(),
    "502": bad_gateway(),
    "a redirect": answers(b"", 302, Location="http://127.0.0.1:1/"),
    "cut before": drops_before(),
    "cut after": drops_after(),
    "garbled": garbles(),
    "another object": answers(b"{}"),
    "no object": answers(b"[0]"),
    "a code that is none": answers(b'{"errcode":"no"}'),
    "nothing": answers(b""),
    "a page": answers(b"<html></html>", 200, "text/html"),
    "nested without end": answers(b"[" * 100_000),
}


@pytest.mark.parametrize("effect", UNKNOWN.values(), ids=UNKNOWN)
async def test_what_is_no_answer_is_a_fault_of_the_network(
    api: WeChatApi, wechat: WeChatStandIn, resident: Resident, effect: Effect
) -> None:
    await resident.says("您好")
    wechat.faults.add(effect, method=SEND)
    with pytest.raises(NetworkError):
        await api.send_text(PERSON, "您好")
    await api.send_text(PERSON, "还在")
    assert resident.texts[-1] == "还在"


@pytest.mark.parametrize("effect", [holds_before(), holds_after()], ids=["before", "after"])
async def test_a_call_takes_no_longer_than_it_may(wechat: WeChatStandIn, resident: Resident, effect: Effect) -> None:
    api = api_of(wechat, timeout=SHORT)
    await resident.says("您好")
    await api.token_works()
    fault = wechat.faults.add(effect, method=SEND)
    with pytest.raises(NetworkError, match="timeout"):
        await api.send_text(PERSON, "您好")
    fault.release()
    await api.close()


async def test_an_endless_answer_is_not_read(api: WeChatApi, wechat: WeChatStandIn) -> None:
    wechat.faults.add(answers(b" " * (2 << 20) + b'{"errcode":0}'), method=SEND)
    with pytest.raises(NetworkError):
        await api.send_text(PERSON, "您好")


@given(st.binary())
@settings(suppress_health_check=[HealthCheck.filter_too_much])
def test_whatever_is_answered_is_read_or_refused(body: bytes) -> None:
    with suppress(WeChatError, NetworkError):
        assert isinstance(said(body), dict)


# --- tokens


@pytest.mark.parametrize("code", [40001, 40014, 42001])
async def test_a_refused_token_is_replaced_once_and_the_call_tried_again(
    api: WeChatApi, wechat: WeChatStandIn, resident: Resident, code: int
) -> None:
    await resident.says("您好")
    await api.send_text(PERSON, "一")
    fault = wechat.faults.add(errcode(code), method=SEND, times=None)
    assert await code_of(api.send_text(PERSON, "二")) == code
    assert (fault.hits, len(wechat.account.tokens.forced)) == (2, 1)
    wechat.faults.clear()
    await api.send_text(PERSON, "二")
    assert resident.texts == ["一", "二"]


async def test_many_who_are_refused_at_once_all_come_through(
    api: WeChatApi, wechat: WeChatStandIn, resident: Resident
) -> None:
    await resident.says("您好")
    await api.token_works()
    wechat.account.tokens.refuse_newest()
    await asyncio.gather(*(api.send_text(PERSON, str(number)) for number in range(5)))
    assert sorted(resident.texts) == ["0", "1", "2", "3", "4"]
    assert len(wechat.account.tokens.forced) == 1


async def test_a_token_that_ends_between_two_sends_is_not_noticed(
    api: WeChatApi, wechat: WeChatStandIn, resident: Resident, clock: SetClock
) -> None:
    await resident.says("您好")
    await api.send_text(PERSON, "一")
    clock.advance(hours=3)
    await api.send_text(PERSON, "二")
    assert [call.code for call in wechat.calls(SEND)] == [0, 0]


# --- files


async def test_what_somebody_sent_is_had(api: WeChatApi, wechat: WeChatStandIn, clock: SetClock) -> None:
    account = wechat.account
    picture = account.keep("image", small_photo(), "image/jpeg")
    assert await api.download(picture, 1 << 20) == (small_photo(), "image/jpeg")
    written = account.keep("file", b'{"errcode":40007}', "application/json")
    assert await api.download(written, 1 << 20) == (b'{"errcode":40007}', "application/json"), "a file that says so"
    film = account.keep("video", b"film", "video/mp4")
    assert await api.download(film, 1 << 20) == (b"film", "video/mp4")
    clock.advance(days=4)
    assert await code_of(api.download(picture, 1 << 20)) == 40007


@pytest.mark.parametrize("kind", ["image", "video"])
async def test_no_more_is_read_than_wanted(api: WeChatApi, wechat: WeChatStandIn, kind: str) -> None:
    media_id = wechat.account.keep(kind, bytes(100_000), "image/jpeg")
    assert len((await api.download(media_id, 100_000))[0]) == 100_000
    with pytest.raises(TooLarge):
        await api.download(media_id, 99_999)


@pytest.mark.parametrize(
    "effect",
    [answers(b"{}"), answers(b"oops", 200, "text/plain"), drops_before(), internal_error(), answers(b"", 302)],
    ids=["an object", "a text", "cut", "500", "a redirect"],
)
async def test_what_is_no_file_is_none(api: WeChatApi, wechat: WeChatStandIn, effect: Effect) -> None:
    media_id = wechat.account.keep("image", small_photo(), "image/jpeg")
    wechat.faults.add(effect, method="media/get")
    with pytest.raises(NetworkError):
        await api.download(media_id, 1 << 20)


@pytest.mark.parametrize("url", ["", "file:///etc/passwd", "http://[", "http://127.0.0.1:1/video", "gopher://a/b"])
async def test_a_video_that_is_nowhere_is_not_had(api: WeChatApi, wechat: WeChatStandIn, url: str) -> None:
    wechat.faults.add(answers(b'{"video_url":"%s"}' % url.encode()), method="media/get")
    with pytest.raises(NetworkError):
        await api.download("any", 1 << 20)


async def test_a_name_cannot_break_out_of_its_place(api: WeChatApi, wechat: WeChatStandIn) -> None:
    for name in ('路灯".jpg', "路灯\r\nX-Evil: 1.jpg", "路\ud83d灯.jpg"):
        assert await api.upload_image(small_photo(), name)
    assert [call.code for call in wechat.calls("media/upload")] == [0, 0, 0]


# --- codes and menus


async def test_a_code_for_a_while_and_one_for_good(api: WeChatApi, wechat: WeChatStandIn) -> None:
    urls = [await api.scene("cell-7", lasts=604_800), await api.scene("站点-8", lasts=None)]
    assert [wechat.account.codes[url] for url in urls] == ["cell-7", "站点-8"]
    first, second = (call.parameters for call in wechat.calls("qrcode/create"))
    assert (first["action_name"], first["expire_seconds"]) == ("QR_STR_SCENE", 604_800)
    assert (second["action_name"], "expire_seconds" in second) == ("QR_LIMIT_STR_SCENE", False)


async def test_a_menu_is_set(api: WeChatApi, wechat: WeChatStandIn) -> None:
    buttons = [{"type": "click", "name": "提建议", "key": "提建议"}]
    await api.set_menu(buttons)
    assert wechat.account.menu == buttons


# --- secrets


async def test_no_secret_and_no_word_is_told(
    wechat: WeChatStandIn, resident: Resident, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    api = api_of(wechat)
    await resident.says("您好")
    await api.send_text(PERSON, "路灯坏了")
    wechat.faults.add(answers(b'{"errcode":47003,"errmsg":"\xe8\xb7\xaf\xe7\x81\xaf"}'), method=SEND)
    wechat.faults.add(drops_before(), method=SEND)
    told = [record.getMessage() for record in caplog.records if not record.name.startswith("asyncio")]
    for _ in range(2):
        (error,) = await asyncio.gather(api.send_text(PERSON, "路灯坏了"), return_exceptions=True)
        assert isinstance(error, WeChatError | NetworkError)
        told += [repr(error), *traceback.format_exception(error)]
    await api.close()
    for secret in (wechat.account.secret, wechat.account.tokens.give()[0], "路灯"):
        assert not [one for one in told if secret in one]
    assert repr(api).startswith("<")


async def test_it_calls_again_after_it_let_go(api: WeChatApi, resident: Resident) -> None:
    await resident.says("您好")
    for text in ("一", "二"):
        await api.send_text(PERSON, text)
        await api.close()
    assert resident.texts == ["一", "二"]
