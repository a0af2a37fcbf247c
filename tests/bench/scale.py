"""`make bench-scale`: what a turn and every list cost in a large store, against what they cost in a small one. And what
a long day does to memory, an import of 20,000 cells to those who write meanwhile, the first of a month to a province,
and an announcement to a county.

Takes half an hour and 10 GB of disk on a small machine; `--people 100000` takes a tenth. Ratios are medians of pairs
that were asked one right after the other. The last line is JSON.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from statistics import median
from time import perf_counter

from storage.database import open_database
from storage.migrations import migrate
from tests.bench import announcing, importing, memory
from tests.bench.figures import json_line
from tests.bench.province import WHOLE, province_of
from tests.bench.province import fill as fill_province
from tests.bench.province import measure as open_month
from tests.bench.scale_questions import Program, compared
from tests.bench.scale_rows import LARGE, SMALL, Size
from tests.bench.scale_store import fill
from tests.servers import PostgresServer


def sized(people: int) -> Size:
    """A store of so many people, in which everything else is as many in proportion."""
    part = people / LARGE.people
    return replace(
        LARGE,
        people=people,
        messages=round(LARGE.messages * part),
        proposals=round(LARGE.proposals * part),
        villages=max(2, round(LARGE.villages * part)),
    )


def _filled(url: str, size: Size) -> str:
    began = perf_counter()
    fill(_migrated(url), size)
    _say(f"filled with {size.people} people in {perf_counter() - began:.0f} s")
    return url


def growth(name: str, fresh: Callable[[str], str], size: Size, rounds: int) -> dict[str, float]:
    """How many times as much each question costs, by the clock and in this process's CPU."""
    small = Program(_filled(fresh("small"), SMALL), SMALL)
    large = Program(_filled(fresh("large"), size), size)
    figures: dict[str, float] = {}
    for question, few, many in compared(small, large, rounds):
        pairs = zip(few.seconds, many.seconds, strict=True)
        figures[f"{name}_{question}_milliseconds"] = median(many.seconds) * 1000
        figures[f"{name}_{question}_growth"] = median(more / less for less, more in pairs)
        cpu_pairs = zip(few.cpu_seconds, many.cpu_seconds, strict=True)
        figures[f"{name}_{question}_cpu_growth"] = median(more / less for less, more in cpu_pairs)
        _say(f"{name} {question:<18}" + "".join(f"{value:9.2f}" for value in list(figures.values())[-3:]))
    for kind in ("growth", "cpu_growth"):
        every = [value for figure, value in figures.items() if figure.endswith(f"_{kind}")]
        figures[f"{name}_worst_{kind}"] = max(every)
    small.engine.dispose()
    large.engine.dispose()
    return figures


def province(name: str, url: str, congresses: int) -> dict[str, float]:
    """What opening a month costs where there are so many congresses."""
    size = province_of(congresses)
    fill_province(_migrated(url), size)
    return _said(open_month(name, url, size))


def announcement(name: str, url: str, people: int) -> dict[str, float]:
    """What an announcement to so many people costs."""
    return _said(announcing.measure(name, _migrated(url), people))


def _migrated(url: str) -> str:
    engine = open_database(url)
    migrate(engine)
    engine.dispose()
    return url


def _said(figures: dict[str, float]) -> dict[str, float]:
    for figure, value in figures.items():
        _say(f"{figure} {value:.2f}")
    return figures


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.scale", description=__doc__)
    parser.add_argument("--people", type=int, default=LARGE.people)
    parser.add_argument("--rounds", type=int, default=101)
    parser.add_argument("--turns", type=int, default=100_000, help="of the simulated day")
    parser.add_argument("--congresses", type=int, default=WHOLE.congresses, help="of the province")
    chosen = parser.parse_args()
    size = sized(chosen.people)
    figures: dict[str, float] = memory.day(chosen.turns) | importing.while_people_write()
    with tempfile.TemporaryDirectory(prefix="minsheng-scale-") as folder:
        figures |= growth("sqlite", lambda name: f"sqlite:///{Path(folder, name)}", size, chosen.rounds)
        figures |= province("sqlite", f"sqlite:///{Path(folder, 'province')}", chosen.congresses)
        figures |= announcement("sqlite", f"sqlite:///{Path(folder, 'announcement')}", chosen.people)
    with PostgresServer(PostgresServer.AS_INSTALLED) as server:
        figures |= growth("postgresql", lambda _: server.databases.create(), size, chosen.rounds)
        figures |= province("postgresql", server.databases.create(), chosen.congresses)
        figures |= announcement("postgresql", server.databases.create(), chosen.people)
    print(json_line(figures))


if __name__ == "__main__":
    main()
