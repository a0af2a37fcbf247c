"""Files that no record refers to any more are removed: after "forget me", after their time, after a kill."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from scheduler.runner import Job
from storage.attachments import Attachments
from storage.database import Unit
from storage.files import FileStore

CHUNK = 100
WITH_RECIPE_KEPT = timedelta(days=7)  # ledgers and exports, which hold many people's data
YOUNG = timedelta(hours=1)  # a file may be there before the commit that refers to it


def tidy_files(files: FileStore) -> Job:
    """Removes from `files` what no attachment has the digest of."""
    left: Iterator[Sequence[str]] | None = None

    def step(unit: Unit, now: datetime) -> bool:
        nonlocal left
        attachments = Attachments(unit, now)
        if attachments.expire(now - WITH_RECIPE_KEPT, CHUNK) == CHUNK:
            return True
        left = left or files.older(now - YOUNG, CHUNK)
        digests = next(left, None)
        if digests is None:
            left = None
            return False
        for digest in attachments.unused(digests):
            files.remove(digest, now - YOUNG)
        return True

    return Job("tidy_files", {"minute": "25"}, step)
