"""Bring the database to this version of the program. It never runs backwards over data."""

import argparse

from bot.refusal import Refused
from bot.settings import load_settings
from storage.database import open_database
from storage.migrations import MigrationRefused, current, migrate


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--to", metavar="REVISION", help="another revision than the newest")


def run(parsed: argparse.Namespace) -> None:
    settings = load_settings()
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    engine = open_database(settings.database)
    try:
        before = current(engine)
        migrate(engine, parsed.to)
        after = current(engine)
    except MigrationRefused as error:
        raise Refused(str(error)) from error
    finally:
        engine.dispose()
    print(f"revision {after}" if before == after else f"revision {before} → {after}")
