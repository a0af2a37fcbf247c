"""How we read the days that people write: 2026-06-30, 6月30日, 十二月五号, 月底, 明天, 下周五, 三天内."""

import calendar
import re
from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta

from handlers.reading import number, plain
from storage.project_values import NotWritten, read_day

_RELATIVE = {
    **dict.fromkeys(("今天", "今日", "当天", "today"), 0),
    **dict.fromkeys(("明天", "明日", "tomorrow"), 1),
    **dict.fromkeys(("昨天", "昨日", "yesterday"), -1),
    "后天": 2,
    "大后天": 3,
    "前天": -2,
    "大前天": -3,
}
_YEARS = {"今年": 0, "本年": 0, "明年": 1, "去年": -1}
_WEEKS = {"这": 0, "本": 0, "下": 1, "下下": 2, "上": -1}
_IN_WORDS = re.compile(r"[〇零一二三四五六七八九十两百]{1,4}(?=年|月|日|号|天|个|周|星期|礼拜)")
_UNTIL = re.compile(r"(?:之?前|以前|为止|止)$")
_IN_DAYS = re.compile(r"(?:再过)?(?P<count>\d{1,3})(?P<unit>天|日|个?周|个?星期|个?礼拜|个月)(?:之?后|以后|之?内|以内)")
_WEEKDAY = re.compile(r"(?P<which>下下|[这本下上])?个?(?:周|星期|礼拜)(?P<day>[一二三四五六日天末])")
_OF_YEAR = re.compile(r"(?P<month>\d{1,2})(?:月|[-/.])(?P<day>\d{1,2})[日号]?|(?P<whole>\d{1,2})月(?:份|[底末])?")
_OF_MONTH = re.compile(r"(?P<which>[这本下上]个?月)?(?:的)?(?:(?P<day>\d{1,2})[日号]|(?P<end>月?[底末]))")
_MONTHS = {"这": 0, "本": 0, "下": 1, "上": -1}
_NEAR = timedelta(days=90)  # a day without its year that lies so near is the one that is meant, on whichever side


def day(text: str, today: date, *, looks_back: bool = False) -> date:
    """The day that a short text is. Raises NotWritten.

    Without its year it is the one ahead, or one that has just been; where one `looks_back`, the one behind or one
    that is just to come. Of a month, it is the last day.
    """
    with suppress(NotWritten):
        return read_day(text)
    written = "".join(plain(text).split())
    if len(written) > _LONGEST:
        raise NotWritten
    if written in _RELATIVE:
        return _moved(today, _RELATIVE[written])
    for read in _READ:
        if (found := read(_UNTIL.sub("", written), today, looks_back)) is not None:
            return found
    return read_day(_digits(written))


_LONGEST = 40  # characters


def with_years(text: str, around: date, *, looks_back: bool = False) -> str:
    """A text with the years of the days in it that name none, such as 路基 6月1日 40%; as `day`."""

    def whole(found: re.Match[str]) -> str:
        try:
            return day(found[0], around, looks_back=looks_back).isoformat()
        except NotWritten:
            return found[0]

    return _WITHOUT_YEAR.sub(whole, text)


_WITHOUT_YEAR = re.compile(r"(?<![\d年])\d{1,2}月(?:\d{1,2}[日号]|[底末])")


def _digits(written: str) -> str:
    """With the numbers of days, months and years in digits."""
    return _IN_WORDS.sub(lambda found: str(number(found[0])), written)


def _moved(today: date, days: int) -> date:
    try:
        return today + timedelta(days=days)
    except OverflowError:
        raise NotWritten from None


def _in_year(written: str, today: date, _looks_back: bool) -> date | None:
    years = next((years for word, years in _YEARS.items() if written.startswith(word)), None)
    if years is None:
        return None
    rest = _digits(written[2:]).removeprefix("的")
    return read_day(f"{today.year + years}年{'底' if rest in _ENDS else rest}")


_ENDS = frozenset({"年底", "年末"})


def _later(written: str, today: date, _looks_back: bool) -> date | None:
    found = _IN_DAYS.fullmatch(_digits(written))
    if found is None:
        return None
    count = int(found["count"])
    if found["unit"] == "个月":
        return _months_on(today, count, today.day)
    return _moved(today, count * (1 if found["unit"] in "天日" else 7))


def _weekday(written: str, today: date, looks_back: bool) -> date | None:
    found = _WEEKDAY.fullmatch(written)
    if found is None:
        return None
    on = "一二三四五六日".index({"天": "日", "末": "日"}.get(found["day"], found["day"]))
    this_week = today + timedelta(days=on - today.weekday())
    if found["which"]:
        return this_week + timedelta(weeks=_WEEKS[found["which"]])
    if looks_back:
        return this_week if this_week <= today else this_week - timedelta(weeks=1)
    return this_week if this_week >= today else this_week + timedelta(weeks=1)


def _of_year(written: str, today: date, looks_back: bool) -> date | None:
    if written in _ENDS:
        return date(today.year, 12, 31)
    found = _OF_YEAR.fullmatch(_digits(written))
    if found is None:
        return None
    month, on = int(found["month"] or found["whole"]), int(found["day"]) if found["day"] else None
    days = [one for year in range(today.year - 8, today.year + 9) if (one := _on(year, month, on))]
    if looks_back:
        return max((one for one in days if one <= today + _NEAR), default=None) or _none()
    return min((one for one in days if one >= today - _NEAR), default=None) or _none()


def _of_month(written: str, today: date, looks_back: bool) -> date | None:
    found = _OF_MONTH.fullmatch(_digits(written))
    if found is None:
        return None
    wanted = None if found["end"] else int(found["day"])
    if found["which"]:
        return _months_on(today, _MONTHS[found["which"][0]], wanted, exact=True)
    step = -1 if looks_back else 1
    if wanted is not None and not 1 <= wanted <= 31:
        raise NotWritten
    months = (_months_on(today, step * later, wanted) for later in range(3))
    fits: Callable[[date], bool] = today.__ge__ if looks_back else today.__le__
    return next(one for one in months if fits(one) and wanted in (None, one.day))


def _none() -> date:
    raise NotWritten


def _months_on(today: date, months: int, wanted: int | None, *, exact: bool = False) -> date:
    """A day of the month so many months from today's, its last day for None; `exact`: of no shorter month."""
    at = today.year * 12 + today.month - 1 + months
    year, month = divmod(at, 12)
    if not date.min.year <= year <= date.max.year:
        raise NotWritten
    last = calendar.monthrange(year, month + 1)[1]
    if exact and wanted is not None and not 1 <= wanted <= last:
        raise NotWritten
    return date(year, month + 1, min(wanted or last, last))


def _on(year: int, month: int, on: int | None) -> date | None:
    try:
        return date(year, month, calendar.monthrange(year, month)[1] if on is None else on)
    except (ValueError, calendar.IllegalMonthError):
        return None


_READ = (_in_year, _later, _weekday, _of_year, _of_month)
