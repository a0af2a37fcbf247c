"""How each duty comes round in a congress, as staff set it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import Engine, select

from storage.area_index import AreaIndex
from storage.audit import Actor
from storage.database import transaction
from storage.domain.cadence import DEFAULTS, ON_AT_FIRST, BadCadence, Cadence, Duty, Owed, QuietHours
from storage.domain.periods import Period
from storage.domain.roles import Role
from storage.domain.working_days import WorkingDays
from storage.store import Store
from storage.tables import audit, cadences
from tests.conversing import NOW
from tests.settlement import Settlement, on
from tests.storage.test_people import storing


@pytest.fixture
def place(engine: Engine) -> Settlement:
    return on(engine)


def coming(store: Store, place: Settlement, duty: Duty) -> Period:
    found = store.cadences.of(place.congress)[duty].coming
    assert found
    return found


def test_a_new_congress_is_supervised_without_being_set_up(engine: Engine, place: Settlement) -> None:
    with storing(engine) as store:
        arranged = store.cadences.of(place.congress)
        assert list(arranged) == list(Duty)
        assert {duty for duty, one in arranged.items() if one.coming} == ON_AT_FIRST
        inspection = arranged[Duty.INSPECTION]
        assert inspection.cadence == DEFAULTS[Duty.INSPECTION]
        assert coming(store, place, Duty.INSPECTION).opens_on == date(2026, 9, 1), "the day it was founded on"
        december = coming(store, place, Duty.PRE_ASSESSMENT)
        assert (december.opens_on, december.due_on) == (date(2026, 12, 1), date(2026, 12, 21))
        assert arranged[Duty.RECEPTION].cadence == DEFAULTS[Duty.RECEPTION]


def test_what_is_set_plans_what_opens_next_and_is_in_the_log(engine: Engine, place: Settlement) -> None:
    late = Cadence(opens_day=10, due_day=28, escalates_to=Role.PRESIDIUM, quiet=QuietHours(time(20), time(8)))
    with storing(engine, actor=Actor(place.staff), after=timedelta(days=3)) as store:
        store.cadences.set(place.congress, Duty.INSPECTION, late)
    with storing(engine) as store:
        found = store.cadences.of(place.congress)[Duty.INSPECTION]
        assert found.cadence == late
        assert coming(store, place, Duty.INSPECTION).opens_on == date(2026, 9, 10)
        (log,) = store.unit.read(select(audit).where(audit.c.action == "set_cadence")).all()
        assert (log.person_id, log.record, log.record_id) == (place.staff, "congress", place.congress)
        assert log.before == {"duty": "inspection", "rule": DEFAULTS[Duty.INSPECTION].dump()}
        assert log.after == {"duty": "inspection", "rule": late.dump()}


def test_what_contradicts_itself_or_the_duty_changes_nothing(engine: Engine, place: Settlement) -> None:
    with storing(engine) as store:
        with pytest.raises(BadCadence):
            store.cadences.set(place.congress, Duty.RECEPTION, replace(DEFAULTS[Duty.RECEPTION], owed=Owed.GROUP))
        assert store.cadences.of(place.congress)[Duty.RECEPTION].cadence == DEFAULTS[Duty.RECEPTION]


def test_a_duty_is_turned_on_and_off_and_keeps_what_was_set(engine: Engine, place: Settlement) -> None:
    with storing(engine) as store:
        mine = replace(DEFAULTS[Duty.QUESTIONS], due_day=25)
        store.cadences.set(place.congress, Duty.QUESTIONS, mine)
        assert store.cadences.of(place.congress)[Duty.QUESTIONS].coming is None, "it stays turned off"
        store.cadences.turn_on(place.congress, Duty.QUESTIONS)
        store.cadences.turn_on(place.congress, Duty.QUESTIONS)
        found = store.cadences.of(place.congress)[Duty.QUESTIONS]
        assert found.cadence == mine
        assert coming(store, place, Duty.QUESTIONS).key == "2026-12"
        store.cadences.turn_off(place.congress, Duty.QUESTIONS)
        store.cadences.turn_off(place.congress, Duty.QUESTIONS)
        assert store.cadences.of(place.congress)[Duty.QUESTIONS].coming is None
        logged = select(audit.c.action).where(audit.c.action.in_(("turn_on", "turn_off"))).order_by(audit.c.id)
        assert store.unit.read(logged).scalars().all() == ["turn_on", "turn_off"]


@pytest.fixture
def unpublished(engine: Engine) -> Iterator[Store]:
    """At the end of a year; the next one is not published."""
    known = WorkingDays(published=frozenset({2026}))
    with transaction(engine) as unit:
        yield Store(unit, datetime(2026, 12, 20, tzinfo=UTC), AreaIndex(()), calendar=lambda: known)


def test_days_of_a_year_that_is_not_published_are_provisional(place: Settlement, unpublished: Store) -> None:
    cadence = replace(DEFAULTS[Duty.INSPECTION], opens_day=2)
    unpublished.cadences.set(place.congress, Duty.INSPECTION, cadence)
    found = unpublished.cadences.of(place.congress)[Duty.INSPECTION]
    assert found.provisional
    opens_on = coming(unpublished, place, Duty.INSPECTION).opens_on
    assert opens_on == date(2027, 1, 4), "the first Monday, as far as is known"
    chosen = cadences.c.congress_id == place.congress, cadences.c.duty == Duty.INSPECTION
    looked_at = unpublished.unit.read(select(cadences.c.next_at).where(*chosen)).scalar_one()
    assert looked_at == datetime(2027, 1, 2, 1, tzinfo=UTC), "looked at on the 2nd, a Saturday that may be worked"


def test_times_are_the_congresses_own(engine: Engine, place: Settlement) -> None:
    with storing(engine) as store:
        store.cadences.set(place.congress, Duty.INSPECTION, Cadence(at=time(10, 30)))
        chosen = cadences.c.congress_id == place.congress, cadences.c.duty == Duty.INSPECTION
        assert store.unit.read(select(cadences.c.next_at).where(*chosen)).scalar_one() == NOW + timedelta(minutes=90)
