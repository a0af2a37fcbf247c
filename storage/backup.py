"""A copy of the whole database, made while the program goes on."""

import os
import shlex
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

from sqlalchemy import URL, make_url


class BackupRefused(Exception):
    """There is no backup. The message says in a sentence why, and what to do."""


def backup(url: str, target: Path) -> None:
    """Write all that is committed in the SQLite database at `url` to the new file `target`, for its owner's eyes only.

    The file appears whole or not at all, after SQLite has found it sound. Nobody has to wait meanwhile
    (https://www.sqlite.org/backup.html). To go back, stop the program and put the file in the place of the database.

    Raises:
        BackupRefused: there is such a file, no folder for it, no such database, or it is damaged; or it is PostgreSQL,
            and the message has the command that does it there.
    """
    source = _source(make_url(url), target)
    _refuse_existing(target)
    if not target.parent.is_dir():
        raise BackupRefused(f"There is no folder {target.parent}: make it first, or name another.")
    descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    os.close(descriptor)
    unfinished = Path(name)
    try:
        _copy(source, unfinished)
        _write_through(unfinished)
        _refuse_existing(target)
        unfinished.rename(target)
    finally:
        unfinished.unlink(missing_ok=True)
    _write_through(target.parent)


def _source(url: URL, target: Path) -> Path:
    if url.get_backend_name() != "sqlite":
        raise BackupRefused(f"PostgreSQL brings its own tool for this: {_pg_dump(url, target)}")
    path = Path(url.database or ":memory:")
    if not path.is_file():
        raise BackupRefused(f"There is no database at {path}.")
    return path


def _pg_dump(url: URL, target: Path) -> str:
    """The command without secrets: `pg_dump` asks for the password, or finds it in ~/.pgpass or PGPASSWORD."""
    address = URL.create("postgresql", url.username, None, url.host, url.port, url.database, url.query)
    public = address.difference_update_query(["password", "sslpassword"])
    return shlex.join(["pg_dump", "--format=custom", f"--file={target}", f"--dbname={public}"])


def _refuse_existing(target: Path) -> None:
    if target.exists():
        raise BackupRefused(f"{target} is there already, and a backup overwrites nothing: name another file.")


def _copy(source: Path, target: Path) -> None:
    try:
        findings = _copy_and_check(source, target)
    except sqlite3.DatabaseError as error:
        raise BackupRefused(f"{source} could not be copied: {error}.") from error
    if findings != ["ok"]:
        raise BackupRefused(f"{source} is damaged ({findings[0]}): go back to an earlier backup.")


def _copy_and_check(source: Path, target: Path) -> list[str]:
    with (
        # "rw": what is not there is not made.
        closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=rw", uri=True)) as running,
        closing(sqlite3.connect(target)) as copy,
    ):
        running.backup(copy)  # in one step: in several, every commit in between would make it start anew
        # One file, with no log beside it; the program will ask for the log again.
        copy.execute("PRAGMA journal_mode=DELETE")
        return [finding for (finding,) in copy.execute("PRAGMA integrity_check")]


def _write_through(path: Path) -> None:
    """Return when the disk has it, also the entry of a new file in its folder."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
