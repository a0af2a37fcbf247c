"""What is owed, late and open, counted by anything that projects can be put in order by, such as cells and bodies."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, case, func, select, true

from storage.database import Unit
from storage.rectifications import IS_UNSOLVED
from storage.tables import duties, rectifications, rounds

PAGE = 20  # of every list


@dataclass(frozen=True, slots=True)
class Tally:
    """Of some projects: how many there are; of the reports that are owed in open rounds how many are in, and how many
    are missing although their day is over; open problems, and how many of those are overdue."""

    projects: int = 0
    owed: int = 0
    answered: int = 0
    late: int = 0
    problems: int = 0
    overdue: int = 0

    @property
    def missing(self) -> int:
        return self.owed - self.answered

    def and_reports(self, owed: int, answered: int, late: int) -> "Tally":
        """The same, with further reports."""
        return replace(self, owed=self.owed + owed, answered=self.answered + answered, late=self.late + late)


def tallies(
    unit: Unit, congress_id: int, grouped: Select[Any], today: date, counts: ColumnElement[bool] | None = None
) -> dict[Any, Tally]:
    """By the `key` of `grouped`, which selects (key, project): each project once for a key. `counts` says which duties
    do; default: all."""
    of = grouped.subquery("grouped")
    listed = select(of.c.key, func.count()).group_by(of.c.key)
    found = {key: Tally(projects=count) for key, count in unit.read(listed)}
    owed = (
        select(of.c.key, *reports(today))
        .select_from(of)
        .join(rounds, rounds.c.congress_id == congress_id)
        .join(duties, (duties.c.round_id == rounds.c.id) & (duties.c.project_id == of.c.project))
        .where(rounds.c.closed_at.is_(None), true() if counts is None else counts)
        .group_by(of.c.key)
    )
    for key, *values in unit.read(owed):
        found[key] = found[key].and_reports(*values)
    unsolved = (
        select(of.c.key, func.count(), counted(rectifications.c.due_on < today))
        .join(rectifications, rectifications.c.project_id == of.c.project)
        .where(IS_UNSOLVED)
        .group_by(of.c.key)
    )
    for key, problems, overdue in unit.read(unsolved):
        found[key] = replace(found[key], problems=problems, overdue=overdue)
    return found


def reports(today: date) -> Iterable[ColumnElement[int]]:
    """What to select of duties beside their rounds: how many there are, how many are answered, how many are late."""
    is_late = duties.c.answered_at.is_(None) & (rounds.c.due_on < today)
    return func.count(duties.c.id), func.count(duties.c.answered_at), counted(is_late)


def counted(condition: ColumnElement[bool]) -> ColumnElement[int]:
    """How many rows fulfil a condition."""
    return func.coalesce(func.sum(case((condition, 1), else_=0), type_=Integer), 0)
