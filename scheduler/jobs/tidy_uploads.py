"""Files that visitors of the web chat sent are removed after their time, fetched or not: outside of any transaction."""

from collections.abc import Callable

from scheduler.runner import Job


def tidy_uploads(tidy: Callable[[], None]) -> Job:
    """`tidy` begins to remove them, and does not wait."""
    return Job("tidy_uploads", {"minute": "35"}, lambda *_: False, tidy)
