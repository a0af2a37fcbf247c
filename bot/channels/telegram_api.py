"""What a driver of Telegram's Bot API does, whichever library it speaks through."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, TypeVar

from handlers.messages import Choice

NAME = "telegram"
# The kinds of updates that we ask for (Bot API, Update).
ALLOWED_UPDATES = ("message", "edited_message", "callback_query", "my_chat_member")

Clock = Callable[[], datetime]
Rows = Sequence[Sequence[Choice]]  # an inline keyboard

_Answer = TypeVar("_Answer")


class ApiError(Exception):
    """The Bot API refused a call (Bot API, "Making requests" and ResponseParameters).

    `retry_after` in seconds. The description is for telling refusals apart, not for a log.
    """

    def __init__(
        self, code: int, description: str = "", retry_after: float | None = None, migrate_to: int | None = None
    ) -> None:
        super().__init__(code)
        self.code = code
        self.description = description
        self.retry_after = retry_after
        self.migrate_to = migrate_to


class NetworkError(Exception):
    """Nobody knows whether the call was carried out: no answer in time, or none that can be read.

    Its text is a kind of fault, without address or content, for both bear secrets.
    """


class TooLarge(Exception):
    """A file of more bytes than wanted."""


@dataclass(frozen=True, slots=True)
class WebhookState:
    """Where Telegram sends updates (empty: nowhere), how many wait, and why the last delivery failed."""

    url: str
    waiting: int
    last_error: str


class BotApi(Protocol):
    """Each call raises ApiError or NetworkError, and ValueError for what cannot even be written as a request.

    A driver sets no time limits of its own: see `within`.
    """

    async def get_updates(self, offset: int, limit: int, timeout: int) -> list[object]:
        """Updates as they came, so that a malformed one does not spoil the others (see telegram_update)."""

    async def send_text(self, chat: int, text: str, rows: Rows) -> int:
        """Send a text as it stands, without link preview; gives the message's id."""

    async def send_photo(self, chat: int, content: bytes, name: str, caption: str, rows: Rows) -> int:
        """Send a picture to look at; gives the message's id."""

    async def send_document(self, chat: int, content: bytes, name: str, caption: str, rows: Rows) -> int:
        """Send a file; gives the message's id."""

    async def edit_text(self, chat: int, number: int, text: str, rows: Rows) -> None:
        """Change the text and the buttons of a message of ours that is a text (Bot API, editMessageText)."""

    async def edit_caption(self, chat: int, number: int, caption: str, rows: Rows) -> None:
        """Change the words and the buttons of a picture or file of ours (Bot API, editMessageCaption)."""

    async def edit_to_photo(self, chat: int, number: int, content: bytes, name: str, caption: str, rows: Rows) -> None:
        """Make a picture of a message of ours, whatever it was (Bot API, editMessageMedia)."""

    async def edit_to_document(
        self, chat: int, number: int, content: bytes, name: str, caption: str, rows: Rows
    ) -> None:
        """Make a file of a message of ours, whatever it was (Bot API, editMessageMedia)."""

    async def answer_tap(self, query_id: str) -> None:
        """End the waiting circle on a tapped button."""

    async def set_commands(self, commands: Sequence[tuple[str, str]]) -> None:
        """Set the bot's list of commands, each with its description."""

    async def set_webhook(self, url: str, secret: str) -> None:
        """Have updates sent to `url`; those that wait are kept."""

    async def delete_webhook(self) -> None:
        """Have updates kept until they are asked for; those that wait are kept."""

    async def webhook(self) -> WebhookState:
        """Where updates go now."""

    async def download(self, file_id: str, limit: int) -> bytes:
        """The content of a file; raises TooLarge for more than `limit` bytes."""

    async def close(self) -> None:
        """Let go of all connections; a later call opens new ones."""


async def within(seconds: float, call: Awaitable[_Answer]) -> _Answer:
    """Wait for a call at most so long; raises NetworkError then."""
    try:
        async with asyncio.timeout(seconds):
            return await call
    except TimeoutError:
        raise NetworkError("timeout") from None


def result_of(status: int, body: str) -> Any:
    """The result in the answer to a call; raises ApiError for a refusal, NetworkError for what is no answer."""
    answer = _parsed(body)
    if answer.get("ok") is True and "result" in answer:
        return answer["result"]
    if status < 400 and answer.get("ok") is not False:
        raise NetworkError("garbled answer")
    raise _refusal(status, answer)


def _parsed(body: str) -> dict[str, Any]:
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return answer if isinstance(answer, dict) else {}


def _refusal(status: int, answer: dict[str, Any]) -> ApiError:
    parameters = answer.get("parameters")
    if not isinstance(parameters, dict):
        parameters = {}
    return ApiError(
        _whole(answer.get("error_code")) or status,
        str(answer.get("description", "")),
        _whole(parameters.get("retry_after")),
        _whole(parameters.get("migrate_to_chat_id")),
    )


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) else None
