"""When a channel may send next, for all replicas together, and until when nothing leaves by it.

A channel that has other kinds of push beside its messages has a pace for each of these, too: under its own name and
the kind's, such as "wechat template".
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, bindparam, or_, select, update

from storage.conflicts import insert_or_else
from storage.database import Unit
from storage.tables import paces

FORGOTTEN = timedelta(minutes=15)  # after the last try, when whatever failed then was given up in the meantime

_PACE = select(paces.c.next_at, paces.c.paused_until).where(paces.c.channel == bindparam("channel")).with_for_update()


class Paces:
    def __init__(self, unit: Unit, now: datetime) -> None:
        self._unit, self._now = unit, now

    def of(self, channel: str) -> tuple[datetime, datetime]:
        """The next free moment of a channel, and when its pause ends; both are ours alone until our commit."""
        row = self._unit.read(_PACE, {"channel": channel}).first()
        if row is None:
            new = (
                insert_or_else(paces, self._unit.dialect)
                .values(channel=channel, next_at=self._now)
                .on_conflict_do_nothing()
            )
            self._unit.write(new)
            row = self._unit.read(_PACE, {"channel": channel}).one()
        next_at, paused_until = row
        return max(next_at, self._now), paused_until or self._now

    def go_on(self, channel: str, next_at: datetime) -> None:
        """The moments before that one are taken."""
        self._write(channel, next_at=next_at)

    def pause(self, channel: str, until: datetime, fault: str = "") -> None:
        """Nothing leaves by this channel until then, from no replica. `fault` is meant as long as the pause lasts."""
        self.of(channel)
        self._write(channel, paused_until=until, fault=fault[:60])

    def faults(self) -> list[tuple[str, str]]:
        """The channels that pause because they are misconfigured, each with what its platform said, such as 401; and
        those by which nothing leaves for another reason, of which staff have been told (see storage.channel_faults),
        as long as it is tried at all."""
        pauses = and_(paces.c.fault != "", paces.c.paused_until > self._now)
        lately = or_(paces.c.failed_at > self._now - FORGOTTEN, paces.c.paused_until > self._now - FORGOTTEN)
        lasting = or_(pauses, and_(paces.c.told_at >= paces.c.failing_since, lately))
        rows = self._unit.read(select(paces.c.channel, paces.c.fault).where(lasting).order_by(paces.c.channel))
        return [(channel, fault) for channel, fault in rows]

    def _write(self, channel: str, **values: Any) -> None:
        self._unit.write(update(paces).where(paces.c.channel == channel).values(**values))
