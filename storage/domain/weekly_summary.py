"""When what residents saw is summed up for deputies and the office: once a week, while people are at work."""

from datetime import datetime, time, timedelta
from itertools import count
from zoneinfo import ZoneInfo

from storage.domain.cadence import moment
from storage.domain.working_days import WorkingDays

BEGINS, ENDS = time(9), time(17)  # working hours
_WEEK = timedelta(weeks=1)


def summed_up_at(now: datetime, zone: ZoneInfo, days: WorkingDays) -> datetime:
    """The last moment until now, in UTC, at which a week was summed up: on the morning of its first working day. A week
    without any is summed up with the next one."""
    today = now.astimezone(zone).date()
    monday = today - timedelta(days=today.weekday())
    mornings = (moment(days.on_or_after(monday - _WEEK * back), BEGINS, zone) for back in count())
    return next(at for at in mornings if at <= now)


def are_at_work(now: datetime, zone: ZoneInfo, days: WorkingDays) -> bool:
    """Whether that is within working hours there."""
    here = now.astimezone(zone)
    return days.is_working(here.date()) and BEGINS <= here.time() < ENDS
