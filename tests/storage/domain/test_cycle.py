from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.domain.cycle import COLLECTING_DAYS_AT_LEAST, Cycle, Stage, check_window

DAYS = st.dates(date(2020, 1, 1), date(2040, 12, 31))


@given(DAYS, st.integers(COLLECTING_DAYS_AT_LEAST, 400), st.integers(-800, 800), st.sampled_from(Stage))
def test_a_proposal_is_heard_on_every_day_of_the_window_and_on_no_other(
    first: date, days: int, offset: int, stage: Stage
) -> None:
    cycle = Cycle(1, 1, first.year, stage, first, first + timedelta(days=days - 1))
    expected = stage is Stage.COLLECTING and 0 <= offset < days
    assert cycle.hears(first + timedelta(days=offset)) is expected


@given(DAYS, st.integers(-400, 400))
def test_a_window_has_thirty_days_at_least_both_ends_counted(first: date, days: int) -> None:
    last = first + timedelta(days=days - 1)
    if days >= 30:
        check_window(first, last)
    else:
        with pytest.raises(ValueError, match="at least 30 days"):
            check_window(first, last)
