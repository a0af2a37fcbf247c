"""Projects whose deadline has passed while they are not finished: each owes an explanation and a new plan, once."""

from collections import defaultdict
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select

from storage.audit import Actor, Audit
from storage.calendar import Calendar
from storage.database import AnyRow, Unit
from storage.domain.project_stages import SUPERVISED
from storage.domain.rectification_stages import Severity
from storage.rectifications import Kind, NewRectification, Rectifications
from storage.tables import congresses, projects, rectifications

SEVERITY = Severity.SERIOUS  # of a project that is late


class LateProjects:
    def __init__(self, unit: Unit, now: datetime, calendar: Calendar) -> None:
        self._unit, self._now = unit, now
        self._raised = Rectifications(unit, now, Actor(), Audit(unit, now, Actor()), calendar=calendar)

    def owe_explanations(self, after: int, limit: int) -> int | None:
        """Let the late projects of the next so many congresses owe one; gives the last of these, None at the end."""
        some = select(congresses.c.id, congresses.c.timezone).where(congresses.c.id > after)
        zones = {row.id: row.timezone for row in self._unit.read(some.order_by(congresses.c.id).limit(limit))}
        today = {one: self._now.astimezone(ZoneInfo(zone)).date() for one, zone in zones.items()}
        for row in self._without_explanation(today) if today else ():
            self._raised.owe_explanation(NewRectification(row.congress_id, row.id, None, SEVERITY, "", None, Kind.LATE))
        return max(zones) if len(zones) == limit else None

    def _without_explanation(self, today: dict[int, date]) -> list[AnyRow]:
        """The late projects of congresses that were not asked since their deadline; `today` by congress."""
        passed = select(projects.c.id, projects.c.congress_id, projects.c.deadline).where(
            projects.c.congress_id.in_(sorted(today)),
            projects.c.stage.in_(sorted(SUPERVISED)),
            projects.c.deadline < max(today.values()),
            projects.c.progress < 100,
        )
        late = [row for row in self._unit.read(passed) if row.deadline < today[row.congress_id]]
        asked = self._asked([row.id for row in late])
        return [row for row in late if not any(row.deadline < day for day in asked[row.id])]

    def _asked(self, numbers: list[int]) -> defaultdict[int, list[date]]:
        """On which days each of them was asked before."""
        found: defaultdict[int, list[date]] = defaultdict(list)
        asked = select(rectifications.c.project_id, rectifications.c.created_at, congresses.c.timezone).join(
            congresses, congresses.c.id == rectifications.c.congress_id
        )
        theirs = rectifications.c.project_id.in_(numbers), rectifications.c.kind == Kind.LATE
        for number, at, zone in self._unit.read(asked.where(*theirs)) if numbers else ():
            found[number].append(at.astimezone(ZoneInfo(zone)).date())
        return found
