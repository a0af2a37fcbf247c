"""Databases for tests: each test finds one migrated and empty, and runs once on SQLite and once on PostgreSQL.

A test of only one kind asks for it by `@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)`. PostgreSQL
takes a tenth of a second and more to make and drop a database, so tests use one after the other the same, emptied
before each; those that change the tables themselves ask for `alterable_url`.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, make_url, text

from storage.database import open_database
from storage.migrations import migrate
from storage.tables import metadata
from tests.servers import Databases, PostgresServer

KINDS = ("sqlite", "postgresql")


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
    url = databases_of_session(request).create(postgres_template)
    yield url
    if named_server():
        databases_of_session(request).drop(url)


def clear(url: str) -> None:
    """Break all connections that earlier tests left behind, drop all rows, count from 1 again."""
    engine = open_database(url)
    with engine.begin() as connection:
        others = "datname = current_database() AND pid <> pg_backend_pid()"
        connection.execute(text(f"SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE {others}"))
        for table in reversed(metadata.sorted_tables):
            connection.execute(table.delete())
        connection.execute(text("SELECT setval(seqrelid::regclass, 1, false) FROM pg_sequence"))
    engine.dispose()


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


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """A migrated, empty database, opened as the program opens it."""
    engine = open_database(database_url)
    yield engine
    engine.dispose()


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
