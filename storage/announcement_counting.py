"""Audiences that are too large to be counted within a turn: found, and their number noted."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import literal_column, select, update

from storage.announcements import IS_CURRENT
from storage.database import Unit
from storage.tables import announcement_versions, announcements

_IS_UNCOUNTED = announcement_versions.c.reach.is_(None)
_IS_OPEN = announcements.c.state.in_([literal_column(f"'{state}'") for state in ("draft", "review", "approval")])
_UNCOUNTED = (
    select(announcement_versions.c.announcement_id)
    .join(announcements, IS_CURRENT)
    .where(_IS_UNCOUNTED, _IS_OPEN)
    .order_by(announcement_versions.c.announcement_id)
    .limit(1)
)


def uncounted(unit: Unit) -> int | None:
    """An announcement that somebody is still at, whose audience was not counted."""
    number: int | None = unit.read(_UNCOUNTED).scalar()
    return number


def note_count(unit: Unit, number: int, version: int, reach: Mapping[str, Any]) -> bool:
    """Note how many people the audience of a version is; False where somebody was faster."""
    of_version = announcement_versions.c.announcement_id == number, announcement_versions.c.version == version
    noted = update(announcement_versions).where(*of_version, _IS_UNCOUNTED).values(reach=dict(reach))
    return unit.write(noted).rowcount > 0
