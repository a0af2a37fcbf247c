"""Everything put together: one object that starts and stops the program."""

import asyncio
import secrets
from collections.abc import Coroutine, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import structlog

from bot.attachments import FileKeeper
from bot.channels.base import Channel
from bot.channels.telegram import Telegram
from bot.channels.telegram_drivers import driver_for
from bot.channels.webchat import WebChat
from bot.channels.webchat_frames import Shown
from bot.coordination import Coordination, OnlyOne
from bot.metrics import Metrics
from bot.sender import Sender
from bot.settings import Settings
from bot.writer import Writer
from handlers.catalogue import ROUTES
from handlers.dispatch import Dispatched, Dispatcher
from handlers.flood import Flood
from handlers.messages import Choice, File, Inbound, Kind, Received
from scheduler.jobs.begin_prompts import begin_prompts
from scheduler.jobs.expire_conversations import EXPIRE_CONVERSATIONS
from scheduler.jobs.forget_runs import FORGET_RUNS
from scheduler.jobs.tidy_files import tidy_files
from scheduler.runner import Runner
from storage.area_index import AreaIndex
from storage.areas import load_index, revision
from storage.database import AnyRow, Clock, Unit, open_database, reading
from storage.messages import Messages

WRITERS_ON_POSTGRESQL = 4
# What Telegram shows beside the input field.
COMMANDS = (("suggest", "提建议"), ("mine", "我的建议"), ("support", "邻居的建议"), ("menu", "菜单"), ("help", "帮助"))

log = structlog.get_logger(__name__)


def wall_clock() -> datetime:
    return datetime.now(UTC)


class AreaMemory:
    """The tree of areas, read again when any replica has changed it."""

    def __init__(self) -> None:
        self._index: AreaIndex | None = None

    def __call__(self, unit: Unit) -> AreaIndex:
        if self._index is None or self._index.revision != revision(unit):
            self._index = load_index(unit)
        return self._index


class Program:
    """The running bot, but for the web server that `routes` of its channels are served by."""

    def __init__(self, settings: Settings, *, clock: Clock = wall_clock) -> None:
        self.settings, self.clock = settings, clock
        self.engine = open_database(settings.database, pool_size=WRITERS_ON_POSTGRESQL * 2)
        self.metrics = Metrics()
        self.areas = AreaMemory()
        self.channels: dict[str, Channel] = {}
        self._background: set[asyncio.Task[None]] = set()
        self.web = WebChat(
            secret=own_secret(settings),
            data_dir=settings.data_dir,
            clock=clock,
            history=self._history,
            arrived=lambda account: self._soon_arrived("web", account),
            file_of=self._file_of,
            settings=settings.web,
        )
        self.channels["web"] = self.web
        capabilities = {"web": self.web.capabilities, "telegram": Telegram.capabilities}
        self.dispatcher = Dispatcher(
            clock=clock,
            routes=ROUTES,
            areas=self.areas,
            capabilities=capabilities,
            flood=Flood(settings.messages_per_minute),
            on_fault=self._fault,
        )
        threads = 1 if self.engine.dialect.name == "sqlite" else WRITERS_ON_POSTGRESQL
        self.writer = Writer(self.engine, self.dispatcher, threads=threads, on_done=self._done)
        if settings.telegram.token.get_secret_value():
            self.channels["telegram"] = self._telegram()
        self.files = FileKeeper(
            self.writer.do,
            self.channels,
            data_dir=settings.data_dir,
            clock=clock,
            engine=self.engine,
            areas=self.areas,
            on_done=self._done,
        )
        self.sender = Sender(
            self.writer, self.channels, clock=clock, ready=self.files.ready, on_sent=self.metrics.sent
        )
        self.coordination = Coordination(settings.redis_url, self._mail_elsewhere)
        prompts = begin_prompts(self.dispatcher, self._done)
        jobs = [EXPIRE_CONVERSATIONS, prompts, tidy_files(self.files.store), FORGET_RUNS]
        self.runner = Runner(jobs, self.writer.do, clock)

    def _telegram(self) -> Channel:
        chosen = self.settings.telegram.checked()
        only_one = OnlyOne("telegram", self.writer, self.clock)
        return Telegram(chosen, driver_for(chosen), clock=self.clock, commands=COMMANDS, poll_lease=only_one)

    # --- start and stop

    async def start(self) -> None:
        """Start from the inside out: what writes before what sends, what sends before what receives."""
        self.writer.start()
        self.sender.start()
        self.files.start()
        self.coordination.start()
        for channel in self.channels.values():
            await channel.start(self.receive)
        self.runner.start()

    async def stop(self) -> None:
        """Stop from the outside in, and finish what is in hand."""
        self.runner.stop()
        await asyncio.gather(*(channel.stop() for channel in self.channels.values()))
        await asyncio.gather(*self._background, return_exceptions=True)
        await self.coordination.stop()
        await self.files.stop()
        await self.sender.stop()
        await asyncio.gather(*(channel.close() for channel in self.channels.values()))
        await self.writer.stop()
        self.engine.dispose()

    # --- what happens in between

    async def receive(self, inbound: Inbound) -> Received:
        """The one way in, counted."""
        loop = asyncio.get_running_loop()
        arrived = loop.time()
        received = await self.writer.receive(inbound)
        self.metrics.turned(inbound.channel, received, loop.time() - arrived)
        return received

    def _done(self, done: Dispatched) -> None:
        """After a commit: wake whoever has something to do now."""
        self.sender.wake(done.mail)
        if done.wanted:
            self.files.wake()
        if done.prompted:
            self._soon(self._prompt(sorted(done.prompted)))

    async def _prompt(self, person_ids: Sequence[int]) -> None:
        self._done(await self.writer.do(lambda unit: self.dispatcher.begin_prompts(unit, person_ids)))

    def _fault(self, what: str, error: BaseException) -> None:
        self.metrics.faults.labels(type(error).__name__).inc()
        log.error("handler_fault", where=what)

    def _soon_arrived(self, channel: str, external_id: str) -> None:
        self._soon(self.sender.arrived(channel, [external_id]))

    async def _mail_elsewhere(self, channel: str, external_id: str) -> None:
        if channel in self.channels and external_id in self.channels[channel].present():
            await self.sender.arrived(channel, [external_id])

    def _soon(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    # --- what the web chat reads

    async def _history(self, account: str, after: int, limit: int) -> Sequence[Shown]:
        def read() -> list[Shown]:
            with reading(self.engine) as unit:
                return [_shown(row) for row in Messages(unit, self.clock()).history("web", account, after, limit)]

        return await asyncio.to_thread(read)

    async def _file_of(self, account: str, message_id: int) -> File | None:
        def read() -> int | None:
            with reading(self.engine) as unit:
                row = Messages(unit, self.clock()).file_of("web", account, message_id)
                return row[0] if row else None

        attachment_id = await asyncio.to_thread(read)
        return await self.files.ready(attachment_id) if attachment_id else None


def _shown(row: AnyRow) -> Shown:
    message_id, direction, kind, text, choices, at, key, file = row
    buttons = tuple(Choice(value, label) for value, label in choices or ())
    return Shown(message_id, direction == "in", Kind(kind), text, at, buttons, file, key or "")


def own_secret(settings: Settings) -> bytes:
    """The key that signs cookies: MINSHENG_SECRET, else one of our own kept in DATA_DIR for this machine."""
    if chosen := settings.secret.get_secret_value():
        return chosen.encode()
    path: Path = settings.data_dir / "secret"
    if not path.exists():
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_hex(32))
    return path.read_text().encode()
