"""Who has to put something right is told so in time, once, whatever replicas and downtime there are."""

import asyncio
from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import Engine, func, select

from scheduler.jobs.owe_explanations import owe_explanations
from scheduler.jobs.remind_rectifications import CHUNK, remind_rectifications
from scheduler.runner import Job, Runner
from storage.calendar import Calendar, published
from storage.database import Unit, reading, transaction
from storage.domain.working_days import WorkingDays
from storage.tables import job_runs, prompts, rectifications
from tests.conversing import Person, Town, joined
from tests.rectified import a_problem, builder
from tests.settlement import Settlement, on
from tests.storage.test_projects import a_project


@pytest.fixture(autouse=True)
def place(engine: Engine) -> Settlement:
    return on(engine)


@pytest.fixture
def town(engine: Engine) -> Town:
    return Town(engine)


@pytest.fixture
def body(town: Town, place: Settlement) -> Person:
    """Of the implementing body, on a channel of their own."""
    with town.store() as store:
        builder(store, place)
    person = town.person("builder")
    person.says("取消")
    return person


def runs(town: Town, what: Job) -> None:
    async def do(work: Callable[[Unit], bool]) -> bool:
        with transaction(town.engine) as unit:
            return work(unit)

    asyncio.run(Runner([what], do, lambda: town.now).run(what))


def job(town: Town, calendar: Calendar = published) -> Job:
    """As a process has it that was just started."""
    return remind_rectifications(town.dispatcher, lambda _: None, calendar)


def remind(town: Town) -> None:
    runs(town, job(town))


def problems(town: Town, place: Settlement, count: int) -> int:
    with town.store() as store:
        project = a_project(store, place)
        for _ in range(count):
            a_problem(store, place, project)
    return project


def test_however_many_are_due_a_person_gets_one_message(town: Town, place: Settlement, body: Person) -> None:
    count = 2 * CHUNK + 3
    problems(town, place, count)
    body.reads()
    town.passes(minutes=3)
    remind(town)
    (said,) = body.reads()
    assert f"您单位有 {count} 件整改要办" in said


def test_two_replicas_and_a_restart_tell_nobody_twice(town: Town, place: Settlement, body: Person) -> None:
    problems(town, place, 1)
    town.passes(minutes=3)
    body.reads()
    for _ in range(3):
        remind(town)
        town.now += timedelta(minutes=5)
    assert len(body.reads()) == 1


def test_days_of_downtime_are_one_message(town: Town, place: Settlement, body: Person) -> None:
    problems(town, place, 2)
    town.now = datetime(2026, 9, 17, 3, tzinfo=town.now.tzinfo)
    body.reads()
    remind(town)
    town.passes(minutes=40)
    remind(town)
    assert "您单位有 2 件整改要办" in joined(body.reads())
    with reading(town.engine) as unit:
        assert unit.read(select(func.count()).select_from(prompts)).scalar_one() == 0


def test_a_run_that_was_cut_off_is_gone_on_with(town: Town, place: Settlement, body: Person) -> None:
    problems(town, place, CHUNK + 1)
    town.passes(minutes=3)
    body.reads()
    with transaction(town.engine) as unit:
        assert job(town).step(unit, town.now), "and then its process is killed"
    remind(town)
    (said,) = body.reads()
    assert f"您单位有 {CHUNK + 1} 件整改要办" in said


def test_a_tick_with_nothing_due_writes_nothing(town: Town, place: Settlement) -> None:
    problems(town, place, 1)
    town.passes(minutes=3)
    remind(town)
    with transaction(town.engine) as unit:
        assert not job(town).step(unit, town.now)
        assert unit.writes == 0


def test_days_are_counted_by_the_calendar_of_the_installation(town: Town, place: Settlement) -> None:
    problems(town, place, 1)
    free = WorkingDays(frozenset(date(2026, 9, day) for day in range(7, 12)), frozenset(), frozenset({2026}))
    with transaction(town.engine) as unit:
        job(town, lambda: free).step(unit, town.now)
    with reading(town.engine) as unit:
        (next_at,) = unit.read(select(rectifications.c.next_at)).scalars()
    assert next_at.date() == date(2026, 9, 4), "the week before it is due is free"


def test_passed_deadlines_are_asked_about_once_a_day_in_chunks(town: Town, place: Settlement) -> None:
    problems(town, place, 0)
    town.now = datetime(2026, 12, 1, 22, 30, tzinfo=town.now.tzinfo)
    for _ in range(3):
        runs(town, owe_explanations(published))
        town.now += timedelta(days=1)
    with reading(town.engine) as unit:
        (row,) = unit.read(select(rectifications.c.kind, rectifications.c.project_id))
        assert tuple(row) == ("late", 1)
        assert unit.read(select(func.count()).select_from(job_runs)).scalar_one() == 3
