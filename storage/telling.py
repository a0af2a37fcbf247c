"""Telling people what they owe, step by step of each round, and then beginning one conversation with each of them.

First it is noted who is told of which step, in chunks of many rounds; only when that is complete for all rounds are
their prompts made, so that what falls due together for a person is one message. Of the steps that came while nobody
looked, only the latest is told. What would come in quiet hours comes when they are over.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Insert, bindparam, insert, select, update

from storage.among import among
from storage.cadences import cadence_of
from storage.charged import Charged
from storage.conflicts import insert_or_else
from storage.database import AnyRow, Unit
from storage.domain.cadence import BY_BODY, Cadence
from storage.domain.roles import Role
from storage.tables import cadences, congresses, duties, prompts, reminders, rounds

ROUNDS, DUTIES, REMINDERS = 20, 400, 800  # at most in a chunk: some 20 ms on PostgreSQL
LATE = timedelta(minutes=10)  # after they were told: only where a process died in between
DUTIES_PROMPT, OVERDUE_PROMPT = "duties", "overdue"  # the conversations that are begun

_NOW = bindparam("now", type_=rounds.c.next_at.type)
_OF_CADENCE = (cadences.c.congress_id == rounds.c.congress_id) & (cadences.c.duty == rounds.c.duty)
# First which, from the index alone: that is asked all day long, and mostly there are none.
_DUE = (
    select(rounds.c.id)
    .where(rounds.c.next_at <= _NOW)
    .order_by(rounds.c.next_at, rounds.c.id)
    .limit(ROUNDS)
    .with_for_update()  # the duty may just be turned off
)
_THESE = (
    select(
        rounds.c.id,
        rounds.c.congress_id,
        rounds.c.duty,
        rounds.c.steps,
        rounds.c.step,
        rounds.c.told_to,
        rounds.c.closed_at,
        cadences.c.rule,
        congresses.c.timezone,
    )
    .join(cadences, _OF_CADENCE)
    .join(congresses, congresses.c.id == rounds.c.congress_id)
    .where(among(rounds.c.id, "rounds"))
    .order_by(rounds.c.id)
)
_GO_ON = (
    update(rounds)
    .where(rounds.c.id == bindparam("round"))
    .values(
        step=bindparam("to_step", type_=rounds.c.step.type),
        next_at=bindparam("at", type_=rounds.c.next_at.type),
        told_to=bindparam("to", type_=rounds.c.told_to.type),
    )
)
# Apart: PostgreSQL, which has not counted yet what has just been opened, would else go through all that is open.
_OWED = (
    select(duties.c.round_id, duties.c.id, duties.c.project_id, duties.c.person_id, duties.c.answered_at)
    .where(among(duties.c.round_id, "rounds"))
    .cte("owed")
    .prefix_with("MATERIALIZED", dialect="postgresql")
)
_UNANSWERED = (
    select(_OWED.c.round_id, _OWED.c.id, _OWED.c.project_id, _OWED.c.person_id)
    .join(rounds, rounds.c.id == _OWED.c.round_id)
    .where(among(rounds.c.id, "rounds"), _OWED.c.answered_at.is_(None), _OWED.c.id > rounds.c.told_to)
    .order_by(_OWED.c.round_id, _OWED.c.id)
    .limit(DUTIES)
)
_FAILED = (
    select(rounds.c.id)
    .where(among(rounds.c.id, "rounds"))
    .where(select(duties.c.id).where(duties.c.round_id == rounds.c.id, duties.c.answered_at.is_(None)).exists())
)
_FIRST = (
    select(reminders.c.person_id)
    .where(reminders.c.prompt_at <= _NOW)
    .order_by(reminders.c.prompt_at, reminders.c.person_id)
    .limit(REMINDERS)
)
_DUE_TO_THEM = among(reminders.c.person_id, "people"), reminders.c.prompt_at <= _NOW
_THEIRS = select(
    reminders.c.round_id, reminders.c.step, reminders.c.person_id, reminders.c.escalates, reminders.c.prompt_at
).where(*_DUE_TO_THEM)
_PROMPTED = update(reminders).where(*_DUE_TO_THEM).values(prompt_at=None)
_QUIET = (
    select(rounds.c.id, rounds.c.duty, cadences.c.rule, congresses.c.timezone)
    .join(cadences, _OF_CADENCE)
    .join(congresses, congresses.c.id == rounds.c.congress_id)
    .where(among(rounds.c.id, "rounds"))
)
_LET_WAIT = (
    update(reminders)
    .where(reminders.c.round_id == bindparam("round"), reminders.c.prompt_at <= _NOW)
    .values(prompt_at=bindparam("moment", type_=reminders.c.prompt_at.type))
)
# Shared, so that whoever is just beginning one of them does not do so before what it tells of is there.
_WAITING = (
    select(prompts.c.person_id, prompts.c.conversation)
    .where(among(prompts.c.person_id, "people"), prompts.c.conversation.in_((DUTIES_PROMPT, OVERDUE_PROMPT)))
    .with_for_update(read=True)
)
_PROMPT = insert(prompts)


@dataclass(frozen=True, slots=True)
class _Due:
    """A round of which a step has come, and what follows after that."""

    row: AnyRow
    cadence: Cadence
    step: int
    moments: Sequence[datetime]

    @property
    def escalates(self) -> bool:
        return self.step == len(self.moments) - 1

    def after(self, step: int) -> dict[str, Any]:
        """What is next when that step is told."""
        at = self.moments[step + 1] if step + 1 < len(self.moments) else None
        return {"round": self.row.id, "to_step": step + 1, "at": at, "to": 0}


class Telling:
    def __init__(self, unit: Unit, now: datetime) -> None:
        self._unit, self._now = unit, now
        self._charged = Charged(unit)

    # --- who is told

    def tell(self) -> bool:
        """Note whom to tell of some of the steps that have come; whether there were any. To be called only when all
        that is owed is there."""
        ids = self._unit.read(_DUE, {"now": self._now}).scalars().all()
        if not ids:
            return False
        rows = self._unit.read(_THESE, {"rounds": ids}).all()
        due = [one for row in rows if (one := self._due(row))]
        self._escalate([one for one in due if one.escalates])
        self._remind([one for one in due if not one.escalates])
        return True

    def _due(self, row: AnyRow) -> _Due | None:
        """What there is to tell now of a round; if nothing, it is put off."""
        cadence = cadence_of(row.duty, row.rule)
        moments = [datetime.fromisoformat(one) for one in row.steps]
        step = max(number for number, at in enumerate(moments) if at <= self._now)
        one = _Due(row, cadence, step, moments)
        if row.closed_at is not None and not one.escalates:  # nobody can answer any more; that is still to be heard of
            self._unit.later(_GO_ON, one.after(len(moments) - 2))
            return None
        if at := _quiet_until(row, self._now):
            self._unit.later(_GO_ON, {"round": row.id, "to_step": row.step, "at": at, "to": row.told_to})
            return None
        return one

    def _escalate(self, some: Sequence[_Due]) -> None:
        """Whoever it is escalated to, else staff, hears of rounds that are not all answered."""
        failed = set(self._unit.read(_FAILED, {"rounds": [one.row.id for one in some]}).scalars()) if some else set()
        told = {one.cadence.escalates_to for one in some} | {Role.STAFF}
        holders = self._charged.holders({one.row.congress_id for one in some if one.row.id in failed}, told)
        for one in some:
            congress = one.row.congress_id
            if one.row.id in failed:
                to = holders[congress, one.cadence.escalates_to] or holders[congress, Role.STAFF]
                self._note(((one.row.id, one.step, person) for person in to), escalates=True)
            self._unit.later(_GO_ON, one.after(one.step))

    def _remind(self, some: Sequence[_Due]) -> None:
        """Whoever still owes in these rounds, as many as go into a chunk."""
        if not some:
            return
        of_round = {one.row.id: one for one in some}
        for one in some:
            if one.row.told_to is None or one.row.step != one.step:
                begins = {"round": one.row.id, "to_step": one.step, "at": one.moments[one.step], "to": 0}
                self._unit.later(_GO_ON, begins)
        unanswered = self._unit.read(_UNANSWERED, {"rounds": list(of_round)}).all()
        told = self._who_owe(of_round, unanswered)
        self._note((one, of_round[one].step, person) for one, person in told)
        reached = unanswered[-1] if len(unanswered) == DUTIES else None
        for one in some:
            if reached is None or one.row.id < reached.round_id:
                self._unit.later(_GO_ON, one.after(one.step))
            elif one.row.id == reached.round_id:
                goes_on = {"round": one.row.id, "to_step": one.step, "at": one.moments[one.step], "to": reached.id}
                self._unit.later(_GO_ON, goes_on)

    def _who_owe(self, of_round: Mapping[int, _Due], unanswered: Iterable[AnyRow]) -> list[tuple[int, int]]:
        """(round, person), each once: who may answer one of these duties now."""
        listed = list(unanswered)
        by_body = {one for one, due in of_round.items() if due.row.duty in BY_BODY}
        bodies = self._charged.bodies({row.project_id for row in listed if row.round_id in by_body})
        groups = self._charged.deputies(
            {row.project_id for row in listed if row.project_id is not None and row.round_id not in by_body}
        )
        receiving = {of_round[row.round_id].row.congress_id for row in listed if row.project_id is None}
        deputies = self._charged.holders(receiving, [Role.DEPUTY])
        found: dict[tuple[int, int], None] = {}
        for row in listed:
            if row.project_id is None:
                charged = deputies[of_round[row.round_id].row.congress_id, Role.DEPUTY]
            else:
                charged = (bodies if row.round_id in by_body else groups).get(row.project_id, ())
            who = charged if row.person_id is None else [row.person_id] if row.person_id in charged else ()
            found |= dict.fromkeys((row.round_id, person) for person in who)
        return list(found)

    def _note(self, told: Iterable[tuple[int, int, int]], *, escalates: bool = False) -> None:
        """Whoever was told of the step before is not told again."""
        noted = {"at": self._now, "escalates": escalates, "prompt_at": self._now}
        rows = [{"round_id": one, "step": step, "person_id": person, **noted} for one, step, person in told]
        if rows:
            self._unit.later(_remember(self._unit.dialect), *rows)

    # --- what is begun with them

    def prompt(self) -> bool:
        """Let a conversation wait for some of those who are to be told, one for each; whether there were any. To be
        called only when nobody is left to `tell`."""
        people = set(self._unit.read(_FIRST, {"now": self._now}).scalars())
        if not people:
            return False
        given = {"now": self._now, "people": sorted(people)}
        rows = self._unit.read(_THEIRS, given).all()
        quiet = self._let_wait({row.round_id for row in rows if self._now - row.prompt_at > LATE})
        heard = [row for row in rows if row.round_id not in quiet]
        self._begin({(row.person_id, OVERDUE_PROMPT if row.escalates else DUTIES_PROMPT) for row in heard})
        self._unit.write(_PROMPTED, given)
        return True

    def _let_wait(self, late: Collection[int]) -> set[int]:
        """Rounds of which nobody may hear now: a process died when they were told, and by now it is quiet."""
        if not late:
            return set()
        waiting = quiet_until(self._unit, self._now, late)
        for one, at in waiting.items():
            self._unit.write(_LET_WAIT, {"round": one, "moment": at, "now": self._now})
        return set(waiting)

    def _begin(self, wanted: Collection[tuple[int, str]]) -> None:
        people = sorted({person for person, _ in wanted})
        waiting = {tuple(row) for row in self._unit.read(_WAITING, {"people": people})} if people else set()
        fresh = sorted(one for one in wanted if one not in waiting)
        values = {"arguments": {}, "created_at": self._now}
        rows = [{"person_id": person, "conversation": name, **values} for person, name in fresh]
        if rows:
            self._unit.later(_PROMPT, *rows)


def quiet_until(unit: Unit, now: datetime, round_ids: Collection[int]) -> dict[int, datetime]:
    """Of these rounds, those of which nobody is to hear now, and when that is over."""
    found = {row.id: _quiet_until(row, now) for row in unit.read(_QUIET, {"rounds": sorted(round_ids)})}
    return {one: at for one, at in found.items() if at is not None}


def _quiet_until(row: AnyRow, now: datetime) -> datetime | None:
    at = cadence_of(row.duty, row.rule).quiet.after(now, ZoneInfo(row.timezone))
    return at if at > now else None


@cache
def _remember(dialect: str) -> Insert:
    return insert_or_else(reminders, dialect).on_conflict_do_nothing()
