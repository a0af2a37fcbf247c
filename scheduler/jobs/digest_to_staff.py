"""On the first working day of a month staff hear what came of the last one, with the way to supervision below it."""

from datetime import datetime

from scheduler.runner import Job
from storage.calendar import Calendar
from storage.database import Unit
from storage.digests import tell


def digest_to_staff(calendar: Calendar) -> Job:
    """The conversations are begun by the job that begins whatever waits."""
    behind, is_over, done = 0, True, (0, 0)

    def step(unit: Unit, now: datetime) -> bool:
        nonlocal behind, is_over, done
        month = now.year, now.month
        if done == month:
            return False  # all have had theirs: nothing more to look for
        told = tell(unit, now, calendar(), behind)
        is_over = told.is_over and (is_over or not behind)
        behind = told.behind or 0
        if not behind and is_over:
            done = month
        return bool(behind)

    return Job("digest_to_staff", {"minute": "2,32"}, step)
