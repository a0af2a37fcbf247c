"""Start the bot with an invented township, 云溪镇, to play with. Everything stays in DATA_DIR for the next time."""

import argparse

from sqlalchemy import Engine

from bot.clock import wall_clock
from bot.commands.run import RESIDENTS, Door, start
from bot.demo.seed import invitations, seed
from bot.settings import Settings, load_settings
from handlers.texts.words import ROLE

ADVICE = """
  每个角色请用不同的浏览器或无痕窗口打开。Open each role in a browser or private window of its own.
  Ctrl-C 停止 stops.
"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """None: everything is a setting."""


def run(_: argparse.Namespace) -> None:
    start(load_settings(), _doors, ADVICE)


def _doors(_: Settings, engine: Engine) -> list[Door]:
    """Make the township where it is not there, and find somebody in it for each role."""
    seed(engine, wall_clock)
    found = [RESIDENTS]
    for one in invitations(engine, wall_clock):
        role = ROLE[one.role]
        found.append(Door(f"{role.zh} {role.en}", f"i-{one.code}", one.name))
    return found
