"""The command `minsheng`. Only the module of the chosen subcommand is imported, so that each starts fast."""

import argparse
import gc
import importlib
import sys
import traceback
from collections.abc import Sequence

from bot.refusal import Refused
from bot.settings import BadSettings

COMMANDS = {
    "run": "start the bot",
    "demo": "start the bot with an invented township to play with",
    "setup": "make a congress, begin its next cycle, or change its rules",
    "migrate": "bring the database to this version of the program",
    "doctor": "say what is wrong with settings, database, channels, disk and clock",
    "import-areas": "take in areas and grid cells from GeoJSON or CSV",
    "import-people": "take in deputies, staff and grid workers from CSV or XLSX",
    "import-proposals": "take in paper forms from CSV or XLSX",
    "import-projects": "take in the projects that a congress has chosen from CSV or XLSX",
    "announce": "take in an announcement from a file as a draft, or follow one on its way",
    "invite": "make a one-time invite link for a person",
    "revoke": "take a role, or an unused invite, away from a person",
    "qr": "draw the QR code or a poster of a cell, a station or a deputy, or the code of an invite",
    "wechat-menu": "set the menu below the chat of the WeChat account",
    "export": "write the ledger of a congress as XLSX",
    "backup": "copy the database while the bot runs",
    "replay": "feed recorded messages through the real way in",
    "tick": "do what is due at a given time, once",
}
REFUSED, FAULT, INTERRUPTED = 1, 70, 130  # of the last two: EX_SOFTWARE in sysexits.h; 128 and the signal's number


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; 0 when it did what was asked, 1 with a sentence on standard error otherwise."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if not given or given[0] not in COMMANDS:
        asked = given in (["-h"], ["--help"])
        print(_usage(), file=sys.stdout if asked else sys.stderr)
        return 0 if asked else 2
    try:
        _run(*given)
    except (Refused, BadSettings) as error:
        print(error, file=sys.stderr)
        return REFUSED
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001  # the last resort: its own words may hold what somebody wrote
        print(_fault(error), file=sys.stderr)
        return FAULT
    return 0


def _run(name: str, *arguments: str) -> None:
    # What an import makes stays: to look for garbage in it takes a tenth of the start, and time ever after.
    gc.disable()
    module = importlib.import_module(f"bot.commands.{name.replace('-', '_')}")
    gc.freeze()
    gc.enable()
    parser = argparse.ArgumentParser(prog=f"minsheng {name}", description=module.__doc__)
    module.arguments(parser)
    module.run(parser.parse_args(arguments))


def _usage() -> str:
    listed = "\n".join(f"  {name:<18}{what}" for name, what in COMMANDS.items())
    return f"usage: minsheng COMMAND …\n\n{listed}\n\n`minsheng COMMAND --help` tells more."


def _fault(error: Exception) -> str:
    places = "".join(traceback.format_tb(error.__traceback__))
    return f"{places}This is a fault of the program ({type(error).__name__}). Nothing half done was kept."
