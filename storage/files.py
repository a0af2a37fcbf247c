"""The folder of files: each is named by the SHA-256 of its content, so the same content is kept once."""

import hashlib
import os
import re
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from pathlib import Path
from threading import Lock

from storage.database import Clock

_DIGEST = re.compile(r"[0-9a-f]{64}")
_PARTIAL = ".partial-"
_BEGUN = re.compile(r"\.partial-([0-9]+)-[0-9a-f]+")
_PIECE = 1024 * 1024


class FileStore:
    """Files under `folder`, as "ab/abcd…". Only the program's own user may read them, and none can be executed.

    How old a file is, `clock` alone says: a finished file bears its time, a file being written has it in its name,
    for whatever writes into it brings the machine's own time along.
    """

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._folder = folder
        self._clock = clock
        self._lock = Lock()  # between a file that comes again and its removal

    def path(self, digest: str) -> Path:
        """Where the content of that digest stands, if it does. Raises ValueError for what is no digest."""
        if not _DIGEST.fullmatch(digest):
            raise ValueError("not a SHA-256 digest")
        return self._folder / digest[:2] / digest

    def has(self, digest: str) -> bool:
        return self.path(digest).is_file()

    def keep(self, content: bytes) -> str:
        """Keep some content, safe from a loss of power, and give its digest."""
        with self.writing() as partial:
            partial.write_bytes(content)
            return self.take(partial)

    @contextmanager
    def writing(self) -> Iterator[Path]:
        """An empty file to write into; unless it is taken (`take`), it is gone afterwards."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        partial = self._folder / f"{_PARTIAL}{int(self._now())}-{secrets.token_hex(16)}"
        partial.touch(mode=0o600, exist_ok=False)
        try:
            yield partial
        finally:
            partial.unlink(missing_ok=True)

    def take(self, partial: Path) -> str:
        """Keep a file from `writing` and give its digest."""
        digest = _digest_on_disk(partial)
        path = self.path(digest)
        path.parent.mkdir(mode=0o700, exist_ok=True)
        os.utime(partial, (self._now(), self._now()))
        with self._lock:
            # Also over the same content: it is young again then, and no removal takes it.
            partial.replace(path)
        for folder in (path.parent, self._folder):
            _sync_folder(folder)
        return digest

    # --- tidying

    def older(self, before: datetime, chunk: int) -> Iterator[Sequence[str]]:
        """The digests of what was kept last before then, some at a time. Leftovers of a kill are removed on the way."""
        digests = self._older(before)
        while found := list(islice(digests, chunk)):
            yield found

    def _older(self, before: datetime) -> Iterator[str]:
        for path in self._folder.glob(f"{_PARTIAL}*"):
            begun = _BEGUN.fullmatch(path.name)
            if begun and int(begun[1]) < before.timestamp():
                path.unlink(missing_ok=True)
        for folder in sorted(self._folder.glob("[0-9a-f][0-9a-f]")):
            yield from (path.name for path in folder.iterdir() if _is_older(path, before))

    def remove(self, digest: str, before: datetime) -> bool:
        """Remove a file, unless the same content has come again since `before`."""
        path = self.path(digest)
        with self._lock:
            if not _is_older(path, before):
                return False
            path.unlink(missing_ok=True)
        return True

    def _now(self) -> float:
        return self._clock().timestamp()


def _is_older(path: Path, before: datetime) -> bool:
    try:
        return path.stat().st_mtime < before.timestamp()
    except FileNotFoundError:
        return False


def _digest_on_disk(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
        os.fsync(file.fileno())
    return digest.hexdigest()


def _sync_folder(folder: Path) -> None:
    # A rename lasts only once its folder is written (fsync(2)).
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
