"""Where and when residents speak in a replay: in cells whose congress collects proposals, since it began to."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo

from bot.refusal import Refused
from storage.area_index import AreaIndex
from storage.areas import load_index
from storage.congresses import Congress
from storage.database import Unit
from storage.domain.areas import Area
from storage.domain.cycle import Cycle
from storage.replays import inner_points
from storage.store import Store

NOBODY_COLLECTS = (
    "No congress collects proposals today, so nobody would hear the residents: replay into the database of "
    "`minsheng demo`, or begin a cycle with `minsheng setup`."
)


@dataclass(frozen=True, slots=True)
class Home:
    """The cell a resident lives in: its names from the root down, what people call it, a point in it."""

    names: tuple[str, ...]
    title: str
    point: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Ground:
    """`homes` in the order of their codes; since `opens` every one of them is heard."""

    opens: datetime
    homes: tuple[Home, ...]


def look_around(unit: Unit, now: datetime) -> Ground:
    """What can be known of places and congresses. Raises Refused where no congress collects."""
    store = Store(unit, now, load_index(unit))
    collecting = [
        (congress, cycle)
        for congress in store.congresses.all()
        if (cycle := store.congresses.current_cycle(congress.id)) and cycle.hears(congress.today(now))
    ]
    if not collecting:
        raise Refused(NOBODY_COLLECTS)
    cells = {cell.id: cell for congress, _ in collecting for cell in store.areas.cells_in(congress.area_id)}
    points = inner_points(unit)
    homes = tuple(_home(store.areas, cell, points) for cell in sorted(cells.values(), key=lambda cell: cell.code))
    return Ground(max(_opening(congress, cycle) for congress, cycle in collecting), homes)


def _opening(congress: Congress, cycle: Cycle) -> datetime:
    return datetime.combine(cycle.collecting_from, time(), ZoneInfo(congress.timezone))


def _home(areas: AreaIndex, cell: Area, points: Mapping[int, tuple[float, float]]) -> Home:
    title = areas.title(cell)
    names = *(area.name for area in areas.ancestors(cell.id)), cell.name, title
    return Home(names, title, points.get(cell.id))
