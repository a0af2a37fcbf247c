"""Write the ledger of a congress (台账) as XLSX."""

import argparse
from pathlib import Path

from bot.commands.office import chosen_congress, opened
from bot.recipes.ledger_writing import write_ledger
from bot.refusal import Refused


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="the XLSX to be written; must not be there yet")
    parser.add_argument("--congress", type=int, help="its number, where there are several")


def run(parsed: argparse.Namespace) -> None:
    if parsed.file.exists():
        raise Refused(f"{parsed.file} is there already; name another file.")
    with opened() as (_, store):
        congress = chosen_congress(store, parsed.congress)
        parsed.file.write_bytes(write_ledger(store, congress.id))
    print(f"{parsed.file}: {congress.name}")
