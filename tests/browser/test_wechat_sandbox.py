"""Somebody plays a resident's WeChat in the sandbox's page, with the real program behind it."""

import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, FilePayload, Page, expect
from starlette.routing import Mount

from tests.bot.channels.contract_acts import PICTURE
from tests.bot.channels.telegram_stage import served
from tests.browser.conftest import PHONE
from tests.browser.test_looks import CONTRASTS, SMALL_TARGETS, WIDER_THAN_THE_SCREEN
from tests.kept_logs import kept_logs
from tests.wechat_api import WeChatStandIn
from tests.wechat_sandbox.pages import Pages
from tests.wechat_sandbox.sandbox import Sandbox

pytestmark = pytest.mark.asyncio(loop_scope="package")


@pytest_asyncio.fixture(loop_scope="package")
async def address(tmp_path: Path) -> AsyncIterator[str]:
    with kept_logs(), WeChatStandIn() as stand_in, Sandbox(tmp_path, stand_in) as sandbox:
        await sandbox.start()
        listener = socket.create_server(("127.0.0.1", 0))
        async with served([Mount("/", app=Pages(sandbox).app())], listener):
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        assert stand_in.violations == []


async def _looks_right(page: Page) -> None:
    assert await page.evaluate(WIDER_THAN_THE_SCREEN) == []
    assert await page.evaluate(SMALL_TARGETS) == []
    assert [found for found in await page.evaluate(CONTRASTS) if found[0] < 4.5] == []


async def test_a_resident_is_played_on_a_telephone(browser: Browser, address: str) -> None:
    options: dict[str, Any] = dict(PHONE)
    context = await browser.new_context(**options)
    page = await context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
    heard, panel = page.locator(".message.account"), page.locator("#panel")
    await page.goto(address)

    await page.get_by_role("button", name="沙盒").tap()
    await expect(panel).to_be_visible()
    await _looks_right(page)
    await panel.get_by_role("button", name="关注", exact=True).tap()
    await expect(panel).to_be_hidden()
    await expect(heard.last).to_contain_text("您好，这里是民声")

    await page.get_by_role("button", name="看进展").tap()
    await expect(page.get_by_role("button", name="公告")).to_be_visible()
    await _looks_right(page)
    await page.get_by_role("button", name="提建议", exact=True).tap()
    await expect(page.get_by_role("button", name="公告")).to_be_hidden()
    await expect(heard.last).to_contain_text("您想提什么建议")

    await page.get_by_role("button", name="打字").tap()
    await page.get_by_label("输入消息").fill("村口的路坑坑洼洼\n下雨天出门一身泥")
    await page.get_by_role("button", name="发送").tap()
    await page.get_by_role("button", name="照片、位置").tap()
    await page.get_by_role("button", name="位置：").first.tap()
    await expect(heard.last).to_contain_text("有照片吗")
    await page.locator("#file").set_input_files(FilePayload(name="a.png", mimeType="image/png", buffer=PICTURE))
    await expect(page.get_by_role("img", name="照片")).to_be_in_viewport()
    await _looks_right(page)

    await page.get_by_role("button", name="沙盒").tap()
    await panel.get_by_role("button", name="已认证").tap()
    await expect(page.locator("h1")).to_contain_text("服务号，已认证")
    await expect(page.get_by_role("img", name="照片")).to_be_visible()
    await page.get_by_role("button", name="沙盒").tap()
    await _looks_right(page)
    await panel.get_by_role("button", name="建议进展：允许").tap()
    await expect(page.locator(".note").last).to_have_text("打开了授权页，点了“允许”")
    await page.get_by_role("button", name="沙盒").tap()
    await panel.get_by_role("button", name="代表之家").tap()
    await expect(heard.last).to_contain_text("您想提什么建议")

    assert complaints == []
    await context.close()
