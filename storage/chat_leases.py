"""Who may write to a chat holds a lease on it: so its messages keep their order, and two replicas never write to it at
once."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Executable, Select, bindparam, delete, select

from storage.among import among
from storage.conflicts import insert_or_else
from storage.database import Unit
from storage.holders import new_token
from storage.tables import accounts, leases

_WITHIN = timedelta(seconds=30)  # of a transaction

OF_CLAIM = (leases.c.account_id == bindparam("account"), leases.c.token == bindparam("lease"))
RELEASE = delete(leases).where(*OF_CLAIM)


def is_leased(account_id: ColumnElement[int]) -> ColumnElement[bool]:
    """Whether somebody writes to a chat."""
    until = leases.c.until > bindparam("now", type_=leases.c.until.type)
    return select(leases.c.account_id).where(leases.c.account_id == account_id, until).exists()


_THESE = select(accounts.c.id.label("account_id")).where(among(accounts.c.id, "accounts"), ~is_leased(accounts.c.id))


@cache
def lease_chats(dialect: str, chats: Select[Any]) -> Executable:
    """Take chats, in one order for all replicas, so that none waits for another in a circle; gives those taken."""
    free = chats.subquery("free")
    until = bindparam("until", type_=leases.c.until.type)
    taken = select(free.c.account_id, bindparam("lease", type_=leases.c.token.type), until).order_by(free.c.account_id)
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


@contextmanager
def leased(unit: Unit, now: datetime, account_ids: Collection[int]) -> Iterator[set[int]]:
    """Those of these chats that nobody writes to just now, and nobody will within: for what leaves by another way than
    the sender's, in this very transaction."""
    token, found = new_token(""), set[int]()
    if account_ids:
        taken = {"accounts": sorted(account_ids), "lease": token, "until": now + _WITHIN, "now": now}
        found = set(unit.write(lease_chats(unit.dialect, _THESE), taken).scalars())
    yield found
    unit.later(RELEASE, *({"account": account, "lease": token} for account in sorted(found)))
