"""The loop around getUpdates, against a queue that forgets as Telegram does."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.telegram_api import ApiError, NetworkError
from bot.channels.telegram_polling import Poller, number_of, pause_after
from handlers.messages import Inbound, Kind

AT = datetime(2026, 9, 1, 9, tzinfo=UTC)


def update(number: int, account: str = "1") -> dict[str, Any]:
    return {"update_id": number, "account": account}


def read(raw: object) -> Inbound | None:
    if not isinstance(raw, dict) or "account" not in raw:
        return None
    return Inbound("telegram", raw["account"], str(raw["update_id"]), Kind.TEXT, AT)


class Queue:
    """Keeps updates until an offset passes them (Bot API, getUpdates)."""

    def __init__(self, *updates: object) -> None:
        self.updates = list(updates)
        self.asked: list[tuple[int, int, int]] = []
        self.faults: list[Exception] = []
        self._changed = asyncio.Event()

    def add(self, *updates: object) -> None:
        self.updates += updates
        self._changed.set()

    async def get_updates(self, offset: int, limit: int, timeout: int) -> list[object]:
        self.asked.append((offset, limit, timeout))
        if self.faults:
            raise self.faults.pop(0)
        self.updates = [raw for raw in self.updates if (number_of(raw) or 2**62) >= offset]
        while not self.updates and timeout:
            self._changed.clear()
            await self._changed.wait()
        return self.updates[:limit]

    @property
    def last_offset(self) -> int:
        return self.asked[-1][0]


class Loop:
    """A poller at work, and what became of it."""

    def __init__(self, queue: Queue) -> None:
        self.queue = queue
        self.handed_in: list[str] = []
        self.refused: list[str] = []  # keys that cannot be committed now, once each
        self.pauses: list[float] = []
        self.leases: list[str] = []
        self.prepared = 0
        self.gates: dict[str, asyncio.Event] = {}
        self.began: list[str] = []
        self._changed = asyncio.Condition()
        self.poller = Poller(
            queue.get_updates,
            timeout=25,
            read=read,
            hand_in=self.hand_in,
            before=self.prepare,
            lease=self.lease,
            pause=self.pause,
        )

    async def hand_in(self, inbound: Inbound) -> bool:
        await self._note(lambda: self.began.append(inbound.key))
        if gate := self.gates.get(inbound.key):
            await gate.wait()
        if inbound.key in self.refused:
            self.refused.remove(inbound.key)
            return False
        await self._note(lambda: self.handed_in.append(inbound.key))
        return True

    async def prepare(self) -> None:
        self.prepared += 1

    async def pause(self, seconds: float) -> None:
        await self._note(lambda: self.pauses.append(seconds))

    @asynccontextmanager
    async def lease(self) -> AsyncIterator[None]:
        self.leases.append("taken")
        try:
            yield
        finally:
            self.leases.append("given back")

    async def until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(10), self._changed:
            await self._changed.wait_for(holds)

    async def _note(self, happens: Callable[[], None]) -> None:
        async with self._changed:
            happens()
            self._changed.notify_all()


@asynccontextmanager
async def polling(queue: Queue) -> AsyncIterator[Loop]:
    loop = Loop(queue)
    task = asyncio.create_task(loop.poller.run())
    try:
        yield loop
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert task.done()


async def test_the_offset_moves_past_what_is_committed_only() -> None:
    queue = Queue(update(10), update(11), update(12))
    async with polling(queue) as loop:
        loop.refused = ["11"]
        await loop.until(lambda: loop.handed_in[-1:] == ["12"])
    assert [offset for offset, _, _ in queue.asked][:2] == [0, 11]
    assert loop.handed_in == ["10", "11", "12"]
    assert loop.pauses == [1.0]


async def test_what_follows_an_uncommitted_message_of_the_same_person_does_not_overtake_it() -> None:
    queue = Queue(update(10, "anna"), update(11, "bert"), update(12, "anna"))
    async with polling(queue) as loop:
        loop.refused = ["10"]
        await loop.until(lambda: "12" in loop.handed_in)
    assert [key for key in loop.handed_in if key != "11"] == ["10", "12"]


async def test_different_people_do_not_wait_for_each_other() -> None:
    queue = Queue(update(10, "anna"), update(11, "anna"), update(12, "bert"))
    async with polling(queue) as loop:
        loop.gates["10"] = asyncio.Event()
        await loop.until(lambda: loop.handed_in == ["12"])
        assert loop.began == ["10", "12"]
        loop.gates["10"].set()
        await loop.until(lambda: loop.handed_in == ["12", "10", "11"])


async def test_what_is_not_for_us_is_passed_over() -> None:
    queue = Queue({"update_id": 10}, update(11), {"update_id": 12, "poll": {}})
    async with polling(queue) as loop:
        await loop.until(lambda: loop.handed_in == ["11"])
    assert queue.last_offset == 13


@pytest.mark.parametrize("junk", [None, 5, "text", [], {}, {"update_id": "11"}, {"update_id": -4}, {"update_id": True}])
async def test_junk_without_a_number_is_passed_with_its_neighbours(junk: object) -> None:
    queue = Queue(junk, update(20), junk)
    async with polling(queue) as loop:
        await loop.until(lambda: loop.handed_in == ["20"])
        queue.updates = [raw for raw in queue.updates if raw is not junk]
    assert queue.last_offset == 22
    assert loop.handed_in == ["20"]


async def test_a_batch_without_any_number_is_not_asked_for_in_a_hurry() -> None:
    queue = Queue("junk")
    async with polling(queue) as loop:
        await loop.until(lambda: len(loop.pauses) == 4)
    assert loop.pauses[:4] == [1.0, 2.0, 4.0, 8.0]
    assert [offset for offset, _, _ in queue.asked[:4]] == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("fault", "pause"),
    [
        (ApiError(409), 1.0),
        (ApiError(502), 1.0),
        (ApiError(401), 1.0),
        (ApiError(429, retry_after=17), 17),
        (NetworkError("timeout"), 1.0),
        (ConnectionError(), 1.0),
    ],
    ids=repr,
)
async def test_faults_are_waited_out(fault: Exception, pause: float) -> None:
    queue = Queue(update(10))
    queue.faults = [fault]
    async with polling(queue) as loop:
        await loop.until(lambda: loop.handed_in == ["10"])
    assert loop.pauses == [pause]
    # After a fault everything is prepared anew: a webhook may have been set meanwhile.
    assert loop.prepared == 2
    assert loop.leases == ["taken", "given back"] * 2


async def test_pauses_start_anew_after_a_success() -> None:
    queue = Queue(update(10))
    queue.faults = [NetworkError("timeout")] * 3
    async with polling(queue) as loop:
        await loop.until(lambda: loop.handed_in == ["10"])
        queue.faults = [NetworkError("timeout")]
        queue.add(update(11))
        await loop.until(lambda: len(loop.pauses) == 4)
    assert loop.handed_in == ["10", "11"]
    assert loop.pauses == [1.0, 2.0, 4.0, 1.0]


async def test_what_was_taken_is_handed_in_and_confirmed_before_it_stops() -> None:
    queue = Queue(update(10), update(11))
    async with polling(queue) as loop:
        loop.gates["11"] = asyncio.Event()
        await loop.until(lambda: "11" in loop.began)
        queue.add(update(12))
        asyncio.get_running_loop().call_soon(loop.gates["11"].set)
    assert loop.handed_in == ["10", "11"]
    assert queue.asked[-1] == (12, 1, 0)
    assert queue.updates == [update(12)], "what came meanwhile stays with the platform"
    assert loop.leases == ["taken", "given back"]


async def test_what_could_not_be_committed_is_not_confirmed_when_it_stops() -> None:
    queue = Queue(update(10), update(11))
    async with polling(queue) as loop:
        loop.refused = ["11"]
        loop.gates["11"] = asyncio.Event()
        await loop.until(lambda: "11" in loop.began)
        asyncio.get_running_loop().call_soon(loop.gates["11"].set)
    assert queue.updates == [update(11)]


async def test_nothing_is_confirmed_twice() -> None:
    queue = Queue(update(10))
    async with polling(queue) as loop:
        await loop.until(lambda: loop.handed_in == ["10"])
        queue.add(update(11))
        await loop.until(lambda: loop.handed_in == ["10", "11"])
    assert queue.updates == []


async def test_it_stops_though_the_platform_is_away_and_the_lease_fails() -> None:
    queue = Queue(update(10))
    loop = Loop(queue)

    @asynccontextmanager
    async def failing_lease() -> AsyncIterator[None]:
        try:
            yield
        finally:
            raise ConnectionError

    poller = Poller(
        queue.get_updates,
        timeout=25,
        read=read,
        hand_in=loop.hand_in,
        before=loop.prepare,
        lease=failing_lease,
        pause=loop.pause,
    )
    task = asyncio.create_task(poller.run())
    await loop.until(lambda: loop.handed_in == ["10"])
    queue.faults = [NetworkError("timeout")] * 3
    task.cancel()
    await asyncio.wait_for(asyncio.gather(task, return_exceptions=True), 10)


async def test_it_stops_while_it_waits_for_the_lease() -> None:
    queue = Queue(update(10))
    loop = Loop(queue)
    waiting = asyncio.Event()

    @asynccontextmanager
    async def taken_lease() -> AsyncIterator[None]:
        waiting.set()
        await asyncio.Event().wait()
        yield

    poller = Poller(
        queue.get_updates,
        timeout=25,
        read=read,
        hand_in=loop.hand_in,
        before=loop.prepare,
        lease=taken_lease,
        pause=loop.pause,
    )
    task = asyncio.create_task(poller.run())
    await waiting.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert queue.asked == []


@given(st.integers(1, 10_000))
def test_pauses_grow_to_half_a_minute(failures: int) -> None:
    assert 1.0 <= pause_after(NetworkError("timeout"), failures) <= 30.0
    assert pause_after(NetworkError("timeout"), failures) <= pause_after(NetworkError("timeout"), failures + 1)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists))
def test_only_a_proper_number_is_taken_for_an_offset(value: object) -> None:
    number = number_of({"update_id": value})
    assert number is None or (number == value and number > 0)
