"""What an operator can choose wrongly."""

from datetime import timedelta

import pytest

from bot.channels.telegram_settings import TelegramMode, TelegramSettings
from tests.bot.channels.telegram_stage import WEBHOOK_SECRET
from tests.bot_api import TOKEN


@pytest.mark.parametrize("token", ["", "x", "4242", "4242:", ":x", "4242:with space", "0:x", "4242:x\n", "abc:def"])
def test_what_is_no_token_is_told_without_showing_it(token: str) -> None:
    with pytest.raises(ValueError, match="@BotFather") as caught:
        TelegramSettings(token)
    assert not token.strip() or token not in str(caught.value)


@pytest.mark.parametrize("secret", ["", "with space", "路灯", "x" * 257])
def test_a_webhook_needs_a_secret_that_telegram_takes(secret: str) -> None:
    with pytest.raises(ValueError, match="secret"):
        TelegramSettings("1:x", mode=TelegramMode.WEBHOOK, webhook_secret=secret)


def test_settings_do_not_show_their_secrets() -> None:
    shown = repr(TelegramSettings(TOKEN, mode=TelegramMode.WEBHOOK, webhook_secret=WEBHOOK_SECRET))
    assert TOKEN not in shown
    assert WEBHOOK_SECRET not in shown


def test_a_send_is_given_up_before_the_senders_lease_ends() -> None:
    assert timedelta(seconds=TelegramSettings("1:x").send_timeout) < timedelta(seconds=30)
