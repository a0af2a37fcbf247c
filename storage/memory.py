"""What every process keeps in memory, since it is asked at every message and seldom changes."""

from dataclasses import dataclass

from storage.area_index import AreaIndex
from storage.areas import load_index
from storage.congresses import CongressIndex, load_congresses
from storage.database import Unit
from storage.revisions import Revised, numbers


@dataclass(frozen=True, slots=True)
class Remembered:
    """The tree of areas, and the congresses with their cycles, as of one transaction."""

    areas: AreaIndex
    congresses: CongressIndex


class Memory:
    """Gives what is remembered; what any replica has changed since is read again."""

    def __init__(self) -> None:
        self._areas: AreaIndex | None = None
        self._congresses: CongressIndex | None = None

    def __call__(self, unit: Unit) -> Remembered:
        at = numbers(unit)
        areas, congresses = self._areas, self._congresses
        if areas is None or areas.revision != at.get(Revised.AREAS, 0):
            areas = self._areas = load_index(unit)
        if congresses is None or congresses.revision != at.get(Revised.CONGRESSES, 0):
            congresses = self._congresses = load_congresses(unit)
        return Remembered(areas, congresses)

    def areas(self, unit: Unit) -> AreaIndex:
        return self(unit).areas
