"""What the store knows that an announcement of each kind is to tell; handlers.announcement_contents has the words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from storage.areas import stations_in
from storage.congresses import Congress
from storage.database import Unit
from storage.domain.areas import Station
from storage.domain.cadence import Duty
from storage.domain.cycle import Cycle
from storage.domain.proposal_status import Status
from storage.project_standing import Standing, planned_shares, standings
from storage.projects import Project
from storage.rectifications import IS_UNSOLVED
from storage.store import Store
from storage.tables import cycles, proposals, rectifications, rounds

BLANK = "〔……〕"  # in place of what the store does not know, to be filled in by staff


@dataclass(frozen=True, slots=True)
class Collected:
    """Of the cycle that is open, if one is: how many proposals it has, without those that were withdrawn."""

    cycle: Cycle | None
    proposals: int


@dataclass(frozen=True, slots=True)
class Chosen:
    """The projects of the newest year that has any, in the order in which they were entered; `year` is that year."""

    year: int | None
    projects: Sequence[Project]


@dataclass(frozen=True, slots=True)
class Progressed:
    """How a project stands. `planned` is in per cent, `problems` are those that are open."""

    project: Project
    standing: Standing
    planned: int
    problems: int


@dataclass(frozen=True, slots=True)
class ReceptionDay:
    """The next one, None where the congress has not turned them on; `provisional` as long as its year's calendar is not
    published."""

    on: date | None
    provisional: bool
    stations: Sequence[Station]


def collected(store: Store, congress: Congress) -> Collected:
    cycle = store.congresses.current_cycle(congress.id)
    if cycle is None:
        return Collected(None, 0)
    counted = select(func.count()).where(proposals.c.cycle_id == cycle.id, proposals.c.status != Status.WITHDRAWN)
    return Collected(cycle, store.unit.read(counted).scalar_one())


def chosen(store: Store, congress: Congress) -> Chosen:
    found = _newest(store, congress)
    return Chosen(_year(store.unit, found[0].cycle_id) if found else None, found)


def progressed(store: Store, congress: Congress, today: date) -> list[Progressed]:
    """The projects of the newest year and whatever is still supervised of earlier ones, the gravest first."""
    newest = {project.number for project in _newest(store, congress)}
    listed = [one for one in _projects(store, congress) if one.is_supervised or one.number in newest]
    planned, stand = planned_shares(store.unit, listed, today), standings(store.unit, listed, today)
    problems = _open_problems(store.unit, congress.id)
    rows = [Progressed(one, stand[one.number], planned[one.number], problems.get(one.number, 0)) for one in listed]
    gravity = list(Standing)
    return sorted(rows, key=lambda row: (gravity.index(row.standing), row.project.number))


def reception_day(store: Store, congress: Congress, today: date) -> ReceptionDay:
    """The one that was made known already comes before the one that opens next."""
    there = stations_in(store.unit, congress.area_id)
    announced = select(func.min(rounds.c.due_on)).where(
        rounds.c.congress_id == congress.id,
        rounds.c.duty == Duty.RECEPTION,
        rounds.c.closed_at.is_(None),
        rounds.c.due_on >= today,
    )
    if on := store.unit.read(announced).scalar():
        return ReceptionDay(on, provisional=False, stations=there)
    coming = store.cadences.of(congress.id)[Duty.RECEPTION]
    if coming.coming is None:
        return ReceptionDay(None, provisional=False, stations=there)
    return ReceptionDay(coming.coming.due_on, coming.provisional, there)


def _newest(store: Store, congress: Congress) -> list[Project]:
    """A cycle collects for long before anything is chosen in it: until then the one before is meant."""
    found = _projects(store, congress)
    newest = max((one.cycle_id for one in found), default=None)
    return [one for one in found if one.cycle_id == newest]


def _projects(store: Store, congress: Congress) -> list[Project]:
    return sorted(store.projects.of_congress(congress.id, limit=None), key=lambda one: one.number)


def _year(unit: Unit, cycle_id: int) -> int:
    year: int = unit.read(select(cycles.c.year).where(cycles.c.id == cycle_id)).scalar_one()
    return year


def _open_problems(unit: Unit, congress_id: int) -> dict[int, int]:
    counted = (
        select(rectifications.c.project_id, func.count().label("problems"))
        .where(rectifications.c.congress_id == congress_id, IS_UNSOLVED)
        .group_by(rectifications.c.project_id)
    )
    return {row.project_id: row.problems for row in unit.read(counted)}
