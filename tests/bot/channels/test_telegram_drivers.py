"""The choice between two libraries, and what is left out of one of them."""

import json
import subprocess
import sys

import pytest

from tests.bot_api import TOKEN, BotApiStandIn
from tests.bot_api.files import small_photo

# In a process of its own: where something else has imported the library before, nothing is left out.
_EVERY_CALL = """
import asyncio, sys
from contextlib import suppress
from bot.channels.telegram_api import ApiError
from bot.channels.telegram_drivers import driver_for
from bot.channels.telegram_settings import TelegramSettings
from handlers.messages import Choice

async def every_call(token, api_base, chat):
    api, rows = driver_for(TelegramSettings(token, api_base=api_base)), [[Choice("yes", "好"), Choice("no", "不")]]
    update, = await api.get_updates(0, 10, 0)
    photo = await api.download(update["message"]["photo"][-1]["file_id"], 1 << 20)
    text = await api.send_text(chat, "路灯 example.org", rows)
    await api.edit_text(chat, text, "路灯亮了 example.org", rows)
    picture = await api.send_photo(chat, photo, "lamp.jpg", "路灯", rows)
    await api.edit_caption(chat, picture, "灯", [])
    await api.edit_to_document(chat, picture, photo, "lamp.jpg", "路灯", rows)
    await api.edit_to_photo(chat, picture, photo, "lamp.jpg", "路灯", rows)
    await api.send_document(chat, photo, "lamp.jpg", "路灯", [])
    with suppress(ApiError):  # nobody tapped
        await api.answer_tap("1")
    await api.set_commands([("menu", "菜单")])
    await api.set_webhook("https://here.example/telegram", "a-secret")
    assert (await api.webhook()).url == "https://here.example/telegram"
    await api.delete_webhook()
    await api.close()

asyncio.run(every_call(sys.argv[1], sys.argv[2], int(sys.argv[3])))
from aiogram.types import Update
assert not Update.__pydantic_complete__
"""


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


def test_aiogram_does_all_we_ask_of_it_without_models_of_what_telegram_sends() -> None:
    with BotApiStandIn() as platform:
        resident = platform.person(8001)
        resident.sends_photo(small_photo())
        command = [sys.executable, "-c", _EVERY_CALL, TOKEN, platform.base_url, str(resident.id)]
        subprocess.run(command, check=True, timeout=60)
        commands = str(platform.calls("setMyCommands")[0].parameters["commands"])
        assert json.loads(commands) == [{"command": "menu", "description": "菜单"}]
        assert len(resident.inbox) == 3
