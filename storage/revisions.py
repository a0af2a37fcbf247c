"""Numbers that move when what replicas hold in memory has changed."""

from enum import StrEnum

from sqlalchemy import bindparam, insert, select, update

from storage.database import Unit
from storage.tables import revisions


class Revised(StrEnum):
    """What is held in memory."""

    AREAS = "areas"
    CONGRESSES = "congresses"


_ALL = select(revisions.c.name, revisions.c.number)
_MOVE = update(revisions).where(revisions.c.name == bindparam("what")).values(number=revisions.c.number + 1)


def numbers(unit: Unit) -> dict[str, int]:
    """Where each stands; what has never changed is missing."""
    return {row[0]: row[1] for row in unit.look(_ALL)}


def move(unit: Unit, what: Revised) -> None:
    """Tell every replica, with this transaction's commit, that this has changed."""
    if not unit.write(_MOVE, {"what": what}).rowcount:
        unit.write(insert(revisions).values(name=what, number=1))
