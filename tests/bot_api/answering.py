"""The methods of the Bot API, one function each: parameters in, `result` out."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from tests.bot_api import checks, edits
from tests.bot_api.chats import Chat
from tests.bot_api.errors import ProtocolError, bad_request
from tests.bot_api.files import LARGEST_DOWNLOAD, described
from tests.bot_api.parameters import Json, JsonObject, Parameters
from tests.bot_api.world import Notice, Webhook, World

# Bot API, deleteMessage.
DELETABLE = timedelta(hours=48)
_ACTIONS = {
    "typing",
    "upload_photo",
    "record_video",
    "upload_video",
    "record_voice",
    "upload_voice",
    "upload_document",
    "choose_sticker",
    "find_location",
    "record_video_note",
    "upload_video_note",
}


def _chat(world: World, parameters: Parameters) -> Chat:
    return world.writable_chat(parameters.values["chat_id"])


def get_me(world: World, _: Parameters) -> Json:
    """Who the bot is."""
    return {
        **world.bot,
        "can_join_groups": True,
        "can_read_all_group_messages": False,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


def send_message(world: World, parameters: Parameters) -> Json:
    """A text of 1–4096 characters."""
    text = checks.message_text(parameters)
    markup = checks.reply_markup(parameters)
    chat = _chat(world, parameters)
    content: JsonObject = {"text": text, **_reply(chat, parameters)}
    if entities := parameters.values.get("entities"):
        content["entities"] = entities
    return world.deliver(chat, content, markup)


def _reply(chat: Chat, parameters: Parameters) -> JsonObject:
    wanted = parameters.values.get("reply_parameters")
    if not wanted:
        return {}
    original = chat.messages.get(wanted.get("message_id"))
    if original is not None:
        quoted = {key: value for key, value in original.items() if key != "reply_to_message"}
        return {"reply_to_message": quoted}
    if wanted.get("allow_sending_without_reply"):
        return {}
    raise bad_request("message to be replied not found")


def _send_file(kind: str) -> Callable[[World, Parameters], Json]:
    def send(world: World, parameters: Parameters) -> Json:
        caption = checks.caption(parameters.text("caption"), parameters.text("parse_mode"))
        markup = checks.reply_markup(parameters)
        chat = _chat(world, parameters)
        stored = world.files.taken_from(parameters, kind, parameters.text(kind))
        content = {**described(stored, world.files), **_reply(chat, parameters)}
        if caption:
            content["caption"] = caption
        return world.deliver(chat, content, markup)

    return send


def send_media_group(world: World, parameters: Parameters) -> Json:
    """An album of 2–10 photos, or of 2–10 documents."""
    media = checks.album_items(parameters.values["media"])
    chat = _chat(world, parameters)
    contents = [_album_item(world, parameters, item) for item in media]
    album = f"{chat.id}{chat.last_message_id + 1:06d}"
    reply = _reply(chat, parameters)
    return [world.deliver(chat, {**item, **reply, "media_group_id": album}) for item in contents]


def _album_item(world: World, parameters: Parameters, item: JsonObject) -> JsonObject:
    caption = checks.caption(item.get("caption") or "", item.get("parse_mode") or "")
    stored = world.files.taken_from(parameters, item["type"], item["media"])
    content = described(stored, world.files)
    return {**content, "caption": caption} if caption else content


def delete_message(world: World, parameters: Parameters) -> Json:
    """Takes a message of either side out of a chat, up to 48 hours after it was sent."""
    chat = _chat(world, parameters)
    message_id = parameters.integer("message_id")
    message = chat.messages.get(message_id)
    if message is None:
        raise bad_request("message to delete not found")
    if world.age_of(message) > DELETABLE:
        raise bad_request("message can't be deleted for everyone")
    if received := chat.received(message_id):
        received.is_deleted = True
    del chat.messages[message_id]
    return True


def answer_callback_query(world: World, parameters: Parameters) -> Json:
    """Ends the waiting circle on a pressed button; up to 150 seconds after the press."""
    text = parameters.text("text")
    if len(text) > checks.LONGEST_CALLBACK_ANSWER:
        raise ProtocolError("MESSAGE_TOO_LONG")
    query_id = parameters.text("callback_query_id")
    press = world.open_press(query_id)
    press.notices.append(Notice(query_id, text, parameters.flag("show_alert")))
    return True


def get_file(world: World, parameters: Parameters) -> Json:
    """Where to download a file of at most 20 MB."""
    stored = world.files.by_id(parameters.text("file_id"))
    if stored.size > LARGEST_DOWNLOAD:
        raise bad_request("file is too big")
    return {**stored.reference(), "file_path": stored.path}


def set_my_commands(world: World, parameters: Parameters) -> Json:
    """The list behind the "/" of the bot, by scope and language."""
    scope = parameters.values.get("scope", {}).get("type", "default")
    key = (scope, parameters.text("language_code"))
    world.commands[key] = checks.commands(parameters.values["commands"])
    return True


def set_chat_menu_button(world: World, parameters: Parameters) -> Json:
    """The button beside the input field; chat 0 stands for the default of all."""
    chat_id = parameters.integer("chat_id")
    if chat_id:
        world.writable_chat(chat_id)
    button = parameters.values.get("menu_button", {"type": "default"})
    if button.get("type") not in ("commands", "web_app", "default"):
        raise ProtocolError("MenuButton has unsupported type")
    world.menu_buttons[chat_id] = button
    return True


def send_chat_action(world: World, parameters: Parameters) -> Json:
    """Shows "typing…" and the like."""
    chat = _chat(world, parameters)
    action = parameters.text("action")
    if action not in _ACTIONS:
        raise ProtocolError("wrong parameter action in request")
    world.actions.append((chat.id, action))
    return True


def set_webhook(world: World, parameters: Parameters) -> Json:
    """Sends updates to a URL from now on; an empty one ends that."""
    url = parameters.text("url")
    token = checks.secret_token(parameters.text("secret_token"))
    # Plain HTTP is for this machine alone, as the published server allows it in local mode.
    if url and not url.startswith(("https://", "http://127.0.0.1", "http://localhost")):
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    _choose_updates(world, parameters)
    connections = parameters.integer("max_connections", 40)
    world.webhook = Webhook(url, token, connections) if url else None
    world.webhook_error = ""
    return True


def _choose_updates(world: World, parameters: Parameters) -> None:
    if parameters.flag("drop_pending_updates"):
        world.updates.clear()
    if "allowed_updates" in parameters:
        world.updates.allow(parameters.values["allowed_updates"])


def delete_webhook(world: World, parameters: Parameters) -> Json:
    """Back to getUpdates."""
    _choose_updates(world, parameters)
    world.webhook = None
    return True


def get_webhook_info(world: World, _: Parameters) -> Json:
    """Where updates go, how many wait, and what went wrong last."""
    webhook = world.webhook
    info: JsonObject = {
        "url": webhook.url if webhook else "",
        "has_custom_certificate": False,
        "pending_update_count": len(world.updates.waiting(world.clock())),
    }
    if webhook:
        info["max_connections"] = webhook.max_connections
    if world.webhook_error:
        info["last_error_date"] = int(world.clock().timestamp())
        info["last_error_message"] = world.webhook_error
    return info


ANSWERS: dict[str, Callable[[World, Parameters], Any]] = {
    "getMe": get_me,
    "sendMessage": send_message,
    "sendPhoto": _send_file("photo"),
    "sendDocument": _send_file("document"),
    "sendVoice": _send_file("voice"),
    "sendMediaGroup": send_media_group,
    "editMessageText": edits.edit_message_text,
    "editMessageCaption": edits.edit_message_caption,
    "editMessageMedia": edits.edit_message_media,
    "deleteMessage": delete_message,
    "answerCallbackQuery": answer_callback_query,
    "getFile": get_file,
    "setMyCommands": set_my_commands,
    "setChatMenuButton": set_chat_menu_button,
    "sendChatAction": send_chat_action,
    "setWebhook": set_webhook,
    "deleteWebhook": delete_webhook,
    "getWebhookInfo": get_webhook_info,
}
