"""Databases for tests: each test finds one migrated and empty, and runs once on SQLite and once on PostgreSQL.

A test of only one kind asks for it by `@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)`. PostgreSQL
takes a tenth of a second and more to make and drop a database, so tests use one after the other the same, emptied
before each; those that change the tables themselves ask for `alterable_url`.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import URL, Engine, event, make_url
from sqlalchemy.engine import Dialect

from storage.database import open_database
from storage.migrations import migrate
from storage.tables import metadata
from tests.servers import Databases, PostgresServer, libpq

KINDS = ("sqlite", "postgresql")

_OTHERS = "datname = current_database() AND pid <> pg_backend_pid()"
_CLEARING = "; ".join(
    [
        f"SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE {_OTHERS}",
        *(f"DELETE FROM {table.name}" for table in reversed(metadata.sorted_tables)),
        "SELECT setval(seqrelid::regclass, 1, false) FROM pg_sequence",
    ]
).encode()


def hurry_sqlite(connection: Any, _: object) -> None:
    """For a connection of which nothing need outlast a loss of power."""
    connection.execute("PRAGMA synchronous=OFF").close()


class Warm:
    """An engine for one test after another, each with a database of its own: to compile all its statements anew takes a
    test longer than to run them. Connections, and what listens to the engine, are gone after each test. Nobody
    waits for the disk: what is killed or loses power has a database and engines of its own."""

    def __init__(self, url: str) -> None:
        self._engine = open_database(url)
        self._at: URL | None = None
        event.listen(self._engine, "do_connect", self._connect)
        if self._engine.dialect.name == "sqlite":
            event.listen(self._engine, "connect", hurry_sqlite)

    @contextmanager
    def at(self, url: str) -> Iterator[Engine]:
        """The engine, which connects to that database while the block lasts."""
        assert self._at is None, "an engine serves one test at a time"
        self._at = make_url(url)
        try:
            yield self._engine.execution_options()
        finally:
            self._engine.dispose()
            self._at = None

    def _connect(self, dialect: Dialect, _: object, arguments: list[Any], options: dict[str, Any]) -> None:
        assert self._at is not None, "the test is over"
        arguments[:], own = dialect.create_connect_args(self._at)
        options |= own


def migrate_at(url: str) -> None:
    """Migrate a database and leave nothing connected to it, so that it can be copied."""
    engine = open_database(url)
    migrate(engine)
    engine.dispose()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database, to be copied only."""
    path = tmp_path_factory.mktemp("template") / "minsheng.sqlite3"
    migrate_at(f"sqlite:///{path}")
    return path


def named_server() -> str | None:
    return os.environ.get("MINSHENG_TEST_DATABASE_URL")


def databases_of_session(request: pytest.FixtureRequest) -> Databases:
    if named := named_server():
        return Databases(make_url(named))
    server: PostgresServer = request.getfixturevalue("running_postgres")
    server.start()
    return server.databases


@pytest.fixture(scope="session")
def postgres_template(request: pytest.FixtureRequest) -> Iterator[str]:
    """The name of a migrated database, to be copied only."""
    url = databases_of_session(request).create()
    migrate_at(url)
    yield make_url(url).database or ""
    if named_server():  # a server of our own goes with all that it holds
        databases_of_session(request).drop(url)


@pytest.fixture(scope="session")
def shared_postgres_url(request: pytest.FixtureRequest, postgres_template: str) -> Iterator[str]:
    databases = databases_of_session(request)
    url = databases.create(postgres_template)
    databases.hurry(url)
    yield url
    if named_server():
        databases.drop(url)


def clear(url: str) -> None:
    """Break all connections that earlier tests left behind, drop all rows, count from 1 again: all in one journey."""
    with psycopg.connect(libpq(make_url(url))) as connection:
        connection.execute(_CLEARING)


@pytest.fixture(params=KINDS)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The SQLAlchemy address of a migrated, empty database. Fill it, and leave the tables as they are."""
    if request.param == "sqlite":
        path = shutil.copyfile(request.getfixturevalue("sqlite_template"), tmp_path / "minsheng.sqlite3")
        return f"sqlite:///{path}"
    request.getfixturevalue("databases")  # the server runs, whatever the test before did to it
    url: str = request.getfixturevalue("shared_postgres_url")
    clear(url)
    return url


@pytest.fixture(params=KINDS)
def alterable_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The SQLAlchemy address of a migrated, empty database of which nothing remains after the test."""
    if request.param == "sqlite":
        path = shutil.copyfile(request.getfixturevalue("sqlite_template"), tmp_path / "minsheng.sqlite3")
        yield f"sqlite:///{path}"
    else:
        databases: Databases = request.getfixturevalue("databases")
        url = databases.create(request.getfixturevalue("postgres_template"))
        yield url
        databases.drop(url)


@pytest.fixture(scope="session")
def warm_engines() -> dict[str, Warm]:
    """One for each kind of database, once it is wanted."""
    return {}


@pytest.fixture
def engine(database_url: str, warm_engines: dict[str, Warm]) -> Iterator[Engine]:
    """A migrated, empty database, opened as the program opens it."""
    kind = make_url(database_url).get_backend_name()
    if kind not in warm_engines:
        warm_engines[kind] = Warm(database_url)
    with warm_engines[kind].at(database_url) as engine:
        yield engine


@pytest.fixture(params=KINDS)
def blank_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The SQLAlchemy address of a database that no migration has touched."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'minsheng.sqlite3'}"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture
def blank_engine(blank_url: str) -> Iterator[Engine]:
    """A database that no migration has touched, opened as the program opens it."""
    engine = open_database(blank_url)
    yield engine
    engine.dispose()
