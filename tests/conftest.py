"""What tests of every kind may ask for."""

import os
import signal
from collections.abc import Iterator

import pytest
import redis
from hypothesis import settings
from sqlalchemy import make_url

from tests.servers import Databases, PostgresServer, RedisServer

pytest_plugins = ["tests.databases", "tests.settlement"]

# How long an example takes says how busy the machine is, not whether the code is right.
settings.register_profile("minsheng", deadline=None)
settings.load_profile("minsheng")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int | None:
    """Workers have servers of their own, but for a Redis that is named: it is emptied before each test that asks."""
    return 1 if os.environ.get("MINSHENG_TEST_REDIS_URL") else None


def pytest_configure() -> None:
    # A polite kill ends the run as Ctrl-C does, so that no server stays behind.
    signal.signal(signal.SIGTERM, signal.default_int_handler)


@pytest.fixture(scope="session")
def running_postgres() -> Iterator[PostgresServer]:
    with PostgresServer() as server:
        yield server


@pytest.fixture(scope="session")
def running_redis() -> Iterator[RedisServer]:
    with RedisServer() as server:
        yield server


@pytest.fixture
def postgres_server(running_postgres: PostgresServer) -> PostgresServer:
    """A PostgreSQL server that the test may stop and start; other tests of the run use it too, one at a time."""
    running_postgres.start()
    return running_postgres


@pytest.fixture
def redis_server(running_redis: RedisServer) -> RedisServer:
    """A Redis server that the test may stop and start; other tests of the run use it too, one at a time."""
    running_redis.start()
    return running_redis


@pytest.fixture
def databases(request: pytest.FixtureRequest) -> Databases:
    """Where databases can be made: the server that MINSHENG_TEST_DATABASE_URL names, else one of our own."""
    if named := os.environ.get("MINSHENG_TEST_DATABASE_URL"):
        return Databases(make_url(named))
    server: PostgresServer = request.getfixturevalue("postgres_server")
    return server.databases


@pytest.fixture
def postgres_url(databases: Databases) -> Iterator[str]:
    """A new, empty database for this test, as a SQLAlchemy address."""
    url = databases.create()
    yield url
    databases.drop(url)


@pytest.fixture
def redis_url(request: pytest.FixtureRequest) -> str:
    """An empty Redis database: the one that MINSHENG_TEST_REDIS_URL names (it is emptied!), else one of our own."""
    named = os.environ.get("MINSHENG_TEST_REDIS_URL")
    url: str = named or request.getfixturevalue("redis_server").url
    with redis.Redis.from_url(url) as client:
        client.flushdb()
    return url
