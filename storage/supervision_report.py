"""The rows of a report about supervision, for one congress and one period."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select

from storage.among import among
from storage.congresses import Congress
from storage.database import Unit
from storage.deputy_records import DeputyRecord, DeputyRecords, bounds, of_rounds
from storage.domain.report_period import ReportPeriod
from storage.domain.roles import Role
from storage.project_standing import Standing, planned_shares, standings
from storage.projects import Project
from storage.rectifications import IS_PROBLEM, IS_UNSOLVED, Rectification, read
from storage.supervision_findings import Unable, unable
from storage.supervision_totals import Problems, Reports, SupervisionTotals, Totals
from storage.tables import liaisons, notes, people, rectifications, roles


@dataclass(frozen=True, slots=True)
class ProjectRow:
    """A project with what came of it in the period; `planned` in per cent."""

    project: Project
    planned: int
    standing: Standing
    deputies: Sequence[str]
    reports: Reports
    problems: Problems
    last_note: datetime | None


@dataclass(frozen=True, slots=True)
class DeputyRow:
    person: int
    name: str
    record: DeputyRecord


class SupervisionReport:
    """What a report of a congress tells of a period, as seen on a day. `projects` are all of the congress's."""

    def __init__(
        self, unit: Unit, congress: Congress, period: ReportPeriod, listed: Sequence[Project], today: date
    ) -> None:
        self._unit, self._congress, self._period, self._today = unit, congress, period, today
        self._zone = ZoneInfo(congress.timezone)
        self._since, self._until = bounds(period, self._zone)
        self._all = listed
        self._totals = SupervisionTotals(unit, congress.id, period, self._zone, today)

    def totals(self) -> Totals:
        return self._totals.totals()

    def projects(self) -> list[ProjectRow]:
        """Those that were supervised at some time in the period, or are the subject of anything in it; by number."""
        reports, problems, last = (
            self._totals.reports_of_projects(),
            self._totals.problems_of_projects(),
            self._totals.last_notes(),
        )
        about = {*reports, *last, *(number for number, found in problems.items() if found != Problems())}
        chosen = sorted(
            (one for one in self._all if self._was_supervised(one) or one.number in about),
            key=lambda one: one.number,
        )
        # Progress is known as of today only, and so held against the plan of today.
        planned, stand = planned_shares(self._unit, chosen, self._today), standings(self._unit, chosen, self._today)
        deputies = self._deputies(chosen)
        return [
            ProjectRow(
                one,
                planned[one.number],
                stand[one.number],
                deputies[one.number],
                reports.get(one.number, Reports()),
                problems.get(one.number, Problems()),
                last.get(one.number),
            )
            for one in chosen
        ]

    def _was_supervised(self, one: Project) -> bool:
        return one.begun_on <= self._period.last and (one.ended_on is None or one.ended_on >= self._period.first)

    def _deputies(self, chosen: Sequence[Project]) -> defaultdict[int, list[str]]:
        present = (
            select(liaisons.c.project_id, people.c.name)
            .join(people, people.c.id == liaisons.c.person_id)
            .where(among(liaisons.c.project_id, "numbers"), liaisons.c.left_at.is_(None))
            .order_by(liaisons.c.id)
        )
        found: defaultdict[int, list[str]] = defaultdict(list)
        for number, name in self._unit.read(present, {"numbers": [one.number for one in chosen]}):
            found[number].append(name)
        return found

    def deputies(self) -> list[DeputyRow]:
        """Everybody who was a deputy at some time in the period, in the order in which they were entered."""
        held = (
            select(people.c.id, people.c.name)
            .join(roles, roles.c.person_id == people.c.id)
            .where(roles.c.congress_id == self._congress.id, roles.c.role == Role.DEPUTY)
            .where(roles.c.granted_at < self._until)
            .where(or_(roles.c.revoked_at.is_(None), roles.c.revoked_at >= self._since))
            .distinct()
            .order_by(people.c.id)
        )
        names = {row.id: row.name for row in self._unit.read(held)}
        records = DeputyRecords(self._unit, self._congress.id, self._period, self._zone).of(names)
        return [DeputyRow(person, name, records[person]) for person, name in names.items()]

    def problems(self) -> list[Rectification]:
        """Those that were found or closed in the period, or are open; by number."""
        columns = rectifications.c
        there = columns.congress_id == self._congress.id, IS_PROBLEM, columns.created_at < self._until
        still = or_(IS_UNSOLVED, columns.created_at >= self._since, columns.closed_at >= self._since)
        return read(self._unit, set(), *there, still)

    def unable(self) -> list[Unable]:
        """Of whose projects nothing could be seen, and why; oldest first."""
        of_projects = *of_rounds(self._congress.id, self._period), notes.c.project_id.is_not(None)
        return unable(self._unit, set(), *of_projects)
