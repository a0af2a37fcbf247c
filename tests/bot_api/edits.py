"""The methods of the Bot API that change what the bot has sent.

Source of what is refused: Bot API, "Updating messages"; TDLib, MessagesManager::edit_message_text, _caption and _media.
A bot's own message may be changed however old it is.
"""

from tests.bot_api import checks
from tests.bot_api.chats import Received
from tests.bot_api.errors import NOT_MODIFIED, bad_request
from tests.bot_api.files import described
from tests.bot_api.parameters import Json, JsonObject, Parameters
from tests.bot_api.world import World

_CONTENTS = ("text", "caption", "photo", "document", "voice", "entities")


def edit_message_text(world: World, parameters: Parameters) -> Json:
    """Changes a text of the bot's own."""
    text = checks.message_text(parameters)
    markup = checks.reply_markup(parameters, inline_only=True)
    received = _own(world, parameters)
    if "text" not in received.raw:
        raise bad_request("there is no text in the message to edit")
    if received.raw["text"] == text and received.raw.get("reply_markup") == markup:
        raise NOT_MODIFIED
    return _change(world, received, {"text": text}, markup)


def edit_message_caption(world: World, parameters: Parameters) -> Json:
    """Changes what stands below a photo, document or voice of the bot's own."""
    caption = checks.caption(parameters.text("caption"), parameters.text("parse_mode"))
    markup = checks.reply_markup(parameters, inline_only=True)
    received = _own(world, parameters)
    message = received.raw
    if "text" in message:
        raise bad_request("there is no caption in the message to edit")
    if message.get("caption", "") == caption and message.get("reply_markup") == markup:
        raise NOT_MODIFIED
    kept = {received.kind: message[received.kind]}
    return _change(world, received, {**kept, "caption": caption} if caption else kept, markup)


def edit_message_media(world: World, parameters: Parameters) -> Json:
    """Makes a photo or document of a message of the bot's own, a text too."""
    media = checks.input_media(parameters.values["media"])
    caption = checks.caption(media.get("caption") or "", media.get("parse_mode") or "")
    markup = checks.reply_markup(parameters, inline_only=True)
    received = _own(world, parameters)
    if received.kind == "voice":
        raise bad_request("message can't be edited")
    stored = world.files.taken_from(parameters, media["type"], media["media"])
    content = described(stored, world.files)
    return _change(world, received, {**content, "caption": caption} if caption else content, markup)


def _own(world: World, parameters: Parameters) -> Received:
    chat = world.writable_chat(parameters.values["chat_id"])
    number = parameters.integer("message_id")
    if (received := chat.received(number)) is None:
        raise bad_request("message to edit not found" if number not in chat.messages else "message can't be edited")
    return received


def _change(world: World, received: Received, content: JsonObject, markup: JsonObject | None) -> JsonObject:
    message = received.raw
    received.earlier_texts.append(received.text)
    for name in (*_CONTENTS, "reply_markup"):
        message.pop(name, None)
    message.update(content, edit_date=int(world.clock().timestamp()))
    if markup:
        message["reply_markup"] = markup
    return message
