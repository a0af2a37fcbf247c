"""The Bot API through python-telegram-bot: starts fast and small, for a township's little server."""

import json
import logging
from collections.abc import Awaitable, Sequence
from typing import Any, TypeVar
from urllib.parse import urlencode

from httpx import Limits
from telegram import (
    Bot,
    BotCommand,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaDocument,
    InputMediaPhoto,
    LinkPreviewOptions,
)
from telegram.error import TelegramError
from telegram.request import HTTPXRequest

from bot.channels.telegram_api import (
    ALLOWED_UPDATES,
    ApiError,
    NetworkError,
    Rows,
    TooLarge,
    WebhookState,
    result_of,
)
from bot.channels.telegram_settings import TelegramSettings

_NEVER = 600.0  # seconds; callers set the true limits
_CONNECTIONS = 128
_IDLE_CONNECTIONS = 8
_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)

_Answer = TypeVar("_Answer")


class _Refused(TelegramError):
    """Carries a refusal whole through the library, whose own errors drop the code."""

    def __init__(self, error: ApiError) -> None:
        super().__init__("refused")
        self.error = error


class _Request(HTTPXRequest):
    async def do_request(self, url: str, method: str, *args: Any, **kwargs: Any) -> tuple[int, bytes]:
        status, body = await super().do_request(url, method, *args, **kwargs)
        try:
            if method == "POST" or status >= 400:
                result_of(status, body.decode(errors="replace"))
        except ApiError as error:
            raise _Refused(error) from None
        return status, body


class PtbApi:
    """See bot.channels.telegram_api.BotApi."""

    def __init__(self, settings: TelegramSettings) -> None:
        _silence()
        # Before each request httpcore asks every idle connection whether it is still open: keep few of them.
        limits = Limits(max_connections=_CONNECTIONS, max_keepalive_connections=_IDLE_CONNECTIONS)
        self._request = _Request(
            _CONNECTIONS, _NEVER, _NEVER, _NEVER, _NEVER, media_write_timeout=_NEVER, httpx_kwargs={"limits": limits}
        )
        base = settings.api_base
        self._bot = Bot(settings.token, f"{base}/bot", f"{base}/file/bot", self._request, self._request)

    async def get_updates(self, offset: int, limit: int, timeout: int) -> list[object]:
        # The library's own method parses a batch as a whole; by GET it can be had as it came.
        wanted = {"offset": offset, "limit": limit, "timeout": timeout, "allowed_updates": json.dumps(ALLOWED_UPDATES)}
        url = f"{self._bot.base_url}/getUpdates?{urlencode(wanted)}"
        body = await self._call(self._request.retrieve(url))
        return list(result_of(200, body.decode(errors="replace")))

    async def send_text(self, chat: int, text: str, rows: Rows) -> int:
        message = await self._call(
            self._bot.send_message(chat, text, reply_markup=_markup(rows), link_preview_options=_NO_PREVIEW)
        )
        return message.message_id

    async def send_photo(self, chat: int, content: bytes, name: str, caption: str, rows: Rows) -> int:
        message = await self._call(
            self._bot.send_photo(chat, content, caption, reply_markup=_markup(rows), filename=name)
        )
        return message.message_id

    async def send_document(self, chat: int, content: bytes, name: str, caption: str, rows: Rows) -> int:
        message = await self._call(
            self._bot.send_document(chat, content, caption, reply_markup=_markup(rows), filename=name)
        )
        return message.message_id

    async def edit_text(self, chat: int, number: int, text: str, rows: Rows) -> None:
        await self._call(
            self._bot.edit_message_text(
                text, chat, number, reply_markup=_markup(rows), link_preview_options=_NO_PREVIEW
            )
        )

    async def edit_caption(self, chat: int, number: int, caption: str, rows: Rows) -> None:
        await self._call(self._bot.edit_message_caption(chat, number, caption=caption, reply_markup=_markup(rows)))

    async def edit_to_photo(self, chat: int, number: int, content: bytes, name: str, caption: str, rows: Rows) -> None:
        photo = InputMediaPhoto(content, caption, filename=name)
        await self._call(self._bot.edit_message_media(photo, chat, number, reply_markup=_markup(rows)))

    async def edit_to_document(
        self, chat: int, number: int, content: bytes, name: str, caption: str, rows: Rows
    ) -> None:
        document = InputMediaDocument(content, caption, filename=name)
        await self._call(self._bot.edit_message_media(document, chat, number, reply_markup=_markup(rows)))

    async def answer_tap(self, query_id: str) -> None:
        await self._call(self._bot.answer_callback_query(query_id))

    async def set_commands(self, commands: Sequence[tuple[str, str]]) -> None:
        await self._call(self._bot.set_my_commands([BotCommand(*command) for command in commands]))

    async def set_webhook(self, url: str, secret: str) -> None:
        await self._call(self._bot.set_webhook(url, allowed_updates=ALLOWED_UPDATES, secret_token=secret))

    async def delete_webhook(self) -> None:
        await self._call(self._bot.delete_webhook())

    async def webhook(self) -> WebhookState:
        state = await self._call(self._bot.get_webhook_info())
        return WebhookState(state.url, state.pending_update_count, state.last_error_message or "")

    async def download(self, file_id: str, limit: int) -> bytes:
        file = await self._call(self._bot.get_file(file_id))
        if (file.file_size or 0) > limit:
            raise TooLarge
        content = await self._call(file.download_as_bytearray())
        if len(content) > limit:
            raise TooLarge
        return bytes(content)

    async def close(self) -> None:
        await self._request.shutdown()

    async def _call(self, call: Awaitable[_Answer]) -> _Answer:
        await self._request.initialize()  # opens it anew after `close`, and does nothing else
        try:
            return await call
        except _Refused as refused:
            raise refused.error from None
        except TelegramError as error:
            # Its text may bear what was answered; its cause, the address with the token.
            raise NetworkError(type(error).__name__) from None


def _markup(rows: Rows) -> InlineKeyboardMarkup | None:
    if not rows:
        return None
    return InlineKeyboardMarkup(
        [[InlineKeyboardButton(choice.label, callback_data=choice.value) for choice in row] for row in rows]
    )


def _silence() -> None:
    """These write addresses with the token, and what people wrote, into the log."""
    for name in ("telegram", "httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
