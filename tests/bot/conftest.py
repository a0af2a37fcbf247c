"""What tests of the program may ask for."""

import logging
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
import structlog
from sqlalchemy import Engine

from bot import logs
from tests.bot.board_visitor import Visitor, visiting
from tests.bot.installation import Installation
from tests.bot.mailing import Mail
from tests.bot.program_stage import Township
from tests.bot_api import BotApiStandIn


@pytest.fixture
def logs_as_before() -> Iterator[None]:
    """Whatever a command sets up for logging is gone after the test."""
    levels = {name: logging.getLogger(name).level for name in ("", *logging.root.manager.loggerDict)}
    yield
    structlog.reset_defaults()
    logging.raiseExceptions = True
    logging.root.handlers[:] = [handler for handler in logging.root.handlers if handler.name != logs.__name__]
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


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
