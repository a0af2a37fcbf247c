"""The ledger as a file: the rows that are exported, and what is done to the proposals when it comes back."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import Select, func, select

from storage.area_index import AreaIndex
from storage.cell_finding import CellFinder, CellUnclear, CellUnknown
from storage.database import Unit
from storage.domain.areas import Area
from storage.domain.categories import Category
from storage.domain.ledger_changes import Change, Conflict, Entry, Fault, FaultKind, Field, Row
from storage.domain.proposal_status import Reason, Status
from storage.proposals import Event
from storage.store import Store
from storage.tables import people, proposal_authors, proposal_history, proposals, texts

CHUNK = 500

# Of a row of a file: category, cell code, cell name, status, reason; empty where there is none.
Values = Sequence[str]


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One proposal, with all that a ledger tells of it."""

    number: int
    received_at: datetime
    body: str
    entry: Entry
    cell_title: str  # empty while the place is open
    authors: tuple[str, ...]
    telephones: tuple[str, ...]
    supporters: int
    cleared: bool


_BASIS = (
    proposals.c.id,
    proposals.c.category,
    proposals.c.cell_id,
    proposals.c.status,
)


def ledger_rows(unit: Unit, areas: AreaIndex, congress_id: int) -> Iterator[LedgerRow]:
    """Every proposal of a congress, in the order of their numbers, read some at a time."""
    query = (
        select(*_BASIS, proposals.c.created_at, texts.c.body, proposals.c.supporters, proposals.c.cleared_at)
        .join(texts, texts.c.id == proposals.c.text_id)
        .where(proposals.c.congress_id == congress_id)
        .order_by(proposals.c.id)
        .limit(CHUNK)
    )
    last = 0
    while rows := unit.read(query.where(proposals.c.id > last)).all():
        last = rows[-1].id
        authors = _authors(unit, [row.id for row in rows])
        entries = _entries(unit, areas, rows)
        for row in rows:
            known = authors.get(row.id, [])
            cell = areas.area(row.cell_id) if row.cell_id else None
            yield LedgerRow(
                number=row.id,
                received_at=row.created_at,
                body=row.body,
                entry=entries[row.id],
                cell_title=areas.title(cell) if cell else "",
                authors=tuple(name for name, _ in known if name),
                telephones=tuple(telephone for _, telephone in known if telephone),
                supporters=row.supporters,
                cleared=row.cleared_at is not None,
            )


def standing(
    unit: Unit, areas: AreaIndex, congress_id: int, numbers: Collection[int], *, lock: bool = False
) -> dict[int, Entry]:
    """Those of these proposals that are the congress's, as they stand now; with `lock`, until the commit."""
    found: dict[int, Entry] = {}
    wanted = sorted(numbers)
    for first in range(0, len(wanted), CHUNK):
        some = proposals.c.id.in_(wanted[first : first + CHUNK]), proposals.c.congress_id == congress_id
        query = select(*_BASIS).where(*some).order_by(proposals.c.id)
        rows = unit.read(query.with_for_update() if lock else query).all()
        found |= _entries(unit, areas, rows)
    return found


def _entries(unit: Unit, areas: AreaIndex, rows: Sequence[Any]) -> dict[int, Entry]:
    reasons = _reasons(unit, [row.id for row in rows if row.status == Status.DECLINED])
    entries = {}
    for row in rows:
        cell = areas.area(row.cell_id) if row.cell_id else None
        code = cell.code if cell else ""
        entries[row.id] = Entry(Category(row.category), code, Status(row.status), reasons.get(row.id))
    return entries


def _reasons(unit: Unit, numbers: Sequence[int]) -> dict[int, Reason]:
    """Why these were declined, the last time that they were."""
    if not numbers:
        return {}
    last: Select[Any] = (
        select(func.max(proposal_history.c.id))
        .where(proposal_history.c.proposal_id.in_(numbers), proposal_history.c.kind == Event.STATUS)
        .group_by(proposal_history.c.proposal_id)
    )
    rows = unit.read(
        select(proposal_history.c.proposal_id, proposal_history.c.reason).where(proposal_history.c.id.in_(last))
    )
    return {number: Reason(reason) for number, reason in rows if reason}


def _authors(unit: Unit, numbers: Sequence[int]) -> Mapping[int, list[tuple[str, str]]]:
    rows = unit.read(
        select(proposal_authors.c.proposal_id, people.c.name, people.c.telephone)
        .join(people, people.c.id == proposal_authors.c.person_id)
        .where(proposal_authors.c.proposal_id.in_(numbers))
        .order_by(proposal_authors.c.proposal_id, people.c.id)
    )
    return {number: [(one.name, one.telephone) for one in group] for number, group in groupby(rows, lambda row: row[0])}


# --- what comes back


def check_rows(
    areas: AreaIndex, within: Area, written: Sequence[tuple[int, int, Values, Values]]
) -> tuple[list[Row], list[Fault]]:
    """Rows of a file, (line, number, exported, written), with their cells found inside `within`."""
    finder = CellFinder(areas, within)
    rows: list[Row] = []
    faults: list[Fault] = []
    for line, number, before, after in written:
        try:
            rows.append(Row(line, number, _entry(before, before[1]), _entry(after, _cell(finder, before, after))))
        except CellUnknown as error:
            faults.append(Fault(line, FaultKind.CELL_UNKNOWN, str(error)))
        except CellUnclear as error:
            faults.append(Fault(line, FaultKind.CELL_UNCLEAR, str(error)))
        except CellsDiffer:
            faults.append(Fault(line, FaultKind.CELL_CONTRADICTORY, after[1]))
    return rows, faults


class CellsDiffer(Exception):
    """Code and name were both changed, to those of two cells."""


def _cell(finder: CellFinder, before: Values, after: Values) -> str:
    """The code of the cell that is meant: where only the code or only the name was changed, that one counts."""
    (old_code, old_name), (code, name) = before[1:3], after[1:3]
    if code == old_code and name == old_name:
        return old_code
    by_name = finder.find(name).code if name and name != old_name else ""
    if code == old_code or not code:
        return by_name
    by_code = finder.find_code(code)
    if by_name and by_code.code != by_name:
        raise CellsDiffer
    return by_code.code


def _entry(values: Values, cell: str) -> Entry:
    category, _, _, status, reason = values
    return Entry(Category(category), cell, Status(status), Reason(reason) if reason else None)


@dataclass(frozen=True, slots=True)
class Applied:
    """`changed` were made, of them `moved` to a new status; `passed` were not: somebody was faster."""

    changed: tuple[Change, ...]
    moved: tuple[Change, ...]
    passed: tuple[Conflict, ...]


def apply(store: Store, congress_id: int, changes: Sequence[Change]) -> Applied:
    """Make these changes by the same ways as in chat, each only while its value still stands as it was compared."""
    now = standing(store.unit, store.areas, congress_id, {change.number for change in changes}, lock=True)
    changed: list[Change] = []
    passed: list[Conflict] = []
    for number, group in groupby(changes, attrgetter("number")):
        corrections: list[Change] = []
        for one in group:
            value = now[number].value(one.field)[0]
            if value != one.before:
                passed.append(Conflict(number, one.field, one.after, value))
            elif one.field is Field.STATUS:
                reason = Reason(one.reason) if one.reason else None
                store.proposals.change_status(number, Status(one.after), reason=reason)
                changed.append(one)
            else:
                corrections.append(one)
        if corrections:
            store.proposals.correct(number, **dict(_correction(store, one) for one in corrections))
            changed += corrections
    return Applied(tuple(changed), tuple(one for one in changed if one.field is Field.STATUS), tuple(passed))


def _correction(store: Store, change: Change) -> tuple[str, Any]:
    if change.field is Field.CATEGORY:
        return "category", Category(change.after)
    cell = store.areas.by_code(change.after) if change.after else None
    return "cell_id", cell.id if cell else None
