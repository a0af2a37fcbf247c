"""How long somebody waits: from the request that brings a message to its answer, which comes after the commit.

The program runs as a process of its own, with SQLite; 100 turns a second arrive at random times over real HTTP. A
shared disk may take a while to have written what a commit waits for; a disk of memory shows what is left without it.
"""

import os
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryFile

from tests.bench.turns import our_updates
from tests.bench.webhook_load import at_random_times, serving

PER_SECOND = 100.0
PEOPLE = 120
WARMING = 2  # seconds that are not counted
IN_MEMORY = Path("/dev/shm")  # tmpfs(5)
PAGES = 8  # that a commit writes
CONNECTIONS = 40  # Telegram's own default (Bot API, setWebhook: max_connections)


async def measure(seconds: int, driver: str, within: Path | None = None) -> tuple[float, float]:
    """Milliseconds that half, and all but a hundredth, of the turns take at most."""
    turns = round((seconds + WARMING) * PER_SECOND)
    updates = list(our_updates(PEOPLE, 1 + turns // (PEOPLE * 6)))[:turns]
    async with serving(driver, PEOPLE, within) as bot:
        found = await at_random_times(bot.address, updates, PER_SECOND, CONNECTIONS)
    return half_and_most(found[round(WARMING * PER_SECOND) :])


def flushes(seconds: int) -> tuple[float, float]:
    """Likewise of the disk alone: some pages written and forced to it, as often."""
    found, page = [], bytes(PAGES * 4096)
    with TemporaryFile() as file:
        for _ in range(round(seconds * PER_SECOND)):
            began = time.perf_counter()
            os.pwrite(file.fileno(), page, 0)
            os.fdatasync(file.fileno())
            found.append(time.perf_counter() - began)
            time.sleep(max(0.0, 1 / PER_SECOND - found[-1]))
    return half_and_most(found)


def half_and_most(seconds: Sequence[float]) -> tuple[float, float]:
    hundredths = quantiles(seconds, n=100)
    return hundredths[49] * 1000, hundredths[98] * 1000


async def in_memory(seconds: int, driver: str) -> dict[str, float]:
    """On a disk of memory."""
    return named(f"latency_{driver}_in_memory", await measure(seconds, driver, IN_MEMORY))


async def on_disk(seconds: int, drivers: Sequence[str]) -> dict[str, float]:
    """By driver, on the disk that temporary files go to; and what that disk takes by itself."""
    found = named("disk_flush", flushes(seconds))
    for driver in drivers:
        found |= named(f"latency_{driver}", await measure(seconds, driver))
    return found


def named(what: str, values: tuple[float, float]) -> dict[str, float]:
    return {f"{what}_p50_milliseconds": values[0], f"{what}_p99_milliseconds": values[1]}
