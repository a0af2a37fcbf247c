"""Days, sums and shares as people write them into a table of projects."""

import calendar
import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

YUAN = {"元": 1, "万元": 10_000, "亿元": 100_000_000}

# A livelihood project of 1,000 million yuan there is none: who writes such a sum without its unit meant yuan.
IMPLAUSIBLE = 1_000_000_000  # yuan
LARGEST = 10**13  # yuan

_DAYS = tuple(
    re.compile(rf"(?<!\d)(?P<year>20\d\d){form}(?:\s*(?:之?前|以前|止))?")
    for form in (
        r"\s*[-/.年]\s*(?P<month>\d{1,2})\s*[-/.月]\s*(?P<day>\d{1,2})(?!\d)\s*[日号]?(?:[T ]\d{1,2}:\d\d(?::\d\d)?)?",
        r"(?P<month>\d\d)(?P<day>\d\d)(?!\d)",
        r"\s*年\s*(?P<month>\d{1,2})\s*月(?:\s*[底末])?",
        r"[-/](?P<month>\d{1,2})(?![-/\d])",
        # A number loses its last zero: 2026.1 may have been the tenth month.
        r"\.(?P<month>0[1-9]|1[0-2]|[2-9])(?![.\d])",
        r"\s*年\s*[底末]",
    )
)
SHARE = re.compile(r"(?<![\d.])(\d{1,3}(?:\.\d+)?)\s*%")
_SUM = re.compile(
    r"(?P<yuan>¥)?\s*(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)\s*(?P<unit>亿元?|万元?|元)?整?"
)
_NOTHING = frozenset({"", "-", "—", "——", "/", "\\", "无"})


class NotWritten(ValueError):
    """That is no day, sum or share."""


class UnitUnclear(ValueError):
    """The sum is beyond all measure in the unit of its column, and names none itself. It is told in 亿元."""


def narrow(text: str) -> str:
    """Full-width digits and marks as ASCII has them, each in its place."""
    spelled = (unicodedata.normalize("NFKC", character) for character in text)
    return "".join(new if len(new) == 1 else old for old, new in zip(text, spelled, strict=True))


@dataclass(frozen=True, slots=True)
class Found:
    """A day in a text, and where it stands."""

    day: date
    start: int
    end: int


def read_day(text: str) -> date:
    """The day that a text is, such as 2026-11-30 or 2026年11月, which is its last day. Raises NotWritten."""
    written = narrow(text).strip()
    for form in _DAYS:
        if found := form.fullmatch(written):
            return _day(found)
    raise NotWritten


def days_in(text: str) -> list[Found]:
    """The days that a text speaks of. Raises NotWritten where it speaks of one that no calendar has."""
    spelled = narrow(text)
    days: list[Found] = []
    for form in _DAYS:
        for found in form.finditer(spelled):
            days.append(Found(_day(found), *found.span()))
            spelled = spelled[: found.start()] + " " * len(found.group()) + spelled[found.end() :]
    return days


def _day(found: re.Match[str]) -> date:
    parts = found.groupdict()
    year, month, day = int(parts["year"]), int(parts.get("month") or 12), parts.get("day")
    try:
        return date(year, month, int(day) if day else calendar.monthrange(year, month)[1])
    except (ValueError, calendar.IllegalMonthError):
        raise NotWritten from None


def read_share(text: str) -> int:
    """Per cent, of a whole: 40% or 40. Raises NotWritten."""
    written = narrow(text).strip().removesuffix("%").rstrip()
    if not re.fullmatch(r"\d{1,3}(?:\.0+)?", written):
        raise NotWritten
    share = int(Decimal(written))
    if not 0 < share <= 100:
        raise NotWritten
    return share


def read_yuan(text: str, unit: int, *, sign_counts: bool = False) -> int | None:
    """Whole yuan of a sum that is in units of `unit` yuan where it does not name its own; None for none.

    With `sign_counts` a ¥ names one: there may be one before a sum in 万元, too. Raises NotWritten or UnitUnclear.
    """
    written = _closed_up(text)
    if written in _NOTHING:
        return None
    found = _SUM.fullmatch(written)
    if found is None:
        raise NotWritten
    own = _own_unit(found, sign_counts=sign_counts)
    times = YUAN[f"{own.removesuffix('元')}元"] if own else unit
    yuan = int((Decimal(found["number"].replace(",", "")) * times).to_integral_value())
    if yuan > LARGEST:
        raise NotWritten
    if not own and yuan >= IMPLAUSIBLE:
        raise UnitUnclear(f"{yuan / YUAN['亿元']:g}")
    return yuan


def lacks_unit(text: str) -> bool:
    """Whether that is a sum without a unit of its own, be it by a ¥."""
    found = _SUM.fullmatch(_closed_up(text))
    return found is not None and _own_unit(found, sign_counts=True) is None


def _closed_up(text: str) -> str:
    return "".join(narrow(text).split())


def _own_unit(found: re.Match[str], *, sign_counts: bool) -> str | None:
    return found["unit"] or ("元" if found["yuan"] and sign_counts else None)


def unit_named(text: str) -> str | None:
    """The unit of money that a heading names: 投资(万元)."""
    found = re.search("亿元|万元|(?<!单)元", narrow(text))
    return found.group() if found else None


def unit_told(text: str) -> str | None:
    """The unit that stands above a table: 单位：万元. An office whose name begins like one is none."""
    found = re.search(r"单位\s*:?\s*(?:人民币)?\s*(亿元|万元|元)(?!\w)", narrow(text))
    return found.group(1) if found else None
