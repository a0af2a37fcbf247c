"""Announcements on their way: what is due is done step by step, through the writer, as long as anything is; their
authors hear how far they are; and audiences too large for a turn are counted beside it.

Woken by commits and by due moments. Every replica does this: what one is about is locked (storage.broadcasting), and
where it dies, the others go on.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple, Protocol, TypeVar

import structlog
from sqlalchemy import Engine

from handlers.announcement_messages import AnnouncementMessages
from handlers.dispatch import Dispatched
from handlers.messages import LEAST, Capabilities
from storage.announcement_counting import note_count, uncounted
from storage.announcement_progress import Progress, ProgressMessages, progress_of
from storage.broadcasting import Stepped
from storage.database import Clock, Unit, reading
from storage.mass_sends import MassSends
from storage.store import Store

T = TypeVar("T")

LOOK_EVERY = 5.0  # seconds between looks for what another process has begun
REST = 0.2  # seconds at least between two looks, however often it is woken
PAUSE_AFTER_A_FAULT = 1.0  # seconds
CONVERSATION = "announcement"  # that an author is asked into when their audience is counted

log = structlog.get_logger(__name__)


class Do(Protocol):
    """The writer's way of doing work: in a transaction, back after its commit."""

    def __call__(self, work: Callable[[Unit], T], /) -> Awaitable[T]: ...


class _Counted(NamedTuple):
    """How many people the audience of a version is."""

    version: int
    writer: int
    reach: dict[str, Any]


class Announcer:
    """`paces`: how many messages a second each channel takes that is set up; `store` opens the records; `on_done` hears
    whom there is something for now; `address` is how people reach our pages; `calls` does what goes to many by one call
    (see bot.mass_sender)."""

    def __init__(
        self,
        do: Do,
        engine: Engine,
        *,
        clock: Clock,
        store: Callable[[Unit, datetime], Store],
        capabilities: Mapping[str, Capabilities],
        paces: Mapping[str, float],
        on_done: Callable[[Dispatched], None],
        address: str = "",
        calls: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self._do, self._engine, self._clock, self._store, self._on_done = do, engine, clock, store, on_done
        self._paces, self._words = paces, AnnouncementMessages(capabilities, paces, address)
        self._calls = calls
        self._edits = {name: capabilities.get(name, LEAST).edits for name in paces}
        self._something = asyncio.Event()
        self._stopping = asyncio.Event()
        self._counting: asyncio.Task[None] | None = None
        self._calling: asyncio.Task[None] | None = None
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Finish the step that is being taken."""
        self._stopping.set()
        self._something.set()
        await asyncio.gather(*filter(None, (self._task, self._counting, self._calling)), return_exceptions=True)

    def wake(self) -> None:
        """Somebody may have agreed to an announcement, or paused or stopped one."""
        self._something.set()

    async def _run(self) -> None:
        while not self._stopping.is_set():
            self._something.clear()
            try:
                seconds = await self._go_on()
            except Exception as error:  # noqa: BLE001  # whatever it is, what is due must go on
                log.error("announcer_fault", kind=type(error).__name__)
                seconds = PAUSE_AFTER_A_FAULT
            if seconds > 0:
                await self._rest(seconds)

    async def _rest(self, seconds: float) -> None:
        """Until something is due or woken, but not so soon that all others would wait for us."""
        await self._wait(self._stopping, min(seconds, REST))
        if seconds > REST:
            await self._wait(self._something, seconds - REST)

    async def _wait(self, what: asyncio.Event, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await what.wait()
        except TimeoutError:
            pass

    async def _go_on(self) -> float:
        """Take a step; gives in how many seconds the next one is due."""
        now = self._clock()
        stepped, due, to_count, to_call = await self._do(lambda unit: self._step(unit, now))
        if stepped.mail:
            self._on_done(Dispatched([], mail=set(stepped.mail)))
        for number in due:
            await self._tell(number)
        if to_count is not None and (self._counting is None or self._counting.done()):
            self._counting = asyncio.create_task(self._count(to_count))
        if to_call and (self._calling is None or self._calling.done()) and not self._stopping.is_set():
            self._calling = asyncio.create_task(self._call())
        if stepped.again_at is None:
            return LOOK_EVERY
        return min((stepped.again_at - now).total_seconds(), LOOK_EVERY)

    def _step(self, unit: Unit, now: datetime) -> tuple[Stepped, list[int], int | None, bool]:
        """A step, and of which announcements the author is to be told, which audience to be counted, and whether
        something is to go to many by one call."""
        store = self._store(unit, now)
        stepped = store.broadcasting.step(self._words, self._paces)
        to_call = self._calls is not None and MassSends(unit, now).is_any_due()
        return stepped, ProgressMessages(unit, now, store.announcements).due(), uncounted(unit), to_call

    async def _call(self) -> None:
        assert self._calls is not None  # noqa: S101  # whoever calls has looked
        try:
            await self._calls()
        except Exception as error:  # noqa: BLE001  # it is looked for anew at the next look
            log.error("announcer_fault", kind=type(error).__name__)
        self.wake()

    # --- telling how far it is

    async def _tell(self, number: int) -> None:
        counted = await asyncio.to_thread(self._progress, number)
        now = self._clock()

        def tell(unit: Unit) -> set[tuple[str, int]]:
            told = ProgressMessages(unit, now, self._store(unit, now).announcements)
            return told.tell(counted, self._words.progress, self._edits)

        self._on_done(Dispatched([], mail=await self._do(tell)))

    # --- counting audiences

    async def _count(self, number: int) -> None:
        try:
            counted = await asyncio.to_thread(self._reach, number)
            if counted is not None and await self._do(lambda unit: self._note(unit, number, counted)):
                self._on_done(Dispatched([], prompted={counted.writer}))
        except Exception as error:  # noqa: BLE001  # it is counted anew at the next look
            log.error("announcer_fault", kind=type(error).__name__)

    def _progress(self, number: int) -> Progress:
        with reading(self._engine) as unit:
            return progress_of(unit, number)

    def _reach(self, number: int) -> _Counted | None:
        """Of the current version; None where somebody has counted it in the meantime."""
        with reading(self._engine) as unit:
            store = self._store(unit, self._clock())
            one = store.announcements.get(number)
            if one is None or one.reach is not None:
                return None
            reach = store.audiences.reach(one.congress_id, one.content.audience, one.corrects)
            return _Counted(one.version, one.writer, reach.dump())

    def _note(self, unit: Unit, number: int, counted: _Counted) -> bool:
        """Who wrote it is asked how to go on."""
        if not note_count(unit, number, counted.version, counted.reach):
            return False
        prompts = self._store(unit, self._clock()).conversations
        prompts.prompt(counted.writer, CONVERSATION, {"number": number})
        return True
