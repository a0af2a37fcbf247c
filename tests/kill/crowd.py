"""Many residents at once, on Telegram and in the web chat."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from math import inf
from random import Random

import httpx

from bot.channels.webchat_identity import COOKIE
from tests.bot_api import BotApiStandIn, Received
from tests.kill.congress import Cell
from tests.kill.resident import Part, Resident, TelegramResident
from tests.kill.stories import Imagination
from tests.kill.web_resident import WebResident

_FIRST_CHAT = 50_001
_LOOK_EVERY = 0.005  # seconds between two looks into the chats of Telegram


@dataclass(frozen=True, kw_only=True)
class Size:
    """How many people of each channel, and how many stories each of them acts out. Every third one is hasty.

    `per_second` is how many messages all of them write in a second; infinite: as many as are answered.
    """

    on_telegram: int = 12
    on_web: int = 12
    stories: int = 3
    per_second: float = inf

    @property
    def pause(self) -> float:
        """Seconds between two messages of a person, on average."""
        return (self.on_telegram + self.on_web) / self.per_second


class Crowd:
    """`steps` counts the answers that people got so far, of `all_steps` in the end."""

    def __init__(
        self, size: Size, stand_in: BotApiStandIn, web_address: str, cells: Sequence[Cell], chance: Random
    ) -> None:
        self.residents: list[Resident] = []
        self.steps = 0
        self._size, self._stand_in, self._imagination = size, stand_in, Imagination(list(cells), chance)
        self._moments = Random(1)  # its own: the stories do not depend on who is the first to think
        self._http = httpx.AsyncClient(base_url=web_address, trust_env=False, verify=False)
        self._by_chat: dict[int, TelegramResident] = {}
        self._milestones: dict[int, asyncio.Event] = {}
        self._online = AsyncExitStack()

    @property
    def all_steps(self) -> int:
        return sum(len(story.steps) for resident in self.residents for story in resident.stories)

    async def gather(self) -> None:
        """Make everybody known to their channel; those of the web chat open its page and stay on it."""
        for number in range(self._size.on_telegram):
            self._join_telegram(number)
        for number in range(self._size.on_web):
            await self._join_web(number)
        self._looking = asyncio.create_task(self._look_into_chats())

    async def live(self) -> None:
        """Return when everybody has acted out everything and got every answer."""
        async with asyncio.TaskGroup() as group:
            for resident in self.residents:
                group.create_task(resident.live())

    async def reach(self, steps: int) -> None:
        """Wait until people got so many answers."""
        if self.steps < steps:
            await self._milestones.setdefault(steps, asyncio.Event()).wait()

    async def go_home(self) -> None:
        """Close the pages."""
        self._looking.cancel()
        await asyncio.gather(self._looking, return_exceptions=True)
        await self._online.aclose()
        await self._http.aclose()

    def _join_telegram(self, number: int) -> None:
        person = self._stand_in.person(_FIRST_CHAT + number)
        bot_id = int(self._stand_in.token.partition(":")[0])
        resident = TelegramResident(person, bot_id, self._part(number))
        self._by_chat[person.id] = resident
        self.residents.append(resident)

    async def _join_web(self, number: int) -> None:
        cookie = (await self._http.get("/chat")).raise_for_status().cookies[COOKIE]
        self._http.cookies.clear()
        resident = WebResident(self._http, cookie, self._part(number))
        await self._online.enter_async_context(resident.online())
        self.residents.append(resident)

    def _part(self, number: int) -> Part:
        hasty = number % 3 == 2
        stories = list(self._imagination.stories(self._size.stories, hasty=hasty))
        return Part(stories, hasty, self._thinks, self._answered)

    def _thinks(self) -> float:
        return self._moments.expovariate(1 / self._size.pause) if self._size.pause else 0.0

    def _answered(self) -> None:
        self.steps += 1
        if milestone := self._milestones.pop(self.steps, None):
            milestone.set()

    async def _look_into_chats(self) -> None:
        """Show people what came. They do not sleep on the stand-in's lock: each would need a thread."""
        seen = 0
        while True:
            fresh: Sequence[Received] = self._stand_in.messages[seen:]
            for message in fresh:
                self._by_chat[message.chat_id].take(message.text)
            seen += len(fresh)
            await asyncio.sleep(_LOOK_EVERY)
