"""A town to talk with: in memory, so that a hundred conversations take a second."""

import pytest
from sqlalchemy import Engine

from tests.conversing import Person, Town
from tests.handlers.watching import owes, watched
from tests.settlement import Settlement
from tests.supervised import of_body


@pytest.fixture
def town(settled: Engine) -> Town:
    return Town(settled)


@pytest.fixture
def resident(town: Town) -> Person:
    """Somebody who has been told what we keep, and agreed by going on."""
    person = town.person("resident")
    person.says("取消")
    return person


@pytest.fixture
def staff(town: Town) -> Person:
    return town.person("staff")


@pytest.fixture
def deputy(town: Town) -> Person:
    return town.person("deputy")


@pytest.fixture(params=["tap", "plain"])
def anyone(request: pytest.FixtureRequest, town: Town) -> Person:
    """Somebody who has been told what we keep, on a channel with buttons and on one without."""
    person = town.person("anyone", request.param)
    person.says("取消")
    return person


@pytest.fixture
def clerk(staff: Person) -> Person:
    """王芳 of the office, who has been told what we keep."""
    staff.says("取消")
    return staff


@pytest.fixture
def author(resident: Person) -> Person:
    """Whose proposal is number 1."""
    resident.suggests("柳树湾修路")
    return resident


@pytest.fixture(params=["tap", "plain"])
def watcher(request: pytest.FixtureRequest, town: Town, place: Settlement) -> Person:
    """李强, a deputy, on a channel with buttons and on one without, who has been told what we keep."""
    person = town.person("deputy")
    if request.param == "plain":
        town.passes(minutes=1)
        with town.store() as store:
            store.people.add_account(place.deputy, "plain", "li", "li")
        person = town.person("li", "plain")
    person.says("取消")
    return person


@pytest.fixture
def inspector(deputy: Person) -> Person:
    """李强, who has been told what we keep, on a channel with buttons."""
    deputy.says("取消")
    return deputy


@pytest.fixture
def number(town: Town, place: Settlement) -> int:
    """A project that 李强 is charged with, of which a report is owed."""
    number = watched(town, place)
    owes(town, place, number)
    return number


@pytest.fixture
def builder(town: Town, place: Settlement) -> Person:
    """陈工 of the body that builds the project."""
    with town.store() as store:
        of_body(store, place)
    person = town.person("builder")
    person.says("取消")
    return person
