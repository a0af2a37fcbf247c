"""Projects whose deadline has passed while they are not finished: each owes an explanation and a new plan, once."""

from collections import defaultdict
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select

from storage.audit import Actor, Audit
from storage.calendar import Calendar
from storage.database import AnyRow, Unit
from storage.domain.project_stages import SUPERVISED
from storage.domain.rectification_stages import Severity, Stage
from storage.rectifications import Kind, NewRectification, Rectifications
from storage.tables import congresses, projects, rectifications

SEVERITY = Severity.SERIOUS  # of a project that is late
CONGRESSES, PROJECTS = 20, 20  # at most in a chunk


class LateProjects:
    def __init__(self, unit: Unit, now: datetime, calendar: Calendar) -> None:
        self._unit, self._now = unit, now
        self._raised = Rectifications(unit, now, Actor(), Audit(unit, now, Actor()), calendar=calendar)

    def owe_explanations(self, after: int) -> int | None:
        """Let late projects of the next few congresses owe one; gives the congress behind which to go on, None at the
        end."""
        some = select(congresses.c.id, congresses.c.timezone).where(congresses.c.id > after)
        zones = {row.id: row.timezone for row in self._unit.read(some.order_by(congresses.c.id).limit(CONGRESSES))}
        today = {one: self._now.astimezone(ZoneInfo(zone)).date() for one, zone in zones.items()}
        late = self._without_explanation(today) if today else []
        for row in late[:PROJECTS]:
            new = NewRectification(row.congress_id, row.id, None, SEVERITY, "", None, Kind.LATE)
            self._raised.owe_explanation(new)
        if len(late) > PROJECTS:
            return after
        return max(zones) if len(zones) == CONGRESSES else None

    def _without_explanation(self, today: dict[int, date]) -> list[AnyRow]:
        """The late projects of congresses, by whose calendars it is `today`, that were not asked yet."""
        passed = select(projects.c.id, projects.c.congress_id, projects.c.deadline).where(
            projects.c.congress_id.in_(sorted(today)),
            projects.c.stage.in_(sorted(SUPERVISED)),
            projects.c.deadline < max(today.values()),
            projects.c.progress < 100,
        )
        late = [row for row in self._unit.read(passed) if row.deadline < today[row.congress_id]]
        asked = self._asked([row.id for row in late])
        return [row for row in late if not any(day is None or row.deadline < day for day in asked[row.id])]

    def _asked(self, numbers: list[int]) -> defaultdict[int, list[date | None]]:
        """On which days each of them was asked; None for what is still open."""
        found: defaultdict[int, list[date | None]] = defaultdict(list)
        asked = select(
            rectifications.c.project_id, rectifications.c.created_at, rectifications.c.stage, congresses.c.timezone
        ).join(congresses, congresses.c.id == rectifications.c.congress_id)
        theirs = rectifications.c.project_id.in_(numbers), rectifications.c.kind == Kind.LATE
        for number, at, stage, zone in self._unit.read(asked.where(*theirs)) if numbers else ():
            found[number].append(None if stage != Stage.CLOSED else at.astimezone(ZoneInfo(zone)).date())
        return found
