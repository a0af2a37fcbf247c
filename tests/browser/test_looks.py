"""Whether everybody can see, reach and hear what is on the page."""

import re
from typing import Any

import pytest
from playwright.async_api import Locator, Page, expect

from handlers.messages import Choice
from tests.browser.conftest import DESKTOP, PHONE, Visit
from tests.web_chat_double import EchoBot

pytestmark = pytest.mark.asyncio(loop_scope="package")

# What the eye meets: every text with its size, its colour and the colour behind it.
CONTRASTS = """
() => {
  const rgb = (color) => color.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((c) => c / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (node) => {
    for (; node; node = node.parentElement) {
      const color = rgb(getComputedStyle(node).backgroundColor);
      if (color.length === 3 || color[3] === 1) return color;
    }
  };
  const texts = [...document.querySelectorAll("body *")].filter((node) =>
    node.checkVisibility() && [...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim()));
  return texts.map((node) => {
    const [one, other] = [light(rgb(getComputedStyle(node).color)), light(behind(node))].sort((a, b) => b - a);
    return [(one + 0.05) / (other + 0.05), node.className + " " + node.textContent.trim().slice(0, 20)];
  });
}
"""

SMALL_TARGETS = """
() => [...document.querySelectorAll("button, textarea, a, audio")].filter((node) => node.checkVisibility())
  .map((node) => [node.getBoundingClientRect(), node.textContent || node.id])
  .filter(([box]) => Math.min(box.width, box.height) < 44).map(([, name]) => name)
"""

WIDER_THAN_THE_SCREEN = """
() => [document.documentElement, ...document.querySelectorAll("body, body *")]
  .filter((node) => node.scrollWidth > Math.max(node.clientWidth, 1) + 1 && node.clientWidth > 1)
  .filter((node) => getComputedStyle(node).overflowX !== "visible" || node === document.documentElement)
  .filter((node) => !node.matches("h1, .name p"))
  .map((node) => node.className || node.tagName)
"""


async def _talk(bot: EchoBot, page: Page) -> None:
    """A conversation with something of everything."""
    await expect(page.get_by_role("button", name="提建议")).to_be_visible()
    await page.get_by_label("输入消息").fill("从村口到卫生所的那段路坑坑洼洼，下雨天老人走路容易摔跤。")
    await page.keyboard.press("Enter")
    await expect(page.locator(".theirs")).to_have_count(2)
    choices = (
        Choice("q:1", "青石村第三网格（老街口到供销社一带，含沿河新居）"),
        Choice("q:2", "http://" + "a" * 80),
        Choice("q:3", "不清楚"),
    )
    await bot.say(bot.heard[0].account, "这件事在哪里？" + "x" * 120, choices)
    await expect(page.locator(".theirs")).to_have_count(3)


def _sized(width: int, height: int) -> dict[str, Any]:
    return PHONE | {"viewport": {"width": width, "height": height}}


@pytest.mark.parametrize("large", [False, True])
@pytest.mark.parametrize(
    "options",
    [
        pytest.param(_sized(320, 568), id="small phone"),
        pytest.param(_sized(390, 844), id="phone"),
        pytest.param(_sized(195, 422), id="phone at 200 %"),
        pytest.param(_sized(640, 360), id="phone on its side"),
        pytest.param({"viewport": {"width": 640, "height": 400}}, id="desktop at 200 %"),
    ],
)
async def test_nothing_is_wider_than_the_screen_or_smaller_than_a_finger(
    bot: EchoBot, visit: Visit, large: bool
) -> None:
    page = await visit.open()
    if large:
        await page.get_by_role("button", name="大字显示").click()
    await _talk(bot, page)
    assert await page.evaluate(WIDER_THAN_THE_SCREEN) == []
    assert await page.evaluate(SMALL_TARGETS) == []
    log = await page.locator("#log").bounding_box()
    assert log
    assert log["height"] >= 100


@pytest.mark.parametrize(
    "options",
    [
        pytest.param(_sized(320, 568), id="small phone"),
        pytest.param(_sized(320, 568) | {"locale": "en-US"}, id="small phone in English"),
        pytest.param(_sized(390, 508), id="phone with its keyboard open"),
    ],
)
async def test_who_writes_much_in_large_type_still_sees_what_to_tap(visit: Visit) -> None:
    page = await visit.open()
    await page.locator("#large").tap()
    await page.locator("#text").fill("从村口到卫生所的那段路坑坑洼洼，下雨天老人走路容易摔跤。" * 4)
    await expect(page.locator("#send")).to_be_in_viewport(ratio=1)
    await expect(page.locator("#menu")).to_be_in_viewport(ratio=1)
    assert await page.evaluate(WIDER_THAN_THE_SCREEN) == []


@pytest.mark.parametrize(
    "options",
    [
        pytest.param(PHONE | {"color_scheme": "light"}, id="light"),
        pytest.param(PHONE | {"color_scheme": "dark"}, id="dark"),
    ],
)
async def test_every_word_stands_out(bot: EchoBot, visit: Visit) -> None:
    page = await visit.open()
    await _talk(bot, page)
    await page.get_by_role("button", name="位置").click()
    await expect(page.locator("#hint")).to_contain_text("许可")
    contrasts = await page.evaluate(CONTRASTS)
    assert len(contrasts) > 15
    assert [found for found in contrasts if found[0] < 4.5] == []


async def test_large_type_is_larger_and_remembered(visit: Visit) -> None:
    page = await visit.open()
    words = page.locator(".message .words").first
    await expect(words).to_have_css("font-size", "17px")
    switch = page.get_by_role("button", name="大字显示")
    await switch.tap()
    await expect(words).to_have_css("font-size", "23px")
    await expect(switch).to_have_attribute("aria-pressed", "true")
    await page.reload()
    await expect(words).to_have_css("font-size", "23px")
    await switch.tap()
    await page.reload()
    await expect(words).to_have_css("font-size", "17px")


async def _tab_stops(page: Page, most: int) -> list[str]:
    stops = []
    for _ in range(most):
        await page.keyboard.press("Tab")
        stops.append(
            await page.evaluate(
                "() => { const node = document.activeElement;"
                " return node.getAttribute('aria-label') || node.textContent.trim(); }"
            )
        )
    return stops


async def _has_a_ring(focused: Locator) -> None:
    await expect(focused).to_be_focused()
    await expect(focused).to_have_css("outline-style", "solid")


@pytest.mark.parametrize("options", [DESKTOP])
async def test_a_keyboard_is_enough(bot: EchoBot, visit: Visit) -> None:
    page = await visit.open()
    text = page.get_by_label("输入消息")
    await expect(page.get_by_role("button", name="帮助")).to_be_visible()
    await expect(text).to_be_focused()
    await page.evaluate("document.activeElement.blur()")
    await page.locator("header").click(position={"x": 5, "y": 5})
    assert await _tab_stops(page, 13) == [
        *("大字显示", "对话", "提建议", "我的建议", "帮助"),
        *("菜单", "返回", "照片", "位置", "语音", "文件", "输入消息", "发送"),
    ]
    for _ in range(10):
        await page.keyboard.press("Shift+Tab")
    await _has_a_ring(page.get_by_role("button", name="提建议"))
    await page.keyboard.press("Enter")
    await expect(page.locator(".theirs").last).to_contain_text("您选了 menu:suggest")
    await _has_a_ring(text)
    await page.keyboard.type("第一行")
    await page.keyboard.press("Shift+Enter")
    await page.keyboard.type("第二行")
    await page.keyboard.press("Enter")
    await expect(page.locator(".theirs").last).to_contain_text("您说：第一行\n第二行")
    await _has_a_ring(text)
    assert [inbound.text for inbound in bot.heard[2:]] == ["第一行\n第二行"]


@pytest.mark.parametrize("options", [DESKTOP])
async def test_enter_that_chooses_a_word_does_not_send(bot: EchoBot, visit: Visit) -> None:
    page = await visit.open()
    await expect(page.get_by_role("button", name="帮助")).to_be_visible()
    text = page.get_by_label("输入消息")
    await text.fill("xiu lu")
    await text.dispatch_event("keydown", {"key": "Enter", "isComposing": True})
    await text.dispatch_event("keydown", {"key": "Enter", "keyCode": 229})
    await expect(text).to_have_value("xiu lu")
    await page.keyboard.press("Enter")
    await expect(page.locator(".theirs").last).to_contain_text("您说：xiu lu")
    assert len(bot.heard) == 2


async def test_a_screen_reader_hears_who_says_what(bot: EchoBot, visit: Visit) -> None:
    page = await visit.open()
    log = page.get_by_role("log", name="对话")
    await _talk(bot, page)
    await expect(log).to_have_attribute("aria-live", "polite")
    await expect(log.get_by_role("group", name="可以选择").last).to_be_visible()
    await expect(page.get_by_role("toolbar", name="快捷操作")).to_be_visible()
    await expect(page.locator(".mine .aside").first).to_have_text("我说：")
    await expect(page.locator(".theirs .aside").first).to_have_text("民声说：")
    assert await page.locator("html").get_attribute("lang") == "zh-CN"
    unnamed = "nodes => nodes.filter(node => !(node.ariaLabel || node.textContent.trim())).length"
    assert await page.locator("button, textarea").evaluate_all(unnamed) == 0


@pytest.mark.parametrize("options", [PHONE | {"reduced_motion": "reduce"}])
async def test_nothing_moves_for_who_wants_it_still(bot: EchoBot, visit: Visit) -> None:
    page = await visit.open()
    await _talk(bot, page)
    assert await page.evaluate("document.getAnimations().length") == 0


async def test_who_reads_further_up_is_told_of_news_and_not_moved(bot: EchoBot, visit: Visit) -> None:
    page = await visit.open()
    await _talk(bot, page)
    account = bot.heard[0].account
    for number in range(12):
        await bot.say(account, f"公告 {number}")
    await expect(page.locator(".theirs").last).to_be_in_viewport()
    await page.locator(".message").first.scroll_into_view_if_needed()
    await expect(page.locator(".message").first).to_be_in_viewport()
    await bot.say(account, "最新的")
    newer = page.get_by_role("button", name="有新消息")
    await expect(newer).to_be_visible()
    await expect(page.locator(".message").first).to_be_in_viewport()
    await newer.tap()
    await expect(page.get_by_text("最新的")).to_be_in_viewport()
    await expect(newer).to_be_hidden()


async def test_a_message_longer_than_the_screen_is_read_from_its_beginning(bot: EchoBot, visit: Visit) -> None:
    page = await visit.open()
    await _talk(bot, page)
    await bot.say(bot.heard[0].account, "开头\n" + "很长的公告。\n" * 60 + "结尾", (Choice("a", "知道了"),))
    long = page.locator(".theirs").last
    await expect(long).to_be_in_viewport()
    top = await long.bounding_box()
    log = await page.locator("#log").bounding_box()
    assert top
    assert log
    assert top["y"] >= log["y"]


@pytest.mark.parametrize("options", [PHONE | {"locale": "en-US"}])
async def test_the_page_speaks_english_to_an_english_browser(visit: Visit) -> None:
    page = await visit.open()
    await expect(page.get_by_role("button", name="Large type")).to_be_visible()
    await expect(page.get_by_label("Message", exact=True)).to_be_visible()
    await expect(page.locator("time").first).to_have_text(re.compile(r"^Today \d\d:\d\d$"))
    assert await page.locator("html").get_attribute("lang") == "en"


async def test_an_address_that_is_not_https_says_what_it_cannot_do(bot: EchoBot, visit: Visit) -> None:
    page = await visit.open(host="chat.test")
    await expect(page.get_by_role("button", name="提建议")).to_be_visible()
    await expect(page.get_by_role("button", name="语音")).to_be_hidden()
    await page.get_by_role("button", name="位置").tap()
    await expect(page.locator("#hint")).to_contain_text("不是 https")
    assert len(bot.heard) == 1


async def test_the_day_and_the_time_stand_above_what_was_said(visit: Visit) -> None:
    page = await visit.open()
    await expect(page.locator("time")).to_have_count(1)
    await expect(page.locator("time")).to_have_text(re.compile(r"^今天 \d\d:\d\d$"))
