"""A backup holds all that was committed before it began, and is there whole or not at all."""

import os
import shlex
import stat
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread

import pytest
from sqlalchemy import Engine, func, insert, make_url, select

from storage.backup import BackupRefused, backup
from storage.database import open_database, reading, transaction
from storage.migrations import is_current
from storage.tables import job_runs, revisions
from tests.servers import PostgresServer
from tests.storage.invented_rows import contents, fill

sqlite_only = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
START = datetime(2026, 9, 1, tzinfo=UTC)


def database_file(url: str) -> Path:
    return Path(make_url(url).database or "")


class Writer:
    """Goes on committing pairs of rows, one in each of two tables."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.committed = 0
        self._warm, self._enough = Event(), Event()

    @contextmanager
    def at_work(self) -> Iterator[None]:
        thread = Thread(target=self._write)
        thread.start()
        try:
            assert self._warm.wait(30)
            yield
        finally:
            self._enough.set()
            thread.join()

    def _write(self) -> None:
        while not self._enough.is_set():
            number = self.committed + 1
            with transaction(self._engine) as unit:
                unit.write(insert(revisions).values(name=f"number {number}", number=number))
                at = START + timedelta(seconds=number)
                unit.write(insert(job_runs).values(job="count", scheduled_at=at, started_at=at))
            self.committed = number
            if number == 10:
                self._warm.set()


def pairs(engine: Engine) -> tuple[int, int]:
    with reading(engine) as unit:
        counted = unit.read(select(func.count()).select_from(revisions)).scalar_one()
        return counted, unit.read(select(func.count()).select_from(job_runs)).scalar_one()


@sqlite_only
def test_a_backup_amid_writes_starts_and_holds_all_that_was_committed_before(
    engine: Engine, database_url: str, tmp_path: Path
) -> None:
    writer = Writer(engine)
    before = []
    with writer.at_work():
        for number in range(3):
            before.append(writer.committed)
            backup(database_url, tmp_path / f"{number}.backup")
    for number, least in enumerate(before):
        restored = open_database(f"sqlite:///{tmp_path / f'{number}.backup'}")
        assert is_current(restored)
        in_one, in_other = pairs(restored)
        assert least <= in_one == in_other <= writer.committed
        with transaction(restored) as unit:
            unit.write(insert(revisions).values(name="after the restoration", number=0))
        restored.dispose()


@sqlite_only
def test_a_backup_holds_every_row_of_every_table(engine: Engine, database_url: str, tmp_path: Path) -> None:
    rows = fill(engine)
    backup(database_url, tmp_path / "backup")
    restored = open_database(f"sqlite:///{tmp_path / 'backup'}")
    assert contents(restored) == rows
    restored.dispose()


@sqlite_only
def test_a_backup_is_one_file_that_only_its_owner_may_read(engine: Engine, database_url: str, tmp_path: Path) -> None:
    fill(engine)
    folder = tmp_path / "100% safe, 备份?"
    folder.mkdir()
    backup(database_url, folder / "backup")
    assert [path.name for path in folder.iterdir()] == ["backup"]
    assert stat.S_IMODE((folder / "backup").stat().st_mode) == 0o600


@sqlite_only
def test_a_backup_overwrites_nothing(database_url: str, tmp_path: Path) -> None:
    target = tmp_path / "backup"
    target.write_text("of last week")
    with pytest.raises(BackupRefused, match=r"backup is there already, and a backup overwrites nothing"):
        backup(database_url, target)
    assert target.read_text() == "of last week"


@sqlite_only
def test_a_backup_needs_a_folder(database_url: str, tmp_path: Path) -> None:
    with pytest.raises(BackupRefused, match=r"There is no folder .*nowhere: make it first"):
        backup(database_url, tmp_path / "nowhere" / "backup")


def test_without_a_database_there_is_no_backup_and_no_database_either(tmp_path: Path) -> None:
    with pytest.raises(BackupRefused, match=r"There is no database at .*missing\.sqlite3"):
        backup(f"sqlite:///{tmp_path / 'missing.sqlite3'}", tmp_path / "backup")
    assert list(tmp_path.iterdir()) == []


@sqlite_only
def test_a_damaged_database_leaves_no_backup(engine: Engine, database_url: str, tmp_path: Path) -> None:
    with transaction(engine) as unit:
        unit.write(insert(revisions).values(name="needle", number=1))
    engine.dispose()
    path = database_file(database_url)
    table, index = path.read_bytes().rsplit(b"needle", 1)
    path.write_bytes(table + b"Needle" + index)
    with pytest.raises(BackupRefused, match=r"is damaged .*: go back to an earlier backup"):
        backup(database_url, tmp_path / "backup")
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


def test_what_is_no_database_is_said_to_be_none(tmp_path: Path) -> None:
    (tmp_path / "letter").write_text("dear clerk " * 1000)
    with pytest.raises(BackupRefused, match="letter could not be copied: file is not a database"):
        backup(f"sqlite:///{tmp_path / 'letter'}", tmp_path / "backup")
    assert [entry.name for entry in tmp_path.iterdir()] == ["letter"]


def test_for_postgresql_the_command_is_told_without_the_password(tmp_path: Path) -> None:
    url = "postgresql+psycopg://clerk:hush%20hush@db.example:5433/people?sslmode=require&sslpassword=hush"
    with pytest.raises(BackupRefused) as refused:
        backup(url, tmp_path / "of today")
    assert str(refused.value) == (
        "PostgreSQL brings its own tool for this: pg_dump --format=custom "
        f"'--file={tmp_path}/of today' '--dbname=postgresql://clerk@db.example:5433/people?sslmode=require'"
    )


def test_the_command_for_postgresql_works(postgres_server: PostgresServer, tmp_path: Path) -> None:
    url = postgres_server.databases.create()
    with pytest.raises(BackupRefused) as refused:
        backup(url, tmp_path / "backup")
    _, command = str(refused.value).split(": ", 1)
    subprocess.run(shlex.split(command), check=True, env=os.environ | {"PATH": str(postgres_server._programs)})
    assert (tmp_path / "backup").read_bytes().startswith(b"PGDMP")
    postgres_server.databases.drop(url)
