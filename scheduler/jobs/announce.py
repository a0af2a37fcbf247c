"""Announcements go on step by step: what bot.announcer does all the time is made up for every minute, and by
`minsheng tick`."""

from collections.abc import Callable, Mapping
from datetime import datetime

from handlers.announcement_messages import AnnouncementMessages
from handlers.dispatch import Dispatched
from scheduler.runner import Job
from storage.database import Unit
from storage.store import Store


def announce(
    store: Callable[[Unit, datetime], Store],
    words: AnnouncementMessages,
    paces: Mapping[str, float],
    on_done: Callable[[Dispatched], None],
) -> Job:
    """`paces`: how many messages a second each channel takes that is set up; `on_done` hears what waits in the outbox
    afterwards."""
    done = Dispatched([])

    def step(unit: Unit, now: datetime) -> bool:
        nonlocal done
        stepped = store(unit, now).broadcasting.step(words, paces)
        done = Dispatched([], mail=set(stepped.mail))
        return stepped.again_at is not None and stepped.again_at <= now

    return Job("announce", {"minute": "*"}, step, lambda: on_done(done))
