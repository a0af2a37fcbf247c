"""Forced refreshes of a platform's access token: so many a day, so far apart, by all replicas together.

WeChat's `stable_token` ("获取稳定版接口调用凭据") does 20 a day, and nothing within 30 seconds of the last.
"""

from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import select

from storage.conflicts import insert_or_else
from storage.database import Unit
from storage.tables import locks

APART = timedelta(seconds=30)
MOST_A_DAY = 20
_DAYS = ZoneInfo("Asia/Shanghai")


class Made(NamedTuple):
    """How many were made on a day, and when the next may be."""

    day: str
    number: int
    next_at: datetime


def one_more(made: Made | None, now: datetime) -> Made | None:
    """What has been made with one more now; None if that may not be."""
    today = f"{now.astimezone(_DAYS):%Y-%m-%d}"
    number = made.number if made and made.day == today else 0
    if number >= MOST_A_DAY or (made and now < made.next_at):
        return None
    return Made(today, number + 1, now + APART)


class TokenRefreshes:
    """Those of one token, in a lock of that name: `token` holds the day and how many, `until` when the next may be."""

    def __init__(self, unit: Unit, now: datetime) -> None:
        self._unit, self._now = unit, now

    def make(self, name: str) -> bool:
        """Whether one may be made now; then it counts as made, and nobody else may make it."""
        row = self._unit.read(select(locks.c.token, locks.c.until).where(locks.c.name == name)).first()
        made = one_more(_read(*row) if row else None, self._now)
        if made is None:
            return False
        values = {"token": f"{made.day} {made.number}", "until": made.next_at}
        statement = insert_or_else(locks, self._unit.dialect).values(name=name, **values)
        # Of several that have seen the same, one writes.
        statement = statement.on_conflict_do_update(
            index_elements=["name"], set_=values, where=locks.c.token == (row.token if row else "")
        )
        return self._unit.write(statement.returning(locks.c.name)).first() is not None


def _read(token: str, until: datetime) -> Made:
    day, number = token.split()
    return Made(day, int(number), until)
