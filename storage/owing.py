"""Who owes what in the open rounds of a congress, for all of its people at once (of one of them: storage.duties)."""

from sqlalchemy import ColumnElement, CompoundSelect, Select, or_, select, union

from storage.domain.cadence import BY_BODY
from storage.domain.roles import Role
from storage.duties import IS_OPEN
from storage.tables import duties, liaisons, projects, roles, rounds

IS_BY_BODY = rounds.c.duty.in_(sorted(BY_BODY))


def owing(congress_id: int) -> CompoundSelect[*tuple[int, ...]]:
    """(person, round) of everybody who may still be told of a duty of theirs that nobody has answered."""
    return union(_of_deputies(congress_id), _of_bodies(congress_id), _without_project(congress_id))


def _open(congress_id: int, person: ColumnElement[int]) -> Select[*tuple[int, ...]]:
    rows = select(person.label("person"), rounds.c.id.label("round")).select_from(rounds)
    return rows.join(duties, duties.c.round_id == rounds.c.id).where(rounds.c.congress_id == congress_id, IS_OPEN)


def _of_deputies(congress_id: int) -> Select[*tuple[int, ...]]:
    theirs = or_(duties.c.person_id.is_(None), duties.c.person_id == liaisons.c.person_id)
    return (
        _open(congress_id, liaisons.c.person_id)
        .join(liaisons, liaisons.c.project_id == duties.c.project_id)
        .where(liaisons.c.left_at.is_(None), ~IS_BY_BODY, theirs)
    )


def _of_bodies(congress_id: int) -> Select[*tuple[int, ...]]:
    theirs = or_(duties.c.person_id.is_(None), duties.c.person_id == roles.c.person_id)
    of_body = (roles.c.congress_id == rounds.c.congress_id) & (roles.c.group_name == projects.c.body)
    return (
        _open(congress_id, roles.c.person_id)
        .join(projects, projects.c.id == duties.c.project_id)
        .join(roles, of_body & (roles.c.role == Role.IMPLEMENTING_BODY))
        .where(roles.c.revoked_at.is_(None), IS_BY_BODY, theirs)
    )


def _without_project(congress_id: int) -> Select[*tuple[int, ...]]:
    theirs = (roles.c.congress_id == rounds.c.congress_id) & (roles.c.person_id == duties.c.person_id)
    return (
        _open(congress_id, duties.c.person_id)
        .join(roles, theirs & (roles.c.role == Role.DEPUTY))
        .where(roles.c.revoked_at.is_(None), duties.c.project_id.is_(None))
    )
