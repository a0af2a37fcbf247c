"""How a database follows the program, step by step.

A step is a file of `versions`; the four digits at the beginning of its name are its revision. Alembic runs the steps,
and is imported only where there is one to run: a start on a database that is current does without it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, func, inspect, select, text

from storage.tables import metadata

EMPTY = "base"  # Alembic's word for the revision before the first

FOLDER = Path(__file__).parent
_VERSION_TABLE = "alembic_version"
_LOCK = 0x6D696E7368656E67  # ours among PostgreSQL's advisory locks: "minsheng"


class MigrationRefused(Exception):
    """The database stays as it was. The message says in a sentence why, and what to do."""


def revisions() -> list[str]:
    """All that this program knows, oldest first."""
    return sorted(step.name[:4] for step in (FOLDER / "versions").glob("[0-9][0-9][0-9][0-9]_*.py"))


def head() -> str:
    """The revision that this program works with."""
    return revisions()[-1]


def current(engine: Engine) -> str:
    """The revision of the database, or `EMPTY`."""
    with engine.connect().execution_options(reading=True) as connection:
        return _revision(connection)


def is_current(engine: Engine) -> bool:
    """Whether the program and the database fit together."""
    return current(engine) == head()


def obstacle(engine: Engine, revision: str | None = None) -> str | None:
    """Why the database cannot come to `revision` (else: the newest), in a sentence; None where it can."""
    with engine.connect().execution_options(reading=True) as connection:
        return _obstacle(connection, revision or head())


def migrate(engine: Engine, revision: str | None = None) -> None:
    """Bring the database to `revision` (else: the newest), with all that it holds, in one transaction.

    Others who migrate it at the same time wait, and then find nothing left to do.

    Raises:
        MigrationRefused: see `obstacle`.
    """
    target = revision or head()
    with engine.connect() as connection, _references_unchecked(connection), connection.begin():
        _wait_for_others(connection)
        if sentence := _obstacle(connection, target):
            raise MigrationRefused(sentence)
        if _revision(connection) != target:
            _run_steps(connection, target)
            _check_references(connection)


def _revision(connection: Connection) -> str:
    if not inspect(connection).has_table(_VERSION_TABLE):
        return EMPTY
    return connection.scalar(text(f"SELECT version_num FROM {_VERSION_TABLE}")) or EMPTY  # noqa: S608  # a constant


def _known() -> list[str]:
    return [EMPTY, *revisions()]


def _is_back(target: str, present: str) -> bool:
    return _known().index(target) < _known().index(present)


def _obstacle(connection: Connection, target: str) -> str | None:
    known, present = _known(), _revision(connection)
    if target not in known:
        return f"There is no revision {target}; this program knows {', '.join(known)}."
    if present not in known:
        return (
            f"The database is newer than this program (it is at {present}, the program at {known[-1]}): "
            "install the version of the program that it was used with, or a newer one."
        )
    if _is_back(target, present) and (holding := _tables_with_rows(connection)):
        return (
            f"Going back from {present} to {target} would lose what the database holds (in {_listed(holding)}): "
            "put back a backup from before the upgrade instead."
        )
    if present == EMPTY and (strangers := metadata.tables.keys() & set(inspect(connection).get_table_names())):
        return (
            f"The database has tables that no migration of ours made ({_listed(sorted(strangers))}): "
            "give the program an empty database of its own."
        )
    return None


def _tables_with_rows(connection: Connection) -> list[str]:
    quote = connection.dialect.identifier_preparer.quote
    names = sorted(name for name in inspect(connection).get_table_names() if name != _VERSION_TABLE)
    return [name for name in names if connection.scalar(text(f"SELECT 1 FROM {quote(name)} LIMIT 1"))]  # noqa: S608  # quoted


def _listed(names: list[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def _wait_for_others(connection: Connection) -> None:
    # On SQLite the transaction itself is the lock.
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))


def _run_steps(connection: Connection, target: str) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    move = command.downgrade if _is_back(target, _revision(connection)) else command.upgrade
    move(config, target)


@contextmanager
def _references_unchecked(connection: Connection) -> Iterator[None]:
    """On SQLite: let a step drop a table that others refer to and make it anew, as many changes of one need there.

    Foreign keys can be switched only outside of a transaction (https://www.sqlite.org/lang_altertable.html, section 7).
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    cursor = connection.connection.cursor()
    cursor.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()


def _check_references(connection: Connection) -> None:
    if connection.dialect.name == "sqlite" and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
        raise MigrationRefused(
            "A step of the migration left records that refer to nothing; the database stays as it was."
        )
