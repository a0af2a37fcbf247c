"""A resident proposes something on the page, and the whole program answers."""

import io
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from PIL import Image
from playwright.async_api import FilePayload, Locator, Page, expect

from bot.demo.places import cells_of
from bot.web import web_app
from tests.bot.program_stage import Township, running, settings_for
from tests.browser.conftest import PHONE, Visit
from tests.web_chat_double import WebServer

pytestmark = [
    pytest.mark.asyncio(loop_scope="package"),
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]
HERE = {"latitude": 29.00275, "longitude": 124.003}  # the middle of the first cell of the invented township


@pytest_asyncio.fixture(loop_scope="package")
async def server(database_url: str, tmp_path: Path) -> AsyncIterator[WebServer]:
    township = Township(database_url)
    assert township.areas.locate(HERE["latitude"], HERE["longitude"]) == [township.cell(cells_of(0)[0])]
    served = WebServer()
    async with running(settings_for(tmp_path, database_url)) as program:
        await served.open(web_app(program))
        yield served
        await served.close()
    township.close()


def _photo(color: str) -> FilePayload:
    content = io.BytesIO()
    Image.new("RGB", (320, 200), color).save(content, "JPEG")
    return {"name": "路灯.jpg", "mimeType": "image/jpeg", "buffer": content.getvalue()}


def _last(page: Page) -> Locator:
    return page.locator(".theirs").last


async def _tap(page: Page, label: str) -> None:
    await page.locator(".choices:not(.old)").get_by_role("button", name=label).tap()


@pytest.mark.parametrize("options", [PHONE | {"permissions": ["geolocation"], "geolocation": HERE}])
async def test_a_suggestion_with_a_place_and_two_photos(visit: Visit) -> None:
    page = await visit.open()
    await _tap(page, "提建议")
    await expect(_last(page)).to_contain_text("您想提什么建议")
    await page.get_by_label("输入消息").fill("卫生所门口的路灯坏了三盏，晚上看不清路。")
    await page.get_by_role("button", name="发送").tap()
    await expect(_last(page)).to_contain_text("在哪里")
    await page.get_by_role("button", name="位置").tap()
    await expect(_last(page)).to_contain_text("有照片吗")
    await page.locator("#photo-input").set_input_files([_photo("#7a9a6a"), _photo("#9a7a6a")])
    await expect(_last(page)).to_contain_text("已收到 2 张照片")
    await expect(page.get_by_text("已收到 1 张照片")).to_have_count(0)
    await expect(page.locator(".mine:has(img) + .mine:has(img) + .theirs")).to_contain_text("已收到 2 张照片")
    await _tap(page, "好了")
    await expect(_last(page)).to_contain_text("这条建议报给谁")
    await _tap(page, "云溪镇人大")
    await expect(_last(page)).to_contain_text("地点：杨柳村 第一网格\n照片：2 张")
    await _tap(page, "提交")
    await expect(_last(page)).to_contain_text("编号是")
    await page.reload()
    await expect(page.locator(".mine:has(img) + .mine:has(img) + .theirs")).to_contain_text("已收到 2 张照片")
    await expect(page.locator(".mine img").last).to_have_js_property("naturalWidth", 320)
