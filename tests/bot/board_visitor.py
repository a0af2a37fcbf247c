"""Somebody who reads the public board over HTTP."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.web import web_app
from bot.wiring import Program
from storage.areas import load_index
from storage.database import open_database, transaction
from storage.store import Store
from tests.bot.channels.web_visitor import HOST
from tests.bot.program_stage import settings_for
from tests.conversing import NOW
from tests.settlement import Settlement, settle

sqlite_only = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
PUBLIC_URL = "https://bot.example"
EVIL = "<script>alert(1)</script>&\"'{{7*7}}"


@dataclass
class Visitor:
    """Somebody whom nobody knows, before the boards of the settlement."""

    program: Program
    place: Settlement
    http: httpx.AsyncClient

    @asynccontextmanager
    async def office(self) -> AsyncIterator[Store]:
        """What happens meanwhile."""
        with transaction(self.program.engine) as unit:
            yield Store(unit, NOW, load_index(unit))

    async def get(self, path: str = "", language: str = "zh-CN", **more: Any) -> httpx.Response:
        return await self.http.get(f"/board{path}", headers={"accept-language": language}, **more)

    async def reads(self, path: str = "", language: str = "zh-CN") -> str:
        """The words of a page, without its marks."""
        answer = await self.get(path, language)
        assert answer.status_code == 200, answer.text
        return words_of(answer)

    def at(self, number: int | str) -> str:
        return f"/{self.place.congress}/{number}"


def words_of(answer: httpx.Response) -> str:
    seen = re.sub(r"(?s)<(style|title|svg)\b.*?</\1>", "", answer.text)
    return unescape(re.sub(r"<[^>]*>", "", seen))


def links_of(answer: httpx.Response) -> list[str]:
    return [unescape(link) for link in re.findall(r'<a href="([^"]*)"', answer.text)]


@asynccontextmanager
async def visiting(database_url: str, folder: Path) -> AsyncIterator[Visitor]:
    engine = open_database(database_url)
    with transaction(engine) as unit:
        place = settle(Store(unit, NOW, load_index(unit)))
    engine.dispose()
    # Not started, for what is to be sent would be sent.
    program = Program(settings_for(folder, database_url, public_url=PUBLIC_URL))
    transport = httpx.ASGITransport(web_app(program))
    async with httpx.AsyncClient(transport=transport, base_url=f"http://{HOST}") as http:
        yield Visitor(program, place, http)
    program.engine.dispose()
