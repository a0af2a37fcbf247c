"""`python -m tests.faults`: each of these misfortunes any number of times. The last line is a summary as JSON."""

import argparse
import asyncio
import json
import logging
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import Engine

from storage.database import open_database
from tests.bot.mailing import Mail
from tests.databases import migrate_at
from tests.faults.doubled import doubled
from tests.faults.overtaking import overtaken
from tests.faults.refusing import refuse_and_flood
from tests.faults.two_channels import both_at_once
from tests.servers import PostgresServer
from tests.virtual_time import VirtualLoop

Proof = Callable[[Engine, str, Path, int], Coroutine[Any, Any, list[str]]]


def main() -> int:
    """0 when nothing was wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--rounds", type=int, default=1000)
    parser.add_argument("--only", choices=list(_PROOFS), help="one of them")
    chosen = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a polite end leaves no server behind
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    summary: dict[str, dict[str, float]] = {}
    with PostgresServer() as server:
        for name in [chosen.only] if chosen.only else _PROOFS:
            began = time.monotonic()
            with _place(server) as (engine, url, folder):
                problems = _proved(name, engine, url, folder, chosen.rounds)
            for problem in problems:
                print(f"{name}: {problem}", file=sys.stderr)
            summary[name] = {"problems": len(problems), "seconds": round(time.monotonic() - began, 1)}
    print(json.dumps({"summary": {"rounds": chosen.rounds, **summary}}))
    return 1 if any(one["problems"] for one in summary.values()) else 0


def _proved(name: str, engine: Engine, url: str, folder: Path, rounds: int) -> list[str]:
    proof, loop_factory = _PROOFS[name]
    with asyncio.Runner(loop_factory=loop_factory) as runner:
        return runner.run(proof(engine, url, folder, rounds))


@contextmanager
def _place(server: PostgresServer) -> Iterator[tuple[Engine, str, Path]]:
    """An empty database and folder."""
    url = server.databases.create()
    migrate_at(url)
    engine = open_database(url)
    with tempfile.TemporaryDirectory(prefix="minsheng-faults-") as folder:
        yield engine, url, Path(folder)
    engine.dispose()


async def _refused(engine: Engine, _url: str, folder: Path, rounds: int) -> list[str]:
    return await refuse_and_flood(Mail(engine, folder), rounds)


_PROOFS: dict[str, tuple[Proof, Callable[[], asyncio.AbstractEventLoop]]] = {
    "doubled": (doubled, asyncio.new_event_loop),
    "overtaken": (overtaken, asyncio.new_event_loop),
    "two_channels": (both_at_once, asyncio.new_event_loop),
    "refused": (_refused, VirtualLoop),
}

if __name__ == "__main__":
    sys.exit(main())
