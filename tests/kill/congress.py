"""A small invented congress in an empty database, and its grid cells as the crowd knows them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from shapely import box
from sqlalchemy import update

from storage.area_index import AreaIndex
from storage.areas import add_area
from storage.database import Unit, open_database, transaction
from storage.domain.areas import Area, Level
from storage.domain.rules import Rules
from storage.migrations import migrate
from storage.store import Store
from storage.tables import areas

CONGRESS = "云坪镇人大"
_VILLAGES = {"杨柳村": ("柳树湾", "磨坊坪", "老渡口"), "石桥村": ("枫香岭", "竹林坝", "水车院")}
_WEST, _SOUTH, _SIZE = 124.0, 29.0, 0.01  # in the open sea, where no real place is meant


@dataclass(frozen=True, slots=True)
class Cell:
    """A grid cell: what people call it, what the bot calls it, and a place in it (degrees)."""

    id: int
    name: str
    title: str
    latitude: float
    longitude: float


def found_congress(url: str) -> list[Cell]:
    """Migrate an empty database and make a congress in it that collects proposals today; gives its cells."""
    engine = open_database(url)
    migrate(engine)
    with transaction(engine) as unit:
        cells = _township(unit)
    engine.dispose()
    return cells


def _township(unit: Unit) -> list[Cell]:
    now = datetime.now(UTC)
    store = Store(unit, now, AreaIndex(()))
    county = add_area(unit, store.audit, None, Level.COUNTY, "990102", "云川县")
    township = add_area(unit, store.audit, county, Level.TOWNSHIP, "990102100", "云坪镇")
    cells = [
        cell
        for row, (name, names) in enumerate(_VILLAGES.items())
        for cell in _village(unit, store, add_area(unit, store.audit, township, Level.VILLAGE, f"v{row}", name), names)
    ]
    congress = store.congresses.add(CONGRESS, Level.TOWNSHIP, township.id, rules=Rules())
    today = now.date()
    store.congresses.begin_cycle(congress, today.year, today - timedelta(days=2), today + timedelta(days=60))
    return cells


def _village(unit: Unit, store: Store, village: Area, names: Sequence[str]) -> Iterator[Cell]:
    """A row of squares."""
    south = _SOUTH + int(village.code[1:]) * _SIZE
    for at, name in enumerate(names):
        cell = add_area(unit, store.audit, village, Level.CELL, f"{village.code}c{at}", name)
        square = box(_WEST + at * _SIZE, south, _WEST + (at + 1) * _SIZE, south + _SIZE)
        unit.write(update(areas).where(areas.c.id == cell.id).values(polygon=square.wkb))
        yield Cell(cell.id, name, f"{village.name} {name}", square.centroid.y, square.centroid.x)
