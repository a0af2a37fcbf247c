"""Whom an announcement is for, and what became of it, is found by indexes on both databases, however many people there
are."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, insert

from storage.announcements import Announcement
from storage.audit import Actor
from storage.database import open_database
from storage.domain.announcements import Correction
from storage.domain.audience import Audience, Groups, Reached
from storage.domain.roles import Role
from storage.my_data import MyData
from storage.recipients import Recipients
from storage.store import Store
from storage.tables import people
from tests.conversing import NOW
from tests.settlement import Settlement, on, second_congress
from tests.storage.audience_towns import CHANNELS, a_content, told
from tests.storage.plans import Plans
from tests.storage.test_people import storing

SOME = Groups(roles=(Role.DEPUTY,), areas=(2, 3), groups=("一组",), projects=(1,), proposals=(1, 2))
AUDIENCES = (
    Audience(everybody=True),
    Audience(those=SOME, without=SOME, channels=CHANNELS),
    *(Audience(of_announcement=1, reached=reached) for reached in Reached),
)


@pytest.fixture
def engine(alterable_url: str) -> Iterator[Engine]:
    """Of a database that no earlier test has left statistics in."""
    engine = open_database(alterable_url)
    yield engine
    engine.dispose()


@pytest.fixture
def place(engine: Engine) -> Settlement:
    """With so many people that PostgreSQL, which has counted them, does not go through all to find some."""
    place = on(engine)
    with storing(engine) as store:
        second_congress(store, place)  # to the only one everybody belongs
    with engine.begin() as connection:
        connection.execute(insert(people), [{"created_at": NOW}] * 2_000)
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("ANALYZE people")
    return place


def scans_of(plans: Plans) -> dict[str, list[str]]:
    """But for the last id, which stands at the end of its index, and for what a merge changes besides."""
    others = ("SELECT max(people.id)", "UPDATE liaisons", "UPDATE duties", "SELECT mine.id, mine.answered_at")
    return {statement: steps for statement, steps in plans.scans.items() if not statement.startswith(others)}


def announced(store: Store, place: Settlement, audience: Audience, corrects: int | None) -> Announcement:
    correction = Correction.REPLACE if corrects else None
    number = store.announcements.add(place.congress, a_content(audience), corrects=corrects, correction=correction)
    one = store.announcements.get(number)
    assert one
    return one


@pytest.mark.parametrize("audience", AUDIENCES)
@pytest.mark.parametrize("chunk", [1_000, 5_000])
def test_whom_it_is_for(engine: Engine, place: Settlement, audience: Audience, chunk: int) -> None:
    with storing(engine, actor=Actor(place.staff)) as store:
        first = announced(store, place, Audience(everybody=True), None)
        told(store, first.number, ("sent", ""))
    plans = Plans(engine)
    with storing(engine, actor=Actor(place.staff)) as store:
        store.audiences.small_reach(place.congress, audience)
        store.audiences.examples(place.congress, audience)
        for corrects in (None, first.number):
            one = announced(store, place, audience, corrects)
            preparing = Recipients(store.unit, store.now, store.audiences, chunk)
            preparing.begin(one)
            while preparing.prepare(one):
                pass
    assert scans_of(plans) == {}


def test_what_became_of_it(engine: Engine, place: Settlement) -> None:
    with storing(engine, actor=Actor(place.staff)) as store:
        number = announced(store, place, Audience(everybody=True), None).number
        person, into = (told(store, number, fate) for fate in (("sent", ""), ("waiting", "")))
    plans = Plans(engine)
    with storing(engine) as store:
        reports, mine = store.announcement_reports, MyData(store.unit, person)
        assert reports.totals(number).sums_up
        assert (len(reports.by_cell(number)), len(reports.by_channel(number))) == (1, 1)
        reports.telephones(number)
        mine.announcements()
        mine.announced()
        store.people.merge(person, into=into)
        store.people.forget(into)
    assert scans_of(plans) == {}
