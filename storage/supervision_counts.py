"""The same counted by project, deputy, cell and body: what is owed, what is in, what is late, what is open."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Select, func, or_, select

from storage.database import Unit
from storage.domain.cadence import BY_BODY
from storage.domain.project_stages import SUPERVISED
from storage.domain.roles import Role
from storage.supervision_tallies import PAGE, Tally, reports, tallies
from storage.tables import duties, liaisons, people, project_cells, projects, roles, rounds

NO_CELL = 0  # in place of a cell, for projects that have none


@dataclass(frozen=True, slots=True)
class OfProject:
    """`progress` in per cent."""

    number: int
    title: str
    progress: int
    tally: Tally


@dataclass(frozen=True, slots=True)
class OfDeputy:
    person: int
    name: str
    tally: Tally


@dataclass(frozen=True, slots=True)
class OfBody:
    """`people`: how many of the body are there to be written to."""

    body: str
    people: int
    tally: Tally


# Who is no longer charged with a project owes nothing of it.
_IS_THEIRS_STILL = or_(
    duties.c.answered_at.is_not(None),
    duties.c.project_id.is_(None),
    select(liaisons.c.id)
    .where(liaisons.c.project_id == duties.c.project_id, liaisons.c.person_id == duties.c.person_id)
    .where(liaisons.c.left_at.is_(None))
    .exists(),
)


class SupervisionCounts:
    """Each list comes in pages. Whose names are read from one is noted in `shown`."""

    def __init__(self, unit: Unit, shown: set[int] | None = None) -> None:
        self._unit = unit
        self._shown = set() if shown is None else shown

    def by_project(self, congress_id: int, today: date, after: int = 0, limit: int = PAGE) -> list[OfProject]:
        """Every project under supervision, by number."""
        page = (
            select(projects.c.id, projects.c.title, projects.c.progress)
            .where(projects.c.congress_id == congress_id, projects.c.stage.in_(sorted(SUPERVISED)))
            .where(projects.c.id > after)
            .order_by(projects.c.id)
            .limit(limit)
        )
        found = self._unit.read(page).all()
        numbers = [number for number, _, _ in found]
        each = select(projects.c.id.label("key"), projects.c.id.label("project")).where(projects.c.id.in_(numbers))
        counts = tallies(self._unit, congress_id, each, today)
        return [OfProject(number, title, progress, counts[number]) for number, title, progress in found]

    def by_deputy(self, congress_id: int, today: date, after: int = 0, limit: int = PAGE) -> list[OfDeputy]:
        """Every deputy, in the order in which they were entered."""
        page = (
            select(people.c.id, people.c.name)
            .join(roles, roles.c.person_id == people.c.id)
            .where(*_holds(congress_id, Role.DEPUTY), people.c.id > after)
            .distinct()
            .order_by(people.c.id)
            .limit(limit)
        )
        found = self._unit.read(page).all()
        ids = [person for person, _ in found]
        self._shown.update(ids)
        charged = (
            select(liaisons.c.person_id.label("key"), projects.c.id.label("project"))
            .join(projects, projects.c.id == liaisons.c.project_id)
            .where(liaisons.c.person_id.in_(ids), liaisons.c.left_at.is_(None), projects.c.congress_id == congress_id)
        )
        of_group = duties.c.person_id.is_(None) & rounds.c.duty.not_in(sorted(BY_BODY))
        counts: dict[int, Tally] = tallies(self._unit, congress_id, charged, today, of_group)
        for person, *values in self._unit.read(_own_reports(congress_id, ids, today)):
            counts[person] = counts.get(person, Tally()).and_reports(*values)
        return [OfDeputy(person, name, counts.get(person, Tally())) for person, name in found]

    def by_cell(self, congress_id: int, today: date, after: int = -1, limit: int = PAGE) -> list[tuple[int, Tally]]:
        """(cell, tally) of every cell that has projects, first `NO_CELL` for those without."""
        cell = func.coalesce(project_cells.c.area_id, NO_CELL)
        grouped = (
            select(cell.label("key"), projects.c.id.label("project"))
            .outerjoin(project_cells, project_cells.c.project_id == projects.c.id)
            .where(projects.c.congress_id == congress_id)
        )
        page = self._unit.read(
            grouped.with_only_columns(cell).where(cell > after).distinct().order_by(cell).limit(limit)
        )
        keys = list(page.scalars())
        found = tallies(self._unit, congress_id, grouped.where(cell.in_(keys)), today)
        return [(key, found[key]) for key in keys]

    def by_body(self, congress_id: int, today: date, after: str = "", limit: int = PAGE) -> list[OfBody]:
        """Every implementing body by its name; its reports are those that it owes itself."""
        of_congress = projects.c.congress_id == congress_id
        page = select(projects.c.body).where(of_congress, projects.c.body > after).distinct()
        names = list(self._unit.read(page.order_by(projects.c.body).limit(limit)).scalars())
        grouped = select(projects.c.body.label("key"), projects.c.id.label("project")).where(
            of_congress, projects.c.body.in_(names)
        )
        found = tallies(self._unit, congress_id, grouped, today, rounds.c.duty.in_(sorted(BY_BODY)))
        there = (
            select(roles.c.group_name, func.count(roles.c.person_id.distinct()))
            .where(*_holds(congress_id, Role.IMPLEMENTING_BODY), roles.c.group_name.in_(names))
            .group_by(roles.c.group_name)
        )
        there_are: dict[str, int] = {row[0]: row[1] for row in self._unit.read(there)}
        return [OfBody(name, there_are.get(name, 0), found[name]) for name in names]


def _holds(congress_id: int, role: Role) -> tuple[ColumnElement[bool], ...]:
    return roles.c.congress_id == congress_id, roles.c.role == role, roles.c.revoked_at.is_(None)


def _own_reports(congress_id: int, person_ids: Sequence[int], today: date) -> Select[*tuple[int, ...]]:
    """What is owed by just these people, by person."""
    return (
        select(duties.c.person_id, *reports(today))
        .join(rounds, rounds.c.id == duties.c.round_id)
        .where(rounds.c.congress_id == congress_id, rounds.c.closed_at.is_(None))
        .where(duties.c.person_id.in_(person_ids), _IS_THEIRS_STILL)
        .group_by(duties.c.person_id)
    )
