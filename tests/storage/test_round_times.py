"""Rounds when time goes otherwise than planned: downtime, clocks, quiet hours, and staff who change their mind."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import Engine, func, select, update

from storage.calendar import published
from storage.coming_round import go_on
from storage.database import transaction
from storage.domain.cadence import DEFAULTS, Duty, QuietHours
from storage.domain.roles import Role
from storage.domain.working_days import WorkingDays
from storage.tables import cadences, prompts, reminders
from storage.tables import rounds as rounds_table
from tests.settlement import on
from tests.storage.ticking import AUGUST, OPENING, Office


@pytest.fixture
def office(engine: Engine) -> Office:
    return Office(engine, on(engine, AUGUST))


# --- time is not what it should be


def test_after_downtime_only_the_latest_period_opens_and_only_its_latest_step_is_told(office: Office) -> None:
    one = office.deputy("d1")
    number = office.project(one)
    office.tick(OPENING)
    office.begins()
    office.tick(datetime(2026, 12, 10, 3, tzinfo=UTC))
    assert office.begins() == [(office.place.staff, "overdue"), (one, "duties")], "September is overdue, too"
    assert office.owed(one) == [(Duty.PRE_ASSESSMENT, "2026-12", number), (Duty.INSPECTION, "2026-12", number)]
    assert [told for told in office.told() if told[0] == "2026-12"] == [("2026-12", 1, one)] * 2
    office.tick(datetime(2026, 12, 15, 1, tzinfo=UTC))
    assert office.begins() == [(one, "duties")]


def test_a_clock_that_is_set_back_tells_nobody_twice(office: Office) -> None:
    office.project(office.deputy("d1"))
    office.tick(OPENING)
    told = office.told()
    for minutes in (-60, -30, 0, 30):
        office.tick(OPENING + timedelta(minutes=minutes))
    assert office.told() == told
    assert len(office.begins()) == 1


def test_nobody_is_prompted_in_quiet_hours(office: Office) -> None:
    one = office.deputy("d1")
    office.project(one)
    office.tick(datetime(2026, 9, 1, 14, tzinfo=UTC))  # 22:00, the program was down during the day
    assert office.begins() == []
    assert len(office.owed(one)) == 1, "it is open all the same"
    office.tick(datetime(2026, 9, 1, 23, 59, tzinfo=UTC))
    assert office.begins() == []
    office.tick(datetime(2026, 9, 2, 0, 0, tzinfo=UTC))
    assert office.begins() == [(one, "duties")]


def test_what_was_told_but_not_prompted_when_the_quiet_hours_began_waits_for_their_end(office: Office) -> None:
    one = office.deputy("d1")
    office.project(one)
    office.tick(OPENING)
    with transaction(office.engine) as unit:
        unit.write(prompts.delete())
        unit.write(update(reminders).values(prompt_at=OPENING))
    office.tick(datetime(2026, 9, 1, 15, tzinfo=UTC))
    assert office.begins() == []
    office.tick(datetime(2026, 9, 2, 0, tzinfo=UTC))
    assert office.begins() == [(one, "duties")]


def test_a_prompt_that_waits_already_serves_for_what_comes_next(office: Office) -> None:
    one = office.deputy("d1")
    office.project(one)
    office.tick(OPENING)
    office.tick(datetime(2026, 9, 8, 1, tzinfo=UTC))
    assert office.begins() == [(one, "duties")]
    assert len(office.told()) == 2


def test_quiet_hours_of_two_congresses_are_their_own(office: Office) -> None:
    quiet = replace(DEFAULTS[Duty.INSPECTION], at=time(12), quiet=QuietHours(time(22, 30), time(10)))
    office.project(one := office.deputy("d1"))
    office.set(Duty.INSPECTION, quiet)
    office.tick(datetime(2026, 9, 1, 14, tzinfo=UTC))  # 22:00
    assert office.begins() == [(one, "duties")]


def test_a_day_that_turns_out_to_be_free_is_waited_for(office: Office) -> None:
    office.project(office.deputy("d1"))
    office.now = datetime(2026, 12, 20, 1, tzinfo=UTC)
    with office.store() as store:
        store.cadences.set(office.place.congress, Duty.INSPECTION, DEFAULTS[Duty.INSPECTION])
    known = published()
    free = WorkingDays(known.free | {date(2027, 1, 1)}, known.worked, known.published | {2027})
    for day, opens in ((1, False), (3, False), (4, True)):
        with transaction(office.engine) as unit:
            while go_on(unit, datetime(2027, 1, day, 1, tzinfo=UTC), lambda: free):
                pass
            found = select(func.count()).where(rounds_table.c.period == "2027-01").select_from(rounds_table)
            assert bool(unit.read(found).scalar()) == opens


# --- staff change their mind


def test_a_round_that_is_open_keeps_its_steps_and_the_next_one_is_planned_anew(office: Office) -> None:
    one = office.deputy("d1")
    office.project(one)
    office.tick(OPENING)
    office.begins()
    office.set(Duty.INSPECTION, replace(DEFAULTS[Duty.INSPECTION], opens_day=12, due_day=28, reminders=()))
    office.tick(datetime(2026, 9, 8, 1, tzinfo=UTC))
    assert office.begins() == [(one, "duties")], "the reminder of the round that is open"
    office.tick(datetime(2026, 10, 11, 23, tzinfo=UTC))
    assert {period for period, _, _ in office.told()} == {"2026-09"}
    office.tick(datetime(2026, 10, 12, 1, tzinfo=UTC))
    assert {period for period, _, _ in office.told()} == {"2026-09", "2026-10"}


def test_what_is_turned_off_by_mistake_goes_on_and_what_is_turned_off_is_not_heard_of(office: Office) -> None:
    one = office.deputy("d1")
    office.project(one)
    office.tick(OPENING)
    office.begins()
    with office.store() as store:
        store.cadences.turn_off(office.place.congress, Duty.INSPECTION)
    assert office.owed(one) == []
    office.tick(datetime(2026, 9, 9, 1, tzinfo=UTC))
    assert office.begins() == []
    with office.store() as store:
        store.cadences.turn_on(office.place.congress, Duty.INSPECTION)
    assert len(office.owed(one)) == 1
    office.tick()
    assert office.begins() == [(one, "duties")], "the reminder of the day before"
    with office.store() as store:
        store.cadences.turn_off(office.place.congress, Duty.INSPECTION)
    office.now = datetime(2026, 10, 20, 1, tzinfo=UTC)
    with office.store() as store:
        store.cadences.turn_on(office.place.congress, Duty.INSPECTION)
    office.tick(datetime(2026, 10, 30, 1, tzinfo=UTC))
    assert office.owed(one) == [], "September is over, and October was to open before"
    office.tick(datetime(2026, 11, 2, 1, tzinfo=UTC))
    assert [period for _, period, _ in office.owed(one)] == ["2026-11"]


def test_of_a_period_that_is_closed_only_the_escalation_is_still_told(office: Office) -> None:
    office.project(one := office.deputy("d1"))
    slow = replace(DEFAULTS[Duty.INSPECTION], due_day=15, reminders=(5,), escalates_after=30)
    office.set(Duty.INSPECTION, slow)
    office.tick(OPENING)
    office.begins()
    office.tick(datetime(2026, 10, 9, 1, tzinfo=UTC))  # as if nobody had looked in between
    assert office.begins() == [(one, "duties")]
    assert [told[:2] for told in office.told()] == [("2026-09", 0), ("2026-10", 0)]
    office.tick(datetime(2026, 11, 6, 1, tzinfo=UTC))
    assert (office.place.staff, "overdue") in office.begins()


def test_a_period_is_not_closed_on_the_day_it_is_due(office: Office) -> None:
    one = office.deputy("d1")
    number = office.project(one)
    # Saturday, 31 October, gives way to Monday, 2 November, on which the next one opens.
    office.set(Duty.INSPECTION, replace(DEFAULTS[Duty.INSPECTION], due_day=31))
    office.tick(datetime(2026, 10, 9, 1, tzinfo=UTC))
    office.tick(datetime(2026, 11, 2, 1, tzinfo=UTC))
    assert [period for _, period, _ in office.owed(one)] == ["2026-10", "2026-11"]
    assert len(office.answer(number, one)) == 2, "one note answers both"


def test_whom_it_escalates_to_may_not_be_there(office: Office) -> None:
    office.project(office.deputy("d1"))
    office.set(Duty.INSPECTION, replace(DEFAULTS[Duty.INSPECTION], escalates_to=Role.PRESIDIUM))
    office.tick(OPENING)
    office.begins()
    office.tick(datetime(2026, 9, 29, 1, tzinfo=UTC))
    assert office.begins() == [(office.place.staff, "overdue")]


def test_a_cadence_that_cannot_be_read_holds_up_nobody(office: Office) -> None:
    one = office.deputy("d1")
    office.project(one)
    with transaction(office.engine) as unit:
        unit.write(update(cadences).values(rule={"due_day": 99}))
    office.tick(OPENING)
    assert office.begins() == [(one, "duties")]
