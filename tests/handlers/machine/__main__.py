"""`python -m tests.handlers.machine`: the random walk at any length. Its last line is a summary as JSON."""

import argparse
import json
import sys
import tempfile
import time
import traceback
from pathlib import Path

from tests.databases import migrate_at
from tests.handlers.machine.running import walk
from tests.settlement import Template

STEPS_AT_A_TIME = 2_000  # what hypothesis plans at once


def main() -> int:
    """0 when nothing was found."""
    chosen = _arguments().parse_args()
    began, steps, failed = time.monotonic(), 0, 0
    template = _template()
    while steps < chosen.steps and not failed:
        try:
            steps += walk(template, min(STEPS_AT_A_TIME, chosen.steps - steps), by_chance=True)
        except Exception:  # noqa: BLE001  # whatever it found is shown, with the way to it
            traceback.print_exc()
            failed = 1
        print(f"{steps} steps", file=sys.stderr)
    template.dispose()
    seconds = round(time.monotonic() - began, 1)
    print(json.dumps({"summary": {"steps": steps, "problems": failed, "seconds": seconds}}))
    return failed


def _template() -> Template:
    with tempfile.TemporaryDirectory(prefix="minsheng-machine-") as folder:
        path = Path(folder) / "minsheng.sqlite3"
        migrate_at(f"sqlite:///{path}")
        return Template(path)


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.handlers.machine", description=__doc__)
    parser.add_argument("--steps", type=int, default=100_000, help="about so many")
    return parser


if __name__ == "__main__":
    sys.exit(main())
