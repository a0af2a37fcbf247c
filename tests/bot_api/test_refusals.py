"""What the stand-in refuses, and in which words: raw HTTP against a table."""

from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from tests.bot_api import BotApiStandIn, Person
from tests.bot_api.conftest import RESIDENT

STRANGER = 999


@dataclass(frozen=True)
class Case:
    """One call and the refusal it meets; a breach is collected as a violation too."""

    label: str
    method: str
    parameters: dict[str, Any]
    description: str
    code: int = 400
    is_breach: bool = True


def inline(*buttons: dict[str, Any]) -> dict[str, Any]:
    return {"inline_keyboard": [list(buttons)]}


def message(**parameters: Any) -> dict[str, Any]:
    return {"chat_id": RESIDENT, "text": "您好", **parameters}


def keyboard(markup: object) -> dict[str, Any]:
    return message(reply_markup=markup)


def album(*items: dict[str, Any]) -> dict[str, Any]:
    return {"chat_id": RESIDENT, "media": list(items)}


PRESS = {"text": "是", "callback_data": "yes"}
BUTTON = "Bad Request: can't parse inline keyboard button: "
KEY = "Bad Request: can't parse keyboard button: "

CASES = (
    Case("unknown method", "sendTelegram", {}, "Not Found: method not found", 404),
    Case("no chat", "sendMessage", {"text": "您好"}, "Bad Request: chat_id is empty"),
    Case("no text", "sendMessage", {"chat_id": RESIDENT}, "Bad Request: message text is empty"),
    Case("empty text", "sendMessage", message(text=""), "Bad Request: message text is empty"),
    Case("white space only", "sendMessage", message(text=" \n\t "), "Bad Request: text must be non-empty"),
    Case("invisible only", "sendMessage", message(text="\u200b\ufeff"), "Bad Request: text must be non-empty"),
    Case("long text", "sendMessage", message(text="长" * 4097), "Bad Request: message is too long"),
    Case("long emoji", "sendMessage", message(text="😀" * 4097), "Bad Request: message is too long"),
    Case("markup language", "sendMessage", message(parse_mode="HTML"), "Bad Request: unsupported parse_mode"),
    Case("unknown parameter", "sendMessage", message(txt="x"), "Bad Request: unknown parameter txt"),
    Case(
        "undocumented parameter",
        "sendMessage",
        message(reply_to_message_id=1),
        "Bad Request: unknown parameter reply_to_message_id",
    ),
    Case(
        "wrong type",
        "sendMessage",
        message(disable_notification="perhaps"),
        "Bad Request: can't parse disable_notification: Boolean expected",
    ),
    Case(
        "chat by word",
        "sendMessage",
        message(chat_id="陈秀英"),
        "Bad Request: can't parse chat_id: chat identifier expected",
    ),
    Case("stranger", "sendMessage", message(chat_id=STRANGER), "Bad Request: chat not found", is_breach=False),
    Case("by user name", "sendMessage", message(chat_id="@x"), "Bad Request: chat not found", is_breach=False),
    Case(
        "reply to nothing",
        "sendMessage",
        message(reply_parameters={"message_id": 77}),
        "Bad Request: message to be replied not found",
        is_breach=False,
    ),
    Case(
        "deep link with junk",
        "sendMessage",
        message(text="https://t.me/minsheng_test_bot?start=第三村"),
        "Bad Request: deep link with a payload that Telegram drops",
    ),
    Case(
        "markup not JSON",
        "sendMessage",
        keyboard("{"),
        "Bad Request: can't parse reply_markup: Object expected",
    ),
    Case(
        "markup an array",
        "sendMessage",
        keyboard([[PRESS]]),
        "Bad Request: can't parse reply_markup: Object expected",
    ),
    Case("markup of no kind", "sendMessage", keyboard({"buttons": []}), "Bad Request: wrong reply markup"),
    Case(
        "markup with an unknown field",
        "sendMessage",
        keyboard({"remove_keyboard": True, "resize_keyboard": True}),
        "Bad Request: unknown field resize_keyboard in reply markup",
    ),
    Case(
        "rows not arrays",
        "sendMessage",
        keyboard({"inline_keyboard": [PRESS]}),
        'Bad Request: Field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays',
    ),
    Case(
        "nine in a row",
        "sendMessage",
        keyboard(inline(*[PRESS] * 9)),
        "Bad Request: reply markup is too long",
    ),
    Case(
        "101 buttons",
        "sendMessage",
        keyboard({"inline_keyboard": [[PRESS]] * 101}),
        "Bad Request: reply markup is too long",
    ),
    Case(
        "button not an object",
        "sendMessage",
        keyboard({"inline_keyboard": [["是"]]}),
        f"{BUTTON}InlineKeyboardButton must be an Object",
    ),
    Case(
        "button without text",
        "sendMessage",
        keyboard(inline({"callback_data": "yes"})),
        f'{BUTTON}Can\'t find field "text"',
    ),
    Case(
        "button with empty text",
        "sendMessage",
        keyboard(inline({**PRESS, "text": " "})),
        f'{BUTTON}Field "text" must be a non-empty String',
    ),
    Case(
        "button that does nothing",
        "sendMessage",
        keyboard(inline({"text": "是"})),
        f"{BUTTON}Text buttons are unallowed in the inline keyboard",
    ),
    Case(
        "button with empty data",
        "sendMessage",
        keyboard(inline({"text": "是", "callback_data": ""})),
        f"{BUTTON}Text buttons are unallowed in the inline keyboard",
    ),
    Case(
        "button that does two things",
        "sendMessage",
        keyboard(inline({**PRESS, "url": "https://example.org/"})),
        f"{BUTTON}exactly one optional field must be used",
    ),
    Case(
        "button with an unknown field",
        "sendMessage",
        keyboard(inline({**PRESS, "colour": "red"})),
        "Bad Request: unknown field colour in inline keyboard button",
    ),
    Case(
        "65 bytes of data",
        "sendMessage",
        keyboard(inline({"text": "是", "callback_data": "是" * 21 + "ab"})),
        "Bad Request: BUTTON_DATA_INVALID",
    ),
    Case(
        "data not a text",
        "sendMessage",
        keyboard(inline({"text": "是", "callback_data": 5})),
        "Bad Request: BUTTON_DATA_INVALID",
    ),
    Case(
        "button to nowhere",
        "sendMessage",
        keyboard(inline({"text": "看", "url": "村委会"})),
        "Bad Request: BUTTON_URL_INVALID",
    ),
    Case(
        "button with a junk deep link",
        "sendMessage",
        keyboard(inline({"text": "看", "url": f"https://t.me/minsheng_test_bot?start={'a' * 65}"})),
        "Bad Request: deep link with a payload that Telegram drops",
    ),
    Case(
        "key without text",
        "sendMessage",
        keyboard({"keyboard": [[{"request_location": True}]]}),
        f'{KEY}Can\'t find field "text"',
    ),
    Case(
        "key of no kind",
        "sendMessage",
        keyboard({"keyboard": [[5]]}),
        f"{KEY}KeyboardButton must be a String or an Object",
    ),
    Case("no photo", "sendPhoto", {"chat_id": RESIDENT}, "Bad Request: there is no photo in the request"),
    Case(
        "unknown file",
        "sendPhoto",
        {"chat_id": RESIDENT, "photo": "AgAC"},
        "Bad Request: wrong file identifier/HTTP URL specified",
    ),
    Case(
        "part that is not there",
        "sendPhoto",
        {"chat_id": RESIDENT, "photo": "attach://a"},
        "Bad Request: wrong file identifier/HTTP URL specified",
    ),
    Case(
        "long caption",
        "sendPhoto",
        {"chat_id": RESIDENT, "photo": "AgAC", "caption": "长" * 1025},
        "Bad Request: message caption is too long",
    ),
    Case("no album", "sendMediaGroup", {"chat_id": RESIDENT}, 'Bad Request: parameter "media" is required'),
    Case(
        "album of one",
        "sendMediaGroup",
        album({"type": "photo", "media": "x"}),
        "Bad Request: too few messages to send as an album",
    ),
    Case(
        "album of eleven",
        "sendMediaGroup",
        album(*[{"type": "photo", "media": "x"}] * 11),
        "Bad Request: too many messages to send as an album",
    ),
    Case(
        "mixed album",
        "sendMediaGroup",
        album({"type": "photo", "media": "x"}, {"type": "document", "media": "x"}),
        "Bad Request: can't use the media of the specified type in the album",
    ),
    Case(
        "album with an unknown field",
        "sendMediaGroup",
        album({"type": "photo", "media": "x"}, {"type": "photo", "file": "x"}),
        "Bad Request: unknown field file in InputMedia",
    ),
    Case(
        "album with nothing in it",
        "sendMediaGroup",
        album({"type": "photo", "media": "x"}, {"type": "photo"}),
        "Bad Request: can't parse InputMedia: Can't find field \"media\"",
    ),
    Case(
        "edit of nothing",
        "editMessageText",
        message(message_id=77),
        "Bad Request: message to edit not found",
        is_breach=False,
    ),
    Case("edit without number", "editMessageText", message(), "Bad Request: message identifier is not specified"),
    Case(
        "edit with a reply keyboard",
        "editMessageText",
        message(message_id=77, reply_markup={"keyboard": [["是"]]}),
        "Bad Request: inline keyboard expected",
    ),
    Case(
        "caption of nothing",
        "editMessageCaption",
        {"chat_id": RESIDENT, "message_id": 77, "caption": "好"},
        "Bad Request: message to edit not found",
        is_breach=False,
    ),
    Case(
        "long caption by an edit",
        "editMessageCaption",
        {"chat_id": RESIDENT, "message_id": 77, "caption": "长" * 1025},
        "Bad Request: message caption is too long",
    ),
    Case(
        "edit to no file",
        "editMessageMedia",
        {"chat_id": RESIDENT, "message_id": 77},
        "Bad Request: there is no media in the request",
    ),
    Case(
        "edit to a file of an unknown kind",
        "editMessageMedia",
        {"chat_id": RESIDENT, "message_id": 77, "media": {"type": "paper", "media": "x"}},
        "Bad Request: can't parse InputMedia: type must be non-empty",
    ),
    Case(
        "edit to a file with an unknown field",
        "editMessageMedia",
        {"chat_id": RESIDENT, "message_id": 77, "media": {"type": "photo", "media": "x", "words": "x"}},
        "Bad Request: unknown field words in InputMedia",
    ),
    Case(
        "deletion of nothing",
        "deleteMessage",
        {"chat_id": RESIDENT, "message_id": 77},
        "Bad Request: message to delete not found",
        is_breach=False,
    ),
    Case(
        "answer to no press",
        "answerCallbackQuery",
        {"callback_query_id": "77"},
        "Bad Request: query is too old and response timeout expired or query ID is invalid",
        is_breach=False,
    ),
    Case(
        "long answer to a press",
        "answerCallbackQuery",
        {"callback_query_id": "77", "text": "长" * 201},
        "Bad Request: MESSAGE_TOO_LONG",
    ),
    Case(
        "fetching an unknown file",
        "getFile",
        {"file_id": "AgAC"},
        "Bad Request: wrong file_id or the file is temporarily unavailable",
        is_breach=False,
    ),
    Case("no file", "getFile", {}, "Bad Request: file_id not specified"),
    Case(
        "command in capitals",
        "setMyCommands",
        {"commands": [{"command": "Suggest", "description": "提建议"}]},
        "Bad Request: BOT_COMMAND_INVALID",
    ),
    Case(
        "command without description",
        "setMyCommands",
        {"commands": [{"command": "suggest", "description": ""}]},
        "Bad Request: BOT_COMMAND_DESCRIPTION_INVALID",
    ),
    Case(
        "101 commands",
        "setMyCommands",
        {"commands": [{"command": "suggest", "description": "提建议"}] * 101},
        "Bad Request: BOT_COMMANDS_TOO_MUCH",
    ),
    Case("command a text", "setMyCommands", {"commands": ["suggest"]}, "Bad Request: BotCommand must be an Object"),
    Case(
        "unknown menu button",
        "setChatMenuButton",
        {"menu_button": {"type": "round"}},
        "Bad Request: MenuButton has unsupported type",
    ),
    Case(
        "unknown action",
        "sendChatAction",
        {"chat_id": RESIDENT, "action": "thinking"},
        "Bad Request: wrong parameter action in request",
    ),
    Case(
        "webhook without TLS",
        "setWebhook",
        {"url": "http://example.org/"},
        "Bad Request: bad webhook: An HTTPS URL must be provided for webhook",
        is_breach=False,
    ),
    Case(
        "secret with a space",
        "setWebhook",
        {"url": "https://example.org/", "secret_token": "a b"},
        "Bad Request: secret token contains unallowed characters",
        is_breach=False,
    ),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.label)
def test_refusal(stand_in: BotApiStandIn, client: httpx.Client, resident: Person, case: Case) -> None:
    answer = client.post(case.method, json=case.parameters)
    assert answer.status_code == case.code
    assert answer.json() == {"ok": False, "error_code": case.code, "description": case.description}
    assert bool(stand_in.violations) is case.is_breach
    assert resident.inbox == []
