"""What the stand-in refuses, and in which words: raw HTTP against a table."""

import io
import json
import socket
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import httpx
import pytest
from PIL import Image

from tests.bot_api import BotApiStandIn, Person
from tests.bot_api.conftest import RESIDENT, Asked, SetClock
from tests.bot_api.faults import holds_before
from tests.bot_api.files import LARGEST_DOWNLOAD, LARGEST_PHOTO, LARGEST_UPLOAD, small_photo

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
    expected_parameters: dict[str, int] = field(default_factory=dict)


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
        "Bad Request: wrong file_id or the file is temporarily unavailable",
        is_breach=False,
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


@pytest.mark.parametrize(
    ("path", "code", "description"),
    [
        ("/bot4242:another-token/getMe", 401, "Unauthorized"),
        ("/file/bot4242:another-token/photos/file_0.jpg", 401, "Unauthorized"),
        ("/bot", 404, "Not Found"),
        ("/", 404, "Not Found"),
        ("/getMe", 404, "Not Found"),
    ],
)
def test_wrong_tokens_and_paths(stand_in: BotApiStandIn, path: str, code: int, description: str) -> None:
    answer = httpx.get(stand_in.base_url + path, trust_env=False)
    assert answer.json() == {"ok": False, "error_code": code, "description": description}
    assert answer.status_code == code


@pytest.mark.parametrize(
    "text", ["长" * 4096, "😀" * 4096, "  " + "长" * 4096 + "\n", "a\u202eb\r\n\x00c", "<b>&amp; '; DROP TABLE"]
)
def test_texts_up_to_the_border_arrive_cleaned(resident: Person, ask: Asked, text: str) -> None:
    assert ask("sendMessage", chat_id=RESIDENT, text=text)["ok"]
    expected = text.strip().replace("\r", "").replace("\u202e", "").replace("\x00", " ")
    assert resident.inbox[0].text == expected


def test_64_bytes_of_data_and_a_full_keyboard_pass(resident: Person, ask: Asked) -> None:
    button = {"text": "是", "callback_data": "是" * 21 + "a"}
    rows = [[button] * 8] * 12 + [[button] * 4]
    assert ask("sendMessage", **keyboard({"inline_keyboard": rows}))["ok"]
    assert len(resident.inbox[0].buttons) == 100


def picture(width: int, height: int) -> bytes:
    drawn = io.BytesIO()
    Image.new("1", (width, height)).save(drawn, "PNG")
    return drawn.getvalue()


@pytest.mark.parametrize(
    ("kind", "content", "description"),
    [
        ("photo", b"", "file must be non-empty"),
        ("photo", b"not a picture", "IMAGE_PROCESS_FAILED"),
        ("photo", picture(9000, 1001), "PHOTO_INVALID_DIMENSIONS"),
        ("photo", picture(2100, 100), "PHOTO_INVALID_DIMENSIONS"),
        (
            "photo",
            bytes(LARGEST_PHOTO + 1),
            "file of size 10485761 bytes is too big for a photo; the maximum size is 10485760 bytes",
        ),
        (
            "document",
            bytes(LARGEST_UPLOAD + 1),
            "file of size 52428801 bytes is too big for a document; the maximum size is 52428800 bytes",
        ),
    ],
)
def test_files_beyond_the_limits(
    client: httpx.Client, resident: Person, kind: str, content: bytes, description: str
) -> None:
    answer = client.post(f"send{kind.title()}", data={"chat_id": str(RESIDENT)}, files={kind: ("a.bin", content)})
    assert answer.json()["description"] == f"Bad Request: {description}"
    assert resident.inbox == []


def test_the_largest_files_pass(client: httpx.Client, resident: Person) -> None:
    padded = small_photo().ljust(LARGEST_PHOTO, b"\0")
    client.post("sendPhoto", data={"chat_id": str(RESIDENT)}, files={"photo": padded}).raise_for_status()
    whole = bytes(LARGEST_UPLOAD)
    client.post("sendDocument", data={"chat_id": str(RESIDENT)}, files={"document": whole}).raise_for_status()
    assert [len(item.file) for item in resident.inbox] == [LARGEST_PHOTO, LARGEST_UPLOAD]


def test_a_body_beyond_what_telegram_reads(client: httpx.Client) -> None:
    answer = client.post("sendDocument", content=bytes(LARGEST_UPLOAD + 2 * 1024 * 1024))
    assert answer.json() == {"ok": False, "error_code": 413, "description": "Request Entity Too Large"}


def test_a_file_too_big_to_fetch(stand_in: BotApiStandIn, resident: Person, ask: Asked) -> None:
    def fetch(size: int) -> Any:
        return ask("getFile", file_id=resident.sends_document("村道.mp4", size)["message"]["document"]["file_id"])

    assert fetch(LARGEST_DOWNLOAD)["ok"]
    assert fetch(LARGEST_DOWNLOAD + 1)["description"] == "Bad Request: file is too big"
    assert stand_in.violations == []


def test_a_file_that_no_parameter_names_is_noticed(
    stand_in: BotApiStandIn, client: httpx.Client, resident: Person
) -> None:
    client.post("sendMessage", data={"chat_id": str(RESIDENT), "text": "您好"}, files={"photo": b"x"})
    assert stand_in.violations == ["sendMessage: a file that no parameter names"]
    assert len(resident.inbox) == 1


@pytest.mark.parametrize(
    ("content_type", "body", "description"),
    [
        ("application/json", b"{", "can't parse JSON object"),
        ("application/json", b"[]", "object expected as JSON body"),
        ("application/x-www-form-urlencoded", b"chat_id=1001&text=%ff", "strings must be encoded in UTF-8"),
        ("multipart/form-data", b"", "boundary of the multipart body not found"),
        ("multipart/form-data; boundary=a", b"--a\r\n", "multipart body is not closed"),
        ("multipart/form-data; boundary=a", b"--a\r\n\r\n\r\nx\r\n--a--", "part of the multipart body without a name"),
    ],
)
def test_bodies_that_do_not_parse(
    stand_in: BotApiStandIn, client: httpx.Client, content_type: str, body: bytes, description: str
) -> None:
    answer = client.post("sendMessage", content=body, headers={"Content-Type": content_type})
    assert answer.json() == {"ok": False, "error_code": 400, "description": f"Bad Request: {description}"}
    assert stand_in.violations == [f"sendMessage: Bad Request: {description}"]


def test_what_is_not_http_is_told_so(stand_in: BotApiStandIn) -> None:
    with socket.create_connection(("127.0.0.1", stand_in.port)) as line:
        line.sendall(b"good morning\r\n\r\n")
        assert line.makefile("rb").readline() == b"HTTP/1.1 400 Bad Request\r\n"


def test_requests_that_come_at_once_are_answered_in_order(stand_in: BotApiStandIn) -> None:
    held = stand_in.faults.add(holds_before(), method="getMe")
    one, two = (
        f"GET /bot{stand_in.token}/{method} HTTP/1.1\r\n\r\n".encode() for method in ("getMe", "getWebhookInfo")
    )
    with socket.create_connection(("127.0.0.1", stand_in.port)) as line:
        line.sendall(one + two[:20])
        held.wait_until_hit()
        line.sendall(two[20:])
        held.release()
        answers = line.makefile("rb")
        assert [_body(answers)["result"].get("is_bot") for _ in range(2)] == [True, None]


def _body(answers: BinaryIO) -> Any:
    length = 0
    while (header := answers.readline()) != b"\r\n":
        if header.startswith(b"Content-Length"):
            length = int(header.split()[1])
    return json.loads(answers.read(length))


@pytest.mark.parametrize("method", ["sendMessage", "SENDMESSAGE", "sendmessage"])
@pytest.mark.parametrize("way", ["query", "urlencoded", "json", "multipart"])
def test_every_way_of_asking(client: httpx.Client, resident: Person, method: str, way: str) -> None:
    markup = {"inline_keyboard": [[{"text": '看;"a"', "callback_data": "看"}]]}
    plain = {"chat_id": str(RESIDENT), "text": "一\n二 & 三", "reply_markup": json.dumps(markup)}
    answer = {
        "query": lambda: client.get(method, params=plain),
        "urlencoded": lambda: client.post(method, data=plain),
        "json": lambda: client.post(method, json={**plain, "chat_id": RESIDENT, "reply_markup": markup}),
        "multipart": lambda: client.post(method, files={name: (None, value) for name, value in plain.items()}),
    }[way]()
    assert answer.json()["result"]["reply_markup"] == markup
    assert resident.inbox[0].text == "一\n二 & 三"
    assert resident.inbox[0].buttons[0].data == "看"


def test_who_may_be_written_to(stand_in: BotApiStandIn, resident: Person, ask: Asked) -> None:
    def refusal() -> str:
        description: str = ask("sendMessage", chat_id=resident.id, text="您好").get("description", "")
        return description

    stand_in.person(2002, has_started=False)
    answer = ask("sendMessage", chat_id=2002, text="您好")
    assert answer["description"] == "Forbidden: bot can't initiate conversation with a user"
    assert answer["error_code"] == 403
    resident.blocks_bot()
    assert refusal() == "Forbidden: bot was blocked by the user"
    resident.unblocks_bot()
    assert refusal() == ""
    resident.deactivates()
    assert refusal() == "Forbidden: user is deactivated"
    assert stand_in.violations == []


def test_a_group_that_moved(stand_in: BotApiStandIn, ask: Asked) -> None:
    group = stand_in.group(-55)
    supergroup = stand_in.upgrade_group(group, -10055)
    assert ask("sendMessage", chat_id=-55, text="您好") == {
        "ok": False,
        "error_code": 400,
        "description": "Bad Request: group chat was upgraded to a supergroup chat",
        "parameters": {"migrate_to_chat_id": -10055},
    }
    assert ask("sendMessage", chat_id=-10055, text="您好")["result"]["chat"]["type"] == "supergroup"
    assert [item.text for item in supergroup.inbox] == ["您好"]


def test_an_edit_must_change_something(resident: Person, ask: Asked) -> None:
    markup = inline(PRESS)
    number = ask("sendMessage", **message(reply_markup=markup))["result"]["message_id"]
    same = ask("editMessageText", **message(message_id=number, reply_markup=markup))
    assert same["description"] == (
        "Bad Request: message is not modified: specified new message content and reply markup are exactly "
        "the same as a current content and reply markup of the message"
    )
    assert ask("editMessageText", **message(message_id=number))["result"]["edit_date"]
    assert resident.inbox[0].buttons == []
    assert ask("editMessageText", **message(message_id=number, text="再见"))["ok"]
    assert resident.inbox[0].text == "再见"
    assert resident.inbox[0].earlier_texts == ["您好", "您好"]


def test_only_own_texts_can_be_edited(client: httpx.Client, resident: Person, ask: Asked) -> None:
    theirs = resident.says("修路")["message"]["message_id"]
    answer = ask("editMessageText", **message(message_id=theirs))
    assert answer["description"] == "Bad Request: message can't be edited"
    sent = client.post("sendPhoto", data={"chat_id": str(RESIDENT)}, files={"photo": small_photo()}).json()
    answer = ask("editMessageText", **message(message_id=sent["result"]["message_id"]))
    assert answer["description"] == "Bad Request: there is no text in the message to edit"


def test_messages_can_be_deleted_for_two_days(clock: SetClock, resident: Person, ask: Asked) -> None:
    theirs = resident.says("修路")["message"]["message_id"]
    own = [ask("sendMessage", **message())["result"]["message_id"] for _ in range(2)]
    clock.advance(hours=48)
    assert all(ask("deleteMessage", chat_id=RESIDENT, message_id=number)["ok"] for number in (theirs, own[0]))
    again = ask("editMessageText", **message(message_id=own[0], text="再见"))
    assert again["description"] == "Bad Request: message to edit not found"
    clock.advance(seconds=1)
    late = ask("deleteMessage", chat_id=RESIDENT, message_id=own[1])
    assert late["description"] == "Bad Request: message can't be deleted for everyone"
    assert [item.is_deleted for item in resident.inbox] == [True, False]


def test_a_press_can_be_answered_for_150_seconds(clock: SetClock, resident: Person, ask: Asked) -> None:
    ask("sendMessage", **message(reply_markup=inline(PRESS)))
    query = resident.taps("是")["callback_query"]["id"]
    clock.advance(seconds=150)
    assert ask("answerCallbackQuery", callback_query_id=query, text="好", show_alert=True)["ok"]
    clock.advance(seconds=1)
    assert ask("answerCallbackQuery", callback_query_id=query)["description"].startswith(
        "Bad Request: query is too old"
    )
    assert [(notice.text, notice.is_alert) for notice in resident.notices] == [("好", True)]
