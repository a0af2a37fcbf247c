"""The command `minsheng`. Only the module of the chosen subcommand is imported, so that each starts fast."""

import argparse
import importlib
import sys
from collections.abc import Sequence

from bot.refusal import Refused
from bot.settings import BadSettings

COMMANDS = {
    "run": "start the bot",
    "demo": "start the bot with an invented township to play with",
    "setup": "make a congress, or begin its next cycle",
    "migrate": "bring the database to this version of the program",
    "doctor": "say what is wrong with settings, database, channels, disk and clock",
    "import-areas": "take in areas and grid cells from GeoJSON or CSV",
    "import-people": "take in deputies, staff and grid workers from CSV or XLSX",
    "import-proposals": "take in paper forms from CSV or XLSX",
    "invite": "make a one-time invite link for a person",
    "qr": "draw the QR code or a poster of a cell, a station or a deputy",
    "export": "write the ledger of a congress as XLSX",
    "backup": "copy the database while the bot runs",
    "replay": "feed recorded messages through the real way in",
    "tick": "do what is due at a given time, once",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; 0 when it did what was asked, 1 with a sentence on standard error otherwise."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if not given or given[0] not in COMMANDS:
        print(_usage(), file=sys.stdout if given in ([], ["-h"], ["--help"]) else sys.stderr)
        return 0 if given in (["-h"], ["--help"]) else 2
    name, *rest = given
    module = importlib.import_module(f"bot.commands.{name.replace('-', '_')}")
    parser = argparse.ArgumentParser(prog=f"minsheng {name}", description=module.__doc__)
    module.arguments(parser)
    try:
        module.run(parser.parse_args(rest))
    except (Refused, BadSettings) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _usage() -> str:
    listed = "\n".join(f"  {name:<18}{what}" for name, what in COMMANDS.items())
    return f"usage: minsheng COMMAND …\n\n{listed}\n\n`minsheng COMMAND --help` tells more."
