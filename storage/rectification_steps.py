"""Who hears of a rectification, and when: each step once, whatever the number of replicas or days of downtime.

A step is told by prompts without arguments, one at most for each person: so several that are due become one message,
which lists what there is when it begins.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from functools import cached_property
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Select, select, update

from storage.calendar import Calendar
from storage.conversations import Conversations
from storage.database import AnyRow, Unit
from storage.domain.cadence import QuietHours, moment
from storage.domain.project_stages import Stage as ProjectStage
from storage.domain.rectification_stages import Severity, Stage, Step, Told, steps
from storage.domain.roles import Role
from storage.domain.working_days import WorkingDays
from storage.tables import accounts, congresses, liaisons, projects, rectifications, roles

TOLD_AT = time(9)  # on a day on which somebody hears of it again

# The conversations that tell of it (handlers.rectifications).
CONVERSATION = {Told.BODY: "rectify", Told.DEPUTY: "confirm_done", Told.STAFF: "pressing"}

_COMING = (
    select(
        rectifications.c.id,
        rectifications.c.congress_id,
        rectifications.c.project_id,
        rectifications.c.severity,
        rectifications.c.stage,
        rectifications.c.raised_by,
        rectifications.c.due_on,
        rectifications.c.step,
        rectifications.c.next_at,
        rectifications.c.changed_at,
    )
    .where(rectifications.c.next_at.is_not(None))
    .order_by(rectifications.c.next_at, rectifications.c.id)
)


class _Next(NamedTuple):
    """The step that comes next, and when; None after the last."""

    step: int
    at: datetime | None


class Steps:
    def __init__(self, unit: Unit, now: datetime, calendar: Calendar) -> None:
        self._unit, self._now, self._calendar = unit, now, calendar
        self._zones: dict[int, ZoneInfo] = {}

    @cached_property
    def days(self) -> WorkingDays:
        return self._calendar()

    def today(self, congress_id: int) -> date:
        return self._now.astimezone(self._zone(congress_id)).date()

    def first(
        self, congress_id: int, stage: Stage, severity: Severity, due: date, *, is_known: bool = False
    ) -> tuple[int, datetime | None]:
        """The number and the moment of the first step of what comes into a stage just now; of the second, where those
        with whom it lies then know it (`is_known`)."""
        today = self.today(congress_id)
        coming = steps(stage, severity, today, due, self.days)[is_known:]
        return _next(coming, self._now, self._zone(congress_id))

    def tell(self, number: int) -> set[int]:
        """Tell of one rectification what is to be told by now; gives those for whom a prompt waits then."""
        return self._tell(self._due(_COMING.where(rectifications.c.id == number)))

    def tell_all(self, limit: int) -> tuple[int, set[int]]:
        """The same for so many rectifications, and how many there were."""
        rows = self._due(_COMING.limit(limit))
        return len(rows), self._tell(rows)

    def _due(self, coming: Select[Any]) -> Sequence[AnyRow]:
        """Those whose step has come, each with the body and the stage of its project."""
        due = coming.where(rectifications.c.next_at <= self._now).subquery("due")
        of_project = projects.c.body, projects.c.stage.label("project_stage")
        found = select(due, *of_project).join(projects, projects.c.id == due.c.project_id)
        return self._unit.read(found.order_by(due.c.next_at, due.c.id)).all()

    def _tell(self, rows: Iterable[AnyRow]) -> set[int]:
        told: dict[str, set[int]] = {name: set() for name in CONVERSATION.values()}
        for row in rows:
            for whom in self._take(row):
                people = self._people(whom, row)
                told[CONVERSATION[whom if people else Told.STAFF]].update(people or self._people(Told.STAFF, row))
        for conversation, people in told.items():
            Conversations(self._unit, self._now).prompt_once(people, conversation)
        return set().union(*told.values())

    def _take(self, row: AnyRow) -> frozenset[Told]:
        """Who hears of it now: at the latest of the steps that have come, so that what was missed is one message."""
        zone = self._zone(row.congress_id)
        since = row.changed_at.astimezone(zone).date()
        coming = steps(Stage(row.stage), Severity(row.severity), since, row.due_on, self.days)[row.step :]
        awake_at = QuietHours().after(self._now, zone)
        if awake_at > self._now:
            return self._go_on(row, _Next(row.step, awake_at), frozenset())
        by_now = [step for step in coming if _at(step, row.changed_at, zone) <= self._now]
        then = _next(coming[len(by_now) :], row.changed_at, zone)
        # What is stopped is not pressed; it goes on with the next step where the project does.
        is_told = by_now and row.project_stage != ProjectStage.STOPPED
        return self._go_on(row, then, by_now[-1].told if is_told else frozenset())

    def _go_on(self, row: AnyRow, then: _Next, told: frozenset[Told]) -> frozenset[Told]:
        """Only who moves the row on tells of it: whichever replica is first."""
        still = (
            rectifications.c.id == row.id,
            rectifications.c.stage == row.stage,
            rectifications.c.step == row.step,
            rectifications.c.next_at == row.next_at,
        )
        moved = self._unit.write(update(rectifications).where(*still).values(step=then.step, next_at=then.at))
        return told if moved.rowcount else frozenset()

    def people(self, whom: Told, congress_id: int, project: int, body: str, raised_by: int | None) -> set[int]:
        """Those of them who can be written to. Of the deputies: who found it, else those charged with the project."""
        match whom:
            case Told.BODY:
                return self._written_to(_holding(congress_id, Role.IMPLEMENTING_BODY).where(roles.c.group_name == body))
            case Told.STAFF:
                return self._written_to(_holding(congress_id, Role.STAFF))
        finder = _holding(congress_id, Role.DEPUTY).where(roles.c.person_id == raised_by)
        charged = select(liaisons.c.person_id).where(liaisons.c.project_id == project, liaisons.c.left_at.is_(None))
        return (self._written_to(finder) if raised_by else set()) or self._written_to(charged)

    def _people(self, whom: Told, row: AnyRow) -> set[int]:
        return self.people(whom, row.congress_id, row.project_id, row.body, row.raised_by)

    def _written_to(self, people: Select[int]) -> set[int]:
        found = self._unit.read(people).scalars().all()
        reached = select(accounts.c.person_id).where(accounts.c.person_id.in_(found))
        return set(self._unit.read(reached).scalars()) if found else set()

    def _zone(self, congress_id: int) -> ZoneInfo:
        if congress_id not in self._zones:
            known = select(congresses.c.timezone).where(congresses.c.id == congress_id)
            self._zones[congress_id] = ZoneInfo(self._unit.read(known).scalar_one())
        return self._zones[congress_id]


def _holding(congress_id: int, role: Role) -> Select[int]:
    return select(roles.c.person_id).where(
        roles.c.congress_id == congress_id, roles.c.role == role, roles.c.revoked_at.is_(None)
    )


def _next(coming: list[Step], since: datetime, zone: ZoneInfo) -> _Next:
    return _Next(coming[0].number, _at(coming[0], since, zone)) if coming else _Next(0, None)


def _at(step: Step, since: datetime, zone: ZoneInfo) -> datetime:
    """When a step is told: the first as soon as nobody is asleep, the others in the morning."""
    quiet = QuietHours()
    return quiet.after(moment(step.on, TOLD_AT, zone) if step.number else since, zone)
