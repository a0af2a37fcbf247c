"""Feeds a contender with updates, so many people at a time, and measures it."""

import time
from asyncio import TaskGroup
from collections.abc import Awaitable, Callable, Iterator, Sequence

from tests.bench.figures import Figures
from tests.bench.traffic import person_of

Turn = Callable[[bytes], Awaitable[object]]


class Stopwatch:
    """Runs from the beginning."""

    def __init__(self) -> None:
        self._seconds, self._cpu_seconds = time.perf_counter(), time.process_time()

    def figures(self, turns: int) -> Figures:
        """What it took so far."""
        return Figures(turns, time.perf_counter() - self._seconds, time.process_time() - self._cpu_seconds)


async def feed(updates: Sequence[bytes], parallel: int, turn: Turn, untimed: int = 0) -> Stopwatch:
    """Take every update through `turn`: `parallel` people at a time, each one's messages in order.

    The watch starts when the first `untimed` updates are through: connections are made then, and statements prepared.
    A failing turn stops the run and is raised. Sorting by people is not timed.
    """
    if untimed:
        await feed(updates[:untimed], parallel, turn)
    queues = iter(_by_person(updates[untimed:]))
    watch = Stopwatch()
    async with TaskGroup() as workers:
        for _ in range(parallel):
            workers.create_task(_work(queues, turn))
    return watch


async def _work(queues: Iterator[list[bytes]], turn: Turn) -> None:
    for queue in queues:
        for update in queue:
            await turn(update)


def _by_person(updates: Sequence[bytes]) -> list[list[bytes]]:
    queues: dict[int, list[bytes]] = {}
    for update in updates:
        queues.setdefault(person_of(update), []).append(update)
    return list(queues.values())
