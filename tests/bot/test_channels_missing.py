"""Mail for a channel that is not set up (any more): it waits, the operator hears of it, and others go on."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

from bot.channels.telegram_settings import TelegramDriver
from bot.settings import TelegramSettings
from bot.web import web_app
from storage.arrivals import Arrivals, Letter
from storage.store import Store
from tests.bot.installation import Installation
from tests.bot.program_stage import Browser, TelegramPerson, Township, at_page, running, settings_for
from tests.bot_api import TOKEN, BotApiStandIn

RESIDENT = 7001


@pytest.fixture
def township(database_url: str) -> Iterator[Township]:
    """A message for somebody on Telegram waits there."""
    made = Township(database_url)
    made.reading(write_to_telegram)
    yield made
    made.close()


def write_to_telegram(store: Store) -> None:
    person = store.people.add()
    account = store.people.add_account(person, "telegram", str(RESIDENT), str(RESIDENT))
    Arrivals(store.unit, store.now).post([Letter("telegram", account, person, "路明年修")])


async def test_it_waits_until_the_channel_is_set_up_again(township: Township, tmp_path: Path) -> None:
    with capture_logs() as logged:
        async with running(settings_for(tmp_path, township.url)) as program:
            async with at_page(Browser(web_app(program))) as other:
                other.says("你好")
                await other.hears("这里是民声")
            await program.sender.quiet()
    alerts = [entry for entry in logged if entry["log_level"] == "error"]
    assert alerts == [{"event": "channel_not_set_up", "channel": "telegram", "waiting": 1, "log_level": "error"}]

    with BotApiStandIn() as platform:
        telegram = TelegramSettings(token=SecretStr(TOKEN), driver=TelegramDriver.PTB, api_base=platform.base_url)
        resident = TelegramPerson(platform, RESIDENT)
        async with running(settings_for(tmp_path, township.url, telegram=telegram)):
            await resident.hears("路明年修")


def test_the_doctor_tells_of_it(installation: Installation) -> None:
    installation.setup()
    with installation.store() as store:
        write_to_telegram(store)
    found = installation.refuses("doctor")
    assert found == "Messages wait for the channel telegram (1), which is not set up: set it up."
