"""Congresses, their rules, and their cycles."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import bindparam, insert, select, update

from storage import cadences
from storage.audit import Audit
from storage.calendar import Calendar, published
from storage.database import Unit
from storage.domain.areas import Area, Level
from storage.domain.cycle import Cycle, Stage, check_window
from storage.domain.proposal_status import CARRIED_OVER
from storage.domain.rules import Rules
from storage.revisions import Revised, move, numbers
from storage.tables import congresses, cycles, proposals


@dataclass(frozen=True, slots=True)
class Congress:
    id: int
    name: str
    level: Level
    area_id: int
    timezone: str
    rules: Rules

    def today(self, now: datetime) -> date:
        return now.astimezone(ZoneInfo(self.timezone)).date()


_CONGRESS = (
    congresses.c.id,
    congresses.c.name,
    congresses.c.level,
    congresses.c.area_id,
    congresses.c.timezone,
    congresses.c.rules,
)
_CYCLE = (
    cycles.c.id,
    cycles.c.congress_id,
    cycles.c.year,
    cycles.c.stage,
    cycles.c.collecting_from,
    cycles.c.collecting_to,
)


# Beginning a cycle closes the one before, so a congress has one open at most.
_WITH_CYCLES = (
    select(*_CONGRESS, *_CYCLE)
    .outerjoin(cycles, (cycles.c.congress_id == congresses.c.id) & cycles.c.closed_at.is_(None))
    .order_by(congresses.c.id)
)
_CURRENT_CYCLE = (
    select(*_CYCLE)
    .where(cycles.c.congress_id == bindparam("congress"), cycles.c.closed_at.is_(None))
    .order_by(cycles.c.year.desc())
    .limit(1)
)


def _congress(row: Any) -> Congress:
    identity, name, level, area_id, timezone, rules = row
    return Congress(identity, name, Level(level), area_id, timezone, Rules.load(rules))


def _cycle(row: Any) -> Cycle:
    identity, congress_id, year, stage, first, last = row
    return Cycle(identity, congress_id, year, Stage(stage), first, last)


def _with_cycle(row: Any) -> tuple[Congress, Cycle | None]:
    cycle = row[len(_CONGRESS) :]
    return _congress(row[: len(_CONGRESS)]), _cycle(cycle) if cycle[0] else None


def check_zone(name: str) -> None:
    """Raises ValueError for a time zone that this machine does not know."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"there is no time zone {name}, such as Asia/Shanghai") from None


class CongressIndex:
    """Every congress with its present cycle, as memory holds it; nothing in it changes (see storage.area_index)."""

    def __init__(self, found: Iterable[tuple[Congress, Cycle | None]], revision: int) -> None:
        self.revision = revision
        self._all = list(found)
        self._of_area: defaultdict[int, list[tuple[Congress, Cycle | None]]] = defaultdict(list)
        for congress, cycle in self._all:
            self._of_area[congress.area_id].append((congress, cycle))

    def above(self, area: Area | None) -> list[tuple[Congress, Cycle | None]]:
        """Those in whose area a place lies, the nearest level first; without a place, all."""
        if area is None:
            return list(self._all)
        return [one for above in reversed(area.ids) for one in self._of_area.get(above, ())]


def load_congresses(unit: Unit) -> CongressIndex:
    """The revision is read first, so that what changes meanwhile shows as a newer one."""
    at = numbers(unit).get(Revised.CONGRESSES, 0)
    return CongressIndex(map(_with_cycle, unit.read(_WITH_CYCLES)), at)


class Congresses:
    """`index` is what memory holds, if anything does."""

    def __init__(
        self,
        unit: Unit,
        now: datetime,
        audit: Audit,
        index: CongressIndex | None = None,
        calendar: Calendar = published,
    ) -> None:
        self._unit, self._now, self._audit, self._index, self._calendar = unit, now, audit, index, calendar

    def add(self, name: str, level: Level, area_id: int, *, timezone: str = "Asia/Shanghai", rules: Rules) -> int:
        """Its projects are supervised as most places do it (see storage.cadences) until it says otherwise.

        Raises ValueError for a level that has no congress that votes on projects, or an unknown time zone.
        """
        if level not in (Level.TOWNSHIP, Level.COUNTY):
            raise ValueError("a congress is of level township or county")
        check_zone(timezone)
        congress_id = self._unit.insert(
            insert(congresses).values(
                name=name, level=level, area_id=area_id, timezone=timezone, rules=rules.dump(), created_at=self._now
            )
        )
        cadences.begin(self._unit, self._now, congress_id, timezone, self._calendar)
        self._changed()
        self._audit.record("add", "congress", congress_id, None, {"rules": rules.dump()})
        return congress_id

    def change_rules(self, congress_id: int, named: Mapping[str, Any]) -> tuple[Rules, Rules]:
        """From now on the rules in `named` are these, as somebody wrote them; gives all rules before, and now.

        Raises BadRule, and changes nothing then.
        """
        stored = select(congresses.c.rules).where(congresses.c.id == congress_id).with_for_update()
        before = Rules.load(self._unit.read(stored).scalar_one())
        now = Rules.load({**before.dump(), **named})
        if now != before:
            self._unit.write(update(congresses).where(congresses.c.id == congress_id).values(rules=now.dump()))
            self._changed()
            self._audit.record("change", "congress", congress_id, {"rules": before.dump()}, {"rules": now.dump()})
        return before, now

    def get(self, congress_id: int) -> Congress:
        return _congress(self._unit.read(select(*_CONGRESS).where(congresses.c.id == congress_id)).one())

    def all(self) -> list[Congress]:
        return [_congress(row) for row in self._unit.read(select(*_CONGRESS).order_by(congresses.c.id))]

    def of_area(self, area: Area | None) -> list[Congress]:
        """The congresses in whose area a place lies, the nearest level first; without a place, all."""
        return [congress for congress, _ in self.with_cycles(area)]

    def with_cycles(self, area: Area | None) -> list[tuple[Congress, Cycle | None]]:
        """As `of_area`, each with its present cycle."""
        return (self._index or load_congresses(self._unit)).above(area)

    def _changed(self) -> None:
        self._index = None  # what this transaction reads from now on
        move(self._unit, Revised.CONGRESSES)

    # --- cycles

    def begin_cycle(self, congress_id: int, year: int, first: date, last: date) -> Cycle:
        """Begin a year. What is undecided or in the reserve pool of the year before goes along.

        Raises ValueError for a window of fewer than 30 days or a year that is there already.
        """
        check_window(first, last)
        before = self.current_cycle(congress_id)
        if before and before.year >= year:
            raise ValueError(f"the cycle {before.year} has begun already")
        values = {"congress_id": congress_id, "year": year, "stage": Stage.COLLECTING}
        cycle_id = self._unit.insert(insert(cycles).values(**values, collecting_from=first, collecting_to=last))
        if before:
            self._unit.write(update(cycles).where(cycles.c.id == before.id).values(closed_at=self._now))
            self._unit.write(
                update(proposals)
                .where(proposals.c.cycle_id == before.id, proposals.c.status.in_(CARRIED_OVER))
                .values(cycle_id=cycle_id)
            )
        self._changed()
        self._audit.record("begin", "cycle", cycle_id, {"cycle": before.id} if before else None, {"year": year})
        return Cycle(cycle_id, congress_id, year, Stage.COLLECTING, first, last)

    def current_cycle(self, congress_id: int) -> Cycle | None:
        row = self._unit.read(_CURRENT_CYCLE, {"congress": congress_id}).first()
        return _cycle(row) if row else None
