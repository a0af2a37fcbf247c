"""What tests of the program may ask for."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import Engine

from tests.bot.board_visitor import Visitor, visiting
from tests.bot.installation import Installation
from tests.bot.mailing import Mail
from tests.bot.program_stage import Township
from tests.bot_api import BotApiStandIn
from tests.kept_logs import kept_logs


@pytest.fixture
def logs_as_before() -> Iterator[None]:
    """Whatever a command sets up for logging is gone after the test."""
    with kept_logs():
        yield


@pytest.fixture
def installation(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Installation:
    request.getfixturevalue("logs_as_before")
    return Installation(tmp_path, monkeypatch, capsys)


@pytest.fixture
def mail(engine: Engine, tmp_path: Path) -> Mail:
    return Mail(engine, tmp_path)


@pytest.fixture
def platform() -> Iterator[BotApiStandIn]:
    with BotApiStandIn() as running_platform:
        yield running_platform
        assert running_platform.violations == []


@pytest.fixture
def township(database_url: str) -> Iterator[Township]:
    """The demo's township."""
    made = Township(database_url)
    yield made
    made.close()


@pytest_asyncio.fixture
async def visitor(database_url: str, tmp_path: Path) -> AsyncIterator[Visitor]:
    """Somebody before the public boards."""
    async with visiting(database_url, tmp_path) as visitor:
        yield visitor
