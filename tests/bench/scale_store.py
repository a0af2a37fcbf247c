"""A store as large as wanted, filled by the database itself: rows come from counting, spread by arithmetic.

Of whatever size, its parts are alike: who has proposed something has proposed as much, a cell holds as many proposals,
the last week was as busy in the cells that are looked at. So the same question gets a page as full from each.
"""

from datetime import date
from typing import Any

from shapely import box
from sqlalchemy import (
    Connection,
    Engine,
    create_engine,
    event,
    insert,
    text,
)

from storage.area_index import AreaIndex
from storage.areas import add_area
from storage.database import open_database, transaction
from storage.domain.areas import Level
from storage.domain.roles import Role
from storage.domain.rules import Rules
from storage.revisions import Revised, move
from storage.store import Store
from storage.tables import (
    areas,
    metadata,
)
from tests.bench.scale_rows import BUSY_CELLS, EVERY_TABLE, NOW, ROLE_HOLDERS, Filling, Size

_CHARACTERS = "东西南北上下前后大小金木水火土石云竹松梅兰荷柳枫桃李杏桥塘湾坪岭溪泉井林田沙坝洲"
_SQLITE_IN_A_HURRY = ("PRAGMA journal_mode=OFF", "PRAGMA synchronous=OFF", "PRAGMA cache_size=-400000")
# The last spares the look at what is referred to; only a superuser may.
_AS_REPLICA = (
    "SELECT set_config('session_replication_role', 'replica', false) WHERE current_setting('is_superuser') = 'on'"
)
_POSTGRESQL_IN_A_HURRY = ("SET synchronous_commit = off", "SET maintenance_work_mem = '512MB'", _AS_REPLICA)


def village_name(number: int) -> str:
    """Each like no other."""
    first, second = divmod(number, len(_CHARACTERS))
    return f"{_CHARACTERS[first]}{_CHARACTERS[second]}村"


def fill(url: str, size: Size) -> None:
    """Fill a migrated, empty database."""
    engine = open_database(url)
    cell_ids = _found(engine, size)
    engine.dispose()
    engine = in_a_hurry(url)
    with engine.begin() as connection:
        indexes = [index for table in metadata.sorted_tables for index in table.indexes if table is not areas]
        for index in indexes:
            index.drop(connection)
        for rows in EVERY_TABLE:
            rows(Filling(connection, size, cell_ids[0]))
        for index in indexes:
            index.create(connection)
        count_on(connection)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("VACUUM")  # what its own housekeeping does in time: of pages filled just now
            connection.exec_driver_sql("VACUUM ANALYZE")  # most are marked as visible to all by the second round only
    engine.dispose()


def in_a_hurry(url: str) -> Engine:
    """An engine that spares all that makes a database safe."""
    engine = create_engine(url)
    statements = _SQLITE_IN_A_HURRY if engine.dialect.name == "sqlite" else _POSTGRESQL_IN_A_HURRY

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _: Any) -> None:
        cursor = connection.cursor()
        for statement in statements:
            cursor.execute(statement)
        cursor.close()
        connection.commit()

    return engine


# --- those that are few: areas, the congress, and who has a role in it


def _found(engine: Engine, size: Size) -> list[int]:
    with transaction(engine) as unit:
        store = Store(unit, NOW, AreaIndex(()))
        county = add_area(unit, store.audit, None, Level.COUNTY, "c", "云川县")
        township = add_area(unit, store.audit, county, Level.TOWNSHIP, "t", "云坪镇")
        row = (
            add_area(unit, store.audit, township, Level.VILLAGE, f"v{at}", village_name(at))
            for at in range(size.villages)
        )
        first = county.id + 1 + size.villages + 1
        cells: list[dict[str, Any]] = []
        for at, village in enumerate(row):
            for number in range(size.cells):
                identity = first + at * size.cells + number
                square = box(100 + at * 0.01, 20 + number * 0.01, 100.01 + at * 0.01, 20.01 + number * 0.01)
                cells.append(
                    {
                        "id": identity,
                        "parent_id": village.id,
                        "level": Level.CELL,
                        "code": f"v{at}-{number}",
                        "name": f"第{number + 1}网格",
                        "path": f"{village.path}{identity}/",
                        "aliases": [],
                        "polygon": square.wkb,
                    }
                )
        unit.write(insert(areas), cells)
        move(unit, Revised.AREAS)
        _congress(store, county.id, [cell["id"] for cell in cells])
        return [cell["id"] for cell in cells]


def _congress(store: Store, county: int, cell_ids: list[int]) -> None:
    congress = store.congresses.add("云川县人大", Level.COUNTY, county, rules=Rules())
    store.congresses.begin_cycle(congress, 2026, date(2026, 7, 1), date(2026, 12, 31))
    _enrol(store, congress, "staff", Role.STAFF, [])
    _enrol(store, congress, "deputy", Role.DEPUTY, cell_ids[:BUSY_CELLS])
    for at in range(1, ROLE_HOLDERS):
        _enrol(store, congress, f"deputy{at}", Role.DEPUTY, cell_ids[:1])


def _enrol(store: Store, congress: int, account: str, role: Role, own: list[int]) -> None:
    person = store.people.add(account, "13900000000")
    store.people.consent(person)
    account_id = store.people.add_account(person, "tap", account, account)
    store.people.grant(person, congress, role, areas=own)
    if account[-1] == "1":
        store.people.mark_unreachable(account_id, "blocked")


def count_on(connection: Connection) -> None:
    """SQLite goes on from the last id by itself, PostgreSQL where its sequences stand."""
    if connection.dialect.name == "postgresql":
        for table in metadata.sorted_tables:
            if "id" in table.columns:
                last = f"(SELECT coalesce(max(id), 1) FROM {table.name})"
                connection.execute(text(f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), {last})"))
