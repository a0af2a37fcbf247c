"""How long anybody waits for the answer to a message while a county's grid cells are imported again.

The program runs as a process of its own, with SQLite on a disk of memory (see tests.bench.latency), and the import as
another one. Every cell has a new name in the second file, so that all of them change, and the tree is loaded anew.
"""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import uvloop
from shapely import box, to_geojson

from tests.bench.latency import IN_MEMORY
from tests.bench.turns import our_updates
from tests.bench.webhook_load import at_random_times, serving

VILLAGES, CELLS = 200, 100  # of each village: 20,000 cells
PER_SECOND, CONNECTIONS = 20.0, 40
PEOPLE, TURNS = 60, 720  # a little over half a minute
_SIZE = 0.01  # degrees


def while_people_write() -> dict[str, float]:
    """Milliseconds of the slowest answer while 20,000 cells change and are loaded anew, and of the slowest without."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_measure())


async def _measure() -> dict[str, float]:
    updates = list(our_updates(PEOPLE, 2 * TURNS // (PEOPLE * 6)))
    with TemporaryDirectory() as folder:
        before, after = (_file(Path(folder), name) for name in ("before", "after"))
        async with serving("aiogram", PEOPLE, IN_MEMORY) as bot:
            await bot.command("import-areas", str(before))
            importing = asyncio.create_task(bot.command("import-areas", str(after)))
            meanwhile = await at_random_times(bot.address, updates[:TURNS], PER_SECOND, CONNECTIONS)
            assert importing.done(), "the load must go on after the import"
            without = await at_random_times(bot.address, updates[TURNS:], PER_SECOND, CONNECTIONS)
    return {
        "import_slowest_answer_milliseconds": max(meanwhile) * 1000,
        "import_slowest_answer_without_milliseconds": max(without) * 1000,
        "import_seconds": await importing,
    }


def _file(folder: Path, name: str) -> Path:
    """A township with so many cells, whose names end with `name`."""
    path = folder / f"{name}.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": list(_features(name))}))
    return path


def _features(name: str) -> Iterator[dict[str, Any]]:
    yield _feature("t", f"云坪镇{name}", "", "township", 0, 0)
    for village in range(VILLAGES):
        yield _feature(f"v{village}", f"第{village}村", "t", "village", village, 0)
        for cell in range(CELLS):
            yield _feature(f"c{village}-{cell}", f"第{cell}网格{name}", f"v{village}", "cell", village, cell)


def _feature(code: str, name: str, parent: str, level: str, column: int, row: int) -> dict[str, Any]:
    west, south = 100 + column * _SIZE, 20 + row * _SIZE
    border = json.loads(to_geojson(box(west, south, west + _SIZE, south + _SIZE))) if level == "cell" else None
    about = {"code": code, "name": name, "parent": parent, "level": level}
    return {"type": "Feature", "properties": about, "geometry": border}
