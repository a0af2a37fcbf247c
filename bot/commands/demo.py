"""Start the bot with an invented township, 云溪镇, to play with. Everything stays in DATA_DIR for the next time."""

import argparse
from collections.abc import Iterator

from sqlalchemy import Engine

from bot.clock import wall_clock
from bot.commands.foundation import address
from bot.commands.run import start
from bot.demo.seed import invitations, seed
from bot.settings import Settings, load_settings
from handlers.texts.words import ROLE


def arguments(parser: argparse.ArgumentParser) -> None:
    """None: everything is a setting."""


def run(_: argparse.Namespace) -> None:
    start(load_settings(), _greeting)


def _greeting(settings: Settings, engine: Engine) -> Iterator[str]:
    """Make the township where it is not there, and say how to be somebody in it."""
    seed(engine, wall_clock)
    page = f"{address(settings)}/chat"
    yield f"\n  居民 Resident:  {page}"
    for one in invitations(engine, wall_clock):
        role = ROLE[one.role]
        yield f"  {role.zh} {role.en}:  {page}?start=i-{one.code}   {one.name}"
    yield "\n  每个角色请用不同的浏览器或无痕窗口打开。Open each role in a browser or private window of its own."
    yield "  Ctrl-C 停止 stops.\n"
