"""What a resident does on the page, and what stays true meanwhile."""

import io
import re
from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image
from playwright.async_api import FilePayload, Locator, Page, expect

from bot.channels.webchat import WebChatSettings
from bot.channels.webchat_frames import TEXT_LIMIT
from handlers.messages import Choice, File, Kind
from tests.browser.conftest import PHONE, Visit
from tests.web_chat_double import EchoBot, Server

pytestmark = pytest.mark.asyncio(loop_scope="package")


def _last(page: Page, side: str = "theirs") -> Locator:
    return page.locator(f".message.{side}").last


async def _greeted(page: Page) -> None:
    await expect(_last(page)).to_contain_text("您好，这里是民声")


async def _write(page: Page, text: str) -> None:
    await page.get_by_label("输入消息").fill(text)
    await page.keyboard.press("Enter")


# --- saying something ---------------------------------------------------------------------------------------


async def test_a_first_visit_is_greeted_once(bot: EchoBot, visit: Visit) -> None:
    page = await visit.open()
    await _greeted(page)
    await page.reload()
    await _greeted(page)
    second = await visit.open()
    await _greeted(second)
    assert [inbound.kind for inbound in bot.heard] == [Kind.START]
    await expect(page.locator(".message")).to_have_count(1)


async def test_a_deep_link_is_taken_once(bot: EchoBot, visit: Visit) -> None:
    page = await visit.open("?start=cell-12")
    await expect(_last(page)).to_contain_text("cell-12")
    assert page.url.endswith("/chat")
    await page.reload()
    await expect(_last(page)).to_contain_text("cell-12")
    assert [inbound.payload for inbound in bot.heard] == ["cell-12"]


async def test_a_deep_link_with_junk_is_greeted(bot: EchoBot, visit: Visit) -> None:
    await _greeted(await visit.open("?start=%3Cscript%3Ealert(1)%3C/script%3E"))
    assert bot.heard[0].payload == ""


async def test_what_is_typed_is_said_and_answered(bot: EchoBot, visit: Visit) -> None:
    page = await visit.open()
    await _greeted(page)
    await _write(page, "村口的路坏了")
    await expect(_last(page)).to_contain_text("您说：村口的路坏了")
    await expect(_last(page, "mine").locator(".words")).to_have_text("村口的路坏了")
    await expect(_last(page, "mine")).to_have_attribute("data-state", "")
    assert bot.heard[-1].text == "村口的路坏了"


async def test_a_choice_is_tapped_and_then_looks_taken(bot: EchoBot, visit: Visit) -> None:
    page = await visit.open()
    await page.get_by_role("button", name="提建议").tap()
    await expect(_last(page)).to_contain_text("您选了 menu:suggest")
    await expect(_last(page, "mine")).to_contain_text("提建议")
    await expect(page.get_by_role("button", name="提建议")).to_have_attribute("aria-pressed", "true")
    await page.reload()
    await expect(_last(page, "mine")).to_contain_text("提建议")
    assert bot.heard[-1].choice == "menu:suggest"


async def test_an_old_choice_looks_old_and_still_says_so(bot: EchoBot, visit: Visit) -> None:
    page = await visit.open()
    await _greeted(page)
    await _write(page, "修路")
    await expect(page.locator(".choices").first).to_have_class(re.compile("old"))
    await expect(page.locator(".choices").last).not_to_have_class(re.compile("old"))
    await page.get_by_role("button", name="帮助").tap()
    await expect(_last(page)).to_contain_text("您选了 menu:help")
    assert bot.heard[-1].choice == "menu:help"


async def test_a_number_is_typed_instead_of_a_tap(bot: EchoBot, visit: Visit) -> None:
    page = await visit.open()
    await _greeted(page)
    await _write(page, "1")
    await expect(_last(page)).to_contain_text("您说：1")
    assert (bot.heard[-1].kind, bot.heard[-1].text) == (Kind.TEXT, "1")


async def test_a_trembling_finger_taps_once(bot: EchoBot, visit: Visit) -> None:
    page = await visit.open()
    await page.get_by_role("button", name="提建议").dblclick()
    await expect(_last(page)).to_contain_text("您选了")
    await _write(page, "好")
    await expect(_last(page)).to_contain_text("您说：好")
    assert [inbound.kind for inbound in bot.heard] == [Kind.START, Kind.CHOICE, Kind.TEXT]


async def test_the_keys_say_menu_and_back(bot: EchoBot, visit: Visit) -> None:
    page = await visit.open()
    await _greeted(page)
    await page.get_by_role("button", name="菜单").tap()
    await expect(_last(page)).to_contain_text("您说：菜单")
    await page.get_by_role("button", name="返回").tap()
    await expect(_last(page)).to_contain_text("您说：返回")
    assert [inbound.text for inbound in bot.heard[1:]] == ["菜单", "返回"]


async def test_markup_and_direction_marks_are_only_text(visit: Visit) -> None:
    page = await visit.open()
    await _greeted(page)
    text = "<img src=x onerror=alert(1)> & \u202egnp.exe"
    await _write(page, text)
    await expect(_last(page, "mine").locator(".words")).to_have_text(text)
    await expect(_last(page).locator("img")).to_have_count(0)
    await expect(_last(page, "mine").locator(".words")).to_have_css("unicode-bidi", "plaintext")


async def test_links_of_the_bot_can_be_followed_but_not_those_of_others(bot: EchoBot, visit: Visit) -> None:
    page = await visit.open()
    await _greeted(page)
    await bot.say(bot.heard[0].account, "请打开 https://vote.example/ballot?t=1，谢谢。javascript:alert(1)")
    link = _last(page).get_by_role("link")
    await expect(link).to_have_count(1)
    await expect(link).to_have_attribute("href", "https://vote.example/ballot?t=1")
    await expect(link).to_have_attribute("rel", "noopener noreferrer")
    await _write(page, "https://evil.example")
    await expect(_last(page, "mine").get_by_role("link")).to_have_count(0)


async def test_a_text_that_is_too_long_stays_in_the_box(bot: EchoBot, visit: Visit) -> None:
    page = await visit.open()
    await _greeted(page)
    await _write(page, "修" * (TEXT_LIMIT + 1))
    await expect(page.locator("#hint")).to_have_text("一条消息最多 20 万字。请分成几条发送。")
    await expect(page.get_by_label("输入消息")).to_have_value("修" * (TEXT_LIMIT + 1))
    await _write(page, "修" * TEXT_LIMIT)
    await expect(_last(page)).to_contain_text("您说")
    assert bot.heard[-1].text == "修" * TEXT_LIMIT


async def test_a_draft_outlives_the_page(visit: Visit) -> None:
    page = await visit.open()
    await _greeted(page)
    await page.get_by_label("输入消息").fill("还没写完")
    await page.reload()
    await expect(page.get_by_label("输入消息")).to_have_value("还没写完")


async def test_both_tabs_show_both_sides(bot: EchoBot, visit: Visit) -> None:
    one = await visit.open()
    await _greeted(one)
    other = await visit.open()
    await _greeted(other)
    await _write(one, "修路")
    for page in (one, other):
        await expect(_last(page)).to_contain_text("您说：修路")
        await expect(page.locator(".message .words")).to_have_text(
            ["您好，这里是民声。", "修路", "您说：修路\n这是想提一条建议吗？"]
        )
    assert len(bot.heard) == 2


# --- files, places, voice -----------------------------------------------------------------------------------


def _photo() -> FilePayload:
    content = io.BytesIO()
    Image.new("RGB", (320, 200), "#7a9a6a").save(content, "JPEG")
    return {"name": "路.jpg", "mimeType": "image/jpeg", "buffer": content.getvalue()}


async def test_photos_are_sent_and_seen(bot: EchoBot, visit: Visit) -> None:
    page = await visit.open()
    await _greeted(page)
    await page.locator("#photo-input").set_input_files([_photo(), _photo()])
    await expect(page.locator(".theirs", has_text="image/jpeg")).to_have_count(2)
    await expect(page.locator(".mine img")).to_have_count(2)
    first, second = bot.heard[1:]
    assert (first.kind, first.attachments[0].name) == (Kind.PHOTO, "路.jpg")
    assert first.group == second.group != ""
    await page.reload()
    picture = page.locator(".mine img").first
    await expect(picture).to_have_attribute("src", re.compile("/chat/file/"))
    await expect(picture).to_have_js_property("naturalWidth", 320)


async def test_a_file_that_is_not_taken_is_said_at_its_message(bot: EchoBot, visit: Visit) -> None:
    page = await visit.open()
    await _greeted(page)
    await page.locator("#file-input").set_input_files(
        {"name": "病毒.pdf", "mimeType": "application/pdf", "buffer": b"MZ"}
    )
    await expect(_last(page, "mine").locator(".state")).to_contain_text("没有发出：这种格式收不了")
    assert len(bot.heard) == 1
    visit.complaints.clear()  # the browser names the refused upload


async def test_what_is_said_after_a_photo_arrives_after_it(bot: EchoBot, visit: Visit) -> None:
    page = await visit.open()
    await _greeted(page)
    await page.locator("#photo-input").set_input_files([_photo(), _photo(), _photo()])
    await _write(page, "好了")
    await expect(_last(page)).to_contain_text("您说：好了")
    assert [inbound.kind for inbound in bot.heard[1:]] == [Kind.PHOTO] * 3 + [Kind.TEXT]


async def test_a_file_of_the_bot_can_be_downloaded(bot: EchoBot, visit: Visit, tmp_path: Path) -> None:
    page = await visit.open()
    await _greeted(page)
    (tmp_path / "ledger").write_bytes(b"%PDF-1.7")
    await bot.say(bot.heard[0].account, "台账", file=File(str(tmp_path / "ledger"), "台账.pdf", "application/pdf"))
    async with page.expect_download() as downloading:
        await _last(page).get_by_role("link", name="台账.pdf").tap()
    assert (await downloading.value).suggested_filename == "台账.pdf"


@pytest.mark.parametrize(
    "options", [PHONE | {"permissions": ["geolocation"], "geolocation": {"latitude": 28.2, "longitude": 112.9}}]
)
async def test_a_place_is_sent(bot: EchoBot, visit: Visit) -> None:
    page = await visit.open()
    await _greeted(page)
    await page.get_by_role("button", name="位置").tap()
    await expect(_last(page)).to_contain_text("位置收到：28.200")
    await expect(page.locator("#hint")).to_be_empty()
    assert bot.heard[-1].kind is Kind.LOCATION


async def test_a_place_that_is_not_permitted_is_explained(bot: EchoBot, visit: Visit) -> None:
    page = await visit.open()
    await _greeted(page)
    await page.get_by_role("button", name="位置").tap()
    await expect(page.locator("#hint")).to_contain_text("没有得到定位的许可")
    assert len(bot.heard) == 1


@pytest.mark.parametrize("options", [PHONE | {"permissions": ["microphone"]}])
async def test_a_voice_message_is_recorded_and_sent_or_thrown_away(bot: EchoBot, visit: Visit) -> None:
    page = await visit.open()
    await _greeted(page)
    await page.get_by_role("button", name="语音").tap()
    await page.get_by_role("button", name="取消").tap()
    await expect(page.get_by_label("输入消息")).to_be_visible()
    await page.get_by_role("button", name="语音").tap()
    await expect(page.locator("#elapsed")).to_have_text("0:01")
    await page.get_by_role("button", name="说完了").tap()
    await expect(_last(page)).to_contain_text("audio/webm")
    assert [inbound.kind for inbound in bot.heard] == [Kind.START, Kind.VOICE]


# --- lost connections ---------------------------------------------------------------------------------------


async def test_nothing_is_lost_or_doubled_while_the_server_is_away(bot: EchoBot, server: Server, visit: Visit) -> None:
    page = await visit.open()
    await _greeted(page)
    await server.stop()
    await expect(page.locator("#status")).to_have_text("网络断开，正在重连……")
    await _write(page, "第一句")
    await _write(page, "第二句")
    await expect(_last(page, "mine").locator(".state")).to_contain_text("等待网络")
    bot.write(bot.heard[0].account, "公告", (Choice("a", "知道了"),))
    await server.start()
    await expect(_last(page)).to_contain_text("您说：第二句")
    await expect(page.locator("#status")).to_be_empty()
    await expect(page.locator(".message .words")).to_contain_text(
        ["您好", "公告", "第一句", "您说：第一句", "第二句", "您说：第二句"]
    )
    assert [inbound.text for inbound in bot.heard[1:]] == ["第一句", "第二句"]


async def test_what_could_not_be_sent_outlives_the_page(bot: EchoBot, server: Server, visit: Visit) -> None:
    page = await visit.open()
    await _greeted(page)
    await server.stop()
    await _write(page, "带着走")
    await expect(_last(page, "mine")).to_contain_text("带着走")
    await page.close()
    await server.start()
    page = await visit.open()
    await expect(_last(page)).to_contain_text("您说：带着走")
    assert [inbound.text for inbound in bot.heard[1:]] == ["带着走"]


async def test_an_answer_that_was_lost_on_the_way_is_no_second_message(
    bot: EchoBot, server: Server, visit: Visit
) -> None:
    """The message was stored, but the connection broke before the page heard of it."""
    page = await visit.open()
    await _greeted(page)
    heard = bot.heard[0]
    await server.stop()
    await _write(page, "修桥")
    key = await page.evaluate("Object.keys(localStorage).find(key => key.startsWith('minsheng:pending:'))")
    identity = key.rpartition(":")[2]
    await bot.hear(heard.account, identity, "修桥")
    await server.start()
    await expect(_last(page)).to_contain_text("您说：修桥")
    await expect(page.locator(".message .words")).to_contain_text(["您好", "修桥", "您说：修桥"])
    await expect(_last(page, "mine")).to_have_attribute("data-state", "")
    assert len(bot.heard) == 2


@pytest.mark.parametrize("settings", [WebChatSettings(messages_per_minute=4)])
async def test_who_is_too_fast_is_told_and_heard_a_little_later(bot: EchoBot, visit: Visit) -> None:
    page = await visit.open(before=lambda page: page.clock.install())
    await _greeted(page)
    for text in ("一", "二", "三"):
        await _write(page, text)
    await expect(_last(page, "mine").locator(".state")).to_have_text("发得太快了，请稍等一会儿。")
    bot.ahead = timedelta(minutes=1)
    await page.clock.run_for(60_000)
    await expect(_last(page)).to_contain_text("您说：三")
    assert [inbound.text for inbound in bot.heard[1:]] == ["一", "二", "三"]


async def test_a_page_whose_cookie_is_gone_starts_anew(bot: EchoBot, server: Server, visit: Visit) -> None:
    page = await visit.open()
    await _greeted(page)
    await server.stop()
    await visit.context.clear_cookies()
    await _write(page, "还在吗")
    await server.start()
    await expect(_last(page)).to_contain_text("您说：还在吗")
    assert [inbound.kind for inbound in bot.heard] == [Kind.START, Kind.START, Kind.TEXT]
    assert bot.heard[0].account != bot.heard[1].account
