"""The key that signs cookies."""

import os
import secrets
import tempfile
from contextlib import suppress
from pathlib import Path

from bot.refusal import Refused
from bot.settings import SECRET_AT_LEAST


def own_secret(chosen: str, folder: Path) -> bytes:
    """The key that was chosen, else one of our own that `folder` keeps, made when it is not there yet.

    Raises Refused where the one that is kept is damaged.
    """
    if chosen:
        return chosen.encode()
    path = folder / "secret"
    if not path.exists():
        _make(path)
    secret = path.read_bytes().strip()
    if len(secret) < SECRET_AT_LEAST:
        raise Refused(f"{path} is damaged: remove it, and everybody who uses the web chat begins anew.")
    return secret


def _make(path: Path) -> None:
    """The file appears whole or not at all, and of several processes that make it at once one wins."""
    descriptor, name = tempfile.mkstemp(prefix=".secret.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(SECRET_AT_LEAST))
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            path.hardlink_to(name)
    finally:
        Path(name).unlink()
