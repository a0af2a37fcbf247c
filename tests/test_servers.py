import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import redis
from sqlalchemy import Engine, NullPool, create_engine, inspect, text

from tests.servers import Databases, PostgresServer, RedisServer, Server, ServerFailed

PROJECT = Path(__file__).parent.parent


@pytest.fixture
def engine(postgres_url: str) -> Iterator[Engine]:
    engine = create_engine(postgres_url, poolclass=NullPool)
    yield engine
    engine.dispose()


def write(engine: Engine, words: str) -> None:
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE kept (words text)"))
        connection.execute(text("INSERT INTO kept VALUES (:words)"), {"words": words})


def read(engine: Engine) -> str | None:
    with engine.connect() as connection:
        words: str | None = connection.scalar(text("SELECT words FROM kept"))
    return words


@pytest.mark.parametrize("turn", ["first", "second"])
def test_each_test_has_an_empty_database(turn: str, engine: Engine) -> None:
    assert inspect(engine).get_table_names() == []
    write(engine, turn)


@pytest.mark.parametrize("turn", ["first", "second"])
def test_each_test_has_an_empty_redis(turn: str, redis_url: str) -> None:
    with redis.Redis.from_url(redis_url, decode_responses=True) as client:
        assert client.keys() == []
        client.set("turn", turn)


def test_a_database_can_be_copied_with_what_is_in_it(databases: Databases, engine: Engine) -> None:
    write(engine, "修路")
    copy = databases.create(template=engine.url.database or "")
    try:
        assert read(create_engine(copy, poolclass=NullPool)) == "修路"
    finally:
        databases.drop(copy)


def test_postgres_writes_through_to_disk(postgres_server: PostgresServer) -> None:
    with create_engine(postgres_server.address, poolclass=NullPool).connect() as connection:
        assert connection.scalar(text("SHOW fsync")) == "on"
        assert connection.scalar(text("SHOW synchronous_commit")) == "on"


def test_postgres_keeps_address_and_data_over_a_restart(postgres_server: PostgresServer) -> None:
    engine = create_engine(postgres_server.databases.create(), poolclass=NullPool)
    write(engine, "修路")
    before = postgres_server.process_id

    postgres_server.restart()

    assert postgres_server.process_id not in (None, before)
    assert read(engine) == "修路"


def test_redis_keeps_its_address_over_a_restart(redis_server: RedisServer) -> None:
    address = redis_server.url
    redis_server.stop()
    assert not redis_server.answers()

    redis_server.start()

    assert redis_server.url == address
    assert redis_server.answers()


def test_starting_a_running_server_leaves_it_alone(redis_server: RedisServer) -> None:
    before = redis_server.process_id
    redis_server.start()
    assert redis_server.process_id == before


def test_postgres_starts_where_its_account_may_not_read_the_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.servers.may_run", lambda _account, _program: False)
    with PostgresServer() as server:
        assert server.answers()
    assert not server.folder.exists()


class Stillborn(Server):
    """A server that says why it cannot run, and ends."""

    def __init__(self) -> None:
        super().__init__("stillborn")

    def answers(self) -> bool:
        return False

    def _command(self) -> list[str]:
        return [sys.executable, "-c", "raise SystemExit('the disk is full')"]


def test_a_server_that_does_not_start_says_why_and_leaves_nothing() -> None:
    server = Stillborn()
    with pytest.raises(ServerFailed, match="the disk is full"), server:
        pass
    assert not server.folder.exists()


class Stubborn(Server):
    """A server that does not hear polite requests to stop."""

    stop_signal = signal.SIGCONT

    def __init__(self) -> None:
        super().__init__("stubborn")

    def answers(self) -> bool:
        return self.process_id is not None

    def _command(self) -> list[str]:
        return ["sleep", "1000"]


def test_a_server_that_does_not_stop_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.servers.PATIENCE", 0.1)
    with Stubborn() as server:
        process_id = server.process_id
    assert process_id
    with pytest.raises(ProcessLookupError):
        os.kill(process_id, 0)


# What a shell starts in the background without job control is deaf to SIGINT, and hands that on.
INTERRUPTED = """
import os, signal

RUNNER = os.getppid() if "PYTEST_XDIST_WORKER" in os.environ else os.getpid()

def test_interrupted(postgres_url, redis_url):
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    {interrupts}
"""
# Ctrl-C is heard by all processes of a run, a polite kill by the first alone.
INTERRUPTIONS = "os.killpg(0, signal.SIGINT)", "os.kill(RUNNER, signal.SIGTERM)"


@pytest.fixture
def servers_folder() -> Iterator[Path]:
    """An empty folder whose path leaves room for a socket's, which may have 107 bytes."""
    with TemporaryDirectory(prefix="interrupted-", dir="/tmp") as name:
        folder = Path(name)
        folder.chmod(0o711)
        yield folder


@pytest.mark.parametrize("workers", [0, 1])
@pytest.mark.parametrize("interrupts", INTERRUPTIONS, ids=["ctrl-c", "kill"])
def test_nothing_stays_behind_when_a_run_is_interrupted(
    interrupts: str, workers: int, tmp_path: Path, servers_folder: Path
) -> None:
    (tmp_path / "test_interrupted.py").write_text(INTERRUPTED.format(interrupts=interrupts))
    ours = ("MINSHENG_TEST_", "PYTEST_XDIST_", "COVERAGE_")
    environment = {key: value for key, value in os.environ.items() if not key.startswith(ours)}
    command = [sys.executable, "-m", "pytest", "-c", "pyproject.toml", "-p", "tests.conftest", "-p", "no:cacheprovider"]
    finished = subprocess.run(
        [*command, f"--numprocesses={workers}", tmp_path],
        cwd=PROJECT,
        env=environment | {"TMPDIR": str(servers_folder)},
        capture_output=True,
        text=True,
        check=False,
        start_new_session=True,
    )
    assert finished.returncode == pytest.ExitCode.INTERRUPTED, finished.stdout
    assert list(servers_folder.glob("minsheng-*")) == []
