"""What has been sent and is not recorded yet, where a kill does not reach it.

Between a platform's answer and the commit of what became of a row lies a moment; who is killed in it would send the
row again. The system keeps what a process has written to the memory of a file, however that process ends. So nothing is
forced to the disk: this is not meant to outlive a loss of power.
"""

import json
import os
from collections.abc import Iterable, Iterator
from fcntl import LOCK_EX, LOCK_NB, flock
from mmap import mmap
from pathlib import Path
from uuid import uuid4

import structlog

from storage.outbox import Held

_NAMED = "sent-*.log"
_SIZE = 1024 * 1024  # bytes; a line takes some 150, and there are as many as rows in hand and such as go along

log = structlog.get_logger(__name__)

Noted = tuple[Held, str]  # a row that was sent, and the platform's id of the message


class SentLog:
    """A file of this process alone, locked while it lives. A fault of it costs no message: it may be sent twice."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / _NAMED.replace("*", uuid4().hex)
        self._memory: mmap | None = None
        self._end = 0

    def note(self, noted: Iterable[Noted]) -> None:
        """This has just been sent."""
        if lines := b"".join(_line(row, platform_id) for row, platform_id in noted):
            self._write(lines, self._end)

    def keep(self, noted: Iterable[Noted]) -> None:
        """All else is recorded."""
        if self._memory is None:
            return
        before, self._end = self._end, 0
        self._write(b"".join(_line(row, platform_id) for row, platform_id in noted), 0)
        # Only then what stood behind: in no moment is anything missing that is not recorded.
        self._memory[self._end : before] = bytes(max(0, before - self._end))

    def close(self) -> None:
        """What is not recorded stays for who comes next."""
        if self._memory is None:
            return
        if not self._end:
            self._path.unlink(missing_ok=True)
        self._memory.close()
        self._memory = None

    def _write(self, lines: bytes, at: int) -> None:
        try:
            self._memory = self._memory or self._open()
        except OSError as error:
            log.warning("sent_log_fault", kind=type(error).__name__)
            return
        if at + len(lines) <= _SIZE:
            self._memory[at : at + len(lines)] = lines
            self._end = at + len(lines)
        else:
            log.warning("sent_log_full")

    def _open(self) -> mmap:
        file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            flock(file, LOCK_EX | LOCK_NB)
            os.posix_fallocate(file, 0, _SIZE)  # room on the disk now, or a write to its memory would end the process
            return mmap(file, _SIZE)  # holds the file, and its lock, by a handle of its own
        finally:
            os.close(file)


def left_behind(folder: Path) -> dict[Path, list[Noted]]:
    """What processes that were killed had sent and not recorded, by their files, which are to be removed then."""
    return {path: noted for path in folder.glob(_NAMED) if (noted := _of_the_dead(path)) is not None}


def _of_the_dead(path: Path) -> list[Noted] | None:
    try:
        with path.open("r+b") as file:  # NFS locks only what may be written (flock(2))
            flock(file, LOCK_EX | LOCK_NB)  # its writer lives while it is locked
            return list(_read(file))
    except OSError:
        return None


def _line(row: Held, platform_id: str) -> bytes:
    return json.dumps([row.message_id, row.account_id, row.token, platform_id]).encode() + b"\n"


def _read(lines: Iterable[bytes]) -> Iterator[Noted]:
    for line in lines:
        try:
            row, account, token, platform_id = json.loads(line)
        except ValueError:  # half of a line, or what was never written
            continue
        yield Held(row, account, token), platform_id
