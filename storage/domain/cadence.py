"""How a duty comes round in a congress, and what contradicts itself in that (DOMAIN, step 5)."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from storage.domain.roles import Role

_DAY = timedelta(days=1)
_SHORTEST_MONTH = 28
_COMMON_AND_LEAP = (2027, 2028)


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


# Who may hear of what is overdue.
ESCALATES_TO = (Role.STAFF, Role.PRESIDIUM, Role.ADMINISTRATOR)


class Wrong(StrEnum):
    """What contradicts what."""

    UNREADABLE = "unreadable"
    WHEN = "when"  # both months and months after the finish, or neither
    MONTHS = "months"
    AFTER_FINISH = "after_finish"
    DAY = "day"
    DUE_MONTHS_LATER = "due_months_later"
    DUE_BEFORE_OPEN = "due_before_open"
    NOTICE = "notice"
    NOTICE_AFTER_FINISH = "notice_after_finish"
    REMINDERS = "reminders"
    REMINDED_TOO_LATE = "reminded_too_late"
    ESCALATES_AFTER = "escalates_after"
    ESCALATES_TO = "escalates_to"
    OPEN_TWICE = "open_twice"
    QUIET = "quiet"
    ONLY_LOOK_BACK = "only_look_back"
    RECEPTION_OF_GROUP = "reception_of_group"


class BadCadence(ValueError):
    """The sentence says what contradicts what, `why` which of the rules it is."""

    def __init__(self, why: Wrong, sentence: str) -> None:
        super().__init__(sentence)
        self.why = why


def moment(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The moment, in UTC, at which clocks of a zone show `at` on that day: the first such, where they show it twice; if
    they never do, the one they would have shown it at had they not been put forward."""
    return datetime.combine(day, at, zone).astimezone(UTC)


def number_of(year: int, month: int) -> int:
    """Months, counted, so that what comes after a December needs no care."""
    return year * 12 + month - 1


def day_of(number: int, day: int) -> date:
    """That day of the month with a number, or its last one where it has no such day."""
    first, after = (date(count // 12, count % 12 + 1, 1) for count in (number, number + 1))
    return min(first + _DAY * (day - 1), after - _DAY)


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Nobody is prompted from one time of the day to another, over midnight or not; from one to itself: never quiet."""

    since: time = time(21)
    until: time = time(8)

    def cover(self, clock: time) -> bool:
        """Whether it is quiet when clocks show that."""
        if self.since <= self.until:
            return self.since <= clock < self.until
        return clock >= self.since or clock < self.until

    def after(self, now: datetime, zone: ZoneInfo) -> datetime:
        """The first moment from `now` on, in UTC, that is not quiet."""
        here = now.astimezone(zone)
        if not self.cover(here.time()):
            return now.astimezone(UTC)
        is_before_midnight = self.since > self.until and here.time() >= self.since
        return moment(here.date() + (_DAY if is_before_midnight else timedelta(0)), self.until, zone)


@dataclass(frozen=True, slots=True)
class Cadence:
    """How a duty comes round, in days of the congress's own calendar. Raises BadCadence.

    It comes round in `months`, or, where there are none, so many months after a project was finished (`after_finish`).
    A period opens on `opens_day` of that month, or `notice` days before it is due; it is due on `due_day`,
    `due_months_later`. Reminders follow so many working days after it opened, and whoever it is escalated to hears of
    it `escalates_after` working days after it was due. All of that happens at the time of day `at`, and nothing, be
    it late, in the `quiet` hours.
    """

    months: tuple[int, ...] = tuple(range(1, 13))
    after_finish: tuple[int, ...] = ()
    opens_day: int = 1
    due_day: int = 25
    due_months_later: int = 0
    notice: int | None = None
    reminders: tuple[int, ...] = (5, 10)
    escalates_after: int = 1
    escalates_to: Role = Role.STAFF
    owed: Owed = Owed.GROUP
    on_working_days: bool = True
    at: time = time(9)
    quiet: QuietHours = QuietHours()

    def __post_init__(self) -> None:
        for is_wrong, why, sentence in self._contradictions():
            if is_wrong:
                raise BadCadence(why, sentence)

    def _contradictions(self) -> Iterator[tuple[bool, Wrong, str]]:
        yield from self._out_of_range()
        yield (
            bool(self.months) == bool(self.after_finish),
            Wrong.WHEN,
            "a duty comes round in some months, or some months after a project is finished: say one of them",
        )
        yield (
            self.notice is not None and bool(self.after_finish),
            Wrong.NOTICE_AFTER_FINISH,
            "what comes round after a project is finished opens on a day of the month, without notice",
        )
        yield (
            self.notice is None and self.due_months_later == 0 and self.due_day < self.opens_day,
            Wrong.DUE_BEFORE_OPEN,
            f"it would be due on day {self.due_day}, before it opens on day {self.opens_day}",
        )
        days = self._working_days()
        yield (
            any(count > days for count in self.reminders),
            Wrong.REMINDED_TOO_LATE,
            f"a period has at most {days} working days until it is due: a reminder would always come too late",
        )
        yield (
            self._is_open_twice(),
            Wrong.OPEN_TWICE,
            "a period would open before the one before it is due: let it be due earlier, or come round less often",
        )
        yield (
            self.quiet.cover(self.at),
            Wrong.QUIET,
            f"prompts go out at {self.at:%H:%M}, in the quiet hours from {self.quiet.since:%H:%M}",
        )

    def _out_of_range(self) -> Iterator[tuple[bool, Wrong, str]]:
        yield _is_not_rising(self.months, 1, 12), Wrong.MONTHS, "the months are 1 to 12, in order, each once"
        yield (
            _is_not_rising(self.after_finish, 1, 120),
            Wrong.AFTER_FINISH,
            "months after the finish are 1 to 120, in order, each once",
        )
        yield (
            not (1 <= self.opens_day <= 31 and 1 <= self.due_day <= 31),
            Wrong.DAY,
            "a day of the month is 1 to 31",
        )
        yield (
            not 0 <= self.due_months_later <= 11,
            Wrong.DUE_MONTHS_LATER,
            "a period is due at most 11 months after the month it opens in",
        )
        yield self.notice is not None and not 0 <= self.notice <= 60, Wrong.NOTICE, "the notice is 0 to 60 days"
        yield (
            _is_not_rising(self.reminders, 1, 250),
            Wrong.REMINDERS,
            "reminders are 1 to 250 working days after the opening, in order",
        )
        yield (
            not 0 <= self.escalates_after <= 250,
            Wrong.ESCALATES_AFTER,
            "it is escalated 0 to 250 working days after it was due",
        )
        yield (
            self.escalates_to not in ESCALATES_TO,
            Wrong.ESCALATES_TO,
            f"it is escalated to one of {', '.join(ESCALATES_TO)}",
        )

    def _working_days(self) -> int:
        """How many a period has at most after the day it opens, in weeks without holidays."""
        if self.notice is None:
            numbers = [number_of(year, month) for year in _COMMON_AND_LEAP for month in self.months or range(1, 13)]
            longest = max(
                day_of(number + self.due_months_later, self.due_day) - day_of(number, self.opens_day)
                for number in numbers
            ).days
        else:
            longest = self.notice
        # A day that is shifted to a Monday takes with it no more than the weekend before.
        weeks, rest = divmod(longest, 7)
        return 5 * weeks + min(rest, 5)

    def _is_open_twice(self) -> bool:
        gaps = [(then - now - 1) % 12 + 1 for now, then in pairwise((*self.months, *self.months[:1]))]
        if self.notice is not None:
            return any(self.notice >= gap * _SHORTEST_MONTH for gap in gaps)
        until_due = (self.due_months_later, self.due_day)
        return any(until_due >= (gap, self.opens_day) for gap in gaps)

    def dump(self) -> dict[str, Any]:
        """As plain JSON."""
        return {name: _DUMPED.get(name, _as_it_is)(getattr(self, name)) for name in self.__slots__}

    @classmethod
    def load(cls, stored: Mapping[str, Any]) -> "Cadence":
        """From `dump`, or as somebody wrote it; what is missing has its default. Raises BadCadence."""
        return _loaded(json.dumps(stored))


def check_fits(duty: Duty, cadence: Cadence) -> None:
    """Raises BadCadence where a cadence is none for that duty."""
    if bool(cadence.after_finish) != (duty is Duty.LOOK_BACK):
        raise BadCadence(
            Wrong.ONLY_LOOK_BACK, "what comes round after a project is finished is to look back at it, and only that"
        )
    if duty is Duty.RECEPTION and cadence.owed is Owed.GROUP:
        raise BadCadence(
            Wrong.RECEPTION_OF_GROUP, "deputies receive residents each, or by turns: nobody does it for all of them"
        )


def _is_not_rising(values: Sequence[int], least: int, most: int) -> bool:
    return list(values) != sorted(set(values)) or any(not least <= value <= most for value in values)


# --- as plain JSON

_DUMPED: dict[str, Any] = {
    **dict.fromkeys(("months", "after_finish", "reminders"), list),
    "at": time.isoformat,
    "quiet": lambda quiet: [quiet.since.isoformat(), quiet.until.isoformat()],
}


def _as_it_is(value: Any) -> Any:
    return value


@lru_cache(maxsize=1024)
def _loaded(text: str) -> Cadence:
    # Kept, because thousands of congresses have the same few; as text, since to Python 1 is True.
    stored: dict[str, Any] = json.loads(text)
    if unknown := [name for name in stored if name not in _READ]:
        raise BadCadence(Wrong.UNREADABLE, f"a cadence has no {', '.join(unknown)}; it has {', '.join(_READ)}")
    return Cadence(**{name: _read(name, value) for name, value in stored.items()})


def _read(name: str, value: Any) -> Any:
    read, wanted = _READ[name]
    try:
        return read(value)
    except (TypeError, ValueError):
        raise BadCadence(Wrong.UNREADABLE, f"{name} must be {wanted}") from None


def _whole(value: Any) -> int:
    if type(value) is not int:
        raise TypeError
    return value


def _whole_or_none(value: Any) -> int | None:
    return None if value is None else _whole(value)


def _several(value: Any) -> tuple[int, ...]:
    if not isinstance(value, list):
        raise TypeError
    return tuple(map(_whole, value))


def _yes_or_no(value: Any) -> bool:
    if type(value) is not bool:
        raise TypeError
    return value


def _clock(value: Any) -> time:
    found = time.fromisoformat(value)
    if found.tzinfo:
        raise ValueError
    return found


def _quiet(value: Any) -> QuietHours:
    since, until = value
    return QuietHours(_clock(since), _clock(until))


_SEVERAL, _WHOLE = (_several, "a list of whole numbers"), (_whole, "a whole number")
_READ: dict[str, tuple[Any, str]] = {
    "months": _SEVERAL,
    "after_finish": _SEVERAL,
    "opens_day": _WHOLE,
    "due_day": _WHOLE,
    "due_months_later": _WHOLE,
    "notice": (_whole_or_none, "a whole number of days, or null"),
    "reminders": _SEVERAL,
    "escalates_after": _WHOLE,
    "escalates_to": (Role, f"one of {', '.join(ESCALATES_TO)}"),
    "owed": (Owed, f"one of {', '.join(Owed)}"),
    "on_working_days": (_yes_or_no, "true or false"),
    "at": (_clock, 'a time of the day such as "09:00"'),
    "quiet": (_quiet, 'two times of the day such as ["21:00", "08:00"]'),
}
assert list(_READ) == [field.name for field in fields(Cadence)]  # noqa: S101  # what is dumped can be loaded


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

# What every congress begins with. The others take an agreement first: with the bodies, whose people have to enrol, and
# on the days on which residents are received.
ON_AT_FIRST = frozenset({Duty.INSPECTION, Duty.PRE_ASSESSMENT})
