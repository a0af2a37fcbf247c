"""What a project's card tells besides the project: its inspections month by month, and its open problems."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select

from storage.database import Unit
from storage.domain.cadence import Duty
from storage.domain.rectification_stages import Severity
from storage.notes import Standing
from storage.rectifications import IS_UNSOLVED
from storage.tables import duties, notes, rectifications, rounds


@dataclass(frozen=True, slots=True)
class Inspected:
    """One inspection that was owed: until when, whether and when it was answered, and how the project stood then."""

    due_on: date
    answered_at: datetime | None
    standing: Standing | None


def inspections(unit: Unit, congress_id: int, number: int, year: int) -> dict[int, list[Inspected]]:
    """By month of a year: one each, or several where each deputy owes one."""
    rows = unit.read(
        select(rounds.c.period, rounds.c.due_on, duties.c.answered_at, notes.c.standing)
        .join(duties, duties.c.round_id == rounds.c.id)
        .outerjoin(notes, notes.c.id == duties.c.note_id)
        .where(rounds.c.congress_id == congress_id, rounds.c.duty == Duty.INSPECTION)
        .where(rounds.c.period >= f"{year:04}-01", rounds.c.period <= f"{year:04}-12")
        .where(duties.c.project_id == number)
        .order_by(rounds.c.period)
    )
    found: defaultdict[int, list[Inspected]] = defaultdict(list)
    for period, due_on, answered_at, standing in rows:
        found[int(period[5:])].append(Inspected(due_on, answered_at, Standing(standing) if standing else None))
    return dict(found)


def unsolved(unit: Unit, number: int) -> tuple[int, Severity | None]:
    """How many problems of a project are open, and how grave the worst of them is."""
    rows = unit.read(
        select(rectifications.c.severity, func.count())
        .where(rectifications.c.project_id == number, IS_UNSOLVED)
        .group_by(rectifications.c.severity)
    )
    counts = {Severity(severity): count for severity, count in rows}
    return sum(counts.values()), max(counts, key=list(Severity).index, default=None)
