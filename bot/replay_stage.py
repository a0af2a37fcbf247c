"""The program as replayed messages find it: its clock stands still until it is moved, and whatever is sent is noted."""

import asyncio
from collections.abc import Callable, Collection, Container, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import datetime, timedelta
from math import inf
from pathlib import Path
from typing import Self, TypeVar

from starlette.routing import BaseRoute

from bot.channels.base import Failure, Fetched, FetchRefused, Limits, NotSent, Outcome, Receive, Sent
from bot.channels.telegram import Telegram
from bot.channels.webchat import WebChat
from bot.channels.wechat_response import capabilities
from bot.channels.wechat_settings import NAME as WECHAT
from bot.settings import Settings
from bot.wiring import Program
from handlers.messages import Capabilities, Inbound, Outbound, Received
from storage.database import Unit, reading

T = TypeVar("T")
CAPABILITIES: Mapping[str, Capabilities] = {
    WebChat.name: WebChat.capabilities,
    Telegram.name: Telegram.capabilities,
    WECHAT: replace(capabilities(active=True), windows=False),  # there is no platform that opens or closes any
}
Account = tuple[str, str]  # channel, the platform's id of the person
LEASE_IS_OVER = timedelta(minutes=1)


class ReplayChannel:
    """Stands in for a platform: what is sent is noted in `sent`, in order; files are read from this machine's disk.

    Only who takes part in the replay can be reached; what waits for others goes on waiting.
    """

    limits = Limits(per_second=inf, chat_interval=0.0)

    def __init__(self, name: str, accounts: Container[Account], sent: list[Outbound]) -> None:
        self.name = name
        self.capabilities = CAPABILITIES[name]
        self._accounts, self._sent = accounts, sent

    async def send(self, message: Outbound) -> Outcome:
        if (self.name, message.address) not in self._accounts:
            return NotSent(Failure.ABSENT)
        self._sent.append(message)
        return Sent()

    async def fetch(self, platform_id: str) -> Fetched:
        try:
            return Fetched(await asyncio.to_thread(Path(platform_id).read_bytes))
        except OSError as error:
            raise FetchRefused from error

    def present(self) -> Collection[str]:
        return ()

    def routes(self) -> list[BaseRoute]:
        return []

    async def start(self, receive: Receive) -> None:
        """Nothing to receive: messages are handed in by who replays them."""

    async def stop(self) -> None:
        """Nothing to stop."""

    async def close(self) -> None:
        """Nothing to close."""

    async def check(self) -> list[str]:
        return []


class Stage(AbstractAsyncContextManager["Stage"]):
    """Where replayed messages are acted on. Use it as a context manager.

    The clock goes on only between two calls of `play`, when nothing is in hand any more. What is said to
    `participants` is there to be `taken`.
    """

    def __init__(self, settings: Settings, begins: datetime, participants: Container[Account]) -> None:
        self.now = begins
        self._sent: list[Outbound] = []
        channels = {name: ReplayChannel(name, participants, self._sent) for name in CAPABILITIES}
        alone = settings.model_copy(update={"redis_url": ""})
        self._program = Program(alone, clock=lambda: self.now, channels=channels)

    async def __aenter__(self) -> Self:
        self._program.writer.start()
        self._program.sender.start()
        self._program.files.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.quiet()
        await self._program.files.stop()
        await self._program.sender.stop()
        await self._program.writer.stop()
        self._program.engine.dispose()

    def move(self, to: datetime) -> None:
        """Let the clock go on; it never goes back."""
        self.now = max(self.now, to)

    async def play(self, batch: Sequence[Inbound]) -> list[Received]:
        """Hand messages in at the same time, and wait until all that follows from them has gone out."""
        received = await asyncio.gather(*(self._program.receive(inbound) for inbound in batch))
        await self.quiet()
        return received

    def taken(self) -> list[Outbound]:
        """What was sent since we asked last, in order."""
        sent = self._sent.copy()
        self._sent.clear()
        return sent

    async def quiet(self) -> None:
        """Wait until nothing is in hand."""
        await self._program.settled()
        await self._program.files.quiet()
        await self._program.settled()
        await self._program.sender.quiet()

    async def finish(self) -> None:
        """Send what a run that was killed before had in hand."""
        self.move(self.now + LEASE_IS_OVER)
        self._program.sender.wake((name, 0) for name in CAPABILITIES)
        await self.quiet()

    def read(self, what: Callable[[Unit], T]) -> T:
        """Something from the database, as it stands now."""
        with reading(self._program.engine) as unit:
            return what(unit)
