"""What happens to the program, beside kills, while people write to it. Each is for `Stage.perform`."""

import asyncio
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, func, select, text

from storage.database import reading
from storage.tables import messages
from tests.bot_api.faults import drops_after, holds_after
from tests.kill.bot_process import POLL, BotProcess
from tests.kill.stage import Stage
from tests.servers import PostgresServer, RedisServer

STOPS_WITHIN = 10.0  # seconds
CUTS = 3  # answers of Telegram that do not arrive, in each round
FULL = "SQLITE_FULL"


# --- servers


async def lose_servers(stage: Stage, postgres: PostgresServer, redis: RedisServer, rounds: int = 1) -> None:
    """PostgreSQL is started anew, Redis is away for a while, all lines are cut: evenly over the play."""
    for at in range(rounds):
        await part(stage, 5 * at + 1, 5 * rounds + 1)
        await asyncio.to_thread(postgres.restart)
        await part(stage, 5 * at + 2, 5 * rounds + 1)
        await asyncio.to_thread(redis.stop)
        await part(stage, 5 * at + 3, 5 * rounds + 1)
        await asyncio.to_thread(redis.start)
        await part(stage, 5 * at + 4, 5 * rounds + 1)
        await asyncio.to_thread(cut_database_lines, stage.engine)
        await part(stage, 5 * at + 5, 5 * rounds + 1)
        stage.balancer.cut()
        stage.stand_in.faults.add(drops_after(), method="sendMessage", times=CUTS)


def cut_database_lines(engine: Engine) -> None:
    """End every connection to the database but our own, as an administrator or a firewall does."""
    others = "datname = current_database() AND pid <> pg_backend_pid()"
    with reading(engine) as unit:
        unit.read(text(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}")).all()


async def part(stage: Stage, numerator: int, denominator: int) -> None:
    """Wait until so much of the play is over."""
    await stage.crowd.reach(stage.crowd.all_steps * numerator // denominator)


# --- stops


async def stop_each_in_the_midst(stage: Stage, rounds: int = 1) -> None:
    """Ask each replica for its end while Telegram has not answered its sends."""
    count = rounds * len(stage.bots)
    for at in range(count):
        await part(stage, at + 1, count + 1)
        await stop_in_the_midst(stage, stage.bots[at % len(stage.bots)])


async def stop_in_the_midst(stage: Stage, bot: BotProcess) -> None:
    """Stop it while Telegram has messages that it has not answered, let it answer then, and start again."""
    held = stage.stand_in.faults.add(holds_after(), method="sendMessage", times=3)
    await asyncio.to_thread(held.wait_until_hit, 3)
    stops = bot.log.count('"stopping"')
    stopping = asyncio.create_task(bot.stop())
    while bot.log.count('"stopping"') == stops:  # noqa: ASYNC110  # it tells nobody else
        await asyncio.sleep(POLL)
    held.release()
    assert await stopping < STOPS_WITHIN
    bot.start()
    await bot.ready()


# --- disks


@contextmanager
def small_disk(folder: Path, size: int) -> Iterator[Path]:
    """A disk of so many bytes in memory, in a folder of that name. Raises OSError where that is not permitted."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    try:
        subprocess.run(mount, check=True, capture_output=True)
    except (subprocess.CalledProcessError, FileNotFoundError) as error:
        raise OSError(f"no disk could be made at {folder}") from error
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


async def fill_disk(stage: Stage, disk: Path, rounds: int = 1) -> None:
    """Somebody fills the disk of the database, and makes room when they read in the log why nothing goes on."""
    (bot,) = stage.bots
    ballast = disk / "ballast"
    for at in range(rounds):
        await part(stage, at + 1, rounds + 1)
        await asyncio.to_thread(_fill, ballast)
        await _told(bot)
        before = await asyncio.to_thread(_incoming, stage.engine)
        await _told(bot)  # a second try was refused, while everybody goes on writing
        assert await asyncio.to_thread(_incoming, stage.engine) == before
        ballast.unlink()


async def _told(bot: BotProcess) -> None:
    """Wait until the log says once more that the disk is full."""
    told = bot.log.count(FULL)
    while bot.log.count(FULL) == told:  # noqa: ASYNC110  # it tells nobody else
        await asyncio.sleep(POLL)


def _incoming(engine: Engine) -> int:
    """How many messages are stored."""
    with reading(engine) as unit:
        return int(unit.read(select(func.count()).where(messages.c.direction == "in")).scalar_one())


def _fill(ballast: Path) -> None:
    """Write until there is no room."""
    with ballast.open("wb", buffering=0) as file:
        for size in (65_536, 1):
            try:
                while file.write(b"-" * size) == size:
                    pass
            except OSError:
                continue
