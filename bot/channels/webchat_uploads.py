"""Files that visitors of the web chat send: taken in pieces, checked by content, kept until they are fetched."""

import asyncio
import hashlib
import os
import re
import secrets
import shutil
import zipfile
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from bot.channels.base import Fetched, FetchRefused
from bot.channels.webchat_frames import Refused
from bot.channels.webchat_limits import Clock
from handlers.messages import Kind

FILE_LIMIT = 10 * 1024 * 1024  # bytes
_ENVELOPE = 16 * 1024  # bytes that a form with one file may have around it
_HEAD = 64  # bytes that tell what a file is
_ROOM = 256 * 1024 * 1024  # bytes that must stay free on the disk
_PARTIAL = "."
_TOKEN = re.compile(r"(?P<mark>[0-9a-f]{16})-(?P<sent>[0-9]{10,11})-[0-9a-f]{32}\.(?P<extension>[a-z0-9]{3,4})")

MEDIA_TYPES = {
    "jpg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "gif": "image/gif",
    "heic": "image/heic",
    "mp3": "audio/mpeg",
    "ogg": "audio/ogg",
    "webm": "audio/webm",
    "m4a": "audio/mp4",
    "wav": "audio/wav",
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_OPENINGS = {
    b"\xff\xd8\xff": "jpg",
    b"\x89PNG\r\n\x1a\n": "png",
    b"GIF87a": "gif",
    b"GIF89a": "gif",
    b"ID3": "mp3",
    b"\xff\xfb": "mp3",
    b"\xff\xf3": "mp3",
    b"\xff\xf2": "mp3",
    b"OggS": "ogg",
    b"%PDF-": "pdf",
}
_HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1"}
_MP4_BRANDS = {b"M4A ", b"M4B ", b"mp41", b"mp42", b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"dash"}


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that waits to be fetched. `size` in bytes."""

    path: Path
    media_type: str
    size: int

    def fits(self, kind: Kind) -> bool:
        """Whether it can be a message of that kind; any file can be a document."""
        family = {Kind.PHOTO: "image/", Kind.VOICE: "audio/", Kind.DOCUMENT: ""}.get(kind)
        return family is not None and self.media_type.startswith(family)


class Uploads:
    """The folder of files that were sent and not fetched yet.

    A file's name is its token: a mark of the account that sent it, when that was (Unix time, seconds), a random
    part that nobody can guess, and what it is by its content. So nothing more needs to be remembered about it.
    """

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._folder = folder
        self._clock = clock

    async def take(self, request: Request, account: str) -> str:
        """Keep the one file of a multipart form and give its token; raises Refused, and then keeps nothing."""
        if not request.headers.get("content-type", "").startswith("multipart/form-data"):
            raise Refused("file_missing")
        announced = request.headers.get("content-length", "")
        if announced.isdecimal() and int(announced) > FILE_LIMIT + _ENVELOPE:
            raise Refused("file_too_large")
        parser = MultiPartParser(request.headers, _at_most(request.stream(), FILE_LIMIT + _ENVELOPE), max_files=1)
        try:
            form = await parser.parse()
        except MultiPartException as error:
            raise Refused("file_missing") from error
        try:
            upload = form.get("file")
            if not isinstance(upload, UploadFile):
                raise Refused("file_missing")
            return await asyncio.to_thread(self._keep, upload.file, account)
        finally:
            await form.close()

    def find(self, token: str, account: str) -> Upload | None:
        """The file of that token, where this account sent it and it is still there."""
        parts = _TOKEN.fullmatch(token)
        if not parts or parts["mark"] != _mark(account) or not (self._folder / token).is_file():
            return None
        path = self._folder / token
        return Upload(path, MEDIA_TYPES[parts["extension"]], path.stat().st_size)

    async def fetch(self, token: str) -> Fetched:
        """The content; raises FetchRefused where there is no such file (any more)."""
        parts = _TOKEN.fullmatch(token)
        if not parts:
            raise FetchRefused("not a token of the web chat")
        try:
            content = await asyncio.to_thread((self._folder / token).read_bytes)
        except FileNotFoundError as error:
            raise FetchRefused("no such upload") from error
        return Fetched(content, MEDIA_TYPES[parts["extension"]])

    def tidy(self, before: datetime) -> None:
        """Remove what was sent before then: it was fetched long ago, or its message never came, or a kill left it."""
        for path in self._folder.glob("*"):
            parts = _TOKEN.fullmatch(path.name.removeprefix(_PARTIAL))
            if parts and int(parts["sent"]) < before.timestamp():
                path.unlink(missing_ok=True)

    def _keep(self, content: BinaryIO, account: str) -> str:
        extension = recognised(content)
        self._folder.mkdir(parents=True, exist_ok=True)
        if shutil.disk_usage(self._folder).free < _ROOM:
            raise Refused("disk_full")
        # The moment stands in the name, for a file's own time is the machine's, which need not be our clock's.
        token = f"{_mark(account)}-{int(self._clock().timestamp())}-{secrets.token_hex(16)}.{extension}"
        partial = self._folder / f"{_PARTIAL}{token}"
        try:
            with partial.open("wb") as file:
                shutil.copyfileobj(content, file)
                file.flush()
                os.fsync(file.fileno())
            partial.rename(self._folder / token)
        except OSError as error:
            partial.unlink(missing_ok=True)
            raise Refused("disk_full") from error
        return token


def recognised(content: BinaryIO) -> str:
    """What a file is by its first bytes, as an extension; raises Refused for what is not taken or too large."""
    size = content.seek(0, os.SEEK_END)
    if size > FILE_LIMIT:
        raise Refused("file_too_large")
    content.seek(0)
    extension = _by_opening(content.read(_HEAD)) or ("xlsx" if _is_workbook(content) else "")
    content.seek(0)
    if not extension:
        raise Refused("file_kind" if size else "file_missing")
    return extension


def _by_opening(head: bytes) -> str:
    for opening, extension in _OPENINGS.items():
        if head.startswith(opening):
            return extension
    if head[:4] == b"RIFF":
        return {b"WEBP": "webp", b"WAVE": "wav"}.get(head[8:12], "")
    if head[4:8] == b"ftyp":
        return "heic" if head[8:12] in _HEIF_BRANDS else "m4a" if head[8:12] in _MP4_BRANDS else ""
    return "webm" if head.startswith(b"\x1a\x45\xdf\xa3") and b"webm" in head else ""


def _is_workbook(content: BinaryIO) -> bool:
    content.seek(0)
    try:
        with zipfile.ZipFile(content) as archive:
            return {"[Content_Types].xml", "xl/workbook.xml"} <= set(archive.namelist())
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError):
        return False


def _mark(account: str) -> str:
    return hashlib.sha256(account.encode()).hexdigest()[:16]


async def _at_most(pieces: AsyncGenerator[bytes, None], limit: int) -> AsyncGenerator[bytes, None]:
    taken = 0
    async for piece in pieces:
        taken += len(piece)
        if taken > limit:
            raise Refused("file_too_large")
        yield piece
