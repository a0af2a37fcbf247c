"""Opening periods whose day has come: first the period of a congress, then what is owed in it, project by project.

Both go in chunks of many congresses, and each chunk leaves behind what the next one goes on from, so that a process may
die anywhere. Of the periods that came while nobody looked, only the latest is opened. A period closes when the next one
opens, but not before the day on which it is due is over.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, insert, or_, select, update

from storage.among import among
from storage.cadences import cadence_of, looked_at, opens_at
from storage.calendar import Calendar
from storage.charged import Charged, Group
from storage.database import AnyRow, Unit
from storage.domain.cadence import BY_BODY, Cadence, Duty, Owed, moment, number_of
from storage.domain.periods import Period, debtors, finished_in, following, owes, period, steps
from storage.domain.project_stages import Stage
from storage.domain.roles import Role
from storage.domain.working_days import WorkingDays
from storage.tables import cadences, congresses, duties, projects, rounds

PERIODS, UNFINISHED, PROJECTS, RECEPTIONS = 100, 30, 300, 10  # at most in a chunk: some 20 ms on PostgreSQL

# First which, from the index alone: that is asked all day long, and mostly there are none.
_DUE = (
    select(cadences.c.id)
    .where(cadences.c.next_at <= bindparam("now", type_=cadences.c.next_at.type))
    .order_by(cadences.c.next_at, cadences.c.id)
    .limit(PERIODS)
    .with_for_update()  # staff may be changing it
)
_THESE = (
    select(
        cadences.c.id,
        cadences.c.congress_id,
        cadences.c.duty,
        cadences.c.rule,
        cadences.c.next_period,
        congresses.c.timezone,
    )
    .join(congresses, congresses.c.id == cadences.c.congress_id)
    .where(among(cadences.c.id, "cadences"))
    .order_by(cadences.c.id)
)
_GO_ON = (
    update(cadences)
    .where(cadences.c.id == bindparam("cadence"))
    .values(
        next_period=bindparam("period", type_=cadences.c.next_period.type),
        next_at=bindparam("at", type_=cadences.c.next_at.type),
    )
)
_OPEN = insert(rounds)
_OPEN_ROUNDS = select(rounds.c.id, rounds.c.congress_id, rounds.c.duty, rounds.c.period, rounds.c.due_on).where(
    among(rounds.c.congress_id, "congresses"), rounds.c.closed_at.is_(None)
)
_CLOSE = (
    update(rounds)
    .where(rounds.c.id == bindparam("round"))
    .values(closed_at=bindparam("at", type_=rounds.c.closed_at.type))
)
_UNFINISHED = (
    select(rounds.c.id)
    .where(rounds.c.opened_to.is_not(None))
    .order_by(rounds.c.opened_to, rounds.c.id)
    .limit(UNFINISHED)
)
_THESE_ROUNDS = (
    select(
        rounds.c.id,
        rounds.c.congress_id,
        rounds.c.duty,
        rounds.c.period,
        rounds.c.opens_on,
        rounds.c.due_on,
        rounds.c.owed,
        cadences.c.rule,
    )
    .join(cadences, (cadences.c.congress_id == rounds.c.congress_id) & (cadences.c.duty == rounds.c.duty))
    .where(among(rounds.c.id, "rounds"))
    .order_by(rounds.c.id)
)
_CANDIDATES = (
    select(rounds.c.id, projects.c.id, projects.c.stage, projects.c.begun_on, projects.c.ended_on)
    .join(projects, projects.c.congress_id == rounds.c.congress_id)
    .where(among(rounds.c.id, "rounds"), projects.c.id > rounds.c.opened_to)
    # What ended long ago is only looked back at.
    .where(
        or_(rounds.c.duty == Duty.LOOK_BACK, projects.c.ended_on.is_(None), projects.c.ended_on >= rounds.c.opens_on)
    )
    .order_by(rounds.c.id, projects.c.id)
    .limit(PROJECTS)
)
_ADD = insert(duties)
_OPENED_TO = (
    update(rounds)
    .where(rounds.c.id == bindparam("round"))
    .values(opened_to=bindparam("to", type_=rounds.c.opened_to.type))
)


@dataclass(frozen=True, slots=True)
class _Unfinished:
    """A round of which not all that is owed is there yet."""

    id: int
    congress_id: int
    duty: Duty
    period: Period
    owed: Owed
    cadence: Cadence

    def is_owed_for(self, candidate: AnyRow) -> bool:
        if self.duty is not Duty.LOOK_BACK:
            return owes(self.period, candidate.begun_on, candidate.ended_on)
        finished_on: date | None = candidate.ended_on if candidate.stage == Stage.FINISHED else None
        if finished_on is None:
            return False
        return any(first <= finished_on <= last for first, last in finished_in(self.cadence, self.period))

    def debts(self, project: int | None, group: Group) -> Iterator[dict[str, Any]]:
        """Rows of what is owed by a group."""
        by_all = self.owed is Owed.GROUP
        for members in debtors(self.owed, self.period.number, group):
            yield {"round_id": self.id, "project_id": project, "person_id": None if by_all else members[0]}


class Rounds:
    def __init__(self, unit: Unit, now: datetime, calendar: Calendar) -> None:
        self._unit, self._now, self._calendar = unit, now, calendar
        self._charged = Charged(unit)
        self._planned: dict[Any, tuple[Period | None, Period]] = {}

    def open_due(self) -> bool:
        """Open some of the periods that have come; whether there were any."""
        ids = self._unit.read(_DUE, {"now": self._now}).scalars().all()
        if not ids:
            return False
        due = self._unit.read(_THESE, {"cadences": ids}).all()
        days = self._calendar()
        opened: list[dict[str, Any]] = []
        goes_on: list[dict[str, Any]] = []
        for row in due:
            cadence, zone = cadence_of(row.duty, row.rule), ZoneInfo(row.timezone)
            one, then = self._plan(cadence, row.next_period, zone, days)
            if one is not None:
                opened.append(self._round(row, cadence, one, zone, days))
            at = looked_at(cadence, then, zone, days) if one is not None else opens_at(cadence, then, zone)
            goes_on.append({"cadence": row.id, "period": then.number, "at": at})
        self._close_before(opened)
        self._unit.later(_GO_ON, *goes_on)
        for identity, values in zip(self._unit.numbers(rounds, len(opened)), opened, strict=True):
            self._unit.later(_OPEN, {"id": identity, **values})
        return True

    def _plan(self, cadence: Cadence, number: int, zone: ZoneInfo, days: WorkingDays) -> tuple[Period | None, Period]:
        """The latest period from that number on that has come, if any has, and the one after it."""
        key = cadence, number, zone.key
        if key not in self._planned:
            found, then = None, period(cadence, number, days)
            while opens_at(cadence, then, zone) <= self._now:
                found, then = then, following(cadence, then.number, days)
            self._planned[key] = found, then
        return self._planned[key]

    def _round(self, row: AnyRow, cadence: Cadence, one: Period, zone: ZoneInfo, days: WorkingDays) -> dict[str, Any]:
        """The row of a period that opens."""
        told = [moment(step.on, cadence.at, zone) for step in steps(cadence, one, days)]
        return {
            "congress_id": row.congress_id,
            "duty": row.duty,
            "period": one.key,
            "opens_on": one.opens_on,
            "due_on": one.due_on,
            "steps": [at.isoformat() for at in told],
            "step": 0,
            "next_at": told[0],
            "owed": cadence.owed,
            "opened_to": 0,
            "told_to": 0,
        }

    def _close_before(self, opened: Sequence[Mapping[str, Any]]) -> None:
        """The rounds before those that open close, if they were due."""
        then = {(one["congress_id"], one["duty"]): one for one in opened}
        given = {"congresses": [one["congress_id"] for one in opened]}
        for row in self._unit.read(_OPEN_ROUNDS, given) if opened else ():
            one = then.get((row.congress_id, row.duty))
            if one and row.period < one["period"] and row.due_on < one["opens_on"]:
                self._unit.later(_CLOSE, {"round": row.id, "at": self._now})

    # --- what is owed

    def fill(self) -> bool:
        """Write down some of what is owed in the rounds that have opened; whether there was any such round."""
        ids = self._unit.read(_UNFINISHED).scalars().all()
        if not ids:
            return False
        found = [_unfinished(row) for row in self._unit.read(_THESE_ROUNDS, {"rounds": ids})]
        receptions = [one for one in found if one.duty is Duty.RECEPTION]
        if receptions:
            self._receive(receptions[:RECEPTIONS])
        if others := [one for one in found if one.duty is not Duty.RECEPTION]:
            self._go_through(others)
        return True

    def _receive(self, some: Sequence[_Unfinished]) -> None:
        """Each deputy of the congress, without a project."""
        deputies = self._charged.holders({one.congress_id for one in some}, [Role.DEPUTY])
        for one in some:
            self._unit.later(_ADD, *one.debts(None, deputies[one.congress_id, Role.DEPUTY]))
            self._unit.later(_OPENED_TO, {"round": one.id, "to": None})

    def _go_through(self, some: Sequence[_Unfinished]) -> None:
        """As many projects as go into a chunk, round by round."""
        of_round = {one.id: one for one in some}
        candidates = self._unit.read(_CANDIDATES, {"rounds": list(of_round)}).all()
        owing = [(of_round[row[0]], row[1]) for row in candidates if of_round[row[0]].is_owed_for(row)]
        groups = self._groups([(one, project) for one, project in owing if one.owed is not Owed.GROUP])
        for one, project in owing:
            self._unit.later(_ADD, *one.debts(project, groups.get((one.id, project), ())))
        reached = candidates[-1] if len(candidates) == PROJECTS else None
        for one in some:
            if reached is None or one.id < reached[0]:
                self._unit.later(_OPENED_TO, {"round": one.id, "to": None})
            elif one.id == reached[0]:
                self._unit.later(_OPENED_TO, {"round": one.id, "to": reached[1]})

    def _groups(self, wanted: Sequence[tuple[_Unfinished, int]]) -> dict[tuple[int, int], Group]:
        bodies = self._charged.bodies({project for one, project in wanted if one.duty in BY_BODY})
        deputies = self._charged.deputies({project for one, project in wanted if one.duty not in BY_BODY})
        return {
            (one.id, project): (bodies if one.duty in BY_BODY else deputies).get(project, ()) for one, project in wanted
        }


def _unfinished(row: AnyRow) -> _Unfinished:
    number = number_of(*map(int, row.period.split("-")))
    one = Period(row.period, number, row.opens_on, row.due_on)
    return _Unfinished(row.id, row.congress_id, Duty(row.duty), one, Owed(row.owed), cadence_of(row.duty, row.rule))
