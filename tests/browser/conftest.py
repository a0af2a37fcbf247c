"""The web chat's page in a real browser, against a real server with a bot that echoes."""

import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from bot.channels.webchat import WebChatSettings
from tests.web_chat_double import EchoBot, Server, WebServer, running

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--host-resolver-rules=MAP chat.test 127.0.0.1",  # an address that is neither https nor this machine's own name
)
PATIENCE = 15_000  # milliseconds, for machines that are busy with other tests
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
DESKTOP = {"viewport": {"width": 1280, "height": 800}}


def _chromium() -> str:
    if found := next(filter(None, map(shutil.which, NAMES)), None):
        return found
    remedy = "no Chromium: apt-get install chromium"
    if os.environ.get("MINSHENG_TEST_REQUIRES_BROWSER") == "1":
        pytest.fail(remedy)
    pytest.skip(remedy)


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def browser() -> AsyncIterator[Browser]:
    executable = _chromium()
    # As root, Chromium's own sandbox cannot start.
    flags = [*FLAGS, "--no-sandbox"] if os.geteuid() == 0 else list(FLAGS)
    expect.set_options(timeout=PATIENCE)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable, args=flags)
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="package")
async def bot(tmp_path: Path) -> EchoBot:
    return EchoBot(tmp_path)


@pytest.fixture
def settings() -> WebChatSettings:
    """The channel's; a test overrides it by parametrising `settings`."""
    return WebChatSettings()


@pytest_asyncio.fixture(loop_scope="package")
async def server(bot: EchoBot, settings: WebChatSettings) -> AsyncIterator[Server]:
    async with running(bot, settings) as server:
        yield server


class Visit:
    """A person with a browser: `open` gives the chat in a new tab. What a page complains about fails the test."""

    def __init__(self, context: BrowserContext, server: WebServer) -> None:
        self.context = context
        self.server = server
        self.complaints: list[str] = []

    async def open(
        self, query: str = "", host: str = "127.0.0.1", before: Callable[[Page], Awaitable[None]] | None = None
    ) -> Page:
        page = await self.context.new_page()
        if before:
            await before(page)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda line: self.complaints.append(line.text) if line.type == "error" else None)
        await page.goto(f"http://{host}:{self.server.port}/chat{query}")
        return page


@pytest.fixture
def options() -> dict[str, Any]:
    """What the browser's context is made with; a test overrides it by parametrising `options`."""
    return dict(PHONE)


@pytest_asyncio.fixture(loop_scope="package")
async def visit(browser: Browser, server: WebServer, options: dict[str, Any]) -> AsyncIterator[Visit]:
    context = await browser.new_context(**({"locale": "zh-CN"} | options))
    context.set_default_timeout(PATIENCE)
    visit = Visit(context, server)
    yield visit
    await context.close()
    assert [line for line in visit.complaints if "ERR_CONNECTION_REFUSED" not in line] == []
