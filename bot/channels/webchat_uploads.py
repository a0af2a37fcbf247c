"""Files that visitors of the web chat send: taken in pieces, checked by content, kept until they are fetched."""

import asyncio
import hashlib
import os
import re
import secrets
import shutil
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from bot.channels.base import Fetched, FetchRefused
from bot.channels.webchat_frames import Refused
from bot.channels.webchat_limits import Clock
from bot.channels.webchat_texts import word_of
from handlers.messages import Kind
from storage.domain.file_kinds import KINDS, SIZE_LIMIT, FileKind, FileRefused, Refusal, check

_ENVELOPE = 16 * 1024  # bytes that a form with one file may have around it
_ROOM = 256 * 1024 * 1024  # bytes that must stay free on the disk
_PARTIAL = "."
_TOKEN = re.compile(r"(?P<mark>[0-9a-f]{16})-(?P<sent>[0-9]{10,11})-[0-9a-f]{32}\.(?P<extension>[a-z0-9]{3,4})")
_KINDS = {kind.extension: kind for kind in KINDS}


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that waits to be fetched. `size` in bytes."""

    path: Path
    kind: FileKind
    size: int


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
            raise Refused("upload_missing")
        announced = request.headers.get("content-length", "")
        if announced.isdecimal() and int(announced) > SIZE_LIMIT + _ENVELOPE:
            raise Refused(word_of(Refusal.TOO_LARGE))
        parser = MultiPartParser(request.headers, _at_most(request.stream(), SIZE_LIMIT + _ENVELOPE), max_files=1)
        try:
            form = await parser.parse()
        except MultiPartException as error:
            raise Refused("upload_missing") from error
        try:
            upload = form.get("file")
            if not isinstance(upload, UploadFile):
                raise Refused("upload_missing")
            return await asyncio.to_thread(self._keep, upload, account)
        finally:
            await form.close()

    def find(self, token: str, account: str) -> Upload | None:
        """The file of that token, where this account sent it and it is still there."""
        parts = _TOKEN.fullmatch(token)
        if not parts or parts["mark"] != _mark(account) or not (self._folder / token).is_file():
            return None
        path = self._folder / token
        return Upload(path, _KINDS[parts["extension"]], path.stat().st_size)

    async def fetch(self, token: str) -> Fetched:
        """The content; raises FetchRefused where there is no such file (any more)."""
        parts = _TOKEN.fullmatch(token)
        if not parts:
            raise FetchRefused("not a token of the web chat")
        try:
            content = await asyncio.to_thread((self._folder / token).read_bytes)
        except FileNotFoundError as error:
            raise FetchRefused("no such upload") from error
        return Fetched(content, _KINDS[parts["extension"]].media_type)

    def tidy(self, before: datetime) -> None:
        """Remove what was sent before then: it was fetched long ago, or its message never came, or a kill left it."""
        for path in self._folder.glob("*"):
            parts = _TOKEN.fullmatch(path.name.removeprefix(_PARTIAL))
            if parts and int(parts["sent"]) < before.timestamp():
                path.unlink(missing_ok=True)

    def _keep(self, upload: UploadFile, account: str) -> str:
        content = upload.file.read(SIZE_LIMIT + 1)
        extension = _recognised(content, upload).extension
        self._folder.mkdir(parents=True, exist_ok=True)
        if shutil.disk_usage(self._folder).free < _ROOM:
            raise Refused("disk_full")
        # The moment stands in the name, for a file's own time is the machine's, which need not be our clock's.
        token = f"{_mark(account)}-{int(self._clock().timestamp())}-{secrets.token_hex(16)}.{extension}"
        partial = self._folder / f"{_PARTIAL}{token}"
        try:
            with partial.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            partial.rename(self._folder / token)
        except OSError as error:
            partial.unlink(missing_ok=True)
            raise Refused("disk_full") from error
        return token


def _recognised(content: bytes, upload: UploadFile) -> FileKind:
    try:
        return check(content, Kind.DOCUMENT, upload.filename or "", upload.content_type or "", SIZE_LIMIT)
    except FileRefused as refused:
        raise Refused(word_of(refused.why)) from refused


def _mark(account: str) -> str:
    return hashlib.sha256(account.encode()).hexdigest()[:16]


async def _at_most(pieces: AsyncGenerator[bytes, None], limit: int) -> AsyncGenerator[bytes, None]:
    taken = 0
    async for piece in pieces:
        taken += len(piece)
        if taken > limit:
            raise Refused(word_of(Refusal.TOO_LARGE))
        yield piece
