"""The public name of the Telegram bot, which links to it are made of: as it is set, else as Telegram tells it."""

import re

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
    # Only now: a tenth of the start of a program that has no bot.
    import httpx

    try:
        answer = httpx.get(f"{chosen.api_base}/bot{token}/getMe", timeout=PATIENCE)
        name = answer.json()["result"]["username"]
    except (httpx.HTTPError, ValueError, KeyError, TypeError):
        return ""
    return name if isinstance(name, str) and _NAME.fullmatch(name) else ""


def named(settings: Settings) -> Settings:
    """The settings with the name of the bot in them, where it can be had."""
    telegram = settings.telegram.model_copy(update={"username": telegram_name(settings)})
    return settings.model_copy(update={"telegram": telegram})
