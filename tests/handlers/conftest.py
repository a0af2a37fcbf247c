"""A town to talk with: in memory, so that a hundred conversations take a second."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conversing import Person, Town
from tests.settlement import Settlement, Template


@pytest.fixture(scope="session")
def template(sqlite_template: Path) -> Iterator[Template]:
    template = Template(sqlite_template)
    yield template
    template.dispose()


@pytest.fixture(scope="session")
def place(template: Template) -> Settlement:
    return template.place


@pytest.fixture
def town(template: Template) -> Iterator[Town]:
    engine = template.copy()
    yield Town(engine)
    engine.dispose()


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
