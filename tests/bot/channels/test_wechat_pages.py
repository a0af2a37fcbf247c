"""Pages of the account, as browsers get them; what is on them for the eye is in tests/browser."""

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import httpx
import pytest
import structlog
from starlette.applications import Starlette

from bot.channels import wechat_texts as texts
from bot.channels.wechat_http import NetworkError, WeChatError
from bot.channels.wechat_pages import WAITING_LASTS, Pages
from handlers.messages import File, NoticeKind
from handlers.texts.phrase import Phrase
from storage.waiting import Carried
from tests.bot.channels.wechat_stage import SIGNING
from tests.set_clock import SetClock
from tests.wechat_api import APP_ID
from tests.wechat_api.consents import PageDesk, opened

ADDRESS = "https://minsheng.test"
TEMPLATE, DUTIES = "A" * 43, "B" * 43
BOTH = {NoticeKind.PROPOSAL: TEMPLATE, NoticeKind.DUTY: DUTIES}


class Said:
    """What is read of the store."""

    def __init__(self, *messages: Carried) -> None:
        self.messages = {one.message_id: one for one in messages}
        self.asked: list[tuple[int, timedelta]] = []

    async def file_sent(self, *_: object) -> File | None:
        raise AssertionError("no file is asked for")

    async def said(self, message_id: int, within: timedelta) -> Carried | None:
        self.asked.append((message_id, within))
        return self.messages.get(message_id)


class Desk:
    """Where the account's tickets come from."""

    def __init__(self) -> None:
        self.clock = SetClock()
        self.wechat = PageDesk(self.clock, APP_ID, {"minsheng.test"})
        self.error: Exception | None = None

    async def ticket(self) -> str:
        if self.error:
            raise self.error
        return str(self.wechat.give("jsapi")["ticket"])


@pytest.fixture
def desk() -> Desk:
    return Desk()


def pages(desk: Desk, said: Said | None = None, templates: Mapping[NoticeKind, str] = BOTH, **more: Any) -> Pages:
    given = {"for_good": False, "ticket": desk.ticket, "secret": SIGNING.encode(), **more}
    return Pages(APP_ID, clock=desk.clock, sent=said, address=ADDRESS, templates=templates, **given)


def served(one: Pages) -> httpx.ASGITransport:
    return httpx.ASGITransport(Starlette(routes=one.routes()))


@asynccontextmanager
async def visiting(one: Pages) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=served(one), base_url=ADDRESS) as visitor:
        yield visitor


async def get(one: Pages, path: str) -> httpx.Response:
    async with visiting(one) as visitor:
        return await visitor.get(path)


def policy(answer: httpx.Response) -> dict[str, str]:
    parts = (part.partition(" ") for part in answer.headers["content-security-policy"].split("; "))
    return {name: value for name, _, value in parts}


def tells(answer: httpx.Response, said: Phrase) -> bool:
    """Whether a page says nothing but this, in both languages."""
    return f'<h1>{said.zh}<span lang="en">{said.en.replace(chr(39), "&#39;")}</span></h1>' in answer.text


# --- agreeing


@pytest.mark.parametrize("query", ["", "?from=singlemessage&isappinstalled=0", "?a=%E8%B7%AF&b"])
@pytest.mark.parametrize(("path", "template"), [("/wechat/agree", TEMPLATE), ("/wechat/agree/duty", DUTIES)])
async def test_the_page_proves_itself_and_asks_of_one_template(
    desk: Desk, path: str, template: str, query: str
) -> None:
    page = await opened(desk.wechat, f"{ADDRESS}{path}{query}#wechat_redirect", served(pages(desk)))
    assert (page.status, page.asks, page.why) == (200, (template,), "")


async def test_every_page_is_signed_anew(desk: Desk) -> None:
    first, second = [(await get(pages(desk), "/wechat/agree")).text for _ in range(2)]
    nonces = [re.search(r'data-nonce="([0-9a-f]{16})"', html) for html in (first, second)]
    assert len({nonce[1] for nonce in nonces if nonce}) == 2
    assert "plainly-invented-ticket" not in first


async def test_it_is_said_what_comes_of_it(desk: Desk) -> None:
    async with visiting(pages(desk)) as once, visiting(pages(desk, for_good=True)) as lasting:
        for path, kind in (("/wechat/agree", NoticeKind.PROPOSAL), ("/wechat/agree/duty", NoticeKind.DUTY)):
            title, what, button = texts.AGREE[kind]
            html = (await once.get(path)).text
            assert all(said in html for said in (title.zh, what.zh, button.zh, texts.FOR_ONCE.zh))
            assert texts.FOR_GOOD.zh not in html
            html = (await lasting.get(path)).text
            assert texts.FOR_GOOD.zh in html
            assert texts.FOR_ONCE.zh not in html


async def test_before_any_script_has_run_it_is_told_where_to_open_it(desk: Desk) -> None:
    html = (await get(pages(desk), "/wechat/agree")).text
    shown = re.findall(r'<p class="told" data-told="(\w+)"( hidden)?>', html)
    assert dict(shown) == {name: "" if name == "elsewhere" else " hidden" for name in texts.OF_AGREEING}


async def test_wechats_script_may_do_what_it_needs_and_nobody_elses(desk: Desk) -> None:
    answer = await get(pages(desk), "/wechat/agree")
    allowed = policy(answer)
    assert not {"default-src", "frame-src", "child-src"} & allowed.keys()
    assert "'unsafe-inline'" not in allowed["script-src"]
    assert "https://res.wx.qq.com" in allowed["script-src"]
    assert allowed["frame-ancestors"] == allowed["base-uri"] == allowed["object-src"] == "'none'"
    assert '<script src="https://res.wx.qq.com/open/js/jweixin-1.6.0.js"></script>' in answer.text
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "given", [{"templates": {}}, {"templates": {NoticeKind.DUTY: DUTIES}}, {"ticket": None}], ids=str
)
async def test_where_there_is_nothing_to_agree_to_it_says_so(desk: Desk, given: dict[str, Any]) -> None:
    answer = await get(pages(desk, **given), "/wechat/agree")
    assert answer.status_code == 404
    assert tells(answer, texts.NO_NOTICES)


@pytest.mark.parametrize("error", [WeChatError(45009), NetworkError("timeout")], ids=["refused", "away"])
async def test_without_a_ticket_it_says_so(desk: Desk, error: Exception) -> None:
    desk.error = error
    with structlog.testing.capture_logs() as lines:
        answer = await get(pages(desk), "/wechat/agree")
    assert answer.status_code == 503
    assert tells(answer, texts.NOT_READY)
    assert lines == [{"event": "wechat_ticket_refused", "error": str(error), "log_level": "warning"}]


# --- what waits

HTML = '<script>alert("1")</script>\n您好 & 再见'


async def test_a_message_that_waits_is_shown_as_it_is(desk: Desk) -> None:
    said = Said(Carried(7, HTML, [["a.1", "1 好"]], "台账<1>.xlsx"))
    one = pages(desk, said)
    answer = await get(one, one.waiting_link(7))
    assert answer.status_code == 200
    shown = "&lt;script&gt;alert(&#34;1&#34;)&lt;/script&gt;\n您好 &amp; 再见\n台账&lt;1&gt;.xlsx"
    assert f'<div class="sheet text" dir="auto">{shown}</div>' in answer.text
    assert "回到公众号发送任意一条消息，就能继续。" in answer.text
    assert said.asked == [(7, WAITING_LASTS)]
    assert policy(answer)["default-src"] == "'none'"
    assert "script-src" not in policy(answer)
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert '<meta name="robots" content="noindex">' in answer.text


def changed(link: str) -> dict[str, str]:
    head, _, proof = link.rpartition("/")
    return {
        "another number": link.replace("/7/", "/8/"),
        "the number in other digits": link.replace("/7/", "/７/"),
        "more of a number": link.replace("/7/", "/07/"),
        "no number": link.replace("/7/", "/x/"),
        "another proof": f"{head}/{proof[:-1]}{'1' if proof[-1] == '0' else '0'}",
        "half a proof": link[:-1],
        "no words of ours": f"{head}/路灯",
        "no letters": f"{head}/%ff%fe",
    }


async def test_a_forged_link_says_so(desk: Desk) -> None:
    said = Said(Carried(7, "好", None, ""), Carried(8, "好", None, ""))
    one = pages(desk, said)
    links = changed(one.waiting_link(7))
    links["that of a file"] = one.link(7).replace("/files/", "/waiting/")
    links["of another secret"] = pages(desk, secret=b"another").waiting_link(7)
    for case, link in links.items():
        answer = await get(one, link)
        assert answer.status_code == 404, case
        assert tells(answer, texts.LINK_UNKNOWN), case
    assert said.asked == []


@pytest.mark.parametrize("message", [None, Carried(7, "", None, "")], ids=["too old", "forgotten"])
async def test_a_message_that_is_gone_says_what_to_do(desk: Desk, message: Carried | None) -> None:
    one = pages(desk, Said(message) if message else Said())
    answer = await get(one, one.waiting_link(7))
    assert answer.status_code == 410
    assert tells(answer, texts.MESSAGE_GONE)


async def test_a_store_that_does_not_answer_is_asked_again_later(desk: Desk) -> None:
    class Failing(Said):
        async def said(self, *_: object) -> None:
            raise ConnectionError("路灯坏了")

    one = pages(desk, Failing())
    with structlog.testing.capture_logs() as lines:
        answer = await get(one, one.waiting_link(7))
    assert answer.status_code == 503
    assert tells(answer, texts.NOT_READY)
    assert lines == [{"event": "wechat_message_not_read", "error": "ConnectionError", "log_level": "warning"}]
