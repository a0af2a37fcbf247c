"""Rectifications: problems that were handed to an implementing body, and explanations that a late project owes, each
until a deputy confirms that it is done (销号)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, insert, or_, select, update

from storage.audit import Actor, Audit
from storage.calendar import Calendar, published
from storage.database import AnyRow, Unit
from storage.domain.rectification_stages import (
    OPEN,
    WITH_BODY,
    Move,
    Part,
    Refusal,
    Severity,
    Stage,
    Told,
    due_again_on,
    due_on,
    refusal_of_due,
    refusal_of_move,
)
from storage.rectification_steps import Steps
from storage.tables import liaisons, people, projects, rectification_history, rectifications, texts
from storage.texts import keep_text

PAGE = 20


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
    """What a body is to put right. `raised_by` None: no deputy found it, but the office or the calendar."""

    congress_id: int
    project: int
    note_id: int | None
    severity: Severity
    text: str
    raised_by: int | None
    kind: Kind = Kind.PROBLEM


@dataclass(frozen=True, slots=True)
class Rectification:
    """One as it stands, with the title and the body of its project as they are now.

    `next_at` is when somebody hears of it next; None when everybody has.
    """

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
    next_at: datetime | None
    closed_at: datetime | None

    def is_overdue(self, today: date) -> bool:
        """Whether the body should have put it right before that day."""
        return self.stage in WITH_BODY and self.due_on < today


@dataclass(frozen=True, slots=True)
class Only:
    """Which ones of a congress: those in some stages, and of one project, of one body, or due before a day."""

    stages: frozenset[Stage] = OPEN
    project: int | None = None
    body: str | None = None
    due_before: date | None = None


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
    rectifications.c.next_at,
    rectifications.c.closed_at,
)
# What late projects owe an explanation for is no problem that somebody found.
IS_PROBLEM = rectifications.c.kind == Kind.PROBLEM
IS_UNSOLVED = IS_PROBLEM & rectifications.c.stage.in_(sorted(OPEN))
_ADD, _ADD_EVENT = insert(rectifications), insert(rectification_history)


class Rectifications:
    """Changes raise NotAllowed where the rules of rectification stages do not allow them.

    Whose words and names are read is noted in `shown`.
    """

    def __init__(
        self,
        unit: Unit,
        now: datetime,
        actor: Actor,
        audit: Audit,
        shown: set[int] | None = None,
        calendar: Calendar = published,
    ) -> None:
        self._unit, self._now, self._actor, self._audit = unit, now, actor, audit
        self._shown = set() if shown is None else shown
        self.steps = Steps(unit, now, calendar)

    # --- writing

    def raise_(self, new: NewRectification) -> int:
        """Hand a problem to the implementing body, whose people hear of it soon, and give its number."""
        (number,) = self._unit.numbers(rectifications, 1)
        due = due_on(new.severity, self.steps.today(new.congress_id), self.steps.days)
        about = {"id": number, "congress_id": new.congress_id, "project_id": new.project, "note_id": new.note_id}
        what = {"kind": new.kind, "severity": new.severity, "stage": Stage.HANDED, "raised_by": new.raised_by}
        text_id = keep_text(self._unit, self._now, new.text, new.raised_by)
        step, next_at = self.steps.first(new.congress_id, Stage.HANDED, new.severity, due)
        moments = {"created_at": self._now, "changed_at": self._now, "step": step, "next_at": next_at}
        self._unit.later(_ADD, {**about, **what, "text_id": text_id, "due_on": due, **moments})
        self._remember(number, Stage.HANDED, due_on=due, person_id=new.raised_by or self._actor.person_id)
        return number

    def owe_explanation(self, new: NewRectification) -> int | None:
        """A late project owes an explanation and a new plan: the number of that; None where it does already."""
        # Locked, so that two who find it late at once do not both ask.
        self._unit.read(select(projects.c.id).where(projects.c.id == new.project).with_for_update())
        late = rectifications.c.project_id == new.project, rectifications.c.kind == Kind.LATE
        owed = select(rectifications.c.id).where(*late, rectifications.c.stage != Stage.CLOSED).limit(1)
        if new.kind is not Kind.LATE or self._unit.read(owed).first():
            return None
        return self.raise_(new)

    def move(self, number: int, move: Move) -> None:
        """Go on to another stage, as `move` says."""
        one = self._locked(number)
        today = self.steps.today(one.congress_id)
        if refusal := refusal_of_move(one.stage, move, one.due_on, today):
            raise NotAllowed(refusal)
        due, planned_on = one.due_on, one.planned_on
        if move.then is Stage.SENT_BACK:
            due, planned_on = due_again_on(one.severity, one.due_on, today, self.steps.days), None
        elif move.then is Stage.PLANNED:
            planned_on = move.planned_on
        closed = {"closed_at": self._now} if move.then is Stage.CLOSED else {}
        # Whoever keeps it has just been here: they hear of its next step, not of this one.
        stays = move.then in (Stage.ACCEPTED, Stage.PLANNED)
        self._change(one, stage=move.then, due_on=due, is_known=stays, planned_on=planned_on, **closed)
        self._remember(
            number,
            move.then,
            words=move.words,
            writer=None if move.by is Part.STAFF else self._actor.person_id,
            planned_on=move.planned_on if move.then is Stage.PLANNED else None,
            due_on=due if due != one.due_on else None,
            person_id=move.deputy or self._actor.person_id,
        )

    def change_due(self, number: int, due: date, why: str) -> None:
        """The office lets it be due on another day."""
        one = self._locked(number)
        if refusal := refusal_of_due(one.stage, due, why, self.steps.today(one.congress_id)):
            raise NotAllowed(refusal)
        step = self._unit.read(select(rectifications.c.step).where(rectifications.c.id == number)).scalar_one()
        self._change(one, stage=one.stage, due_on=due, is_known=step > 0 or one.next_at is None)
        self._remember(number, one.stage, words=why, due_on=due, person_id=self._actor.person_id)

    def _locked(self, number: int) -> Rectification:
        """The rectification, which nobody else changes until the commit."""
        self._unit.read(select(rectifications.c.id).where(rectifications.c.id == number).with_for_update())
        (one,) = read(self._unit, self._shown, rectifications.c.id == number)
        return one

    def _change(self, one: Rectification, *, stage: Stage, due_on: date, is_known: bool, **values: Any) -> None:
        step, next_at = self.steps.first(one.congress_id, stage, one.severity, due_on, is_known=is_known)
        values |= {"stage": stage, "due_on": due_on, "step": step, "next_at": next_at, "changed_at": self._now}
        self._unit.write(update(rectifications).where(rectifications.c.id == one.number).values(**values))

    def _remember(
        self,
        number: int,
        stage: Stage,
        *,
        words: str = "",
        writer: int | None = None,
        planned_on: date | None = None,
        due_on: date | None = None,
        person_id: int | None = None,
    ) -> None:
        row = {
            "rectification_id": number,
            "stage": stage,
            "text_id": keep_text(self._unit, self._now, words.strip(), writer) if words.strip() else None,
            "planned_on": planned_on,
            "due_on": due_on,
            "message_id": self._actor.message_id,
            "person_id": person_id,
            "at": self._now,
        }
        self._unit.later(_ADD_EVENT, row)
        after = {"stage": stage, "due_on": due_on.isoformat() if due_on else None, "person": person_id}
        self._audit.record(stage, "rectification", number, None, after)

    # --- reading

    def get(self, number: int) -> Rectification | None:
        return next(iter(read(self._unit, self._shown, rectifications.c.id == number)), None)

    def of_congress(
        self, congress_id: int, only: Only, below: int | None = None, limit: int | None = PAGE
    ) -> list[Rectification]:
        """Newest first."""
        behind = [] if below is None else [rectifications.c.id < below]
        return read(self._unit, self._shown, *_chosen(congress_id, only), *behind, newest_first=True, limit=limit)

    def of_bodies(self, bodies: Collection[tuple[int, str]]) -> list[Rectification]:
        """What lies with bodies, each of a congress, the soonest due first."""
        theirs = [
            one
            for congress_id, body in bodies
            for one in self.of_congress(congress_id, Only(WITH_BODY, body=body), limit=None)
        ]
        return sorted(theirs, key=lambda one: (one.due_on, one.number))

    def unconfirmed(self, person_id: int, congress_ids: Collection[int]) -> list[Rectification]:
        """What was reported done in some congresses and waits for a deputy: who found it, or is charged with the
        project."""
        charged = select(liaisons.c.project_id).where(liaisons.c.person_id == person_id, liaisons.c.left_at.is_(None))
        theirs = or_(rectifications.c.raised_by == person_id, rectifications.c.project_id.in_(charged))
        there = rectifications.c.congress_id.in_(sorted(congress_ids)), rectifications.c.stage == Stage.DONE
        return read(self._unit, self._shown, *there, theirs)

    def pressing(self, congress_id: int, today: date) -> list[Rectification]:
        """What the office is to look after, the soonest due first: what is overdue, what those with whom it lies cannot
        be written to about, and what nobody has confirmed, for all the asking."""
        hears = cache(self._hears)
        found = [
            one
            for one in self.of_congress(congress_id, Only(), limit=None)
            if one.is_overdue(today) or (one.stage is Stage.DONE and not one.next_at) or not hears(*_lies_with(one))
        ]
        return sorted(found, key=lambda one: (one.due_on, one.number))

    def hears(self, one: Rectification) -> bool:
        """Whether anybody with whom it lies can be written to."""
        return self._hears(*_lies_with(one))

    def _hears(self, *lies_with: Any) -> bool:
        return bool(self.steps.people(*lies_with))

    def history(self, number: int) -> Sequence[AnyRow]:
        """(at, stage, words, planned_on, due_on, person, name), oldest first. `due_on` where that changed."""
        rows = self._unit.read(
            select(
                rectification_history.c.at,
                rectification_history.c.stage,
                texts.c.body.label("words"),
                rectification_history.c.planned_on,
                rectification_history.c.due_on,
                rectification_history.c.person_id.label("person"),
                people.c.name,
                texts.c.written_by,
            )
            .outerjoin(texts, texts.c.id == rectification_history.c.text_id)
            .outerjoin(people, people.c.id == rectification_history.c.person_id)
            .where(rectification_history.c.rectification_id == number)
            .order_by(rectification_history.c.id)
        ).all()
        self._shown.update(person for row in rows for person in (row.person, row.written_by) if person)
        return rows


def read(
    unit: Unit, shown: set[int], *conditions: ColumnElement[bool], newest_first: bool = False, limit: int | None = None
) -> list[Rectification]:
    """Those that fulfil conditions, by their numbers. Whose words are read is noted in `shown`."""
    query: Select[*tuple[Any, ...]] = (
        select(*_COLUMNS, texts.c.written_by)
        .join(projects, projects.c.id == rectifications.c.project_id)
        .join(texts, texts.c.id == rectifications.c.text_id)
        .where(*conditions)
        .order_by(rectifications.c.id.desc() if newest_first else rectifications.c.id)
        .limit(limit)
    )
    rows = unit.read(query).all()
    shown.update(row.written_by for row in rows if row.written_by)
    return [_rectification(row) for row in rows]


def _lies_with(one: Rectification) -> tuple[Told, int, int, str, int | None]:
    """As storage.rectification_steps asks for them; the same for all that lies with one body."""
    if one.stage is Stage.DONE:
        return Told.DEPUTY, one.congress_id, one.project, "", one.raised_by
    return Told.BODY, one.congress_id, 0, one.body, None


def _chosen(congress_id: int, only: Only) -> list[ColumnElement[bool]]:
    chosen = [rectifications.c.congress_id == congress_id, rectifications.c.stage.in_(sorted(only.stages))]
    if only.project is not None:
        chosen.append(rectifications.c.project_id == only.project)
    if only.body is not None:
        chosen.append(projects.c.body == only.body)
    if only.due_before is not None:
        chosen.append(rectifications.c.due_on < only.due_before)
    return chosen


def _rectification(row: AnyRow) -> Rectification:
    number, congress_id, project, title, body, note_id, kind, severity, text, stage, *rest, _ = row
    about = number, congress_id, project, title, body, note_id
    return Rectification(*about, Kind(kind), Severity(severity), text, Stage(stage), *rest)
