"""A message of ours that takes the place of an earlier one, on the page."""

import pytest
from playwright.async_api import Locator, Page, expect

from handlers.messages import Choice
from tests.browser.conftest import DESKTOP, Visit
from tests.browser.test_looks import CONTRASTS, SMALL_TARGETS
from tests.web_chat_double import EchoBot

pytestmark = pytest.mark.asyncio(loop_scope="package")

_WEDNESDAY, _THURSDAY = "接待日：周三上午九点", "【更正】接待日：周四上午九点"
_READ = (Choice("a12.read", "阅读全文"), Choice("a12.go", "我要提建议"))
_READ_ANEW = (Choice("a13.read", "阅读更正"),)
_POINTER = "上面有一条消息已修改"


async def _announced(bot: EchoBot, visit: Visit) -> tuple[Page, str, int]:
    """Somebody who has got an announcement: their page, their account, and its number."""
    page = await visit.open()
    await expect(page.get_by_role("button", name="提建议")).to_be_visible()
    account = bot.heard[0].account
    number = await bot.say(account, _WEDNESDAY, _READ)
    await expect(page.get_by_text(_WEDNESDAY)).to_be_visible()
    return page, account, number


def _theirs(page: Page) -> Locator:
    return page.locator(".message.theirs")


async def test_a_correction_changes_the_bubble_and_its_buttons(bot: EchoBot, visit: Visit) -> None:
    page, account, number = await _announced(bot, visit)
    await bot.say(account, _THURSDAY, _READ_ANEW, edits=number)
    await expect(_theirs(page).last.locator(".words")).to_have_text(_THURSDAY)
    await expect(_theirs(page).last.locator(".edited")).to_have_text("已修改")
    await expect(page.get_by_text(_WEDNESDAY)).to_have_count(0)
    await expect(page.get_by_role("button", name="阅读全文")).to_have_count(0)
    await expect(_theirs(page)).to_have_count(2)
    await expect(page.get_by_text(_POINTER)).to_have_count(0)  # they have it before their eyes
    await page.get_by_role("button", name="阅读更正").tap()
    await expect(_theirs(page).last).to_contain_text("您选了 a13.read")
    await expect(page.locator(".message.mine").last).to_contain_text("阅读更正")


async def test_its_buttons_leave_the_open_question_alive_and_take_no_number(bot: EchoBot, visit: Visit) -> None:
    page, _, _ = await _announced(bot, visit)
    asked = page.locator(".choices", has=page.get_by_role("button", name="提建议", exact=True))
    await expect(asked).not_to_have_class("choices old")
    own = page.get_by_role("button", name="阅读全文")
    assert await own.evaluate("button => getComputedStyle(button, '::before').content") == "none"


async def test_it_stands_in_the_same_place_after_the_page_was_loaded_anew(bot: EchoBot, visit: Visit) -> None:
    page, account, number = await _announced(bot, visit)
    await bot.say(account, "后来的一句")
    corrected = await bot.say(account, _THURSDAY, _READ_ANEW, edits=number)
    await bot.say(account, "【撤回】接待日取消", edits=corrected)
    for _ in range(2):
        await expect(_theirs(page).locator(".words")).to_have_text(
            ["您好，这里是民声。", "【撤回】接待日取消", "后来的一句"]
        )
        await expect(page.locator(".edited")).to_have_count(1)
        await page.reload()


async def test_what_changed_while_the_page_was_away_changes_when_it_is_back(bot: EchoBot, visit: Visit) -> None:
    page, account, number = await _announced(bot, visit)
    bot.write(account, _THURSDAY, edits=number)
    await page.reload()
    await expect(_theirs(page).locator(".words")).to_have_text(["您好，这里是民声。", _THURSDAY])


async def test_a_change_of_what_is_not_on_the_page_is_a_message_of_its_own(bot: EchoBot, visit: Visit) -> None:
    page, account, _ = await _announced(bot, visit)
    await bot.say(account, _THURSDAY, _READ_ANEW, edits=9999)
    await expect(_theirs(page)).to_have_count(3)
    await expect(_theirs(page).last).to_contain_text("已修改")
    await bot.say(account, "【更正】接待日：周五", edits=9999)
    await expect(_theirs(page).last.locator(".words")).to_have_text("【更正】接待日：周五")
    await expect(_theirs(page)).to_have_count(3)


async def test_who_does_not_see_the_change_is_shown_the_way_to_it_once(bot: EchoBot, visit: Visit) -> None:
    page, account, number = await _announced(bot, visit)
    for position in range(12):
        await bot.say(account, f"消息 {position}")
    await expect(page.get_by_text("消息 11")).to_be_in_viewport()
    for day in ("四", "五"):
        await bot.say(account, f"【更正】接待日：周{day}", edits=number)
    await expect(page.get_by_text("【更正】接待日：周五")).to_have_count(1)
    pointer = page.get_by_role("button", name=_POINTER)
    await expect(pointer).to_have_count(1)
    await expect(pointer).to_be_in_viewport()
    assert await page.evaluate(SMALL_TARGETS) == []
    await pointer.tap()
    await expect(page.get_by_text("【更正】接待日：周五")).to_be_in_viewport()
    await expect(pointer).to_have_count(0)
    await bot.say(account, "最后一句")
    await expect(page.get_by_text("最后一句")).to_have_count(1)
    assert await page.locator("time").evaluate_all("nodes => nodes.map(node => node.textContent)") == [
        await page.locator("time").first.text_content()
    ]


async def test_a_message_that_changes_itself_is_seen_as_it_is_now(bot: EchoBot, visit: Visit) -> None:
    page, account, _ = await _announced(bot, visit)
    number = await bot.say(account, "已送达 10 人")
    for count in (20, 30):
        await bot.change(account, number, f"已送达 {count} 人")
        await expect(_theirs(page).last.locator(".words")).to_have_text(f"已送达 {count} 人")
    await expect(_theirs(page)).to_have_count(3)
    for position in range(12):
        await bot.say(account, f"消息 {position}")
    await expect(page.get_by_text("消息 11")).to_be_in_viewport()
    assert bot.channel
    await bot.channel.stop()  # the page comes again, and is told what it missed
    bot.rewrite(account, number, "已送达 40 人")
    await bot.channel.start(bot.receive)
    await expect(page.get_by_text("已送达 40 人")).to_have_count(1)
    await expect(page.get_by_role("button", name=_POINTER)).to_have_count(1)
    await page.reload()
    await expect(page.get_by_text("已送达 40 人")).to_have_count(1)
    await expect(page.get_by_text("已送达 30 人")).to_have_count(0)


async def test_what_is_told_twice_is_no_change(bot: EchoBot, visit: Visit) -> None:
    page, account, number = await _announced(bot, visit)
    await bot.change(account, number, _THURSDAY)
    for position in range(12):
        await bot.say(account, f"消息 {position}")
    await expect(page.get_by_text("消息 11")).to_be_in_viewport()
    await bot.change(account, number, _THURSDAY)
    await bot.say(account, "最后一句")
    await expect(page.get_by_text("最后一句")).to_be_in_viewport()
    await expect(page.get_by_text(_POINTER)).to_have_count(0)
    await expect(page.get_by_text(_THURSDAY)).to_have_count(1)


async def test_the_question_that_is_open_stays_the_one_that_can_be_answered(bot: EchoBot, visit: Visit) -> None:
    page, account, number = await _announced(bot, visit)
    await page.get_by_label("输入消息").fill("修路")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("button", name="不是")).to_be_visible()
    await bot.say(account, _THURSDAY, _READ_ANEW, edits=number)
    await expect(page.get_by_text(_THURSDAY)).to_be_visible()
    alive = page.locator(".choices:not(.old) button")
    assert await alive.all_text_contents() == ["阅读更正", "是", "不是"]


@pytest.mark.parametrize("options", [DESKTOP])
async def test_who_is_on_a_button_stays_on_it(bot: EchoBot, visit: Visit) -> None:
    page, account, number = await _announced(bot, visit)
    await page.get_by_role("button", name="我要提建议").focus()
    await bot.say(account, _THURSDAY, _READ, edits=number)
    await expect(page.get_by_text(_THURSDAY)).to_be_visible()
    await expect(page.get_by_role("button", name="我要提建议")).to_be_focused()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_it_can_be_read_and_is_read_out(bot: EchoBot, visit: Visit, scheme: str) -> None:
    page, account, number = await _announced(bot, visit)
    await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    await bot.say(account, "<b>周四</b> https://example.org/a", _READ_ANEW, edits=number)
    words = _theirs(page).last.locator(".words")
    await expect(words).to_have_text("<b>周四</b> https://example.org/a")
    await expect(words.get_by_role("link")).to_have_attribute("href", "https://example.org/a")
    await expect(page.get_by_role("log")).to_have_attribute("aria-live", "polite")
    assert [line for line in await page.evaluate(CONTRASTS) if line[0] < 4.5] == []
