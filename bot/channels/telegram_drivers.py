"""Which library speaks to Telegram; only the chosen one is ever imported."""

from bot.channels.telegram_api import BotApi
from bot.channels.telegram_settings import TelegramDriver, TelegramSettings


def driver_for(settings: TelegramSettings) -> BotApi:
    """The chosen driver, not connected yet."""
    if settings.driver is TelegramDriver.PTB:
        from bot.channels.telegram_ptb import PtbApi

        return PtbApi(settings)
    from bot.channels.telegram_aiogram import AiogramApi

    return AiogramApi(settings)
