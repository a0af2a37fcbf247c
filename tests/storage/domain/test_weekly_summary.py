from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.domain.weekly_summary import are_at_work, summed_up_at
from storage.domain.working_days import WorkingDays

CHINA = ZoneInfo("Asia/Shanghai")
# National Day: Thursday to the Wednesday after is free, the Sunday before and the Saturday after are worked.
DAYS = WorkingDays(
    frozenset(date(2026, 10, day) for day in range(1, 8)),
    frozenset({date(2026, 9, 27), date(2026, 10, 10)}),
    frozenset({2026}),
)
moments = st.integers(0, 2 * 365 * 24 * 60).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)


def there(*when: int) -> datetime:
    return datetime(*when, tzinfo=CHINA)  # type: ignore[arg-type, misc]  # year, month, day, hour, minute


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (there(2026, 9, 7, 9, 0), there(2026, 9, 7, 9, 0)),
        (there(2026, 9, 7, 8, 59), there(2026, 8, 31, 9, 0)),
        (there(2026, 9, 13, 23, 0), there(2026, 9, 7, 9, 0)),
        (there(2026, 10, 7, 12, 0), there(2026, 9, 28, 9, 0)),
        (there(2026, 10, 8, 9, 30), there(2026, 10, 8, 9, 0)),  # the week begins on a Thursday
    ],
)
def test_a_week_is_summed_up_on_its_first_working_morning(now: datetime, expected: datetime) -> None:
    assert summed_up_at(now, CHINA, DAYS) == expected


@given(moments)
def test_the_last_summary_is_no_later_than_now_and_no_older_than_a_holiday(now: datetime) -> None:
    at = summed_up_at(now, CHINA, DAYS)
    assert at <= now < at + timedelta(days=12)
    here = at.astimezone(CHINA)
    assert here.time() == time(9)
    assert are_at_work(at, CHINA, DAYS)
    monday = here.date() - timedelta(days=here.weekday())
    assert not any(DAYS.is_working(monday + timedelta(days=day)) for day in range(here.weekday()))


@given(moments)
def test_a_week_has_one_summary(now: datetime) -> None:
    """Going on an hour at a time, it never goes back, and no week has a second one."""
    told = [summed_up_at(now + timedelta(hours=hours), CHINA, DAYS) for hours in range(24 * 7)]
    assert told == sorted(told)
    weeks = [at.astimezone(CHINA).isocalendar()[:2] for at in dict.fromkeys(told)]
    assert len(weeks) == len(set(weeks))


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (there(2026, 9, 7, 9, 0), True),
        (there(2026, 9, 7, 16, 59), True),
        (there(2026, 9, 7, 17, 0), False),
        (there(2026, 9, 7, 8, 59), False),
        (there(2026, 9, 12, 10, 0), False),
        (there(2026, 9, 27, 10, 0), True),
        (there(2026, 10, 1, 10, 0), False),
    ],
)
def test_working_hours(now: datetime, *, expected: bool) -> None:
    assert are_at_work(now, CHINA, DAYS) is expected
