"""The one hand that writes: few commits, nothing acknowledged before its commit, nobody hurt by a neighbour."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import Engine, event, insert, select, text
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from bot.writer import CHARACTERS_A_COMMIT, MESSAGES_A_COMMIT, Stopped, Writer
from handlers.catalogue import ROUTES
from handlers.dispatch import Dispatched
from handlers.messages import Attachment, Inbound, Kind, Received
from handlers.routes import Routes, conversation
from handlers.talk import Reply, Talk
from handlers.texts.phrase import Phrase
from storage.arrivals import lock_key
from storage.database import Unit, open_database, reading
from storage.tables import accounts, messages, outbox, people, revisions
from tests.conversing import Town
from tests.databases import migrate_at
from tests.servers import PostgresServer
from tests.virtual_time import BEGAN, in_virtual_time


@dataclass
class Desk:
    """A database and what writers do to it. `commits` counts; `done` is what they told."""

    engine: Engine
    commits: int = 0
    failing: int = 0  # so many commits are going to fail
    done: list[Dispatched] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.town = Town(self.engine)
        event.listen(self.engine, "commit", self._committing)

    def _committing(self, _: object) -> None:
        if self.failing:
            self.failing -= 1
            broken = sqlite3.OperationalError("disk I/O error")
            broken.sqlite_errorcode = sqlite3.SQLITE_IOERR
            raise OperationalError("COMMIT", None, broken)
        self.commits += 1

    @asynccontextmanager
    async def writer(self, threads: int = 1, *, start: bool = True) -> AsyncIterator[Writer]:
        writer = Writer(self.engine, self.town.dispatcher, threads=threads, on_done=self.done.append)
        if start:
            writer.start()
        try:
            yield writer
        finally:
            await writer.stop()

    def stored(self, *columns: Any) -> list[Any]:
        """What came in, in the order of commit: texts, or these columns."""
        with reading(self.engine) as unit:
            chosen = select(*(columns or (messages.c.text,))).where(messages.c.direction == "in")
            rows = unit.read(chosen.order_by(messages.c.id)).all()
            return [row[0] if len(row) == 1 else tuple(row) for row in rows]

    def replies(self) -> int:
        with reading(self.engine) as unit:
            return len(unit.read(select(outbox.c.message_id)).all())


@pytest.fixture
def desk(engine: Engine) -> Desk:
    return Desk(engine)


def says(account: str, what: str, **more: Any) -> Inbound:
    return Inbound("tap", account, f"{account}:{what[:20]}", more.pop("kind", Kind.TEXT), BEGAN, text=what, **more)


def add(name: str) -> Callable[[Unit], int]:
    """Work that writes a row, and gives the length of its name."""

    def work(unit: Unit) -> int:
        unit.write(insert(revisions).values(name=name, number=1))
        return len(name)

    return work


# --- few commits


@in_virtual_time
async def test_messages_that_wait_share_a_commit(desk: Desk) -> None:
    people = MESSAGES_A_COMMIT * 4
    async with desk.writer() as writer:
        received = await asyncio.gather(*(writer.receive(says(f"p{one}", "你好")) for one in range(people)))
    assert received == [Received.ACTED_ON] * people
    assert desk.commits == 4
    assert desk.replies() >= people
    assert len(desk.done) == 4


@in_virtual_time
async def test_long_texts_do_not_share_a_commit(desk: Desk) -> None:
    long = "路" * CHARACTERS_A_COMMIT
    async with desk.writer() as writer:
        await asyncio.gather(*(writer.receive(says(f"p{one}", long)) for one in range(3)))
    assert desk.commits == 3


@in_virtual_time
async def test_works_and_messages_share_a_commit(desk: Desk) -> None:
    async with desk.writer() as writer:
        calls = writer.do(add("a")), writer.receive(says("p", "你好")), writer.do(add("b"))
        first, received, second = await asyncio.gather(*calls)
    assert (first, received, second) == (1, Received.ACTED_ON, 1)
    assert desk.commits == 1


@in_virtual_time
async def test_one_persons_messages_are_handled_in_order(desk: Desk) -> None:
    people, words = "甲乙丙丁戊", [f"第{number}句话" for number in range(8)]
    async with desk.writer(threads=1 if desk.engine.dialect.name == "sqlite" else 4) as writer:
        await asyncio.gather(*(writer.receive(says(person, word)) for word in words for person in people))
    stored = desk.stored(messages.c.platform_key)
    for person in people:
        assert [key for key in stored if key.startswith(person)] == [f"{person}:{word}" for word in words]
    assert desk.commits <= len(words) * 4


@in_virtual_time
async def test_nobody_hears_before_the_commit(desk: Desk) -> None:
    heard_at: list[int] = []
    async with desk.writer(start=False) as writer:
        waiting = asyncio.create_task(writer.receive(says("p", "你好")))
        waiting.add_done_callback(lambda _: heard_at.append(desk.commits))
        await asyncio.sleep(100)
        assert not waiting.done()
        writer.start()
        await waiting
    assert heard_at == [1]


# --- repeats


@in_virtual_time
async def test_a_repeat_has_no_second_effect(desk: Desk) -> None:
    async with desk.writer() as writer:
        first = await writer.receive(says("p", "你好"))
        replies = desk.replies()
        again = await asyncio.gather(*(writer.receive(says("p", "你好")) for _ in range(3)))
    assert [first, *again] == [Received.ACTED_ON, *[Received.REPEATED] * 3]
    assert desk.replies() == replies


@in_virtual_time
async def test_two_replicas_act_once_on_a_message_that_both_get(desk: Desk) -> None:
    async with desk.writer() as one, desk.writer() as other:
        for number in range(10):
            inbound = [says(f"p{person}", f"第{number}句") for person in range(5)]
            received = await asyncio.gather(*(writer.receive(each) for writer in (one, other) for each in inbound))
            assert sorted(received) == [Received.ACTED_ON] * 5 + [Received.REPEATED] * 5
    assert len(desk.stored()) == 50
    with reading(desk.engine) as unit:
        assert len(unit.read(select(accounts.c.id)).all()) == 5


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@in_virtual_time
async def test_whom_another_replica_acts_for_waits_and_keeps_nobody_waiting(desk: Desk) -> None:
    async with desk.writer() as writer:
        with desk.engine.begin() as elsewhere:
            lock = text("SELECT pg_advisory_xact_lock(:key)")
            elsewhere.execute(lock, {"key": lock_key("tap", "busy")})
            busy = [asyncio.create_task(writer.receive(says("busy", word))) for word in ("一", "二")]
            assert await writer.receive(says("free", "你好")) is Received.ACTED_ON
            await asyncio.sleep(1)
            assert not any(task.done() for task in busy)
            assert desk.commits < 200, "it is not asked for all the time"
        assert await asyncio.gather(*busy) == [Received.ACTED_ON] * 2
    assert desk.stored()[-2:] == ["一", "二"]


# --- faults of the database


@in_virtual_time
async def test_after_a_fault_of_the_database_the_batch_runs_again(desk: Desk) -> None:
    desk.failing = 3
    loop = asyncio.get_running_loop()
    with capture_logs() as logged:
        async with desk.writer() as writer:
            tasks = [asyncio.create_task(writer.receive(says(f"p{one}", "悄悄话"))) for one in range(5)]
            work = asyncio.create_task(writer.do(add("a")))
            await asyncio.sleep(0.9)
            assert not any(task.done() for task in (*tasks, work))
            assert await asyncio.gather(*tasks, work) == [Received.ACTED_ON] * 5 + [1]
    assert 1.2 < loop.time() < 1.5
    assert desk.commits == 1
    assert desk.stored() == ["悄悄话"] * 5
    assert [entry["event"] for entry in logged] == ["database_fault"] * 3
    assert "悄悄话" not in str(logged)


async def test_when_postgresql_restarts_nothing_is_lost_and_nothing_doubled(postgres_server: PostgresServer) -> None:
    url = postgres_server.databases.create()
    migrate_at(url)
    desk = Desk(open_database(url, pool_size=8))
    async with desk.writer(threads=2) as writer:
        assert await writer.receive(says("p0", "你好")) is Received.ACTED_ON
        await asyncio.to_thread(postgres_server.stop)
        tasks = [asyncio.create_task(writer.receive(says(f"p{one}", f"第{one}句"))) for one in range(40)]
        await asyncio.to_thread(postgres_server.start)
        assert set(await asyncio.gather(*tasks)) == {Received.ACTED_ON}
    assert len(desk.stored()) == 41
    desk.engine.dispose()
    postgres_server.databases.drop(url)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@in_virtual_time
async def test_while_the_disk_is_full_nothing_is_acknowledged_and_then_everything(desk: Desk) -> None:
    with desk.engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    desk.engine.dispose()
    room = {"pages": pages + 20}

    def allow(connection: Any, *_: object) -> None:
        connection.execute(f"PRAGMA max_page_count={room['pages']}").close()

    event.listen(desk.engine, "checkout", allow)
    long = "修路" * 2000
    with capture_logs() as logged:
        async with desk.writer() as writer:
            tasks = [asyncio.create_task(writer.receive(says(f"p{one}", long))) for one in range(40)]
            await asyncio.sleep(60)
            acknowledged = sum(task.done() for task in tasks)
            assert acknowledged == len(desk.stored()) < 40
            room["pages"] = 1_000_000
            assert set(await asyncio.gather(*tasks)) == {Received.ACTED_ON}
    assert desk.stored() == [long] * 40
    assert {(entry["event"], entry["kind"]) for entry in logged} == {("database_fault", "SQLITE_FULL")}


# --- neighbours


@in_virtual_time
async def test_a_message_that_cannot_be_stored_does_not_hurt_its_neighbours(desk: Desk) -> None:
    impossible = Attachment(Kind.PHOTO, "\ud800 is no character")
    with capture_logs() as logged:
        async with desk.writer() as writer:
            inbound = [says(f"p{one}", "你好") for one in range(6)]
            inbound[3] = says("p3", "看这张图", kind=Kind.PHOTO, attachments=(impossible,))
            received = await asyncio.gather(*(writer.receive(each) for each in inbound))
    assert received == [Received.ACTED_ON] * 6
    kinds = dict(desk.stored(messages.c.platform_key, messages.c.kind))
    assert kinds.pop("p3:看这张图") == "unknown", "that there was a message is kept"
    assert set(kinds.values()) == {"text"}
    assert "看这张图" in desk.stored(), "and so are its words"
    assert [entry["event"] for entry in logged] == ["message_not_storable"]
    assert "图" not in str(logged)


@conversation("defers", starts=("写错",))
def defers(talk: Talk) -> Reply:
    talk.store.unit.later(insert(people), {"id": talk.person.id, "created_at": talk.now})  # is there already
    return Reply(Phrase("好了"))


@in_virtual_time
async def test_what_can_be_written_only_at_the_end_is_the_fault_of_who_wrote_it(desk: Desk) -> None:
    desk.town = Town(desk.engine, routes=Routes([*ROUTES.conversations, defers]))
    async with desk.writer() as writer:
        inbound = [says(f"p{one}", "写错" if one == 1 else "你好") for one in range(3)]
        received = await asyncio.gather(*(writer.receive(each) for each in inbound))
    assert received == [Received.ACTED_ON, Received.FAULT, Received.ACTED_ON]
    assert sorted(desk.stored()) == ["你好", "你好", "写错"]
    assert set(desk.stored(messages.c.kind)) == {"text"}
    assert len(desk.town.faults) == 1


@in_virtual_time
async def test_a_sender_who_cannot_be_stored_is_refused_alone(desk: Desk) -> None:
    async with desk.writer() as writer:
        calls = [writer.receive(says(one, "你好")) for one in ("p1", "\udc00", "p2")]
        received = await asyncio.gather(*calls, return_exceptions=True)
        assert received[::2] == [Received.ACTED_ON] * 2
        assert isinstance(received[1], Exception)
        assert await writer.receive(says("p3", "你好")) is Received.ACTED_ON
    assert len(desk.stored()) == 3


@in_virtual_time
async def test_work_that_fails_is_taken_back_alone(desk: Desk) -> None:
    def fails(unit: Unit) -> int:
        add("half done")(unit)
        raise LookupError

    async with desk.writer() as writer:
        calls = writer.do(add("a")), writer.do(fails), writer.receive(says("p", "你好")), writer.do(add("b"))
        results = await asyncio.gather(*calls, return_exceptions=True)
    assert isinstance(results[1], LookupError)
    assert [results[0], results[2], results[3]] == [1, Received.ACTED_ON, 1]
    with reading(desk.engine) as unit:
        assert unit.read(select(revisions.c.name).order_by(revisions.c.name)).scalars().all() == ["a", "b"]


@in_virtual_time
async def test_who_no_longer_waits_for_an_answer_is_heard_all_the_same(desk: Desk) -> None:
    async with desk.writer(start=False) as writer:
        gone = asyncio.create_task(writer.receive(says("p", "一")))
        gone_work = asyncio.create_task(writer.do(add("a")))
        await asyncio.sleep(0)
        gone.cancel()
        gone_work.cancel()
        await asyncio.sleep(0)
        writer.start()
        assert await writer.receive(says("p", "二")) is Received.ACTED_ON
    assert desk.stored() == ["一", "二"]


# --- the end


@in_virtual_time
async def test_a_stop_finishes_what_was_handed_in(desk: Desk) -> None:
    writer = Writer(desk.engine, desk.town.dispatcher, threads=1, on_done=desk.done.append)
    tasks = [asyncio.create_task(writer.receive(says(f"p{one % 7}", f"第{one}句"))) for one in range(70)]
    work = asyncio.create_task(writer.do(add("a")))
    await asyncio.sleep(0)
    writer.start()
    await writer.stop()
    assert {task.result() for task in tasks} == {Received.ACTED_ON}
    assert work.result() == 1
    assert len(desk.stored()) == 70


@in_virtual_time
async def test_a_stop_does_not_wait_for_a_database_at_fault(desk: Desk) -> None:
    desk.failing = 1000
    writer = Writer(desk.engine, desk.town.dispatcher, threads=1, on_done=desk.done.append)
    writer.start()
    tasks = [asyncio.create_task(writer.receive(says(one, "你好"))) for one in ("a", "a", "b")]
    await asyncio.sleep(1)
    await writer.stop()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [Stopped] * 3
    desk.failing = 0
    assert desk.stored() == []


@in_virtual_time
async def test_after_the_end_nothing_is_taken(desk: Desk) -> None:
    async with desk.writer() as writer:
        pass
    with pytest.raises(Stopped):
        await writer.receive(says("p", "你好"))
    with pytest.raises(Stopped):
        await writer.do(add("a"))
