"""Days, sums and shares are read as people write them, and nothing is guessed."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.project_values import NotWritten, UnitUnclear, days_in, read_day, read_share, read_yuan

DAYS = st.dates(date(2000, 1, 1), date(2099, 12, 31))


@given(
    DAYS,
    st.sampled_from(["{}-{:02}-{:02}", "{}/{}/{}", "{}.{}.{}", "{}年{}月{}日", "{} 年 {} 月 {} 日前", "{}{:02}{:02}"]),
)
def test_a_day_is_read_in_every_spelling(day: date, form: str) -> None:
    written = form.format(day.year, day.month, day.day)
    full_width = written.translate({ord(str(digit)): 0xFF10 + digit for digit in range(10)})

    assert read_day(written) == read_day(full_width) == day
    assert [found.day for found in days_in(f"路基（{written}）")] == [day]


@given(DAYS, st.sampled_from(["{}年{}月", "{}年{}月底前", "{}年 {}月末", "{}-{:02}", "{}/{}"]))
def test_a_month_is_its_last_day(day: date, form: str) -> None:
    read = read_day(form.format(day.year, day.month))

    assert (read.year, read.month) == (day.year, day.month)
    assert (read + timedelta(days=1)).day == 1


def test_further_ways_to_write_a_day() -> None:
    assert read_day("2026年底") == date(2026, 12, 31)
    assert read_day("2026-11-30T00:00:00") == date(2026, 11, 30)
    assert read_day("2026.11") == date(2026, 11, 30)


@pytest.mark.parametrize(
    "written",
    [
        *("", "年底", "6月底", "待定", "46356", "2026-13-01", "2026-11-31", "2026年13月", "26.11.30", "2026-11-30-1"),
        "2026.1",  # which is what a spreadsheet makes of 2026.10
    ],
)
def test_what_is_no_day_is_none(written: str) -> None:
    with pytest.raises(NotWritten):
        read_day(written)


@pytest.mark.parametrize(
    ("written", "yuan"),
    [
        ("276", 2_760_000),
        ("276.5", 2_765_000),
        ("276万", 2_760_000),
        ("276 万元", 2_760_000),
        ("２７６万元整", 2_760_000),
        ("1.2亿元", 120_000_000),
        ("2,760,000元", 2_760_000),
        ("￥2,760,000.00", 2_760_000),
        ("276.54321", 2_765_432),
        ("0.30000000000000004", 3_000),
        ("0", 0),
        ("", None),
        ("—", None),
    ],
)
def test_sums_become_whole_yuan(written: str, yuan: int | None) -> None:
    assert read_yuan(written, 10_000, sign_counts=True) == yuan


def test_the_unit_of_the_column_counts_where_the_cell_has_none() -> None:
    assert read_yuan("2760000", 1) == 2_760_000
    assert read_yuan("276万", 1) == 2_760_000
    assert read_yuan("¥276", 10_000) == 2_760_000


@pytest.mark.parametrize("written", ["约276万", "1,5", "-5", "50+226", "二百万", "1e5", "99999999亿"])
def test_what_is_no_sum_is_none(written: str) -> None:
    with pytest.raises(NotWritten):
        read_yuan(written, 10_000)


def test_yuan_in_a_column_of_ten_thousands_are_asked_about() -> None:
    with pytest.raises(UnitUnclear, match="276"):
        read_yuan("2760000", 10_000)
    assert read_yuan("276000万元", 10_000) == 2_760_000_000


@pytest.mark.parametrize(("written", "share"), [("40%", 40), ("40", 40), ("４０％", 40), ("100 %", 100), ("40.0", 40)])
def test_shares_are_whole_per_cents(written: str, share: int) -> None:
    assert read_share(written) == share


@pytest.mark.parametrize("written", ["0.4", "0%", "101%", "33.3%", "四成", "-1", ""])
def test_what_is_no_share_is_none(written: str) -> None:
    with pytest.raises(NotWritten):
        read_share(written)
