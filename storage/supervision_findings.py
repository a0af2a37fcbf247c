"""What was found in supervision, and what could not be seen: problems that are open, and why nobody could report."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from storage.database import Unit
from storage.domain.rectification_stages import Severity
from storage.domain.rectification_stages import Stage as Handling
from storage.notes import Standing
from storage.supervision_tallies import IS_UNSOLVED, PAGE
from storage.tables import duties, notes, people, projects, rectifications, rounds, texts


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem that is not closed."""

    number: int
    project: int
    title: str
    severity: Severity
    stage: Handling
    text: str
    due_on: date


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

    def problems(self, congress_id: int, after: int = 0, limit: int = PAGE) -> list[Problem]:
        """What is not closed, by its number."""
        columns = rectifications.c
        rows = self._unit.read(
            select(
                columns.id,
                columns.project_id,
                projects.c.title,
                columns.severity,
                columns.stage,
                texts.c.body,
                columns.due_on,
                texts.c.written_by,
            )
            .join(projects, projects.c.id == columns.project_id)
            .join(texts, texts.c.id == columns.text_id)
            .where(rectifications.c.congress_id == congress_id, IS_UNSOLVED, columns.id > after)
            .order_by(columns.id)
            .limit(limit)
        ).all()
        self._shown.update(row.written_by for row in rows if row.written_by)
        return [
            Problem(number, project, title, Severity(severity), Handling(stage), text, due_on)
            for number, project, title, severity, stage, text, due_on, _ in rows
        ]

    def unable(self, congress_id: int, after: int = 0, limit: int = PAGE) -> list[Unable]:
        """Reports of the open rounds that nothing could be seen, oldest first."""
        rows = self._unit.read(
            select(
                notes.c.id, notes.c.project_id, projects.c.title, people.c.name, texts.c.body, notes.c.at, people.c.id
            )
            .select_from(rounds)
            .join(duties, duties.c.round_id == rounds.c.id)
            .join(notes, notes.c.id == duties.c.note_id)
            .join(people, people.c.id == notes.c.author_id)
            .outerjoin(projects, projects.c.id == notes.c.project_id)
            .outerjoin(texts, texts.c.id == notes.c.text_id)
            .where(rounds.c.congress_id == congress_id, rounds.c.closed_at.is_(None))
            .where(notes.c.standing == Standing.UNABLE, notes.c.id > after)
            .distinct()
            .order_by(notes.c.id)
            .limit(limit)
        ).all()
        self._shown.update(row[6] for row in rows)
        return [
            Unable(note, project, title or "", name, reason or "", at)
            for note, project, title, name, reason, at, _ in rows
        ]
