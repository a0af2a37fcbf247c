"""Rectifications: problems that were handed to an implementing body, and explanations that a late project owes, each
until a deputy confirms that it is done (销号)."""

from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, insert, select

from storage.audit import Actor, Audit
from storage.database import AnyRow, Unit
from storage.domain.cadence import QuietHours
from storage.domain.rectification_stages import (
    OPEN,
    WITH_BODY,
    Refusal,
    Severity,
    Stage,
    due_on,
)
from storage.domain.working_days import WorkingDays
from storage.tables import congresses, projects, rectification_history, rectifications, texts
from storage.texts import keep_text

PAGE = 20
TOLD_AT = time(9)  # on a day on which somebody hears of it again


class Kind(StrEnum):
    PROBLEM = "problem"
    LATE = "late"  # a project that is slow, stands still or has passed its deadline owes an explanation and a new plan


class NotAllowed(Exception):
    """A rectification stays as it is; `why` says what is missing."""

    def __init__(self, why: Refusal) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class NewRectification:
    """What a body is to put right. `raised_by` null: found by the calendar alone."""

    congress_id: int
    project: int
    note_id: int | None
    severity: Severity
    text: str
    raised_by: int | None
    kind: Kind = Kind.PROBLEM


@dataclass(frozen=True, slots=True)
class Rectification:
    """One as it stands, with the name and the body of its project as they are now."""

    number: int
    congress_id: int
    project: int
    title: str
    body: str
    note_id: int | None
    kind: Kind
    severity: Severity
    text: str
    stage: Stage
    raised_by: int | None
    due_on: date
    planned_on: date | None
    created_at: datetime

    def is_overdue(self, today: date) -> bool:
        """Whether the body should have put it right before that day."""
        return self.stage in WITH_BODY and self.due_on < today


@dataclass(frozen=True, slots=True)
class Only:
    """Which ones of a congress. Default: all that are open."""

    stages: frozenset[Stage] = OPEN
    project: int | None = None
    body: str | None = None
    overdue_on: date | None = None


_COLUMNS = (
    rectifications.c.id,
    rectifications.c.congress_id,
    rectifications.c.project_id,
    projects.c.title,
    projects.c.body,
    rectifications.c.note_id,
    rectifications.c.kind,
    rectifications.c.severity,
    texts.c.body.label("text"),
    rectifications.c.stage,
    rectifications.c.raised_by,
    rectifications.c.due_on,
    rectifications.c.planned_on,
    rectifications.c.created_at,
)
_ADD, _ADD_EVENT = insert(rectifications), insert(rectification_history)


class Rectifications:
    """Changes raise NotAllowed where the rules of rectification stages do not allow them. Whose words are read is noted
    in `shown`."""

    def __init__(
        self,
        unit: Unit,
        now: datetime,
        actor: Actor,
        audit: Audit,
        shown: set[int] | None = None,
        days: WorkingDays | None = None,
    ) -> None:
        self._unit, self._now, self._actor, self._audit = unit, now, actor, audit
        self._shown = set() if shown is None else shown
        self._days = days or WorkingDays()

    # --- writing

    def raise_(self, new: NewRectification) -> int:
        """Hand a problem to the implementing body, whose people hear of it soon, and give its number."""
        (number,) = self._unit.numbers(rectifications, 1)
        zone = self._zone(new.congress_id)
        text_id = keep_text(self._unit, self._now, new.text, new.raised_by)
        row = {
            "id": number,
            "congress_id": new.congress_id,
            "project_id": new.project,
            "note_id": new.note_id,
            "kind": new.kind,
            "severity": new.severity,
            "text_id": text_id,
            "stage": Stage.HANDED,
            "raised_by": new.raised_by,
            "due_on": due_on(new.severity, self._today(zone), self._days),
            "step": 0,
            "next_at": QuietHours().after(self._now, zone),
            "created_at": self._now,
            "changed_at": self._now,
        }
        self._unit.later(_ADD, row)
        self._remember(number, Stage.HANDED, person_id=new.raised_by)
        return number

    def _zone(self, congress_id: int) -> ZoneInfo:
        return ZoneInfo(
            self._unit.read(select(congresses.c.timezone).where(congresses.c.id == congress_id)).scalar_one()
        )

    def _today(self, zone: ZoneInfo) -> date:
        return self._now.astimezone(zone).date()

    def _remember(
        self,
        number: int,
        stage: Stage,
        *,
        text_id: int | None = None,
        planned_on: date | None = None,
        person_id: int | None = None,
    ) -> None:
        row = {
            "rectification_id": number,
            "stage": stage,
            "text_id": text_id,
            "planned_on": planned_on,
            "message_id": self._actor.message_id,
            "person_id": person_id,
            "at": self._now,
        }
        self._unit.later(_ADD_EVENT, row)
        self._audit.record(stage, "rectification", number, None, {"stage": stage})

    # --- reading

    def get(self, number: int) -> Rectification | None:
        return next(iter(self._read(rectifications.c.id == number)), None)

    def _read(
        self, *conditions: ColumnElement[bool], below: int | None = None, limit: int | None = None
    ) -> list[Rectification]:
        query = (
            select(*_COLUMNS, texts.c.written_by)
            .join(projects, projects.c.id == rectifications.c.project_id)
            .join(texts, texts.c.id == rectifications.c.text_id)
            .where(*conditions)
            .order_by(rectifications.c.id.desc())
            .limit(limit)
        )
        rows = self._unit.read(query if below is None else query.where(rectifications.c.id < below)).all()
        self._shown.update(row.written_by for row in rows if row.written_by)
        return [_rectification(row) for row in rows]


def _rectification(row: AnyRow) -> Rectification:
    number, congress_id, project, title, body, note_id, kind, severity, text, stage, *rest, _ = row
    about = number, congress_id, project, title, body, note_id
    return Rectification(*about, Kind(kind), Severity(severity), text, Stage(stage), *rest)
