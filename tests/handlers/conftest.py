"""A town to talk with: in memory, so that a hundred conversations take a second."""

import pytest
from sqlalchemy import Engine

from tests.conversing import Person, Town


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
