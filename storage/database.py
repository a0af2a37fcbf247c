"""How we open a database, and the one transaction in which everything that follows from a message is written."""

import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import cache, partial
from typing import Any, TypeVar, cast

from pydantic_core import from_json
from sqlalchemy import (
    Connection,
    CursorResult,
    Engine,
    Executable,
    Insert,
    MetaData,
    NestedTransaction,
    Row,
    Table,
    UpdateBase,
    create_engine,
    event,
    func,
    select,
    text,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DBAPIError, DisconnectionError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry

from storage.rowsets import Bulk, as_json, written

# Rows of any width: what is selected is told by the statement beside it.
AnyRow = Row[*tuple[Any, ...]]
Rows = CursorResult[*tuple[Any, ...]]
# A statement and a row for it.
Later = tuple[UpdateBase, dict[str, Any]]
Clock = Callable[[], datetime]
T = TypeVar("T")

# SQLSTATEs by class (PostgreSQL, appendix A): the connection; deadlocks and serialization failures; disk, memory and
# connections that ran out; locks; an administrator's doing; input and output.
_FAULT_CLASSES = frozenset({"08", "40", "53", "55", "57", "58"})
# SQLite's result codes (https://www.sqlite.org/rescode.html): busy, locked, no memory, read-only, interrupted, input or
# output, corrupt, full, cannot open, protocol, no database.
_FAULT_CODES = frozenset({5, 6, 7, 8, 9, 10, 11, 13, 14, 15, 26})
_BUSY = 5
_DRAWN_AT_ONCE = 256
# Each name is looked up once, not for each id.
_NEXT_IDS = text(
    "WITH expected AS MATERIALIZED (SELECT name, number, CAST(pg_get_serial_sequence(name, 'id') AS regclass) AS ids"
    " FROM unnest(CAST(:names AS text[]), CAST(:counts AS integer[])) AS given (name, number))"
    " SELECT name, nextval(ids) FROM expected, generate_series(1, number)"
)
_USED = "used"
_SURE_FOR = 1.0  # seconds; who comes back sooner and finds the connection lost runs the work again
_PATIENCE = 10  # seconds for others to let go of a SQLite database


def open_database(url: str, *, pool_size: int = 5) -> Engine:
    """Open `url` ("sqlite:///path" or "postgresql+psycopg://…"); nothing is connected yet."""
    options: dict[str, Any] = {"json_serializer": as_json, "json_deserializer": from_json}
    if url.startswith("sqlite"):
        engine = create_engine(url, **options)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    connecting = {"options": "-c timezone=UTC", "connect_timeout": 5}
    engine = create_engine(url, pool_size=pool_size, connect_args=connecting, **options)
    event.listen(engine, "checkin", _note_use)
    event.listen(engine, "checkout", partial(_check_alive, engine.dialect))
    return engine


def _note_use(_: object, record: ConnectionPoolEntry) -> None:
    record.info[_USED] = time.monotonic()


def _check_alive(dialect: Dialect, connection: Any, record: ConnectionPoolEntry, _: object) -> None:
    """Ask a connection that lay idle whether the server still knows it. Not at each use: that is a journey more."""
    if time.monotonic() - record.info.get(_USED, 0.0) < _SURE_FOR:
        return
    try:
        dialect.do_ping(connection)
    except dialect.loaded_dbapi.Error as error:
        raise DisconnectionError from error  # the pool makes a new one


def _prepare_sqlite(connection: Any, _: ConnectionPoolEntry) -> None:
    # SQLAlchemy's recipe for savepoints that the outer rollback takes with it: the driver begins nothing itself.
    connection.isolation_level = None
    for pragma in (f"busy_timeout={_PATIENCE * 1000}", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}").close()
    _write_ahead(connection)


def _write_ahead(connection: Any) -> None:
    # Several processes may open a new file at once, and for this change SQLite does not heed its time-out.
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL").close()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != _BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return


def _begin_sqlite(connection: Connection) -> None:
    reading = connection.get_execution_options().get("reading", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def is_database_fault(error: BaseException) -> bool:
    """Whether the database, not the message, is at fault, so that the same work may succeed when it is run again."""
    if not isinstance(error, DBAPIError):
        return False
    if isinstance(error.orig, sqlite3.Error):
        # Extended codes carry the plain one in their lowest byte; errors of the driver itself carry none.
        return getattr(error.orig, "sqlite_errorcode", 0) & 0xFF in _FAULT_CODES
    state = getattr(error.orig, "sqlstate", None)
    if state is None:  # not said by the server: it could not be reached, or was lost
        return error.connection_invalidated or isinstance(error, OperationalError)
    return error.connection_invalidated or state[:2] in _FAULT_CLASSES


class PartLost(Exception):
    """The whole transaction is lost because of one part, nobody knows which: run its parts again, `careful`ly."""


class Unit:
    """One transaction. Work of one message stands in a part of its own, which may fail alone.

    The savepoint of a part is opened by its first write, so that a message that only reads pays for none. Rows that
    nobody waits for are written later, those of all parts together. `writes` counts both. `careful`: the savepoint
    stands from the beginning of a part, so that PostgreSQL forgives a read that fails, too, and what
    the part has left for later is written within it.
    """

    def __init__(self, connection: Connection, *, careful: bool = False) -> None:
        self._connection, self._careful = connection, careful
        self._savepoint: NestedTransaction | None = None
        self._in_part = False
        self._later: list[Later] = []  # of this part, or outside of any
        self._kept: list[Later] = []  # by the parts before, which have succeeded
        self._expected: dict[Table, int] = {}
        self._ahead: dict[Table, list[int]] = {}  # ids drawn, and not given yet; on PostgreSQL
        self._drawn: dict[Table, int] = {}  # the last id drawn, on SQLite
        self._known: set[Table] = set()  # of which no row can have got a later one
        self.writes = 0

    @property
    def dialect(self) -> str:
        return self._connection.dialect.name

    def read(self, statement: Executable, parameters: Any = None) -> Rows:
        """Read, after everything left for later is written."""
        if self._later or self._kept:
            self.flush()
        return self._connection.execute(statement, parameters)

    def look(self, statement: Executable, parameters: Any = None) -> Rows:
        """Read from tables that nothing is ever left for later of."""
        return self._connection.execute(statement, parameters)

    def write(self, statement: Executable, parameters: Any = None) -> Rows:
        """Write, after everything left for later is written."""
        self.writes += 1
        if self._later or self._kept:
            self.flush()
        self._known.clear()
        self._begin_part()
        return self._connection.execute(statement, parameters)

    def insert(self, statement: Executable, parameters: Any = None) -> int:
        """Insert one row and give its id."""
        return int(self.write(statement, parameters).inserted_primary_key[0])  # type: ignore[index]  # one row was inserted

    def expect(self, table: Table, count: int) -> None:
        """About so many ids will be wanted: PostgreSQL draws them, and those expected of other tables, with the first
        that is wanted of any. Those that are not wanted in the end are lost with the transaction."""
        self._expected[table] = count

    def numbers(self, table: Table, count: int) -> list[int]:
        """Ids, ascending, for rows that are written or left for later right after: so many can be written at once, and
        we know which is which."""
        if self.dialect == "sqlite":
            return self._numbers(table, count)
        ahead = self._ahead.setdefault(table, [])
        if len(ahead) < count:
            self._expected[table] = max(count, self._expected.get(table, 0))
            self._draw()
        self._ahead[table] = ahead[count:]
        return ahead[:count]

    def _draw(self) -> None:
        """Draw all that is expected."""
        tables = {table.name: table for table in self._expected}
        wanted = {"names": list(tables), "counts": list(self._expected.values())}
        self._expected.clear()
        for name, number in sorted(tuple(row) for row in self._connection.execute(_NEXT_IDS, wanted)):
            self._ahead.setdefault(tables[name], []).append(number)

    def number(self, table: Table) -> int:
        """One such id, of a table whose ids nobody sees or goes by: on PostgreSQL many are drawn at a time."""
        if self.dialect == "sqlite":
            return self._numbers(table, 1)[0]
        # A sequence knows no transactions: what is left over is as good for the next one.
        left: list[int] = self._connection.info.setdefault(table, [])
        if not left:
            left += reversed(self.numbers(table, _DRAWN_AT_ONCE))
        return left.pop()

    def _numbers(self, table: Table, count: int) -> list[int]:
        last = self._drawn.get(table, 0)
        if table not in self._known:
            # What was drawn counts, too: it may be waiting to be written.
            last = max(last, self._connection.execute(_last_id(table)).scalar() or 0)
            self._known.add(table)
        self._drawn[table] = last + count
        return list(range(last + 1, last + 1 + count))

    def later(self, statement: UpdateBase, *rows: dict[str, Any]) -> None:
        """Write rows before anything else is read or written, at the latest at the end.

        Those of one call have the same keys and are about different records. Inserts go first, each after what it
        refers to, then changes in their order.
        """
        self.writes += len(rows)
        self._later += [(statement, row) for row in rows]

    def flush(self) -> None:
        """Write what was left for later; by the parts before this one, outside of it: what they did stands."""
        if not self._in_part:
            self._keep()
        kept, self._kept = self._kept, []
        try:
            self._write_rows(kept)
        except Exception as error:
            if is_database_fault(error) or not self._in_part:
                raise
            raise PartLost from error  # it is not this part's fault
        later, self._later = self._later, []
        if later:
            self._begin_part()
            self._write_rows(later)

    def _keep(self) -> None:
        self._kept += self._later
        self._later = []

    def _write_rows(self, rows: list[Later]) -> None:
        for sql, parameters in written(self._connection.dialect, _in_order(rows)):
            self._connection.exec_driver_sql(sql, parameters)

    def _begin_part(self) -> None:
        if self._in_part and self._savepoint is None:
            self._savepoint = self._connection.begin_nested()

    @contextmanager
    def part(self) -> Iterator[None]:
        """A part whose writes are taken back alone when it raises. Raises PartLost when they cannot be."""
        self._keep()
        self._in_part = True
        try:
            if self._careful:
                self.flush()
                self._begin_part()
            yield
            if self._careful:
                self.flush()  # what cannot be written is the fault of this part, not of the whole transaction
        except BaseException as error:
            savepoint, self._savepoint = self._savepoint, None
            self._later = []
            if is_database_fault(error):
                raise
            if savepoint is not None:
                savepoint.rollback()
            elif isinstance(error, DBAPIError) and self.dialect == "postgresql":
                raise PartLost from error
            raise
        else:
            savepoint, self._savepoint = self._savepoint, None
            if savepoint is not None:
                savepoint.commit()
        finally:
            self._in_part = False


def _in_order(rows: Sequence[Later]) -> list[Bulk]:
    """Inserts first, those of a statement together; then changes as they came, those of a statement together only where
    no other comes between: it may be about the same record."""
    inserts: dict[int, tuple[UpdateBase, list[dict[str, Any]]]] = {}
    changes: list[tuple[UpdateBase, list[dict[str, Any]]]] = []
    for statement, row in rows:
        if isinstance(statement, Insert):
            inserts.setdefault(id(statement), (statement, []))[1].append(row)
        elif changes and changes[-1][0] is statement:
            changes[-1][1].append(row)
        else:
            changes.append((statement, [row]))
    return [*sorted(inserts.values(), key=_rank), *changes]


def _rank(rows: Bulk) -> int:
    table = cast(Table, rows[0].table)
    return _ranks(table.metadata)[table]


@cache
def _ranks(metadata: MetaData) -> dict[Table, int]:
    """Every table after those that it refers to."""
    return {table: rank for rank, table in enumerate(metadata.sorted_tables)}


@cache
def _last_id(table: Table) -> Executable:
    # Nobody else writes meanwhile, and SQLite itself goes on from the last one.
    return select(func.max(table.c.id))


@contextmanager
def transaction(engine: Engine, *, careful: bool = False) -> Iterator[Unit]:
    """A transaction that commits when the block ends, and leaves nothing when it raises."""
    with engine.begin() as connection:
        unit = Unit(connection, careful=careful)
        yield unit
        unit.flush()


@contextmanager
def reading(engine: Engine) -> Iterator[Unit]:
    """A transaction that only reads: on SQLite it never waits for the writer."""
    with engine.connect().execution_options(reading=True) as connection, connection.begin():
        yield Unit(connection)
