"""What a ledger that a clerk filled in changes: only what the clerk changed, and nobody else since.

Three states of each proposal are compared: as it was exported, as the clerk wrote it, and as it stands now.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from storage.domain.categories import Category
from storage.domain.proposal_status import Reason, Status, may_follow

# What needs more than a word in a table: a question for the author, another proposal, the author's own wish.
NOT_BY_LEDGER = frozenset({Status.ASKED, Status.MERGED, Status.WITHDRAWN})


class Field(StrEnum):
    """What a clerk may fill in for a proposal."""

    CATEGORY = "category"
    CELL = "cell"
    STATUS = "status"


class FaultKind(StrEnum):
    """What may be wrong with a ledger. The first four are wrong with the file as a whole."""

    UNREADABLE = "unreadable"
    NOT_A_LEDGER = "not_a_ledger"
    OTHER_CONGRESS = "other_congress"
    TOO_MANY = "too_many"
    NUMBER_UNKNOWN = "number_unknown"
    NUMBER_TWICE = "number_twice"
    CATEGORY_UNKNOWN = "category_unknown"
    STATUS_UNKNOWN = "status_unknown"
    REASON_UNKNOWN = "reason_unknown"
    CELL_UNKNOWN = "cell_unknown"
    CELL_UNCLEAR = "cell_unclear"  # a name that several cells have
    CELL_CONTRADICTORY = "cell_contradictory"  # code and name are those of two cells
    REASON_MISSING = "reason_missing"
    REASON_ALONE = "reason_alone"  # a reason, and the status is not changed to declined
    STATUS_NOT_HERE = "status_not_here"
    STATUS_ORDER = "status_order"


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong in a line (0: in the file as a whole).

    `word` is what stands there, `now` the status of which it would have to follow.
    """

    line: int
    kind: FaultKind
    word: str = ""
    now: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """What a clerk may change of a proposal. `cell` is a code, empty while the place is open."""

    category: Category
    cell: str
    status: Status
    reason: Reason | None = None

    def value(self, of: Field) -> tuple[str, str]:
        """The value of a field, and the reason that belongs to a status."""
        if of is Field.STATUS:
            return self.status, self.reason or "" if self.status is Status.DECLINED else ""
        return (self.category if of is Field.CATEGORY else self.cell), ""


@dataclass(frozen=True, slots=True)
class Row:
    """One proposal in a ledger that comes back."""

    line: int
    number: int
    exported: Entry
    written: Entry


@dataclass(frozen=True, slots=True)
class Change:
    """One value of one proposal is to change; `reason` goes with a status."""

    number: int
    field: Field
    before: str
    after: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Conflict:
    """Clerk and somebody else changed the same value: `wanted` is what the clerk wrote, `standing` what it is now.

    For a status, that is the reason where only the reasons differ.
    """

    number: int
    field: Field
    wanted: str
    standing: str


@dataclass(slots=True)
class Decision:
    """Nothing is to be changed while there are faults; conflicts are left as they stand."""

    changes: list[Change] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def decide(rows: Iterable[Row], standing: Mapping[int, Entry]) -> Decision:
    """What is to be done about a ledger. `standing` are the proposals of its congress as they are, by number."""
    decision = Decision()
    for row in rows:
        if row.number not in standing:
            decision.faults.append(Fault(row.line, FaultKind.NUMBER_UNKNOWN, str(row.number)))
        elif fault := _fault(row):
            decision.faults.append(fault)
        else:
            for one in Field:
                _compare(row, one, standing[row.number], decision)
    return decision


def _fault(row: Row) -> Fault | None:
    """What is wrong with a row by itself."""
    status, reason = row.written.status, row.written.reason
    if status is not row.exported.status:
        if status in NOT_BY_LEDGER:
            return Fault(row.line, FaultKind.STATUS_NOT_HERE, status)
        if status is Status.DECLINED and reason is None:
            return Fault(row.line, FaultKind.REASON_MISSING)
    # A reason that was there before may stay beside the new status; one that is new says that its status was forgotten.
    if reason is not row.exported.reason and (status is not Status.DECLINED or status is row.exported.status):
        return Fault(row.line, FaultKind.REASON_ALONE) if reason or status is Status.DECLINED else None
    return None


def _compare(row: Row, of: Field, standing: Entry, decision: Decision) -> None:
    exported, written, now = row.exported.value(of), row.written.value(of), standing.value(of)
    if written in (exported, now):
        return
    if now != exported:
        # Where both declined, it is the reasons that differ.
        differing = 1 if written[0] == now[0] else 0
        decision.conflicts.append(Conflict(row.number, of, written[differing], now[differing]))
    elif of is Field.STATUS and not may_follow(standing.status, row.written.status):
        decision.faults.append(Fault(row.line, FaultKind.STATUS_ORDER, row.written.status, standing.status))
    else:
        decision.changes.append(Change(row.number, of, now[0], *written))
