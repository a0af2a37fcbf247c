"""What one announcement has in the outbox: set back while it may not leave, let go again, crossed out.

What is in somebody's hands, in a chat that is leased, stays with them; so whoever does this comes again until nothing
is left.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, and_, func, literal_column, select, update

from storage.database import Unit
from storage.tables import leases, outbox

_ITS_CHAT_IS_LEASED = select(leases.c.account_id).where(leases.c.account_id == outbox.c.account_id)


def _is(*states: str, column: Column[Any] = outbox.c.state) -> ColumnElement[bool]:
    return column.in_([literal_column(f"'{state}'") for state in states])


class AnnouncementMail:
    """Each method that changes rows changes at most `limit` and says how many those were."""

    def __init__(self, unit: Unit, now: datetime) -> None:
        self._unit, self._now = unit, now

    def waiting(self, number: int) -> dict[str, int]:
        """How many wait to leave, by channel."""
        counted = select(outbox.c.channel, func.count()).where(outbox.c.announcement_id == number, _is("waiting"))
        return {row[0]: row[1] for row in self._unit.read(counted.group_by(outbox.c.channel))}

    def has(self, number: int, *states: str) -> bool:
        """Whether anything is in one of these states."""
        mine = select(outbox.c.message_id).where(outbox.c.announcement_id == number, _is(*states))
        return self._unit.read(mine.limit(1)).first() is not None

    def set_back(self, number: int, limit: int) -> int:
        """What waits does not leave before it is let go."""
        mine = outbox.c.announcement_id == number
        return self._change(mine, _is("waiting"), self._is_free, limit=limit, state="paused")

    def let_go(self, number: int, limit: int) -> int:
        mine = outbox.c.announcement_id == number
        return self._change(mine, _is("paused"), limit=limit, state="waiting", due_at=self._now)

    def cross_out(self, number: int, limit: int) -> int:
        """What has not left never will; first what would leave next."""
        mine, changed = outbox.c.announcement_id == number, 0
        for unsent in (_is("waiting"), _is("held", "paused")):
            if changed < limit:
                failed = self._failed("stopped")
                changed += self._change(mine, unsent, self._is_free, limit=limit - changed, **failed)
        return changed

    def expire(self, before: datetime, limit: int) -> int:
        """Give up what is held for people who have not been there since then."""
        old = and_(outbox.c.state == literal_column("'held'"), outbox.c.announcement_id.is_not(None))
        return self._change(old, outbox.c.created_at < before, self._is_free, limit=limit, **self._failed("expired"))

    def give_up(self, number: int, channel: str, limit: int) -> int:
        """Give up what waits for a channel that is gone."""
        mine = outbox.c.announcement_id == number, outbox.c.channel == channel
        unsent = _is("waiting", "paused")
        return self._change(*mine, unsent, self._is_free, limit=limit, **self._failed("expired"))

    @property
    def _is_free(self) -> ColumnElement[bool]:
        return ~_ITS_CHAT_IS_LEASED.where(leases.c.until > self._now).exists()

    def _failed(self, why: str) -> dict[str, Any]:
        return {"state": "failed", "failure": why, "settled_at": self._now}

    def _change(self, *conditions: ColumnElement[bool], limit: int, **values: Any) -> int:
        # Passing over what another replica is about, so that neither waits for the other in a circle.
        chosen = select(outbox.c.message_id).where(*conditions).limit(limit).with_for_update(skip_locked=True)
        found = self._unit.read(chosen).scalars().all()
        if found:
            self._unit.write(update(outbox).where(outbox.c.message_id.in_(found)).values(**values))
        return len(found)
