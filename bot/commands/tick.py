"""Do what is due at a given time, once. What it makes for people waits in the outbox for the running bot."""

import argparse
import asyncio
from datetime import UTC, datetime

from bot.commands.foundation import prepare
from bot.refusal import Refused
from bot.settings import load_settings
from bot.wiring import Program


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--at", required=True, metavar="TIME", help="such as 2026-09-01T09:00:00+08:00")


def run(parsed: argparse.Namespace) -> None:
    moment = _moment(parsed.at)
    settings = load_settings()
    prepare(settings)

    async def once() -> list[str]:
        return await Program(settings, clock=lambda: moment, channels={}).tick()

    print("\n".join(asyncio.run(once())) or "nothing was due")


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Refused(f"--at {text}: write it like 2026-09-01T09:00:00+08:00") from None
    if moment.tzinfo is None:
        raise Refused("--at needs its offset, such as 2026-09-01T09:00:00+08:00")
    return moment.astimezone(UTC)
