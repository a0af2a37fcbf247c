"""What time brings: periods open, people hear of what they owe, and conversations with them wait to be begun."""

from datetime import datetime

from sqlalchemy import text

from storage.calendar import Calendar
from storage.database import Unit
from storage.rounds import Rounds
from storage.telling import Telling

# Two numbers: apart from the locks on people and accounts, which are one.
_TRY_LOCK = text("SELECT pg_try_advisory_xact_lock(1, 1)")


def go_on(unit: Unit, now: datetime, calendar: Calendar) -> bool:
    """One chunk of what is due, whoever left off before it; whether there was any. While another replica is about it,
    there is none for us."""
    if unit.dialect == "postgresql" and not unit.read(_TRY_LOCK).scalar():
        return False
    rounds, telling = Rounds(unit, now, calendar), Telling(unit, now)
    return rounds.open_due() or rounds.fill() or telling.tell() or telling.prompt()
