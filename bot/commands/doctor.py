"""Say in sentences what is wrong with settings, database, Redis, channels, disk and clock."""

import argparse
import asyncio
import shutil
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx
from sqlalchemy.exc import SQLAlchemyError

from bot.commands.run import prepare
from bot.refusal import Refused
from bot.settings import Settings, load_settings
from bot.wiring import Program
from storage.database import open_database
from storage.migrations import obstacle

LITTLE_SPACE = 1 << 30  # bytes
CLOCK_OFF_BY = 30  # seconds


def arguments(parser: argparse.ArgumentParser) -> None:
    """None: everything is a setting."""


def run(_: argparse.Namespace) -> None:
    settings = load_settings()
    found = _database(settings)
    if not found:
        prepare(settings)
        found = asyncio.run(_program(settings))
    found += _disk(settings)
    if found:
        raise Refused("\n".join(found))
    print("一切正常。All is well.")


def _database(settings: Settings) -> list[str]:
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    engine = open_database(settings.database)
    try:
        problem = obstacle(engine)
    except SQLAlchemyError as error:
        return [f"MINSHENG_DATABASE_URL: the database does not answer ({type(error).__name__})."]
    finally:
        engine.dispose()
    return [problem] if problem else []


async def _program(settings: Settings) -> list[str]:
    program = Program(settings)
    found = []
    if not await program.coordination.answers():
        found.append("MINSHENG_REDIS_URL: Redis does not answer.")
    for channel in program.channels.values():
        found += [f"{channel.name}: {sentence}" for sentence in await channel.check()]
    if "telegram" in program.channels:
        found += await _clock(settings.telegram.api_base)
    await program.coordination.stop()
    program.engine.dispose()
    return found


async def _clock(api_base: str) -> list[str]:
    """Compare our clock with the platform's, which every HTTP answer tells."""
    try:
        async with httpx.AsyncClient(timeout=10) as client:
            answer = await client.head(api_base)
        off = abs((datetime.now(UTC) - parsedate_to_datetime(answer.headers["date"])).total_seconds())
    except (httpx.HTTPError, KeyError, ValueError):
        return []  # the channel's own check says whether it can be reached
    return [f"This machine's clock is off by {off:.0f} seconds; set it by NTP."] if off > CLOCK_OFF_BY else []


def _disk(settings: Settings) -> list[str]:
    free = shutil.disk_usage(settings.data_dir).free
    if free >= LITTLE_SPACE:
        return []
    return [f"MINSHENG_DATA_DIR: only {free >> 20} MB are free at {settings.data_dir}; make room."]
