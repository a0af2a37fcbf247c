"""Every statement by which announcements go on finds its rows by an index, however many people they are for."""

from collections.abc import Iterator
from operator import methodcaller

import pytest
from sqlalchemy import Engine

from storage.announcement_counting import uncounted
from storage.announcement_progress import ProgressMessages, progress_of
from storage.broadcasting import HELD_FOR
from storage.database import open_database
from storage.domain.announcements import Correction
from storage.domain.audience import Audience
from tests.announced import Office
from tests.settlement import on, second_congress
from tests.storage.plans import Plans


@pytest.fixture
def office(alterable_url: str) -> Iterator[Office]:
    """In a database that no earlier test has left statistics in."""
    engine: Engine = open_database(alterable_url)
    yield Office(engine, on(engine))
    engine.dispose()


def test_an_announcement_from_its_beginning_to_its_end(office: Office) -> None:
    with office.storing() as store:
        second_congress(store, office.place)  # to the only one everybody belongs
    first, *_ = office.residents(12)
    office.residents(8, "plain")
    office.is_gone(first)
    plans = Plans(office.engine)
    number = office.announces(text="{姓名}，{代表}")
    office.steps()
    office.sends(limit=5)
    for name in ("pause", "resume"):
        office.does(methodcaller(name, number))
        office.steps()
    office.paces = {"tap": 10.0}
    right = office.announces(Audience(of_announcement=number), corrects=number, how=Correction.REPLACE)
    office.sends_all()
    with office.storing() as store:
        assert store.broadcasting.opened(right, first)
        told = ProgressMessages(store.unit, store.now, store.announcements)
        for one in told.due():
            told.tell(progress_of(store.unit, one), office.words.progress, {"tap": True})
        assert uncounted(store.unit) is None
    office.passes(HELD_FOR.total_seconds() + 1)
    office.sends_all()
    # The last id is the first entry of its index from behind.
    assert [statement for statement in plans.scans if "max(people.id)" not in statement] == []
