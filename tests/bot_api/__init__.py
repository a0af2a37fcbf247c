"""A strict stand-in of Telegram's Bot API: a real HTTP server on this machine."""

from tests.bot_api.chats import Button, Chat, Received
from tests.bot_api.people import Person
from tests.bot_api.send_log import Limits
from tests.bot_api.server import TOKEN, BotApiStandIn
from tests.bot_api.webhook import SHORT_BACKOFF, TRUE_BACKOFF, Delivery
from tests.bot_api.world import Call, Notice

__all__ = [
    "SHORT_BACKOFF",
    "TOKEN",
    "TRUE_BACKOFF",
    "BotApiStandIn",
    "Button",
    "Call",
    "Chat",
    "Delivery",
    "Limits",
    "Notice",
    "Person",
    "Received",
]
