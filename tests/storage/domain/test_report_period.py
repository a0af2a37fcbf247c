"""Months, quarters, half-years and years of reports."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.domain.report_period import MONTHS_OF, BadPeriod, Span, holding, read

DAYS = st.dates(date(2000, 1, 1), date(2100, 12, 31))
SPANS = st.sampled_from(Span)


@given(DAYS, SPANS)
def test_a_day_lies_in_the_period_that_holds_it_and_in_no_other(day: date, span: Span) -> None:
    period = holding(day, span)
    assert period.first <= day <= period.last
    assert period.before.last == period.first - timedelta(days=1)
    assert holding(period.last + timedelta(days=1), span).before == period


@given(DAYS, SPANS)
def test_a_period_is_read_as_it_is_written(day: date, span: Span) -> None:
    period = holding(day, span)
    assert read(period.key) == period
    assert period.first_month <= f"{day:%Y-%m}" <= period.last_month


@pytest.mark.parametrize(
    ("key", "first", "last"),
    [
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2026-Q4", date(2026, 10, 1), date(2026, 12, 31)),
        ("2026-H1", date(2026, 1, 1), date(2026, 6, 30)),
        ("2026", date(2026, 1, 1), date(2026, 12, 31)),
    ],
)
def test_a_period_has_its_first_and_last_day(key: str, first: date, last: date) -> None:
    assert (read(key).first, read(key).last) == (first, last)


@pytest.mark.parametrize(
    "key", ["", "26", "2026-13", "2026-0", "2026-Q5", "2026-H3", "2026-Q", "0000", "9999", "2026-03-01", "２０２６"]
)
def test_what_is_no_period_is_refused(key: str) -> None:
    with pytest.raises(BadPeriod, match="2026-Q1"):
        read(key)


def test_every_span_has_whole_months() -> None:
    assert set(MONTHS_OF) == set(Span)
