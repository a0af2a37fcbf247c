"""Who is charged with what is owed: a project's liaison deputies, its implementing body's people, or every deputy."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import select

from storage.among import among
from storage.database import Unit
from storage.domain.roles import Role
from storage.tables import liaisons, projects, roles

_GROUPS = (
    select(liaisons.c.project_id, liaisons.c.person_id)
    .where(among(liaisons.c.project_id, "projects"), liaisons.c.left_at.is_(None))
    .order_by(liaisons.c.id)
)
_THEIRS = (roles.c.congress_id == projects.c.congress_id) & (roles.c.group_name == projects.c.body)
_BODIES = (
    select(projects.c.id, roles.c.person_id)
    .join(roles, _THEIRS & (roles.c.role == Role.IMPLEMENTING_BODY) & roles.c.revoked_at.is_(None))
    .where(among(projects.c.id, "projects"))
    .order_by(roles.c.id)
)
_HOLDERS = (
    select(roles.c.congress_id, roles.c.role, roles.c.person_id)
    .where(among(roles.c.congress_id, "congresses"), among(roles.c.role, "roles"), roles.c.revoked_at.is_(None))
    .order_by(roles.c.id)
)

# Each person once, in the order in which they were charged, or entered.
Group = Sequence[int]


class Charged:
    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    def deputies(self, projects: Collection[int]) -> Mapping[int, Group]:
        """Who watches over each project."""
        return _grouped(self._unit.read(_GROUPS, {"projects": sorted(projects)}) if projects else ())

    def bodies(self, projects: Collection[int]) -> Mapping[int, Group]:
        """The implementing body's people of each project."""
        return _grouped(self._unit.read(_BODIES, {"projects": sorted(projects)}) if projects else ())

    def holders(self, congresses: Collection[int], roles: Collection[Role]) -> Mapping[tuple[int, Role], Group]:
        """Who holds these roles in each congress."""
        given = {"congresses": sorted(congresses), "roles": sorted(roles)}
        rows = self._unit.read(_HOLDERS, given) if congresses else ()
        return _grouped(((congress, Role(role)), person) for congress, role, person in rows)


def _grouped(pairs: Iterable[Any]) -> defaultdict[Any, Group]:
    found: defaultdict[Any, dict[int, None]] = defaultdict(dict)
    for key, person in pairs:
        found[key][person] = None
    return defaultdict(tuple, {key: tuple(people) for key, people in found.items()})
