"""When duties come round, against plain walks over days."""

from calendar import monthrange
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.domain.cadence import DEFAULTS, BadCadence, Cadence, Duty, Owed, Wrong, number_of
from storage.domain.periods import (
    Period,
    debtors,
    earliest,
    finished_in,
    first_from,
    following,
    owes,
    period,
    steps,
)
from storage.domain.working_days import WorkingDays
from tests.storage.domain.test_cadence import cadences
from tests.storage.domain.test_working_days import CALENDARS, DAYS, NATIONAL_DAY

PLAIN = WorkingDays()


def working(days: WorkingDays, day: date) -> date:
    while not days.is_working(day):
        day += timedelta(days=1)
    return day


# --- periods


def test_the_default_inspection_opens_on_the_first_working_day_and_is_due_on_the_25th() -> None:
    days = NATIONAL_DAY
    found = period(DEFAULTS[Duty.INSPECTION], number_of(2025, 10), days)
    assert found == Period("2025-10", 2025 * 12 + 9, date(2025, 10, 9), date(2025, 10, 27))
    assert [step.on for step in steps(DEFAULTS[Duty.INSPECTION], found, days)] == [
        date(2025, 10, 9),
        date(2025, 10, 15),
        date(2025, 10, 22),
        date(2025, 10, 28),
    ]


def test_a_reception_day_is_noticed_a_week_ahead_of_where_it_was_shifted_to() -> None:
    found = period(DEFAULTS[Duty.RECEPTION], number_of(2025, 11), PLAIN)
    assert (found.opens_on, found.due_on) == (date(2025, 11, 10), date(2025, 11, 17))
    in_february = period(Cadence(due_day=3, notice=7, reminders=()), number_of(2025, 2), PLAIN)
    assert (in_february.key, in_february.opens_on) == ("2025-02", date(2025, 1, 27))


@pytest.mark.parametrize(("year", "month", "last"), [(2026, 2, 28), (2028, 2, 29), (2026, 4, 30), (2026, 12, 31)])
def test_a_day_that_a_month_does_not_have_is_its_last(year: int, month: int, last: int) -> None:
    every_day = Cadence(opens_day=29, due_day=31, on_working_days=False, reminders=())
    found = period(every_day, number_of(year, month), PLAIN)
    assert (found.opens_on.day, found.due_on.day) == (min(29, last), last)


def test_a_report_may_be_due_in_the_next_year() -> None:
    found = period(DEFAULTS[Duty.DISPATCH], number_of(2026, 12), PLAIN)
    assert (found.opens_on, found.due_on) == (date(2026, 12, 21), date(2027, 1, 11))


@given(cadences(), st.integers(2024, 2028), CALENDARS)
def test_a_year_has_the_months_it_should_and_their_days(cadence: Cadence, year: int, days: WorkingDays) -> None:
    before = year * 12 - 1
    found: list[Period] = []
    while not found or found[-1].number < year * 12 + 11:
        found.append(following(cadence, found[-1].number if found else before, days))
    within = [one for one in found if one.key.startswith(str(year))]
    assert [int(one.key[-2:]) for one in within] == list(cadence.months or range(1, 13))
    for one in within:
        month = int(one.key[-2:])
        due_year, due_month = (
            year + (month + cadence.due_months_later - 1) // 12,
            (month + cadence.due_months_later - 1) % 12 + 1,
        )
        due = date(due_year, due_month, min(cadence.due_day, monthrange(due_year, due_month)[1]))
        assert one.due_on == (working(days, due) if cadence.on_working_days else due)
        if cadence.notice is not None:
            assert one.opens_on == one.due_on - timedelta(days=cadence.notice)
        else:
            opens = date(year, month, min(cadence.opens_day, monthrange(year, month)[1]))
            assert one.opens_on == (working(days, opens) if cadence.on_working_days else opens)


@given(cadences(), DAYS, CALENDARS)
def test_the_first_period_from_a_day_on_is_found_by_walking(cadence: Cadence, day: date, days: WorkingDays) -> None:
    opening = {
        one.opens_on: one
        for year in range(day.year - 2, day.year + 4)
        for month in cadence.months or range(1, 13)
        if (one := period(cadence, number_of(year, month), days)).opens_on >= day
    }
    assert first_from(cadence, day, days).opens_on == min(opening)


@given(cadences(), DAYS, CALENDARS)
def test_periods_open_in_order_and_are_due_after_that(cadence: Cadence, day: date, days: WorkingDays) -> None:
    one = first_from(cadence, day, days)
    for _ in range(30):
        then = following(cadence, one.number, days)
        assert one.opens_on <= one.due_on
        assert one.opens_on <= then.opens_on
        assert one.due_on <= then.due_on
        one = then


# --- steps


@given(cadences(), DAYS, CALENDARS)
def test_steps_come_in_order_reminders_before_it_is_due_and_the_escalation_after(
    cadence: Cadence, day: date, days: WorkingDays
) -> None:
    one = first_from(cadence, day, days)
    first, *reminders, last = steps(cadence, one, days)
    assert first.on == one.opens_on
    assert [step.number for step in (first, *reminders, last)] == list(range(len(reminders) + 2))
    assert all(one.opens_on < step.on <= one.due_on and not step.escalates for step in reminders)
    assert last.escalates
    assert last.on >= one.due_on
    expected = []
    walked, on = 0, one.opens_on
    while on < one.due_on:
        on += timedelta(days=1)
        walked += days.is_working(on)
        if days.is_working(on) and walked in cadence.reminders:
            expected.append(on)
    assert [step.on for step in reminders] == expected


@given(cadences(), st.integers(1, 60))
def test_a_reminder_is_refused_if_it_comes_in_no_period_of_weeks_without_holidays(cadence: Cadence, count: int) -> None:
    # In 28 years every date falls on every day of the week, the 29th of February too.
    numbers = [number_of(2021, 1) + month for month in range(28 * 12)]
    ones = [
        period(cadence, number, PLAIN) for number in numbers if not cadence.months or number % 12 + 1 in cadence.months
    ]
    if any(PLAIN.after(one.opens_on, count) <= one.due_on for one in ones):
        assert replace(cadence, reminders=(count,)).reminders == (count,)
    else:
        with pytest.raises(BadCadence) as bad:
            replace(cadence, reminders=(count,))
        assert bad.value.why is Wrong.REMINDED_TOO_LATE


# --- who owes


@given(DAYS, DAYS, st.none() | DAYS)
def test_a_project_owes_what_opens_while_it_is_supervised(opens: date, begun: date, ended: date | None) -> None:
    one = Period("2026-01", 0, opens, opens)
    supervised = {begun + timedelta(days=ahead) for ahead in range(((ended or date(2029, 1, 1)) - begun).days + 1)}
    assert owes(one, begun, ended) == (opens in supervised)


def test_a_group_owes_one_report_each_member_one_or_one_member_by_turns() -> None:
    group = ["a", "b", "c"]
    assert debtors(Owed.GROUP, 7, group) == [group]
    assert debtors(Owed.EACH, 7, group) == [["a"], ["b"], ["c"]]
    assert [debtors(Owed.TURNS, number, group)[0][0] for number in range(6, 12)] == ["a", "b", "c", "a", "b", "c"]
    assert debtors(Owed.GROUP, 7, []) == [[]], "whoever joins it answers"
    assert debtors(Owed.EACH, 7, []) == debtors(Owed.TURNS, 7, []) == []


def test_what_was_finished_is_looked_back_at() -> None:
    look_back = Cadence(months=(), after_finish=(1, 6))
    found = period(look_back, number_of(2027, 3), PLAIN)
    assert (found.key, found.opens_on, found.due_on) == ("2027-03", date(2027, 3, 1), date(2027, 3, 25))
    assert finished_in(look_back, found) == [
        (date(2027, 2, 1), date(2027, 2, 28)),
        (date(2026, 9, 1), date(2026, 9, 30)),
    ]
    assert following(look_back, found.number, PLAIN).key == "2027-04", "it comes round every month"
    assert finished_in(Cadence(), found) == []


# --- what is not published yet


@given(cadences(), DAYS, CALENDARS, CALENDARS)
def test_no_calendar_lets_a_period_open_before_the_earliest_day(
    cadence: Cadence, day: date, days: WorkingDays, published: WorkingDays
) -> None:
    one = first_from(cadence, day, days)
    unknown = WorkingDays(days.free, days.worked)
    assert earliest(cadence, one, unknown) <= period(cadence, one.number, published).opens_on
    known = WorkingDays(days.free, days.worked, frozenset(range(2020, 2040)))
    assert earliest(cadence, one, known) == one.opens_on


def test_a_new_years_day_that_nobody_has_published_is_waited_for() -> None:
    always = Cadence()
    january = period(always, number_of(2028, 1), PLAIN)
    assert january.opens_on == date(2028, 1, 3), "as far as the weekends tell"
    assert earliest(always, january, PLAIN) == date(2028, 1, 1)
