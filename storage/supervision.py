"""Where supervision stands in a congress: who has answered, who has not, what is late, which problems are open.

It only reads. Lists come in pages of `PAGE`; each row has the key that the next page begins behind.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, func, or_, select

from storage.congresses import Congress
from storage.database import Unit
from storage.deputy_records import DeputyRecord, DeputyRecords
from storage.domain.cadence import BY_BODY, Duty
from storage.domain.project_stages import SUPERVISED, Stage
from storage.domain.report_period import ReportPeriod
from storage.duties import IS_OPEN
from storage.rectifications import IS_UNSOLVED
from storage.supervision_counts import SupervisionCounts
from storage.supervision_findings import SupervisionFindings
from storage.supervision_tallies import PAGE, counted, reports
from storage.supervision_totals import SupervisionTotals, Totals
from storage.tables import (
    duties,
    liaisons,
    people,
    projects,
    rectifications,
    rounds,
)


@dataclass(frozen=True, slots=True)
class Round:
    """A period that is open. `late` are reports that are missing although its day is over."""

    duty: Duty
    period: str
    due_on: date
    owed: int
    answered: int
    late: int


@dataclass(frozen=True, slots=True)
class Overview:
    """A congress at a glance."""

    projects: int
    supervised: int
    rounds: Sequence[Round]
    problems: int
    overdue: int

    @property
    def owed(self) -> int:
        return sum(one.owed for one in self.rounds)

    @property
    def answered(self) -> int:
        return sum(one.answered for one in self.rounds)

    @property
    def late(self) -> int:
        return sum(one.late for one in self.rounds)


@dataclass(frozen=True, slots=True)
class Missing:
    """A project of which reports are missing, and who is to write them: its deputies by name, or its body."""

    number: int
    title: str
    body: str
    reports: Sequence[tuple[Duty, str, date]]  # kind, period, due
    deputies: Sequence[str]

    @property
    def is_for_deputies(self) -> bool:
        return any(kind not in BY_BODY for kind, _, _ in self.reports)

    @property
    def is_for_body(self) -> bool:
        return any(kind in BY_BODY for kind, _, _ in self.reports)


class Supervision:
    """Whose names and words are read from a list is noted in `shown`."""

    def __init__(self, unit: Unit, shown: set[int] | None = None) -> None:
        self._unit = unit
        self._shown = set() if shown is None else shown

    @cached_property
    def counts(self) -> SupervisionCounts:
        """The same by deputy, cell and body."""
        return SupervisionCounts(self._unit, self._shown)

    @cached_property
    def findings(self) -> SupervisionFindings:
        """What was found, and what could not be seen."""
        return SupervisionFindings(self._unit, self._shown)

    def totals(self, congress: Congress, period: ReportPeriod, today: date) -> Totals:
        """What came of a period."""
        return SupervisionTotals(self._unit, congress.id, period, ZoneInfo(congress.timezone), today).totals()

    def records(self, congress: Congress, period: ReportPeriod, person_ids: Collection[int]) -> dict[int, DeputyRecord]:
        """What each of these deputies did in a period."""
        return DeputyRecords(self._unit, congress.id, period, ZoneInfo(congress.timezone)).of(person_ids)

    def overview(self, congress_id: int, today: date) -> Overview:
        of_stage = select(projects.c.stage, func.count()).where(projects.c.congress_id == congress_id)
        stages = {Stage(stage): count for stage, count in self._unit.read(of_stage.group_by(projects.c.stage))}
        open_rounds = (
            select(rounds.c.duty, rounds.c.period, rounds.c.due_on, *reports(today))
            .join(duties, duties.c.round_id == rounds.c.id)
            .where(rounds.c.congress_id == congress_id, rounds.c.closed_at.is_(None))
            .group_by(rounds.c.id, rounds.c.duty, rounds.c.period, rounds.c.due_on)
            .order_by(rounds.c.due_on, rounds.c.id)
        )
        unsolved = select(func.count(), counted(rectifications.c.due_on < today)).where(
            rectifications.c.congress_id == congress_id, IS_UNSOLVED
        )
        problems, overdue = self._unit.read(unsolved).one()
        return Overview(
            projects=sum(stages.values()),
            supervised=sum(count for stage, count in stages.items() if stage in SUPERVISED),
            rounds=[Round(Duty(row[0]), *row[1:]) for row in self._unit.read(open_rounds)],
            problems=problems,
            overdue=overdue,
        )

    def missing(
        self, congress_id: int, after: int = 0, *, due_before: date | None = None, limit: int = PAGE
    ) -> list[Missing]:
        """Projects of which something is missing, by their numbers; only what was due before a day, if one is given."""
        wanted = [rounds.c.congress_id == congress_id, IS_OPEN]
        if due_before:
            wanted.append(rounds.c.due_on < due_before)
        page = (
            select(duties.c.project_id)
            .join(rounds, rounds.c.id == duties.c.round_id)
            .where(*wanted, duties.c.project_id > after)
            .distinct()
            .order_by(duties.c.project_id)
            .limit(limit)
        )
        numbers = list(self._unit.read(page).scalars())
        owed, deputies = self._owed(numbers, wanted), self._deputies(numbers, wanted)
        described = select(projects.c.id, projects.c.title, projects.c.body).where(projects.c.id.in_(numbers))
        return [
            Missing(number, title, body, owed[number], deputies[number])
            for number, title, body in self._unit.read(described.order_by(projects.c.id))
        ]

    def _owed(
        self, numbers: Sequence[int], wanted: Sequence[ColumnElement[bool]]
    ) -> dict[int, list[tuple[Duty, str, date]]]:
        found: dict[int, list[tuple[Duty, str, date]]] = {number: [] for number in numbers}
        kinds = (
            select(duties.c.project_id, rounds.c.duty, rounds.c.period, rounds.c.due_on)
            .join(rounds, rounds.c.id == duties.c.round_id)
            .where(*wanted, duties.c.project_id.in_(numbers))
            .distinct()
            .order_by(rounds.c.due_on, rounds.c.duty)
        )
        for number, kind, period, due_on in self._unit.read(kinds):
            found[number].append((Duty(kind), period, due_on))
        return found

    def _deputies(self, numbers: Sequence[int], wanted: Sequence[ColumnElement[bool]]) -> dict[int, list[str]]:
        """By name those of each group who may still answer for something."""
        found: dict[int, list[str]] = {number: [] for number in numbers}
        owing = (
            select(liaisons.c.project_id, liaisons.c.person_id, people.c.name, liaisons.c.id)
            .select_from(rounds)
            .join(duties, duties.c.round_id == rounds.c.id)
            .join(liaisons, liaisons.c.project_id == duties.c.project_id)
            .join(people, people.c.id == liaisons.c.person_id)
            .where(*wanted, duties.c.project_id.in_(numbers), rounds.c.duty.not_in(sorted(BY_BODY)))
            .where(liaisons.c.left_at.is_(None))
            .where(or_(duties.c.person_id.is_(None), duties.c.person_id == liaisons.c.person_id))
            .distinct()
            .order_by(liaisons.c.id)
        )
        for number, person, name, _ in self._unit.read(owing):
            found[number].append(name)
            self._shown.add(person)
        return found
