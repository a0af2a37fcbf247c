"""When duties come round: which periods there are, when each opens and is due, and who owes it (DOMAIN, step 5).

A period is named by the month in which its duty comes round, however far weekends and holidays shift it. What is
decided here for the odd cases:

- A day that a month does not have, such as the 31st, is its last one.
- A day that is not worked gives way to the next that is, if the cadence says so; the order of days stays.
- A project owes a period if it is supervised on the day the period opens. One that begins later owes the next period;
  one that ends in between still owes what was opened.
- What is looked back at comes round every month, for the projects that were finished so many months before.
- A deputy who joins a group answers for whatever the group still owes, also where the group was empty before. Where
  each deputy owes, who joins after a period has opened owes the next one.
- Turns go round a group in the order of its members; when it changes, the order is counted anew.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TypeVar

from storage.domain.cadence import Cadence, Owed, day_of, number_of
from storage.domain.working_days import WorkingDays

_Member = TypeVar("_Member")
_ALL = range(1, 13)


@dataclass(frozen=True, slots=True)
class Period:
    """One coming round of a duty. `number` is that of its month, so that turns go round."""

    key: str  # "2026-03"
    number: int
    opens_on: date
    due_on: date


@dataclass(frozen=True, slots=True)
class Step:
    """A moment at which somebody hears of a period: 0 opens it, then its reminders; the last one escalates it."""

    number: int
    on: date
    escalates: bool = False


def period(cadence: Cadence, number: int, days: WorkingDays) -> Period:
    """The period of that number."""
    due_on = _shifted(cadence, day_of(number + cadence.due_months_later, cadence.due_day), days)
    if cadence.notice is None:
        opens_on = _shifted(cadence, day_of(number, cadence.opens_day), days)
    else:
        opens_on = due_on - timedelta(days=cadence.notice)
    year, month = _in_year(number)
    return Period(f"{year:04d}-{month:02d}", number, opens_on, due_on)


def following(cadence: Cadence, number: int, days: WorkingDays) -> Period:
    """The period that comes round next after the one with that number."""
    months = cadence.months or _ALL
    then = next(then for then in range(number + 1, number + 13) if _in_year(then)[1] in months)
    return period(cadence, then, days)


def first_from(cadence: Cadence, day: date, days: WorkingDays) -> Period:
    """The first period that opens on a day or after it."""
    # A notice may let it open before its month, a holiday after it.
    one = following(cadence, number_of(day.year, day.month) - 13, days)
    while one.opens_on < day:
        one = following(cadence, one.number, days)
    return one


def earliest(cadence: Cadence, one: Period, days: WorkingDays) -> date:
    """The first day on which a period may open, whatever the calendar turns out to be where it is not published."""
    at_once = period(replace(cadence, on_working_days=False), one.number, days)
    known = (at_once.opens_on, one.opens_on, at_once.due_on, one.due_on)
    return at_once.opens_on if any(map(days.is_provisional, known)) else one.opens_on


def finished_in(cadence: Cadence, one: Period) -> list[tuple[date, date]]:
    """What is looked back at in a period: the first and the last day of each month whose finished projects are."""
    before = (one.number - count for count in cadence.after_finish)
    return [(day_of(number, 1), day_of(number, 31)) for number in before]


def steps(cadence: Cadence, one: Period, days: WorkingDays) -> list[Step]:
    """When who owes a period hears of it; reminders that holidays put after the day it is due are left out."""
    reminded = [day for count in cadence.reminders if (day := days.after(one.opens_on, count)) <= one.due_on]
    told = [Step(number, day) for number, day in enumerate([one.opens_on, *reminded])]
    return [*told, Step(len(told), days.after(one.due_on, cadence.escalates_after), escalates=True)]


def owes(one: Period, begun_on: date, ended_on: date | None) -> bool:
    """Whether a project that is supervised between two days, both included, owes a period."""
    return begun_on <= one.opens_on and (ended_on is None or one.opens_on <= ended_on)


def debtors(owed: Owed, number: int, group: Sequence[_Member]) -> list[list[_Member]]:
    """Who owes a period, a list for each report that is owed: any one of its members may give it."""
    if owed is Owed.GROUP:
        return [list(group)]
    if owed is Owed.EACH:
        return [[member] for member in group]
    return [[group[number % len(group)]]] if group else []


def _shifted(cadence: Cadence, day: date, days: WorkingDays) -> date:
    return days.on_or_after(day) if cadence.on_working_days else day


def _in_year(number: int) -> tuple[int, int]:
    return number // 12, number % 12 + 1
