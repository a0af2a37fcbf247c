"""Projects: what a congress has chosen to be built, what is planned, and every move of it with who and why."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, delete, insert, select, update

from storage.audit import Actor, Audit
from storage.database import AnyRow, Unit
from storage.domain.areas import Level
from storage.domain.project_plan import Milestone, check_plan, planned_share
from storage.domain.project_stages import (
    SUPERVISED,
    Approval,
    Refusal,
    Stage,
    refusal_of_change,
    refusal_of_move,
)
from storage.tables import milestones, project_cells, project_history, projects, texts
from storage.texts import keep_text

PAGE = 20


class Event(StrEnum):
    """What a line of a project's history tells."""

    ADDED = "added"
    STAGE = "stage"
    CHANGE = "change"
    PLAN = "plan"


class NotAllowed(Exception):
    """A project stays as it is; `why` says what is missing."""

    def __init__(self, why: Refusal) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Description:
    """What the congress voted on, and who leads it. `investment` is in yuan, `cells` are ids of areas."""

    title: str
    content: str
    investment: int | None
    body: str
    leader: str
    deadline: date
    effect: str
    cells: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Project:
    """A project as it stands. `progress` is in per cent, as reported last."""

    number: int
    congress_id: int
    cycle_id: int
    description: Description
    stage: Stage
    progress: int
    begun_on: date
    ended_on: date | None

    @property
    def is_supervised(self) -> bool:
        return self.stage in SUPERVISED


@dataclass(frozen=True, slots=True)
class Why:
    """What a change is founded on: the reason as staff give it, and, where it takes one, the approval."""

    reason: str = ""
    approval: Approval | None = None


_PROJECT = (
    projects.c.id,
    projects.c.congress_id,
    projects.c.cycle_id,
    projects.c.title,
    projects.c.content,
    projects.c.investment,
    projects.c.body,
    projects.c.leader,
    projects.c.deadline,
    projects.c.effect,
    projects.c.stage,
    projects.c.progress,
    projects.c.begun_on,
    projects.c.ended_on,
)
_ADD, _ADD_CELL, _ADD_MILESTONE, _ADD_EVENT = (
    insert(table) for table in (projects, project_cells, milestones, project_history)
)


class Projects:
    """Changes raise NotAllowed where the rules of project stages do not allow them."""

    def __init__(self, unit: Unit, now: datetime, actor: Actor, audit: Audit) -> None:
        self._unit, self._now, self._actor, self._audit = unit, now, actor, audit

    # --- writing

    def add(
        self, congress_id: int, cycle_id: int, description: Description, plan: Sequence[Milestone], begun_on: date
    ) -> int:
        """Store a chosen project and give its number. Raises BadPlan."""
        check_plan(plan)
        (number,) = self._unit.numbers(projects, 1)
        values = {name: getattr(description, name) for name in Description.__slots__ if name != "cells"}
        moments = {"begun_on": begun_on, "created_at": self._now, "changed_at": self._now}
        belongs = {"id": number, "congress_id": congress_id, "cycle_id": cycle_id, "stage": Stage.CHOSEN}
        self._unit.later(_ADD, {**belongs, **values, **moments})
        self._set_cells(number, description.cells)
        self._set_plan(number, plan)
        self._remember(number, Event.ADDED, Why(), stage=Stage.CHOSEN)
        return number

    def move(self, number: int, then: Stage, why: Why, level: Level, today: date) -> None:
        """Go on to another stage."""
        now = self._locked(number).stage
        if refusal := refusal_of_move(now, then, why.reason, why.approval, level, today):
            raise NotAllowed(refusal)
        progress = {"progress": 100} if then is Stage.FINISHED else {}
        self._change(number, stage=then, ended_on=None if then in SUPERVISED else today, **progress)
        self._remember(number, Event.STAGE, why, stage=then)

    def change(self, number: int, description: Description, why: Why, level: Level, today: date) -> None:
        """Describe a project anew."""
        before = self._locked(number).description
        changed = [name for name in Description.__slots__ if getattr(before, name) != getattr(description, name)]
        if not changed:
            return
        if refusal := refusal_of_change(changed, why.reason, why.approval, level, today):
            raise NotAllowed(refusal)
        if "cells" in changed:
            self._unit.write(delete(project_cells).where(project_cells.c.project_id == number))
            self._set_cells(number, description.cells)
        self._change(number, **{name: getattr(description, name) for name in changed if name != "cells"})
        self._remember(number, Event.CHANGE, why, changed=changed)

    def set_plan(self, number: int, plan: Sequence[Milestone], why: Why) -> None:
        """Plan anew; what was reached stays reached, by its title. Raises BadPlan."""
        check_plan(plan)
        self._locked(number)
        reached = {milestone.title: day for milestone, day in self.plan(number) if day}
        self._unit.write(delete(milestones).where(milestones.c.project_id == number))
        self._set_plan(number, plan, reached)
        self._remember(number, Event.PLAN, why)

    def reach(self, number: int, position: int, on: date) -> None:
        """A milestone is reached."""
        mine = milestones.c.project_id == number, milestones.c.position == position
        self._unit.write(update(milestones).where(*mine).values(reached_on=on))
        self._audit.record("reach", "project", number, None, {"milestone": position, "on": on.isoformat()})

    def report(self, number: int, progress: int) -> None:
        """How far it is, as was reported just now; who reported it stands in their note."""
        self._unit.write(update(projects).where(projects.c.id == number).values(progress=progress))

    def _locked(self, number: int) -> Project:
        """The project, which nobody else changes until the commit."""
        self._unit.read(select(projects.c.id).where(projects.c.id == number).with_for_update())
        (project,) = self._read(projects.c.id == number)
        return project

    def _change(self, number: int, **values: Any) -> None:
        self._unit.write(update(projects).where(projects.c.id == number).values(changed_at=self._now, **values))

    def _set_cells(self, number: int, cells: Iterable[int]) -> None:
        self._unit.later(_ADD_CELL, *({"project_id": number, "area_id": area} for area in sorted(set(cells))))

    def _set_plan(self, number: int, plan: Sequence[Milestone], reached: dict[str, date] | None = None) -> None:
        self._unit.later(
            _ADD_MILESTONE,
            *(
                {
                    "project_id": number,
                    "position": position,
                    "title": one.title,
                    "planned_on": one.planned_on,
                    "share": one.share,
                    "reached_on": (reached or {}).get(one.title),
                }
                for position, one in enumerate(plan, 1)
            ),
        )

    def _remember(
        self, number: int, event: Event, why: Why, *, stage: Stage | None = None, changed: list[str] | None = None
    ) -> None:
        approval, reason = why.approval, why.reason.strip()
        row = {
            "project_id": number,
            "kind": event,
            "stage": stage,
            "changed": changed,
            "text_id": keep_text(self._unit, self._now, reason, written_by=None) if reason else None,
            "approver": approval.approver if approval else None,
            "decided_on": approval.decided_on if approval else None,
            "document": approval.document if approval else "",
            "message_id": self._actor.message_id,
            "person_id": self._actor.person_id,
            "at": self._now,
        }
        self._unit.later(_ADD_EVENT, row)
        after = {"stage": stage} if stage else {"changed": changed} if changed else None
        self._audit.record(event, "project", number, None, after)

    # --- reading

    def get(self, number: int) -> Project | None:
        return next(iter(self._read(projects.c.id == number)), None)

    def of_congress(self, congress_id: int, below: int | None = None, limit: int | None = PAGE) -> list[Project]:
        """The projects of a congress, newest first."""
        return self._read(projects.c.congress_id == congress_id, below=below, limit=limit)

    def has_title(self, cycle_id: int, title: str) -> bool:
        """Whether a project of that title is there in a cycle."""
        same = select(projects.c.id).where(projects.c.cycle_id == cycle_id, projects.c.title == title).limit(1)
        return self._unit.read(same).first() is not None

    def many(self, numbers: Iterable[int]) -> list[Project]:
        return self._read(projects.c.id.in_(sorted(set(numbers))))

    def plan(self, number: int) -> list[tuple[Milestone, date | None]]:
        """The milestones in order, each with the day on which it was reached."""
        rows = self._unit.read(
            select(milestones.c.title, milestones.c.planned_on, milestones.c.share, milestones.c.reached_on)
            .where(milestones.c.project_id == number)
            .order_by(milestones.c.position)
        )
        return [(Milestone(title, planned_on, share), reached_on) for title, planned_on, share, reached_on in rows]

    def planned(self, project: Project, today: date) -> int:
        """How many per cent should be done by its plan."""
        plan = [milestone for milestone, _ in self.plan(project.number)]
        return planned_share(project.begun_on, plan, project.description.deadline, today)

    def history(self, number: int) -> Sequence[AnyRow]:
        """(at, kind, stage, changed, why, approver, decided_on, document, person_id), oldest first."""
        return self._unit.read(
            select(
                project_history.c.at,
                project_history.c.kind,
                project_history.c.stage,
                project_history.c.changed,
                texts.c.body,
                project_history.c.approver,
                project_history.c.decided_on,
                project_history.c.document,
                project_history.c.person_id,
            )
            .outerjoin(texts, texts.c.id == project_history.c.text_id)
            .where(project_history.c.project_id == number)
            .order_by(project_history.c.id)
        ).all()

    def _read(
        self, condition: ColumnElement[bool], *, below: int | None = None, limit: int | None = None
    ) -> list[Project]:
        query = select(*_PROJECT).where(condition).order_by(projects.c.id.desc()).limit(limit)
        rows = self._unit.read(query if below is None else query.where(projects.c.id < below)).all()
        cells: dict[int, list[int]] = {row.id: [] for row in rows}
        if cells:
            listed = select(project_cells).where(project_cells.c.project_id.in_(list(cells)))
            for number, area in self._unit.read(listed.order_by(project_cells.c.area_id)):
                cells[number].append(area)
        return [_project(row, tuple(cells[row.id])) for row in rows]


def _project(row: AnyRow, cells: tuple[int, ...]) -> Project:
    number, congress_id, cycle_id, title, content, investment, body, leader, deadline, effect, *rest = row
    stage, progress, begun_on, ended_on = rest
    description = Description(title, content, investment, body, leader, deadline, effect, cells)
    return Project(number, congress_id, cycle_id, description, Stage(stage), progress, begun_on, ended_on)
