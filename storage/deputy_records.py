"""What deputies did in a month, quarter, half-year or year (履职记录): prompts, answers, problems found, projects."""

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Column, ColumnElement, Select, func, or_, select, union

from storage.among import among
from storage.database import Unit
from storage.domain.cadence import BY_BODY, moment
from storage.domain.report_period import ReportPeriod
from storage.rectifications import Kind
from storage.tables import duties, liaisons, note_people, notes, projects, rectifications, reminders, rounds

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class DeputyRecord:
    """Of one deputy. `prompted` counts the periods they were asked about and `reminded` how often after that,
    `answered` reports that a note of theirs answered, `notes` all of their notes; `days` is the median from the first
    prompt to the answer, None where nothing they were asked for is answered."""

    prompted: int
    reminded: int
    answered: int
    days: float | None
    notes: int
    found: int
    closed: int
    projects: Sequence[tuple[int, str]]  # number and title


@dataclass(frozen=True, slots=True)
class _Part:
    """A way to have had a part in a note: to have written it, or to have come along."""

    person: Column[int]

    def joined(self, query: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
        """A query about notes that the `people` had this part in."""
        is_theirs = among(self.person, "people")
        if self.person.table is notes:
            return query.select_from(notes).where(is_theirs)
        return query.select_from(note_people).join(notes, notes.c.id == note_people.c.note_id).where(is_theirs)


_TOOK_PART = _Part(notes.c.author_id), _Part(note_people.c.person_id)


class DeputyRecords:
    """The records of a congress's deputies in one period, which lies in the congress's own time zone."""

    def __init__(self, unit: Unit, congress_id: int, period: ReportPeriod, zone: ZoneInfo) -> None:
        self._unit, self._congress_id, self._period, self._zone = unit, congress_id, period, zone
        self._since, self._until = bounds(period, zone)

    def of(self, person_ids: Collection[int]) -> dict[int, DeputyRecord]:
        """Of each of these people, whether or not they did anything."""
        people = {"people": sorted(person_ids)}
        prompts = self._prompts(people)
        answers = self._answers(people)
        filed = Counter(person for person, _ in self._unit.read(union(*map(self._noted_by, _TOOK_PART)), people))
        found = {person: (count, closed) for person, count, closed in self._unit.read(self._problems(), people)}
        charged = self._projects(people)
        return {
            person: DeputyRecord(
                prompted=len(prompts[person]),
                reminded=sum(len(told) - 1 for told in prompts[person].values()),
                answered=len(answers[person]),
                days=self._median_days(prompts[person], answers[person]),
                notes=filed[person],
                found=found.get(person, (0, 0))[0],
                closed=found.get(person, (0, 0))[1],
                projects=charged[person],
            )
            for person in people["people"]
        }

    def _prompts(self, people: dict[str, list[int]]) -> defaultdict[int, dict[int, list[datetime]]]:
        """By person and round, when they were told of it, in order. Who hears of it because it is escalated to them is
        asked for nothing."""
        rows = self._unit.read(
            select(reminders.c.person_id, reminders.c.round_id, reminders.c.at)
            .join(rounds, rounds.c.id == reminders.c.round_id)
            .where(among(reminders.c.person_id, "people"), ~reminders.c.escalates)
            .where(*self._of_rounds(), rounds.c.duty.not_in(sorted(BY_BODY)))
            .order_by(reminders.c.step),
            people,
        )
        found: defaultdict[int, dict[int, list[datetime]]] = defaultdict(dict)
        for person, round_id, at in rows:
            found[person].setdefault(round_id, []).append(at)
        return found

    def _answers(self, people: dict[str, list[int]]) -> defaultdict[int, list[tuple[int, datetime]]]:
        """(round, moment) of the reports that a note answered which somebody wrote or took part in."""
        found: defaultdict[int, list[tuple[int, datetime]]] = defaultdict(list)
        for person, _, round_id, at in self._unit.read(union(*map(self._answered_by, _TOOK_PART)), people):
            found[person].append((round_id, at))
        return found

    def _answered_by(self, part: _Part) -> Select[*tuple[Any, ...]]:
        return (
            part.joined(select(part.person, duties.c.id, duties.c.round_id, duties.c.answered_at))
            .join(duties, duties.c.note_id == notes.c.id)
            .join(rounds, rounds.c.id == duties.c.round_id)
            .where(*self._of_rounds(), rounds.c.duty.not_in(sorted(BY_BODY)))
            .where(or_(duties.c.person_id.is_(None), duties.c.person_id == part.person))
        )

    def _median_days(self, prompts: dict[int, list[datetime]], answers: Sequence[tuple[int, datetime]]) -> float | None:
        spans = [(self._day(at) - self._day(prompts[one][0])).days for one, at in answers if one in prompts]
        return median(max(span, 0) for span in spans) if spans else None

    def _day(self, at: datetime) -> Any:
        return at.astimezone(self._zone).date()

    def _noted_by(self, part: _Part) -> Select[*tuple[Any, ...]]:
        mine = notes.c.congress_id == self._congress_id, *self._within(notes.c.at)
        return part.joined(select(part.person, notes.c.id)).where(*mine)

    def _problems(self) -> Select[*tuple[Any, ...]]:
        columns = rectifications.c
        return (
            select(columns.raised_by, func.count(), func.count(columns.closed_at))
            .where(among(columns.raised_by, "people"), columns.congress_id == self._congress_id)
            .where(columns.kind == Kind.PROBLEM, *self._within(columns.created_at))
            .group_by(columns.raised_by)
        )

    def _projects(self, people: dict[str, list[int]]) -> defaultdict[int, list[tuple[int, str]]]:
        """Those that each was charged with at some time in the period."""
        rows = self._unit.read(
            select(liaisons.c.person_id, projects.c.id, projects.c.title)
            .join(projects, projects.c.id == liaisons.c.project_id)
            .where(among(liaisons.c.person_id, "people"), projects.c.congress_id == self._congress_id)
            .where(liaisons.c.assigned_at < self._until)
            .where(or_(liaisons.c.left_at.is_(None), liaisons.c.left_at >= self._since))
            .where(or_(projects.c.ended_on.is_(None), projects.c.ended_on >= self._period.first))
            .distinct()
            .order_by(projects.c.id),
            people,
        )
        found: defaultdict[int, list[tuple[int, str]]] = defaultdict(list)
        for person, number, title in rows:
            found[person].append((number, title))
        return found

    def _of_rounds(self) -> tuple[ColumnElement[bool], ...]:
        return of_rounds(self._congress_id, self._period)

    def _within(self, column: ColumnElement[datetime]) -> tuple[ColumnElement[bool], ...]:
        return column >= self._since, column < self._until


def bounds(period: ReportPeriod, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The moment a period begins, and the one that is no longer in it."""
    return moment(period.first, time(), zone), moment(period.last + _DAY, time(), zone)


def of_rounds(congress_id: int, period: ReportPeriod) -> tuple[ColumnElement[bool], ...]:
    """The rounds that a period is about: those whose own period, named by its month, lies in it."""
    return (
        rounds.c.congress_id == congress_id,
        rounds.c.period >= period.first_month,
        rounds.c.period <= period.last_month,
    )
