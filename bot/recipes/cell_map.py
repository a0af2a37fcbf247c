"""The map of a congress's grid cells: how the projects of each stand."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from math import nan
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import shapely
from shapely.geometry.base import BaseGeometry

from bot.pictures.cell_map import Cell, CellMap, Marker, cell_map
from bot.pictures.surfaces import Standing
from bot.recipes.drawings import Drawings
from bot.recipes.source import Source
from handlers.texts.reports import map_title
from handlers.texts.supervision import MAP_LEGEND
from storage.area_index import AreaIndex
from storage.domain.areas import Area, Level
from storage.project_standing import Standing as Stands
from storage.project_standing import gravest, standings
from storage.projects import Project
from storage.store import Store

# As long as the tree of areas is the same one, so are its polygons.
_kept: WeakKeyDictionary[AreaIndex, Drawings] = WeakKeyDictionary()

_GRAVITY = {stands: at for at, stands in enumerate(Stands)}


def write_cell_map(source: Source, arguments: Mapping[str, Any], path: Path) -> None:
    """Write the map of the congress that `arguments` name, as of a day, to `path`."""
    as_of, language = date.fromisoformat(arguments["as_of"]), arguments["language"]
    store = Store(source.unit, source.now, source.areas)
    congress = store.congresses.get(arguments["congress"])
    area = source.areas.area(congress.area_id)
    cells = source.areas.cells_in(congress.area_id)
    projects = _shown(store, congress.id, as_of)
    found = standings(source.unit, projects, as_of)
    stand = _standings(source.areas, cells, projects, found)
    # Where there is not room for every number, those that want looking at have theirs.
    gravest_first = sorted(projects, key=lambda one: (_GRAVITY[found[one.number]], one.number))
    where = tuple((one.number, _cells_of(source.areas, one)) for one in gravest_first)

    def draw() -> bytes:
        borders = {cell.id: source.areas.border(cell) for cell in cells}
        drawn = CellMap(
            congress=congress.name,
            title=map_title(area.name if area else congress.name).said(language),
            cells=[
                Cell(source.areas.title(cell), borders[cell.id], standing)
                for cell, standing in zip(cells, stand, strict=True)
            ],
            legend={one: MAP_LEGEND[one].said(language) for one in Standing},
            markers=_markers(where, borders),
            as_of=as_of,
        )
        return cell_map(drawn, language)

    shown = congress.id, congress.name, stand, where, as_of, language
    path.write_bytes(_kept.setdefault(source.areas, Drawings()).drawn(shown, draw))


def _shown(store: Store, congress_id: int, as_of: date) -> list[Project]:
    """What is supervised, and what ended in the same year; by number."""
    found = store.projects.of_congress(congress_id, limit=None)
    return sorted(
        (one for one in found if one.is_supervised or (one.ended_on and one.ended_on.year == as_of.year)),
        key=lambda one: one.number,
    )


def _standings(
    areas: AreaIndex, cells: Sequence[Area], projects: Sequence[Project], stand: Mapping[int, Stands]
) -> tuple[Standing, ...]:
    """Of each cell, by the gravest of its projects."""
    of_cell = defaultdict(list)
    for one in projects:
        for cell in _cells_of(areas, one):
            of_cell[cell].append(stand[one.number])
    found = (gravest(of_cell[cell.id]) for cell in cells)
    return tuple(Standing(one) if one else Standing.NONE for one in found)


def _cells_of(areas: AreaIndex, project: Project) -> tuple[int, ...]:
    """The cells that a project lies in; of a village, all of its cells."""
    found = (areas.area(area_id) for area_id in project.description.cells)
    return tuple(
        cell.id
        for area in found
        if area is not None
        for cell in ([area] if area.level is Level.CELL else areas.cells_in(area.id))
    )


def _markers(where: Sequence[tuple[int, tuple[int, ...]]], borders: Mapping[int, BaseGeometry | None]) -> list[Marker]:
    """A point inside of each project's first cell with a border; nowhere, where there is none."""
    first = {number: next((cell for cell in cells if borders.get(cell)), None) for number, cells in where}
    placed = sorted({cell for cell in first.values() if cell is not None})
    # All at once: one by one they take longer than the rest of the map's preparation.
    inside = shapely.point_on_surface([borders[cell] for cell in placed])
    points = zip(shapely.get_x(inside).tolist(), shapely.get_y(inside).tolist(), strict=True)
    places = dict(zip(placed, points, strict=True))
    return [Marker(number, *places.get(cell or 0, (nan, nan))) for number, cell in first.items()]
