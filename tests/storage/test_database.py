"""One transaction, its parts and its faults, on SQLite and PostgreSQL alike."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, timezone
from threading import Barrier
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, Executable, event, insert, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from storage.database import Unit, is_database_fault, open_database, reading, transaction
from storage.tables import audit, conversations, job_runs, people, prompts, revisions
from tests.servers import PostgresServer

sqlite_only = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
postgresql_only = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
NOW = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)


class Mishap(Exception):
    """What a message's own fault looks like."""


def add(unit: Unit, name: str) -> None:
    unit.write(insert(revisions).values(name=name, number=1))


def add_in_part(unit: Unit, *names: str) -> None:
    with unit.part():
        for name in names:
            add(unit, name)


def fail_after_writing(unit: Unit) -> None:
    with unit.part():
        add(unit, "failed")
        raise Mishap


def names(engine: Engine) -> set[str]:
    with reading(engine) as unit:
        return set(unit.read(select(revisions.c.name)).scalars())


def person(unit: Unit) -> int:
    return unit.insert(insert(people).values(created_at=NOW))


@contextmanager
def statements(engine: Engine) -> Iterator[list[str]]:
    """What is said to the database meanwhile."""
    heard: list[str] = []

    def hear(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        heard.append(statement)

    event.listen(engine, "before_cursor_execute", hear)
    yield heard
    event.remove(engine, "before_cursor_execute", hear)


# --- parts -------------------------------------------------------------------------------------------------


def test_a_part_that_fails_is_taken_back_alone(engine: Engine) -> None:
    with transaction(engine) as unit:
        add_in_part(unit, "before")
        with pytest.raises(Mishap):
            fail_after_writing(unit)
        add_in_part(unit, "after")
    assert names(engine) == {"before", "after"}


def test_a_part_that_the_database_refuses_is_taken_back_alone(engine: Engine) -> None:
    with transaction(engine) as unit:
        add_in_part(unit, "once")
        with pytest.raises(IntegrityError):
            add_in_part(unit, "with it", "once")
        add_in_part(unit, "after")
    assert names(engine) == {"once", "after"}


def test_parts_that_succeeded_vanish_with_the_transaction(engine: Engine) -> None:
    def work() -> None:
        with transaction(engine) as unit:
            add_in_part(unit, "first")
            add_in_part(unit, "second")
            raise Mishap

    with pytest.raises(Mishap):
        work()
    assert names(engine) == set()


def test_what_is_written_outside_of_parts_stays_when_a_part_fails(engine: Engine) -> None:
    with transaction(engine) as unit:
        add(unit, "outside")
        with pytest.raises(Mishap):
            fail_after_writing(unit)
        add(unit, "outside again")
    assert names(engine) == {"outside", "outside again"}


def test_a_part_that_only_reads_costs_no_savepoint(engine: Engine) -> None:
    with statements(engine) as heard, transaction(engine) as unit, unit.part():
        unit.read(select(revisions))
    assert not [statement for statement in heard if "SAVEPOINT" in statement]
    assert unit.writes == 0


def test_a_part_that_writes_twice_costs_one_savepoint(engine: Engine) -> None:
    with statements(engine) as heard, transaction(engine) as unit, unit.part():
        add(unit, "one")
        add(unit, "two")
    assert len([statement for statement in heard if statement.startswith("SAVEPOINT")]) == 1
    assert unit.writes == 2


def test_an_insert_gives_the_id_of_its_row(engine: Engine) -> None:
    with transaction(engine) as unit:
        first, second = person(unit), person(unit)
        assert unit.read(select(people.c.id).order_by(people.c.id)).scalars().all() == [first, second]


# --- transactions ------------------------------------------------------------------------------------------


def test_who_reads_does_not_wait_for_who_writes(engine: Engine) -> None:
    with transaction(engine) as unit:
        add(unit, "not yet committed")
        assert names(engine) == set()
    assert names(engine) == {"not yet committed"}


def test_references_are_enforced(engine: Engine) -> None:
    with pytest.raises(IntegrityError), transaction(engine) as unit:
        unit.write(insert(people).values(created_at=NOW, cell_id=4711))


@sqlite_only
def test_a_commit_on_sqlite_survives_a_power_cut(database_url: str) -> None:
    engine = open_database(database_url)
    with reading(engine) as unit:
        assert unit.read(text("PRAGMA journal_mode")).scalar_one() == "wal"
        assert unit.read(text("PRAGMA synchronous")).scalar_one() == 2
    engine.dispose()


# --- values ------------------------------------------------------------------------------------------------

fixed_offsets = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
moments = st.datetimes(datetime(2, 1, 1), datetime(9998, 12, 31), timezones=fixed_offsets)  # noqa: DTZ001  # the strategy adds the zone


@given(written=st.lists(moments, unique=True, max_size=10), border=moments)
@example(written=[datetime(1969, 12, 31, 23, 59, 59, 999_999, UTC)], border=datetime(1970, 1, 1, tzinfo=UTC))
@example(written=[datetime(2026, 9, 1, 1, 0, 0, microsecond, UTC) for microsecond in (0, 1, 999_999)], border=NOW)
@settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_moments_come_back_to_the_microsecond_in_their_order(
    engine: Engine, written: list[datetime], border: datetime
) -> None:
    at = job_runs.c.scheduled_at
    with engine.connect() as connection, connection.begin() as taken_back:
        for moment in written:
            connection.execute(insert(job_runs).values(job="any", scheduled_at=moment, started_at=moment))
        read = list(connection.scalars(select(at).order_by(at)))
        earlier = list(connection.scalars(select(at).where(at < border).order_by(at)))
        taken_back.rollback()
    assert read == sorted(written)
    assert earlier == sorted(moment for moment in written if moment < border)
    assert {moment.tzinfo for moment in read} <= {UTC}


def test_no_moment_stays_none(engine: Engine) -> None:
    with transaction(engine) as unit:
        person(unit)
        assert unit.read(select(people.c.consented_at)).scalar_one() is None


def test_a_conversation_keeps_its_answers_in_order(engine: Engine) -> None:
    state = {"what": "修路", "where": None, "photos": [1, 2.5, True], "a": "first in the alphabet, last here"}
    with transaction(engine) as unit:
        row = {"heard_at": NOW, "window_from": NOW, "window_count": 1, "strikes": 0}
        unit.write(insert(conversations).values(person_id=person(unit), state=state, **row))
        read = unit.read(select(conversations.c.state)).scalar_one()
    assert list(read.items()) == list(state.items())


def test_documents_come_back_and_nothing_is_null(engine: Engine) -> None:
    with transaction(engine) as unit:
        unit.write(
            insert(prompts).values(person_id=person(unit), conversation="x", arguments={"格": 1}, created_at=NOW)
        )
        unit.write(insert(audit).values(at=NOW, action="x", record="x", record_id=1, before=None, after={}))
        assert unit.read(select(prompts.c.arguments)).scalar_one() == {"格": 1}
        assert unit.read(select(audit.c.after).where(audit.c.before.is_(None))).scalar_one() == {}


# --- faults of the database --------------------------------------------------------------------------------


def fault_of(work: Callable[[], object]) -> bool:
    with pytest.raises(Exception) as caught:  # noqa: PT011  # which it is, is what the tests are about
        work()
    return is_database_fault(caught.value)


def runs(engine: Engine, statement: Executable, parameters: Any = None) -> Callable[[], object]:
    def work() -> None:
        with transaction(engine) as unit, unit.part():
            unit.write(statement, parameters)

    return work


@pytest.mark.parametrize(
    ("statement", "parameters"),
    [
        pytest.param(text("SELECT nothing FROM nowhere"), None, id="no such table"),
        pytest.param(text("SELEKT"), None, id="syntax"),
        pytest.param(insert(people), {"created_at": NOW, "cell_id": 4711}, id="refers to nothing"),
        pytest.param(insert(revisions), {"name": None, "number": 1}, id="missing"),
        pytest.param(insert(revisions), {"name": object(), "number": 1}, id="no value for a database"),
        pytest.param(insert(revisions), {"name": "x", "number": 2**70}, id="too large"),
        pytest.param(insert(revisions), {"name": "\ud800", "number": 1}, id="half a character"),
    ],
)
def test_a_fault_of_the_message_is_none_of_the_database(
    engine: Engine, statement: Executable, parameters: dict[str, object] | None
) -> None:
    assert not fault_of(runs(engine, statement, parameters))


def test_an_error_that_is_not_from_the_database_is_none_of_it() -> None:
    assert not is_database_fault(Mishap())


@sqlite_only
def test_a_full_disk_takes_the_whole_transaction_and_room_helps(engine: Engine) -> None:
    def fill_the_disk() -> None:
        with transaction(engine) as unit:
            unit.write(text("PRAGMA max_page_count=1"))  # no fewer than there are
            add_in_part(unit, "small enough")
            add_in_part(unit, *(f"{number}".zfill(40) for number in range(10_000)))

    assert fault_of(fill_the_disk)
    assert names(engine) == set()
    with transaction(engine) as unit:
        unit.write(text("PRAGMA max_page_count=1000000"))
        add(unit, "again")
    assert names(engine) == {"again"}


@sqlite_only
def test_a_database_that_somebody_else_holds_is_a_fault(engine: Engine, database_url: str) -> None:
    impatient = open_database(database_url)
    event.listen(impatient, "connect", lambda connection, _: connection.execute("PRAGMA busy_timeout=0").close())
    with transaction(engine):
        assert fault_of(runs(impatient, insert(revisions).values(name="x", number=1)))
    impatient.dispose()


@postgresql_only
def test_a_deadlock_is_a_fault_and_the_other_goes_on(engine: Engine) -> None:
    with transaction(engine) as unit:
        add(unit, "left")
        add(unit, "right")
    together = Barrier(2)

    def cross(first: str, second: str) -> bool:
        try:
            with transaction(engine) as unit, unit.part():
                unit.write(text("SET LOCAL deadlock_timeout = '10ms'"))
                unit.write(update(revisions).where(revisions.c.name == first).values(number=2))
                together.wait(30)
                unit.write(update(revisions).where(revisions.c.name == second).values(number=2))
        except DBAPIError as error:
            return is_database_fault(error)
        return False

    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(cross, ("left", "right"), ("right", "left")))
    assert sorted(outcomes) == [False, True]
    with reading(engine) as unit:
        assert set(unit.read(select(revisions.c.number)).scalars()) == {2}


@postgresql_only
def test_a_serialization_failure_is_a_fault(engine: Engine) -> None:
    with transaction(engine) as unit:
        add(unit, "counted")
    strict = engine.execution_options(isolation_level="REPEATABLE READ")

    def count_late() -> None:
        with transaction(strict) as late:
            late.read(select(revisions))
            with transaction(engine) as early:
                early.write(update(revisions).values(number=2))
            late.write(update(revisions).values(number=3))

    assert fault_of(count_late)


@postgresql_only
def test_a_connection_that_is_cut_is_a_fault_and_the_next_one_works(engine: Engine) -> None:
    def cut() -> None:
        with transaction(engine) as unit, unit.part():
            add(unit, "lost")
            backend = unit.read(text("SELECT pg_backend_pid()")).scalar_one()
            with transaction(engine) as other:
                other.read(text("SELECT pg_terminate_backend(:backend)"), {"backend": backend})
            add(unit, "never")

    assert fault_of(cut)
    assert names(engine) == set()


def test_a_server_that_is_down_is_a_fault_and_does_no_harm(postgres_server: PostgresServer) -> None:
    engine = open_database(postgres_server.address.render_as_string(hide_password=False))
    ask = runs(engine, text("SELECT 1"))
    ask()
    postgres_server.stop()
    assert fault_of(ask)
    postgres_server.start()
    ask()
    engine.dispose()


@postgresql_only
@pytest.mark.parametrize(
    ("state", "fault"),
    [
        ("08006", True),  # connection failure
        ("40001", True),  # serialization failure
        ("40P01", True),  # deadlock
        ("53100", True),  # disk full
        ("53200", True),  # out of memory
        ("53300", True),  # too many connections
        ("55P03", True),  # lock not available
        ("57P01", True),  # shut down by its administrator
        ("57P03", True),  # cannot connect now
        ("58030", True),  # input or output failed
        ("22003", False),  # number out of range
        ("22P02", False),  # not a number at all
        ("23505", False),  # is there already
        ("42P01", False),  # no such table
        ("54000", False),  # larger than a limit of the program
    ],
)
def test_what_postgresql_says_tells_whose_fault_it_is(engine: Engine, state: str, fault: bool) -> None:
    assert fault_of(runs(engine, text(f"DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{state}'; END $$"))) is fault
