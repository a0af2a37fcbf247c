"""What time brings reaches people as one message, in the order in which it must happen."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, select

from handlers.dispatch import Dispatched
from scheduler.jobs.begin_prompts import CHUNK
from scheduler.jobs.supervise import supervise
from scheduler.runner import Runner
from storage.calendar import published
from storage.database import Unit, reading, transaction
from storage.domain.cadence import DEFAULTS, Duty
from storage.domain.roles import Role
from storage.tables import outbox, prompts
from tests.conversing import NOW, Town, joined
from tests.settlement import Settlement, enrolled, on, second_congress
from tests.storage.test_projects import a_project

WEEK_LATER = datetime(2026, 9, 8, 1, tzinfo=UTC)


@pytest.fixture
def place(engine: Engine) -> Settlement:
    return on(engine)


@pytest.fixture
def town(engine: Engine, place: Settlement) -> Town:
    town = Town(engine)
    assert place.deputy
    return town


def runs(town: Town, done: list[Dispatched] | None = None) -> bool:
    """The job, as the runner does it; whether it was due."""

    async def do(work: Callable[[Unit], bool]) -> bool:
        with transaction(town.engine) as unit:
            return work(unit)

    job = supervise(town.dispatcher, (done if done is not None else []).append, published)
    return asyncio.run(Runner([job], do, lambda: town.now).run(job))


def charged(town: Town, place: Settlement, *titles: str) -> list[int]:
    with town.store() as store:
        numbers = [a_project(store, place, title=title) for title in titles]
        for number in numbers:
            store.liaisons.assign(number, [place.deputy])
    return numbers


def test_everything_that_is_due_comes_in_one_message(town: Town, place: Settlement) -> None:
    charged(town, place, "柳树湾道路硬化", "老桥头路灯")
    with town.store() as store:
        county = second_congress(store, place)
        store.people.grant(place.deputy, county, Role.DEPUTY)
        for duty in (Duty.INSPECTION, Duty.QUESTIONS):
            store.cadences.set(place.congress, duty, replace(DEFAULTS[Duty.INSPECTION]))
            store.cadences.turn_on(place.congress, duty)
    town.now = NOW
    done: list[Dispatched] = []
    assert runs(town, done)
    deputy = town.person("deputy")
    (told,) = deputy.reads()
    assert told.count("柳树湾道路硬化") == told.count("老桥头路灯") == 2, "both duties of each"
    assert [len(one.mail) for one in done if one.mail] == [1]
    assert not runs(town), "that moment is done"
    town.now += timedelta(minutes=5)
    assert runs(town)
    assert deputy.reads() == []
    assert town.faults == []


def test_who_is_in_the_middle_of_something_is_prompted_when_that_is_over(town: Town, place: Settlement) -> None:
    charged(town, place, "柳树湾道路硬化")
    deputy = town.person("deputy")
    deputy.says("提建议")
    town.now = NOW
    runs(town)
    assert deputy.reads() == []
    deputy.says("取消")
    assert "柳树湾道路硬化" in joined(deputy.reads() or [deputy.screen()])


def test_the_prompts_of_a_whole_town_are_begun_in_one_run_by_small_steps(town: Town, place: Settlement) -> None:
    (number,) = charged(town, place, "柳树湾道路硬化")
    with town.store() as store:
        store.cadences.turn_on(place.congress, Duty.RECEPTION)
        for at in range(2 * CHUNK):
            enrolled(store, f"d{at}", f"代表{at}", place.congress, Role.DEPUTY)
    town.now = WEEK_LATER
    assert number
    runs(town)
    with reading(town.engine) as unit:
        assert unit.read(select(prompts.c.id)).all() == []
        waiting = unit.read(select(outbox.c.account_id)).scalars().all()
    assert len(waiting) == len(set(waiting)) == 2 * CHUNK + 1


def test_what_is_answered_before_its_turn_is_not_asked_for(town: Town, place: Settlement) -> None:
    (number,) = charged(town, place, "柳树湾道路硬化")
    deputy = town.person("deputy")
    deputy.says("提建议")
    town.now = NOW
    runs(town)
    with town.store() as store:
        store.cadences.turn_off(place.congress, Duty.INSPECTION)
    assert number
    assert "督查" not in joined(deputy.says("取消"))
    assert town.faults == []
