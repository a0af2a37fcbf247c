"""A job that prompts people in chunks, and begins what it prompts only once all chunks are done: so what is told to a
person in several of them is one message."""

from collections.abc import Callable
from datetime import datetime

from handlers.dispatch import Dispatched, Dispatcher
from scheduler.jobs.begin_prompts import begin_prompts
from scheduler.runner import Job
from storage.database import Unit

# One chunk: whether there is more, and whether anybody was prompted.
Tell = Callable[[Unit, datetime], tuple[bool, bool]]


def tell_then_begin(
    name: str, times: dict[str, str], tell: Tell, dispatcher: Dispatcher, on_done: Callable[[Dispatched], None]
) -> Job:
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
        more, prompted = tell(unit, now)
        anybody = anybody or prompted
        telling = more or not anybody
        return more or anybody

    def afterwards() -> None:
        if begun:
            prompts.afterwards()

    return Job(name, times, step, afterwards)
