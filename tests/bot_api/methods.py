"""Which parameters each method of the Bot API knows, and which it cannot do without.

Source: Bot API, the tables of each method. What the platform once knew and no longer documents
(`reply_to_message_id`, `disable_web_page_preview`, `allow_sending_without_reply`) is unknown here.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from tests.bot_api.parameters import Kind

TEXT, INTEGER, BOOLEAN = Kind.TEXT, Kind.INTEGER, Kind.BOOLEAN
OBJECT, ARRAY, CHAT, FILE = Kind.OBJECT, Kind.ARRAY, Kind.CHAT, Kind.FILE


@dataclass(frozen=True, slots=True)
class Method:
    """One method: its name as documented, its parameters, and what each missing one is called."""

    name: str
    parameters: Mapping[str, Kind]
    required: Mapping[str, str]

    @property
    def is_send(self) -> bool:
        """Whether it puts messages into a chat, and so counts towards the limits."""
        return self.name.startswith("send") and self.name != "sendChatAction"


_TARGET = {"chat_id": CHAT, "business_connection_id": TEXT, "message_thread_id": INTEGER}
_SEND = {
    **_TARGET,
    "direct_messages_topic_id": INTEGER,
    "disable_notification": BOOLEAN,
    "protect_content": BOOLEAN,
    "allow_paid_broadcast": BOOLEAN,
    "message_effect_id": TEXT,
    "reply_parameters": OBJECT,
}
_SEND_ONE = {
    **_SEND,
    "suggested_post_parameters": OBJECT,
    "reply_markup": OBJECT,
    "ephemeral_message_parameters": OBJECT,
    "receiver_user_id": INTEGER,
    "callback_query_id": TEXT,
}
_CAPTION = {"caption": TEXT, "parse_mode": TEXT, "caption_entities": ARRAY}
_FORMATTED = {"parse_mode": TEXT, "entities": ARRAY, "link_preview_options": OBJECT}
_EDIT = {
    "chat_id": CHAT,
    "business_connection_id": TEXT,
    "message_id": INTEGER,
    "inline_message_id": TEXT,
    "reply_markup": OBJECT,
}

_NO_CHAT = {"chat_id": "chat_id is empty"}
_NO_MESSAGE = {"message_id": "message identifier is not specified"}

_METHODS = (
    Method("getMe", {}, {}),
    Method(
        "getUpdates",
        {"offset": INTEGER, "limit": INTEGER, "timeout": INTEGER, "allowed_updates": ARRAY},
        {},
    ),
    Method(
        "setWebhook",
        {
            "url": TEXT,
            "certificate": FILE,
            "ip_address": TEXT,
            "max_connections": INTEGER,
            "allowed_updates": ARRAY,
            "drop_pending_updates": BOOLEAN,
            "secret_token": TEXT,
        },
        {},
    ),
    Method("deleteWebhook", {"drop_pending_updates": BOOLEAN}, {}),
    Method("getWebhookInfo", {}, {}),
    Method(
        "sendMessage",
        {**_SEND_ONE, **_FORMATTED, "text": TEXT},
        {**_NO_CHAT, "text": "message text is empty"},
    ),
    Method(
        "sendPhoto",
        {
            **_SEND_ONE,
            **_CAPTION,
            "photo": FILE,
            "show_caption_above_media": BOOLEAN,
            "has_spoiler": BOOLEAN,
        },
        {**_NO_CHAT, "photo": "there is no photo in the request"},
    ),
    Method(
        "sendDocument",
        {
            **_SEND_ONE,
            **_CAPTION,
            "document": FILE,
            "thumbnail": FILE,
            "disable_content_type_detection": BOOLEAN,
        },
        {**_NO_CHAT, "document": "there is no document in the request"},
    ),
    Method(
        "sendVoice",
        {**_SEND_ONE, **_CAPTION, "voice": FILE, "duration": INTEGER},
        {**_NO_CHAT, "voice": "there is no voice in the request"},
    ),
    Method(
        "sendMediaGroup",
        {**_SEND, "media": ARRAY},
        {**_NO_CHAT, "media": 'parameter "media" is required'},
    ),
    Method(
        "editMessageText",
        {**_EDIT, **_FORMATTED, "text": TEXT, "rich_message": OBJECT},
        {**_NO_CHAT, **_NO_MESSAGE, "text": "message text is empty"},
    ),
    Method(
        "editMessageCaption",
        {**_EDIT, **_CAPTION, "show_caption_above_media": BOOLEAN},
        {**_NO_CHAT, **_NO_MESSAGE},
    ),
    Method(
        "editMessageMedia",
        {**_EDIT, "media": OBJECT},
        {**_NO_CHAT, **_NO_MESSAGE, "media": "there is no media in the request"},
    ),
    Method("deleteMessage", {"chat_id": CHAT, "message_id": INTEGER}, {**_NO_CHAT, **_NO_MESSAGE}),
    Method(
        "answerCallbackQuery",
        {
            "callback_query_id": TEXT,
            "text": TEXT,
            "show_alert": BOOLEAN,
            "url": TEXT,
            "cache_time": INTEGER,
        },
        {"callback_query_id": 'parameter "callback_query_id" is required'},
    ),
    Method("getFile", {"file_id": TEXT}, {"file_id": "file_id not specified"}),
    Method(
        "setMyCommands",
        {"commands": ARRAY, "scope": OBJECT, "language_code": TEXT},
        {"commands": 'parameter "commands" is required'},
    ),
    Method("setChatMenuButton", {"chat_id": INTEGER, "menu_button": OBJECT}, {}),
    Method(
        "sendChatAction",
        {**_TARGET, "action": TEXT},
        {**_NO_CHAT, "action": "wrong parameter action in request"},
    ),
)

# Method names are case-insensitive (Bot API, "Making requests").
METHODS = {method.name.lower(): method for method in _METHODS}
