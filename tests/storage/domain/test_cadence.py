"""When duties come round, against plain walks over days."""

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, reject
from hypothesis import strategies as st

from storage.domain.cadence import (
    DEFAULTS,
    BadCadence,
    Cadence,
    Duty,
    Owed,
    Period,
    QuietHours,
    after_finish,
    debtors,
    first_from,
    following,
    moment,
    owes,
    period,
    steps,
)
from storage.domain.working_days import WorkingDays
from tests.storage.domain.test_working_days import CALENDARS, DAYS, NATIONAL_DAY

SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")
PLAIN = WorkingDays()
MONTHS = st.sets(st.integers(1, 12), min_size=1).map(lambda months: tuple(sorted(months)))
COUNTS = st.sets(st.integers(1, 30), max_size=4).map(lambda counts: tuple(sorted(counts)))


@st.composite
def cadences(draw: st.DrawFn) -> Cadence:
    values: dict[str, Any] = {
        "months": draw(MONTHS),
        "opens_day": draw(st.integers(1, 31)),
        "due_day": draw(st.integers(1, 31)),
        "due_months_later": draw(st.integers(0, 2)),
        "notice": draw(st.none() | st.integers(0, 20)),
        "reminders": draw(COUNTS),
        "escalates_after": draw(st.integers(0, 10)),
        "on_working_days": draw(st.booleans()),
    }
    try:
        return Cadence(**values)
    except BadCadence:
        reject()


def working(days: WorkingDays, day: date) -> date:
    while not days.is_working(day):
        day += timedelta(days=1)
    return day


# --- periods


def test_the_default_inspection_opens_on_the_first_working_day_and_is_due_on_the_25th() -> None:
    days = NATIONAL_DAY
    found = period(DEFAULTS[Duty.INSPECTION], 2025, 10, days)
    assert found == Period("2025-10", 2025 * 12 + 9, date(2025, 10, 9), date(2025, 10, 27))
    assert [step.on for step in steps(DEFAULTS[Duty.INSPECTION], found, days)] == [
        date(2025, 10, 9),
        date(2025, 10, 15),
        date(2025, 10, 22),
        date(2025, 10, 28),
    ]


def test_a_reception_day_is_noticed_a_week_ahead_of_where_it_was_shifted_to() -> None:
    found = period(DEFAULTS[Duty.RECEPTION], 2025, 11, PLAIN)
    assert (found.opens_on, found.due_on) == (date(2025, 11, 10), date(2025, 11, 17))
    in_february = period(Cadence(due_day=3, notice=7), 2025, 2, PLAIN)
    assert (in_february.key, in_february.opens_on) == ("2025-02", date(2025, 1, 27))


@pytest.mark.parametrize(("year", "month", "last"), [(2026, 2, 28), (2028, 2, 29), (2026, 4, 30), (2026, 12, 31)])
def test_a_day_that_a_month_does_not_have_is_its_last(year: int, month: int, last: int) -> None:
    every_day = Cadence(opens_day=29, due_day=31, on_working_days=False, reminders=())
    found = period(every_day, year, month, PLAIN)
    assert (found.opens_on.day, found.due_on.day) == (min(29, last), last)


def test_a_report_may_be_due_in_the_next_year() -> None:
    found = period(DEFAULTS[Duty.DISPATCH], 2026, 12, PLAIN)
    assert (found.opens_on, found.due_on) == (date(2026, 12, 21), date(2027, 1, 11))


@given(cadences(), st.integers(2024, 2028), CALENDARS)
def test_a_year_has_the_months_it_should_and_their_days(cadence: Cadence, year: int, days: WorkingDays) -> None:
    before = year * 12 - 1
    found: list[Period] = []
    while not found or found[-1].number < year * 12 + 11:
        found.append(following(cadence, found[-1].number if found else before, days))
    within = [one for one in found if one.key.startswith(str(year))]
    assert [int(one.key[-2:]) for one in within] == list(cadence.months)
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
        for month in cadence.months
        if (one := period(cadence, year, month, days)).opens_on >= day
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
    assert all(debtors(owed, 7, []) == [] for owed in Owed)


def test_what_was_finished_is_looked_back_at() -> None:
    look_back = DEFAULTS[Duty.LOOK_BACK]
    (found,) = after_finish(look_back, date(2026, 9, 30), PLAIN)
    assert (found.key, found.opens_on, found.due_on) == ("2027-03", date(2027, 3, 1), date(2027, 3, 25))
    with pytest.raises(BadCadence, match="no periods of its own"):
        first_from(look_back, date(2026, 1, 1), PLAIN)
    early = Cadence(months=(), after_finish=(1,), due_day=1, notice=40, on_working_days=False)
    assert after_finish(early, date(2026, 9, 30), PLAIN) == [], "it would open before the finish"


# --- contradictions


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"months": ()}, "say one of them"),
        ({"after_finish": (6,)}, "say one of them"),
        ({"months": (3, 1)}, "the months are 1 to 12"),
        ({"months": (0, 1)}, "the months are 1 to 12"),
        ({"months": (), "after_finish": (0,)}, "months after the finish"),
        ({"opens_day": 32}, "a day of the month is 1 to 31"),
        ({"due_day": 0}, "a day of the month is 1 to 31"),
        ({"due_months_later": 12}, "at most 11 months"),
        ({"opens_day": 20, "due_day": 10}, "due on day 10, before it opens on day 20"),
        ({"notice": 61}, "0 to 60 days"),
        ({"reminders": (10, 5)}, "reminders are"),
        ({"escalates_after": -1}, "escalated 0 to 250"),
        ({"due_day": 5, "due_months_later": 1}, "open before the one before it is due"),
        ({"months": (1, 3), "due_day": 1, "due_months_later": 2}, "open before the one before it is due"),
    ],
)
def test_what_contradicts_itself_is_refused_with_the_sentence_why(values: dict[str, Any], says: str) -> None:
    with pytest.raises(BadCadence, match=says):
        Cadence(**values)


def test_the_defaults_contradict_nothing() -> None:
    assert set(DEFAULTS) == set(Duty)


# --- moments


def test_clocks_that_are_put_forward_or_back() -> None:
    assert moment(date(2026, 3, 1), time(9), SHANGHAI) == datetime(2026, 3, 1, 1, tzinfo=UTC)
    assert moment(date(2026, 3, 29), time(2, 30), BERLIN) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert moment(date(2026, 10, 25), time(2, 30), BERLIN) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31)),  # noqa: DTZ001  # its zone comes next
    st.times(),
    st.times(),
    st.sampled_from([SHANGHAI, UTC]),
)
def test_quiet_hours_end_at_their_end(now: datetime, since: time, until: time, zone: Any) -> None:
    now = now.replace(tzinfo=zone)
    found = QuietHours(since, until).after(now, zone).astimezone(zone)

    def is_quiet(clock: time) -> bool:
        return since <= clock < until if since <= until else clock >= since or clock < until

    if not is_quiet(now.timetz().replace(tzinfo=None)):
        assert found == now
    else:
        assert found > now
        assert found - now <= timedelta(days=1)
        assert found.time() == until
        assert not is_quiet(found.time())
