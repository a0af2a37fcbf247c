"""What the pretended Telegram knows, guarded by one lock.

The server's thread changes it for the bot, the tests' threads change it for people.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal

from tests.bot_api import errors, updates
from tests.bot_api.chats import Chat, Received
from tests.bot_api.files import FileStore
from tests.bot_api.parameters import JsonObject
from tests.bot_api.send_log import Limits, SendLog
from tests.bot_api.update_queue import PRESS_KEPT, UpdateQueue

Clock = Callable[[], datetime]

FIRST_UPDATE_ID = 700_000_001


def utc_now() -> datetime:
    """The true time."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Notice:
    """What a person saw pop up after a press."""

    query_id: str
    text: str
    is_alert: bool


@dataclass(slots=True)
class Press:
    """A press on a button, and the answers it got."""

    person: int
    at: datetime
    notices: list[Notice] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Call:
    """One method call of the bot; `code` is the status it was answered with, 0 for a cut line."""

    method: str
    chat: int
    parameters: JsonObject
    at: float
    code: int


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where updates go, as the bot asked (Bot API, setWebhook)."""

    url: str
    secret_token: str
    max_connections: int


class World:
    """Chats, files, updates and everything the bot did."""

    def __init__(self, token: str, clock: Clock, limits: Limits | None) -> None:
        self.changed = threading.Condition()
        self.token = token
        self.clock = clock
        self.bot: JsonObject = {
            "id": int(token.partition(":")[0]),
            "is_bot": True,
            "first_name": "民声",
            "username": "minsheng_test_bot",
        }
        self.chats: dict[int, Chat] = {}
        self.files = FileStore()
        self.updates = UpdateQueue(FIRST_UPDATE_ID)
        self.presses: dict[str, Press] = {}
        self.sends = SendLog(limits)
        self.calls: list[Call] = []
        self.sent: list[Received] = []
        self.violations: list[str] = []
        self.webhook: Webhook | None = None
        self.webhook_error = ""
        self.commands: dict[tuple[str, str], list[JsonObject]] = {}
        self.menu_buttons: dict[int, JsonObject] = {}
        self.actions: list[tuple[int, str]] = []
        self.on_update: Callable[[], None] = lambda: None

    def open_chat(self, chat_id: int, name: str, kind: Literal["private", "group", "supergroup"]) -> Chat:
        """The chat of that number, made if need be."""
        with self.changed:
            return self.chats.setdefault(chat_id, Chat(chat_id, name, kind))

    def writable_chat(self, chat_id: int | str) -> Chat:
        """The chat the bot wants to write to; refuses unknown, blocked and moved ones."""
        chat = self.chats.get(chat_id) if isinstance(chat_id, int) else None
        if chat is None:
            raise errors.CHAT_NOT_FOUND
        if chat.refusal is not None:
            raise chat.refusal
        return chat

    def deliver(self, chat: Chat, content: JsonObject, markup: JsonObject | None = None) -> JsonObject:
        """Puts a message of the bot into a chat and returns it as the Bot API shows it."""
        message = updates.message(chat.next_message_id(), self.bot, chat.as_json(), self.clock(), content)
        # Only inline keyboards belong to the message (Bot API, Message: reply_markup).
        inline = markup is not None and "inline_keyboard" in markup
        if inline:
            message["reply_markup"] = markup
        chat.messages[message["message_id"]] = message
        received = Received(message, self.files, None if inline else markup)
        chat.inbox.append(received)
        self.sent.append(received)
        return message

    def post(self, kind: str, body: JsonObject) -> JsonObject:
        """Queues an update for the bot and wakes whoever waits for it."""
        with self.changed:
            update = self.updates.add(kind, body, self.clock())
            self.changed.notify_all()
        self.on_update()
        return update

    def open_press(self, query_id: str) -> Press:
        """The press that can still be answered; refuses unknown ones and those too old."""
        press = self.presses.get(query_id)
        if press is None or self.clock() - press.at > PRESS_KEPT:
            raise errors.QUERY_TOO_OLD
        return press

    def age_of(self, message: JsonObject) -> timedelta:
        """How long ago a message was sent."""
        return self.clock() - datetime.fromtimestamp(message["date"], UTC)
