"""Start the bot with an invented township, 云溪镇, to play with. Everything stays in DATA_DIR for the next time."""

import argparse

from bot.commands.run import address, prepare, start
from bot.demo.seed import invitations, seed
from bot.settings import load_settings
from bot.wiring import Program
from handlers.texts.words import ROLE


def arguments(parser: argparse.ArgumentParser) -> None:
    """None: everything is a setting."""


def run(_: argparse.Namespace) -> None:
    settings = load_settings()
    prepare(settings)

    def ready(program: Program) -> None:
        seed(program.engine, program.clock)
        base = address(settings)
        print(f"\n  居民 Resident:  {base}/chat")
        for one in invitations(program.engine, program.clock):
            role = ROLE[one.role]
            print(f"  {role.zh} {role.en}:  {base}/chat?start=i-{one.code}   ({one.name})")
        print("\n  每个角色请用不同的浏览器或无痕窗口打开。Open each role in a browser or private window of its own.")
        print("  Ctrl-C 停止 stops.\n", flush=True)

    start(settings, ready)
