"""Do what is due at a given time, once. What it makes for people waits in the outbox for the running bot."""

import argparse
import asyncio
from datetime import UTC, datetime

from bot.commands.run import prepare
from bot.refusal import Refused
from bot.settings import load_settings
from bot.wiring import Program


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--at", required=True, type=datetime.fromisoformat, help="such as 2026-09-01T09:00:00+08:00")


def run(parsed: argparse.Namespace) -> None:
    if parsed.at.tzinfo is None:
        raise Refused("--at needs its offset, such as 2026-09-01T09:00:00+08:00")
    settings = load_settings()
    prepare(settings)
    moment = parsed.at.astimezone(UTC)

    async def once() -> list[str]:
        program = Program(settings, clock=lambda: moment)
        program.writer.start()
        try:
            return await program.runner.tick()
        finally:
            await program.writer.stop()
            program.engine.dispose()

    ran = asyncio.run(once())
    print("\n".join(ran) if ran else "nothing was due")
