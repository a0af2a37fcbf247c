"""From what the bot says to calls of the Bot API, and from their refusals to kinds of failure."""

import asyncio
import re
import unicodedata
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from bot.channels.base import Failure, NotSent, Outcome, Sent
from bot.channels.telegram_api import ApiError, BotApi, Clock, NetworkError, Rows, within
from handlers.messages import Choice, File, Outbound

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
_UNFIT_FOR_A_NAME = re.compile(r'[\x00-\x1f\x7f"\\/]')


class TelegramSender:
    """Sends one message at a time to wherever it goes. Never raises."""

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
        if message.file is None:
            return await self._text(chat, message.text, rows)
        # What is too long for a caption follows as a message of its own, with the buttons.
        if len(message.text) <= CAPTION_LIMIT:
            return await self._file(chat, message.file, message.text, rows)
        await self._file(chat, message.file, "", ())
        return await self._text(chat, message.text, rows)

    async def _text(self, chat: int, text: str, rows: Rows) -> int:
        return await within(self._timeout, self._api.send_text(chat, text, rows))

    async def _file(self, chat: int, file: File, caption: str, rows: Rows) -> int:
        content = await asyncio.to_thread(Path(file.path).read_bytes)
        name = _UNFIT_FOR_A_NAME.sub("_", file.name)
        if file.media_type.startswith("image/") and len(content) <= PHOTO_LIMIT:
            try:
                return await within(self._timeout, self._api.send_photo(chat, content, name, caption, rows))
            except ApiError as error:
                if not _is_unfit_for_a_photo(error):
                    raise
        return await within(self._timeout, self._api.send_document(chat, content, name, caption, rows))

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


def _kind_of(error: ApiError) -> Failure:
    description = error.description.lower()
    if error.code == 403 or (error.code == 400 and any(words in description for words in _UNREACHABLE)):
        return Failure.UNREACHABLE
    if error.code in (401, 404):
        return Failure.MISCONFIGURED
    if error.code >= 500 or error.code == 409:
        return Failure.RETRY
    return Failure.REFUSED
