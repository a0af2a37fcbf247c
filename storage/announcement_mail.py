"""What one announcement has in the outbox: set back while it may not leave, let go again, crossed out.

What is in somebody's hands, in a chat that is leased, stays with them; so whoever does this comes again until nothing
is left.
"""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Column, ColumnElement, and_, bindparam, func, literal_column, select, update

from storage.database import AnyRow, Unit
from storage.domain.announcements import Step, allowed_from
from storage.domain.rules import Rules
from storage.tables import announcement_reviews, announcements, leases, outbox

# Of what is in `announcements`: whether all have agreed to it in haste, so that it leaves at any hour.
IS_URGENT = (
    select(announcement_reviews.c.id)
    .where(announcement_reviews.c.announcement_id == announcements.c.id)
    .where(announcement_reviews.c.version == announcements.c.version, announcement_reviews.c.step == Step.URGENT)
    .exists()
)
_ITS_CHAT_IS_LEASED = select(leases.c.account_id).where(leases.c.account_id == outbox.c.account_id)
# Of what is in `outbox`, with the moment as a parameter: whether nobody has it in hands.
IS_FREE = ~_ITS_CHAT_IS_LEASED.where(leases.c.until > bindparam("now", type_=leases.c.until.type)).exists()


def quiet_until(row: AnyRow, now: datetime) -> datetime | None:
    """When an announcement may leave again, of whose congress there are `rules` and `timezone`, and IS_URGENT; None:
    now."""
    rules = Rules.load(row.rules)
    quiet = rules.announcement_quiet_from, rules.announcement_quiet_until
    at = allowed_from(now, ZoneInfo(row.timezone), *quiet)
    return at if at > now and not row.is_urgent else None


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

    def has(self, number: int, *states: str, channel: str = "") -> bool:
        """Whether anything is in one of these states; on any channel, or on one."""
        mine = select(outbox.c.message_id).where(outbox.c.announcement_id == number, _is(*states))
        if channel:
            mine = mine.where(outbox.c.channel == channel)
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
