"""The public board before somebody's eyes, on a telephone and on paper."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from bot.board import ON_WALL
from bot.web import web_app
from bot.wiring import Program
from storage.areas import load_index
from storage.database import open_database, transaction
from storage.domain.announcements import Correction
from storage.store import Store
from tests.bot.channels.contract_acts import PAPER, PICTURE
from tests.bot.program_stage import settings_for
from tests.browser.conftest import PATIENCE, PHONE
from tests.browser.test_looks import CONTRASTS, SMALL_TARGETS, WIDER_THAN_THE_SCREEN
from tests.conversing import NOW
from tests.posted import DAY, posted
from tests.settlement import settle
from tests.web_chat_double import WebServer

pytestmark = pytest.mark.asyncio(loop_scope="package")

LONG = "候选项目公示，请大家预先阅读并提出意见（共二十个项目，附承办单位、投资和完成期限）" + "字" * 19
PAGES = ("", "/print", "/1", "/2", "/3", "/9999")


@pytest_asyncio.fixture(loop_scope="package")
async def address(database_url: str, tmp_path: Path) -> AsyncIterator[str]:
    """Where a board is served: 1 was taken back by 2, 3 has everything, and five have the longest titles."""
    engine = open_database(database_url)
    program = Program(settings_for(tmp_path, database_url, public_url="https://a-rather-long-name.example"))
    keep = program.files.store.keep
    files = ((keep(PICTURE), "海报.jpg", "image/jpeg"), (keep(PAPER), "很长的名字" * 12 + ".pdf", "application/pdf"))
    with transaction(engine) as unit:
        store = Store(unit, NOW, load_index(unit))
        place = settle(store)
        wrong = posted(store, place, NOW)
        posted(store, place, NOW, corrects=wrong, correction=Correction.RECALL)
        link = "https://www.example.org/" + "a" * 120
        posted(store, place, NOW, title="征集公告", text="第一行\n\n" + "x" * 200, files=files, link=link)
        for at in range(ON_WALL):
            posted(store, place, NOW + DAY * at, title=LONG, text="很长的正文，" * 400)
    engine.dispose()
    server = WebServer()
    await server.open(web_app(program))
    yield f"http://{server.address}/board/{place.congress}"
    await server.close()
    program.engine.dispose()


@pytest_asyncio.fixture(loop_scope="package")
async def page(browser: Browser, options: dict[str, Any]) -> AsyncIterator[Page]:
    wanted: dict[str, Any] = {"locale": "zh-CN", "java_script_enabled": False} | options
    context = await browser.new_context(**wanted)
    context.set_default_timeout(PATIENCE)
    page = await context.new_page()
    complaints: list[str] = []
    page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
    yield page
    await context.close()
    assert [line for line in complaints if "404" not in line] == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "options",
    [
        pytest.param(
            PHONE | {"java_script_enabled": True, "color_scheme": scheme, "locale": locale}, id=f"{scheme} {locale}"
        )
        for scheme, locale in (("light", "zh-CN"), ("dark", "en-GB"))
    ]
    + [pytest.param({"viewport": {"width": 280, "height": 500}, "java_script_enabled": True}, id="small")],
)
async def test_every_page_can_be_read_and_tapped(page: Page, address: str) -> None:
    for path in PAGES:
        await page.goto(address + path)
        assert [line for line in await page.evaluate(CONTRASTS) if line[0] < 4.5] == [], path
        assert await page.evaluate(WIDER_THAN_THE_SCREEN) == [], path
        assert await page.evaluate(SMALL_TARGETS) == [], path
        assert await page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)") >= 20


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_resident_without_scripts_reads_on_and_downloads(page: Page, address: str) -> None:
    await page.goto(address)
    await page.get_by_role("link", name="征集公告").tap()
    await expect(page.get_by_role("heading", name="征集公告")).to_be_visible()
    picture = page.get_by_role("img", name="公告图片：海报.jpg")
    await expect(picture).to_have_js_property("naturalWidth", 64)
    async with page.expect_download() as downloading:
        await page.get_by_role("link", name="很长的名字").tap()
    saved = await (await downloading.value).path()
    assert await asyncio.to_thread(saved.read_bytes) == PAPER
    await page.get_by_role("link", name="公告榜").tap()
    await expect(page.get_by_role("heading", name="最新公告")).to_be_visible()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("options", [{}])
async def test_the_wall_is_one_sheet_of_paper_with_everything_on_it(page: Page, address: str) -> None:
    await page.goto(f"{address}/print")
    paper = await page.pdf(prefer_css_page_size=True)
    assert re.findall(rb"/Count (\d+)", paper) == [b"1"]
    # A4 between its margins, in pixels of 1/96 inch.
    await page.set_viewport_size({"width": 680, "height": 1001})
    await page.emulate_media(media="print")
    await expect(page.locator(".notices li")).to_have_count(ON_WALL)
    await expect(page.locator(".notices li").last.locator(".beginning")).to_be_in_viewport(ratio=1)
    foot = await page.locator("footer").bounding_box()
    last = await page.locator(".notices li").last.bounding_box()
    assert foot
    assert last
    assert last["y"] + last["height"] <= foot["y"]
    assert foot["y"] + foot["height"] <= 1001
    await expect(page.locator("footer svg")).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("options", [{}])
async def test_on_paper_there_is_nothing_to_tap(page: Page, address: str) -> None:
    await page.emulate_media(media="print")
    for path in ("", "/3"):
        await page.goto(address + path)
        await expect(page.locator(".screen").first).to_be_hidden()
        await expect(page.locator("footer svg")).to_be_visible()
