"""How much one person may write before they are asked to wait. Judged by the platform's clock, so that a backlog
after a pause of ours is not taken for a flood."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto

from storage.arrivals import Guest

WINDOW = timedelta(minutes=1)
QUIET_FOR = timedelta(hours=1)


class Judgement(Enum):
    HEARD = auto()
    WARNED = auto()  # asked to wait; from here to the end of the minute messages are only stored
    QUIETED = auto()  # told that nothing is acted on for an hour
    SILENT = auto()  # stored, neither acted on nor answered


@dataclass(frozen=True, slots=True)
class Flood:
    """`per_minute` messages are acted on. After `strikes_out` such minutes in a row we are silent for an hour:
    so two bots that answer each other come to rest."""

    per_minute: int = 20
    strikes_out: int = 3

    def judge(self, guest: Guest, at: datetime) -> Judgement:
        """Count one more message of the guest, sent at that moment."""
        if guest.quiet_until and at < guest.quiet_until:
            return Judgement.SILENT
        if guest.window_from is None or not timedelta() <= at - guest.window_from < WINDOW:
            if (
                guest.window_count <= self.per_minute
                or guest.window_from is None
                or at - guest.window_from >= 2 * WINDOW
            ):
                guest.strikes = 0  # the minute before was a quiet one
            guest.window_from, guest.window_count, guest.quiet_until = at, 0, None
        guest.window_count += 1
        if guest.window_count <= self.per_minute:
            return Judgement.HEARD
        if guest.window_count > self.per_minute + 1:
            return Judgement.SILENT
        guest.strikes += 1
        if guest.strikes < self.strikes_out:
            return Judgement.WARNED
        guest.quiet_until, guest.strikes = at + QUIET_FOR, 0
        return Judgement.QUIETED
