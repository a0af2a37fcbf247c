"""What becomes of a problem that was handed to an implementing body, until it is struck off (销号), and who hears when.

The body accepts it, says by which day, and reports it done; a deputy confirms that, which alone closes it, or sends it
back. The office may record each step for a body whom no message reaches, and what a deputy confirmed on paper, by name.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from storage.domain.working_days import WorkingDays


class Severity(StrEnum):
    """How soon a problem must be put right."""

    MINOR = "minor"  # 一般
    SERIOUS = "serious"  # 较重
    URGENT = "urgent"  # 紧急


class Stage(StrEnum):
    """Where a problem stands, from its handing over (交办) until it is closed (销号)."""

    HANDED = "handed"  # 已交办
    ACCEPTED = "accepted"  # 已受理
    PLANNED = "planned"  # 整改中, with a day
    DONE = "done"  # 待确认
    SENT_BACK = "sent_back"  # 已退回
    CLOSED = "closed"  # 已销号


class Part(StrEnum):
    """In what part somebody makes a move."""

    BODY = "body"  # one of the people of the implementing body
    DEPUTY = "deputy"  # who found it, or is charged with the project
    STAFF = "staff"  # on behalf of one of them


class Told(StrEnum):
    """Who hears of it at a step."""

    BODY = "body"
    DEPUTY = "deputy"
    STAFF = "staff"


class Refusal(StrEnum):
    """Why it stays as it is."""

    NO_SUCH_MOVE = "no_such_move"
    NOT_YOURS = "not_yours"
    NO_WORDS = "no_words"  # what was done, or why it is sent back
    NO_DAY = "no_day"
    DAY_PAST = "day_past"
    BEYOND_DUE = "beyond_due"
    NO_DEPUTY = "no_deputy"  # by whom it was confirmed, where the office records that


# With the body it lies until it is reported done, then with the deputy.
WITH_BODY = frozenset({Stage.HANDED, Stage.ACCEPTED, Stage.PLANNED, Stage.SENT_BACK})
OPEN = WITH_BODY | {Stage.DONE}

# What may follow what. A body may plan anew, and report at once what is put right at once.
NEXT: Mapping[Stage, frozenset[Stage]] = {
    Stage.HANDED: frozenset({Stage.ACCEPTED, Stage.PLANNED, Stage.DONE}),
    Stage.ACCEPTED: frozenset({Stage.PLANNED, Stage.DONE}),
    Stage.PLANNED: frozenset({Stage.PLANNED, Stage.DONE}),
    Stage.SENT_BACK: frozenset({Stage.ACCEPTED, Stage.PLANNED, Stage.DONE}),
    Stage.DONE: frozenset({Stage.CLOSED, Stage.SENT_BACK}),
    Stage.CLOSED: frozenset(),
}
BY: Mapping[Stage, Part] = {
    Stage.ACCEPTED: Part.BODY,
    Stage.PLANNED: Part.BODY,
    Stage.DONE: Part.BODY,
    Stage.SENT_BACK: Part.DEPUTY,
    Stage.CLOSED: Part.DEPUTY,
}
_IN_WORDS = frozenset({Stage.DONE, Stage.SENT_BACK})

# Working days until it is due. No source text names any; an urgent one is a danger that stands open, and problems are
# handed over at once (青树坪镇).
WITHIN: Mapping[Severity, int] = {Severity.URGENT: 3, Severity.SERIOUS: 10, Severity.MINOR: 20}
# What is sent back is due no sooner than so many working days later.
AGAIN_WITHIN: Mapping[Severity, int] = {Severity.URGENT: 1, Severity.SERIOUS: 3, Severity.MINOR: 5}
# The body is reminded so many working days before it is due, and after it was; then the office hears of it, too.
WARNED_BEFORE: Mapping[Severity, int] = {Severity.URGENT: 1, Severity.SERIOUS: 2, Severity.MINOR: 3}
REMINDED_AFTER, ESCALATED_AFTER = 1, 3
# A deputy who was asked to confirm is asked again after so many working days; then the office hears of it.
ASKED_AGAIN_AFTER, UNCONFIRMED_AFTER = 3, 5
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Move:
    """A step as somebody wants to make it. `words`: what was done, or why it is sent back. `deputy`: where the office
    records what a deputy decided, which one."""

    then: Stage
    by: Part
    words: str = ""
    planned_on: date | None = None
    deputy: int | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """A day on which somebody hears of it: 0 is the day on which it came to them."""

    number: int
    on: date
    told: frozenset[Told]


def refusal_of_move(now: Stage, move: Move, due: date, today: date) -> Refusal | None:
    """Why a problem may not go on like that; None where it may."""
    if move.then not in NEXT[now]:
        return Refusal.NO_SUCH_MOVE
    if move.by not in (BY[move.then], Part.STAFF):
        return Refusal.NOT_YOURS
    if move.by is Part.STAFF and BY[move.then] is Part.DEPUTY and move.deputy is None:
        return Refusal.NO_DEPUTY
    if move.then in _IN_WORDS and not move.words.strip():
        return Refusal.NO_WORDS
    return refusal_of_plan(move.planned_on, due, today) if move.then is Stage.PLANNED else None


def refusal_of_plan(planned_on: date | None, due: date, today: date) -> Refusal | None:
    """Why a body may not plan for that day. What is overdue is planned for any day to come: it stays overdue."""
    if planned_on is None:
        return Refusal.NO_DAY
    if planned_on < today:
        return Refusal.DAY_PAST
    return Refusal.BEYOND_DUE if planned_on > due >= today else None


def due_on(severity: Severity, handed_on: date, days: WorkingDays) -> date:
    """By which day a problem is to be put right."""
    return days.after(handed_on, WITHIN[severity])


def due_again_on(severity: Severity, due: date, sent_back_on: date, days: WorkingDays) -> date:
    """By which day, once it was sent back: as before, where that leaves time."""
    return max(due, days.after(sent_back_on, AGAIN_WITHIN[severity]))


def steps(now: Stage, severity: Severity, since: date, due: date, days: WorkingDays) -> list[Step]:
    """Who hears when of a problem that is in a stage since a day, each later than the one before; none when closed.

    What would come no later than that day is left out. What is overdue even then is escalated all the same.
    """
    if now is Stage.CLOSED:
        return []
    if now is Stage.DONE:
        coming = [
            (days.after(since, ASKED_AGAIN_AFTER), frozenset({Told.DEPUTY})),
            (days.after(since, UNCONFIRMED_AFTER), frozenset({Told.DEPUTY, Told.STAFF})),
        ]
        return _numbered(since, Told.DEPUTY, coming)
    body = frozenset({Told.BODY})
    escalated_on = days.after(due, ESCALATED_AFTER)
    coming = [
        (_before(due, WARNED_BEFORE[severity], days), body),
        (due, body),
        (days.after(due, REMINDED_AFTER), body),
        # A body that plans anew puts this off no further, but once it has passed.
        (
            escalated_on if escalated_on > since else days.after(since, ESCALATED_AFTER),
            frozenset({Told.BODY, Told.STAFF}),
        ),
    ]
    return _numbered(since, Told.BODY, coming)


def refusal_of_due(now: Stage, due: date, why: str, today: date) -> Refusal | None:
    """Why a problem may not be due on another day."""
    if now not in OPEN:
        return Refusal.NO_SUCH_MOVE
    if due < today:
        return Refusal.DAY_PAST
    return None if why.strip() else Refusal.NO_WORDS


def _numbered(since: date, first: Told, coming: list[tuple[date, frozenset[Told]]]) -> list[Step]:
    later = [(on, told) for on, told in coming if on > since]
    return [Step(number, on, told) for number, (on, told) in enumerate([(since, frozenset({first})), *later])]


def _before(day: date, count: int, days: WorkingDays) -> date:
    """The working day that comes so many of them before `day`."""
    while count:
        day -= _DAY
        count -= days.is_working(day)
    return day
