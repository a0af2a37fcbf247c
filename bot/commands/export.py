"""Write the ledger of a congress (台账) as XLSX."""

import argparse
import os
import tempfile
from pathlib import Path

from bot.clock import wall_clock
from bot.commands.office import chosen_congress, opened_database, store_in
from bot.recipes.ledger_writing import write_ledger
from bot.recipes.source import Source
from bot.refusal import Refused
from storage.database import reading


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="the XLSX to be written; must not be there yet")
    parser.add_argument("--congress", type=int, help="its number, where there are several")


def run(parsed: argparse.Namespace) -> None:
    target: Path = parsed.file
    if target.exists():
        raise Refused(f"{target} is there already; name another file.")
    if not target.parent.is_dir():
        raise Refused(f"There is no folder {target.parent}.")
    with opened_database() as (_, engine), reading(engine) as unit:
        store = store_in(unit)
        congress = chosen_congress(store, parsed.congress)
        # For its owner's eyes only, and whole or not at all: it holds names and telephone numbers.
        descriptor, name = tempfile.mkstemp(prefix=".ledger.", suffix=".xlsx", dir=target.parent)
        os.close(descriptor)
        try:
            write_ledger(Source(unit, store.areas, wall_clock()), {"congress": congress.id}, Path(name))
            Path(name).rename(target)
        finally:
            Path(name).unlink(missing_ok=True)
    print(f"{target}: {congress.name}")
