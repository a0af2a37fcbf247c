"""Cells of a map as rings of pixels: equirectangular about the middle's latitude, so that shapes are not squeezed."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, isfinite, radians

import shapely
from shapely.geometry.base import BaseGeometry

Boundary = bytes | BaseGeometry | None  # as WKB or a geometry, in degrees; None where it is not known
Bounds = tuple[float, float, float, float]  # west, south, east, north, in degrees

FINER = 2  # borders are drawn so many times larger than the picture, then reduced

_NARROWEST = 1e-6  # degrees, a tenth of a metre: nothing is enlarged beyond it
_APART = 1.5  # pixels; of points nearer to one another only the first is drawn
_POLYGON = 3  # shapely's number of the type


@dataclass(frozen=True, slots=True)
class Ring:
    """The border of a part of a cell, or of a hole in it: x and y by turns, in pixels."""

    cell: int
    hole: bool
    points: list[float]
    finer: list[float]  # the same, `FINER` times larger


@dataclass(frozen=True, slots=True)
class Frame:
    """A piece of the earth brought into a box of pixels, as large as it fits, in the middle of it."""

    west: float
    north: float
    across: float  # pixels a degree of longitude
    down: float  # pixels a degree of latitude
    left: float
    top: float

    @classmethod
    def around(cls, bounds: Bounds, width: int, height: int) -> "Frame":
        west, south, east, north = bounds
        squeezed = max(cos(radians((south + north) / 2)), 0.01)
        wide, high = max(east - west, _NARROWEST) * squeezed, max(north - south, _NARROWEST)
        scale = min(width / wide, height / high)
        left, top = (width - (east - west) * squeezed * scale) / 2, (height - (north - south) * scale) / 2
        return cls(west, north, squeezed * scale, scale, left, top)

    def place(self, longitude: float, latitude: float) -> tuple[float, float]:
        """Where a place is in the box: x and y in pixels."""
        return self.left + (longitude - self.west) * self.across, self.top + (self.north - latitude) * self.down


class Outlines:
    """The parts of cells that can be drawn, the larger first: what lies in another's hole comes after it.

    Left out is what has no surface, cannot be read or lies beyond the earth's degrees.
    """

    def __init__(self, polygons: Sequence[Boundary]) -> None:
        parts, cells = shapely.get_parts(_read(polygons), return_index=True)
        parts, inner = shapely.get_parts(parts, return_index=True)  # of collections in collections
        cells = cells[inner]
        areas, bounds = shapely.area(parts).tolist(), shapely.bounds(parts).tolist()
        types = shapely.get_type_id(parts).tolist()
        drawn = [at for at in range(len(types)) if types[at] == _POLYGON and _on_earth(areas[at], bounds[at])]
        drawn.sort(key=lambda at: -areas[at])
        self._parts, self._cells = parts[drawn], cells[drawn].tolist()
        self._bounds: list[Bounds] = [bounds[at] for at in drawn]

    @property
    def cells(self) -> set[int]:
        """Positions of the cells of which anything can be drawn."""
        return set(self._cells)

    def bounds(self) -> Bounds | None:
        """Of all together; None where there is nothing."""
        if not self._bounds:
            return None
        west, south, east, north = zip(*self._bounds, strict=True)
        return min(west), min(south), max(east), max(north)

    def rings(self, frame: Frame) -> list[Ring]:
        """Borders of each part, followed by those of its holes."""
        borders, parts = shapely.get_rings(self._parts, return_index=True)
        degrees, owners = shapely.get_coordinates(borders, return_index=True)
        pixels = (degrees - (frame.west, frame.north)) * (frame.across, -frame.down) + (frame.left, frame.top)
        lines = shapely.remove_repeated_points(shapely.linestrings(pixels, indices=owners), _APART)
        drawn = shapely.get_coordinates(lines).ravel()
        flat: list[float] = drawn.tolist()
        finer: list[float] = (drawn * FINER).tolist()
        rings, start, before = [], 0, -1
        counts = shapely.get_num_coordinates(lines).ravel().tolist()
        for part, count in zip(parts.tolist(), counts, strict=True):
            end = start + 2 * count
            rings.append(Ring(self._cells[part], part == before, flat[start:end], finer[start:end]))
            start, before = end, part
        return rings

    def labels(self, frame: Frame) -> dict[int, tuple[float, float, float, float]]:
        """For each cell a point inside of its largest part, and how wide and high that part is, in pixels."""
        found: dict[int, tuple[float, float, float, float]] = {}
        inside = shapely.point_on_surface(self._parts)
        points = zip(shapely.get_x(inside).tolist(), shapely.get_y(inside).tolist(), strict=True)
        for cell, (x, y), (west, south, east, north) in zip(self._cells, points, self._bounds, strict=True):
            if cell not in found and isfinite(x):  # a border that crosses itself may have no inside
                found[cell] = (*frame.place(x, y), (east - west) * frame.across, (north - south) * frame.down)
        return found


def _read(polygons: Sequence[Boundary]) -> list[BaseGeometry | None]:
    written = [polygon for polygon in polygons if isinstance(polygon, bytes)]
    read = iter(shapely.from_wkb(written, on_invalid="ignore").tolist())
    return [next(read) if isinstance(polygon, bytes) else polygon for polygon in polygons]


def _on_earth(area: float, bounds: Bounds) -> bool:
    west, south, east, north = bounds
    known = isfinite(area) and all(map(isfinite, bounds))  # a corner that is no number leaves the area without one
    return known and -180 <= west < east <= 180 and -90 <= south < north <= 90
