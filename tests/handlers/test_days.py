"""The days that people write, as they write them."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.days import day, with_years
from storage.project_values import NotWritten

TODAY = date(2026, 11, 23)  # a Monday


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2026-12-05", date(2026, 12, 5)),
        ("２０２６年１２月５日", date(2026, 12, 5)),
        ("二〇二六年十二月五日", date(2026, 12, 5)),
        ("12月5日", date(2026, 12, 5)),
        ("１２月５号", date(2026, 12, 5)),
        ("十二月五号", date(2026, 12, 5)),
        ("十二月二十五日。", date(2026, 12, 25)),
        ("12月5日前", date(2026, 12, 5)),
        ("12月5日之前", date(2026, 12, 5)),
        ("12.5", date(2026, 12, 5)),
        ("12/5", date(2026, 12, 5)),
        ("12月", date(2026, 12, 31)),
        ("12月底", date(2026, 12, 31)),
        ("3月5日", date(2027, 3, 5)),
        ("11月20日", date(2026, 11, 20)),  # it has just been: nobody means the next year's
        ("明年3月5日", date(2027, 3, 5)),
        ("明年三月", date(2027, 3, 31)),
        ("今年年底", date(2026, 12, 31)),
        ("年底", date(2026, 12, 31)),
        ("去年12月1日", date(2025, 12, 1)),
        ("28号", date(2026, 11, 28)),
        ("五号", date(2026, 12, 5)),
        ("下月5号", date(2026, 12, 5)),
        ("下个月五号", date(2026, 12, 5)),
        ("本月底", date(2026, 11, 30)),
        ("月底", date(2026, 11, 30)),
        ("今天", TODAY),
        ("明天", TODAY + timedelta(days=1)),
        ("后天。", TODAY + timedelta(days=2)),
        ("大后天", TODAY + timedelta(days=3)),
        ("昨天", TODAY - timedelta(days=1)),
        ("三天内", TODAY + timedelta(days=3)),
        ("10天后", TODAY + timedelta(days=10)),
        ("一个星期内", TODAY + timedelta(days=7)),
        ("两个月后", date(2027, 1, 23)),
        ("周五", date(2026, 11, 27)),
        ("星期一", TODAY),
        ("下周五", date(2026, 12, 4)),
        ("下个星期天", date(2026, 12, 6)),
        ("2月29日", date(2028, 2, 29)),
    ],
)
def test_a_day_ahead_is_read_as_people_write_it(text: str, meant: date) -> None:
    assert day(text, TODAY) == meant


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("11月20日", date(2026, 11, 20)),
        ("3月5日", date(2026, 3, 5)),
        ("20号", date(2026, 11, 20)),
        ("28号", date(2026, 10, 28)),
        ("上月28号", date(2026, 10, 28)),
        ("上周五", date(2026, 11, 20)),
        ("周五", date(2026, 11, 20)),
        ("昨天", date(2026, 11, 22)),
        ("月底", date(2026, 10, 31)),
        ("12月5日", date(2026, 12, 5)),  # about to come: it is refused, not taken for last year's
    ],
)
def test_where_one_looks_back_it_is_the_one_behind(text: str, meant: date) -> None:
    assert day(text, TODAY, looks_back=True) == meant


@pytest.mark.parametrize(
    "text",
    [
        *("", "5", "35", "明年春天", "过几天", "很快", "下周", "12月32日", "13月1日", "12月0日", "0月5日", "2月30日"),
        *(
            "2026-13-40",
            "0号",
            "32号",
            "下月40号",
            "999个月",
            "百天千天",
            "12月5日" * 20,
            "号",
            "底年",
            "路基 6月1日 40%",
        ),
    ],
)
def test_what_is_no_day_is_none(text: str) -> None:
    with pytest.raises(NotWritten):
        day(text, TODAY)


days = st.dates(date(2000, 1, 1), date(2090, 12, 31))


@given(days, st.integers(-90, 270))
def test_a_day_without_its_year_is_the_one_around_today(today: date, ahead: int) -> None:
    meant = today + timedelta(days=ahead)
    assert day(f"{meant.month}月{meant.day}日", today) == meant
    assert day(f"{(back := today - timedelta(days=ahead)).month}-{back.day}", today, looks_back=True) == back


@given(days, st.integers(1, 31), st.booleans())
def test_a_day_of_the_month_is_the_next_or_the_last(today: date, on: int, looks_back: bool) -> None:
    found = day(f"{on}号", today, looks_back=looks_back)
    assert found.day == on
    assert timedelta() <= (today - found if looks_back else found - today) <= timedelta(days=61)


@given(st.text(alphabet="0123456789一二十月日号年底天周下个明今去后前内-/. ", max_size=12), days, st.booleans())
def test_anything_is_a_day_or_none(text: str, today: date, looks_back: bool) -> None:
    try:
        found = day(text, today, looks_back=looks_back)
    except NotWritten:
        return
    assert isinstance(found, date)


def test_the_days_of_a_plan_get_their_years() -> None:
    text = "路面 1月10日 90%；标线 ２月底 100%；验收 2027年3月1日；13月1日；共3月"
    assert with_years(text, TODAY) == "路面 2027-01-10 90%；标线 2027-02-28 100%；验收 2027年3月1日；13月1日；共3月"
    assert with_years("6月1日", date(2027, 1, 21), looks_back=True) == "2026-06-01"
