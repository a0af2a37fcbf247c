"""Whoever a problem lies with hears of it: when it comes to them, before it is due, then, and after; then the office.

The conversations that this begins list what there is (handlers.rectifications, handlers.problems). They begin when all
steps are told, between two rounds of `begin_prompts`: what falls due together for a person is one message.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

from scheduler.runner import Job
from storage.calendar import Calendar
from storage.database import Unit
from storage.rectification_steps import Steps

CHUNK = 20


def remind_rectifications(calendar: Calendar, on_prompted: Callable[[Sequence[int]], None]) -> Job:
    """`on_prompted` hears for whom a prompt waits then."""
    prompted: set[int] = set()
    goes_on = False

    def step(unit: Unit, now: datetime) -> bool:
        nonlocal goes_on
        count, people = Steps(unit, now, calendar).tell_all(CHUNK)
        prompted.update(people)
        goes_on = count == CHUNK
        return goes_on

    def afterwards() -> None:
        if prompted and not goes_on:
            on_prompted(sorted(prompted))
            prompted.clear()

    return Job("remind_rectifications", {"minute": "2-57/5"}, step, afterwards)
