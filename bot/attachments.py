"""Files on their way in and out, all outside of any transaction: what people sent is fetched, checked and kept; what
we send is made just before.

Woken by commits and by due moments; which file is whose is decided by leased rows (`storage.attachments`).
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, Protocol, TypeVar

import structlog
from sqlalchemy import Engine

from bot.channels.base import Channel, FetchRefused
from bot.recipes.catalogue import Recipes
from handlers.dispatch import Dispatched
from handlers.messages import File
from handlers.texts import files as texts
from handlers.texts.phrase import Phrase
from storage.area_index import AreaIndex
from storage.arrivals import Arrivals, Letter
from storage.attachments import Attachments, Kept, State, Wanted
from storage.audit import Actor, Audit
from storage.conversations import Conversations
from storage.database import Clock, Unit
from storage.domain.file_kinds import SIZE_LIMIT, FileKind, FileRefused, Refusal, check
from storage.files import FileStore
from storage.people import People

T = TypeVar("T")

LEASE = timedelta(minutes=3)
FETCH_WITHIN = 60.0  # seconds; what follows must end within the lease, too
FETCHES_AT_ONCE = 4
MADE_AT_ONCE = 2
LOOK_EVERY = 60.0  # seconds between looks for what another replica left behind

log = structlog.get_logger(__name__)


class Do(Protocol):
    """The writer's way of doing work: in a transaction, back after its commit."""

    def __call__(self, work: Callable[[Unit], T], /) -> Awaitable[T]: ...


class NotReady(Exception):
    """The program stops before the file is made."""


class FileKeeper:
    """Fetches what is wanted and makes what is sent. `on_done` hears whom there is something for now; people reach
    this server at `address`."""

    def __init__(
        self,
        do: Do,
        channels: Mapping[str, Channel],
        *,
        data_dir: Path,
        clock: Clock,
        engine: Engine,
        areas: Callable[[Unit], AreaIndex],
        on_done: Callable[[Dispatched], None],
        size_limit: int = SIZE_LIMIT,
        address: str = "",
    ) -> None:
        self.store = FileStore(data_dir / "files", clock)
        self._do, self._channels, self._clock, self._on_done = do, channels, clock, on_done
        self._recipes = Recipes(engine, areas, clock, address)
        self._size_limit = size_limit
        self._something = asyncio.Event()
        self._quiet = asyncio.Event()
        self._stopping = False
        self._fetching: set[asyncio.Task[None]] = set()
        self._making: dict[int, asyncio.Task[File]] = {}
        self._kitchen = asyncio.Semaphore(MADE_AT_ONCE)
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    @property
    def busy(self) -> bool:
        """Whether anything is being fetched or made."""
        return bool(self._fetching or self._making)

    def wake(self) -> None:
        """There may be something to fetch."""
        self._quiet.clear()
        self._something.set()

    async def quiet(self) -> None:
        """Wait until nothing is being fetched, and nothing waits that may be fetched now."""
        await self._quiet.wait()

    async def stop(self) -> None:
        """Stop at once. What was being fetched is given back, and fetched again after the next start."""
        self._stopping = True
        self.wake()
        if self._task:
            await self._task
        tasks = [*self._fetching, *self._making.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # --- coming in

    async def _run(self) -> None:
        while not self._stopping:
            self._something.clear()
            free = FETCHES_AT_ONCE - len(self._fetching)
            claimed = await self._claim(free) if free else []
            for wanted in claimed:
                task = asyncio.create_task(self._fetch(wanted))
                self._fetching.add(task)
                task.add_done_callback(self._fetched)
            if len(claimed) < free or not free:
                await self._wait(look=bool(free))

    def _fetched(self, task: asyncio.Task[None]) -> None:
        self._fetching.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("file_not_recorded", kind=type(error).__name__)
        self.wake()

    async def _claim(self, limit: int) -> list[Wanted]:
        now = self._clock()
        return await self._do(lambda unit: Attachments(unit, now).claim(self._channels, LEASE, limit))

    async def _wait(self, *, look: bool) -> None:
        """Until something is woken, or due."""
        now, seconds = self._clock(), LOOK_EVERY
        if look and (due := await self._do(lambda unit: Attachments(unit, now).next_due(self._channels))):
            seconds = min(max((due - now).total_seconds(), 0.0) + 0.01, LOOK_EVERY)
        if not self._fetching and not self._something.is_set():
            self._quiet.set()
        try:
            async with asyncio.timeout(seconds):
                await self._something.wait()
        except TimeoutError:
            pass

    async def _fetch(self, wanted: Wanted) -> None:
        """Fetch one file, and record what became of it."""
        try:
            record = await self._attempt(wanted)
        except asyncio.CancelledError:
            now = self._clock()
            await self._do(lambda unit: Attachments(unit, now).give_back(wanted))
            raise
        done = Dispatched([])
        await self._do(lambda unit: record(unit, done))
        self._on_done(done)

    async def _attempt(self, wanted: Wanted) -> Callable[[Unit, Dispatched], None]:
        try:
            if (wanted.size or 0) > self._size_limit:
                raise FileRefused(Refusal.TOO_LARGE)
            async with asyncio.timeout(FETCH_WITHIN):
                fetched = await self._channels[wanted.channel].fetch(wanted.platform_id)
            kind, digest = await asyncio.to_thread(self._keep, wanted, fetched.content, fetched.media_type)
            read = await asyncio.to_thread(self._recipes.read, wanted.recipe, self.store.path(digest))
        except (FetchRefused, FileRefused) as refused:
            why = refused.why if isinstance(refused, FileRefused) else Refusal.GONE
            return lambda unit, done: self._refuse(unit, done, wanted, why)
        except Exception as error:  # noqa: BLE001  # whatever a platform, network or disk does, it is tried again
            failure = type(error).__name__
            log.warning("file_not_fetched", channel=wanted.channel, kind=failure, attempts=wanted.attempts + 1)
            return lambda unit, done: self._miss(unit, done, wanted, failure)
        return lambda unit, done: self._record(unit, done, wanted, kind, digest, len(fetched.content), read)

    def _keep(self, wanted: Wanted, content: bytes, media_type: str) -> tuple[FileKind, str]:
        kind = check(content, wanted.kind, wanted.name, wanted.media_type or media_type, self._size_limit)
        return kind, self.store.keep(content)

    # --- what became of it

    def _record(
        self,
        unit: Unit,
        done: Dispatched,
        wanted: Wanted,
        kind: FileKind,
        digest: str,
        size: int,
        read: dict[str, Any] | None,
    ) -> None:
        now = self._clock()
        mine = Attachments(unit, now).stored(wanted, digest, size, kind.named(wanted.name), kind.media_type)
        if mine and read is not None and wanted.recipe and wanted.person_id:
            Conversations(unit, now).prompt(wanted.person_id, wanted.recipe["conversation"], read)
            done.prompted.add(wanted.person_id)

    def _refuse(self, unit: Unit, done: Dispatched, wanted: Wanted, why: Refusal) -> None:
        if Attachments(unit, self._clock()).refused(wanted, why):
            self._tell(unit, done, wanted, texts.refused(wanted.kind, why))

    def _miss(self, unit: Unit, done: Dispatched, wanted: Wanted, failure: str) -> None:
        if Attachments(unit, self._clock()).missed(wanted, failure):
            self._tell(unit, done, wanted, texts.not_fetched(wanted.kind))

    def _tell(self, unit: Unit, done: Dispatched, wanted: Wanted, text: Phrase) -> None:
        """Who sent it hears what became of it."""
        if wanted.account_id is None or wanted.person_id is None:
            return
        now = self._clock()
        language = People(unit, now, Audit(unit, now, Actor())).get(wanted.person_id).language
        letter = Letter(
            wanted.channel, wanted.account_id, wanted.person_id, text.said(language), in_reply_to=wanted.message_id
        )
        Arrivals(unit, now).post([letter])
        done.mail.add((wanted.channel, wanted.account_id))

    # --- going out

    async def ready(self, attachment_id: int) -> File | None:
        """The file of an attachment, made first where it is one of ours; None where there is none (any more, or yet).

        May be asked again while it is being made, also by somebody who did not want to wait any longer.
        """
        now = self._clock()
        kept = await self._do(lambda unit: Attachments(unit, now).get(attachment_id))
        if kept is None or kept.state is State.FORGOTTEN:
            return None
        if kept.digest is not None and self.store.has(kept.digest):
            return self._file(kept, kept.digest)
        if kept.recipe is None or not kept.is_made:
            return None
        making = self._making.get(attachment_id)
        if making is None:
            self._making[attachment_id] = making = asyncio.create_task(self._make(kept, kept.recipe))
            making.add_done_callback(lambda task: self._made(attachment_id, task))
        try:
            return await asyncio.shield(making)
        except asyncio.CancelledError:
            if making.cancelled():
                raise NotReady from None
            raise

    async def _make(self, kept: Kept, recipe: Mapping[str, Any]) -> File:
        async with self._kitchen:
            digest, size = await asyncio.to_thread(self._write, recipe)
        now = self._clock()
        await self._do(lambda unit: Attachments(unit, now).made(kept.id, digest, size))
        return self._file(kept, digest)

    def _made(self, attachment_id: int, task: asyncio.Task[File]) -> None:
        del self._making[attachment_id]
        if not task.cancelled() and (error := task.exception()):
            log.warning("file_not_made", kind=type(error).__name__, attachment=attachment_id)

    def _write(self, recipe: Mapping[str, Any]) -> tuple[str, int]:
        with self.store.writing() as partial:
            self._recipes.make(recipe, partial)
            size = partial.stat().st_size
            return self.store.take(partial), size

    def _file(self, kept: Kept, digest: str) -> File:
        return File(str(self.store.path(digest)), kept.name, kept.media_type)
