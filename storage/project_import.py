"""How a file of projects gets into the store: checked as a whole, written in pieces that hold the writer briefly.

A project is known by its title within the cycle. What is there already and says the same is passed over, so the same
file adds nothing a second time, and where an import was broken off, the same command does the rest. What is there and
says something else is refused: what was voted on changes by approval only (`storage.domain.project_stages`).
"""

import time
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Engine, select

from storage.area_index import AreaIndex
from storage.cell_finding import AreaFinder, CellUnclear, CellUnknown
from storage.congresses import Congress
from storage.database import Clock, Unit, transaction
from storage.domain.areas import Area
from storage.domain.cycle import Cycle
from storage.domain.project_plan import Milestone
from storage.line_faults import TableRefused
from storage.project_columns import NAMES
from storage.project_faults import ProjectFault
from storage.project_file import Line, ProjectFile
from storage.projects import Description, Project
from storage.store import Store
from storage.tables import cycles, milestones, projects

CHUNK = 20  # projects in one transaction
PAUSE = 0.03  # seconds between two of them, in which others who wait for SQLite's writer come in

_EVERYWHERE = frozenset({"全镇", "全乡", "全街道", "全县", "全区", "全市", "全旗", "全域", "全辖区"})
_SHOWN = 20  # characters of a value that differs


@dataclass(frozen=True, slots=True)
class Entry:
    """A project that is new."""

    description: Description
    plan: tuple[Milestone, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What importing a file would do. `same` projects are there already, and stay as they are."""

    congress_id: int
    cycle: Cycle
    begun_on: date
    entries: tuple[Entry, ...]
    same: int

    @property
    def investment(self) -> int:
        """Of all new projects together, in yuan."""
        return sum(entry.description.investment or 0 for entry in self.entries)


# --- planning


def plan_import(store: Store, congress: Congress, file: ProjectFile) -> Plan:
    """What importing `file` for a congress would do. Raises TableRefused with everything that is wrong with it."""
    cycle = store.congresses.current_cycle(congress.id)
    if cycle is None:
        raise TableRefused([ProjectFault("no_cycle")])
    faults: list[ProjectFault] = [*file.faults, *_repeated(file.lines)]
    places = _Places(store.areas, store.areas.area(congress.area_id))
    known = _Known(store, cycle.id)
    today = congress.today(store.now)
    entries: list[Entry] = []
    same = 0
    for line in file.lines:
        cells = places.find(line, faults)
        if cells is None:
            continue
        entry = Entry(_description(line, cells), line.plan)
        if found := known.get(line.title):
            same += 1
            faults += _differing(line, entry, found, file.fields, store.areas)
        else:
            entries.append(entry)
            faults += _past(line, today)
    if faults:
        raise TableRefused(sorted(faults, key=lambda fault: fault.line or 0))
    return Plan(congress.id, cycle, today, tuple(entries), same)


def _description(line: Line, cells: tuple[int, ...]) -> Description:
    return Description(
        line.title, line.content, line.investment, line.body, line.leader, line.deadline, line.effect, cells
    )


def _spelled(title: str) -> str:
    """By which titles are told apart: not by their spaces, nor by the width of their marks."""
    return "".join(unicodedata.normalize("NFKC", title).split()).casefold()


def _repeated(lines: Sequence[Line]) -> Iterator[ProjectFault]:
    first: dict[str, int] = {}
    for line in lines:
        earlier = first.setdefault(_spelled(line.title), line.line)
        if earlier != line.line:
            yield ProjectFault("repeated", line.line, {"first": earlier})


def _past(line: Line, today: date) -> Iterator[ProjectFault]:
    """Days of a new project that have gone by; one that is there already may have got that far."""
    named = [("完成时限", "deadline", line.deadline)]
    named += [(f"节点“{one.title}”的时间", f"day of {one.title}", one.planned_on) for one in line.plan]
    for column, name, day in named:
        if day < today:
            yield ProjectFault("day_past", line.line, {"column": column, "name": name, "day": day, "today": today})


class _Places:
    """Finds the areas of a line; the congress's own is meant by its name, or as the whole."""

    def __init__(self, areas: AreaIndex, within: Area | None) -> None:
        self._within, self._finder = within, AreaFinder(areas, within)

    def find(self, line: Line, faults: list[ProjectFault]) -> tuple[int, ...] | None:
        """Their ids, ascending; None where one of them is a fault."""
        found: set[int] = set()
        wrong: list[ProjectFault] = []
        for written in line.cells:
            try:
                found.add(self._area(written).id)
            except CellUnknown:
                wrong.append(ProjectFault("area_unknown", line.line, {"word": written}))
            except CellUnclear:
                wrong.append(ProjectFault("area_unclear", line.line, {"word": written}))
        faults += wrong
        return None if wrong else tuple(sorted(found))

    def _area(self, written: str) -> Area:
        if self._within and (written in _EVERYWHERE or written == self._within.name):
            return self._within
        return self._finder.find(written)


# --- what is there already


@dataclass(frozen=True, slots=True)
class _Found:
    project: Project
    plan: tuple[Milestone, ...]


class _Known:
    """The projects of a cycle, by their titles."""

    def __init__(self, store: Store, cycle_id: int) -> None:
        numbers = list(store.unit.read(select(projects.c.id).where(projects.c.cycle_id == cycle_id)).scalars())
        plans = defaultdict[int, list[Milestone]](list)
        rows = store.unit.read(
            select(milestones.c.project_id, milestones.c.title, milestones.c.planned_on, milestones.c.share)
            .join(projects, projects.c.id == milestones.c.project_id)
            .where(projects.c.cycle_id == cycle_id)
            .order_by(milestones.c.project_id, milestones.c.position)
        )
        for number, title, planned_on, share in rows:
            plans[number].append(Milestone(title, planned_on, share))
        self._by_title = {
            _spelled(one.description.title): _Found(one, tuple(plans[one.number]))
            for one in store.projects.many(numbers)
        }

    def get(self, title: str) -> _Found | None:
        return self._by_title.get(_spelled(title))


def _differing(
    line: Line, entry: Entry, found: _Found, fields: frozenset[str], areas: AreaIndex
) -> Iterator[ProjectFault]:
    """That a project of that title is there and is another; what the file has no column for, it does not deny."""
    there, here = found.project.description, entry.description
    chinese, english = [], []
    for name in Description.__slots__:
        before, after = getattr(there, name), getattr(here, name)
        if name in fields - {"title"} and before != after:
            column, called = NAMES[name]
            shown = [_shown(name, value, areas) for value in (before, after)]
            chinese.append(f"{column}（已有“{shown[0]}”，表里“{shown[1]}”）")
            english.append(called)
    if "plan" in fields and found.plan != entry.plan:
        chinese.append(NAMES["plan"][0])
        english.append(NAMES["plan"][1])
    if chinese:
        told = {"number": found.project.number, "columns": "、".join(chinese), "names": ", ".join(english)}
        yield ProjectFault("differs", line.line, told)


def _shown(name: str, value: Any, areas: AreaIndex) -> str:
    if name == "investment":
        return "" if value is None else f"{value:,} 元"
    if name == "cells":
        value = "、".join(areas.title(area) for one in value if (area := areas.area(one)))
    written = str(value)
    return written if len(written) <= _SHOWN else f"{written[:_SHOWN]}…"


# --- writing


def apply_import(
    engine: Engine, areas: AreaIndex, plan: Plan, clock: Clock, *, pause: Callable[[float], None] = time.sleep
) -> list[int]:
    """Carry out a plan, some projects a transaction, and give their numbers.

    Raises TableRefused where a project of the same title came in meanwhile, or the cycle ended; what was written by
    then stays.
    """
    numbers: list[int] = []
    for start in range(0, len(plan.entries), CHUNK):
        began = time.monotonic()
        chunk = plan.entries[start : start + CHUNK]
        with transaction(engine) as unit:
            _check_meanwhile(unit, plan, chunk)
            unit.expect(projects, len(chunk))
            store = Store(unit, clock(), areas)
            numbers += [
                store.projects.add(plan.congress_id, plan.cycle.id, one.description, one.plan, plan.begun_on)
                for one in chunk
            ]
        if start + CHUNK < len(plan.entries):
            pause(max(PAUSE, time.monotonic() - began))
    return numbers


def _check_meanwhile(unit: Unit, plan: Plan, chunk: Sequence[Entry]) -> None:
    """Nobody else may add the same; whoever else imports into the cycle waits until the commit."""
    # The weaker of the locks: proposals that refer to the cycle need not wait.
    locked = select(cycles.c.closed_at).where(cycles.c.id == plan.cycle.id).with_for_update(key_share=True)
    closed_at = unit.read(locked).scalar_one()
    titles = unit.read(select(projects.c.title).where(projects.c.cycle_id == plan.cycle.id)).scalars()
    there = set(map(_spelled, titles))
    if closed_at or any(_spelled(one.description.title) in there for one in chunk):
        raise TableRefused([ProjectFault("changed_meanwhile")])
