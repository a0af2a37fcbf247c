"""One person writes from two channels at the same moment: in the web chat at one replica, on Telegram at the other."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine, select

from bot.clock import wall_clock
from bot.web import web_app
from storage.audit import Actor, Audit
from storage.database import reading, transaction
from storage.people import People
from storage.tables import conversations
from tests.bot.program_stage import PATIENCE, Browser, WebPerson, at_page
from tests.bot_api import BotApiStandIn
from tests.faults.replicas import Replicas, replicas
from tests.kill.congress import found_congress
from tests.kill.verdict import Records, told

_CHAT = 85_001


@dataclass
class Somebody:
    """A person with two accounts. Whatever they write is answered once, where they wrote it."""

    both: Replicas
    page: WebPerson
    platform: BotApiStandIn
    person_id: int
    written: int = 0  # in the web chat
    posted: int = 0  # on Telegram

    async def does(self, on_web: str, on_telegram: str) -> None:
        """Write what there is at the same moment, and wait for the answers."""
        if on_web:
            self.written += 1
            self.page.says(on_web)
        if on_telegram:
            self.posted += 1
            await self.both.post(1, self.platform.person(_CHAT).says(on_telegram))
        while len(self.page.told) < self.written:
            await self.page.hears("")
        await self.platform.wait_until_async(lambda: len(self.platform.messages) >= self.posted, PATIENCE)

    async def round(self, number: int) -> list[str]:
        """Two remarks, which belong together; then they are taken back, here or there. What was not kept of them."""
        said = [f"{channel}上说第{number}段路要修" for channel in ("网页", "手机")]
        await self.does(*said)
        kept = await asyncio.to_thread(self._kept)
        await self.does(*(("取消", "") if number % 2 else ("", "取消")))
        return [] if sorted(kept) == sorted(said) else [f"only {kept} was kept in round {number}"]

    def _kept(self) -> list[str]:
        """What the open conversation holds."""
        with reading(self.both.engine) as unit:
            query = select(conversations.c.state).where(conversations.c.person_id == self.person_id)
            state = unit.read(query).scalar_one()
        return state["arguments"]["text"].split("\n") if state else []

    def wrong(self) -> Iterator[str]:
        """What does not fit in the end."""
        records = Records(self.both.engine)
        yield from records.leftovers()
        if len(records.incoming) != self.written + self.posted:
            yield f"{len(records.incoming)} messages are stored of {self.written + self.posted}"
        heard = {
            "web": [frame["text"] for frame in self.page.told],
            "telegram": [message.text for message in self.platform.messages],
        }
        for channel, texts in heard.items():
            problems, twice = told([row.text for row in records.outgoing if row.channel == channel], texts)
            yield from problems
            if twice:
                yield f"{twice} replies came twice on {channel}"


async def both_at_once(engine: Engine, url: str, folder: Path, rounds: int) -> list[str]:
    """So many times somebody writes from both; whatever is wrong in the end."""
    await asyncio.to_thread(found_congress, url)
    with BotApiStandIn() as platform:
        async with replicas(engine, url, folder, platform) as both:
            browser = Browser(web_app(both.programs[0]))
            async with at_page(browser) as page:
                person = await asyncio.to_thread(_known, engine, browser.account)
                somebody = Somebody(both, page, platform, person)
                problems = [problem for number in range(rounds) for problem in await somebody.round(number)]
                await both.sent()
        return [*problems, *somebody.wrong(), *platform.violations]


def _known(engine: Engine, visitor: str) -> int:
    """Make the person of both accounts."""
    now = wall_clock()
    with transaction(engine) as unit:
        people = People(unit, now, Audit(unit, now, Actor()))
        person = people.add()
        people.add_account(person, "web", visitor, visitor)
        people.add_account(person, "telegram", str(_CHAT), str(_CHAT))
    return person
