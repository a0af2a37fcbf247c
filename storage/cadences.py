"""How each duty comes round in a congress, as its staff set it, and when the next period opens."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, insert, select, update

from storage.audit import Audit
from storage.calendar import Calendar, published
from storage.database import AnyRow, Unit
from storage.domain.cadence import DEFAULTS, ON_AT_FIRST, BadCadence, Cadence, Duty, check_fits, moment, number_of
from storage.domain.periods import Period, earliest, first_from, following, period
from storage.domain.working_days import WorkingDays
from storage.tables import cadences, congresses, rounds

_ADD = insert(cadences)


@dataclass(frozen=True, slots=True)
class Arranged:
    """How a duty comes round. `coming` is the period that opens next, None while the duty is turned off; its days are
    `provisional` as long as the calendar of their year is not published."""

    duty: Duty
    cadence: Cadence
    coming: Period | None
    provisional: bool = False


def cadence_of(duty: str, rule: dict[str, Any]) -> Cadence:
    """A cadence as it is kept; as most places have it, where that was changed behind our back and contradicts itself:
    one congress is not to hold up the others."""
    try:
        return Cadence.load(rule)
    except BadCadence:
        return DEFAULTS[Duty(duty)]


def looked_at(cadence: Cadence, one: Period, zone: ZoneInfo, days: WorkingDays) -> datetime:
    """When a period opens, or, as long as the calendar is not published, when it may at the earliest: then it is looked
    at again."""
    return moment(earliest(cadence, one, days), cadence.at, zone)


def opens_at(cadence: Cadence, one: Period, zone: ZoneInfo) -> datetime:
    return moment(one.opens_on, cadence.at, zone)


class Cadences:
    """Cadences that contradict themselves are refused with BadCadence, and nothing changes."""

    def __init__(self, unit: Unit, now: datetime, audit: Audit, calendar: Calendar = published) -> None:
        self._unit, self._now, self._audit, self._calendar = unit, now, audit, calendar

    # --- reading

    def of(self, congress_id: int) -> dict[Duty, Arranged]:
        """Every duty; what nobody has set is as most places have it."""
        rows = {row.duty: row for row in self._unit.read(select(cadences).where(cadences.c.congress_id == congress_id))}
        return {duty: self._arranged(duty, rows.get(duty)) for duty in Duty}

    def _arranged(self, duty: Duty, row: AnyRow | None) -> Arranged:
        if row is None:
            return Arranged(duty, DEFAULTS[duty], None)
        cadence, days = cadence_of(duty, row.rule), self._calendar()
        if row.next_at is None:
            return Arranged(duty, cadence, None)
        coming = period(cadence, row.next_period, days)
        return Arranged(
            duty, cadence, coming, days.is_provisional(coming.opens_on) or days.is_provisional(coming.due_on)
        )

    # --- writing

    def set(self, congress_id: int, duty: Duty, cadence: Cadence) -> None:
        """From the next period on; one that is open stays as it is."""
        check_fits(duty, cadence)
        before = self._kept(congress_id, duty)
        values: dict[str, Any] = {"rule": cadence.dump()}
        if before.next_at is not None:
            values |= self._next(congress_id, duty, cadence)
        self._change(congress_id, duty, values)
        then, now = ({"duty": duty, "rule": rule} for rule in (before.rule, values["rule"]))
        self._audit.record("set_cadence", "congress", congress_id, then, now)

    def turn_off(self, congress_id: int, duty: Duty) -> None:
        """No period opens any more, and what is open is closed: nobody hears of it again."""
        if self._kept(congress_id, duty).next_at is None:
            return
        self._change(congress_id, duty, {"next_at": None})
        of_duty = rounds.c.congress_id == congress_id, rounds.c.duty == duty, rounds.c.closed_at.is_(None)
        self._unit.write(update(rounds).where(*of_duty).values(closed_at=self._now, next_at=None))
        self._audit.record("turn_off", "congress", congress_id, None, {"duty": duty})

    def turn_on(self, congress_id: int, duty: Duty) -> None:
        """From the next period on, and where one was cut off that is not due yet, with that."""
        before = self._kept(congress_id, duty)
        if before.next_at is not None:
            return
        self._change(congress_id, duty, self._next(congress_id, duty, cadence_of(duty, before.rule)))
        self._reopen(congress_id, duty)
        self._audit.record("turn_on", "congress", congress_id, None, {"duty": duty})

    def _reopen(self, congress_id: int, duty: Duty) -> None:
        of_duty = rounds.c.congress_id == congress_id, rounds.c.duty == duty
        last = self._unit.read(select(rounds).where(*of_duty).order_by(rounds.c.period.desc()).limit(1)).first()
        if last is None or last.closed_at is None or last.due_on < self._today(self._zone(congress_id)):
            return
        coming = datetime.fromisoformat(last.steps[last.step]) if last.step < len(last.steps) else None
        self._unit.write(update(rounds).where(rounds.c.id == last.id).values(closed_at=None, next_at=coming))

    def _kept(self, congress_id: int, duty: Duty) -> AnyRow:
        """The row of a duty, locked: whoever opens its periods waits. It is made where it was not."""
        chosen = select(cadences).where(cadences.c.congress_id == congress_id, cadences.c.duty == duty)
        row = self._unit.read(chosen.with_for_update()).first()
        if row is not None:
            return row
        default = {"duty": duty, "rule": DEFAULTS[duty].dump(), "next_period": 0, "next_at": None}
        self._unit.write(_ADD.values(congress_id=congress_id, **default))
        return self._unit.read(chosen).one()

    def _change(self, congress_id: int, duty: Duty, values: Mapping[str, Any]) -> None:
        chosen = cadences.c.congress_id == congress_id, cadences.c.duty == duty
        self._unit.write(update(cadences).where(*chosen).values(**values))

    def _next(self, congress_id: int, duty: Duty, cadence: Cadence) -> dict[str, Any]:
        """What opens next: the first period from today on that has not been opened."""
        days, zone = self._calendar(), self._zone(congress_id)
        coming = first_from(cadence, self._today(zone), days)
        opened = select(func.max(rounds.c.period)).where(rounds.c.congress_id == congress_id, rounds.c.duty == duty)
        if key := self._unit.read(opened).scalar():
            while coming.number <= number_of(*map(int, key.split("-"))):
                coming = following(cadence, coming.number, days)
        return {"next_period": coming.number, "next_at": looked_at(cadence, coming, zone, days)}

    def _zone(self, congress_id: int) -> ZoneInfo:
        named = select(congresses.c.timezone).where(congresses.c.id == congress_id)
        return ZoneInfo(self._unit.read(named).scalar_one())

    def _today(self, zone: ZoneInfo) -> date:
        return self._now.astimezone(zone).date()


def begin(unit: Unit, now: datetime, congress_id: int, timezone: str, calendar: Calendar) -> None:
    """What a new congress begins with."""
    zone, days = ZoneInfo(timezone), calendar()
    for duty in sorted(ON_AT_FIRST):
        cadence = DEFAULTS[duty]
        coming = first_from(cadence, now.astimezone(zone).date(), days)
        row = {"congress_id": congress_id, "duty": duty, "rule": cadence.dump(), "next_period": coming.number}
        unit.later(_ADD, {**row, "next_at": looked_at(cadence, coming, zone, days)})
