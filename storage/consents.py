"""How many notices people let us push to them outside all windows, by the platform's templates.

Like windows, what we count may be behind what the platform counts: its refusal ends a consent, whatever stands here.
"""

from collections.abc import Collection, Sequence
from functools import cache
from typing import NamedTuple

from sqlalchemy import Insert, bindparam, select, update

from storage.among import among
from storage.conflicts import insert_or_else
from storage.database import Unit
from storage.tables import consents

MOST = 1_000  # from somebody who taps for fun


class Consent(NamedTuple):
    """What an account has agreed to, or refuses from now on: so many more notices of a template."""

    account_id: int
    template: str
    more: int | None  # None: it wants none


_OF = consents.c.account_id == bindparam("account"), consents.c.template == bindparam("of")
_ROOM = select(consents.c.account_id, consents.c.template).where(
    among(consents.c.account_id, "accounts"), consents.c.room > 0
)
_LASTS = (
    select(consents.c.template).where(consents.c.account_id == bindparam("account"), consents.c.room >= MOST).limit(1)
)
_USE = update(consents).where(*_OF, consents.c.room > 0).values(room=consents.c.room - 1)
_END = update(consents).where(*_OF).values(room=0)


@cache
def _agree(dialect: str) -> Insert:
    statement = insert_or_else(consents, dialect)
    more = consents.c.room + statement.excluded.room
    return statement.on_conflict_do_update(
        index_elements=["account_id", "template"], set_={"room": more}, where=consents.c.room < MOST
    )


class Consents:
    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    def change(self, some: Sequence[Consent]) -> None:
        """These have said so, in this order."""
        for one in some:
            if one.more is None:
                self.end(one.account_id, one.template)
            else:
                row = {"account_id": one.account_id, "template": one.template, "room": one.more}
                self._unit.write(_agree(self._unit.dialect), row)

    def of(self, account_ids: Collection[int]) -> dict[int, list[str]]:
        """The templates that each account lets us push, for those that do."""
        found: dict[int, list[str]] = {}
        if account_ids:
            for account, template in self._unit.read(_ROOM, {"accounts": sorted(account_ids)}):
                found.setdefault(account, []).append(template)
        return found

    def lasts(self, account_id: int) -> bool:
        """Whether somebody has agreed to one for good."""
        return self._unit.read(_LASTS, {"account": account_id}).first() is not None

    def use(self, account_id: int, template: str) -> None:
        """One was pushed."""
        self._unit.write(_USE, {"account": account_id, "of": template})

    def end(self, account_id: int, template: str) -> None:
        """There is none left."""
        self._unit.write(_END, {"account": account_id, "of": template})
