"""A visitor of the web chat, and a bot that echoes behind it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.bot.channels.web_visitor import Visitor, visitor_of
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
