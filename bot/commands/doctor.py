"""Say in sentences what is wrong with settings, database, Redis, channels, disk and clock. It changes nothing."""

import argparse
import asyncio
import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from difflib import get_close_matches
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from sqlalchemy import Engine, func, select
from sqlalchemy.exc import SQLAlchemyError

from bot.channels.telegram_settings import TelegramMode
from bot.clock import wall_clock
from bot.commands.foundation import unanswered
from bot.coordination import Coordination
from bot.logs import configure_logs
from bot.platforms import platforms, set_up
from bot.refusal import Refused
from bot.settings import Settings, WeChatSettings, load_settings, strangers, variables
from storage.calendar import BadYearFile, check_year_file
from storage.congresses import check_zone
from storage.database import open_database, reading
from storage.messages import Messages
from storage.migrations import current, head, obstacle
from storage.paces import Paces
from storage.tables import congresses

LITTLE_SPACE = 1 << 30  # bytes
CLOCK_OFF_BY = 30.0  # seconds
LOOPBACK = ("127.0.0.1", "localhost", "::1")


def arguments(parser: argparse.ArgumentParser) -> None:
    """None: everything is a setting."""


def run(_: argparse.Namespace) -> None:
    settings = load_settings()
    configure_logs("error")
    found = [*_settings(settings), *_disk(settings), *_database(settings), *asyncio.run(_network(settings))]
    if found:
        raise Refused("\n".join(found))
    print("一切正常。All is well.")


def _settings(settings: Settings) -> Iterator[str]:
    known = [variable.name for variable in variables()]
    for name in strangers():
        near = get_close_matches(name.upper(), known, n=1, cutoff=0.8)
        yield f"{name}: there is no such setting{f'; is {near[0]} meant?' if near else '.'}"
    url = urlsplit(settings.public_url)
    if url.scheme == "http" and url.hostname not in LOOPBACK:
        yield (
            "MINSHENG_PUBLIC_URL: without https, browsers tell no location, and whoever is on the way reads along; "
            "put a reverse proxy with a certificate in front."
        )
    hook = settings.telegram
    if hook.mode is TelegramMode.WEBHOOK and hook.webhook_url and not hook.webhook_url.endswith("/telegram"):
        yield "MINSHENG_TELEGRAM__WEBHOOK_URL: must end in /telegram, or what Telegram posts arrives nowhere."
    if settings.wechat.app_id:
        yield from _wechat(settings.wechat)
    try:
        check_year_file(settings.working_days)
    except BadYearFile as bad:
        yield f"MINSHENG_WORKING_DAYS_FILE: {bad}."
    if settings.working_days_file and not settings.working_days.exists():
        yield f"MINSHENG_WORKING_DAYS_FILE: there is no {settings.working_days}."


def _wechat(account: WeChatSettings) -> Iterator[str]:
    if not account.aes_key.get_secret_value():
        yield (
            "MINSHENG_WECHAT__AES_KEY: without it (明文模式), nothing proves what a message says: good for a try, not "
            "for residents; choose 安全模式 in the account's console, and set its EncodingAESKey."
        )
    if not account.secret.get_secret_value():
        yield (
            "MINSHENG_WECHAT__SECRET: without it, nothing can be asked of WeChat: people's photos come in, voice and "
            "videos cannot, and what is wrong with the account is not found here; set its AppSecret."
        )


def _disk(settings: Settings) -> Iterator[str]:
    there = next(
        path for path in (settings.data_dir.absolute(), *settings.data_dir.absolute().parents) if path.exists()
    )
    if not there.is_dir():
        yield f"MINSHENG_DATA_DIR: {there} is a file, not a folder."
    elif not os.access(there, os.W_OK | os.X_OK):
        yield f"MINSHENG_DATA_DIR: this user may not write to {there}; change its owner, or name another folder."
    free = shutil.disk_usage(there).free
    if free < LITTLE_SPACE:
        yield f"MINSHENG_DATA_DIR: only {free >> 20} MB are free at {there}; make room."


# --- the database


def _database(settings: Settings) -> Iterator[str]:
    path = settings.database.removeprefix("sqlite:///")
    if path != settings.database and not Path(path).exists():
        yield f"There is no database at {path} yet: minsheng run, demo or setup makes it."
        return
    engine = open_database(settings.database)
    try:
        yield from _of_database(settings, engine)
    except SQLAlchemyError as error:
        yield unanswered(error)
    finally:
        engine.dispose()


def _of_database(settings: Settings, engine: Engine) -> Iterator[str]:
    if problem := obstacle(engine):
        yield problem
    elif current(engine) != head():
        yield f"The database is at revision {current(engine)}, this program needs {head()}: run minsheng migrate."
    else:
        yield from _in_database(settings, engine)


def _in_database(settings: Settings, engine: Engine) -> Iterator[str]:
    with reading(engine) as unit:
        for channel, count in Messages(unit, datetime.now(UTC)).waiting():
            if channel not in set_up(settings):
                yield f"Messages wait for the channel {channel} ({count}), which is not set up: set it up."
        for channel, fault in Paces(unit, datetime.now(UTC)).faults():
            what = f"{channel} refuses what is sent ({fault})" if fault else f"{channel} takes nothing that is sent"
            yield (
                f"The channel {what}; its messages are kept and tried again: see its token and its other settings, and "
                "that its platform can be reached."
            )
        zones = list(unit.read(select(congresses.c.timezone).distinct()).scalars())
        if engine.dialect.name == "postgresql":
            now: datetime = unit.read(select(func.clock_timestamp())).scalar_one()
            yield from _clock(now, "that of the database")
    if not zones:
        yield "There is no congress yet: minsheng setup makes one, minsheng demo an invented one."
    for zone in zones:
        try:
            check_zone(zone)
        except ValueError:
            yield f"This machine does not know the time zone {zone}: install its time zone data (tzdata)."


# --- the network


async def _network(settings: Settings) -> list[str]:
    found = []
    coordination = Coordination(settings.redis_url, lambda *_: None)
    if not await coordination.answers():
        found.append("MINSHENG_REDIS_URL: Redis does not answer; see that it runs, and that the address is right.")
    await coordination.stop()
    for channel in platforms(settings, wall_clock).values():
        found += await channel.check()
    if settings.telegram.token.get_secret_value():
        found += await _clock_of(settings.telegram.api_base)
    return found


async def _clock_of(api_base: str) -> list[str]:
    """Compare our clock with the platform's, which every HTTP answer tells (RFC 9110, Date)."""
    try:
        async with httpx.AsyncClient(timeout=10) as client:
            answer = await client.head(api_base)
        return list(_clock(parsedate_to_datetime(answer.headers["date"]), "Telegram's"))
    except (httpx.HTTPError, KeyError, ValueError):
        return []  # the channel's own check says whether it can be reached


def _clock(theirs: datetime, whose: str) -> Iterator[str]:
    off = abs((datetime.now(UTC) - theirs).total_seconds())
    if off > CLOCK_OFF_BY:
        yield f"This machine's clock and {whose} differ by {off:.0f} seconds; set both by NTP."
