"""The log of every change: who, when, from which message, before and after. Rows are only ever added."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import insert

from storage.database import Unit
from storage.tables import audit


class Actor(NamedTuple):
    """On whose account something happens; nobody's for a job or the command line."""

    person_id: int | None = None
    message_id: int | None = None


# On the way of a message statements stand ready: to build one takes longer than to run it.
_RECORD = insert(audit)


class Audit:
    def __init__(self, unit: Unit, now: datetime, actor: Actor) -> None:
        self._unit, self._now, self._actor = unit, now, actor

    def record(
        self, action: str, record: str, record_id: int, before: dict[str, Any] | None, after: dict[str, Any] | None
    ) -> None:
        """Log one change. `before` and `after` hold ids and codes, never what a person wrote."""
        self._unit.later(
            _RECORD,
            {
                "at": self._now,
                "person_id": self._actor.person_id,
                "message_id": self._actor.message_id,
                "action": action,
                "record": record,
                "record_id": record_id,
                "before": before,
                "after": after,
            },
        )
