"""The record of job runs is kept for a while only."""

from datetime import datetime, timedelta

from scheduler.runner import Job
from storage.database import Unit
from storage.jobs import Jobs

KEPT = timedelta(days=90)
CHUNK = 1000


def _step(unit: Unit, now: datetime) -> bool:
    return Jobs(unit, now).forget_runs(now - KEPT, CHUNK)


FORGET_RUNS = Job("forget_runs", {"hour": "19", "minute": "40"}, _step)  # 03:40 in China
