"""The pages of the Official Account before somebody's eyes, in a browser that WeChat's script takes for its own."""

import json
import re
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, Route, expect
from starlette.applications import Starlette
from starlette.routing import Mount

from bot.channels.wechat_pages import Pages
from storage.waiting import Carried
from tests.bot.channels.telegram_stage import served
from tests.bot.channels.test_wechat_pages import BOTH, TEMPLATE, Desk, Said
from tests.bot.channels.wechat_stage import SIGNING
from tests.browser.conftest import PATIENCE, PHONE
from tests.browser.test_looks import CONTRASTS, SMALL_TARGETS, WIDER_THAN_THE_SCREEN
from tests.wechat_api import APP_ID
from tests.wechat_api.consents import IN_WECHAT

pytestmark = pytest.mark.asyncio(loop_scope="package")

TEXT = "第 12 号建议已受理：村口到卫生所的路，" + "下雨天老人走路容易摔跤，" * 8 + "http://" + "a" * 80
# What WeChat's script does with a page: takes its configuration, then builds the button out of what stands in the tag.
SCRIPT = """
window.wx = {
  error(heard) { this.heard = heard; },
  config(given) {
    window.configured = given;
    if (window.refused) return this.heard({ errMsg: "config:invalid signature" });
    const tag = document.querySelector("wx-open-subscribe");
    const [style, inner] = tag.querySelectorAll('script[type="text/wxtag-template"]');
    tag.attachShadow({ mode: "open" }).innerHTML = style.textContent + inner.textContent;
    tag.shadowRoot.querySelector("button").addEventListener("click", () => {
      const [name, detail] = window.answer;
      const where = name === "WeixinOpenTagsError" ? document : tag;
      where.dispatchEvent(new CustomEvent(name, { detail }));
    });
  },
};
"""


def _answer(status: str) -> list[Any]:
    return [
        "success",
        {"errMsg": "subscribe:ok", "subscribeDetails": json.dumps({TEMPLATE: json.dumps({"status": status})})},
    ]


# What a tap may lead to, and what is told of it.
ANSWERS = {
    "agreed": (_answer("accept"), "好了，到时候会提醒您"),
    "refused": (_answer("reject"), "您没有允许"),
    "cancelled": (_answer("cancel"), "您没有允许"),
    "switched off": (["error", {"errMsg": "subscribe:fail", "errCode": "20004"}], "关掉了本公众号的通知"),
    "switched off, as a number": (["error", {"errMsg": "subscribe:fail", "errCode": 20004}], "关掉了本公众号的通知"),
    "away": (["error", {"errMsg": "subscribe:fail", "errCode": "10002"}], "没有成功"),
    "too old": (["WeixinOpenTagsError", {"errMsg": "old"}], "更新到最新版"),
}


@pytest.fixture
def desk() -> Desk:
    desk = Desk()
    desk.wechat.hosts = {"127.0.0.1"}
    return desk


@pytest_asyncio.fixture(loop_scope="package")
async def pages(desk: Desk) -> AsyncIterator[Pages]:
    listener = socket.create_server(("127.0.0.1", 0))
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    said = Said(Carried(7, TEXT, None, "很长的名字" * 12 + ".xlsx"))
    given: dict[str, Any] = {"secret": SIGNING.encode(), "for_good": False, "ticket": desk.ticket, "templates": BOTH}
    one = Pages(APP_ID, clock=desk.clock, sent=said, address=address, **given)
    async with served([Mount("/", app=Starlette(routes=one.routes()))], listener):
        yield one


@pytest_asyncio.fixture(loop_scope="package")
async def page(browser: Browser, options: dict[str, Any]) -> AsyncIterator[Page]:
    context = await browser.new_context(**({"locale": "zh-CN", "user_agent": IN_WECHAT} | options))
    context.set_default_timeout(PATIENCE)
    page = await context.new_page()
    await page.route("https://res.wx.qq.com/**", _script)
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
    yield page
    await context.close()
    assert [line for line in complaints if "status of 4" not in line and "ERR_FAILED" not in line] == []


async def _script(route: Route) -> None:
    await route.fulfill(body=SCRIPT, content_type="text/javascript")


def _agree(pages: Pages, path: str = "") -> str:
    return pages.link(7).partition("/files/")[0] + "/agree" + path


def _told(page: Page) -> Any:
    return page.locator(".told:visible")


@pytest.mark.parametrize("case", ANSWERS)
async def test_what_came_of_a_tap_is_told(page: Page, pages: Pages, desk: Desk, case: str) -> None:
    answer, told = ANSWERS[case]
    await page.add_init_script(f"window.answer = {json.dumps(answer)}")
    await page.goto(_agree(pages, "?from=singlemessage#top"))
    config = await page.evaluate("window.configured")
    assert (config["jsApiList"], config["openTagList"]) == ([], ["wx-open-subscribe"])
    assert desk.wechat.verdict(config, page.url.partition("#")[0]) == "ok"
    await expect(_told(page)).to_have_count(0)
    button = page.get_by_role("button", name="允许通知我进展")
    box = await button.bounding_box()
    assert box
    assert box["height"] >= 64
    await button.tap()
    await expect(_told(page)).to_have_count(1)
    await expect(_told(page)).to_contain_text(told)


async def test_who_is_not_in_wechat_is_told_where_to_open_it(browser: Browser, pages: Pages) -> None:
    context = await browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    await page.goto(_agree(pages))
    await expect(_told(page)).to_have_text(re.compile("请在手机上用微信打开这个页面"))
    await context.close()


@pytest.mark.parametrize("options", [PHONE | {"user_agent": "Mozilla/5.0 Chrome/116.0 Mobile Safari/537.36"}])
async def test_nor_is_any_other_browser(page: Page, pages: Pages) -> None:
    await page.goto(_agree(pages, "/duty"))
    await expect(_told(page)).to_have_text(re.compile("请在手机上用微信打开这个页面"))
    await expect(page.get_by_role("heading")).to_contain_text("有要办的事，提醒您")
    assert await page.evaluate("window.configured") is None


@pytest.mark.parametrize("how", ["no script", "refused"])
async def test_a_page_that_the_script_does_not_serve_says_so(page: Page, pages: Pages, how: str) -> None:
    if how == "refused":
        await page.add_init_script("window.refused = true")
    else:
        await page.route("https://res.wx.qq.com/**", lambda route: route.abort())
    await page.goto(_agree(pages))
    await expect(_told(page)).to_contain_text("没有成功，请过一会儿再打开这个页面")


@pytest.mark.parametrize(
    "options",
    [pytest.param(PHONE | {"color_scheme": scheme}, id=scheme) for scheme in ("light", "dark")]
    + [pytest.param({"viewport": {"width": 280, "height": 500}}, id="small")],
)
async def test_every_page_can_be_read(page: Page, pages: Pages) -> None:
    forged = pages.waiting_link(8)[:-1]
    for address in (_agree(pages), _agree(pages, "/duty"), pages.waiting_link(7), pages.waiting_link(8), forged):
        await page.goto(address)
        await page.evaluate("for (const one of document.querySelectorAll('.told')) one.hidden = false")
        assert [line for line in await page.evaluate(CONTRASTS) if line[0] < 4.5] == [], address
        assert await page.evaluate(WIDER_THAN_THE_SCREEN) == [], address
        assert await page.evaluate(SMALL_TARGETS) == [], address
        assert await page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)") >= 20


@pytest.mark.parametrize("options", [{}])
async def test_what_waits_is_printed_on_one_sheet(page: Page, pages: Pages) -> None:
    await page.goto(pages.waiting_link(7))
    await expect(page.locator(".text")).to_contain_text(TEXT)
    paper = await page.pdf(format="A4")
    assert re.findall(rb"/Count (\d+)", paper) == [b"1"]
