"""Who holds leases and locks: a process, known to its successor. What was killed holds nothing any more."""

import uuid

from sqlalchemy import delete

from storage.database import Unit
from storage.tables import leases, locks

NAME_LENGTH = 12  # characters of a holder's name


def new_token(holder: str) -> str:
    """A token like no other, which tells whose it is; `holder` is empty for nobody in particular."""
    return f"{holder}{uuid.uuid4().hex[:24]}"


def forget_holder(unit: Unit, holder: str) -> None:
    """Let go of every lease and lock of a holder that is dead: nobody need wait until they run out."""
    for table in (leases, locks):
        unit.write(delete(table).where(table.c.token.startswith(holder)))
