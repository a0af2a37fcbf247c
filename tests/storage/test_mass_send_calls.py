"""Mass sends: calls that break off, results that come early or never, and the rules of the platform."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from storage.domain.announcements import State
from storage.mass_gathering import MassGathering
from storage.mass_sends import (
    A_MONTH,
    FEWEST,
    KEY_COUNTS_FOR,
    TOLD_WITHIN,
    UNTOLD_FOR,
    MassSends,
    month_of,
)
from storage.tables import mass_send_rows, mass_sends
from tests.announced import OFFICIALS, PACES, acts
from tests.conversing import NOW
from tests.massed import LEASE, Masses, masses_on
from tests.settlement import Template


@pytest.fixture
def office(engine: Engine) -> Masses:
    return masses_on(engine)


# --- calls that break off


def test_who_is_killed_before_the_record_calls_again_with_the_same_key(office: Masses) -> None:
    muted, *_ = office.away(4)
    number = office.announces()
    office.sends_all()
    first = office.claims()
    assert first
    assert not first.is_again
    assert office.claims(ahead=10) is None, "one at a time"
    office.sets(muted, notices=False)
    office.passes(LEASE.total_seconds())
    again = office.claims()
    assert again
    assert (again.key, again.people, again.is_again) == (first.key, first.people, True), "they may have got it"
    assert office.asked(again, "77")
    office.hears("77")
    office.steps()
    assert office.state(number) is State.FINISHED


def test_who_lost_the_lease_records_nothing(office: Masses) -> None:
    office.away(3)
    office.announces()
    office.sends_all()
    lost = office.claims()
    assert lost
    office.passes(LEASE.total_seconds())
    with office.storing() as store:
        mine = MassSends(store.unit, store.now).claim("many", "other", LEASE, store.audiences)
    assert mine
    assert not office.asked(lost, "1")
    assert office.asked(mine, "2")


def test_a_result_that_comes_before_the_record_is_not_lost_and_repeats_change_nothing(office: Masses) -> None:
    office.away(3)
    number = office.announces()
    office.sends_all()
    errand = office.claims()
    assert errand
    office.hears("77")
    office.steps()
    assert office.state(number) is State.SENDING
    assert office.asked(errand, "77")
    office.steps()
    assert office.state(number) is State.FINISHED
    office.hears("77", "err(40001)")
    office.steps()
    assert office.totals(number).sent == 3 + OFFICIALS


def test_a_key_is_used_for_a_day_at_most(office: Masses) -> None:
    office.away(3)
    number = office.announces()
    office.sends_all()
    assert office.claims()
    office.passes(KEY_COUNTS_FOR.total_seconds() + 1)
    assert office.claims() is None
    office.steps()
    assert office.state(number) is State.FINISHED
    assert office.totals(number).failed == {"unsure": 3}
    assert office.told("不知道微信收到没有")


def test_what_was_called_for_and_stopped_is_not_called_for_again(office: Masses) -> None:
    office.away(3)
    number = office.announces()
    office.sends_all()
    assert office.claims()
    office.does(acts("stop", number))
    office.steps()
    assert office.state(number) is State.STOPPING, "it is in somebody's hands"
    office.passes(LEASE.total_seconds() + 1)
    office.steps()
    assert office.claims() is None
    assert office.totals(number).failed == {"unsure": 3}


def test_a_result_that_never_comes_is_asked_for_and_given_up_in_the_end(office: Masses) -> None:
    office.away(3)
    number = office.announces()
    office.sends_all()
    (errand,) = office.calls()
    office.passes(TOLD_WITHIN.total_seconds() - 60)
    assert office.claims() is None
    office.passes(60)
    about = office.claims()
    assert about
    assert about.number == str(errand.id)
    office.passes(UNTOLD_FOR.total_seconds())
    office.steps()
    assert office.totals(number).failed == {"unsure": 3}


# --- rules


def test_four_reach_somebody_in_a_month(office: Masses) -> None:
    people = office.away(3)
    number = 0
    for _ in range(A_MONTH + 1):
        number = office.announces()
        office.sends_all()
        for errand in office.calls():
            office.hears(str(errand.id))
        office.steps()
    assert office.totals(number).held == len(people)
    assert office.state(number) is State.FINISHED
    office.now = datetime(2026, 10, 1, 1, 0, tzinfo=UTC)
    office.announces()
    office.sends_all()
    assert len(office.calls()) == 1


class Month:
    """Announcements over some weeks, each for some of three people, confirmed or refused."""

    def __init__(self, office: Masses) -> None:
        self.office, self.people = office, office.away(3)
        self.got: Counter[tuple[int, str]] = Counter()

    def announces(self, day: int, bits: int, *, is_confirmed: bool) -> None:
        """On that day, for those whose bit is set; all are away again."""
        office, wanted = self.office, {one for place, one in enumerate(self.people) if bits >> place & 1}
        office.now = max(office.now, NOW + timedelta(days=day))
        for person in self.people:
            office.sets(person, notices=person in wanted)
        office.announces()
        office.sends_all()
        errands = office.calls()
        fitting = {one for one in wanted if self.got[one, self.month] < A_MONTH}
        assert set().union(*map(office.people, errands)) == (fitting if len(fitting) >= FEWEST else set())
        for errand in errands:
            office.hears(str(errand.id), "send success" if is_confirmed else "err(40002)")
            if is_confirmed:
                self.got.update((person, self.month) for person in office.people(errand))
        office.steps()

    @property
    def month(self) -> str:
        return month_of(self.office.now)


DAYS = st.lists(st.tuples(st.integers(0, 62), st.integers(1, 7), st.integers(0, 3)), max_size=14)


@given(DAYS)
@settings(max_examples=15, deadline=None)
def test_nobody_ever_gets_more_than_four_in_a_month(template: Template, days: list[tuple[int, int, int]]) -> None:
    engine = template.copy()
    weeks = Month(Masses(engine, template.place, paces={**PACES, "many": 10.0}))
    for day, bits, refused in sorted(days):
        weeks.announces(day, bits, is_confirmed=refused > 0)
        assert max(weeks.got.values(), default=0) <= A_MONTH
    engine.dispose()


_READY = (
    select(mass_send_rows.c.message_id, mass_send_rows.c.mass_send_id)
    .join(mass_sends, mass_sends.c.id == mass_send_rows.c.mass_send_id)
    .where(mass_sends.c.state == "ready")
)


@given(people=st.integers(0, 27), most=st.integers(3, 9), page=st.integers(1, 9), absent=st.sets(st.integers(0, 26)))
@settings(max_examples=25, deadline=None)
def test_all_are_called_for_once_and_never_one_alone(
    template: Template, people: int, most: int, page: int, absent: set[int]
) -> None:
    engine = template.copy()
    office = Masses(engine, template.place, paces={**PACES, "many": 10.0})
    away = office.away(people)
    here = {one for place, one in enumerate(away) if place in absent}
    for person in here:
        office.is_gone(person)
    office.is_on = False
    number = office.announces()
    office.sends_all()
    with office.storing() as store:
        gathering = MassGathering(store.unit, store.now, store.audiences, most=most, looked_at=page)
        while gathering.gather(number, office.place.congress, "many", lambda: "words"):
            pass
        while gathering.settle(number, page):
            pass
        rows = store.unit.read(_READY).all()
        sizes = Counter(row.mass_send_id for row in rows)
        counted = store.unit.read(select(mass_sends.c.id, mass_sends.c.people).where(mass_sends.c.state == "ready"))
        kept = {row.id: row.people for row in counted}
    left = [row.person_id for row in office.rows(number) if row.state == "massed"]
    assert set(left) == (set(away) - here if len(set(away) - here) >= FEWEST else set())
    assert len(left) == len(rows)
    assert all(FEWEST <= size <= most for size in sizes.values())
    assert kept == dict(sizes)
    assert len(sizes) == -(-len(left) // most)
    engine.dispose()


def test_very_many_are_looked_at_in_pieces_before_they_are_called_for(
    template: Template, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.mass_sends.CHECKED", 3)
    engine = template.copy()
    office = Masses(engine, template.place, paces={**PACES, "many": 10.0})
    first, *others = office.away(8)
    office.announces()
    office.sends_all()
    assert office.claims() is None
    assert office.claims() is None
    office.sets(others[-1], notices=False)
    errand = office.claims()
    assert errand
    assert office.people(errand) == {first, *others[:-1]}
    engine.dispose()
