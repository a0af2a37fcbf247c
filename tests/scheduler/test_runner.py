"""Time: every run is done, by one replica, once."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, insert, select
from structlog.testing import capture_logs

from scheduler.runner import Job, Runner
from storage.database import Unit, reading, transaction
from storage.jobs import CUT_OFF_AFTER
from storage.tables import job_runs, revisions

HOURLY = {"minute": "0"}


@dataclass
class Office:
    """A database, a clock that tests move, and what jobs did: the moment of each chunk."""

    engine: Engine
    now: datetime = datetime(2026, 9, 1, 9, 30, tzinfo=UTC)
    chunks: list[tuple[str, datetime]] = field(default_factory=list)

    def runner(self, *jobs: Job) -> Runner:
        return Runner(jobs, self.do, lambda: self.now)

    async def do(self, work: Callable[[Unit], bool]) -> bool:
        def commit() -> bool:
            with transaction(self.engine) as unit:
                return work(unit)

        return await asyncio.to_thread(commit)

    def job(self, name: str = "remind", chunks: int = 1, times: dict[str, str] | None = None) -> Job:
        """A job that has so many chunks to do, each time."""
        left = [chunks]

        def step(_: Unit, now: datetime) -> bool:
            self.chunks.append((name, now))
            left[0] = left[0] - 1 or chunks
            return left[0] < chunks

        return Job(name, times or HOURLY, step)

    def runs(self) -> list[tuple[str, datetime, bool]]:
        """Job, moment, and whether it was finished."""
        with reading(self.engine) as unit:
            rows = unit.read(select(job_runs).order_by(job_runs.c.scheduled_at, job_runs.c.job))
            return [(row.job, row.scheduled_at, row.finished_at is not None) for row in rows]


@pytest.fixture
def office(engine: Engine) -> Office:
    return Office(engine)


def hour(number: int, day: int = 1) -> datetime:
    return datetime(2026, 9, day, number, 0, tzinfo=UTC)


async def test_what_is_due_is_done_once_however_often_it_is_looked_at(office: Office) -> None:
    runner = office.runner(office.job())
    assert await runner.tick() == ["remind"]
    assert await runner.tick() == []
    office.now += timedelta(minutes=29)
    assert await runner.tick() == []
    office.now += timedelta(minutes=1)
    assert await runner.tick() == ["remind"]
    assert office.runs() == [("remind", hour(9), True), ("remind", hour(10), True)]


async def test_of_two_replicas_one_does_each_run(office: Office) -> None:
    replicas = [office.runner(office.job(chunks=3)) for _ in range(2)]
    for _ in range(4):
        done = await asyncio.gather(*(replica.tick() for replica in replicas for _ in range(3)))
        assert sorted(done) == [[]] * 5 + [["remind"]]
        office.now += timedelta(hours=1)
    assert len(office.chunks) == 12


async def test_large_work_is_done_chunk_by_chunk(office: Office) -> None:
    announced: list[int] = []
    job = office.job(chunks=4)
    runner = office.runner(Job(job.name, job.times, job.step, lambda: announced.append(len(office.chunks))))
    await runner.tick()
    assert len(office.chunks) == 4
    assert announced == [1, 2, 3, 4], "each is told of when it is committed"


async def test_only_a_run_that_had_something_to_do_is_told_of(office: Office) -> None:
    def counts(unit: Unit, _: datetime) -> bool:
        unit.write(insert(revisions).values(name="areas", number=1))
        return False

    runner = office.runner(office.job("idle"), Job("counts", HOURLY, counts))
    with capture_logs() as logged:
        await runner.tick()
    assert [(entry["job"], entry["log_level"]) for entry in logged] == [("idle", "debug"), ("counts", "info")]


async def test_a_clock_that_was_set_back_repeats_nothing(office: Office) -> None:
    runner = office.runner(office.job())
    await runner.tick()
    office.now -= timedelta(minutes=20)
    assert await runner.tick() == []
    office.now -= timedelta(hours=1)
    assert await runner.tick() == ["remind"], "that hour had not been done by anybody"
    office.now += timedelta(minutes=80)
    assert await runner.tick() == []
    office.now += timedelta(minutes=30)
    assert await runner.tick() == ["remind"]


async def test_downtime_is_made_up_for_by_one_run(office: Office) -> None:
    runner = office.runner(office.job(), office.job("daily", times={"hour": "3", "minute": "40"}))
    await runner.tick()
    office.now += timedelta(hours=26)
    assert await runner.tick() == ["remind", "daily"]
    assert [run for run in office.runs() if run[0] == "remind"] == [
        ("remind", hour(9), True),
        ("remind", hour(11, day=2), True),
    ]
    assert len(office.chunks) == 4


async def test_a_run_that_was_cut_off_is_gone_on_with(office: Office) -> None:
    cut_off = office.job(chunks=3)

    async def killed(work: Callable[[Unit], bool]) -> bool:
        if len(office.chunks) == 1:
            raise asyncio.CancelledError
        return await office.do(work)

    with pytest.raises(asyncio.CancelledError):
        await Runner([cut_off], killed, lambda: office.now).tick()
    assert office.runs() == [("remind", hour(9), False)]
    office.now += CUT_OFF_AFTER
    runner = office.runner(office.job(chunks=2))
    assert await runner.tick() == [], "it may still be about it"
    office.now += timedelta(seconds=1)
    assert await runner.tick() == ["remind"]
    assert office.runs() == [("remind", hour(9), True)]


async def test_a_job_that_fails_stops_no_other_and_is_tried_again(office: Office) -> None:
    def fails(unit: Unit, _: datetime) -> bool:
        unit.write(insert(revisions).values(name="half done", number=1))
        raise ValueError("text of a resident")

    with capture_logs() as logged:
        runner = office.runner(Job("broken", HOURLY, fails), office.job())
        assert await runner.tick() == ["remind"]
    faults = [entry for entry in logged if entry["event"] == "job_fault"]
    assert [(entry["job"], entry["kind"]) for entry in faults] == [("broken", "ValueError")]
    assert "resident" not in str(logged)
    with reading(office.engine) as unit:
        assert unit.read(select(revisions)).all() == []
    office.now += CUT_OFF_AFTER + timedelta(seconds=1)
    assert await office.runner(office.job("broken")).tick() == ["broken"]


async def test_what_was_never_due_does_not_run(office: Office) -> None:
    assert await office.runner(office.job(times={"year": "2031"})).tick() == []


async def test_from_its_start_it_does_what_was_missed(office: Office) -> None:
    office.now = datetime.now(UTC)
    ran = asyncio.Event()
    job = office.job(times={"hour": "0", "minute": "0"})
    runner = office.runner(Job(job.name, job.times, job.step, ran.set))
    runner.start()
    try:
        async with asyncio.timeout(10):
            await ran.wait()
    finally:
        runner.stop()
    assert len(office.chunks) == 1


async def test_it_can_be_stopped_without_having_been_started(office: Office) -> None:
    office.runner(office.job()).stop()


def test_the_last_moment_due_is_found_near_and_far() -> None:
    def last(now: datetime, **times: str) -> datetime | None:
        return Job("any", times, lambda *_: False).last_due(now)

    assert last(hour(9) + timedelta(seconds=1), minute="*/5") == hour(9)
    assert last(hour(9), minute="*/5") == hour(9)
    assert last(hour(9) - timedelta(seconds=1), minute="*/5") == hour(9) - timedelta(minutes=5)
    assert last(hour(3, day=2), hour="4", minute="0") == hour(4)
    assert last(hour(5, day=4), day="1", hour="4", minute="0") is None, "longer ago than is made up for"
