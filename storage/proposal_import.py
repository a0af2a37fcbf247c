"""How a file of paper forms gets into the store: checked as a whole, written in pieces that hold the writer briefly.

Each form becomes a message of the channel "file", whose key is the file, the line and what it says. So the same file
adds nothing a second time, and where an import was broken off, the same command does the rest.
"""

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Engine, select

from storage.area_index import AreaIndex
from storage.arrivals import Arrivals
from storage.audit import Actor, Audit
from storage.cell_finding import CellFinder, CellUnclear, CellUnknown
from storage.congresses import Congresses
from storage.database import Clock, Unit, transaction
from storage.domain.areas import Area
from storage.domain.categories import guess
from storage.domain.cycle import Cycle, Stage
from storage.form_faults import FormFault
from storage.line_faults import TableRefused
from storage.links import How, Target
from storage.proposal_forms import Form, FormFile
from storage.proposals import New, Source
from storage.store import Store
from storage.tables import messages, people

CHANNEL = "file"
CHUNK = 20  # forms in one transaction, some ten statements each
PAUSE = 0.03  # seconds between two of them, in which others who wait for SQLite's writer come in

_OPEN = frozenset({"不清楚", "不详", "不明", "待核实", "未知", "无", "-", "unknown", "open"})


class Repeated(StrEnum):
    """What is done about a form that says the same as one of another file."""

    REFUSE = "refuse"  # the whole file: a person decides
    SKIP = "skip"  # the file is an older one with more lines
    ADD = "add"  # several people did say the same


@dataclass(frozen=True, slots=True)
class Placed:
    """A form that will become a proposal, and where it is about."""

    form: Form
    key: str
    cell: Area | None
    how: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What importing a file would do. `imported` forms are there already, `skipped` ones came with another file."""

    congress_id: int
    cycle: Cycle
    placed: tuple[Placed, ...]
    imported: int
    skipped: int
    people: Mapping[tuple[str, str], int]


def plan_import(
    unit: Unit, areas: AreaIndex, now: datetime, congress_id: int, file: FormFile, repeated: Repeated = Repeated.REFUSE
) -> Plan:
    """What importing `file` for a congress would do. Raises TableRefused with everything that is wrong with it."""
    congresses = Congresses(unit, now, Audit(unit, now, Actor()))
    cycle = congresses.current_cycle(congress_id)
    if cycle is None or cycle.stage is not Stage.COLLECTING:
        raise TableRefused([FormFault("not_collecting" if cycle else "no_cycle")])
    within = areas.area(congresses.get(congress_id).area_id)
    faults = list(file.faults)
    fresh, imported, skipped = _fresh(unit, file, repeated, faults)
    placed = [] if within is None else _place(areas, within, fresh, faults)
    if faults:
        raise TableRefused(sorted(faults, key=lambda fault: fault.line or 0))
    return Plan(congress_id, cycle, tuple(placed), imported, skipped, _people(unit, file))


def _fresh(
    unit: Unit, file: FormFile, repeated: Repeated, faults: list[FormFault]
) -> tuple[list[tuple[Form, str]], int, int]:
    """The forms that are not there yet, with their keys; how many are, and how many came with another file."""
    mark = file.mark
    stored = set(unit.read(select(messages.c.platform_key).where(messages.c.channel == CHANNEL)).scalars())
    elsewhere = Counter(key.split(":")[2] for key in stored if not key.startswith(mark))
    fresh: list[tuple[Form, str]] = []
    imported = skipped = 0
    for form in file.forms:
        key = f"{mark}:{form.line}:{form.mark}"
        if key in stored:
            imported += 1
        elif repeated is Repeated.ADD or not elsewhere[form.mark]:
            fresh.append((form, key))
        else:
            elsewhere[form.mark] -= 1
            skipped += 1
            if repeated is Repeated.REFUSE:
                faults.append(FormFault("repeated", form.line))
    return fresh, imported, skipped


def _place(areas: AreaIndex, within: Area, fresh: Sequence[tuple[Form, str]], faults: list[FormFault]) -> list[Placed]:
    finder = CellFinder(areas, within)
    placed = []
    for form, key in fresh:
        try:
            placed.append(Placed(form, key, *_cell(areas, within, finder, form)))
        except CellUnknown as error:
            faults.append(FormFault("cell_unknown", form.line, {"word": str(error)}))
        except CellUnclear as error:
            faults.append(FormFault("cell_unclear", form.line, {"word": str(error)}))
        except _CellsDiffer:
            faults.append(FormFault("cell_contradictory", form.line, {"word": form.code}))
    return placed


class _CellsDiffer(Exception):
    """Code and name are those of two cells."""


def _cell(areas: AreaIndex, within: Area, finder: CellFinder, form: Form) -> tuple[Area | None, str]:
    """The cell that a form is about, and how that is known; a form that names none may do so in its text."""
    place = "" if form.place in _OPEN else form.place
    if not form.code and not place:
        mentioned = () if form.place else areas.cells_mentioned(form.text, within)
        return (mentioned[0], How.TEXT) if len(mentioned) == 1 else (None, "open")
    by_code = finder.find_code(form.code) if form.code else None
    by_place = finder.find(place) if place else None
    if by_code and by_place and by_code != by_place:
        raise _CellsDiffer
    return by_code or by_place, How.STATED if by_code else How.TEXT


def _people(unit: Unit, file: FormFile) -> dict[tuple[str, str], int]:
    """Who of the file is known already, by name and telephone together."""
    wanted = {(form.name, form.telephone) for form in file.forms if form.telephone}
    rows = unit.read(
        select(people.c.name, people.c.telephone, people.c.id)
        .where(people.c.telephone != "", people.c.merged_into.is_(None))
        .order_by(people.c.id.desc())
    )
    return {(name, telephone): identity for name, telephone, identity in rows if (name, telephone) in wanted}


# --- writing


def apply_import(
    engine: Engine,
    areas: AreaIndex,
    plan: Plan,
    clock: Clock,
    *,
    pause: Callable[[float], None] = time.sleep,
    progress: Callable[[int], None] | None = None,
) -> list[int]:
    """Carry out a plan, some forms a transaction, and give the numbers of the proposals; `progress` hears how many.

    Raises TableRefused where somebody else imports the same file; what was written by then stays.
    """
    numbers: list[int] = []
    known = dict(plan.people)
    for start in range(0, len(plan.placed), CHUNK):
        began = time.monotonic()
        with transaction(engine) as unit:
            numbers += _Writing(unit, clock(), areas, plan, known).write(plan.placed[start : start + CHUNK])
        if progress:
            progress(len(numbers))
        if start + CHUNK < len(plan.placed):
            pause(max(PAUSE, time.monotonic() - began))
    return numbers


class _Writing:
    """One piece. `known` are the people of the file, and learns the new ones."""

    def __init__(
        self, unit: Unit, now: datetime, areas: AreaIndex, plan: Plan, known: dict[tuple[str, str], int]
    ) -> None:
        self._store = Store(unit, now, areas)
        self._plan, self._known = plan, known

    def write(self, chunk: Sequence[Placed]) -> list[int]:
        authors = {placed.key: self._author(placed.form) for placed in chunk}
        rows = [self._message(placed, authors[placed.key]) for placed in chunk]
        stored = Arrivals(self._store.unit, self._store.now).record(rows)
        if len(stored) != len(chunk):
            raise TableRefused([FormFault("imported_meanwhile")])
        return [self._add(placed, authors[placed.key], stored[CHANNEL, placed.key]) for placed in chunk]

    def _author(self, form: Form) -> int | None:
        """Whose form it is; a name and a telephone together are always the same person."""
        if not form.name and not form.telephone:
            return None
        person = form.name, form.telephone
        if form.telephone and person in self._known:
            return self._known[person]
        self._known[person] = identity = self._store.people.add(*person)
        return identity

    def _message(self, placed: Placed, author: int | None) -> dict[str, Any]:
        return {
            "direction": "in",
            "channel": CHANNEL,
            "platform_key": placed.key,
            "account_id": None,
            "person_id": author,
            "kind": "text",
            "text": placed.form.text,
            "at": self._store.now,
            "stored_at": self._store.now,
        }

    def _add(self, placed: Placed, author: int | None, message_id: int) -> int:
        store = Store(self._store.unit, self._store.now, self._store.areas, Actor(None, message_id))
        number = store.proposals.add(
            New(
                congress_id=self._plan.congress_id,
                cycle_id=self._plan.cycle.id,
                body=placed.form.text,
                category=guess(placed.form.text),
                cell_id=placed.cell.id if placed.cell else None,
                located_how=placed.how,
                source=Source.FILE,
                authors=(author,) if author else (),
            )
        )
        store.links.add([message_id], Target.PROPOSAL, number, How.STATED)
        if placed.cell:
            store.links.add([message_id], Target.CELL, placed.cell.id, How(placed.how))
        return number
