"""How many messages may still be pushed to somebody, on a channel where only they open the window for it.

What we count may be behind what the platform counts: its refusal closes a window (`close`), whatever stands here.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import cache
from typing import NamedTuple

from sqlalchemy import Insert, bindparam, delete, select, update

from storage.among import among
from storage.conflicts import insert_or_else
from storage.database import Unit
from storage.tables import push_windows


class Opened(NamedTuple):
    """A window of an account: `room` messages until then."""

    account_id: int
    name: str
    room: int
    until: datetime


_OPEN = (
    select(push_windows)
    .where(among(push_windows.c.account_id, "accounts"))
    .where(push_windows.c.room > 0, push_windows.c.until > bindparam("now", type_=push_windows.c.until.type))
    .order_by(push_windows.c.until, push_windows.c.name.desc())
)
_USE = (
    update(push_windows)
    .where(push_windows.c.account_id == bindparam("account"), push_windows.c.name == bindparam("window"))
    .values(room=push_windows.c.room - bindparam("used"))
)


@cache
def _renew(dialect: str) -> Insert:
    statement = insert_or_else(push_windows, dialect)
    renewed = {name: statement.excluded[name] for name in ("room", "until")}
    # What arrives late opens nothing that a later message has opened again; of two in one second, each may be that.
    is_later = statement.excluded.until >= push_windows.c.until
    return statement.on_conflict_do_update(index_elements=["account_id", "name"], set_=renewed, where=is_later)


class PushWindows:
    def __init__(self, unit: Unit, now: datetime) -> None:
        self._unit, self._now = unit, now

    def open(self, windows: Sequence[Opened]) -> None:
        """These accounts opened them, for the first time or again."""
        self._unit.later(_renew(self._unit.dialect), *(one._asdict() for one in windows))

    def of(self, account_ids: Collection[int]) -> dict[int, list[Opened]]:
        """The windows of each account that has any: the first is to be used, for it closes first."""
        found: dict[int, list[Opened]] = {}
        for row in self._unit.read(_OPEN, {"accounts": sorted(account_ids), "now": self._now}):
            found.setdefault(row.account_id, []).append(Opened(*row))
        return found

    def use(self, used: Sequence[tuple[Opened, int]]) -> None:
        """So many messages have been pushed through them."""
        self._unit.later(_USE, *({"account": one.account_id, "window": one.name, "used": count} for one, count in used))

    def close(self, account_id: int, known: Opened | None) -> bool:
        """The platform says that there is none, to who knew of this one. False where there is another: most likely they
        have opened it since."""
        if known:
            # Not what has been renewed in the meantime.
            mine = push_windows.c.account_id == account_id, push_windows.c.name == known.name
            self._unit.write(delete(push_windows).where(*mine, push_windows.c.until <= known.until))
        return account_id not in self.of([account_id])
