"""A visitor of the web chat, and a bot that echoes behind it; the stand-in of the Bot API, and a resident there."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import structlog

from bot.channels.telegram_settings import TelegramDriver, TelegramSettings
from tests.bot.channels.contract import Inbox
from tests.bot.channels.telegram_stage import RESIDENT
from tests.bot.channels.web_visitor import Visitor, visitor_of
from tests.bot_api import TOKEN, BotApiStandIn, Person
from tests.web_chat_double import EchoBot


@pytest.fixture
def bot(tmp_path: Path) -> EchoBot:
    return EchoBot(tmp_path)


@pytest.fixture
async def visitor(bot: EchoBot) -> AsyncIterator[Visitor]:
    """Somebody who has come to the chat that the bot serves."""
    yield await visitor_of(bot)
    assert bot.channel
    await bot.channel.stop()


@pytest.fixture
def platform() -> Iterator[BotApiStandIn]:
    with BotApiStandIn() as stand_in:
        yield stand_in


@pytest.fixture
def resident(platform: BotApiStandIn) -> Person:
    return platform.person(RESIDENT)


@pytest.fixture(params=list(TelegramDriver))
def settings(request: pytest.FixtureRequest, platform: BotApiStandIn) -> TelegramSettings:
    return TelegramSettings(TOKEN, request.param, platform.base_url)


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
def lines() -> Iterator[list[structlog.typing.EventDict]]:
    """What is logged during the test."""
    with structlog.testing.capture_logs() as found:
        yield found
