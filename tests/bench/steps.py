"""`python -m tests.bench.steps`: where the CPU of a durable turn goes, step by step, as a table.

Each step is timed by its thread's own clock. What the timing itself costs, a microsecond or two a call, is in it.
`--database postgresql` measures on a PostgreSQL of its own; the server's CPU is not counted.
"""

import argparse
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import wraps
from inspect import iscoroutinefunction
from threading import get_ident
from typing import Any
from unittest.mock import patch

import uvloop

from bot import sender
from bot.channels.telegram import Telegram
from bot.channels.telegram_inbound import UpdateReader
from bot.writer import Writer
from handlers.dispatch import Dispatcher
from storage.arrivals import Arrivals
from storage.database import Unit
from storage.outbox import Outbox
from tests.bench import turns
from tests.servers import PostgresServer

PEOPLE, CONVERSATIONS, PARALLEL = 128, 3, 64

# A step by its name, and what does it. A step within another one is counted apart from it.
_STEPS: tuple[tuple[str, Any, str], ...] = (
    ("read the update", turns, "parsed"),
    ("make it ours", UpdateReader, "read"),
    ("build the request, read its answer", Telegram, "send"),
    ("who writes; is it new", Dispatcher, "_arrive"),
    ("run the conversation", Dispatcher, "_act"),
    ("say what is to be stored", Arrivals, "save"),
    ("say what is to be stored", Arrivals, "post"),
    ("say what is to be stored", sender, "settle"),
    ("store it", Unit, "flush"),
    ("claim replies", Outbox, "claim"),
    ("begin, savepoints, commit", Writer, "_commit"),
)
_REST = "event loop, futures, tasks, time-outs, the load itself"


class _Clock:
    """Adds up the CPU time of steps, each without the steps within it."""

    def __init__(self) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self._within: defaultdict[int, list[float]] = defaultdict(list)  # by thread

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        began, inner = time.thread_time(), self._within[get_ident()]
        inner.append(0.0)
        try:
            yield
        finally:
            spent = time.thread_time() - began
            self.seconds[name] += spent - inner.pop()
            if inner:
                inner[-1] += spent

    def around(self, name: str, work: Callable[..., Any]) -> Callable[..., Any]:
        """The same work, timed. A coroutine must not wait for anything: the others' time would be counted."""
        if iscoroutinefunction(work):

            @wraps(work)
            async def timed_coroutine(*args: Any, **options: Any) -> Any:
                with self.step(name):
                    return await work(*args, **options)

            return timed_coroutine

        @wraps(work)
        def timed(*args: Any, **options: Any) -> Any:
            with self.step(name):
                return work(*args, **options)

        return timed


def measure(database_url: str | None, people: int = PEOPLE) -> dict[str, float]:
    """Microseconds of CPU a turn, by step."""
    clock = _Clock()
    updates = list(turns.our_updates(people, CONVERSATIONS))

    with ExitStack() as patched:
        for name, owner, method in _STEPS:
            patched.enter_context(patch.object(owner, method, clock.around(name, getattr(owner, method))))
        figures = uvloop.run(turns.run(updates, PARALLEL, database_url, None))
    clock.seconds[_REST] = figures.cpu_seconds - sum(clock.seconds.values())
    names = dict.fromkeys([*(name for name, *_ in _STEPS), _REST])
    return {name: clock.seconds[name] / figures.turns * 1e6 for name in names}


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.steps", description=__doc__)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    with ExitStack() as servers:
        url = None
        if parser.parse_args().database == "postgresql":
            url = servers.enter_context(PostgresServer()).databases.create()
        steps = measure(url)
    whole = sum(steps.values())
    print("| step | µs of CPU a turn | share |\n|---|---:|---:|")
    for name, microseconds in [*steps.items(), ("in all", whole)]:
        print(f"| {name} | {microseconds:.0f} | {microseconds / whole:.0%} |")


if __name__ == "__main__":
    main()
