"""Who may write to a chat holds a lease on it: so its messages keep their order, and two replicas never write to it at
once."""

from collections.abc import Collection
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Executable, Integer, Select, bindparam, cast, delete, func, select, text

from storage.among import among
from storage.conflicts import insert_or_else
from storage.database import Unit
from storage.tables import leases

OF_CLAIM = (leases.c.account_id == bindparam("account"), leases.c.token == bindparam("lease"))
RELEASE = delete(leases).where(*OF_CLAIM)


_LEASED = select(leases.c.account_id).where(leases.c.until > bindparam("now", type_=leases.c.until.type))
_LEASED_OF = _LEASED.where(among(leases.c.account_id, "accounts"))
_LEASING = 2  # what PostgreSQL's advisory locks of two keys are about: chats (1: see storage.coming_round)
_TRY_CHATS = text(
    "SELECT k FROM unnest(CAST(:chats AS integer[])) AS k WHERE pg_try_advisory_xact_lock(CAST(:among AS integer), k)"
)


def is_leased(account_id: ColumnElement[int]) -> ColumnElement[bool]:
    """Whether somebody writes to a chat."""
    return _LEASED.where(leases.c.account_id == account_id).exists()


@cache
def lease_chats(dialect: str, chats: Select[Any]) -> Executable:
    """Take chats, in one order for all replicas; gives those taken. One that somebody is just taking is passed over, so
    that nobody waits for another in a circle."""
    free = chats.subquery("free")
    until = bindparam("until", type_=leases.c.until.type)
    taken = select(free.c.account_id, bindparam("lease", type_=leases.c.token.type), until).order_by(free.c.account_id)
    if dialect == "postgresql":
        taken = taken.where(func.pg_try_advisory_xact_lock(_LEASING, cast(free.c.account_id, Integer)))
    statement = insert_or_else(leases, dialect)
    return (
        statement.from_select(["account_id", "token", "until"], taken, include_defaults=False)
        .on_conflict_do_update(
            index_elements=["account_id"],
            set_={"token": statement.excluded.token, "until": statement.excluded.until},
            where=leases.c.until <= bindparam("now", type_=leases.c.until.type),
        )
        .returning(leases.c.account_id)
    )


def free_chats(unit: Unit, now: datetime, account_ids: Collection[int]) -> set[int]:
    """Those of these chats that nobody writes to just now, and nobody will before the commit: for what leaves by
    another way than the sender's. Whoever is at one just now is not waited for."""
    chats = sorted(account_ids)
    if chats and unit.dialect == "postgresql":
        chats = sorted(unit.read(_TRY_CHATS, {"chats": chats, "among": _LEASING}).scalars())
    if not chats:
        return set()
    # Read after that, so that a lease is seen whose holder has just let go of the lock.
    return set(chats).difference(unit.read(_LEASED_OF, {"accounts": chats, "now": now}).scalars())
