"""Links to the bot need its public name: set, or asked of Telegram."""

import pytest
from pydantic import SecretStr

from bot.settings import Settings, TelegramSettings
from bot.telegram_name import named, telegram_name
from tests.bot_api import TOKEN, BotApiStandIn, faults


def settings(api_base: str, **telegram: str) -> Settings:
    return Settings(telegram=TelegramSettings(token=SecretStr(TOKEN), api_base=api_base, **telegram))


def test_telegram_tells_the_name_and_links_are_made_of_it() -> None:
    with BotApiStandIn() as platform:
        chosen = settings(platform.base_url)
        assert telegram_name(chosen) == "minsheng_test_bot"
        assert named(chosen).telegram.username == "minsheng_test_bot"
        assert chosen.telegram.username == ""


def test_nobody_is_asked_without_a_bot_or_where_the_name_is_set() -> None:
    assert telegram_name(Settings()) == ""
    assert telegram_name(settings("http://127.0.0.1:1", username="yunxi_bot")) == "yunxi_bot"


def test_where_telegram_does_not_tell_there_is_no_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.telegram_name.PATIENCE", 0.3)
    assert telegram_name(settings("http://127.0.0.1:1")) == ""
    with BotApiStandIn() as platform:
        for fault in (faults.forbids(), faults.holds_before(), faults.garbles()):
            platform.faults.add(fault, method="getMe", times=None)
            assert telegram_name(settings(platform.base_url)) == ""
            platform.faults.clear()
