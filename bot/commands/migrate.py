"""Bring the database to this version of the program. It never runs backwards over data."""

import argparse

from bot.commands.foundation import database, make_folder
from bot.refusal import Refused
from bot.settings import load_settings
from storage.migrations import MigrationRefused, current, migrate


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--to", metavar="REVISION", help="another revision than the newest")


def run(parsed: argparse.Namespace) -> None:
    settings = load_settings()
    make_folder(settings.data_dir)
    with database(settings) as engine:
        try:
            before = current(engine)
            migrate(engine, parsed.to)
            after = current(engine)
        except MigrationRefused as error:
            raise Refused(str(error)) from error
    print(f"revision {after}" if before == after else f"revision {before} → {after}")
