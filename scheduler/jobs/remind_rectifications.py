"""Whoever a problem lies with hears of it: when it comes to them, before it is due, then, and after; then the office.

The conversations that this begins list what there is (handlers.rectifications, handlers.problems). They begin once all
steps are told, between two rounds of `begin_prompts`: what falls due together for a person is one message.
"""

from collections.abc import Callable
from datetime import datetime

from handlers.dispatch import Dispatched, Dispatcher
from scheduler.jobs.begin_prompts import begin_prompts
from scheduler.runner import Job
from storage.calendar import Calendar
from storage.database import Unit
from storage.rectification_steps import Steps

CHUNK = 20


def remind_rectifications(dispatcher: Dispatcher, on_done: Callable[[Dispatched], None], calendar: Calendar) -> Job:
    """`on_done` hears what waits in the outbox afterwards."""
    prompts = begin_prompts(dispatcher, on_done)
    telling, anybody, begun = True, False, False

    def step(unit: Unit, now: datetime) -> bool:
        nonlocal telling, anybody, begun
        begun = not telling
        if begun:
            goes_on = prompts.step(unit, now)
            telling, anybody = not goes_on, goes_on
            return goes_on
        count, people = Steps(unit, now, calendar).tell_all(CHUNK)
        anybody = anybody or bool(people)
        telling = count == CHUNK or not anybody
        return count == CHUNK or anybody

    def afterwards() -> None:
        if begun:
            prompts.afterwards()

    return Job("remind_rectifications", {"minute": "2-57/5"}, step, afterwards)
