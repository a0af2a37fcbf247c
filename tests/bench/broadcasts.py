"""`make bench-broadcasts`: telling many people, beside the loops that bots usually have for it.

The program runs as a process of its own and sends to the stand-in for Telegram, at whose socket everything is counted.
`--minutes` is how long it sends at Telegram's limit, `--people` how many it tells at the paid one.
"""

import argparse
import asyncio
import subprocess
import sys
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from typing import Protocol

from sqlalchemy import update

from storage.database import open_database, transaction
from storage.tables import cycles
from tests.bench.broadcast_loop import TEXT, TITLE
from tests.bench.figures import json_line
from tests.bench.starting import megabytes
from tests.bench.traffic import FIRST_PERSON
from tests.bench.turns import our_updates
from tests.bench.webhook_load import at_random_times
from tests.bot_api import BotApiStandIn
from tests.bot_api.files import small_photo
from tests.bot_api.send_log import Limits
from tests.kill.announced import announce
from tests.kill.bot_process import PROJECT, BotProcess
from tests.kill.bot_settings import generous_settings
from tests.kill.congress import found_congress

LIMIT, PAID = 30, 1000  # messages a second (Bots FAQ, "My bot is hitting limits")
ALONE = 20_000  # where the numbers of those begin whom only the announcement is for
WRITING, TURNS_PER_SECOND = 120, 20.0
COMPARED = 600  # people that each contender tells


class Contender(Protocol):
    """A process that tells everybody once it is started."""

    def start(self) -> None: ...

    def kill(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Told:
    """What reached the socket: seconds from the first to the last send, the most in any second, and in the first one.

    After a kill in the middle and another start: who never got it, and how many got it more than once.
    """

    seconds: float
    in_any_second: int
    in_first_second: int
    lost: int
    doubled: int


class Loop:
    """One of the loops of tests.bench.broadcast_loop."""

    def __init__(self, name: str, stand_in: BotApiStandIn, count: int) -> None:
        of_whom = stand_in.base_url, stand_in.token, str(FIRST_PERSON + ALONE), str(count)
        self._command = [sys.executable, "-m", "tests.bench.broadcast_loop", name, *of_whom]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(self._command, cwd=PROJECT, stderr=subprocess.DEVNULL)

    def kill(self) -> None:
        if self._process:
            self._process.kill()
            self._process.wait()

    async def ended(self) -> None:
        if self._process:
            await asyncio.to_thread(self._process.wait)


# --- ours


@contextmanager
def sending(stand_in: BotApiStandIn, count: int, *, driver: str = "aiogram", rate: int = LIMIT) -> Iterator[BotProcess]:
    """The program, not yet started, that is to tell so many people; others write to it by a webhook."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        url = f"sqlite:///{folder / 'bench.db'}"
        cells = found_congress(url)
        engine = open_database(url)
        announce(
            engine, cells[0].id, TITLE, TEXT, [("telegram", str(FIRST_PERSON + ALONE + at)) for at in range(count)]
        )
        with transaction(engine) as unit:
            today = datetime.now(UTC).date()
            window = {"collecting_from": today - timedelta(days=2), "collecting_to": today + timedelta(days=60)}
            unit.write(update(cycles).values(window))
        engine.dispose()
        settings = generous_settings(folder, url, stand_in, webhook=True)
        settings |= {"MINSHENG_TELEGRAM__DRIVER": driver, "MINSHENG_TELEGRAM__PER_SECOND": str(rate)}
        with BotProcess(folder, settings) as bot:
            settings["MINSHENG_TELEGRAM__WEBHOOK_URL"] = f"http://{bot.address}/telegram"
            yield bot


@contextmanager
def platform(count: int, per_second: int = LIMIT) -> Iterator[BotApiStandIn]:
    """A stand-in that enforces a limit, with so many people to be told, and those who write meanwhile."""
    limits = Limits(overall_per_second=per_second, chat_burst=1_000)
    with BotApiStandIn(limits=limits) as stand_in:
        for number in (*range(ALONE, ALONE + count), *range(WRITING)):
            stand_in.person(FIRST_PERSON + number)
        stand_in.show_everywhere(small_photo())
        yield stand_in


def _moments(stand_in: BotApiStandIn) -> list[float]:
    with stand_in.world.changed:
        return list(stand_in.world.sends.moments)


def _told(stand_in: BotApiStandIn) -> Counter[int]:
    return Counter(one.chat_id for one in list(stand_in.messages) if TEXT in one.text)


# --- side by side


async def compare(count: int) -> dict[str, float]:
    """Each contender by itself: once undisturbed, once killed in the middle and started again."""
    figures: dict[str, float] = {}
    for name in ("minsheng", "aiogram_loop", "ptb_loop"):
        told = await tell(name, count)
        ideal = count / LIMIT
        figures |= {
            f"{name}_seconds_over_ideal": told.seconds / ideal,
            f"{name}_most_in_a_second": told.in_any_second,
            f"{name}_in_first_second": told.in_first_second,
        }
        killed = await tell(name, count, kill=True)
        figures |= {f"{name}_lost_after_a_kill": killed.lost, f"{name}_doubled_after_a_kill": killed.doubled}
        _say(f"{name}: {told}, killed: {killed.lost} lost, {killed.doubled} doubled")
    return figures


async def tell(name: str, count: int, *, kill: bool = False) -> Told:
    """Let a contender tell so many people."""
    with platform(count) as stand_in:
        if name == "minsheng":
            with sending(stand_in, count) as bot:
                everybody = partial(stand_in.wait_until_async, lambda: len(_told(stand_in)) >= count, timeout=count)
                return await _watch(stand_in, bot, count, everybody, kill=kill)
        loop = Loop(name.removesuffix("_loop"), stand_in, count)
        try:
            return await _watch(stand_in, loop, count, loop.ended, kill=kill)
        finally:
            loop.kill()


async def _watch(
    stand_in: BotApiStandIn, contender: Contender, count: int, told_all: Callable[[], Awaitable[None]], *, kill: bool
) -> Told:
    contender.start()
    if kill:
        await stand_in.wait_until_async(lambda: len(stand_in.messages) >= count // 2, timeout=count)
        contender.kill()
        contender.start()
    await told_all()
    moments, told = _moments(stand_in), _told(stand_in)
    return Told(
        seconds=moments[-1] - moments[0],
        in_any_second=stand_in.sends_in_any_window(1.0),
        in_first_second=sum(moment < moments[0] + 1 for moment in moments),
        lost=count - len(told),
        doubled=sum(times - 1 for times in told.values()),
    )


# --- at the limits


async def at_the_limit(minutes: float, driver: str) -> dict[str, float]:
    """How much of the limit is used while people write meanwhile, and how long those wait.

    Their answers count against the limit, too.
    """
    seconds = minutes * 60
    count = round(seconds * LIMIT)
    updates = list(our_updates(WRITING, 1 + round(seconds * TURNS_PER_SECOND) // (WRITING * 6)))
    with platform(count) as stand_in, sending(stand_in, count, driver=driver) as bot:
        bot.start()
        await bot.ready()
        await stand_in.wait_until_async(lambda: len(_moments(stand_in)) > LIMIT, timeout=60)
        turns = updates[: round(seconds * 0.9 * TURNS_PER_SECOND)]
        waited = await at_random_times(bot.address, turns, TURNS_PER_SECOND, 40)
        await asyncio.sleep(max(0.0, seconds * 0.1))
        with stand_in.world.changed:  # both at one moment
            moments, refused = _moments(stand_in), len(stand_in.world.sends.moments) - len(stand_in.messages)
        within = [moment for moment in moments if moment <= moments[0] + seconds]
        return {
            "at_limit_share": len(within) / (LIMIT * (within[-1] - within[0])),
            "at_limit_most_in_a_second": stand_in.sends_in_any_window(1.0),
            "at_limit_turn_p99_milliseconds": quantiles(waited, n=100)[98] * 1000,
            "at_limit_refused": refused,
        }


async def at_the_paid_limit(count: int, driver: str) -> dict[str, float]:
    """How many a second leave where Telegram allows a thousand."""
    with platform(count, PAID + 100) as stand_in, sending(stand_in, count, driver=driver, rate=PAID) as bot:
        bot.start()
        await stand_in.wait_until_async(lambda: len(stand_in.messages) >= count, timeout=600)
        moments = _moments(stand_in)
        return {
            "paid_per_second": len(moments) / (moments[-1] - moments[0]),
            "paid_most_in_a_second": stand_in.sends_in_any_window(1.0),
            "paid_megabytes": megabytes(bot.process_id),
        }


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.broadcasts", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--people", type=int, default=20_000)
    parser.add_argument("--driver", choices=("aiogram", "ptb"), default="aiogram")
    chosen = parser.parse_args()
    figures: dict[str, float] = {}
    for measure in (
        partial(compare, COMPARED),
        partial(at_the_paid_limit, chosen.people, chosen.driver),
        partial(at_the_limit, chosen.minutes, chosen.driver),
    ):
        found = asyncio.run(measure())
        figures |= found
        _say(json_line(found))
    print(json_line(figures))


if __name__ == "__main__":
    main()
