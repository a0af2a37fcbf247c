"""The tree of areas as memory holds it: which cell a point lies in, which places a text speaks of, what is below what.

Nothing in it changes; when the revision of areas has moved, a new one is loaded (`storage.areas.load_index`).
"""

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from math import cos, isfinite, radians
from operator import attrgetter
from threading import Lock

import shapely
from shapely.geometry.base import BaseGeometry

from storage.area_names import Mention, NameIndex, among, areas_below
from storage.domain.areas import Area, Level

METRES = 111_320.0  # of a degree of latitude, and of longitude at the equator
NAMED = 50  # places that a text may name; who lists more of them means none in particular

_path = attrgetter("path")
_code = attrgetter("code")


class AreaIndex:
    """`polygons` are WKB in degrees, longitude first, by the id of their cell. `revision` is what they were read at."""

    def __init__(self, areas: Iterable[Area], polygons: Mapping[int, bytes] | None = None, revision: int = 0) -> None:
        self.revision = revision
        self._areas = {area.id: area for area in areas}
        living = sorted((area for area in self._areas.values() if not area.retired), key=_path)
        self._by_code = {area.code: area for area in living}
        self._cells = [area for area in living if area.level is Level.CELL]
        self._children = _children(living)
        self._names = NameIndex(living)
        self._ground = _Ground(self._cells, polygons or {})

    # --- the tree

    @property
    def roots(self) -> list[Area]:
        return list(self._children.get(None, ()))

    def area(self, area_id: int) -> Area | None:
        """Retired areas too: records still refer to them."""
        return self._areas.get(area_id)

    def by_code(self, code: str) -> Area | None:
        return self._by_code.get(code)

    def children(self, area_id: int) -> list[Area]:
        """The areas right below, in the order of their codes."""
        return list(self._children.get(area_id, ()))

    def ancestors(self, area_id: int) -> list[Area]:
        """The areas above, the root first, without the area itself."""
        area = self._areas.get(area_id)
        return [self._areas[above] for above in area.ids[:-1]] if area else []

    def cells_in(self, area_id: int) -> list[Area]:
        """The cells at or below an area, in the order of their codes."""
        area = self._areas.get(area_id)
        return sorted(areas_below(self._cells, area), key=_code) if area else []

    def title(self, area: Area) -> str:
        """What people call an area: "杨柳村 第三网格", and no village's name twice."""
        above = self._areas.get(area.parent_id or 0)
        if area.level is not Level.CELL or above is None or area.name.startswith(above.name):
            return area.name
        return f"{above.name} {area.name}"

    # --- points

    def locate(self, latitude: float, longitude: float) -> list[Area]:
        """The cells that hold a point (degrees, WGS 84), the one to choose first.

        A point inside several cells, nested or overlapping, belongs to the smallest. A point on a border belongs to
        every cell that touches it, and to the one with the lowest code first, behind those that hold it inside. A
        hole is outside; its rim is a border.
        """
        return self._ground.locate(latitude, longitude)

    def metres_to(self, area_ids: Iterable[int], latitude: float, longitude: float) -> float | None:
        """How far a point is from the nearest cell at or below these areas: 0 inside of one, None where none has a
        polygon. Good to a hundredth for some kilometres, which is as far as anybody asks."""
        cells = [cell for area_id in area_ids for cell in self.cells_in(area_id)]
        return self._ground.metres_to(cells, latitude, longitude)

    def border(self, cell: Area) -> BaseGeometry | None:
        """The polygon of a cell, in degrees, longitude first; None where none is known. It is not to be changed."""
        return self._ground.border(cell)

    # --- texts

    def mentioned(self, text: str) -> list[Mention]:
        """The places that a text names; see `NameIndex.mentioned`."""
        return self._names.mentioned(text)

    def places_mentioned(self, text: str, within: Area | None = None) -> tuple[Area, ...]:
        """The lowest areas that a text speaks of, inside `within`, in the order of their codes.

        Empty where it says nothing that narrows. Only the first `NAMED` names count.

        A name that stands for several areas means those of them that lie in another place of the text. Where none of
        them does, it says nothing beside a place above it: every village has its old bridge, known to us or not.
        """
        known: list[Area] = []
        for mention in sorted(self.mentioned(text)[:NAMED], key=lambda mention: mention.areas[0].level.rank):
            areas = [area for area in mention.areas if within is None or (area.lies_in(within) and area != within)]
            meant = _meant(areas, known)
            known = [*(one for one in known if not any(area.lies_in(one) for area in meant)), *meant]
        return tuple(sorted({area.id: area for area in known}.values(), key=_code))

    def cells_mentioned(self, text: str, within: Area | None = None) -> tuple[Area, ...]:
        """The cells that a text may speak of, those it names before those of a village it names.

        One is located, several are to be asked. A county or anything above it does not narrow enough to count.
        """
        places = [place for place in self.places_mentioned(text, within) if place.level.rank >= Level.TOWNSHIP.rank]
        places.sort(key=lambda place: -place.level.rank)
        return tuple({cell.id: cell for place in places for cell in self.cells_in(place.id)}.values())


def _meant(areas: Sequence[Area], known: Sequence[Area]) -> Sequence[Area]:
    """Which of the areas of one name a text means that speaks of the `known` ones as well."""
    if inside := among(areas, known):
        return inside
    is_ambiguous = len(areas) > 1 and any(one.level.may_contain(areas[0].level) for one in known)
    return () if is_ambiguous else areas


def _children(areas: Iterable[Area]) -> dict[int | None, list[Area]]:
    children = defaultdict[int | None, list[Area]](list)
    for area in areas:
        insort(children[area.parent_id], area, key=_code)
    return dict(children)


class _Ground:
    """The polygons of cells. A lock guards the library's prepared polygons, which are filled in at their first use."""

    def __init__(self, cells: Iterable[Area], polygons: Mapping[int, bytes]) -> None:
        self._cells = [cell for cell in cells if cell.id in polygons]
        self._polygons: list[BaseGeometry] = shapely.from_wkb([polygons[cell.id] for cell in self._cells]).tolist()
        self._sizes: list[float] = shapely.area(self._polygons).tolist()
        self._tree = shapely.STRtree(self._polygons)
        self._lock = Lock()

    def locate(self, latitude: float, longitude: float) -> list[Area]:
        if not (isfinite(latitude) and isfinite(longitude)):
            return []
        point = shapely.Point(longitude, latitude)
        with self._lock:
            near = self._tree.query(point).tolist()
            touched = [at for at in near if self._holds(at, longitude, latitude)]
            if len(touched) > 1:
                touched.sort(key=lambda at: self._rank(at, longitude, latitude))
        return [self._cells[at] for at in touched]

    def metres_to(self, cells: Iterable[Area], latitude: float, longitude: float) -> float | None:
        meant = [border for cell in cells if (border := self.border(cell)) is not None]
        if not meant or not (isfinite(latitude) and isfinite(longitude)):
            return None
        scale = METRES * cos(radians(latitude)), METRES
        around = shapely.transform(meant, lambda points: (points - (longitude, latitude)) * scale)
        return float(shapely.distance(around, shapely.Point(0, 0)).min())

    def border(self, cell: Area) -> BaseGeometry | None:
        at = bisect_left(self._cells, cell.path, key=_path)
        return self._polygons[at] if self._cells[at : at + 1] == [cell] else None

    def _holds(self, at: int, longitude: float, latitude: float) -> bool:
        polygon = self._polygons[at]
        shapely.prepare(polygon)
        return bool(shapely.intersects_xy(polygon, longitude, latitude))

    def _rank(self, at: int, longitude: float, latitude: float) -> tuple[bool, float, str]:
        on_border = not shapely.contains_xy(self._polygons[at], longitude, latitude)
        return on_border, 0.0 if on_border else self._sizes[at], self._cells[at].code
