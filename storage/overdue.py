"""What was due and was not reported, for those whom that was escalated to: of which project, who owes it, and how they
can be called where nothing reached them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import BindParameter, bindparam, or_, select

from storage.among import among
from storage.charged import Charged, Group
from storage.database import AnyRow, Unit
from storage.domain.cadence import BY_BODY, ESCALATES_TO, Duty
from storage.domain.roles import Role
from storage.tables import accounts, duties, people, projects, reminders, roles, rounds
from storage.tables.columns import Identity

HEARD_OF_FOR = timedelta(days=3)  # after it was escalated; a round that is closed by then is only history

_PERSON: BindParameter[int] = bindparam("person", type_=Identity)
_STILL_HOLDS = (
    select(roles.c.id)
    .where(roles.c.congress_id == rounds.c.congress_id, roles.c.person_id == _PERSON)
    .where(roles.c.role.in_(sorted(ESCALATES_TO)), roles.c.revoked_at.is_(None))
    .exists()
)
_LATE = (
    select(
        rounds.c.duty,
        rounds.c.period,
        rounds.c.congress_id,
        rounds.c.due_on,
        duties.c.project_id,
        duties.c.person_id,
        projects.c.title,
    )
    .join(rounds, rounds.c.id == reminders.c.round_id)
    .join(duties, duties.c.round_id == rounds.c.id)
    .outerjoin(projects, projects.c.id == duties.c.project_id)
    .where(reminders.c.person_id == _PERSON, reminders.c.escalates, duties.c.answered_at.is_(None), _STILL_HOLDS)
    .where(or_(rounds.c.closed_at.is_(None), reminders.c.at >= bindparam("since", type_=reminders.c.at.type)))
    .order_by(rounds.c.due_on, rounds.c.id, duties.c.project_id, duties.c.person_id)
)
_NAMES = select(people.c.id, people.c.name, people.c.telephone).where(among(people.c.id, "people"))
_REACHED = select(accounts.c.person_id, accounts.c.channel).where(
    among(accounts.c.person_id, "people"), accounts.c.unreachable_since.is_(None)
)


@dataclass(frozen=True, slots=True)
class Late:
    """A report that is overdue. `owing`: (name, telephone, whether messages reach them) of those who may give it."""

    duty: Duty
    period: str
    congress_id: int
    project: int | None
    title: str
    due_on: date
    owing: tuple[tuple[str, str, bool], ...]


class Overdue:
    """Whose names are read is noted in `shown`; `channels` are those that are set up, default: all."""

    def __init__(self, unit: Unit, now: datetime, channels: Collection[str] | None, shown: set[int]) -> None:
        self._unit, self._now, self._channels, self._shown = unit, now, channels, shown

    def escalated_to(self, person_id: int) -> list[Late]:
        """What was escalated to somebody and is still not reported, the longest due first."""
        rows = self._unit.read(_LATE, {"person": person_id, "since": self._now - HEARD_OF_FOR}).all()
        groups = self._groups(rows)
        known = self._known({person for group in groups for person in group})
        # What somebody owes themselves who is no longer charged with it, nobody owes.
        return [
            Late(
                *(Duty(row.duty), row.period, row.congress_id, row.project_id, row.title or "", row.due_on),
                tuple(known[person] for person in group),
            )
            for row, group in zip(rows, groups, strict=True)
            if group or row.person_id is None
        ]

    def _groups(self, rows: Sequence[AnyRow]) -> list[Group]:
        """Who may give each of these reports now."""
        charged = Charged(self._unit)
        bodies = charged.bodies({row.project_id for row in rows if row.duty in BY_BODY})
        deputies = charged.deputies({row.project_id for row in rows if row.project_id and row.duty not in BY_BODY})
        receiving = {row.congress_id for row in rows if row.project_id is None}
        everybody = charged.holders(receiving, [Role.DEPUTY])
        found: list[Group] = []
        for row in rows:
            if row.project_id is None:
                group = everybody.get((row.congress_id, Role.DEPUTY), ())
            else:
                group = (bodies if row.duty in BY_BODY else deputies).get(row.project_id, ())
            found.append(group if row.person_id is None else [one for one in group if one == row.person_id])
        return found

    def _known(self, who: Collection[int]) -> dict[int, tuple[str, str, bool]]:
        if not who:
            return {}
        given = {"people": sorted(who)}
        reached = {
            person
            for person, channel in self._unit.read(_REACHED, given)
            if self._channels is None or channel in self._channels
        }
        self._shown.update(who)
        rows = self._unit.read(_NAMES, given)
        return {person: (name, telephone, person in reached) for person, name, telephone in rows}
