"""The whole program in this process, and the people who use it: in the web chat, and on Telegram's stand-in."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import Engine
from starlette.routing import Mount
from starlette.types import ASGIApp

from bot.clock import wall_clock
from bot.demo.seed import seed
from bot.settings import Settings, TelegramSettings
from bot.web import web_app
from bot.wiring import Program
from storage.area_index import AreaIndex
from storage.areas import load_index
from storage.database import open_database, transaction
from storage.domain.areas import Area
from storage.domain.roles import Role
from storage.store import Store
from tests.bot.channels.telegram_stage import served
from tests.bot.channels.web_visitor import HOST, Frame, Page, Visitor
from tests.bot_api import BotApiStandIn, Person, Received

PATIENCE = 20.0  # seconds that anybody waits for an answer; a busy machine needs one


def settings_for(folder: Path, database_url: str = "", **more: Any) -> Settings:
    """Settings of a program of its own, whatever the environment says."""
    telegram = more.pop("telegram", TelegramSettings())
    url = database_url.replace("postgresql+psycopg", "postgresql") or f"sqlite:///{folder / 'minsheng.db'}"
    return Settings(data_dir=folder, database_url=url, telegram=telegram, log_level="debug", **more)


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[Program]:
    """The program from start to stop, served on a port of its own where Telegram is to reach it."""
    program = Program(settings)
    await program.start()
    try:
        yield program
    finally:
        await program.stop()


@asynccontextmanager
async def listening(program: Program, listener: socket.socket) -> AsyncIterator[None]:
    """Serve the program's pages and webhooks on a real port."""
    async with served([Mount("/", app=web_app(program))], listener):
        yield


class Township:
    """The demo's township in a database, for looking and preparing."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine: Engine = open_database(url)
        seed(self.engine, wall_clock)
        self.areas = self.reading(lambda store: store.areas)

    def reading(self, look: Callable[[Store], Any]) -> Any:
        """What `look` sees; it may prepare something, too."""
        with transaction(self.engine) as unit:
            return look(Store(unit, wall_clock(), load_index(unit)))

    def cell(self, code: str) -> Area:
        index: AreaIndex = self.areas
        found = index.by_code(code)
        assert found
        return found

    def invitation(self, role: Role) -> str:
        """A code for somebody of the township's congress who has that role and is not enrolled yet."""

        def invite(store: Store) -> str:
            congress = store.congresses.all()[0].id
            return store.people.invite(store.people.without_account(congress, role)[0])

        return str(self.reading(invite))

    def close(self) -> None:
        self.engine.dispose()


class Browser(Visitor):
    """A browser that knows the whole program, not only its chat."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app  # type: ignore[assignment]  # any application will do
        self.http = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=f"http://{HOST}")


class WebPerson:
    """Somebody at an open page of the web chat."""

    def __init__(self, page: Page, told: Sequence[Frame] = ()) -> None:
        self.page = page
        self.told = list(told)
        self._count = 1000 * len(self.told)  # another page counts on from elsewhere

    def does(self, **frame: Any) -> None:
        self._count += 1
        self.page.send({"id": f"m{self._count}", **frame})

    def says(self, text: str) -> None:
        self.does(type="text", text=text)

    def starts(self, payload: str = "") -> None:
        self.does(type="start", payload=payload)

    def taps(self, label: str) -> None:
        """Tap the newest button whose label holds these words."""
        self.does(type="choice", value=self.button(label))

    def button(self, label: str) -> str:
        choices = [choice for frame in reversed(self.told) for choice in frame["choices"]]
        return str(next(choice["value"] for choice in choices if label in choice["label"]))

    async def hears(self, words: str) -> Frame:
        """The next message of the bot that holds these words; everything up to it is kept in `told`."""
        try:
            async with asyncio.timeout(PATIENCE):
                while True:
                    frame = await self.page.receive()
                    if frame["type"] == "message" and not frame["mine"]:
                        self.told.append(frame)
                        if words in frame["text"]:
                            return frame
        except TimeoutError:
            last = [frame["text"] for frame in self.told[-3:]]
            raise AssertionError(f"never heard {words!r}; last {last}") from None


@asynccontextmanager
async def at_page(browser: Browser, query: str = "") -> AsyncIterator[WebPerson]:
    """Somebody opens the page, for the first time or again."""
    await browser.come()
    async with browser.page(query) as page:
        yield WebPerson(page)


class TelegramPerson:
    """Somebody on Telegram; waits without holding up the loop."""

    def __init__(self, platform: BotApiStandIn, chat_id: int) -> None:
        self.person: Person = platform.person(chat_id)
        self._read = 0

    def says(self, text: str) -> None:
        self.person.says(text)

    def taps(self, label: str) -> None:
        """Tap the button of the last message whose label holds these words."""
        self.person.taps(next(button.text for button in self.person.buttons if label in button.text))

    async def hears(self, words: str) -> Received:
        """The next message of the bot that holds these words."""
        found = await asyncio.to_thread(self.person.wait_for, words, after=self._read, timeout=PATIENCE)
        self._read = self.person.inbox.index(found) + 1
        return found
