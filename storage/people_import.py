"""How a file of people gets into the store: checked as a whole, written in pieces that hold the writer briefly.

Who is in the file and not yet known to the congress is added, roles are added and brought up to date, and nobody is
taken out. So the same file changes nothing a second time, and where an import was broken off, the same command does
the rest.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from sqlalchemy import Engine, delete, insert, select, update

from storage.area_index import AreaIndex
from storage.cell_finding import AreaFinder, CellUnclear, CellUnknown
from storage.congresses import Congress
from storage.database import Clock, transaction
from storage.domain.roles import Holding, Role
from storage.line_faults import TableRefused
from storage.people_faults import PersonFault
from storage.people_file import Line, PeopleFile
from storage.store import Store
from storage.tables import accounts, people, role_areas, roles

CHUNK = 20  # people in one transaction, some six statements each
PAUSE = 0.03  # seconds between two of them, in which others who wait for SQLite's writer come in


class Namesakes(StrEnum):
    """Who somebody is whose name is there already, with another telephone or role."""

    REFUSE = "refuse"  # the whole file: a person decides
    SAME = "same"  # them, with a new telephone or a further role
    NEW = "new"  # somebody else


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody who is there already; with the roles in the congress."""

    id: int
    name: str
    telephone: str
    holdings: tuple[Holding, ...] = ()
    reachable: bool = False


@dataclass(frozen=True, slots=True)
class Seat:
    """One role that somebody is to have, and the one of that kind that they have. What is None stays as it is."""

    role: Role
    group: str | None
    trade: str | None
    areas: tuple[int, ...] | None
    before: Holding | None = None

    @property
    def after(self) -> Holding | None:
        """The role as it will be; None where it is a new one."""
        if self.before is None:
            return None
        group = self.before.group_name if self.group is None else self.group
        trade = self.before.trade if self.trade is None else self.trade
        own = self.before.areas if self.areas is None else tuple(sorted(set(self.areas)))
        return replace(self.before, group_name=group, trade=trade, areas=own)


@dataclass(frozen=True, slots=True)
class Entry:
    """One person of the file; `known` is who they are already."""

    name: str
    telephone: str
    seats: tuple[Seat, ...]
    known: Known | None

    @property
    def new_telephone(self) -> bool:
        return bool(self.known and self.telephone and self.telephone != self.known.telephone)

    @property
    def changes(self) -> bool:
        return self.new_telephone or any(seat.before is None or seat.after != seat.before for seat in self.seats)


@dataclass(frozen=True, slots=True)
class Plan:
    """What importing a file would do. `same` people stay as they are."""

    congress_id: int
    entries: tuple[Entry, ...]
    same: int

    @property
    def added(self) -> int:
        """How many people are new to the congress."""
        return sum(not entry.known or not entry.known.holdings for entry in self.entries)


@dataclass(frozen=True, slots=True)
class Invited:
    """Somebody new, with the roles they have and the code by which they enrol."""

    name: str
    roles: tuple[Role, ...]
    code: str


# --- planning


def plan_import(store: Store, congress: Congress, file: PeopleFile, namesakes: Namesakes = Namesakes.REFUSE) -> Plan:
    """What importing `file` for a congress would do. Raises TableRefused with everything that is wrong with it."""
    faults = list(file.faults)
    seats = _seats(file.lines, AreaFinder(store.areas, store.areas.area(congress.area_id)), faults)
    known = _Acquaintance(store, congress.id)
    entries = []
    for (name, telephone), lines in _people(file.lines, faults).items():
        own = {line.role: seats[line.line] for line in lines if line.line in seats}
        try:
            found = known.find(name, telephone, own, namesakes)
        except _Undecided as why:
            faults.append(PersonFault(why.kind, lines[0].line, {"word": name}))
            continue
        held = {holding.role: holding for holding in found.holdings} if found else {}
        now = tuple(replace(seat, before=held.get(role)) for role, seat in own.items())
        entries.append(Entry(name, telephone, now, found))
    if faults:
        raise TableRefused(sorted(faults, key=lambda fault: fault.line or 0))
    changing = tuple(entry for entry in entries if entry.changes)
    return Plan(congress.id, changing, len(entries) - len(changing))


def _people(lines: Iterable[Line], faults: list[PersonFault]) -> dict[tuple[str, str], list[Line]]:
    """The lines of each person, who is told by name and telephone together."""
    found = defaultdict[tuple[str, str], list[Line]](list)
    telephones = defaultdict[str, set[str]](set)
    for line in lines:
        twins = found[line.name, line.telephone]
        if first := next((twin for twin in twins if twin.role is line.role), None):
            faults.append(PersonFault("repeated", line.line, {"first": first.line}))
        twins.append(line)
        telephones[line.name].add(line.telephone)
    for (name, telephone), same in found.items():
        if not telephone and len(telephones[name]) > 1:
            faults += [PersonFault("telephone_needed", line.line, {"word": name}) for line in same]
    return found


def _seats(lines: Iterable[Line], finder: "AreaFinder", faults: list[PersonFault]) -> dict[int, Seat]:
    """The role in each line, by the line; without those whose places are unknown."""
    seats = {}
    for line in lines:
        try:
            own = None if line.cells is None else tuple(finder.find(cell).id for cell in line.cells)
        except CellUnknown as error:
            faults.append(PersonFault("area_unknown", line.line, {"word": str(error)}))
        except CellUnclear as error:
            faults.append(PersonFault("area_unclear", line.line, {"word": str(error)}))
        else:
            seats[line.line] = Seat(line.role, line.group, line.trade, own)
    return seats


class _Undecided(Exception):
    """Who somebody is, is for a person to say; `kind` is the fault's."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


class _Acquaintance:
    """Everybody who is there already."""

    def __init__(self, store: Store, congress_id: int) -> None:
        holdings = defaultdict[int, list[Holding]](list)
        for role in Role:
            for holding in store.people.holders(congress_id, role):
                holdings[holding.person_id].append(holding)
        self._here = defaultdict[str, list[Known]](list)
        self._anywhere: dict[tuple[str, str], Known] = {}
        reachable = set(store.unit.read(select(accounts.c.person_id).distinct()).scalars())
        rows = store.unit.read(
            select(people.c.id, people.c.name, people.c.telephone)
            .where(people.c.name != "", people.c.merged_into.is_(None))
            .order_by(people.c.id.desc())
        )
        for identity, name, telephone in rows:
            known = Known(identity, name, telephone, tuple(holdings[identity]), identity in reachable)
            if known.holdings:
                self._here[name].append(known)
            if telephone:
                self._anywhere[name, telephone] = known

    def find(self, name: str, telephone: str, seats: Iterable[Role], namesakes: Namesakes) -> Known | None:
        """Who that is; None for somebody new. Raises _Undecided."""
        if telephone and (known := self._anywhere.get((name, telephone))):
            return known
        here = self._here[name]
        likely = [
            known
            for known in here
            if not (telephone and known.telephone) and {holding.role for holding in known.holdings} & set(seats)
        ]
        possible = likely or (here if namesakes is Namesakes.SAME else [])
        if len(possible) > 1:
            raise _Undecided("unclear")
        if possible:
            return possible[0]
        if here and namesakes is Namesakes.REFUSE:
            raise _Undecided("namesake")
        return None


# --- writing


def apply_import(
    engine: Engine,
    areas: AreaIndex,
    plan: Plan,
    clock: Clock,
    invited: Callable[[Sequence[Invited]], None],
    *,
    pause: Callable[[float], None] = time.sleep,
) -> None:
    """Carry out a plan, some people a transaction; `invited` hears of the new ones just before each commit.

    What it raises takes back the piece that it heard of.
    """
    for start in range(0, len(plan.entries), CHUNK):
        began = time.monotonic()
        with transaction(engine) as unit:
            store = Store(unit, clock(), areas)
            chunk = plan.entries[start : start + CHUNK]
            written = [_write(store, plan.congress_id, entry) for entry in chunk]
            invited([invitation for invitation in written if invitation])
        if start + CHUNK < len(plan.entries):
            pause(max(PAUSE, time.monotonic() - began))


def _write(store: Store, congress_id: int, entry: Entry) -> Invited | None:
    """Bring one person up to date; their invitation where they are new to the congress and to the chat."""
    known = entry.known
    person_id = known.id if known else store.people.add(entry.name, entry.telephone)
    if entry.new_telephone:
        store.people.change(person_id, telephone=entry.telephone)
    for seat in entry.seats:
        if seat.before is None:
            store.people.grant(
                person_id,
                congress_id,
                seat.role,
                group_name=seat.group or "",
                trade=seat.trade or "",
                areas=sorted(set(seat.areas or ())),
            )
        elif seat.after and seat.after != seat.before:
            _change_role(store, seat.before, seat.after)
    if known and (known.holdings or known.reachable):
        return None
    return Invited(entry.name, tuple(seat.role for seat in entry.seats), store.people.invite(person_id))


def _change_role(store: Store, before: Holding, after: Holding) -> None:
    values = {"group_name": after.group_name, "trade": after.trade}
    store.unit.write(update(roles).where(roles.c.id == before.id).values(values))
    if before.areas != after.areas:
        store.unit.write(delete(role_areas).where(role_areas.c.role_id == before.id))
        if after.areas:
            store.unit.write(insert(role_areas), [{"role_id": before.id, "area_id": area} for area in after.areas])
    store.audit.record("change", "role", before.id, _told(before), _told(after))


def _told(holding: Holding) -> dict[str, Any]:
    return {"group": holding.group_name, "trade": holding.trade, "areas": list(holding.areas)}
