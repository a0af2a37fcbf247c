"""The public name of the Telegram bot, which links to it are made of: as it is set, else as Telegram tells it."""

import json
import re
import ssl
from http.client import HTTPException
from urllib.request import urlopen

import certifi

from bot.settings import Settings

PATIENCE = 5.0  # seconds
_NAME = re.compile(r"\w{4,64}", re.ASCII)


def telegram_name(settings: Settings) -> str:
    """Waits for Telegram where the name is not set; empty where there is no bot, or Telegram does not tell.

    Source: Bot API, getMe.
    """
    chosen = settings.telegram
    token = chosen.token.get_secret_value()
    if chosen.username or not token:
        return chosen.username
    try:
        trusted = ssl.create_default_context(cafile=certifi.where())
        # By the standard library: a client of its own would take more memory than the rest of the program's networking.
        with urlopen(f"{chosen.api_base}/bot{token}/getMe", timeout=PATIENCE, context=trusted) as answer:  # noqa: S310  # the operator's own address
            name = json.load(answer)["result"]["username"]
    except (OSError, HTTPException, ValueError, KeyError, TypeError):
        return ""
    return name if isinstance(name, str) and _NAME.fullmatch(name) else ""


def named(settings: Settings) -> Settings:
    """The settings with the name of the bot in them, where it can be had."""
    telegram = settings.telegram.model_copy(update={"username": telegram_name(settings)})
    return settings.model_copy(update={"telegram": telegram})
