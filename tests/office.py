"""What the office works with in tests: its town, its proposals, and the files that come and go."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Engine

from bot.attachments import FileKeeper
from bot.channels.base import Channel, Fetched
from handlers.dispatch import Dispatched
from handlers.messages import Attachment, Kind
from storage.database import Unit, transaction
from storage.domain.categories import Category
from storage.proposals import New, Source
from tests.conversing import Person, Town
from tests.settlement import Settlement, on, second_congress

T = TypeVar("T")


class Platform:
    """The part of a channel that files come from: what was put there, or what is raised instead."""

    def __init__(self) -> None:
        self.files: dict[str, bytes | Exception] = {}
        self.asked: list[str] = []
        self.gate = asyncio.Event()
        self.gate.set()

    async def fetch(self, platform_id: str) -> Fetched:
        self.asked.append(platform_id)
        await self.gate.wait()
        content = self.files[platform_id]
        if isinstance(content, Exception):
            raise content
        return Fetched(content)


@dataclass
class Office:
    """王芳's office in the settlement. `platform` is where files of the channel "tap" are fetched from."""

    town: Town
    place: Settlement
    platform: Platform
    folder: Path
    done: list[Dispatched] = field(default_factory=list)

    @cached_property
    def clerk(self) -> Person:
        return self.town.person("staff")

    @property
    def congress(self) -> int:
        return self.place.congress

    def county_congress(self) -> int:
        with self.town.store() as store:
            return second_congress(store, self.place)

    def resident(self, account: str, name: str = "", telephone: str = "") -> int:
        """Somebody who can be written to."""
        with self.town.store() as store:
            person = store.people.add(name, telephone)
            store.people.add_account(person, "tap", account, account)
        return person

    def proposal(self, body: str, author: int | None = None, cell: str = "", congress: int = 0) -> int:
        """The number of a new proposal; `cell` is a code."""
        with self.town.store() as store:
            cycle = store.congresses.current_cycle(congress or self.congress)
            area = store.areas.by_code(cell)
            assert cycle
            new = New(
                congress_id=congress or self.congress,
                cycle_id=cycle.id,
                body=body,
                category=Category.OTHER,
                cell_id=area.id if area else None,
                located_how="text" if area else "open",
                source=Source.CHAT,
                authors=(author,) if author else (),
            )
            return store.proposals.add(new)

    # --- files

    async def do(self, work: Callable[[Unit], T], /) -> T:
        """What the writer does."""
        with transaction(self.town.engine) as unit:
            return work(unit)

    def keeper(self, **options: Any) -> FileKeeper:
        channels: Mapping[str, Channel] = {"tap": self.platform}  # type: ignore[dict-item]  # it only fetches
        usual: dict[str, Any] = {
            "data_dir": self.folder,
            "clock": lambda: self.town.now,
            "engine": self.town.engine,
            "areas": lambda _: self.town.areas,
            "on_done": self._hear,
        }
        return FileKeeper(self.do, channels, **(usual | options))

    def _hear(self, done: Dispatched) -> None:
        self.done.append(done)
        self.begin_prompts(done.prompted)

    def begin_prompts(self, people: set[int]) -> None:
        """What the program does about prompts, until no more follow."""
        while people:
            with transaction(self.town.engine) as unit:
                people = self.town.dispatcher.begin_prompts(unit, sorted(people)).prompted

    def sends_file(self, person: Person, content: bytes | Exception, name: str = "台账.xlsx") -> list[str]:
        """What the person hears who sends a document; it waits on the platform."""
        platform_id = f"f{len(self.platform.files) + 1}"
        self.platform.files[platform_id] = content
        return person.does(person.message(Kind.DOCUMENT, attachments=(Attachment(Kind.DOCUMENT, platform_id, name),)))


def open_office(engine: Engine, folder: Path) -> Office:
    """Set everything up in an empty database."""
    place = on(engine)
    return Office(Town(engine), place, Platform(), folder)


async def until(condition: Callable[[], bool]) -> None:
    """Let everything else go on until something is so; ten seconds at most."""
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110  # what is waited for stands in the database, which tells nobody
            await asyncio.sleep(0.002)
