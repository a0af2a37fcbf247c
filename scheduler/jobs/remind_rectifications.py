"""Whoever a problem lies with hears of it: when it comes to them, before it is due, then, and after; then the office.

The conversations that this begins list what there is (handlers.rectifications, handlers.problems).
"""

from collections.abc import Callable
from datetime import datetime

from handlers.dispatch import Dispatched, Dispatcher
from scheduler.jobs.tell_then_begin import tell_then_begin
from scheduler.runner import Job
from storage.calendar import Calendar
from storage.database import Unit
from storage.rectification_steps import Steps

CHUNK = 20
TIMES = {"minute": "2-57/5"}  # between two rounds of `begin_prompts`


def remind_rectifications(dispatcher: Dispatcher, on_done: Callable[[Dispatched], None], calendar: Calendar) -> Job:
    """`on_done` hears what waits in the outbox afterwards."""

    def tell(unit: Unit, now: datetime) -> tuple[bool, bool]:
        count, people = Steps(unit, now, calendar).tell_all(CHUNK)
        return count == CHUNK, bool(people)

    return tell_then_begin("remind_rectifications", TIMES, tell, dispatcher, on_done)
