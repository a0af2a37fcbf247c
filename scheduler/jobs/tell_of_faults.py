"""Staff hear it within a minute when nothing leaves by a channel any more that does not mend by itself."""

from collections.abc import Callable, Collection
from datetime import datetime

from handlers.dispatch import Dispatched
from handlers.texts.channels import nothing_leaves
from scheduler.runner import Job
from storage.channel_faults import ChannelFaults
from storage.database import Unit


def tell_of_faults(channels: Collection[str], on_done: Callable[[Dispatched], None]) -> Job:
    """`channels` are those that are set up; `on_done` hears what waits in the outbox afterwards."""
    done = Dispatched([])

    def step(unit: Unit, now: datetime) -> bool:
        nonlocal done
        told = ChannelFaults(unit, now).tell(_words, channels)
        done = Dispatched([], mail=told.mail)
        return told.goes_on

    return Job("tell_of_faults", {"minute": "*"}, step, lambda: on_done(done))


def _words(channel: str, since: datetime, timezone: str, language: str) -> str:
    return nothing_leaves(channel, since, timezone).said(language)
