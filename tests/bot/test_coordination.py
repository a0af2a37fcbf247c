"""What replicas tell one another, through a real Redis; and the place that only one of them holds."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
import redis.asyncio
from sqlalchemy import Engine, select, update
from structlog.testing import capture_logs

from bot import coordination
from bot.coordination import LOCK_KEPT_EVERY, LOCK_LASTS, TOPIC, Coordination, LockLost, OnlyOne, holder_at
from bot.writer import Writer
from storage.database import reading, transaction
from storage.holders import forget_holder
from storage.jobs import Jobs
from storage.tables import locks
from tests.conversing import Town
from tests.servers import RedisServer
from tests.virtual_time import BEGAN, VirtualClock, in_virtual_time

PATIENCE = 20.0  # seconds that anybody waits; a busy machine needs one


class Replica:
    """One replica's coordination; `heard` gathers what it was told."""

    def __init__(self, url: str) -> None:
        self.heard: list[tuple[str, str]] = []
        self._news = asyncio.Event()
        self.coordination = Coordination(url, self._hears)

    def _hears(self, channel: str, external_id: str) -> None:
        self.heard.append((channel, external_id))
        self._news.set()

    async def hears_from(self, tell: Callable[[], object]) -> None:
        """Tell until it is heard: who is not yet connected hears nothing, as with any broadcast."""
        self._news.clear()
        async with asyncio.timeout(PATIENCE):
            while not self._news.is_set():
                result = tell()
                if asyncio.iscoroutine(result):
                    await result
                try:
                    async with asyncio.timeout(0.05):
                        await self._news.wait()
                except TimeoutError:
                    pass


@asynccontextmanager
async def replicas(url: str, count: int = 2) -> AsyncIterator[list[Replica]]:
    running = [Replica(url) for _ in range(count)]
    for replica in running:
        replica.coordination.start()
    try:
        yield running
    finally:
        for replica in running:
            await replica.coordination.stop()


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coordination, "RECONNECT_AFTER", 0.02)


# --- through Redis


async def test_what_one_replica_tells_the_others_hear(redis_url: str) -> None:
    async with replicas(redis_url) as (here, there):
        await there.hears_from(lambda: here.coordination.tell("web", "居民一"))
        assert set(there.heard) == {("web", "居民一")}
        assert await here.coordination.answers()


async def test_a_restart_of_redis_is_lived_through(redis_server: RedisServer) -> None:
    with capture_logs() as logged:
        async with replicas(redis_server.url) as (here, there):
            await there.hears_from(lambda: here.coordination.tell("web", "before"))
            await asyncio.to_thread(redis_server.stop)
            await here.coordination.tell("web", "meanwhile")
            assert not await here.coordination.answers()
            await asyncio.to_thread(redis_server.start)
            there.heard.clear()
            await there.hears_from(lambda: here.coordination.tell("web", "after"))
            assert set(there.heard) == {("web", "after")}
            assert await here.coordination.answers()
    assert {entry["event"] for entry in logged} == {"redis_fault"}
    assert "meanwhile" not in str(logged)


async def test_it_starts_before_redis_does(redis_server: RedisServer) -> None:
    await asyncio.to_thread(redis_server.stop)
    async with replicas(redis_server.url) as (here, there):
        assert not await here.coordination.answers()
        await asyncio.to_thread(redis_server.start)
        await there.hears_from(lambda: here.coordination.tell("web", "r1"))


async def test_nonsense_on_the_topic_is_lived_through(redis_url: str) -> None:
    async with replicas(redis_url) as (here, there), redis.asyncio.Redis.from_url(redis_url) as stranger:
        await there.hears_from(lambda: here.coordination.tell("web", "r1"))
        for nonsense in ("{", "[1]", '"web"', "null", b"\xff"):
            await stranger.publish(TOPIC, nonsense)
        await there.hears_from(lambda: here.coordination.tell("web", "r2"))
        assert there.heard[-1] == ("web", "r2")


async def test_a_redis_that_never_answers_keeps_nobody_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coordination, "ANSWERS_WITHIN", 0.1)

    async def accept_and_be_silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(accept_and_be_silent, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, replicas(f"redis://127.0.0.1:{port}/0", count=1) as (replica,), asyncio.timeout(PATIENCE):
        assert not await replica.coordination.answers()
        await replica.coordination.tell("web", "r1")


async def test_without_redis_there_is_nothing_to_tell() -> None:
    async with replicas("", count=1) as (replica,):
        await replica.coordination.tell("web", "r1")
        assert await replica.coordination.answers()
    assert replica.heard == []


# --- one at a time


@asynccontextmanager
async def writing(engine: Engine) -> AsyncIterator[Writer]:
    writer = Writer(engine, Town(engine).dispatcher, threads=1, on_done=lambda _: None)
    writer.start()
    try:
        yield writer
    finally:
        await writer.stop()


class Poller:
    """Somebody who wants the place for as long as they are let."""

    def __init__(self, writer: Writer, holder: str = "") -> None:
        self._only_one = OnlyOne("poller", writer, VirtualClock(), holder=holder)
        self.began: list[float] = []
        self.task = asyncio.create_task(self._poll())

    async def _poll(self) -> None:
        async with self._only_one():
            self.began.append(asyncio.get_running_loop().time())
            await asyncio.Event().wait()

    async def ends(self) -> None:
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)


def holders(engine: Engine) -> int:
    with reading(engine) as unit:
        return len(unit.read(select(locks)).all())


@in_virtual_time
async def test_one_holds_the_place_as_long_as_it_likes_and_then_the_next(engine: Engine) -> None:
    async with writing(engine) as writer:
        first, second = Poller(writer), Poller(writer)
        await asyncio.sleep(1000)
        assert (len(first.began), len(second.began)) == (1, 0)
        await first.ends()
        await asyncio.sleep(LOCK_KEPT_EVERY + 1)
        assert 1000 <= second.began[0] <= 1000 + LOCK_KEPT_EVERY
        await second.ends()
    assert holders(engine) == 0


@in_virtual_time
async def test_the_place_of_who_was_killed_is_free_after_a_while(engine: Engine) -> None:
    with transaction(engine) as unit:
        Jobs(unit, BEGAN).hold("poller", "of the dead", LOCK_LASTS)
    async with writing(engine) as writer:
        poller = Poller(writer)
        await asyncio.sleep(60)
        await poller.ends()
    assert LOCK_LASTS.total_seconds() <= poller.began[0] <= LOCK_LASTS.total_seconds() + LOCK_KEPT_EVERY


@in_virtual_time
async def test_who_starts_in_the_place_of_the_dead_need_not_wait(engine: Engine) -> None:
    here, elsewhere = holder_at("127.0.0.1", 8080), holder_at("127.0.0.1", 8081)
    assert here != elsewhere
    async with writing(engine) as writer:
        dead = Poller(writer, here)
        await asyncio.sleep(1)
        await writer.do(lambda unit: forget_holder(unit, elsewhere))
        assert holders(engine) == 1, "another one's place is not touched"
        await writer.do(lambda unit: forget_holder(unit, here))
        assert holders(engine) == 0
        await dead.ends()


@in_virtual_time
async def test_who_lost_the_place_stops(engine: Engine) -> None:
    async with writing(engine) as writer:
        poller = Poller(writer)
        await asyncio.sleep(10)
        with transaction(engine) as unit:
            later = BEGAN + timedelta(hours=1)
            unit.write(update(locks).values(token="another's", until=later))
        await asyncio.sleep(LOCK_KEPT_EVERY + 1)
        assert isinstance(poller.task.exception(), LockLost)
        with reading(engine) as unit:
            assert unit.read(select(locks.c.token)).scalar_one() == "another's"


@in_virtual_time
async def test_who_is_stopped_is_not_told_that_the_place_was_lost(engine: Engine) -> None:
    async with writing(engine) as writer:
        poller = Poller(writer)
        await asyncio.sleep(10)
        await poller.ends()
        assert poller.task.cancelled()
    assert holders(engine) == 0
