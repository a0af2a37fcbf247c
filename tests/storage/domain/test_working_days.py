from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from storage.domain.working_days import WorkingDays

DAYS = st.dates(date(2025, 1, 1), date(2027, 12, 31))
NATIONAL_DAY = WorkingDays(
    free=frozenset(date(2025, 10, day) for day in (1, 2, 3, 6, 7, 8)),
    worked=frozenset({date(2025, 9, 28), date(2025, 10, 11)}),
    published=frozenset({2025}),
)
CALENDARS = st.builds(
    WorkingDays,
    free=st.frozensets(DAYS, max_size=40),
    worked=st.frozensets(DAYS, max_size=40),
    published=st.just({2026}),
)


def test_holidays_are_free_and_some_weekends_are_worked() -> None:
    worked = [date(2025, 9, 28) + timedelta(days=ahead) for ahead in range(16)]
    assert [day.day for day in worked if NATIONAL_DAY.is_working(day)] == [28, 29, 30, 9, 10, 11, 13]
    assert NATIONAL_DAY.on_or_after(date(2025, 10, 1)) == date(2025, 10, 9)
    assert NATIONAL_DAY.on_or_after(date(2025, 10, 11)) == date(2025, 10, 11)
    assert NATIONAL_DAY.after(date(2025, 9, 29), 5) == date(2025, 10, 13)
    assert NATIONAL_DAY.between(date(2025, 9, 29), date(2025, 10, 13)) == 5


def test_of_a_year_that_is_not_published_weekends_are_known_and_that_is_provisional() -> None:
    assert NATIONAL_DAY.is_provisional(date(2026, 10, 1))
    assert not NATIONAL_DAY.is_provisional(date(2025, 12, 31))
    assert NATIONAL_DAY.is_working(date(2026, 10, 1))
    assert not NATIONAL_DAY.is_working(date(2026, 10, 3))


@given(CALENDARS, DAYS, st.integers(0, 60))
def test_a_day_so_many_working_days_later_is_found_by_walking(days: WorkingDays, day: date, count: int) -> None:
    found, walked = day, 0
    while walked < count or not days.is_working(found):
        found += timedelta(days=1)
        walked += days.is_working(found)
    assert days.after(day, count) == found
    assert days.between(day, found) == walked


@given(CALENDARS, DAYS)
def test_the_next_working_day_is_worked_and_none_lies_before_it(days: WorkingDays, day: date) -> None:
    found = days.on_or_after(day)
    assert days.is_working(found)
    assert not any(days.is_working(day + timedelta(days=ahead)) for ahead in range((found - day).days))
