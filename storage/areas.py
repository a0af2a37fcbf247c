"""Areas and stations as they are stored. What a file of areas changes is written by `storage.area_apply`."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, and_, insert, or_, select, update

from storage.area_index import AreaIndex
from storage.audit import Audit
from storage.database import Unit
from storage.domain.areas import Area, Level, Station, path_below
from storage.revisions import Revised, move, numbers
from storage.tables import areas, stations

_AREA = (
    areas.c.id,
    areas.c.parent_id,
    areas.c.level,
    areas.c.code,
    areas.c.name,
    areas.c.path,
    areas.c.aliases,
    areas.c.retired_at,
)
_STATION = (stations.c.id, stations.c.area_id, stations.c.code, stations.c.name, stations.c.address)


def _area(row: Any) -> Area:
    identity, parent_id, level, code, name, path, aliases, retired_at = row
    return Area(identity, parent_id, Level(level), code, name, path, tuple(aliases), retired_at is not None)


# --- areas


def load_index(unit: Unit) -> AreaIndex:
    """All areas and the polygons of cells, ready to be asked.

    The revision is read first, so that what changes meanwhile shows as a newer one.
    """
    at = numbers(unit).get(Revised.AREAS, 0)
    cells = select(areas.c.id, areas.c.polygon).where(areas.c.level == Level.CELL, areas.c.polygon.is_not(None))
    polygons: dict[int, bytes] = {row.id: row.polygon for row in unit.read(cells)}
    return AreaIndex(all_areas(unit), polygons, at)


def has_at_least(unit: Unit, count: int) -> bool:
    """Whether there are so many areas, at the cost of finding no more than these."""
    return unit.read(select(areas.c.id).limit(1).offset(count - 1)).first() is not None


def all_areas(unit: Unit) -> list[Area]:
    """Every area, the retired ones too."""
    return [_area(row) for row in unit.read(select(*_AREA))]


def lie_in(paths: Iterable[str]) -> ColumnElement[bool]:
    """Whether an area is one of those with these paths, or below one of them."""
    # As a range, for which an index serves on every database. Behind the slash that ends a path comes the zero.
    return or_(*(and_(areas.c.path >= path, areas.c.path < path[:-1] + "0") for path in paths))


def area_by_code(unit: Unit, code: str) -> Area | None:
    row = unit.read(select(*_AREA).where(areas.c.code == code)).first()
    return _area(row) if row else None


def add_area(unit: Unit, audit: Audit, parent: Area | None, level: Level, code: str, name: str) -> Area:
    """Add one area without a border. Raises ValueError where it cannot lie below `parent`."""
    if parent is None and not level.may_stand_alone:
        raise ValueError(f"a {level} needs a parent")
    if parent is not None and not parent.level.may_contain(level):
        raise ValueError(f"a {level} cannot lie below a {parent.level}")
    parent_id = parent.id if parent else None
    new = insert(areas).values(parent_id=parent_id, level=level, code=code, name=name, path="", aliases=[])
    identity = unit.insert(new)
    path = path_below(parent.path if parent else None, identity)
    unit.write(update(areas).where(areas.c.id == identity).values(path=path))
    audit.record("add", "area", identity, None, {"code": code, "parent": parent_id})
    move(unit, Revised.AREAS)
    return Area(identity, parent_id, level, code, name, path)


# --- stations


def add_station(unit: Unit, audit: Audit, area_id: int, code: str, name: str, address: str = "") -> Station:
    identity = unit.insert(insert(stations).values(area_id=area_id, code=code, name=name, address=address))
    audit.record("add", "station", identity, None, {"code": code, "area": area_id})
    return Station(identity, area_id, code, name, address)


def station_by_code(unit: Unit, code: str) -> Station | None:
    row = unit.read(select(*_STATION).where(stations.c.code == code)).first()
    return Station(*row) if row else None


def station_by_id(unit: Unit, station_id: int) -> Station | None:
    row = unit.read(select(*_STATION).where(stations.c.id == station_id)).first()
    return Station(*row) if row else None


def stations_in(unit: Unit, area_id: int) -> list[Station]:
    """The stations at or below an area, in the order of their codes."""
    path = unit.read(select(areas.c.path).where(areas.c.id == area_id)).scalar()
    if path is None:
        return []
    found = (
        select(*_STATION).join(areas, areas.c.id == stations.c.area_id).where(lie_in([path])).order_by(stations.c.code)
    )
    return [Station(*row) for row in unit.read(found)]
