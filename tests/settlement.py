"""A small invented township with its people, for tests of conversations; on any migrated database."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import pytest
from shapely import box
from sqlalchemy import Engine, update

from storage.area_index import AreaIndex
from storage.areas import add_area, add_station, all_areas
from storage.database import open_database, transaction
from storage.domain.areas import Area, Level
from storage.domain.roles import Role
from storage.domain.rules import Rules
from storage.store import Store
from storage.tables import areas
from tests.conversing import NOW
from tests.databases import Warm

COLLECTING = date(2026, 7, 1), date(2026, 12, 31)


@dataclass(frozen=True)
class Settlement:
    """Ids of what every test may lean on. "柳河镇" has the villages 杨柳村, 青石村, 大塘村; "石桥镇" has 河口村.

    老桥头 is in 杨柳村 and in 青石村. 大塘村 has more cells than a page shows. The first cell of 杨柳村 is a square
    from 30.0 north, 120.0 east; the second lies east of it.
    """

    congress: int
    county: Area
    township: Area
    village: Area
    willow: Area  # 杨柳村 第一网格, also called 柳树湾
    bridge: Area  # 杨柳村 第二网格, also called 老桥头
    station: int
    deputy: int
    deputy_role: int
    staff: int
    worker: int


def settle(store: Store) -> Settlement:
    """Make it. 王芳 is staff, 李强 deputy of 柳树湾, 赵敏 grid worker of 老桥头; each has an account of channel tap."""
    county = _area(store, None, Level.COUNTY, "yc", "云川县")
    willows = _township(store, county, "lh", "柳河镇", {"杨柳村": ("柳树湾", "老桥头"), "青石村": ("磨坊", "老桥头")})
    pond = _area(store, willows, Level.VILLAGE, "lh9", "大塘村")
    for at, numeral in enumerate("一二三四五六七八九十", 1):
        _area(store, pond, Level.CELL, f"lh9{at:02}", f"第{numeral}网格")
    for at in (11, 12, 13, 14):
        _area(store, pond, Level.CELL, f"lh9{at}", f"第{at}网格")
    _township(store, county, "sq", "石桥镇", {"河口村": ("渡口",)})
    found = {area.code: area for area in all_areas(store.unit)}
    for at, code in enumerate(("lh1-1", "lh1-2")):
        square = box(120 + at * 0.01, 30, 120.01 + at * 0.01, 30.01)
        store.unit.write(update(areas).where(areas.c.id == found[code].id).values(polygon=square.wkb))
    congress = store.congresses.add("柳河镇人大", Level.TOWNSHIP, willows.id, rules=Rules())
    store.congresses.begin_cycle(congress, 2026, *COLLECTING)
    willow, bridge = found["lh1-1"], found["lh1-2"]
    staff, _ = enrolled(store, "staff", "王芳", congress, Role.STAFF)
    deputy, role = enrolled(store, "deputy", "李强", congress, Role.DEPUTY, [willow.id])
    worker, _ = enrolled(store, "worker", "赵敏", congress, Role.GRID_WORKER, [bridge.id])
    station = add_station(store.unit, store.audit, found["lh1"].id, "st1", "杨柳村代表联络站").id
    return Settlement(congress, county, willows, found["lh1"], willow, bridge, station, deputy, role, staff, worker)


def enrolled(
    store: Store, account: str, name: str, congress: int, role: Role, own: Iterable[int] = ()
) -> tuple[int, int]:
    """Somebody with a role and an account of channel tap: (person id, role id)."""
    person = store.people.add(name, "13900000000")
    store.people.add_account(person, "tap", account, account)
    return person, store.people.grant(person, congress, role, areas=own)


def second_congress(store: Store, place: Settlement, *, collecting: bool = True) -> int:
    """The county's congress, which hears the township's people too."""
    congress = store.congresses.add("云川县人大", Level.COUNTY, place.county.id, rules=Rules())
    window = COLLECTING if collecting else (date(2026, 1, 1), date(2026, 3, 31))
    store.congresses.begin_cycle(congress, 2026, *window)
    return congress


def _township(store: Store, above: Area, code: str, name: str, villages: dict[str, tuple[str, ...]]) -> Area:
    township = _area(store, above, Level.TOWNSHIP, code, name)
    for at, (village_name, aliases) in enumerate(villages.items(), 1):
        village = _area(store, township, Level.VILLAGE, f"{code}{at}", village_name)
        for number, alias in enumerate(aliases, 1):
            cell = _area(store, village, Level.CELL, f"{code}{at}-{number}", f"第{'一二三四'[number - 1]}网格")
            store.unit.write(update(areas).where(areas.c.id == cell.id).values(aliases=[alias]))
    return township


def _area(store: Store, parent: Area | None, level: Level, code: str, name: str) -> Area:
    return add_area(store.unit, store.audit, parent, level, code, name)


class Template:
    """A migrated database with the settlement in it, in memory, of which each test gets a copy of its own."""

    def __init__(self, migrated: Path) -> None:
        self._engine = _in_memory(migrated)
        self._warm = Warm("sqlite://")
        with transaction(self._engine) as unit:
            self.place = settle(Store(unit, NOW, AreaIndex(())))

    def copy(self) -> Engine:
        return self._filled(open_database("sqlite://"))

    @contextmanager
    def lent(self) -> Iterator[Engine]:
        """A copy while the block lasts, one at a time."""
        with self._warm.at("sqlite://") as engine:
            yield self._filled(engine)

    def _filled(self, engine: Engine) -> Engine:
        with self._engine.connect() as kept, engine.connect() as fresh:
            _driver(kept).backup(_driver(fresh))
        return engine

    def dispose(self) -> None:
        self._engine.dispose()


def _in_memory(path: Path) -> Engine:
    engine = open_database("sqlite://")
    with sqlite3.connect(path) as source, engine.connect() as fresh:
        source.backup(_driver(fresh))
    source.close()
    return engine


def _driver(connection: object) -> sqlite3.Connection:
    found = connection.connection.driver_connection  # type: ignore[attr-defined]
    assert isinstance(found, sqlite3.Connection)
    return found


def on(engine: Engine, now: datetime = NOW) -> Settlement:
    """The settlement in a database that is migrated and empty."""
    with transaction(engine) as unit:
        return settle(Store(unit, now, AreaIndex(())))


@pytest.fixture(scope="session")
def template(sqlite_template: Path) -> Iterator[Template]:
    template = Template(sqlite_template)
    yield template
    template.dispose()


@pytest.fixture(scope="session")
def place(template: Template) -> Settlement:
    return template.place


@pytest.fixture
def settled(template: Template) -> Iterator[Engine]:
    """The settlement in memory, for this test alone."""
    with template.lent() as engine:
        yield engine
