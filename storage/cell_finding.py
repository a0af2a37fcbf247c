"""Which cell or village somebody means who writes its code or its name into a table."""

from collections import defaultdict

from storage.area_index import AreaIndex
from storage.domain.areas import Area, Level


class CellUnknown(Exception):
    """No cell is called that."""


class CellUnclear(Exception):
    """Several cells are called that."""


class CellFinder:
    """Finds cells in one area: by code, by the whole name, by what a text names."""

    def __init__(self, areas: AreaIndex, within: Area) -> None:
        self._areas, self._within = areas, within
        self._by_name: dict[str, list[Area]] = defaultdict(list)
        for cell in areas.cells_in(within.id):
            for name in {areas.title(cell), cell.name, *cell.aliases}:
                self._by_name[_plain(name)].append(cell)

    def by_code(self, code: str) -> Area | None:
        cell = self._areas.by_code(code)
        return cell if cell and cell.level is Level.CELL and cell.lies_in(self._within) else None

    def find_code(self, code: str) -> Area:
        """The cell of that code. Raises CellUnknown."""
        cell = self.by_code(code)
        if cell is None:
            raise CellUnknown(code)
        return cell

    def find(self, written: str) -> Area:
        """The cell of that code or name. Raises CellUnknown or CellUnclear."""
        if cell := self.by_code(written):
            return cell
        found = self._by_name.get(_plain(written)) or self._areas.cells_mentioned(written, self._within)
        if not found:
            raise CellUnknown(written)
        if len(found) > 1:
            raise CellUnclear(written)
        return found[0]


class AreaFinder:
    """Finds cells, villages and whatever else lies in one area, by code or name; nothing where there is no area."""

    def __init__(self, areas: AreaIndex, within: Area | None) -> None:
        self._areas, self._within = areas, within
        self._cells = CellFinder(areas, within) if within else None

    def find(self, written: str) -> Area:
        """Raises CellUnknown or CellUnclear."""
        if self._within is None or self._cells is None:
            raise CellUnknown(written)
        area = self._areas.by_code(written)
        if area and area.lies_in(self._within):
            return area
        places = self._areas.places_mentioned(written, self._within)
        return places[0] if len(places) == 1 else self._cells.find(written)


def _plain(name: str) -> str:
    return "".join(name.split()).casefold()
