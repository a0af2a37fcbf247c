"""From what the bot says to calls of the Bot API, and from their refusals to kinds of failure."""

import asyncio
import re
import unicodedata
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TypeVar

from bot.channels.base import Failure, NotSent, Outcome, Sent
from bot.channels.telegram_api import ApiError, BotApi, Clock, NetworkError, Rows, within
from handlers.messages import Choice, Earlier, File, Outbound

TEXT_LIMIT = 4096  # characters (Bot API, sendMessage)
CAPTION_LIMIT = 1024  # characters (Bot API, sendPhoto and sendDocument)
PHOTO_LIMIT = 10 * 1024 * 1024  # bytes (Bot API, "Sending files")
CALLBACK_DATA_LIMIT = 64  # bytes (Bot API, InlineKeyboardButton)

# Columns of a telephone's width, a Chinese character taking two, and those that a button needs beside its label.
_ROW_WIDTH = 36
_BUTTON_MARGIN = 4
_MOST_IN_A_ROW = 4
_RETRY_AFTER = 5.0  # seconds, where a 429 does not say

# Words of the published server's refusals (tdlib/telegram-bot-api, Client.cpp) that are sent with 400, not 403.
_UNREACHABLE = ("chat not found", "user is deactivated", "user not found", "peer_id_invalid")
# The same for edits, and TDLib (MessagesManager.cpp, edit_message_text and edit_message_caption).
_AS_IT_WAS = "message is not modified"
_OTHER_KIND = re.compile("there is no (text|caption) in the message", re.IGNORECASE)
_UNFIT_FOR_A_NAME = re.compile(r'[\x00-\x1f\x7f"\\/]')


_Answer = TypeVar("_Answer")


class TelegramSender:
    """Sends one message at a time to wherever it goes. Never raises.

    One that takes the place of an earlier one changes that; where Telegram does not allow it (it was deleted, or is of
    a kind that cannot become this one) it is sent as one more. What a bot sent itself can be changed however old it is:
    the limit of 48 hours is for messages of a business account alone (Bot API, editMessageText).
    """

    def __init__(self, api: BotApi, clock: Clock, timeout: float) -> None:
        self._api = api
        self._clock = clock
        self._timeout = timeout

    async def send(self, message: Outbound) -> Outcome:
        """Deliver one message, or say how it failed."""
        try:
            number = await self._deliver(message, int(message.address), keyboard(message.choices))
        except ApiError as error:
            return self._failure(error)
        except NetworkError as error:
            return NotSent(Failure.RETRY, str(error))
        except FileNotFoundError:
            return NotSent(Failure.REFUSED, "file missing")
        except (OSError, RuntimeError) as error:  # a disk, or a client that is just being closed
            return NotSent(Failure.RETRY, type(error).__name__)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            # An address that is no number, a text that no library can encode: the next try would end the same.
            return NotSent(Failure.REFUSED, type(error).__name__)
        return Sent(str(number))

    async def _deliver(self, message: Outbound, chat: int, rows: Rows) -> int:
        # Half an emoji fails here, as a ValueError; a library might take it for a fault of the network.
        "".join((message.text, *(choice.label for choice in message.choices))).encode()
        earlier = message.edits
        if earlier is not None and await self._edited(message, chat, earlier, rows):
            return int(earlier.platform_id)
        if message.file is None:
            return await self._text(chat, message.text, rows)
        # What is too long for a caption follows as a message of its own, with the buttons.
        if len(message.text) <= CAPTION_LIMIT:
            return await self._file(chat, message.file, message.text, rows)
        await self._file(chat, message.file, "", ())
        return await self._text(chat, message.text, rows)

    async def _text(self, chat: int, text: str, rows: Rows) -> int:
        return await self._call(self._api.send_text(chat, text, rows))

    async def _file(self, chat: int, file: File, caption: str, rows: Rows) -> int:
        photo, document = self._api.send_photo, self._api.send_document
        return await self._upload(
            file,
            lambda content, name: photo(chat, content, name, caption, rows),
            lambda content, name: document(chat, content, name, caption, rows),
        )

    async def _upload(
        self,
        file: File,
        photo: Callable[[bytes, str], Awaitable[_Answer]],
        document: Callable[[bytes, str], Awaitable[_Answer]],
    ) -> _Answer:
        """Hand a file over as what it is best looked at as."""
        content = await asyncio.to_thread(Path(file.path).read_bytes)
        name = _UNFIT_FOR_A_NAME.sub("_", file.name)
        if file.media_type.startswith("image/") and len(content) <= PHOTO_LIMIT:
            try:
                return await self._call(photo(content, name))
            except ApiError as error:
                if not _is_unfit_for_a_photo(error):
                    raise
        return await self._call(document(content, name))

    async def _edited(self, message: Outbound, chat: int, earlier: Earlier, rows: Rows) -> bool:
        """Whether the earlier message shows now what this one says; False where it cannot be made to."""
        if not earlier.platform_id.isdecimal():
            return False
        number = int(earlier.platform_id)
        for change in self._changes(message, chat, number, rows, had_file=earlier.has_file):
            try:
                await change()
            except ApiError as error:
                if _AS_IT_WAS in error.description.lower():
                    return True  # by a try whose answer was lost
                if not _is_refused_edit(error):
                    raise
                if not _OTHER_KIND.search(error.description):
                    return False
            else:
                return True
        return False

    def _changes(
        self, message: Outbound, chat: int, number: int, rows: Rows, *, had_file: bool
    ) -> list[Callable[[], Awaitable[None]]]:
        """What might change the earlier message, the likeliest first. Where it had a file, it may be the text that
        followed that, being too long for a caption."""
        fits = len(message.text) <= CAPTION_LIMIT
        if message.file is not None:
            return [partial(self._edit_file, chat, number, message.file, message.text, rows)] if fits else []
        text = partial(self._edit_text, chat, number, message.text, rows)
        caption = [partial(self._edit_caption, chat, number, message.text, rows)] if fits else []
        return [*caption, text] if had_file else [text, *caption]

    async def _edit_text(self, chat: int, number: int, text: str, rows: Rows) -> None:
        await self._call(self._api.edit_text(chat, number, text, rows))

    async def _edit_caption(self, chat: int, number: int, caption: str, rows: Rows) -> None:
        await self._call(self._api.edit_caption(chat, number, caption, rows))

    async def _edit_file(self, chat: int, number: int, file: File, caption: str, rows: Rows) -> None:
        photo, document = self._api.edit_to_photo, self._api.edit_to_document
        await self._upload(
            file,
            lambda content, name: photo(chat, number, content, name, caption, rows),
            lambda content, name: document(chat, number, content, name, caption, rows),
        )

    async def _call(self, call: Awaitable[_Answer]) -> _Answer:
        return await within(self._timeout, call)

    def _failure(self, error: ApiError) -> NotSent:
        detail = str(error.code)
        if error.code == 429:
            pause = timedelta(seconds=error.retry_after or _RETRY_AFTER)
            return NotSent(Failure.PAUSED, detail, retry_at=self._clock() + pause)
        if error.migrate_to is not None:
            return NotSent(Failure.RETRY, detail, moved_to=str(error.migrate_to))
        return NotSent(_kind_of(error), detail)


def keyboard(choices: Sequence[Choice]) -> list[list[Choice]]:
    """Buttons in rows: beside one another where all are short, one below the other where one is long.

    Raises ValueError for a value that no button can carry.
    """
    if not choices:
        return []
    for choice in choices:
        if not 1 <= len(choice.value.encode()) <= CALLBACK_DATA_LIMIT:
            raise ValueError("the value of a button has 1 to 64 bytes")
    widest = max(_width(choice.label) for choice in choices)
    columns = min(_MOST_IN_A_ROW, max(1, _ROW_WIDTH // (widest + _BUTTON_MARGIN)))
    return [list(choices[start : start + columns]) for start in range(0, len(choices), columns)]


def _width(label: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in label)


def _is_unfit_for_a_photo(error: ApiError) -> bool:
    # PHOTO_INVALID_DIMENSIONS, IMAGE_PROCESS_FAILED and the like: as a file it can still be had.
    return error.code == 400 and bool(re.search("photo|image", error.description, re.IGNORECASE))


def _is_refused_edit(error: ApiError) -> bool:
    # Whatever Telegram has against a change of this message: as one more it may take it.
    return error.code == 400 and error.migrate_to is None and _kind_of(error) is Failure.REFUSED


def _kind_of(error: ApiError) -> Failure:
    description = error.description.lower()
    if error.code == 403 or (error.code == 400 and any(words in description for words in _UNREACHABLE)):
        return Failure.UNREACHABLE
    if error.code in (401, 404):
        return Failure.MISCONFIGURED
    if error.code >= 500 or error.code == 409:
        return Failure.RETRY
    return Failure.REFUSED
