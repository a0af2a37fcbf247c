"""Databases of every age come to the newest revision with all that they hold, and nothing else happens to them."""

import multiprocessing
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql import ClauseElement

from storage import migrations
from storage.database import open_database
from storage.migrations import EMPTY, MigrationRefused, current, head, is_current, migrate, obstacle, revisions
from storage.tables import metadata
from tests.storage.invented_rows import contents, fill

sqlite_only = pytest.mark.parametrize("alterable_url", ["sqlite"], indirect=True)


def shape(engine: Engine) -> dict[str, object]:
    """What the tables are like, in the database's own words."""
    inspector = inspect(engine)
    aspects = (
        inspector.get_multi_columns(),
        inspector.get_multi_pk_constraint(),
        inspector.get_multi_unique_constraints(),
        inspector.get_multi_foreign_keys(),
        inspector.get_multi_indexes(),
    )
    names = [name for name in inspector.get_table_names() if name != "alembic_version"]
    return {name: [in_words(aspect[None, name]) for aspect in aspects] for name in names}


def in_words(described: object) -> object:
    """The same, comparable: types and conditions as text, and nothing hanging on the order of columns."""
    if isinstance(described, Mapping):
        return {key: in_words(value) for key, value in described.items()}
    if isinstance(described, list) and any(isinstance(value, Mapping) for value in described):
        return sorted((in_words(value) for value in described), key=str)
    return str(described) if isinstance(described, ClauseElement) else repr(described)


@pytest.fixture
def engine(alterable_url: str) -> Iterator[Engine]:
    engine = open_database(alterable_url)
    yield engine
    engine.dispose()


@pytest.fixture
def next_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of a step that comes after all others, still to be written."""
    folder = tmp_path / "100% migrations"
    shutil.copytree(migrations.FOLDER, folder, ignore=shutil.ignore_patterns("__pycache__"))
    revision = f"{int(head()) + 1:04d}"
    step = folder / "versions" / f"{revision}_next.py"
    step.write_text(
        f"import sqlalchemy as sa\nfrom alembic import op\nrevision = '{revision}'\ndown_revision = '{head()}'\n"
    )
    monkeypatch.setattr(migrations, "FOLDER", folder)
    return step


def write(step: Path, upgrade: str, downgrade: str = "pass") -> None:
    with step.open("a") as file:
        file.write(f"def upgrade():\n    {upgrade}\ndef downgrade():\n    {downgrade}\n")


# --- the steps ---------------------------------------------------------------------------------------------


def test_the_steps_make_one_chain_in_the_order_of_their_names() -> None:
    script = ScriptDirectory(migrations.FOLDER)
    chain = [step.revision for step in script.walk_revisions()]
    assert [*reversed(chain)] == revisions()
    assert script.get_heads() == [head()]


def test_every_step_can_be_taken_back_and_taken_again(blank_engine: Engine) -> None:
    before = EMPTY
    for revision in revisions():
        behind = shape(blank_engine)
        migrate(blank_engine, revision)
        ahead = shape(blank_engine)
        migrate(blank_engine, before)
        assert shape(blank_engine) == behind
        migrate(blank_engine, revision)
        assert shape(blank_engine) == ahead
        before = revision
    assert is_current(blank_engine)


def test_alembic_sees_no_difference_between_the_tables_and_the_migrated_database(engine: Engine) -> None:
    with engine.connect() as connection:
        # It takes SQLite's '' for another default than the table's ''. The next test compares defaults as well.
        defaults = connection.dialect.name != "sqlite"
        context = MigrationContext.configure(connection, opts={"compare_server_default": defaults})
        assert compare_metadata(context, metadata) == []


def test_the_migrated_database_is_the_one_that_the_tables_describe(blank_engine: Engine) -> None:
    """Also in what Alembic does not compare: conditions of indexes, names of constraints."""
    migrate(blank_engine)
    migrated = shape(blank_engine)
    migrate(blank_engine, EMPTY)
    metadata.create_all(blank_engine)
    assert migrated == shape(blank_engine)


# --- what the database holds -------------------------------------------------------------------------------


def test_rows_of_every_age_come_along(blank_engine: Engine) -> None:
    for revision in revisions():
        migrate(blank_engine, revision)
        rows = fill(blank_engine)
        migrate(blank_engine)
        kept = contents(blank_engine)
        assert {name: len(kept[name]) for name in rows} == dict.fromkeys(rows, 1)
        empty(blank_engine)
        migrate(blank_engine, EMPTY)


def empty(engine: Engine) -> None:
    with engine.begin() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(table.delete())


def test_a_table_made_anew_keeps_its_rows_and_all_that_refers_to_them(engine: Engine, next_step: Path) -> None:
    write(next_step, "with op.batch_alter_table('people') as table: table.alter_column('name', type_=sa.String(300))")
    rows, references = fill(engine), shape(engine)["accounts"]
    migrate(engine)
    assert contents(engine) == rows
    assert shape(engine)["accounts"] == references
    assert "VARCHAR(length=300)" in str(shape(engine)["people"])


@sqlite_only
def test_a_step_that_leaves_references_to_nothing_is_taken_back(engine: Engine, next_step: Path) -> None:
    write(next_step, "op.execute('DELETE FROM people')")
    rows, before = fill(engine), current(engine)
    with pytest.raises(MigrationRefused, match="refer to nothing"):
        migrate(engine)
    assert contents(engine) == rows
    assert current(engine) == before
    with engine.connect() as connection:
        assert connection.scalar(text("PRAGMA foreign_keys")) == 1


def test_a_step_that_fails_halfway_leaves_everything_as_it_was(engine: Engine, next_step: Path) -> None:
    write(next_step, "op.drop_table('job_runs'); op.execute('SELECT nothing FROM nowhere')")
    rows, before = fill(engine), current(engine)
    with pytest.raises(DBAPIError, match="nowhere"):
        migrate(engine)
    assert contents(engine) == rows
    assert current(engine) == before


# --- refusals ----------------------------------------------------------------------------------------------


def test_it_does_not_go_backwards_over_data(engine: Engine) -> None:
    rows = fill(engine)
    sentence = obstacle(engine, EMPTY)
    assert sentence is not None
    assert sentence.startswith(
        f"Going back from {head()} to base would lose what the database holds (in accounts, announcement_"
    )
    with pytest.raises(MigrationRefused, match="put back a backup"):
        migrate(engine, EMPTY)
    assert contents(engine) == rows
    assert is_current(engine)


def test_a_database_without_data_may_go_backwards(engine: Engine) -> None:
    assert obstacle(engine, EMPTY) is None
    migrate(engine, EMPTY)
    assert current(engine) == EMPTY
    assert shape(engine) == {}


def test_a_database_that_a_newer_program_used_is_left_alone(
    engine: Engine, next_step: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(next_step, "op.create_table('later', sa.Column('id', sa.Integer, primary_key=True))")
    migrate(engine)
    newer = current(engine)
    monkeypatch.undo()
    assert not is_current(engine)
    sentence = obstacle(engine)
    assert sentence is not None
    assert sentence.startswith(f"The database is newer than this program (it is at {newer}, the program at {head()})")
    with pytest.raises(MigrationRefused, match="newer"):
        migrate(engine)
    assert current(engine) == newer


def test_a_revision_that_nobody_knows_is_named(engine: Engine) -> None:
    sentence = f"There is no revision 1999; this program knows base, {', '.join(revisions())}."
    assert obstacle(engine, "1999") == sentence


def test_tables_of_unknown_origin_are_not_touched(blank_engine: Engine) -> None:
    metadata.tables["revisions"].create(blank_engine)
    with pytest.raises(MigrationRefused, match=r"tables that no migration of ours made \(revisions\)"):
        migrate(blank_engine)
    assert list(shape(blank_engine)) == ["revisions"]


# --- starting ----------------------------------------------------------------------------------------------


def test_a_blank_database_is_not_current_and_nothing_hinders_it(blank_engine: Engine) -> None:
    assert current(blank_engine) == EMPTY
    assert not is_current(blank_engine)
    assert obstacle(blank_engine) is None


def test_a_current_database_is_known_without_importing_alembic(database_url: str) -> None:
    program = f"""
import sys
from storage.database import open_database
from storage.migrations import is_current, obstacle
engine = open_database({database_url!r})
print(is_current(engine), obstacle(engine), "alembic" in sys.modules)
"""
    finished = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert finished.stdout.split() == ["True", "None", "False"]


def test_a_migrated_database_still_enforces_references(engine: Engine) -> None:
    with engine.connect() as connection, pytest.raises(DBAPIError, match=r"(?i)foreign key"):
        connection.execute(metadata.tables["role_areas"].insert().values(role_id=1, area_id=1))


def test_processes_that_start_together_migrate_once(blank_url: str, blank_engine: Engine) -> None:
    spawning = multiprocessing.get_context("spawn")
    barrier = spawning.Barrier(2)
    processes = [spawning.Process(target=migrate_together, args=(blank_url, barrier)) for _ in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0]
    assert is_current(blank_engine)
    with blank_engine.connect() as connection:
        assert connection.scalars(text("SELECT version_num FROM alembic_version")).all() == [head()]
        assert connection.scalars(select(metadata.tables["people"])).all() == []


def migrate_together(url: str, barrier: Barrier) -> None:
    engine = open_database(url)
    barrier.wait(30)
    migrate(engine)
    engine.dispose()
