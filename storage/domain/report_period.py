"""The months, quarters, half-years and years that reports are about (DOMAIN: 月通报、季点评、半年小结、年终考核)."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

_MONTHS_A_YEAR = 12


class Span(StrEnum):
    """How long a report looks back."""

    MONTH = "month"
    QUARTER = "quarter"
    HALF_YEAR = "half_year"
    YEAR = "year"


MONTHS_OF = {Span.MONTH: 1, Span.QUARTER: 3, Span.HALF_YEAR: 6, Span.YEAR: 12}
_LETTER = {Span.MONTH: "-", Span.QUARTER: "-Q", Span.HALF_YEAR: "-H"}
_KEY = re.compile(r"([0-9]{4})(?:(-Q|-H|-)([0-9]{1,2}))?", re.ASCII)


class BadPeriod(ValueError):
    """The sentence says what a period is written like."""


@dataclass(frozen=True, slots=True, order=True)
class ReportPeriod:
    """The `number`th of its kind in a year, counted from 1. Raises BadPeriod."""

    year: int
    span: Span
    number: int = 1

    def __post_init__(self) -> None:
        if not 1 <= self.year < date.max.year or not 1 <= self.number <= _MONTHS_A_YEAR // MONTHS_OF[self.span]:
            raise BadPeriod("a period is written 2026-03, 2026-Q1, 2026-H1 or 2026")

    @property
    def key(self) -> str:
        """As `read` takes it: 2026-03, 2026-Q1, 2026-H1, 2026."""
        if self.span is Span.YEAR:
            return f"{self.year:04}"
        return f"{self.year:04}{_LETTER[self.span]}{self.number:0{2 if self.span is Span.MONTH else 1}}"

    @property
    def first_month(self) -> str:
        """The key of its first month, as a round has it (see storage.domain.cadence.Period)."""
        return f"{self.year:04}-{self.first.month:02}"

    @property
    def last_month(self) -> str:
        """The key of its last month, likewise."""
        return f"{self.year:04}-{self.last.month:02}"

    @property
    def first(self) -> date:
        """Its first day."""
        return date(self.year, (self.number - 1) * MONTHS_OF[self.span] + 1, 1)

    @property
    def last(self) -> date:
        """Its last day."""
        month = self.number * MONTHS_OF[self.span]
        behind = date(self.year + 1, 1, 1) if month == _MONTHS_A_YEAR else date(self.year, month + 1, 1)
        return behind - timedelta(days=1)

    @property
    def before(self) -> "ReportPeriod":
        """The one of its kind that comes right before it."""
        if self.number > 1:
            return ReportPeriod(self.year, self.span, self.number - 1)
        return ReportPeriod(self.year - 1, self.span, _MONTHS_A_YEAR // MONTHS_OF[self.span])


def holding(day: date, span: Span) -> ReportPeriod:
    """The period of a kind in which a day lies."""
    return ReportPeriod(day.year, span, (day.month - 1) // MONTHS_OF[span] + 1)


def read(key: str) -> ReportPeriod:
    """From `ReportPeriod.key`. Raises BadPeriod."""
    found = _KEY.fullmatch(key)
    if found is None:
        raise BadPeriod(f"{key} is no period, such as 2026-03, 2026-Q1, 2026-H1 or 2026")
    year, letter, number = found.groups()
    span = next((span for span, mark in _LETTER.items() if mark == letter), Span.YEAR)
    return ReportPeriod(int(year), span, int(number or 1))
