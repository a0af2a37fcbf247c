"""People who were in the middle of something when a prompt came are asked again once they are idle."""

from collections.abc import Callable
from datetime import datetime

from handlers.dispatch import Dispatched, Dispatcher
from handlers.turn import IDLE_AFTER
from scheduler.runner import Job
from storage.conversations import Conversations
from storage.database import Unit

CHUNK = 5  # each takes five milliseconds on PostgreSQL, and more while others are busy


def begin_prompts(dispatcher: Dispatcher, on_done: Callable[[Dispatched], None]) -> Job:
    """`on_done` hears what waits in the outbox afterwards."""
    done = Dispatched([])
    last: int | None = None  # the prompt that this run has come to

    def step(unit: Unit, now: datetime) -> bool:
        nonlocal done, last
        people, last = Conversations(unit, now).prompted_after(last or 0, CHUNK, now - IDLE_AFTER)
        done = dispatcher.begin_prompts(unit, people)
        return last is not None

    return Job("begin_prompts", {"minute": "*/5"}, step, lambda: on_done(done))
