"""What is owed and not reported yet, as those see it who owe it, and that it is answered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import BindParameter, ColumnElement, Select, bindparam, delete, func, or_, select, union_all, update

from storage.database import Unit
from storage.domain.cadence import BY_BODY, Duty
from storage.domain.roles import Role
from storage.tables import duties, liaisons, notes, projects, prompts, reminders, roles, rounds
from storage.tables.columns import Identity


@dataclass(frozen=True, slots=True)
class Owed:
    """One report that is open. `period` is the month it is for, such as 2026-03; on reception days there is no
    project."""

    id: int
    duty: Duty
    period: str
    congress_id: int
    project: int | None
    due_on: date


IS_OPEN = duties.c.answered_at.is_(None) & rounds.c.closed_at.is_(None)

_PERSON: BindParameter[int] = bindparam("person", type_=Identity)
_BY_BODY = rounds.c.duty.in_(sorted(BY_BODY))
_OWED = (
    select(
        duties.c.id,
        rounds.c.duty,
        rounds.c.period,
        rounds.c.congress_id,
        duties.c.project_id,
        rounds.c.due_on,
    )
    .join(rounds, rounds.c.id == duties.c.round_id)
    .where(IS_OPEN)
)
_ANYBODYS_OR_THEIRS = or_(duties.c.person_id.is_(None), duties.c.person_id == _PERSON)


def _of_deputies() -> Select[*tuple[object, ...]]:
    charged = liaisons.c.person_id == _PERSON, liaisons.c.left_at.is_(None)
    return _OWED.join(liaisons, liaisons.c.project_id == duties.c.project_id).where(
        *charged, ~_BY_BODY, _ANYBODYS_OR_THEIRS
    )


def _of_bodies() -> Select[*tuple[object, ...]]:
    theirs = (roles.c.congress_id == projects.c.congress_id) & (roles.c.group_name == projects.c.body)
    return (
        _OWED.join(projects, projects.c.id == duties.c.project_id)
        .join(roles, theirs)
        .where(*_holds(Role.IMPLEMENTING_BODY), _BY_BODY, _ANYBODYS_OR_THEIRS)
    )


def _without_project() -> Select[*tuple[object, ...]]:
    return _OWED.join(roles, roles.c.congress_id == rounds.c.congress_id).where(
        *_holds(Role.DEPUTY), duties.c.project_id.is_(None), duties.c.person_id == _PERSON
    )


def _holds(role: Role) -> tuple[ColumnElement[bool], ...]:
    return roles.c.person_id == _PERSON, roles.c.role == role, roles.c.revoked_at.is_(None)


_OWED_BY = union_all(_of_deputies(), _of_bodies(), _without_project())


class Duties:
    def __init__(self, unit: Unit, now: datetime) -> None:
        self._unit, self._now = unit, now

    def owed_by(self, person_id: int) -> list[Owed]:
        """What somebody may answer, in all congresses: what is due soonest first, then by the number of the project.

        Who is no longer charged with a project, or holds the role no longer, owes nothing of it.
        """
        found = {
            row[0]: Owed(row[0], Duty(row[1]), *row[2:]) for row in self._unit.read(_OWED_BY, {"person": person_id})
        }
        return sorted(found.values(), key=lambda one: (one.due_on, one.project or 0, one.id))

    def answered(self, note_id: int, kind: Duty, project: int | None, person_ids: Sequence[int]) -> list[int]:
        """A note of these people is in: it answers every open duty of that kind and project that anybody of the group
        may answer, or that one of them owes. On a reception day, what they owe to the congress of the note. Gives the
        ids of the duties."""
        congress = select(notes.c.congress_id).where(notes.c.id == note_id).scalar_subquery()
        open_rounds = select(rounds.c.id).where(
            rounds.c.congress_id == congress, rounds.c.duty == kind, rounds.c.closed_at.is_(None)
        )
        answers = (
            update(duties)
            .where(duties.c.round_id.in_(open_rounds), duties.c.answered_at.is_(None))
            .where(duties.c.project_id == project if project is not None else duties.c.project_id.is_(None))
            .where(or_(duties.c.person_id.is_(None), duties.c.person_id.in_(person_ids)))
            .values(answered_at=self._now, note_id=note_id)
        )
        return sorted(self._unit.write(answers.returning(duties.c.id)).scalars())


def merge(unit: Unit, person_id: int, into: int) -> None:
    """What one record of a person owes, and was told of, the other one does, once."""
    mine, theirs = duties.alias("mine"), duties.alias("theirs")
    same = (mine.c.round_id == theirs.c.round_id) & (
        func.coalesce(mine.c.project_id, 0) == func.coalesce(theirs.c.project_id, 0)
    )
    twins = unit.read(
        select(
            mine.c.id, mine.c.answered_at, mine.c.note_id, theirs.c.id.label("kept"), theirs.c.answered_at.label("by")
        )
        .join(theirs, same)
        .where(mine.c.person_id == person_id, theirs.c.person_id == into)
    ).all()
    for twin in twins:
        unit.write(delete(duties).where(duties.c.id == twin.id))
        if twin.answered_at is not None and twin.by is None:
            answered = {"answered_at": twin.answered_at, "note_id": twin.note_id}
            unit.write(update(duties).where(duties.c.id == twin.kept).values(**answered))
    unit.write(update(duties).where(duties.c.person_id == person_id).values(person_id=into))
    _merge_reminders(unit, person_id, into)
    _merge_prompts(unit, into)


def _merge_prompts(unit: Unit, into: int) -> None:
    """Both may have been about to hear of it; the prompts are already one person's."""
    theirs = prompts.c.person_id == into, prompts.c.conversation.in_(("duties", "overdue"))
    first = select(func.min(prompts.c.id)).where(*theirs).group_by(prompts.c.conversation)
    unit.write(delete(prompts).where(*theirs, prompts.c.id.not_in(first)))


def _merge_reminders(unit: Unit, person_id: int, into: int) -> None:
    other = reminders.alias("other")
    told = (other.c.round_id == reminders.c.round_id) & (other.c.step == reminders.c.step) & (other.c.person_id == into)
    mine = reminders.c.person_id == person_id
    unit.write(delete(reminders).where(mine, select(other.c.step).where(told).exists()))
    unit.write(update(reminders).where(mine).values(person_id=into))
