"""What was found in supervision, and what could not be seen: problems that are open, and why nobody could report."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select

from storage.database import Unit
from storage.notes import Standing
from storage.rectifications import IS_UNSOLVED, Rectification, read
from storage.supervision_tallies import PAGE
from storage.tables import duties, notes, people, projects, rectifications, rounds, texts


@dataclass(frozen=True, slots=True)
class Unable:
    """A report that nothing could be seen, and why."""

    note: int
    project: int | None
    title: str
    name: str
    reason: str
    at: datetime


class SupervisionFindings:
    """Each list comes in pages. Whose words are read from one is noted in `shown`."""

    def __init__(self, unit: Unit, shown: set[int]) -> None:
        self._unit, self._shown = unit, shown

    def problems(self, congress_id: int, after: int = 0, limit: int = PAGE) -> list[Rectification]:
        """What is not closed, by its number."""
        theirs = rectifications.c.congress_id == congress_id, IS_UNSOLVED, rectifications.c.id > after
        return read(self._unit, self._shown, *theirs, limit=limit)

    def unable(self, congress_id: int, after: int = 0, limit: int = PAGE) -> list[Unable]:
        """Reports of the open rounds that nothing could be seen, oldest first."""
        still = rounds.c.congress_id == congress_id, rounds.c.closed_at.is_(None), notes.c.id > after
        return unable(self._unit, self._shown, *still, limit=limit)


def unable(unit: Unit, shown: set[int], *conditions: ColumnElement[bool], limit: int | None = None) -> list[Unable]:
    """Reports that nothing could be seen, of rounds that fulfil conditions, oldest first. Whose words are read is noted
    in `shown`."""
    rows = unit.read(
        select(notes.c.id, notes.c.project_id, projects.c.title, people.c.name, texts.c.body, notes.c.at, people.c.id)
        .select_from(rounds)
        .join(duties, duties.c.round_id == rounds.c.id)
        .join(notes, notes.c.id == duties.c.note_id)
        .join(people, people.c.id == notes.c.author_id)
        .outerjoin(projects, projects.c.id == notes.c.project_id)
        .outerjoin(texts, texts.c.id == notes.c.text_id)
        .where(*conditions, notes.c.standing == Standing.UNABLE)
        .distinct()
        .order_by(notes.c.id)
        .limit(limit)
    ).all()
    shown.update(row[6] for row in rows)
    return [
        Unable(note, project, title or "", name, reason or "", at) for note, project, title, name, reason, at, _ in rows
    ]
