"""Projects whose deadline has passed owe an explanation and a new plan; their bodies hear of it in the morning."""

from datetime import datetime

from scheduler.runner import Job
from storage.calendar import Calendar
from storage.database import Unit
from storage.late_projects import LateProjects


def owe_explanations(calendar: Calendar) -> Job:
    reached = 0

    def step(unit: Unit, now: datetime) -> bool:
        nonlocal reached
        found = LateProjects(unit, now, calendar).owe_explanations(reached)
        reached = found or 0
        return found is not None

    return Job("owe_explanations", {"hour": "22", "minute": "10"}, step)  # 06:10 in China
