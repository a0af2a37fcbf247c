"""Copy the database to a new file while the bot runs. On PostgreSQL it names the pg_dump line to use instead."""

import argparse
from pathlib import Path

from bot.refusal import Refused
from bot.settings import load_settings
from storage.backup import BackupRefused, backup


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="where to; must not be there yet")


def run(parsed: argparse.Namespace) -> None:
    try:
        backup(load_settings().database, parsed.file)
    except BackupRefused as error:
        raise Refused(str(error)) from error
    print(f"{parsed.file}: {parsed.file.stat().st_size:,} bytes")
