"""What came of supervision in a month, quarter, half-year or year: reports in time, late and missing, problems found
and closed, of a congress and of each of its projects."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, select

from storage.database import Unit
from storage.deputy_records import bounds, of_rounds
from storage.domain.cadence import Duty, moment
from storage.domain.report_period import ReportPeriod
from storage.notes import Standing
from storage.rectifications import IS_PROBLEM, IS_UNSOLVED, Kind
from storage.supervision_tallies import counted
from storage.tables import duties, notes, rectifications, rounds

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Reports:
    """How many reports were owed; of them came in time, came late, are missing although their day is over, and how many
    that came say that nothing could be seen. The rest may still come in time."""

    owed: int = 0
    in_time: int = 0
    late: int = 0
    missing: int = 0
    unable: int = 0

    @property
    def answered(self) -> int:
        return self.in_time + self.late

    @property
    def coming(self) -> int:
        """Those whose day is not over."""
        return self.owed - self.answered - self.missing

    def __add__(self, other: "Reports") -> "Reports":
        return Reports(
            self.owed + other.owed,
            self.in_time + other.in_time,
            self.late + other.late,
            self.missing + other.missing,
            self.unable + other.unable,
        )


@dataclass(frozen=True, slots=True)
class Problems:
    """How many were found and closed in the period, and how many of those found until its end are open now, of which
    some are overdue."""

    found: int = 0
    closed: int = 0
    unsolved: int = 0
    overdue: int = 0

    def __add__(self, other: "Problems") -> "Problems":
        return Problems(
            self.found + other.found,
            self.closed + other.closed,
            self.unsolved + other.unsolved,
            self.overdue + other.overdue,
        )


@dataclass(frozen=True, slots=True)
class Totals:
    """`received` counts residents on reception days, `explanations` those that late projects were asked for."""

    reports: Mapping[Duty, Reports]
    notes: int
    received: int
    problems: Problems
    explanations: int

    @property
    def all_reports(self) -> Reports:
        return sum(self.reports.values(), Reports())


class SupervisionTotals:
    """Of one congress and one period, which lies in the congress's own time zone, as seen on a day."""

    def __init__(self, unit: Unit, congress_id: int, period: ReportPeriod, zone: ZoneInfo, today: date) -> None:
        self._unit, self._congress_id, self._period, self._today = unit, congress_id, period, today
        self._zone = zone
        self._since, self._until = bounds(period, zone)

    def totals(self) -> Totals:
        counts = select(func.count(), func.coalesce(func.sum(notes.c.received), 0))
        written, received = self._unit.read(counts.where(*self._noted())).one()
        kinds = self._reports(rounds.c.duty)
        return Totals(
            reports={kind: kinds[kind] for kind in Duty if kind in kinds},
            notes=written,
            received=received,
            problems=self._problems(literal(0)).get(0, Problems()),
            explanations=self._explanations(),
        )

    def reports_of_projects(self) -> dict[int, Reports]:
        """By project; what is owed without one is left out."""
        return self._reports(duties.c.project_id)

    def problems_of_projects(self) -> dict[int, Problems]:
        return self._problems(rectifications.c.project_id)

    def last_notes(self) -> dict[int, datetime]:
        """When each project was reported of last within the period."""
        last = select(notes.c.project_id, func.max(notes.c.at)).where(*self._noted(), notes.c.project_id.is_not(None))
        return {row[0]: row[1] for row in self._unit.read(last.group_by(notes.c.project_id))}

    def _reports(self, key: ColumnElement[Any]) -> dict[Any, Reports]:
        mine = select(rounds.c.id, rounds.c.due_on).where(*of_rounds(self._congress_id, self._period))
        ends = {round_id: moment(due_on + _DAY, time(), self._zone) for round_id, due_on in self._unit.read(mine)}
        if not ends:
            return {}
        in_time = duties.c.answered_at < case(
            *((duties.c.round_id == one, literal(end, duties.c.answered_at.type)) for one, end in ends.items())
        )
        query = (
            select(
                key,
                func.count(duties.c.id),
                counted(and_(duties.c.answered_at.is_not(None), in_time)),
                func.count(duties.c.answered_at),
                counted(and_(duties.c.answered_at.is_(None), rounds.c.due_on < self._today)),
                counted(and_(notes.c.standing.is_not(None), notes.c.standing == Standing.UNABLE)),
            )
            .select_from(rounds)
            .join(duties, duties.c.round_id == rounds.c.id)
            .outerjoin(notes, notes.c.id == duties.c.note_id)
            .where(*of_rounds(self._congress_id, self._period), key.is_not(None))
            .group_by(key)
        )
        return {
            one: Reports(owed, timely, answered - timely, missing, unable)
            for one, owed, timely, answered, missing, unable in self._unit.read(query)
        }

    def _problems(self, key: ColumnElement[int]) -> dict[int, Problems]:
        columns = rectifications.c
        was_found = (columns.created_at >= self._since) & (columns.created_at < self._until)
        was_closed = columns.closed_at.is_not(None) & (columns.closed_at >= self._since)
        query = (
            select(
                key.label("key"),
                counted(was_found),
                counted(was_closed & (columns.closed_at < self._until)),
                counted(IS_UNSOLVED),
                counted(IS_UNSOLVED & (columns.due_on < self._today)),
            )
            .where(columns.congress_id == self._congress_id, IS_PROBLEM, columns.created_at < self._until)
            .group_by("key")
        )
        return {row[0]: Problems(*row[1:]) for row in self._unit.read(query)}

    def _explanations(self) -> int:
        asked: Select[int] = select(func.count()).where(
            rectifications.c.congress_id == self._congress_id,
            rectifications.c.kind == Kind.LATE,
            rectifications.c.created_at >= self._since,
            rectifications.c.created_at < self._until,
        )
        return int(self._unit.read(asked).scalar_one())

    def _noted(self) -> tuple[ColumnElement[bool], ...]:
        return notes.c.congress_id == self._congress_id, notes.c.at >= self._since, notes.c.at < self._until
