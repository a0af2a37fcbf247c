"""What happens to the program, beside kills, while people write to it. Each is for `Stage.perform`."""

import asyncio
import resource
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, func, select, text

from storage.database import reading
from storage.tables import messages
from tests.bot_api.faults import drops_after, holds_after
from tests.kill.bot_process import POLL, BotProcess
from tests.kill.stage import Stage
from tests.servers import PostgresServer, RedisServer

STOPS_WITHIN = 10.0  # seconds
CUTS = 3  # answers of Telegram that do not arrive, in each round
REFUSED = "SQLITE_IOERR_WRITE"
ROOM_TO_TELL = 64 * 1024  # bytes that the log may still grow by


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
def no_room(bot: BotProcess) -> Iterator[None]:
    """While the block runs, the system refuses to let any file of the program grow but its log, as a full disk does.

    A small disk of one's own takes a privilege to mount. A limit on the size of files takes none, and SQLite meets it
    in the same place: a write that fails in the midst of a page (setrlimit(2), RLIMIT_FSIZE: EFBIG; Python ignores the
    signal). It calls it SQLITE_IOERR_WRITE; for SQLITE_FULL see tests/bot/test_writer.py.
    """
    before = resource.prlimit(bot.process_id, resource.RLIMIT_FSIZE)
    resource.prlimit(bot.process_id, resource.RLIMIT_FSIZE, (bot.log_size + ROOM_TO_TELL, before[1]))
    try:
        yield
    finally:
        resource.prlimit(bot.process_id, resource.RLIMIT_FSIZE, before)


async def fill_disk(stage: Stage, rounds: int = 1) -> None:
    """The disk of the database fills up, and somebody makes room when they read in the log why nothing goes on."""
    (bot,) = stage.bots
    for at in range(rounds):
        await part(stage, at + 1, rounds + 1)
        with no_room(bot):
            await _told(bot)
            before = await asyncio.to_thread(_incoming, stage.engine)
            await _told(bot)  # a second try was refused, while everybody goes on writing
            assert await asyncio.to_thread(_incoming, stage.engine) == before


async def _told(bot: BotProcess) -> None:
    """Wait until the log says once more that the disk is full."""
    told = bot.log.count(REFUSED)
    while bot.log.count(REFUSED) == told:  # noqa: ASYNC110  # it tells nobody else
        await asyncio.sleep(POLL)


def _incoming(engine: Engine) -> int:
    """How many messages are stored."""
    with reading(engine) as unit:
        return int(unit.read(select(func.count()).where(messages.c.direction == "in")).scalar_one())
