"""The choice between two libraries."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize(("driver", "other"), [("aiogram", "telegram"), ("ptb", "aiogram")])
def test_only_the_chosen_library_is_imported(driver: str, other: str) -> None:
    script = (
        "import sys\n"
        "from bot.channels.telegram import Telegram\n"
        "from bot.channels.telegram_drivers import driver_for\n"
        "from bot.channels.telegram_settings import TelegramDriver, TelegramSettings\n"
        "assert not {'aiogram', 'telegram'} & set(sys.modules)\n"
        f"driver_for(TelegramSettings('1:x', TelegramDriver({driver!r})))\n"
        f"assert {other!r} not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)
