"""Everything put together: one object that starts and stops the program."""

import asyncio
import gc
from collections.abc import Coroutine, Mapping, Sequence
from datetime import datetime
from typing import Any

import structlog

from bot.announcer import Announcer
from bot.answers import Answers
from bot.attachments import FileKeeper
from bot.board import NoticePages
from bot.channels.base import Channel, Failure, Massing
from bot.channels.webchat import WebChat
from bot.channels.webchat_frames import Shown
from bot.clock import wall_clock
from bot.coordination import Coordination, OnlyOne, SharedGuard
from bot.mass_sender import MassSender
from bot.metrics import Metrics
from bot.platforms import Ports, capabilities_of, platforms, set_up
from bot.secret import own_secret
from bot.sender import Delivery, Sender
from bot.sent_log import SentLog, left_behind
from bot.settings import Settings
from bot.writer import Writer
from handlers.announcement_messages import AnnouncementMessages
from handlers.catalogue import ROUTES
from handlers.dispatch import Dispatched, Dispatcher
from handlers.flood import Flood
from handlers.messages import Capabilities, Choice, File, Inbound, Kind, Received
from scheduler.jobs.announce import announce
from scheduler.jobs.begin_prompts import begin_prompts
from scheduler.jobs.digest_to_staff import digest_to_staff
from scheduler.jobs.expire_conversations import EXPIRE_CONVERSATIONS
from scheduler.jobs.forget_again import FORGET_AGAIN
from scheduler.jobs.forget_runs import FORGET_RUNS
from scheduler.jobs.owe_explanations import owe_explanations
from scheduler.jobs.remind_rectifications import remind_rectifications
from scheduler.jobs.sum_up_observations import sum_up_observations
from scheduler.jobs.supervise import supervise
from scheduler.jobs.tell_of_faults import tell_of_faults
from scheduler.jobs.tidy_files import tidy_files
from scheduler.jobs.tidy_uploads import tidy_uploads
from scheduler.runner import Job, Runner
from storage.calendar import Calendar, calendar_of
from storage.common_clock import CommonClock
from storage.database import AnyRow, Clock, Unit, open_database, reading
from storage.holders import forget_holder
from storage.memory import Memory
from storage.messages import Messages
from storage.outbox import Outbox, Settled
from storage.store import Store

TIME_KEPT_EVERY = 60.0  # seconds
UNKNOWN_PACE = 1.0  # messages a second, for who makes ready what others send
WRITERS_ON_POSTGRESQL = 2  # one waits for the database while the other works; with more, batches get small

log = structlog.get_logger(__name__)


class Program:
    """The running bot, but for the web server that `routes` of its channels are served by.

    `channels` stand in for those of the settings when messages are replayed. `holder` is who holds its leases: what a
    holder of that name held before is void (see storage.holders).
    """

    def __init__(
        self,
        settings: Settings,
        *,
        clock: Clock = wall_clock,
        channels: Mapping[str, Channel] | None = None,
        holder: str = "",
    ) -> None:
        self.engine = open_database(settings.database, pool_size=WRITERS_ON_POSTGRESQL * 2)
        self._common_clock = CommonClock(clock, self.engine)
        if clock is wall_clock:  # else time goes as somebody says
            clock = self._common_clock
        self.settings, self.clock, self._holder = settings, clock, holder
        self.metrics = Metrics()
        self.memory = Memory(self.engine)
        self._calendar = calendar = calendar_of(settings.working_days)
        self._background: set[asyncio.Task[None]] = set()
        shows, secret = capabilities_of(settings), own_secret(settings.secret.get_secret_value(), settings.data_dir)
        shows |= {name: channel.capabilities for name, channel in (channels or {}).items()}
        self.web = WebChat(
            secret=secret,
            data_dir=settings.data_dir,
            clock=clock,
            history=self._history,
            arrived=lambda account: self._soon_arrived("web", account),
            file_of=self._file_of,
            settings=settings.web,
        )
        self.dispatcher = Dispatcher(
            clock=clock,
            routes=ROUTES,
            memory=self.memory,
            capabilities=shows,
            flood=Flood(settings.messages_per_minute),
            on_fault=self._fault,
            channels=set_up(settings) | set(channels or ()),
            calendar=calendar,
            paces=lambda: {name: channel.limits.per_second for name, channel in self.channels.items()},
            address=settings.address,
        )
        threads = 1 if self.engine.dialect.name == "sqlite" else WRITERS_ON_POSTGRESQL
        self.writer = Writer(self.engine, self.dispatcher, threads=threads, on_done=self._done)
        only_one = OnlyOne("telegram", self.writer, clock, holder=holder)
        if channels is None:
            ports = Ports(only_one, self.metrics.malformed, self._answers, secret, self._fewer_refreshes)
            others = platforms(settings, clock, ports)
            channels = {self.web.name: self.web, **others}
        self.channels = dict(channels)
        paces = {name: channel.limits.per_second for name, channel in self.channels.items()}
        self._paces = paces or dict.fromkeys(set_up(settings), UNKNOWN_PACE)
        self.announcer = Announcer(
            self.writer.do,
            self.engine,
            clock=clock,
            store=self._store,
            capabilities=shows,
            paces=self._paces,
            on_done=self._followed,
            address=settings.address,
            calls=self._masses(shows).go_on,
        )
        self.files = FileKeeper(
            self.writer.do,
            self.channels,
            data_dir=settings.data_dir,
            clock=clock,
            engine=self.engine,
            areas=self.memory.areas,
            on_done=self._done,
            address=settings.address,
        )
        self.board = NoticePages(
            engine=self.engine,
            clock=clock,
            files=self.files.store,
            address=settings.address,
            frame_ancestors=settings.web.frame_ancestors,
        )
        self.sent_log = SentLog(settings.data_dir)
        self.sender = Sender(
            self.writer,
            self.channels,
            clock=clock,
            ready=self.files.ready,
            on_sent=self._sent,
            holder=holder,
            sent_log=self.sent_log,
        )
        self.coordination = Coordination(settings.redis_url, self._mail_elsewhere)
        prompts = begin_prompts(self.dispatcher, self._done)
        going_on = announce(
            self._store, AnnouncementMessages(shows, self._paces, settings.address), self._paces, self._followed
        )
        tidying = tidy_files(self.files.store), tidy_uploads(lambda: self._soon(self.web.tidy()))
        jobs = [EXPIRE_CONVERSATIONS, going_on, *self._reminders(calendar), prompts, *tidying]
        self.runner = Runner([*jobs, FORGET_AGAIN, FORGET_RUNS], self.writer.do, clock)

    def _masses(self, shows: Mapping[str, Capabilities]) -> MassSender:
        """What goes to many by one call."""
        ways = {name: way for name, way in self.channels.items() if shows[name].masses and isinstance(way, Massing)}
        return MassSender(
            self.writer.do,
            ways,
            clock=self.clock,
            store=self._store,
            words=AnnouncementMessages(shows, self._paces, self.settings.address),
            channels=self._paces,
            on_mail=lambda mail: self._followed(Dispatched([], mail=mail)),
            holder=self._holder,
        )

    def _reminders(self, calendar: Calendar) -> list[Job]:
        """What finds out who is to be prompted."""
        begun = self.dispatcher, self._done, calendar
        rectifications = owe_explanations(calendar), remind_rectifications(*begun)
        faults = tell_of_faults(self._paces, self._followed)
        return [supervise(*begun), *rectifications, sum_up_observations(*begun), digest_to_staff(calendar), faults]

    # --- start and stop

    async def start(self) -> None:
        """Start from the inside out: what writes before what sends, what sends before what receives."""
        await asyncio.to_thread(self._look_around)
        self._keeping_time = asyncio.create_task(self._keep_time())
        self.writer.start()
        await self._succeed()
        self.sender.start()
        self.files.start()
        self.announcer.start()
        self.coordination.start()
        for channel in self.channels.values():
            await channel.start(self.receive)
        self.runner.start()

    async def stop(self) -> None:
        """Stop from the outside in, and finish what is in hand."""
        self._keeping_time.cancel()
        self.runner.stop()
        await asyncio.gather(*(channel.stop() for channel in self.channels.values()))
        await self.settled()
        await self.coordination.stop()
        await self.announcer.stop()
        await self.files.stop()
        await self.sender.stop()
        await asyncio.gather(*(channel.close() for channel in self.channels.values()))
        await self.writer.stop()
        self.sent_log.close()
        await asyncio.to_thread(self.memory.close)
        self.engine.dispose()

    async def tick(self) -> list[str]:
        """Do what is due, without starting anything else; gives the names of the jobs that ran."""
        self.writer.start()
        try:
            ran = await self.runner.tick()
            await self.settled()
        finally:
            await self.writer.stop()
            self.engine.dispose()
        return ran

    async def settled(self) -> None:
        """Wait for what goes on in the background, and for what follows from it."""
        while self._background:
            await asyncio.wait(self._background)

    async def _succeed(self) -> None:
        """Record what was sent by processes that were killed then, and let go of what one of our name held."""
        behind = left_behind(self.settings.data_dir)
        sent = [Settled(row, "sent", platform_id=key) for noted in behind.values() for row, key in noted]

        def succeed(unit: Unit) -> None:
            outbox = Outbox(unit, self.clock())
            outbox.settle(sent)
            outbox.release([one.row for one in sent])
            if self._holder:
                forget_holder(unit, self._holder)

        await self.writer.do(succeed)
        for path in behind:
            path.unlink(missing_ok=True)

    async def _keep_time(self) -> None:
        while True:
            await asyncio.sleep(TIME_KEPT_EVERY)
            try:
                await asyncio.to_thread(self._common_clock.ask)
            except Exception as error:  # noqa: BLE001  # whatever the database does, our own clock goes on
                log.warning("database_fault", kind=type(error).__name__)

    def _look_around(self) -> None:
        self._common_clock.ask()
        with reading(self.engine) as unit:
            # Before the first message: a county's borders take longer than a transaction may.
            self.memory(unit)
            gc.freeze()  # no search for garbage goes through all of that, for a tenth of a second
            for channel, count in Messages(unit, self.clock()).waiting():
                if channel not in self.channels:  # it waits on; staff see whom it does not reach
                    log.error("channel_not_set_up", channel=channel, waiting=count)

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
        self._followed(done)
        if done.wanted:
            self.files.wake()
        if done.received:  # staff may have agreed to an announcement, or stopped one
            self.announcer.wake()

    def _followed(self, done: Dispatched) -> None:
        """Something waits for these people now."""
        self.sender.wake(done.mail)
        if done.prompted:
            self._soon(self._prompt(sorted(done.prompted)))

    async def _prompt(self, person_ids: Sequence[int]) -> None:
        self._done(await self.writer.do(lambda unit: self.dispatcher.begin_prompts(unit, person_ids)))

    def _store(self, unit: Unit, now: datetime) -> Store:
        held = self.memory(unit)
        return Store(unit, now, held.areas, index=held.congresses, channels=self._paces, calendar=self._calendar)

    def _fault(self, what: str, error: BaseException) -> None:
        self.metrics.faults.labels(type(error).__name__).inc()
        log.error("handler_fault", where=what)

    def _sent(self, delivery: Delivery) -> None:
        self.metrics.sent(delivery)
        if delivery.outcome == Failure.ABSENT:
            self._soon(self.coordination.tell(delivery.channel, delivery.account))

    def _soon_arrived(self, channel: str, external_id: str) -> None:
        self._soon(self.sender.arrived(channel, [external_id]))

    def _mail_elsewhere(self, channel: str, external_id: str) -> None:
        if channel in self.channels and external_id in self.channels[channel].present():
            self._soon_arrived(channel, external_id)

    def _soon(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    # --- what channels read

    def _answers(self, channel: str) -> Answers:
        return Answers(channel, writer=self.writer, engine=self.engine, clock=self.clock, ready=self._ready)

    def _fewer_refreshes(self, channel: str) -> SharedGuard:
        return SharedGuard(channel, self.writer, self.clock)

    async def _ready(self, attachment_id: int) -> File | None:
        return await self.files.ready(attachment_id)

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
    message_id, direction, kind, text, choices, at, key, file, edits, _ = row
    buttons = tuple(Choice(value, label) for value, label in choices or ())
    return Shown(message_id, direction == "in", Kind(kind), text, at, buttons, file, key or "", edits)
