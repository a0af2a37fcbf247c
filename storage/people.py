"""People, the accounts through which they reach us, their roles, and the invites by which they enrol."""

import hashlib
import secrets
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    FromClause,
    bindparam,
    case,
    delete,
    func,
    insert,
    select,
    update,
)

from storage import liaisons
from storage.attachments import State
from storage.audit import Audit
from storage.database import AnyRow, Unit
from storage.domain.roles import Holding, Role
from storage.forgetting import Forgetting
from storage.merging import merge
from storage.outbox_states import AWAITS_CONTACT
from storage.tables import (
    accounts,
    attachments,
    invites,
    messages,
    people,
    prompts,
    role_areas,
    roles,
)

INVITE_LIVES = timedelta(days=30)


class LastOfStaff(Exception):
    """Without this person nobody would work at the congress."""


class Person(NamedTuple):
    id: int
    name: str
    telephone: str
    language: str
    cell_id: int | None
    notices: bool
    consented_at: datetime | None


@dataclass(frozen=True, slots=True)
class Account:
    """One way to reach a person. `address` is where the channel sends to; `reachable` whether that went well lately;
    `awaits`: if it did not, they read it when they write again."""

    id: int
    channel: str
    external_id: str
    address: str
    person_id: int
    reachable: bool
    awaits: bool


_PERSON = (
    people.c.id,
    people.c.name,
    people.c.telephone,
    people.c.language,
    people.c.cell_id,
    people.c.notices,
    people.c.consented_at,
)


_ADD, _ADD_ACCOUNT = insert(people), insert(accounts)
_CONSENT = (
    update(people)
    .where(people.c.id == bindparam("person"))
    .values(consented_at=bindparam("moment", type_=people.c.consented_at.type))
)


def awaits_contact(table: FromClause) -> ColumnElement[bool]:
    """Whether an account is one to which nothing is pushed before its person writes."""
    awaits: ColumnElement[bool] = table.c.unreachable_reason == AWAITS_CONTACT
    return awaits


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()


class People:
    """`channels` are those that are set up; by another one nobody can be reached. Default: all are.

    Whose names are read from a list is noted in `shown`.
    """

    def __init__(
        self,
        unit: Unit,
        now: datetime,
        audit: Audit,
        channels: Collection[str] | None = None,
        shown: set[int] | None = None,
    ) -> None:
        self._unit, self._now, self._audit, self._channels = unit, now, audit, channels
        self._shown = set() if shown is None else shown

    def get(self, person_id: int) -> Person:
        """The person; of two records that turned out to be one person, the one that was kept."""
        *values, merged_into = self._unit.read(
            select(*_PERSON, people.c.merged_into).where(people.c.id == person_id)
        ).one()
        return self.get(merged_into) if merged_into else Person(*values)

    def add(self, name: str = "", telephone: str = "", language: str = "zh") -> int:
        values = {"name": name, "telephone": telephone, "language": language, "created_at": self._now}
        self._unit.later(_ADD, {"id": (person_id := self._unit.number(people)), **values})
        return person_id

    def change(self, person_id: int, **values: Any) -> None:
        """Change settings or the name; the log keeps which, not what."""
        self._unit.write(update(people).where(people.c.id == person_id).values(**values))
        self._audit.record("change", "person", person_id, None, {"changed": sorted(values)})

    def consent(self, person_id: int) -> None:
        self._unit.later(_CONSENT, {"person": person_id, "moment": self._now})

    # --- accounts

    def add_account(
        self, person_id: int, channel: str, external_id: str, address: str, *, unreachable: str = ""
    ) -> int:
        """`unreachable`: why nothing is pushed to it, if so."""
        values = {"person_id": person_id, "channel": channel, "external_id": external_id, "address": address}
        reach = {"unreachable_since": self._now if unreachable else None, "unreachable_reason": unreachable}
        account_id = self._unit.number(accounts)
        self._unit.later(_ADD_ACCOUNT, {"id": account_id, **values, **reach, "seen_at": self._now})
        return account_id

    def reachable_account(self, person_id: int) -> Account | None:
        """Where to write to a person: the account seen last, a reachable one first, then one where they read it when
        they write again."""
        reachable = self._is_reachable(accounts)
        row = self._unit.read(
            select(
                accounts.c.id,
                accounts.c.channel,
                accounts.c.external_id,
                accounts.c.address,
                accounts.c.person_id,
                reachable,
                awaits_contact(accounts),
            )
            .where(accounts.c.person_id == person_id)
            .order_by(reachable.desc(), awaits_contact(accounts).desc(), accounts.c.seen_at.desc())
            .limit(1)
        ).first()
        return Account(*row) if row else None

    def move_account(self, account_id: int, address: str) -> None:
        """A chat has a new address on its platform."""
        self._unit.write(update(accounts).where(accounts.c.id == account_id).values(address=address))

    def mark_unreachable(self, account_id: int, reason: str) -> None:
        self._unit.write(
            update(accounts)
            .where(accounts.c.id == account_id)
            .values(unreachable_since=self._now, unreachable_reason=reason)
        )

    def unreachable(self, congress_id: int, limit: int) -> Sequence[AnyRow]:
        """Name, telephone, since when, and who, of people with a role in the congress whom no push reaches by any way;
        `awaits`: they read what waits when they write again.

        Who only has accounts of channels that are not set up was last reached when we last heard of them.
        """
        other = accounts.alias("other")
        since = func.max(func.coalesce(accounts.c.unreachable_since, accounts.c.seen_at)).label("since")
        awaits = func.max(case((awaits_contact(accounts), 1), else_=0)).label("awaits")
        rows = self._unit.read(
            select(people.c.name, people.c.telephone, since, people.c.id.label("person"), awaits)
            .join(accounts, accounts.c.person_id == people.c.id)
            .join(roles, roles.c.person_id == people.c.id)
            .where(roles.c.congress_id == congress_id, roles.c.revoked_at.is_(None))
            .where(~select(other.c.id).where(other.c.person_id == people.c.id, self._is_reachable(other)).exists())
            .group_by(people.c.id)
            .order_by(since)
            .limit(limit)
        ).all()
        self._shown.update(row.person for row in rows)
        return rows

    def _is_reachable(self, table: FromClause) -> ColumnElement[bool]:
        reachable: ColumnElement[bool] = table.c.unreachable_since.is_(None)
        return reachable if self._channels is None else reachable & table.c.channel.in_(self._channels)

    # --- roles

    def grant(
        self,
        person_id: int,
        congress_id: int,
        role: Role,
        *,
        group_name: str = "",
        trade: str = "",
        areas: Iterable[int] = (),
    ) -> int:
        role_id = self._unit.insert(
            insert(roles).values(
                person_id=person_id,
                congress_id=congress_id,
                role=role,
                group_name=group_name,
                trade=trade,
                granted_at=self._now,
            )
        )
        if places := [{"role_id": role_id, "area_id": area} for area in areas]:
            self._unit.write(insert(role_areas), places)
        self._audit.record("grant", "role", role_id, None, {"person": person_id, "congress": congress_id, "role": role})
        return role_id

    def holdings(self, person_id: int) -> list[Holding]:
        return self._holdings(roles.c.person_id == person_id)

    def holding(self, role_id: int) -> Holding | None:
        return next(iter(self._holdings(roles.c.id == role_id)), None)

    def holders(self, congress_id: int, role: Role) -> list[Holding]:
        return self._holdings((roles.c.congress_id == congress_id) & (roles.c.role == role))

    def named(self, congress_id: int, name: str) -> list[int]:
        """People of that name with a role in the congress."""
        rows = self._unit.read(
            select(people.c.id)
            .join(roles, roles.c.person_id == people.c.id)
            .where(roles.c.congress_id == congress_id, roles.c.revoked_at.is_(None), people.c.name == name)
            .distinct()
        )
        return sorted(rows.scalars())

    def without_account(self, congress_id: int, role: Role) -> list[int]:
        """People with that role who have not enrolled yet, in the order in which they were entered."""
        rows = self._unit.read(
            select(roles.c.person_id)
            .outerjoin(accounts, accounts.c.person_id == roles.c.person_id)
            .where(roles.c.congress_id == congress_id, roles.c.role == role, roles.c.revoked_at.is_(None))
            .where(accounts.c.id.is_(None))
            .order_by(roles.c.id)
        )
        return list(rows.scalars())

    def roster(self, congress_id: int, role: Role) -> Sequence[AnyRow]:
        """(role id, name, group, whether somebody has become that person, person) of those who hold a role."""
        has_account = select(accounts.c.id).where(accounts.c.person_id == roles.c.person_id).exists()
        rows = self._unit.read(
            select(roles.c.id, people.c.name, roles.c.group_name, has_account, people.c.id.label("person"))
            .join(people, people.c.id == roles.c.person_id)
            .where(roles.c.congress_id == congress_id, roles.c.role == role, roles.c.revoked_at.is_(None))
            .order_by(roles.c.id)
        ).all()
        self._shown.update(row.person for row in rows)
        return rows

    def revoke(self, held: Holding, *, last_too: bool = False) -> None:
        """Take a role away; what waits for its holder, files they were sent and, with the last role, invites go too.

        Raises LastOfStaff for the only one of the staff, unless that one is meant too.
        """
        if held.role is Role.STAFF and not last_too:
            # Locked, so that of the last two neither takes the other's while theirs is being taken.
            staff = (roles.c.congress_id == held.congress_id, roles.c.role == Role.STAFF, roles.c.revoked_at.is_(None))
            rows = self._unit.read(select(roles.c.id).where(*staff).order_by(roles.c.id).with_for_update())
            if set(rows.scalars()) <= {held.id}:
                raise LastOfStaff
        self._unit.write(update(roles).where(roles.c.id == held.id).values(revoked_at=self._now))
        self._unit.write(delete(prompts).where(prompts.c.arguments["role"].as_integer() == held.id))
        if held.role is Role.DEPUTY:
            liaisons.end_all(self._unit, self._now, held.person_id, held.congress_id)
        # Else an old ledger could still be had, and fresh.
        sent = select(messages.c.id).where(messages.c.person_id == held.person_id, messages.c.direction == "out")
        gone = {"state": State.EXPIRED, "digest": None, "recipe": None}
        self._unit.write(update(attachments).where(attachments.c.message_id.in_(sent)).values(**gone))
        if not self.holdings(held.person_id):
            self.withdraw_invites(held.person_id)
        before = {"person": held.person_id, "congress": held.congress_id, "role": held.role}
        self._audit.record("revoke", "role", held.id, before, None)

    def _holdings(self, condition: Any) -> list[Holding]:
        rows = self._unit.read(
            select(
                roles.c.id,
                roles.c.person_id,
                roles.c.congress_id,
                roles.c.role,
                roles.c.group_name,
                roles.c.trade,
                role_areas.c.area_id,
            )
            .outerjoin(role_areas, role_areas.c.role_id == roles.c.id)
            .where(condition, roles.c.revoked_at.is_(None))
            .order_by(roles.c.id, role_areas.c.area_id)
        )
        found: dict[int, Holding] = {}
        for role_id, person_id, congress_id, role, group, trade, area in rows:
            before = found[role_id].areas if role_id in found else ()
            own = before if area is None else (*before, area)
            found[role_id] = Holding(role_id, person_id, congress_id, Role(role), group, trade, own)
        return list(found.values())

    # --- invites

    def invite(self, person_id: int) -> str:
        """A one-time code by which somebody becomes this person; earlier unused ones stop working."""
        code = secrets.token_urlsafe(12)
        self._withdraw(person_id)
        self._unit.write(
            insert(invites).values(
                code_hash=_hash(code), person_id=person_id, created_at=self._now, expires_at=self._now + INVITE_LIVES
            )
        )
        self._audit.record("invite", "person", person_id, None, None)
        return code

    def withdraw_invites(self, person_id: int) -> bool:
        """Let unused codes work no more; whether there were any."""
        if withdrawn := self._withdraw(person_id):
            self._audit.record("withdraw_invite", "person", person_id, None, None)
        return withdrawn

    def _withdraw(self, person_id: int) -> bool:
        unused = invites.c.person_id == person_id, invites.c.used_at.is_(None)
        return self._unit.write(delete(invites).where(*unused)).rowcount > 0

    def invited(self, code: str) -> int | None:
        """Whom a code stands for, as long as it is unused and not expired."""
        person_id: int | None = self._unit.read(
            select(invites.c.person_id).where(
                invites.c.code_hash == _hash(code), invites.c.used_at.is_(None), invites.c.expires_at > self._now
            )
        ).scalar()
        return person_id

    def use_invite(self, code: str, account_id: int) -> bool:
        """Spend a code; False when somebody was faster."""
        changed = self._unit.write(
            update(invites)
            .where(invites.c.code_hash == _hash(code), invites.c.used_at.is_(None), invites.c.expires_at > self._now)
            .values(used_at=self._now, used_by_account_id=account_id)
        )
        return changed.rowcount == 1

    def merge(self, person_id: int, into: int) -> None:
        """Two records turn out to be one person (see storage.merging)."""
        if person_id != into:
            merge(self._unit, self._now, person_id, into)
            self._audit.record("merge", "person", into, {"person": person_id}, {"person": into})

    # --- forget me

    def forget(self, person_id: int) -> None:
        """Blank what a person wrote and who they are (see storage.forgetting)."""
        Forgetting(self._unit, self._now).forget(person_id)
        self._audit.record("forget", "person", person_id, None, None)
