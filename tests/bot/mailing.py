"""Mail that waits for invented people, a channel that does as it is told, and senders that run in virtual time."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from math import inf
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, select
from starlette.routing import BaseRoute

from bot.channels.base import Fetched, Limits, Outcome, Receive, Sent
from bot.sender import Delivery, Sender
from bot.sent_log import SentLog
from bot.writer import Writer
from handlers.messages import Capabilities, File, Outbound
from storage.arrivals import Arrivals, Letter
from storage.audit import Actor, Audit
from storage.database import reading, transaction
from storage.people import People
from storage.tables import accounts, messages, outbox
from tests.conversing import BUTTONS, Town
from tests.virtual_time import BEGAN, VirtualClock


@dataclass
class Puppet:
    """A channel that sends nothing. `takes` is how many seconds a send takes; `answers` says by text how sends end,
    one after another, `Sent` when there are no more."""

    name: str = "tap"
    capabilities: Capabilities = BUTTONS
    limits: Limits = field(default_factory=lambda: Limits(per_second=inf, chat_interval=0.0))
    takes: float = 0.0
    answers: dict[str, list[Outcome | Exception]] = field(default_factory=dict)
    connected: set[str] = field(default_factory=set)
    left: list[tuple[float, Outbound]] = field(default_factory=list)
    in_hand: set[str] = field(default_factory=set)
    clashes: list[str] = field(default_factory=list)  # chats that two wrote to at once

    @property
    def texts(self) -> list[str]:
        return [message.text for _, message in self.left]

    @property
    def moments(self) -> list[float]:
        """Seconds since the beginning."""
        return [moment for moment, _ in self.left]

    def at(self, text: str) -> list[float]:
        return [moment for moment, message in self.left if message.text == text]

    async def send(self, message: Outbound) -> Outcome:
        self.left.append((asyncio.get_running_loop().time(), message))
        self.clashes += [message.address] if message.address in self.in_hand else []
        self.in_hand.add(message.address)
        try:
            await asyncio.sleep(self.takes)
        finally:
            self.in_hand.discard(message.address)
        outcome = self.answers[message.text].pop(0) if self.answers.get(message.text) else Sent(f"p-{message.key}")
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def present(self) -> Collection[str]:
        return self.connected

    def routes(self) -> list[BaseRoute]:
        return []

    async def start(self, receive: Receive) -> None:
        raise NotImplementedError

    async def stop(self) -> None:
        raise NotImplementedError

    async def close(self) -> None:
        raise NotImplementedError

    async def fetch(self, platform_id: str) -> Fetched:
        raise NotImplementedError

    async def check(self) -> list[str]:
        raise NotImplementedError


def limited(per_second: float, chat_interval: float = 0.0, *, takes: float = 0.0) -> Puppet:
    """A channel that may send so much in a second, and to one chat only after so many seconds."""
    return Puppet(limits=Limits(per_second, chat_interval), takes=takes)


@dataclass
class Mail:
    """A database with people in it, and what waits for them."""

    engine: Engine
    folder: Path
    town: Town = field(init=False)
    writer: Writer = field(init=False)  # of the replica that was started last
    ids: dict[tuple[str, str], int] = field(default_factory=dict)
    deliveries: list[Delivery] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.town = Town(self.engine)
        self.on_sent: Callable[[Delivery], None] = self.deliveries.append

    @asynccontextmanager
    async def replica(
        self, *channels: Puppet, files: dict[int, File | Exception] | None = None
    ) -> AsyncIterator[Sender]:
        """A running sender with a writer of its own; both are stopped at the end."""
        writer = Writer(self.engine, self.town.dispatcher, threads=1, on_done=lambda done: sender.wake(done.mail))
        clock, self.writer = VirtualClock(), writer

        async def ready(attachment_id: int) -> File | None:
            made = (files or {})[attachment_id]
            if isinstance(made, Exception):
                raise made
            return made

        named = {channel.name: channel for channel in channels}
        sent_log = SentLog(self.folder)
        sender = Sender(writer, named, clock=clock, ready=ready, on_sent=self.on_sent, sent_log=sent_log)
        writer.start()
        sender.start()
        try:
            yield sender
        finally:
            await sender.stop()
            await writer.stop()
            sent_log.close()
        assert not any(channel.clashes for channel in channels)

    def account(self, external_id: str, channel: str = "tap") -> int:
        """The account's id; its person is made at the first call."""
        key = channel, external_id
        if key not in self.ids:
            with transaction(self.engine) as unit:
                people = People(unit, BEGAN, Audit(unit, BEGAN, Actor()))
                self.ids[key] = people.add_account(people.add(), channel, external_id, external_id)
        return self.ids[key]

    def post(
        self, external_id: str, *texts: str, priority: int = 0, channel: str = "tap", at: datetime = BEGAN, **more: Any
    ) -> list[tuple[str, int]]:
        """Put texts into the outbox, as a commit does; gives what a sender is woken with."""
        account = self.account(external_id, channel)
        with transaction(self.engine) as unit:
            person = unit.read(select(accounts.c.person_id).where(accounts.c.id == account)).scalar_one()
            letters = [Letter(channel, account, person, text, priority=priority, **more) for text in texts]
            Arrivals(unit, at).post(letters)
        return [(channel, account)]

    def states(self) -> dict[str, str]:
        """What became of each text."""
        return {text: row.state for text, row in self.rows().items()}

    def rows(self) -> dict[str, Any]:
        """The outbox row of each text."""
        with reading(self.engine) as unit:
            found = unit.read(select(messages.c.text, outbox).join(messages, messages.c.id == outbox.c.message_id))
            return {row.text: row for row in found}

    def unreachable(self, external_id: str) -> str | None:
        """Why a person cannot be reached; None when they can."""
        with reading(self.engine) as unit:
            row = unit.read(
                select(accounts.c.unreachable_since, accounts.c.unreachable_reason).where(
                    accounts.c.external_id == external_id
                )
            ).one()
            return row.unreachable_reason if row.unreachable_since else None


def most_in_a_second(moments: Sequence[float]) -> int:
    """The largest number of moments in any second."""
    ordered = sorted(moments)
    return max(sum(start <= moment < start + 1 for moment in ordered[at:]) for at, start in enumerate(ordered))
