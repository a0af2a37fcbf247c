"""Days, sums and shares as people write them into a table of projects."""

import calendar
import re
import unicodedata
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

YUAN = {"元": 1, "万元": 10_000, "亿元": 100_000_000}

# A livelihood project of 1,000 million yuan there is none: who writes such a sum without its unit meant yuan.
IMPLAUSIBLE = 1_000_000_000  # yuan
LARGEST = 10**13  # yuan

DAY = re.compile(
    r"""(?<!\d) (?:
        (?P<year>20\d\d) \s* [-/.年] \s* (?P<month>\d{1,2}) \s* [-/.月] \s* (?P<day>\d{1,2}) (?:\s*[日号]|(?!\d))
            (?: [T ] \d{1,2}:\d\d (?: :\d\d )? )?
        | (?P<year8>20\d\d) (?P<month8>\d\d) (?P<day8>\d\d) (?!\d)
        | (?P<year_of_month>20\d\d) (?: \s*年\s* (?P<month_cn>\d{1,2}) \s*月
            | [-/] (?P<month_iso>\d{1,2}) (?![\d-/])
            # A number loses its last zero: 2026.1 may have been the tenth month.
            | \. (?P<month_dot>0[1-9]|1[0-2]|[2-9]) (?![\d.]) ) (?:\s*[底末])?
        | (?P<whole_year>20\d\d) \s*年\s*[底末]
    ) (?:\s*(?:之?前|以前|止))?""",
    re.VERBOSE,
)
SHARE = re.compile(r"(?<![\d.])(\d{1,3}(?:\.\d+)?)\s*%")
_SUM = re.compile(r"(?P<yuan>¥)?\s*(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)\s*(?P<unit>亿元?|万元?|元)?整?")
_NOTHING = frozenset({"", "-", "—", "——", "/", "\\", "无"})


class NotWritten(ValueError):
    """That is no day, sum or share."""


class UnitUnclear(ValueError):
    """The sum is beyond all measure in the unit of its column, and names none itself."""


def narrow(text: str) -> str:
    """Full-width digits and marks as ASCII has them, each in its place."""
    spelled = (unicodedata.normalize("NFKC", character) for character in text)
    return "".join(new if len(new) == 1 else old for old, new in zip(text, spelled, strict=True))


def read_day(text: str) -> date:
    """The day that a text is, such as 2026-11-30 or 2026年11月, which is its last day. Raises NotWritten."""
    found = DAY.fullmatch(narrow(text).strip())
    if found is None:
        raise NotWritten
    return day_of(found)


def day_of(found: re.Match[str]) -> date:
    """The day that `DAY` found. Raises NotWritten for one that no calendar has."""
    year, month, day = _parts(found)
    try:
        return date(year, month, day or calendar.monthrange(year, month)[1])
    except (ValueError, calendar.IllegalMonthError):
        raise NotWritten from None


def _parts(found: re.Match[str]) -> tuple[int, int, int | None]:
    """Year, month, and the day if there is one."""
    if whole := found["year"]:
        return int(whole), int(found["month"]), int(found["day"])
    if packed := found["year8"]:
        return int(packed), int(found["month8"]), int(found["day8"])
    if month := found["month_cn"] or found["month_iso"] or found["month_dot"]:
        return int(found["year_of_month"]), int(month), None
    return int(found["whole_year"]), 12, None


def read_share(text: str) -> int:
    """Per cent, of a whole: 40% or 40. Raises NotWritten."""
    written = narrow(text).strip().removesuffix("%").rstrip()
    if not re.fullmatch(r"\d{1,3}(?:\.0+)?", written):
        raise NotWritten
    share = int(Decimal(written))
    if not 0 < share <= 100:
        raise NotWritten
    return share


def read_yuan(text: str, unit: int) -> int | None:
    """Whole yuan of a sum that is in units of `unit` yuan where it does not name its own; None for none.

    Raises NotWritten or UnitUnclear.
    """
    written = "".join(narrow(text).split())
    if written in _NOTHING:
        return None
    found = _SUM.fullmatch(written)
    if found is None:
        raise NotWritten
    own = "元" if found["yuan"] and not found["unit"] else found["unit"]
    times = YUAN[f"{own.removesuffix('元')}元"] if own else unit
    yuan = int((Decimal(found["number"].replace(",", "")) * times).to_integral_value())
    if yuan > LARGEST:
        raise NotWritten
    if not own and yuan >= IMPLAUSIBLE:
        raise UnitUnclear
    return yuan


def units_named(text: str) -> Iterator[str]:
    """The units of money that a heading names."""
    return (found.group() for found in re.finditer("亿元|万元|元", narrow(text)))
