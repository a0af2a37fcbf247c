"""What has been sent and is not recorded yet, where a kill does not reach it.

Between a platform's answer and the commit of what became of a row lies a moment; who is killed in it would send the
row again. The system keeps what a process has written to a file, however that process ends. So nothing is forced to the
disk: this is not meant to outlive a loss of power.
"""

import json
import os
from collections.abc import Iterable, Iterator
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path
from uuid import uuid4

import structlog

from storage.outbox import Held

_NAMED = "sent-*.log"

log = structlog.get_logger(__name__)

Noted = tuple[Held, str]  # a row that was sent, and the platform's id of the message


class SentLog:
    """A file of this process alone, locked while it lives. A fault of it costs no message: it may be sent twice."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / _NAMED.replace("*", uuid4().hex)
        self._file: int | None = None

    def note(self, row: Held, platform_id: str) -> None:
        """This has just been sent."""
        self._write(_line(row, platform_id))

    def keep(self, noted: Iterable[Noted]) -> None:
        """All else is recorded."""
        if self._file is None:
            return
        try:
            os.truncate(self._file, 0)
        except OSError as error:
            log.warning("sent_log_fault", kind=type(error).__name__)
        self._write(b"".join(_line(row, platform_id) for row, platform_id in noted))

    def close(self) -> None:
        """What is not recorded stays for who comes next."""
        if self._file is not None:
            if not os.fstat(self._file).st_size:
                self._path.unlink(missing_ok=True)
            os.close(self._file)
            self._file = None

    def _write(self, lines: bytes) -> None:
        try:
            if self._file is None:
                self._file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
                flock(self._file, LOCK_EX | LOCK_NB)
            os.write(self._file, lines)
        except OSError as error:
            log.warning("sent_log_fault", kind=type(error).__name__)


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
    return json.dumps([row.id, row.account_id, row.token, platform_id]).encode() + b"\n"


def _read(lines: Iterable[bytes]) -> Iterator[Noted]:
    for line in lines:
        try:
            row, account, token, platform_id = json.loads(line)
        except ValueError:  # the end of a line did not find room on the disk
            continue
        yield Held(row, account, token), platform_id
