"""What time it is. Everything else is told a clock, so that tests and replays have their own."""

from datetime import UTC, datetime


def wall_clock() -> datetime:
    """Now, in UTC."""
    return datetime.now(UTC)
