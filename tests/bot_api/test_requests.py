"""What a request may look like: paths, bodies, texts and files up to the border and beyond."""

import io
import json
import socket
from typing import Any, BinaryIO

import httpx
import pytest
from PIL import Image

from tests.bot_api import BotApiStandIn, Person
from tests.bot_api.conftest import RESIDENT, Asked
from tests.bot_api.faults import holds_before
from tests.bot_api.files import LARGEST_DOWNLOAD, LARGEST_PHOTO, LARGEST_UPLOAD, small_photo


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
    assert ask("sendMessage", chat_id=RESIDENT, text="?", reply_markup={"inline_keyboard": rows})["ok"]
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
