"""Updates in the shape that Telegram sends them: pure builders, nothing kept.

Source: Bot API, Update, Message, CallbackQuery, ChatMemberUpdated.
"""

from datetime import datetime

from tests.bot_api.parameters import JsonObject


def user(user_id: int, name: str) -> JsonObject:
    """A person as Telegram describes them."""
    return {"id": user_id, "is_bot": False, "first_name": name, "language_code": "zh-hans"}


def private_chat(user_id: int, name: str) -> JsonObject:
    """The chat of one person with the bot; it bears the person's number."""
    return {"id": user_id, "first_name": name, "type": "private"}


def group_chat(chat_id: int, title: str, kind: str) -> JsonObject:
    """A group or supergroup; its number is negative."""
    return {"id": chat_id, "title": title, "type": kind}


def message(message_id: int, sender: JsonObject, chat: JsonObject, at: datetime, content: JsonObject) -> JsonObject:
    """A message with whatever it carries: text, photo, location, …"""
    return {
        "message_id": message_id,
        "from": sender,
        "chat": chat,
        "date": int(at.timestamp()),
        **content,
    }


def text_content(text: str) -> JsonObject:
    """A text; one that opens with a command carries its entity."""
    if not text.startswith("/"):
        return {"text": text}
    command = text.split(maxsplit=1)[0]
    length = len(command.encode("utf-16-le")) // 2
    return {"text": text, "entities": [{"offset": 0, "length": length, "type": "bot_command"}]}


def location_content(latitude: float, longitude: float) -> JsonObject:
    """A place, in degrees."""
    return {"location": {"latitude": latitude, "longitude": longitude}}


def edited(original: JsonObject, at: datetime, content: JsonObject) -> JsonObject:
    """A message after its sender changed it."""
    kept = {key: value for key, value in original.items() if key not in ("text", "entities")}
    return {**kept, "edit_date": int(at.timestamp()), **content}


def callback_query(query_id: str, sender: JsonObject, shown: JsonObject, data: str) -> JsonObject:
    """A press on an inline button of a message."""
    return {
        "id": query_id,
        "from": sender,
        "message": shown,
        "chat_instance": str(shown["chat"]["id"] * 7919),
        "data": data,
    }


def membership_change(
    bot: JsonObject, sender: JsonObject, chat: JsonObject, at: datetime, *, member: bool
) -> JsonObject:
    """The person blocked the bot (`member` False) or let it in again."""
    blocked = {"user": bot, "status": "kicked", "until_date": 0}
    allowed = {"user": bot, "status": "member"}
    return {
        "chat": chat,
        "from": sender,
        "date": int(at.timestamp()),
        "old_chat_member": blocked if member else allowed,
        "new_chat_member": allowed if member else blocked,
    }
