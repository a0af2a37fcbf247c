"""Liaison deputies: who watches over which project, who did, and why they left."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import insert, select, update

from storage.audit import Actor, Audit
from storage.database import AnyRow, Unit
from storage.domain.liaison_choice import MOST, Candidate, Site, proposed
from storage.domain.project_stages import SUPERVISED
from storage.domain.roles import Role
from storage.tables import areas, liaisons, people, project_cells, projects, role_areas, roles, texts
from storage.texts import keep_text


class Left(StrEnum):
    """How somebody left a group."""

    DECLINED = "declined"
    RELEASED = "released"  # by staff
    ROLE_ENDED = "role_ended"


class GroupFull(Exception):
    """A project has five liaison deputies at most (DOMAIN, step 5)."""


_PRESENT = liaisons.c.left_at.is_(None)
_IS_SUPERVISED = projects.c.stage.in_(sorted(SUPERVISED))


class Liaisons:
    """Whose names are read from a list is noted in `shown`."""

    def __init__(self, unit: Unit, now: datetime, actor: Actor, audit: Audit, shown: set[int] | None = None) -> None:
        self._unit, self._now, self._actor, self._audit = unit, now, actor, audit
        self._shown = set() if shown is None else shown

    # --- writing

    def assign(self, number: int, person_ids: Sequence[int]) -> list[int]:
        """Charge deputies with a project; gives those who were not yet. Raises GroupFull, and charges nobody then."""
        # Locked, so that two of the staff do not fill the last place at once.
        self._unit.read(select(projects.c.id).where(projects.c.id == number).with_for_update())
        present = self.group(number)
        fresh = [person for person in dict.fromkeys(person_ids) if person not in present]
        if len(present) + len(fresh) > MOST:
            raise GroupFull
        for person in fresh:
            values = {"project_id": number, "person_id": person, "assigned_by": self._actor.person_id}
            self._unit.write(insert(liaisons).values(**values, assigned_at=self._now))
            self._audit.record("assign", "project", number, None, {"person": person})
        return fresh

    def leave(self, number: int, person_id: int, how: Left, reason: str = "") -> bool:
        """Somebody is no longer charged with a project; False where they were not."""
        text_id = keep_text(self._unit, self._now, reason.strip(), self._actor.person_id) if reason.strip() else None
        left = self._unit.write(
            update(liaisons)
            .where(liaisons.c.project_id == number, liaisons.c.person_id == person_id, _PRESENT)
            .values(left_at=self._now, left_how=how, text_id=text_id)
        )
        if left.rowcount:
            self._audit.record(how, "project", number, {"person": person_id}, None)
        return bool(left.rowcount)

    # --- reading

    def group(self, number: int) -> list[int]:
        """Who is charged with a project, in the order in which they were."""
        return self.groups([number])[number]

    def groups(self, numbers: Collection[int]) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {number: [] for number in numbers}
        present = select(liaisons.c.project_id, liaisons.c.person_id).where(
            liaisons.c.project_id.in_(list(found)), _PRESENT
        )
        for number, person in self._unit.read(present.order_by(liaisons.c.id)):
            found[number].append(person)
        return found

    def names(self, number: int) -> Sequence[AnyRow]:
        """(person, name, telephone) of a project's group, in order."""
        rows = self._unit.read(
            select(people.c.id.label("person"), people.c.name, people.c.telephone)
            .join(liaisons, liaisons.c.person_id == people.c.id)
            .where(liaisons.c.project_id == number, _PRESENT)
            .order_by(liaisons.c.id)
        ).all()
        self._shown.update(row.person for row in rows)
        return rows

    def projects_of(self, person_id: int) -> list[int]:
        """The numbers of the projects that somebody is charged with and that are supervised."""
        rows = self._unit.read(
            select(liaisons.c.project_id)
            .join(projects, projects.c.id == liaisons.c.project_id)
            .where(liaisons.c.person_id == person_id, _PRESENT, _IS_SUPERVISED)
            .order_by(liaisons.c.project_id)
        )
        return list(rows.scalars())

    def history(self, number: int) -> Sequence[AnyRow]:
        """(person, name, assigned_at, left_at, left_how, why) of everybody who was ever charged with a project."""
        rows = self._unit.read(
            select(
                people.c.id.label("person"),
                people.c.name,
                liaisons.c.assigned_at,
                liaisons.c.left_at,
                liaisons.c.left_how,
                texts.c.body,
            )
            .join(people, people.c.id == liaisons.c.person_id)
            .outerjoin(texts, texts.c.id == liaisons.c.text_id)
            .where(liaisons.c.project_id == number)
            .order_by(liaisons.c.id)
        ).all()
        self._shown.update(row.person for row in rows)
        return rows

    def without_project(self, congress_id: int, limit: int) -> Sequence[AnyRow]:
        """(person, name) of the deputies of a congress who are charged with nothing."""
        charged = (
            select(liaisons.c.id)
            .join(projects, projects.c.id == liaisons.c.project_id)
            .where(liaisons.c.person_id == roles.c.person_id, _PRESENT, _IS_SUPERVISED)
            .where(projects.c.congress_id == congress_id)
            .exists()
        )
        rows = self._unit.read(
            select(people.c.id.label("person"), people.c.name)
            .join(roles, roles.c.person_id == people.c.id)
            .where(roles.c.congress_id == congress_id, roles.c.role == Role.DEPUTY, roles.c.revoked_at.is_(None))
            .where(~charged)
            .order_by(roles.c.id)
            .limit(limit)
        ).all()
        self._shown.update(row.person for row in rows)
        return rows

    # --- proposing

    def proposed(self, congress_id: int, numbers: Collection[int] | None = None) -> dict[int, list[int]]:
        """Whom to add to the groups of a congress's projects (see storage.domain.liaison_choice); of all supervised
        ones, or of these."""
        sites = self._sites(congress_id)
        found = proposed(sites, self._candidates(congress_id))
        return found if numbers is None else {number: found.get(number, []) for number in numbers}

    def _sites(self, congress_id: int) -> list[Site]:
        supervised = projects.c.congress_id == congress_id, _IS_SUPERVISED
        described = self._unit.read(
            select(projects.c.id, projects.c.title, projects.c.content).where(*supervised).order_by(projects.c.id)
        ).all()
        where = select(project_cells.c.project_id, areas.c.path).join(areas, areas.c.id == project_cells.c.area_id)
        paths = _gathered(self._unit.read(where.join(projects).where(*supervised)))
        members = select(liaisons.c.project_id, liaisons.c.person_id).join(projects).where(*supervised)
        present = _gathered(self._unit.read(members.where(_PRESENT).order_by(liaisons.c.id)))
        declined = _gathered(self._unit.read(members.where(liaisons.c.left_how == Left.DECLINED)))
        return [
            Site(
                number,
                tuple(paths[number]),
                f"{title} {content}",
                tuple(present[number]),
                frozenset(declined[number]) - set(present[number]),
            )
            for number, title, content in described
        ]

    def _candidates(self, congress_id: int) -> list[Candidate]:
        rows = self._unit.read(
            select(roles.c.person_id, roles.c.trade, areas.c.path)
            .outerjoin(role_areas, role_areas.c.role_id == roles.c.id)
            .outerjoin(areas, areas.c.id == role_areas.c.area_id)
            .where(roles.c.congress_id == congress_id, roles.c.role == Role.DEPUTY, roles.c.revoked_at.is_(None))
            .order_by(roles.c.id)
        ).all()
        paths = _gathered((person, path) for person, _, path in rows if path)
        return [
            Candidate(person, tuple(paths[person]), trade)
            for person, trade in {person: trade for person, trade, _ in rows}.items()
        ]


def end_all(unit: Unit, now: datetime, person_id: int, congress_id: int) -> None:
    """Who is no deputy of a congress any more is charged with none of its projects."""
    there = select(projects.c.id).where(projects.c.congress_id == congress_id)
    charged = liaisons.c.person_id == person_id, liaisons.c.project_id.in_(there), _PRESENT
    unit.write(update(liaisons).where(*charged).values(left_at=now, left_how=Left.ROLE_ENDED))


def merge(unit: Unit, now: datetime, person_id: int, into: int) -> None:
    """What one record of a person is charged with, the other one is, once."""
    theirs = select(liaisons.c.project_id).where(liaisons.c.person_id == into, _PRESENT)
    both = liaisons.c.person_id == person_id, liaisons.c.project_id.in_(theirs), _PRESENT
    unit.write(update(liaisons).where(*both).values(left_at=now, left_how=Left.RELEASED))
    for column in (liaisons.c.person_id, liaisons.c.assigned_by):
        unit.write(update(liaisons).where(column == person_id).values({column.name: into}))


def _gathered(pairs: Iterable[Any]) -> defaultdict[int, list[Any]]:
    found: defaultdict[int, list[Any]] = defaultdict(list)
    for key, value in pairs:
        found[key].append(value)
    return found
