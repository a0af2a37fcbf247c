"""How projects stand: against their plans, and by what was reported of them last."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date
from enum import StrEnum

from sqlalchemy import func, select

from storage.among import among
from storage.database import Unit
from storage.domain.project_plan import Milestone, planned_share
from storage.domain.project_stages import Stage
from storage.notes import Standing as Reported
from storage.projects import Project
from storage.tables import milestones, notes

_SAYS_SOMETHING = sorted(set(Reported) - {Reported.UNABLE})


class Standing(StrEnum):
    """A project as a map and a report show it, the gravest first."""

    STOPPED = "stopped"
    SLOW = "slow"
    ON_PLAN = "on_plan"
    FINISHED = "finished"


def planned_shares(unit: Unit, projects: Sequence[Project], today: date) -> dict[int, int]:
    """By project, how many per cent should be done by its plan; of one without a plan, by its deadline alone."""
    plans: defaultdict[int, list[Milestone]] = defaultdict(list)
    query = select(milestones.c.project_id, milestones.c.title, milestones.c.planned_on, milestones.c.share)
    listed = query.where(among(milestones.c.project_id, "numbers")).order_by(
        milestones.c.project_id, milestones.c.position
    )
    for number, title, planned_on, share in unit.read(listed, _numbers(projects)):
        plans[number].append(Milestone(title, planned_on, share))
    return {
        one.number: planned_share(one.begun_on, plans[one.number], one.description.deadline, today) for one in projects
    }


def standings(unit: Unit, projects: Sequence[Project], today: date) -> dict[int, Standing]:
    """By project. What is being built is slow or stands still if its last note says so, and slow if less is done than
    planned."""
    planned = planned_shares(unit, projects, today)
    said = _said_last(unit, projects)
    return {one.number: _standing(one, said.get(one.number), planned[one.number]) for one in projects}


def gravest(found: Collection[Standing]) -> Standing | None:
    """Of several projects in one place; None of none."""
    return min(found, key=list(Standing).index, default=None)


def _standing(one: Project, said: Reported | None, planned: int) -> Standing:
    if one.stage is Stage.FINISHED:
        return Standing.FINISHED
    if one.stage is Stage.STOPPED or said is Reported.STOPPED:
        return Standing.STOPPED
    return Standing.SLOW if said is Reported.SLOW or one.progress < planned else Standing.ON_PLAN


def _said_last(unit: Unit, projects: Sequence[Project]) -> dict[int, Reported]:
    last = (
        select(func.max(notes.c.id))
        .where(among(notes.c.project_id, "numbers"), notes.c.standing.in_(_SAYS_SOMETHING))
        .group_by(notes.c.project_id)
    )
    query = select(notes.c.project_id, notes.c.standing).where(notes.c.id.in_(last))
    return {number: Reported(standing) for number, standing in unit.read(query, _numbers(projects))}


def _numbers(projects: Sequence[Project]) -> dict[str, list[int]]:
    return {"numbers": [one.number for one in projects]}
