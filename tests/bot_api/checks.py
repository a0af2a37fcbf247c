"""What Telegram refuses in texts, keyboards, commands and links."""

import re
from collections.abc import Iterator

from tests.bot_api.errors import ProtocolError, bad_request
from tests.bot_api.parameters import JsonObject, Parameters

# Telegram counts Unicode characters here, not UTF-16 units (those count in entity offsets only):
# 4096 emoji outside the basic plane are accepted, 4097 are not.
LONGEST_TEXT = 4096
LONGEST_CAPTION = 1024
LONGEST_CALLBACK_ANSWER = 200
LARGEST_CALLBACK_DATA = 64  # bytes
LONGEST_PAYLOAD = 64
MOST_BUTTONS = 100
MOST_BUTTONS_IN_A_ROW = 8
MOST_COMMANDS = 100

_REMOVED = re.compile(r"[\r\u2028-\u202e]")
_CONTROL = re.compile(r"[\x00-\x09\x0b\x0c\x0e-\x1f]")
_VISIBLE = re.compile(r"[^\s\u00ad\u200b-\u200f\u2060-\u206f\ufeff]")
_PAYLOAD = re.compile(rf"[A-Za-z0-9_-]{{0,{LONGEST_PAYLOAD}}}")
_DEEP_LINK = re.compile(r"(?:https?://)?t\.me/\w+\?start(?:group)?=([^&\s]*)")
_COMMAND = re.compile(r"[a-z0-9_]{1,32}")
_SECRET_TOKEN = re.compile(r"[A-Za-z0-9_-]{0,256}")

_BUTTON_ACTIONS = {
    "url",
    "callback_data",
    "web_app",
    "login_url",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "copy_text",
    "callback_game",
    "pay",
}
_BUTTON_LOOKS = {"text", "icon_custom_emoji_id", "style", "disabled"}
_KEY_ACTIONS = {
    "request_users",
    "request_chat",
    "request_managed_bot",
    "request_contact",
    "request_location",
    "request_poll",
    "web_app",
}
_ALBUM_FIELDS = {
    "type",
    "media",
    "thumbnail",
    "caption",
    "parse_mode",
    "caption_entities",
    "show_caption_above_media",
    "has_spoiler",
    "disable_content_type_detection",
}
_MARKUPS = {
    "inline_keyboard": {"force_reply"},
    "keyboard": {
        "is_persistent",
        "resize_keyboard",
        "one_time_keyboard",
        "input_field_placeholder",
        "selective",
        "force_reply",
    },
    "remove_keyboard": {"selective"},
    "force_reply": {"input_field_placeholder", "selective"},
}


def cleaned(text: str) -> str:
    """A text as Telegram keeps it: control characters become spaces, outer white space goes.

    Source: TDLib, clean_input_string and fix_formatted_text.
    """
    return _CONTROL.sub(" ", _REMOVED.sub("", text)).strip()


def message_text(parameters: Parameters) -> str:
    """The text of a message, 1–4096 characters after cleaning (Bot API, sendMessage)."""
    _no_markup_language(parameters.text("parse_mode"))
    text = cleaned(parameters.text("text"))
    if not _VISIBLE.search(text):
        raise ProtocolError("text must be non-empty")
    if len(text) > LONGEST_TEXT:
        raise ProtocolError("message is too long")
    _deep_links(text)
    return text


def caption(text: str, parse_mode: str) -> str:
    """The caption of a photo, document or voice, 0–1024 characters (Bot API, sendPhoto)."""
    _no_markup_language(parse_mode)
    if len(text := cleaned(text)) > LONGEST_CAPTION:
        raise ProtocolError("message caption is too long")
    _deep_links(text)
    return text


def _no_markup_language(parse_mode: str) -> None:
    # Minsheng sends what people wrote, so it sends plain text; a parser would be dead weight here.
    if parse_mode:
        raise ProtocolError("unsupported parse_mode")


def deep_link_payload(payload: str) -> str:
    """A payload of `t.me/<bot>?start=…` (Bot API, "Deep linking").

    Raises `ValueError` for one that Telegram's applications would not hand on.
    """
    if not _PAYLOAD.fullmatch(payload):
        raise ValueError(f"not a deep-link payload: {payload!r}")
    return payload


def _deep_links(text: str) -> None:
    for payload in _DEEP_LINK.findall(text):
        if not _PAYLOAD.fullmatch(payload):
            raise ProtocolError("deep link with a payload that Telegram drops")


def reply_markup(parameters: Parameters, *, inline_only: bool = False) -> JsonObject | None:
    """The keyboard of a message, checked for shape and sizes; None if there is none.

    Source: Bot API, InlineKeyboardMarkup and the other three kinds of reply markup.
    """
    markup: JsonObject | None = parameters.values.get("reply_markup")
    if not markup:
        return None
    shape = next((name for name in _MARKUPS if name in markup), None)
    if shape is None or (inline_only and shape != "inline_keyboard"):
        raise ProtocolError("inline keyboard expected" if inline_only else "wrong reply markup")
    _only_known(set(markup) - {shape}, _MARKUPS[shape], "reply markup")
    if shape == "inline_keyboard":
        for button in _buttons(markup[shape], 'Field "inline_keyboard" of the InlineKeyboardMarkup'):
            _inline_button(button)
    elif shape == "keyboard":
        for key in _buttons(markup[shape], 'Field "keyboard"'):
            _key(key)
    return markup


def _buttons(rows: object, field: str) -> Iterator[object]:
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise ProtocolError(f"{field} must be an Array of Arrays")
    if sum(map(len, rows)) > MOST_BUTTONS or any(len(row) > MOST_BUTTONS_IN_A_ROW for row in rows):
        raise ProtocolError("reply markup is too long")
    for row in rows:
        yield from row


def _inline_button(button: object) -> None:
    where = "can't parse inline keyboard button: "
    if not isinstance(button, dict):
        raise ProtocolError(f"{where}InlineKeyboardButton must be an Object")
    _button_text(button, where)
    _only_known(set(button), _BUTTON_LOOKS | _BUTTON_ACTIONS, "inline keyboard button")
    actions = [name for name in _BUTTON_ACTIONS if button.get(name) not in (None, "")]
    if not actions:
        raise ProtocolError(f"{where}Text buttons are unallowed in the inline keyboard")
    if len(actions) > 1:
        raise ProtocolError(f"{where}exactly one optional field must be used")
    _callback_data(button)
    _button_url(button)


def _callback_data(button: JsonObject) -> None:
    data = button.get("callback_data")
    if data is None:
        return
    if not isinstance(data, str) or len(data.encode()) > LARGEST_CALLBACK_DATA:
        raise ProtocolError("BUTTON_DATA_INVALID")


def _button_url(button: JsonObject) -> None:
    url = button.get("url")
    if url is None:
        return
    if not isinstance(url, str) or not re.match(r"(https?|tg)://\S+$", url):
        raise ProtocolError("BUTTON_URL_INVALID")
    _deep_links(url)


def _key(key: object) -> None:
    where = "can't parse keyboard button: "
    if isinstance(key, str):
        key = {"text": key}
    if not isinstance(key, dict):
        raise ProtocolError(f"{where}KeyboardButton must be a String or an Object")
    _button_text(key, where)
    _only_known(set(key), _BUTTON_LOOKS | _KEY_ACTIONS, "keyboard button")


def _button_text(button: JsonObject, where: str) -> None:
    if "text" not in button:
        raise ProtocolError(f'{where}Can\'t find field "text"')
    if not isinstance(button["text"], str) or not button["text"].strip():
        raise ProtocolError(f'{where}Field "text" must be a non-empty String')


def _only_known(given: set[str], known: set[str], what: str) -> None:
    if unknown := sorted(given - known):
        raise ProtocolError(f"unknown field {unknown[0]} in {what}")


def album_items(given: list[object]) -> list[JsonObject]:
    """The members of an album: 2–10, all photos or all documents (Bot API, sendMediaGroup)."""
    if not 2 <= len(given) <= 10:
        few = "few" if len(given) < 2 else "many"
        raise ProtocolError(f"too {few} messages to send as an album")
    items = _objects(given, "InputMedia")
    for item in items:
        _input_media(item)
    kinds = {item.get("type") for item in items}
    if len(kinds) > 1 or not kinds <= {"photo", "document"}:
        raise ProtocolError("can't use the media of the specified type in the album")
    return items


def input_media(given: JsonObject) -> JsonObject:
    """A photo or document by itself (Bot API, InputMedia)."""
    _input_media(given)
    if given.get("type") not in ("photo", "document"):
        raise ProtocolError("can't parse InputMedia: type must be non-empty")
    return given


def _input_media(item: JsonObject) -> None:
    _only_known(set(item), _ALBUM_FIELDS, "InputMedia")
    if not isinstance(item.get("media"), str) or not item["media"]:
        raise ProtocolError("can't parse InputMedia: Can't find field \"media\"")


def _objects(given: list[object], what: str) -> list[JsonObject]:
    objects = [item for item in given if isinstance(item, dict)]
    if len(objects) < len(given):
        raise ProtocolError(f"{what} must be an Object")
    return objects


def commands(given: list[object]) -> list[JsonObject]:
    """A bot's command list (Bot API, setMyCommands and BotCommand)."""
    if len(given) > MOST_COMMANDS:
        raise ProtocolError("BOT_COMMANDS_TOO_MUCH")
    for command in _objects(given, "BotCommand"):
        _only_known(set(command), {"command", "description", "is_ephemeral"}, "command")
        if not _COMMAND.fullmatch(command.get("command", "").removeprefix("/")):
            raise ProtocolError("BOT_COMMAND_INVALID")
        if not 1 <= len(command.get("description", "")) <= 256:
            raise ProtocolError("BOT_COMMAND_DESCRIPTION_INVALID")
    return _objects(given, "BotCommand")


def secret_token(token: str) -> str:
    """A webhook's secret: 0–256 characters of a small set (Bot API, setWebhook)."""
    if not _SECRET_TOKEN.fullmatch(token):
        raise bad_request("secret token contains unallowed characters")
    return token
