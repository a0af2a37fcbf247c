"""The Bot API through aiogram: sends faster than the other, starts more slowly. Nothing of its dispatcher is used."""

from collections.abc import Sequence
from typing import Any

import aiohttp
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import AiogramError
from aiogram.methods import (
    AnswerCallbackQuery,
    DeleteWebhook,
    GetFile,
    GetUpdates,
    GetWebhookInfo,
    Response,
    SetWebhook,
    TelegramMethod,
)
from aiogram.types import BufferedInputFile, InputFile
from aiohttp.payload import BytesPayload
from pydantic_core import to_json

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

_NEVER = 600  # seconds; callers set the true limits
_NO_PREVIEW = {"is_disabled": True}


class Session(AiohttpSession):
    """Sends texts as JSON, and gives results as they came.

    In a form, where the library would put them, a Chinese character takes nine bytes, and much time to be written.
    The library would read a whole message back from each send, and one unknown detail in it would make a message
    that was delivered look like one that was not.
    """

    def build_form_data(self, bot: Bot, method: TelegramMethod[Any]) -> Any:
        if not isinstance(method, _SendText | _EditCaption):
            return super().build_form_data(bot, method)
        said = {name: value for name, value in method if value is not None}
        return BytesPayload(to_json(said), content_type="application/json")

    def check_response(
        self,
        bot: Bot,  # noqa: ARG002  # called by name
        method: TelegramMethod[Any],  # noqa: ARG002  # called by name
        status_code: int,
        content: str,
    ) -> Response[Any]:
        # Every field is named, for the library takes its time over each default.
        result = result_of(status_code, content)
        return Response.model_construct(ok=True, result=result, description=None, error_code=None, parameters=None)

    async def close(self) -> None:
        # Without the quarter of a second that the library waits for each connection's farewell.
        if self._session is not None:
            await self._session.close()


class _Send(TelegramMethod[Any]):
    """What we say. The library's own methods have a model for each button, which costs more than the rest of a send."""

    __returning__ = dict
    chat_id: int
    reply_markup: dict[str, Any] | None


class _SendText(_Send):
    __api_method__ = "sendMessage"
    text: str
    link_preview_options: dict[str, bool] | None


class _SendPhoto(_Send):
    __api_method__ = "sendPhoto"
    photo: InputFile
    caption: str


class _SendDocument(_Send):
    __api_method__ = "sendDocument"
    document: InputFile
    caption: str


class _EditText(_SendText):
    __api_method__ = "editMessageText"
    message_id: int


class _EditCaption(_Send):
    __api_method__ = "editMessageCaption"
    message_id: int
    caption: str


class _EditMedia(_Send):
    __api_method__ = "editMessageMedia"
    message_id: int
    media: dict[str, Any]


class _SetCommands(TelegramMethod[Any]):
    # The library's own takes models that are not built here (see telegram_drivers).
    __returning__ = bool
    __api_method__ = "setMyCommands"
    commands: list[dict[str, str]]


class AiogramApi:
    """See bot.channels.telegram_api.BotApi."""

    def __init__(self, settings: TelegramSettings, session: AiohttpSession | None = None) -> None:
        server = TelegramAPIServer.from_base(settings.api_base)
        self._session = session or Session(api=server, timeout=_NEVER)
        self._bot = Bot(settings.token, session=self._session)

    async def get_updates(self, offset: int, limit: int, timeout: int) -> list[object]:
        updates = await self._call(
            GetUpdates(offset=offset, limit=limit, timeout=timeout, allowed_updates=list(ALLOWED_UPDATES))
        )
        return list(updates)

    async def send_text(self, chat: int, text: str, rows: Rows) -> int:
        return await self._send(
            _SendText(chat_id=chat, text=text, reply_markup=_markup(rows), link_preview_options=_preview(text))
        )

    async def send_photo(self, chat: int, content: bytes, name: str, caption: str, rows: Rows) -> int:
        photo = BufferedInputFile(content, name)
        return await self._send(_SendPhoto(chat_id=chat, photo=photo, caption=caption, reply_markup=_markup(rows)))

    async def send_document(self, chat: int, content: bytes, name: str, caption: str, rows: Rows) -> int:
        document = BufferedInputFile(content, name)
        return await self._send(
            _SendDocument(chat_id=chat, document=document, caption=caption, reply_markup=_markup(rows))
        )

    async def edit_text(self, chat: int, number: int, text: str, rows: Rows) -> None:
        said = {"text": text, "reply_markup": _markup(rows), "link_preview_options": _preview(text)}
        await self._call(_EditText(chat_id=chat, message_id=number, **said))

    async def edit_caption(self, chat: int, number: int, caption: str, rows: Rows) -> None:
        await self._call(_EditCaption(chat_id=chat, message_id=number, caption=caption, reply_markup=_markup(rows)))

    async def edit_to_photo(self, chat: int, number: int, content: bytes, name: str, caption: str, rows: Rows) -> None:
        await self._edit_media("photo", chat, number, BufferedInputFile(content, name), caption, rows)

    async def edit_to_document(
        self, chat: int, number: int, content: bytes, name: str, caption: str, rows: Rows
    ) -> None:
        await self._edit_media("document", chat, number, BufferedInputFile(content, name), caption, rows)

    async def _edit_media(self, kind: str, chat: int, number: int, file: InputFile, caption: str, rows: Rows) -> None:
        media = {"type": kind, "media": file, "caption": caption}
        await self._call(_EditMedia(chat_id=chat, message_id=number, media=media, reply_markup=_markup(rows)))

    async def answer_tap(self, query_id: str) -> None:
        await self._call(AnswerCallbackQuery(callback_query_id=query_id))

    async def set_commands(self, commands: Sequence[tuple[str, str]]) -> None:
        named = [{"command": command, "description": description} for command, description in commands]
        await self._call(_SetCommands(commands=named))

    async def set_webhook(self, url: str, secret: str) -> None:
        await self._call(SetWebhook(url=url, secret_token=secret, allowed_updates=list(ALLOWED_UPDATES)))

    async def delete_webhook(self) -> None:
        await self._call(DeleteWebhook())

    async def webhook(self) -> WebhookState:
        state = await self._call(GetWebhookInfo())
        return WebhookState(state["url"], state["pending_update_count"], state.get("last_error_message", ""))

    async def download(self, file_id: str, limit: int) -> bytes:
        file = await self._call(GetFile(file_id=file_id))
        if file.get("file_size", 0) > limit:
            raise TooLarge
        url = self._session.api.file_url(self._bot.token, file["file_path"])
        content = bytearray()
        try:
            async for piece in self._session.stream_content(url, timeout=_NEVER):
                content += piece
                if len(content) > limit:
                    raise TooLarge
        except aiohttp.ClientResponseError as error:
            raise ApiError(error.status) from None
        except (aiohttp.ClientError, TimeoutError) as error:
            raise NetworkError(type(error).__name__) from None
        return bytes(content)

    async def close(self) -> None:
        await self._session.close()

    async def _send(self, method: _Send) -> int:
        message = await self._call(method)
        return int(message["message_id"])

    async def _call(self, method: TelegramMethod[Any]) -> Any:
        try:
            return await self._bot(method)
        except (AiogramError, UnicodeDecodeError) as error:
            # Its text may bear what was answered; its cause, the address with the token.
            raise NetworkError(type(error).__name__) from None


def _preview(text: str) -> dict[str, bool] | None:
    # What has no dot has no link, and most texts have none.
    return _NO_PREVIEW if "." in text else None


def _markup(rows: Rows) -> dict[str, Any] | None:
    if not rows:
        return None
    return {
        "inline_keyboard": [[{"text": choice.label, "callback_data": choice.value} for choice in row] for row in rows]
    }
