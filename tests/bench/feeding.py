"""Feeds a contender with updates, so many people at a time, and measures it."""

import time
from asyncio import TaskGroup
from collections.abc import Awaitable, Callable, Iterator, Sequence

from tests.bench.figures import Figures
from tests.bench.traffic import person_of

Turn = Callable[[bytes], Awaitable[object]]


async def feed(updates: Sequence[bytes], parallel: int, turn: Turn) -> Figures:
    """Take every update through `turn`: `parallel` people at a time, each one's messages in order.

    A failing turn stops the run and is raised. Sorting by people is not timed.
    """
    queues = iter(_by_person(updates))
    seconds, cpu_seconds = time.perf_counter(), time.process_time()
    async with TaskGroup() as workers:
        for _ in range(parallel):
            workers.create_task(_work(queues, turn))
    return Figures(
        turns=len(updates),
        seconds=time.perf_counter() - seconds,
        cpu_seconds=time.process_time() - cpu_seconds,
    )


async def _work(queues: Iterator[list[bytes]], turn: Turn) -> None:
    for queue in queues:
        for update in queue:
            await turn(update)


def _by_person(updates: Sequence[bytes]) -> list[list[bytes]]:
    queues: dict[int, list[bytes]] = {}
    for update in updates:
        queues.setdefault(person_of(update), []).append(update)
    return list(queues.values())
