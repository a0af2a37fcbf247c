"""One program for each way that Telegram has, with another database and driver each, for all tests of this folder."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from handlers.texts.welcome import MENU
from storage.database import open_database
from tests.bot_api import BotApiStandIn, Person
from tests.databases import databases_of_session
from tests.hostile.siege import PATIENCE, Siege, Visitor
from tests.kill.bot_process import BotProcess
from tests.kill.bot_settings import generous_settings
from tests.kill.congress import found_congress


@pytest.fixture(scope="session", params=["polling", "webhook"])
def besieged(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Siege]:
    folder: Path = tmp_path_factory.mktemp("siege")
    by_webhook = request.param == "webhook"
    with ExitStack() as building:
        if by_webhook:
            databases = databases_of_session(request)
            url = databases.create()
            building.callback(databases.drop, url)
        else:
            url = f"sqlite:///{folder / 'minsheng.sqlite3'}"
        found_congress(url)
        engine = open_database(url)
        building.callback(engine.dispose)
        stand_in = building.enter_context(BotApiStandIn())
        settings = generous_settings(folder, url, stand_in, webhook=by_webhook)
        settings |= {
            "MINSHENG_TELEGRAM__DRIVER": "aiogram" if by_webhook else "ptb",
            "MINSHENG_TELEGRAM__PER_SECOND": "1000",
        }
        bot = building.enter_context(BotProcess(folder, settings))
        if by_webhook:
            settings["MINSHENG_TELEGRAM__WEBHOOK_URL"] = f"http://{bot.address}/telegram"
        bot.start()
        bot.wait_until_ready()
        # verify=False only saves the loading of certificates.
        http = building.enter_context(httpx.Client(base_url=f"http://{bot.address}", trust_env=False, verify=False))
        yield Siege(bot, stand_in, engine, http, request.param)


@pytest.fixture(scope="session")
def neighbour(besieged: Siege) -> Person:
    """Somebody on Telegram who means well."""
    return besieged.person()


@pytest.fixture(scope="session")
def onlooker(besieged: Siege) -> Iterator[Visitor]:
    """Somebody in the web chat who means well."""
    with besieged.visitor() as onlooker:
        yield onlooker


@pytest.fixture
def siege(besieged: Siege, neighbour: Person, onlooker: Visitor) -> Iterator[Siege]:
    """After each attack nothing is broken, nothing stands in the way, and whoever else writes is answered."""
    yield besieged
    heard = len(neighbour.inbox)
    neighbour.says("菜单")
    assert onlooker.says("菜单")["type"] == "accepted"
    onlooker.hears(MENU.zh)
    neighbour.wait_for(MENU.zh, after=heard, timeout=PATIENCE)
    besieged.stand_in.wait_until(lambda: not besieged.stand_in.waiting_updates, timeout=PATIENCE)
    assert besieged.wounds() == []
