"""Which library speaks to Telegram; only the chosen one is ever imported."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pydantic import BaseModel

from bot.channels.telegram_api import BotApi
from bot.channels.telegram_settings import TelegramDriver, TelegramSettings


def driver_for(settings: TelegramSettings) -> BotApi:
    """The chosen driver, not connected yet."""
    if settings.driver is TelegramDriver.PTB:
        from bot.channels.telegram_ptb import PtbApi

        return PtbApi(settings)
    with _rebuilding_no_models():
        from bot.channels.telegram_aiogram import AiogramApi
    return AiogramApi(settings)


@contextmanager
def _rebuilding_no_models() -> Iterator[None]:
    """While it is imported, aiogram builds a validator for each of some 400 kinds of things that Telegram may send: two
    thirds of the time that it takes, and 110 MB. We read what Telegram sends ourselves, and leave them unbuilt."""

    def rebuilds_nothing(_: type[BaseModel], /, **__: Any) -> None:
        """Models of what we send need no more than this: they are complete as soon as they are defined."""

    rebuild = BaseModel.__dict__["model_rebuild"]
    BaseModel.model_rebuild = classmethod(rebuilds_nothing)  # type: ignore[assignment,method-assign]  # for this import
    try:
        yield
    finally:
        BaseModel.model_rebuild = rebuild  # type: ignore[method-assign]  # as it was
