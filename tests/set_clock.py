"""The wall clock that most tests set by hand; tests/virtual_time.py has one that follows a loop."""

from datetime import UTC, datetime, timedelta


class SetClock:
    """A clock that stands at `now` until it is moved; not at the machine's own time."""

    def __init__(self, now: datetime = datetime(2026, 9, 1, tzinfo=UTC)) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **span: float) -> None:
        """By days, hours, seconds and the like, which may be negative."""
        self.now += timedelta(**span)
