"""When duties come round: which periods there are, when each opens and is due, and who owes it (DOMAIN, step 5).

A period is named by the month in which its duty comes round, however far weekends and holidays shift it. What is
decided here for the odd cases:

- A day that a month does not have, such as the 31st, is its last one.
- A day that is not worked gives way to the next that is, if the cadence says so; the order of days stays.
- A project owes a period if it is supervised on the day the period opens. One that begins later owes the next period;
  one that ends in between still owes what was opened.
- A deputy who joins a group answers for whatever the group still owes. Where each deputy owes, who joins after a period
  has opened owes the next one.
- Turns go round a group in the order of its members; when it changes, the order is counted anew.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import TypeVar
from zoneinfo import ZoneInfo

from storage.domain.working_days import WorkingDays

_Member = TypeVar("_Member")
_DAY = timedelta(days=1)


class Duty(StrEnum):
    """What is owed again and again."""

    INSPECTION = "inspection"  # 月督查
    DISPATCH = "dispatch"  # 季度调度 of the implementing body
    HALF_YEAR = "half_year"  # 半年报告
    PRE_ASSESSMENT = "pre_assessment"  # 年底预评估
    QUESTIONS = "questions"  # 三问: plan, progress and result
    RECEPTION = "reception"  # 代表接待日
    LOOK_BACK = "look_back"  # 回头看 of what was finished


# What the implementing body's people report; all else is the deputies'.
BY_BODY = frozenset({Duty.DISPATCH, Duty.HALF_YEAR})


class Owed(StrEnum):
    """By whom of those who are charged with it."""

    GROUP = "group"  # any one of them answers for all
    EACH = "each"
    TURNS = "turns"


class BadCadence(ValueError):
    """The sentence says what contradicts what."""


@dataclass(frozen=True, slots=True)
class Cadence:
    """How a duty comes round, in days of the congress's own calendar. Raises BadCadence.

    It comes round in `months`, or, where there are none, so many months after a project was finished (`after_finish`).
    A period opens on `opens_day` of that month, or `notice` days before it is due; it is due on `due_day`,
    `due_months_later`. Reminders follow so many working days after it opened, and whoever it is escalated to hears of
    it `escalates_after` working days after it was due.
    """

    months: tuple[int, ...] = tuple(range(1, 13))
    after_finish: tuple[int, ...] = ()
    opens_day: int = 1
    due_day: int = 25
    due_months_later: int = 0
    notice: int | None = None
    reminders: tuple[int, ...] = (5, 10)
    escalates_after: int = 1
    owed: Owed = Owed.GROUP
    on_working_days: bool = True
    at: time = time(9)

    def __post_init__(self) -> None:
        for is_wrong, sentence in self._contradictions():
            if is_wrong:
                raise BadCadence(sentence)

    def _contradictions(self) -> Iterator[tuple[bool, str]]:
        yield (
            bool(self.months) == bool(self.after_finish),
            "a duty comes round in some months, or some months after a project is finished: say one of them",
        )
        yield _is_not_rising(self.months, 1, 12), "the months are 1 to 12, in order, each once"
        yield _is_not_rising(self.after_finish, 1, 120), "months after the finish are 1 to 120, in order, each once"
        yield not (1 <= self.opens_day <= 31 and 1 <= self.due_day <= 31), "a day of the month is 1 to 31"
        yield not 0 <= self.due_months_later <= 11, "a period is due at most 11 months after the month it opens in"
        yield (
            self.notice is None and self.due_months_later == 0 and self.due_day < self.opens_day,
            f"it would be due on day {self.due_day}, before it opens on day {self.opens_day}",
        )
        yield self.notice is not None and not 0 <= self.notice <= 60, "the notice is 0 to 60 days"
        yield _is_not_rising(self.reminders, 1, 250), "reminders are 1 to 250 working days after the opening, in order"
        yield not 0 <= self.escalates_after <= 250, "it is escalated 0 to 250 working days after it was due"
        yield (
            self.notice is None and self._is_open_twice(),
            "a period would open before the one before it is due: let it be due earlier, or come round less often",
        )

    def _is_open_twice(self) -> bool:
        gaps = [(then - now - 1) % 12 + 1 for now, then in pairwise((*self.months, *self.months[:1]))]
        until_due = (self.due_months_later, self.due_day)
        return any(until_due >= (gap, self.opens_day) for gap in gaps)


@dataclass(frozen=True, slots=True)
class Period:
    """One coming round of a duty. `number` counts months, so that turns go round."""

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


def period(cadence: Cadence, year: int, month: int, days: WorkingDays) -> Period:
    """The period that comes round in that month."""
    due_on = _shifted(cadence, _day_of(year, month + cadence.due_months_later, cadence.due_day), days)
    if cadence.notice is None:
        opens_on = _shifted(cadence, _day_of(year, month, cadence.opens_day), days)
    else:
        opens_on = due_on - timedelta(days=cadence.notice)
    return Period(f"{year:04d}-{month:02d}", _number(year, month), opens_on, due_on)


def following(cadence: Cadence, number: int, days: WorkingDays) -> Period:
    """The period that comes round next after the one with that number. Raises BadCadence for a duty that comes round
    after a project's finish: it has no periods of its own."""
    for month in range(number + 1, number + 13):
        if _in_year(month)[1] in cadence.months:
            return period(cadence, *_in_year(month), days)
    raise BadCadence("what comes round after a project is finished has no periods of its own")


def first_from(cadence: Cadence, day: date, days: WorkingDays) -> Period:
    """The first period that opens on a day or after it; raises as `following`."""
    # A notice may let it open before its month, a holiday after it.
    one = following(cadence, _number(day.year, day.month) - 13, days)
    while one.opens_on < day:
        one = following(cadence, one.number, days)
    return one


def after_finish(cadence: Cadence, finished_on: date, days: WorkingDays) -> list[Period]:
    """The periods that come round because a project was finished, none of which opens before it was."""
    month = _number(finished_on.year, finished_on.month)
    found = (period(cadence, *_in_year(month + ahead), days) for ahead in cadence.after_finish)
    return [one for one in found if one.opens_on >= finished_on]


def steps(cadence: Cadence, one: Period, days: WorkingDays) -> list[Step]:
    """When who owes a period hears of it; reminders that would come after it was due are left out."""
    reminded = [day for count in cadence.reminders if (day := days.after(one.opens_on, count)) <= one.due_on]
    told = [Step(number, day) for number, day in enumerate([one.opens_on, *reminded])]
    return [*told, Step(len(told), days.after(one.due_on, cadence.escalates_after), escalates=True)]


def owes(one: Period, begun_on: date, ended_on: date | None) -> bool:
    """Whether a project that is supervised between two days, both included, owes a period."""
    return begun_on <= one.opens_on and (ended_on is None or one.opens_on <= ended_on)


def debtors(owed: Owed, number: int, group: Sequence[_Member]) -> list[list[_Member]]:
    """Who owes a period, a list for each report that is owed: any one of its members may give it."""
    if owed is Owed.EACH:
        return [[member] for member in group]
    if not group:
        return []
    return [list(group) if owed is Owed.GROUP else [group[number % len(group)]]]


def moment(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The moment, in UTC, at which clocks of a zone show `at` on that day: the first such, where they show it twice; if
    they never do, the one they would have shown it at had they not been put forward."""
    return datetime.combine(day, at, zone).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Nobody is prompted from one time of the day to another, over midnight or not; from one to itself: never quiet."""

    since: time = time(21)
    until: time = time(8)

    def after(self, now: datetime, zone: ZoneInfo) -> datetime:
        """The first moment from `now` on, in UTC, that is not quiet."""
        here = now.astimezone(zone)
        clock = here.time()
        if self.since <= self.until:
            is_quiet, day = self.since <= clock < self.until, here.date()
        else:
            is_quiet = clock >= self.since or clock < self.until
            day = here.date() + (_DAY if clock >= self.since else timedelta(0))
        return moment(day, self.until, zone) if is_quiet else now.astimezone(UTC)


def _is_not_rising(values: Sequence[int], least: int, most: int) -> bool:
    return list(values) != sorted(set(values)) or any(not least <= value <= most for value in values)


def _shifted(cadence: Cadence, day: date, days: WorkingDays) -> date:
    return days.on_or_after(day) if cadence.on_working_days else day


def _day_of(year: int, month: int, day: int) -> date:
    """That day of a month, or its last one; months are counted on beyond December."""
    first = date(*_in_year(_number(year, month)), 1)
    last = date(*_in_year(_number(year, month + 1)), 1) - _DAY
    return min(first + _DAY * (day - 1), last)


def _number(year: int, month: int) -> int:
    return year * 12 + month - 1


def _in_year(number: int) -> tuple[int, int]:
    return number // 12, number % 12 + 1


# How most places have it.
DEFAULTS: dict[Duty, Cadence] = {
    Duty.INSPECTION: Cadence(),
    Duty.DISPATCH: Cadence(months=(3, 6, 9, 12), opens_day=20, due_day=10, due_months_later=1),
    Duty.HALF_YEAR: Cadence(months=(6,), opens_day=20, due_day=15, due_months_later=1),
    Duty.PRE_ASSESSMENT: Cadence(months=(12,), opens_day=1, due_day=20),
    Duty.QUESTIONS: Cadence(months=(2, 7, 12), opens_day=1, due_day=20),
    Duty.RECEPTION: Cadence(due_day=15, notice=7, reminders=(), owed=Owed.EACH),
    Duty.LOOK_BACK: Cadence(months=(), after_finish=(6,), opens_day=1, due_day=25),
}
