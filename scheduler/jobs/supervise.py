"""Periods open, people hear of what they owe, and once all of them do, the conversations with them are begun."""

from collections.abc import Callable
from datetime import datetime

from handlers.dispatch import Dispatched, Dispatcher
from scheduler.jobs.begin_prompts import begin_prompts
from scheduler.runner import Job
from storage.calendar import Calendar
from storage.coming_round import go_on
from storage.database import Unit


def supervise(dispatcher: Dispatcher, on_done: Callable[[Dispatched], None], calendar: Calendar) -> Job:
    """`on_done` hears what waits in the outbox afterwards."""
    prompts = begin_prompts(dispatcher, on_done)
    is_told = False

    def step(unit: Unit, now: datetime) -> bool:
        nonlocal is_told
        is_told = not go_on(unit, now, calendar)
        return not is_told or prompts.step(unit, now)

    def afterwards() -> None:
        if is_told:
            prompts.afterwards()

    return Job("supervise", {"minute": "*/5"}, step, afterwards)
