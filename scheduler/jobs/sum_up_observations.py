"""What residents saw is summed up for deputies and the office, once a week, when their week begins.

The conversation that this begins lists what nobody has answered (handlers.observations).
"""

from collections.abc import Callable
from datetime import datetime

from handlers.dispatch import Dispatched, Dispatcher
from scheduler.jobs.tell_then_begin import tell_then_begin
from scheduler.runner import Job
from storage.audit import Actor, Audit
from storage.calendar import Calendar
from storage.database import Unit
from storage.observations import Observations

TIMES = {"minute": "7,37"}  # in every zone there is, soon after the hour at which people begin to work


def sum_up_observations(dispatcher: Dispatcher, on_done: Callable[[Dispatched], None], calendar: Calendar) -> Job:
    """`on_done` hears what waits in the outbox afterwards."""
    reached = 0

    def tell(unit: Unit, now: datetime) -> tuple[bool, bool]:
        nonlocal reached
        observations = Observations(unit, now, Actor(), Audit(unit, now, Actor()), calendar=calendar)
        last, prompted = observations.sum_up(reached)
        reached = last or 0
        return last is not None, prompted

    return tell_then_begin("sum_up_observations", TIMES, tell, dispatcher, on_done)
