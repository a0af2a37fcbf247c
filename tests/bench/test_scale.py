"""However large the store, every question takes about as much work: counted, not timed."""

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, event

from tests.bench.scale_questions import QUESTIONS, History, Program, Question
from tests.bench.scale_rows import MIDDLE, SMALL
from tests.bench.scale_store import fill
from tests.databases import databases_of_session

STEPS_AT_ONCE = 100
TIMES = 1.2
# And what it takes to count up to the limit: of steps a tenth of a millisecond.
STEPS_MORE, ROWS_MORE = 6_000, 600


@pytest.fixture(params=["sqlite", "postgresql"])
def fresh(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[str], str]:
    def sqlite(name: str) -> str:
        return f"sqlite:///{shutil.copyfile(request.getfixturevalue('sqlite_template'), tmp_path / name)}"

    def postgresql(_: str) -> str:
        databases = databases_of_session(request)
        url = databases.create(request.getfixturevalue("postgres_template"))
        request.addfinalizer(lambda: databases.drop(url))
        return url

    return sqlite if request.param == "sqlite" else postgresql


class Work:
    """What a database did so far: steps of SQLite's machine, or rows that PostgreSQL looked at."""

    def __init__(self, program: Program) -> None:
        self.done, self._program = 0, program
        event.listen(program.engine, "connect", self._listen)
        if program.engine.dialect.name == "postgresql":
            # What PostgreSQL says includes earlier transactions, as long as it has not told of them elsewhere.
            event.listen(program.engine, "begin", lambda connection: self._look(connection, -1))
            event.listen(program.engine, "commit", lambda connection: self._look(connection, 1))

    def _listen(self, connection: Any, _: object) -> None:
        """Nothing here need survive a loss of power, so nobody waits for the disk."""
        if isinstance(connection, sqlite3.Connection):
            connection.execute("PRAGMA synchronous=OFF").close()
            connection.set_progress_handler(self._step, STEPS_AT_ONCE)
        else:
            connection.execute("SET synchronous_commit = off")
            connection.commit()

    def of(self, question: Question | History) -> int:
        """What it takes to answer this."""
        ask = question.lead(self._program)
        before = self.done
        ask(self._program)
        return self.done - before

    def _step(self) -> int:
        self.done += STEPS_AT_ONCE
        return 0

    def _look(self, connection: Connection, sign: int) -> None:
        rows = "coalesce(sum(seq_tup_read), 0) + coalesce(sum(idx_tup_fetch), 0)"
        found = connection.exec_driver_sql(f"SELECT {rows} FROM pg_stat_xact_user_tables")
        self.done += sign * int(found.scalar_one())


def test_no_question_takes_more_work_in_a_large_store(fresh: Callable[[str], str]) -> None:
    programs = []
    for name, size in {"small": SMALL, "large": MIDDLE}.items():
        url = fresh(name)
        fill(url, size)
        programs.append(Program(url, size))
    works = [Work(program) for program in programs]
    more = STEPS_MORE if programs[0].engine.dialect.name == "sqlite" else ROWS_MORE
    grown: dict[str, tuple[int, int]] = {}
    for name, question in QUESTIONS.items():
        few, many = (work.of(question) for work in works)
        if many > few * TIMES + more:
            grown[name] = few, many
    for program in programs:
        program.engine.dispose()
    assert grown == {}
