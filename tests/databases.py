"""Databases for tests: each test gets its own, migrated and empty, and runs once on SQLite and once on PostgreSQL.

A test of only one kind asks for it by `@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)`.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, make_url

from storage.database import open_database
from storage.migrations import migrate
from tests.servers import Databases

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


@pytest.fixture(scope="session")
def postgres_template(request: pytest.FixtureRequest) -> Iterator[str]:
    """The name of a migrated database, to be copied only."""
    if named := os.environ.get("MINSHENG_TEST_DATABASE_URL"):
        databases = Databases(make_url(named))
    else:
        server = request.getfixturevalue("running_postgres")
        server.start()
        databases = server.databases
    url = databases.create()
    migrate_at(url)
    yield make_url(url).database or ""
    if named:  # a server of our own goes with all that it holds
        databases.drop(url)


@pytest.fixture(params=KINDS)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The SQLAlchemy address of a migrated, empty database for this test alone."""
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
