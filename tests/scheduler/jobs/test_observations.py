"""On Monday morning deputies and staff read, each in one message, what residents saw in the week before."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine

from scheduler.jobs.sum_up_observations import sum_up_observations
from storage.calendar import published
from storage.domain.roles import Role
from tests.conversing import Person, Town, joined
from tests.scheduler.jobs.test_rectifications import runs
from tests.settlement import Settlement, enrolled, on, second_congress
from tests.storage.test_observations import a_resident, seen
from tests.storage.test_projects import a_project

MONDAY = datetime(2026, 9, 7, 1, 7, tzinfo=UTC)  # seven past nine in China


@pytest.fixture(autouse=True)
def place(engine: Engine) -> Settlement:
    return on(engine)


@pytest.fixture
def town(engine: Engine) -> Town:
    return Town(engine)


def sum_up(town: Town) -> None:
    runs(town, sum_up_observations(town.dispatcher, lambda _: None, published))


def everybody(town: Town) -> tuple[Person, Person]:
    people = town.person("deputy"), town.person("staff")
    for person in people:
        person.says("取消")
        person.reads()
    return people


def test_each_gets_one_message_with_all_their_projects(
    town: Town, place: Settlement, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.observations.CONGRESSES", 1)
    with town.store() as store:
        projects = [a_project(store, place, title=title) for title in ("道路", "食堂", "路灯")]
        for project in projects:
            store.liaisons.assign(project, [place.deputy])
            seen(store, place, project, a_resident(store), "积水")
        congress = second_congress(store, place)
        store.people.grant(place.staff, congress, Role.STAFF)
        seen(store, replace(place, congress=congress), projects[0], a_resident(store), "积水")
    deputy, staff = everybody(town)
    town.now = MONDAY.replace(hour=0)
    sum_up(town)
    assert deputy.reads() == [], "at eight they are not at work"
    for _ in range(3):  # replicas and restarts
        town.now = max(MONDAY, town.now)
        sum_up(town)
        town.passes(minutes=30)
    (said,) = deputy.reads()
    assert "居民说了" in said
    assert all(title in deputy.screen() for title in ("道路", "食堂", "路灯"))
    assert len(staff.reads()) == 1
    assert "居民说了" in staff.screen()


def test_what_was_answered_in_between_says_nothing(town: Town, place: Settlement) -> None:
    with town.store() as store:
        project = a_project(store, place)
        number = seen(store, place, project, a_resident(store))
        store.observations.answer(number, "好")
        enrolled(store, "d2", "孙丽", place.congress, Role.DEPUTY)
    _, staff = everybody(town)
    town.now = MONDAY
    sum_up(town)
    assert joined(staff.reads()) == ""
