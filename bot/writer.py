"""The one hand that writes. Messages and other work that wait share a transaction and one commit (group commit).

SQLite has one writer thread, PostgreSQL a few. Who waits here is answered only after the commit. Who sends joins at the
end of a transaction, so that a reply is claimed by the very commit that stores it.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import structlog
from sqlalchemy import Engine

from bot.logs import named
from handlers.dispatch import Dispatched, Dispatcher
from handlers.messages import Inbound, Kind, Received
from storage.database import PartLost, Unit, is_database_fault, transaction

T = TypeVar("T")
MESSAGES_A_COMMIT = 64
CHARACTERS_A_COMMIT = 100_000  # a text of 200,000 characters takes a turn of some 40 ms, and shares it with few others
BACK_OFF = (0.05, 0.2, 1.0, 3.0)  # seconds between tries while the database is at fault
BUSY_FOR = 0.01  # seconds until a message is tried again whose person another replica is acting for

log = structlog.get_logger(__name__)


class Stopped(Exception):
    """The program stops and what was handed in is not stored."""


@dataclass(slots=True)
class _Message:
    inbound: Inbound
    waiting: asyncio.Future[Received]


@dataclass(slots=True)
class _Work:
    do: Callable[[Unit], Any]
    waiting: asyncio.Future[Any]


@dataclass(frozen=True, slots=True)
class Exchange:
    """What somebody does at the end of a transaction; where that is to claim what waits, that of `channels`.

    One of `done` and `failed` is called after it, before anybody who waits is answered.
    """

    channels: Collection[str]
    do: Callable[[Unit], Any]
    done: Callable[[Any], None]
    failed: Callable[[Exception], None]


# Says what is to be done at the end of a transaction that acts on these messages.
Joins = Callable[[Sequence[Inbound]], Exchange | None]


@dataclass(slots=True)
class _Batch:
    messages: list[_Message]
    works: list[_Work]
    exchanges: list[Exchange]
    alone: bool = False  # one piece of work, after a batch failed

    def __bool__(self) -> bool:
        return bool(self.messages or self.works or self.exchanges)


class Writer:
    """Takes messages in and does other work, as few commits as possible, one person's messages in order.

    `on_done` hears what each commit left to do. `threads` is 1 for SQLite.
    """

    def __init__(
        self, engine: Engine, dispatcher: Dispatcher, *, threads: int, on_done: Callable[[Dispatched], None]
    ) -> None:
        self._engine, self._dispatcher, self._on_done = engine, dispatcher, on_done
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="writer")
        self._queues: dict[tuple[str, str], deque[_Message]] = {}
        self._ready: deque[tuple[str, str]] = deque()
        self._works: deque[_Work] = deque()
        self._joining: list[Joins] = []
        self._something = asyncio.Event()
        self._threads = threads
        self._tasks: list[asyncio.Task[None]] = []
        self._stopping = False

    def start(self) -> None:
        self._tasks = [asyncio.create_task(self._write()) for _ in range(self._threads)]

    def accompany(self, joins: Joins) -> None:
        """`joins` is asked, whenever a transaction is about to begin, what is to be done at its end; after what those
        do who were here before."""
        self._joining.append(joins)

    def nudge(self) -> None:
        """There is something to do at the end of a transaction, even of an empty one."""
        self._something.set()

    async def stop(self) -> None:
        """Finish everything that was handed in, then stop."""
        self._stopping = True
        self._something.set()
        await asyncio.gather(*self._tasks)
        self._pool.shutdown()

    async def receive(self, inbound: Inbound) -> Received:
        """Hand a message in; returns after its commit. Raises Stopped when it could not be stored."""
        self._check_open()
        waiting: asyncio.Future[Received] = asyncio.get_running_loop().create_future()
        key = (inbound.channel, inbound.account)
        queue = self._queues.get(key)
        if queue is None:
            # Nobody holds this account: its first message may be taken.
            self._queues[key] = queue = deque()
            self._offer(key)
        queue.append(_Message(inbound, waiting))
        return await waiting

    async def do(self, work: Callable[[Unit], T]) -> T:
        """Do other work in a transaction, a part of its own; returns after the commit. Raises what it raises, or
        Stopped."""
        self._check_open()
        waiting: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._works.append(_Work(work, waiting))
        self._something.set()
        return cast(T, await waiting)

    def _check_open(self) -> None:
        if self._tasks and all(task.done() for task in self._tasks):
            raise Stopped

    # --- the writing

    async def _write(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            batch = self._take()
            if not batch:
                if self._stopping and not self._queues:
                    return
                self._something.clear()
                await self._something.wait()
                continue
            await self._settle(batch, loop)

    def _take(self) -> _Batch:
        """What waits: the first message of each account that nobody holds, all other work, and the sender's."""
        messages: list[_Message] = []
        room = CHARACTERS_A_COMMIT
        while self._ready and len(messages) < MESSAGES_A_COMMIT and room > 0:
            messages.append(self._queues[self._ready.popleft()].popleft())
            room -= len(messages[-1].inbound.text)
        works = list(self._works)
        self._works.clear()
        inbounds = [message.inbound for message in messages]
        return _Batch(messages, works, [exchange for joins in self._joining if (exchange := joins(inbounds))])

    async def _settle(self, batch: _Batch, loop: asyncio.AbstractEventLoop) -> None:
        attempt = 0
        while True:
            try:
                done, results, exchanged = await loop.run_in_executor(self._pool, self._commit, batch)
            except Exception as error:  # noqa: BLE001  # whatever it is, who waits here is answered
                if not is_database_fault(error):
                    await self._one_by_one(batch, error, loop)
                    return
                log.warning("database_fault", kind=named(error), attempt=attempt)
                if self._stopping:
                    self._give_up(batch)
                    return
                await asyncio.sleep(BACK_OFF[min(attempt, len(BACK_OFF) - 1)])
                attempt += 1
            else:
                self._exchanged(batch, done, exchanged)
                self._answer(batch, done, results)
                return

    def _commit(self, batch: _Batch) -> tuple[Dispatched, list[Any], list[Any]]:
        with transaction(self._engine, careful=batch.alone) as unit:
            results = [_attempt(unit, work.do) for work in batch.works]
            done = self._dispatcher.handle(unit, [message.inbound for message in batch.messages])
            exchanged = [exchange.do(unit) for exchange in batch.exchanges]
        return done, results, exchanged

    def _exchanged(self, batch: _Batch, done: Dispatched, results: Sequence[Any]) -> None:
        for exchange, result in zip(batch.exchanges, results, strict=True):
            exchange.done(result)
            # What this very transaction has claimed needs no waking.
            done.mail = {one for one in done.mail if one[0] not in exchange.channels}

    def _answer(self, batch: _Batch, done: Dispatched, results: Sequence[Any]) -> None:
        for message, received in zip(batch.messages, done.received, strict=True):
            self._release(message, again=received is None)
            if received is not None and not message.waiting.cancelled():
                message.waiting.set_result(received)
        for work, result in zip(batch.works, results, strict=True):
            if work.waiting.cancelled():
                continue
            if isinstance(result, Exception):
                work.waiting.set_exception(result)
            else:
                work.waiting.set_result(result)
        self._on_done(done)

    def _release(self, message: _Message, *, again: bool = False) -> None:
        """Let the account's next message be taken; `again`: this very one, its person was busy."""
        key = (message.inbound.channel, message.inbound.account)
        queue = self._queues[key]
        if again:
            queue.appendleft(message)
            asyncio.get_running_loop().call_later(BUSY_FOR, self._offer, key)
        elif queue:
            self._offer(key)
        else:
            del self._queues[key]
            self._something.set()  # when we stop, the others wait for the last one

    def _offer(self, key: tuple[str, str]) -> None:
        self._ready.append(key)
        self._something.set()

    async def _one_by_one(self, batch: _Batch, error: Exception, loop: asyncio.AbstractEventLoop) -> None:
        """Something in the batch cannot be stored at all: its neighbours must not suffer."""
        if not batch.alone:
            for message in batch.messages:
                await self._settle(_Batch([message], [], [], alone=True), loop)
            for work in batch.works:
                await self._settle(_Batch([], [work], [], alone=True), loop)
            for exchange in batch.exchanges:
                await self._settle(_Batch([], [], [exchange], alone=True), loop)
            return
        if batch.messages:
            log.error("message_not_storable", kind=type(error).__name__)
        for message in batch.messages:
            if (less := _less(message.inbound)) != message.inbound:
                message.inbound = less
                await self._settle(batch, loop)
                return
        self._give_up(batch, error)

    def _give_up(self, batch: _Batch, error: Exception | None = None) -> None:
        for message in batch.messages:
            self._release(message)
        for waiting in (*(one.waiting for one in batch.messages), *(one.waiting for one in batch.works)):
            if not waiting.done():
                waiting.set_exception(error or Stopped())
        for exchange in batch.exchanges:
            exchange.failed(error or Stopped())


def _less(inbound: Inbound) -> Inbound:
    """What is left of a message that cannot be stored: its words, else at least that there was one."""
    words = inbound._replace(kind=Kind.UNKNOWN, place=None, attachments=())
    return words if words != inbound else words._replace(text="", choice="")


def _attempt(unit: Unit, work: Callable[[Unit], Any]) -> Any:
    """The result of a piece of work, or the exception that it ended in; its writes are taken back then."""
    try:
        with unit.part():
            return work(unit)
    except Exception as error:
        if is_database_fault(error) or isinstance(error, PartLost):
            raise
        return error
