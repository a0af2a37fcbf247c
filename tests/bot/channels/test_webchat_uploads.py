"""Files from visitors: what they are counts, not what they say they are."""

import errno
import io
import zipfile
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

import pytest
from starlette.types import Message

from bot.channels.base import FetchRefused
from bot.channels.webchat import WebChatSettings
from bot.channels.webchat_identity import COOKIE
from handlers.messages import Attachment, Kind
from storage.domain.file_kinds import SIZE_LIMIT, XLSX
from tests.bot.channels.web_visitor import Visitor
from tests.web_chat_double import EchoBot


def _archive(*names: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name in names:
            archive.writestr(name, "<xml/>")
    return content.getvalue()


JPEG = b"\xff\xd8\xff\xe0 road"
WORKBOOK = _archive("[Content_Types].xml", "xl/workbook.xml")


async def test_a_file_is_what_its_content_says(bot: EchoBot, visitor: Visitor) -> None:
    """What contents there are, tests/storage/domain/test_file_kinds.py knows."""
    response = await visitor.upload(WORKBOOK, "whatever.exe")
    assert response.status_code == 200
    assert bot.channel
    fetched = await bot.channel.fetch(response.json()["upload"])
    assert (fetched.content, fetched.media_type) == (WORKBOOK, XLSX.media_type)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"MZ\x90\0 a program", "这种格式收不了，请发照片、语音、PDF、Word、Excel 或文本。"),
        (
            b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
            "这种格式收不了，请发照片、语音、PDF、Word、Excel 或文本。",
        ),
        (WORKBOOK[:-10], "内容坏了，打不开。"),
        (b"%PDF-1.7", "内容和文件名对不上。"),
        (b"", "里面是空的。"),
    ],
)
async def test_a_file_that_is_not_what_it_says_is_refused(
    visitor: Visitor, tmp_path: Path, content: bytes, reason: str
) -> None:
    response = await visitor.upload(content, "photo.jpg")
    assert (response.status_code, response.json()["reason"]) == (415, reason)
    assert not list((tmp_path / "uploads").glob("*"))


async def test_a_photo_becomes_a_message_with_its_file(bot: EchoBot, visitor: Visitor) -> None:
    token = (await visitor.upload(JPEG)).json()["upload"]
    async with visitor.page() as page:
        page.send({"type": "file", "id": "f", "upload": token, "kind": "photo", "name": "路.jpg", "group": "album-1"})
        await page.until("accepted")
    assert bot.heard[0].kind is Kind.PHOTO
    assert bot.heard[0].group == "album-1"
    assert bot.heard[0].attachments == (Attachment(Kind.PHOTO, token, "路.jpg", "image/jpeg", len(JPEG)),)
    assert (await visitor.http.get("/chat/file/1")).content == JPEG


@pytest.mark.parametrize(
    ("said", "following"),
    [({"following": 2}, 2), ({"following": 0}, 0), ({}, None)]
    + [({"following": junk}, None) for junk in (-1, True, 1.5, "2", None)],
)
async def test_an_album_says_how_much_of_it_follows(
    bot: EchoBot, visitor: Visitor, said: dict[str, object], following: int | None
) -> None:
    token = (await visitor.upload(JPEG)).json()["upload"]
    async with visitor.page() as page:
        page.send({"type": "file", "id": "f", "upload": token, "kind": "photo", "group": "g"} | said)
        page.send({"type": "file", "id": "g", "upload": token, "kind": "photo"} | said)
        await page.told()
    assert [inbound.following for inbound in bot.heard] == [following, None]


async def test_a_file_without_a_name_gets_one(bot: EchoBot, visitor: Visitor) -> None:
    token = (await visitor.upload(b"OggS\0\x02", "voice.ogg")).json()["upload"]
    async with visitor.page() as page:
        page.send({"type": "file", "id": "f", "upload": token, "kind": "voice", "name": 7})
        await page.until("accepted")
    assert bot.heard[0].attachments[0].name == "voice.ogg"


@pytest.mark.parametrize(
    ("kind", "reason"),
    [("photo", "内容不是照片。"), ("voice", "内容不是录音。")]
    + [(kind, "这条消息读不懂，没有收下。") for kind in ("text", "start", "nonsense", "")],
)
async def test_a_file_is_not_taken_for_another_kind(bot: EchoBot, visitor: Visitor, kind: str, reason: str) -> None:
    token = (await visitor.upload(b"%PDF-1.7", "意见.pdf")).json()["upload"]
    async with visitor.page() as page:
        page.send({"type": "file", "id": "f", "upload": token, "kind": kind})
        assert (await page.receive())["reason"] == reason
    assert not bot.heard


async def test_a_voice_in_a_films_container_is_a_voice(bot: EchoBot, visitor: Visitor) -> None:
    """As Safari records it."""
    token = (await visitor.upload(b"\0\0\0\x20ftypisom\0\0\0\0", "voice.m4a")).json()["upload"]
    async with visitor.page() as page:
        page.send({"type": "file", "id": "f", "upload": token, "kind": "voice"})
        await page.until("accepted")
    (attachment,) = bot.heard[0].attachments
    assert (attachment.name, attachment.media_type) == ("voice.m4a", "audio/mp4")


async def test_another_persons_upload_cannot_be_sent(bot: EchoBot, visitor: Visitor) -> None:
    assert bot.channel
    token = (await visitor.upload(JPEG)).json()["upload"]
    stranger = Visitor(bot.channel)
    await stranger.come()
    async with stranger.page() as page:
        page.send({"type": "file", "id": "f", "upload": token, "kind": "photo"})
        assert (await page.receive())["reason"] == "没有找到这个文件，请重新选择。"


async def test_the_largest_file_is_taken_and_a_larger_one_refused(visitor: Visitor) -> None:
    largest = JPEG + b"\0" * (SIZE_LIMIT - len(JPEG))
    assert (await visitor.upload(largest)).status_code == 200
    refused = await visitor.upload(largest + b"\0")
    assert (refused.status_code, refused.json()["reason"]) == (413, "太大了，最多 10 MB。")


async def test_reading_stops_at_the_limit(visitor: Visitor) -> None:
    """A body of no announced length is not read to its end."""
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n\xff\xd8\xff'
        while sent < 4 * SIZE_LIMIT:
            sent += 65536
            yield b"\0" * 65536

    request = visitor.http.build_request(
        "POST", "/chat/upload", content=endless(), headers={"content-type": "multipart/form-data; boundary=x"}
    )
    assert (await visitor.http.send(request)).status_code == 413


async def test_a_body_that_announces_too_much_is_not_read_at_all(visitor: Visitor) -> None:
    headers = {"content-type": "multipart/form-data; boundary=x", "content-length": str(10**12)}
    assert (await visitor.http.post("/chat/upload", content=b"", headers=headers)).status_code == 413


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("", b""),
        ("application/json", b"{}"),
        ("multipart/form-data", b"junk"),
        ("multipart/form-data; boundary=x", b""),
        ("multipart/form-data; boundary=x", b"junk"),
        ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="file"\r\n\r\ntext\r\n--x--'),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data\r\n\r\ntext\r\n--x--\r\n"),
        ("multipart/form-data; boundary=\xff; charset=junk", b"\xff"),
    ],
)
async def test_a_form_that_is_none_is_refused(visitor: Visitor, content_type: str, body: bytes) -> None:
    headers = {b"content-type": content_type.encode("latin-1")}
    response = await visitor.http.post("/chat/upload", content=body, headers=headers)
    assert (response.status_code, response.json()["reason"]) == (400, "没有收到文件，请重新选择。")


async def test_two_files_at_once_are_refused(visitor: Visitor) -> None:
    files = [("file", ("a.jpg", JPEG)), ("file", ("b.jpg", JPEG))]
    assert (await visitor.http.post("/chat/upload", files=files)).status_code == 400


async def test_strangers_and_other_sites_leave_nothing_here(bot: EchoBot, visitor: Visitor, tmp_path: Path) -> None:
    assert bot.channel
    unknown = await Visitor(bot.channel).upload(JPEG)
    assert (unknown.status_code, unknown.json()["reason"]) == (400, "认不出这个页面了，请重新打开。")
    foreign = await visitor.upload(JPEG, origin="http://evil.test")
    assert foreign.status_code == 400
    assert not list((tmp_path / "uploads").glob("*"))


async def test_too_many_uploads_are_refused_for_a_while(tmp_path: Path) -> None:
    bot = EchoBot(tmp_path)
    visitor = Visitor(bot.serve_by(WebChatSettings(uploads_per_hour=1)))
    await visitor.come()
    assert (await visitor.upload(JPEG)).status_code == 200
    refused = await visitor.upload(JPEG)
    assert refused.status_code == 429
    assert refused.json()["retry_after"] > 0


async def test_a_full_disk_is_said(visitor: Visitor) -> None:
    with patch("bot.channels.webchat_uploads.shutil.disk_usage", return_value=type("Usage", (), {"free": 1000})):
        refused = await visitor.upload(JPEG)
    assert (refused.status_code, refused.json()["reason"]) == (507, "现在存不下文件，请过一会儿再发。")


async def test_a_disk_that_fills_up_in_the_middle_leaves_nothing(visitor: Visitor, tmp_path: Path) -> None:
    with patch("bot.channels.webchat_uploads.os.fsync", side_effect=OSError(errno.ENOSPC, "full")):
        assert (await visitor.upload(JPEG)).status_code == 507
    assert not list((tmp_path / "uploads").glob("*"))


@pytest.mark.parametrize("token", ["", "../secret", "0123456789abcdef-1790000000-" + "0" * 32 + ".jpg", "a\0b"])
async def test_what_was_never_uploaded_can_never_be_fetched(bot: EchoBot, token: str) -> None:
    with pytest.raises(FetchRefused):
        await bot.serve_by().fetch(token)


async def test_a_visitor_who_leaves_in_the_middle_is_no_fault(visitor: Visitor, tmp_path: Path) -> None:
    opening = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n\xff\xd8\xff'
    coming: list[Message] = [
        {"type": "http.request", "body": opening, "more_body": True},
        {"type": "http.disconnect"},
    ]
    headers = {"cookie": f"{COOKIE}={visitor.cookie}", "content-type": "multipart/form-data; boundary=x"}
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/chat/upload",
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }

    async def receive() -> Message:
        return coming.pop(0)

    async def send(message: Message) -> None:
        assert message.get("status", 400) == 400

    await visitor.app(scope, receive, send)
    assert not list((tmp_path / "uploads").glob("*"))


async def test_uploads_that_nobody_fetched_go_after_two_days(bot: EchoBot, visitor: Visitor, tmp_path: Path) -> None:
    assert bot.channel
    first = (await visitor.upload(JPEG + b"first")).json()["upload"]
    left = tmp_path / "uploads" / f".{first}"
    left.write_bytes(b"what a kill left behind")
    bot.ahead = timedelta(days=1, hours=23)
    await bot.channel.tidy()
    second = (await visitor.upload(JPEG + b"second")).json()["upload"]
    assert (await bot.channel.fetch(first)).content == JPEG + b"first"
    bot.ahead = timedelta(days=3)
    await bot.channel.tidy()
    with pytest.raises(FetchRefused):
        await bot.channel.fetch(first)
    assert not left.exists()
    assert (await bot.channel.fetch(second)).content == JPEG + b"second"
