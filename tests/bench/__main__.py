"""`make bench`: figures by name as one JSON line at the end. Takes under ten minutes. Those of large stores, of
broadcasts and of what is replayed have commands of their own (`make bench-scale`, `make bench-broadcasts`,
`minsheng replay`).

`BENCH_QUICK=1` takes about one, with fewer rounds, and without sixteen people, this machine's disk, memory, places and
pictures.

Speeds are medians of interleaved runs and ratios are taken round by round, so that a slow spell of the machine
meets all contenders. Absolute numbers say how fast this machine was; read the ratios.
"""

import asyncio
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import uvloop

from tests.bench import (
    baseline_aiogram,
    baseline_memory,
    latency,
    latency_places,
    memory,
    pictures,
    starting,
    turns,
    wechat_bodies,
    wechat_callbacks,
)
from tests.bench.figures import Candidate, Figures, interleave, json_line
from tests.bench.traffic import TURNS_PER_CONVERSATION, interleaved
from tests.servers import Databases, PostgresServer, RedisServer

PARALLEL = 64  # people at once: as many as a commit takes


@dataclass(frozen=True, slots=True)
class Size:
    """How much is run: people, conversations of each that are timed, and rounds."""

    people: int
    conversations: int
    rounds: int


QUICK = Size(people=64, conversations=1, rounds=3)
WHOLE = Size(people=128, conversations=3, rounds=7)


def _candidates(size: Size, fresh: Callable[[], str] | None, redis_url: str, parallel: int) -> Mapping[str, Candidate]:
    # The first conversation of each is not timed.
    theirs = list(interleaved(size.people, 1 + size.conversations))
    ours = list(turns.our_updates(size.people, 1 + size.conversations))
    untimed = size.people * TURNS_PER_CONVERSATION

    async def minsheng() -> Figures:
        return await turns.run(ours, parallel, fresh() if fresh else None, None, untimed)

    async def idiomatic() -> Figures:
        return await baseline_aiogram.run(theirs, parallel, fresh() if fresh else None, redis_url, untimed)

    async def in_memory() -> Figures:
        return await baseline_memory.run(theirs, parallel, None, None, untimed)

    return {"minsheng": minsheng, "idiomatic_aiogram": idiomatic, "memory_aiogram": in_memory}


async def _compare(
    name: str, size: Size, fresh: Callable[[], str] | None, redis_url: str, parallel: int
) -> dict[str, float]:
    print(f"{name}: {size.rounds} rounds …", file=sys.stderr, flush=True)
    compared = await interleave(_candidates(size, fresh, redis_url, parallel), size.rounds)
    return {f"{name}_{figure}": value for figure, value in compared.named("minsheng").items()}


async def _measure(size: Size) -> dict[str, float]:
    figures: dict[str, float] = {}
    with RedisServer() as redis, PostgresServer(PostgresServer.AS_INSTALLED) as postgres:
        databases = Databases(postgres.address)
        figures |= await _compare("sqlite", size, None, redis.url, PARALLEL)
        figures |= await _compare("sqlite_alone", replace(size, people=size.people // 4), None, redis.url, 1)
        if size is WHOLE:
            figures |= await _compare("sqlite_sixteen", replace(size, people=size.people // 2), None, redis.url, 16)
        figures |= await _compare("postgresql", size, databases.create, redis.url, PARALLEL)
    figures |= await latency.in_memory(3 if size is QUICK else 10, "aiogram")
    figures |= await (wechat_callbacks.in_short() if size is QUICK else wechat_callbacks.measure())
    if size is WHOLE:
        figures |= await latency.on_disk(10, ["aiogram", "ptb"])
        figures |= await memory.measure()
        figures |= latency_places.measure() | pictures.measure()
    figures |= wechat_bodies.measure()
    figures |= starting.measure(3 if size is QUICK else 7)
    return figures


def main() -> None:
    """Measure, and print."""
    size = QUICK if os.environ.get("BENCH_QUICK") else WHOLE
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        figures = runner.run(_measure(size))
    for name, value in figures.items():
        print(f"{name:<50} {value:12.3f}", file=sys.stderr)
    print(json_line(figures))


if __name__ == "__main__":
    main()
