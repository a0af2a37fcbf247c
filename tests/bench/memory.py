"""How much memory the program holds (resident, MB), with either driver for Telegram, and after many turns."""

import asyncio
import subprocess
import sys
import time

import uvloop

from tests.bench.starting import megabytes
from tests.bench.turns import our_updates
from tests.bench.webhook_load import at_full_speed, serving

PEOPLE = 200
CONNECTIONS = 32
TURNS = 600  # after which everything has been used once


async def measure() -> dict[str, float]:
    """With each driver when some turns are done, and what aiogram alone takes when it is imported."""
    figures = {}
    for driver in ("ptb", "aiogram"):
        async with serving(driver, PEOPLE) as bot:
            await at_full_speed(bot.address, list(our_updates(PEOPLE, 1))[:TURNS], CONNECTIONS)
            figures[f"memory_with_{driver}_megabytes"] = megabytes(bot.process_id)
    alone = await asyncio.to_thread(_of_import, "aiogram")
    figures["memory_of_aiogram_megabytes"] = alone
    figures["memory_above_aiogram_megabytes"] = figures["memory_with_aiogram_megabytes"] - alone
    return figures


def _of_import(package: str) -> float:
    """What a process holds that only imports a package."""
    waits = f"import {package}, sys; print('ready', flush=True); sys.stdin.read()"
    process = subprocess.Popen([sys.executable, "-c", waits], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    with process:
        assert process.stdout
        process.stdout.readline()
        return megabytes(process.pid)


async def _day(turns: int, driver: str) -> dict[str, float]:
    updates = list(our_updates(PEOPLE, 1 + turns // (PEOPLE * 6)))[:turns]
    first, began = turns // 10, time.perf_counter()
    async with serving(driver, PEOPLE) as bot:
        await at_full_speed(bot.address, updates[:first], CONNECTIONS)
        early = megabytes(bot.process_id)
        await at_full_speed(bot.address, updates[first:], CONNECTIONS)
        late = megabytes(bot.process_id)
    return {
        "day_turns_per_second": turns / (time.perf_counter() - began),
        "day_megabytes_at_a_tenth": early,
        "day_megabytes_at_the_end": late,
        "day_megabytes_gained": late - early,
    }


def day(turns: int) -> dict[str, float]:
    """What a process holds after a tenth of so many turns, and after all of them."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_day(turns, "ptb"))
