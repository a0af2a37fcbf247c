"""Replicas tell one another whose mail waits, and agree on who polls; Redis makes it quick, the database decides."""

import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
import redis.asyncio
from sqlalchemy import Engine, update
from structlog.testing import capture_logs

from bot import coordination
from bot.coordination import LOCK_LASTS, TOPIC, Coordination, LockLost, OnlyOne, SharedGuard, holder_at
from bot.writer import Writer
from storage.database import transaction
from storage.tables import locks
from tests.conversing import NOW, Town
from tests.servers import RedisServer

PATIENCE = 20.0  # seconds
SOON = 0.005  # seconds between two looks at a lock


class Replica:
    """One side. `mail` is what it heard."""

    def __init__(self, url: str) -> None:
        self.mail: list[tuple[str, str]] = []
        self.coordination = Coordination(url, lambda *whose: self.mail.append(whose))


@asynccontextmanager
async def replicas(*urls: str) -> AsyncIterator[list[Replica]]:
    sides = [Replica(url) for url in urls]
    for side in sides:
        side.coordination.start()
    try:
        yield sides
    finally:
        for side in sides:
            await side.coordination.stop()


async def tells(side: Replica, other: Replica, account: str) -> None:
    """Tell until it is heard: nobody knows when the other has begun to listen."""
    async with asyncio.timeout(PATIENCE):
        while ("web", account) not in other.mail:
            await side.coordination.tell("web", account)
            await asyncio.sleep(SOON)


async def test_what_one_replica_tells_the_other_hears(redis_url: str) -> None:
    async with replicas(redis_url, redis_url) as (here, there):
        await tells(here, there, "居民一")
        await tells(there, here, "居民二")


async def test_many_are_told_of_at_once(redis_url: str) -> None:
    names = [f"居民{number}" for number in range(300)]
    async with replicas(redis_url, redis_url) as (here, there):
        await tells(here, there, "before")
        with capture_logs() as logged:
            await asyncio.gather(*(here.coordination.tell("web", name) for name in names))
        await tells(here, there, "after")
    assert {("web", name) for name in names} <= set(there.mail)
    assert logged == []


async def test_junk_on_the_topic_ends_nothing(redis_url: str) -> None:
    async with replicas(redis_url, redis_url) as (here, there):
        await tells(here, there, "before")
        async with redis.asyncio.Redis.from_url(redis_url) as client:
            for junk in (b"\xff\x00", b"{", b"[]", b'["web"]', json.dumps(["web", "a", "b"]).encode()):
                await client.publish(TOPIC, junk)
        await tells(here, there, "after")


async def test_a_restart_of_redis_is_waited_out(redis_server: RedisServer) -> None:
    async with replicas(redis_server.url, redis_server.url) as (here, there):
        await tells(here, there, "before")
        redis_server.stop()
        assert not await here.coordination.answers()
        await here.coordination.tell("web", "lost")
        redis_server.start()
        await tells(here, there, "after")
        assert await here.coordination.answers()
    assert ("web", "lost") not in there.mail


async def test_without_redis_nothing_is_told_and_nothing_is_wrong() -> None:
    async with replicas("") as (alone,):
        await alone.coordination.tell("web", "居民")
        assert await alone.coordination.answers()
    assert alone.mail == []


# --- who polls


class Place:
    """Something that one replica holds at a time, on a clock that stands until it is moved."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.town = Town(engine)
        self.now = NOW
        self.inside: list[str] = []
        self.entered = defaultdict[str, asyncio.Event](asyncio.Event)

    @asynccontextmanager
    async def writer(self) -> AsyncIterator[Writer]:
        writer = Writer(self.engine, self.town.dispatcher, threads=1, on_done=lambda _: None)
        writer.start()
        try:
            yield writer
        finally:
            await writer.stop()

    @asynccontextmanager
    async def replica(self, holder: str = "") -> AsyncIterator[OnlyOne]:
        async with self.writer() as writer:
            yield OnlyOne("poller", writer, lambda: self.now, kept_every=SOON, holder=holder)

    async def stays(self, only_one: OnlyOne, name: str, until: asyncio.Event) -> None:
        async with only_one():
            self.inside.append(name)
            self.entered[name].set()
            await until.wait()

    async def has(self, name: str) -> None:
        async with asyncio.timeout(PATIENCE):
            await self.entered[name].wait()

    def taken_by_somebody(self) -> None:
        with transaction(self.engine) as unit:
            unit.write(update(locks).values(token="somebody else's"))


@pytest.fixture
def place(engine: Engine) -> Place:
    return Place(engine)


async def test_one_holds_the_place_and_the_next_gets_it_when_it_goes(place: Place) -> None:
    leaves, stays = asyncio.Event(), asyncio.Event()
    async with place.replica() as first, place.replica() as second:
        holding = asyncio.create_task(place.stays(first, "first", leaves))
        await place.has("first")
        waiting = asyncio.create_task(place.stays(second, "second", stays))
        place.now += LOCK_LASTS / 2
        await asyncio.sleep(SOON * 5)
        assert place.inside == ["first"]

        leaves.set()
        await holding
        await place.has("second")
        stays.set()
        await waiting


async def test_who_is_not_heard_of_for_too_long_is_followed(place: Place) -> None:
    stays = asyncio.Event()
    async with place.replica() as killed, place.replica() as next_one:
        # Killed: it took the place, and never keeps it nor lets it go.
        assert await killed._hold()
        waiting = asyncio.create_task(place.stays(next_one, "next", stays))
        await asyncio.sleep(SOON * 5)
        assert place.inside == []

        place.now += LOCK_LASTS + timedelta(seconds=1)
        await place.has("next")
        stays.set()
        await waiting


async def test_who_has_lost_the_place_learns_it_in_the_middle(place: Place) -> None:
    async with place.replica() as only_one:
        holding = asyncio.create_task(place.stays(only_one, "one", asyncio.Event()))
        await place.has("one")
        place.taken_by_somebody()

        with pytest.raises(LockLost):
            async with asyncio.timeout(PATIENCE):
                await holding


async def test_who_is_cancelled_lets_go(place: Place) -> None:
    stays = asyncio.Event()
    async with place.replica() as first, place.replica() as second:
        holding = asyncio.create_task(place.stays(first, "first", asyncio.Event()))
        await place.has("first")
        holding.cancel()
        with pytest.raises(asyncio.CancelledError):
            await holding
        waiting = asyncio.create_task(place.stays(second, "second", stays))
        await place.has("second")
        stays.set()
        await waiting


async def test_replicas_do_not_refresh_a_token_by_force_one_after_another(place: Place) -> None:
    async def asked(replica: Writer, channel: str) -> bool:
        return await SharedGuard(channel, replica, lambda: place.now).may_force()

    async with place.writer() as here, place.writer() as there:
        both = await asyncio.gather(asked(here, "wechat"), asked(there, "wechat"))
        assert sorted(both) == [False, True]
        assert await asked(there, "wecom")
        place.now += timedelta(seconds=30)
        assert await asked(there, "wechat")
        assert not await asked(here, "wechat")


def test_a_holder_is_the_same_at_its_next_start_and_nobody_else() -> None:
    assert holder_at("127.0.0.1", 8080) == holder_at("127.0.0.1", 8080)
    assert len({holder_at("127.0.0.1", 8080), holder_at("127.0.0.1", 8081), holder_at("0.0.0.0", 8080)}) == 3


def test_containers_that_are_alike_are_different_holders(monkeypatch: pytest.MonkeyPatch) -> None:
    here = holder_at("0.0.0.0", 8080)
    monkeypatch.setattr(coordination, "_network", lambda: "the machine beside")
    assert here != holder_at("0.0.0.0", 8080)
    monkeypatch.setattr(coordination, "_network", lambda: "")
    assert holder_at("0.0.0.0", 8080) == "", "who cannot tell takes nobody's leases"
