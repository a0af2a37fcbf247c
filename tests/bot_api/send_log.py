"""When sends reached the socket, and the platform's limits on them.

Source: Bots FAQ, "My bot is hitting limits": about 30 messages a second overall, one a second to a
chat (short bursts pass), 20 a minute to one group.
"""

import math
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """What an enforcing stand-in lets through."""

    overall_per_second: int = 30
    chat_burst: int = 5
    chat_burst_seconds: float = 5.0
    group_per_minute: int = 20


def most_in_any_window(moments: Sequence[float], seconds: float) -> int:
    """The largest number of moments in any half-open window `[t, t + seconds)`.

    `moments` must be in order.
    """
    most = first = 0
    for last, moment in enumerate(moments):
        while moment - moments[first] >= seconds:
            first += 1
        most = max(most, last - first + 1)
    return most


class SendLog:
    """Monotonic moments of all sends, accepted or not, overall and by chat; one per request."""

    def __init__(self, limits: Limits | None) -> None:
        self.limits = limits
        self.moments: list[float] = []
        self.by_chat: defaultdict[int, list[float]] = defaultdict(list)
        self._accepted: list[float] = []
        self._accepted_by_chat: defaultdict[int, list[float]] = defaultdict(list)

    def record(self, moment: float, chat_id: int) -> None:
        """Notes a send that arrived."""
        self.moments.append(moment)
        self.by_chat[chat_id].append(moment)

    def accept(self, moment: float, chat_id: int) -> int:
        """Seconds to wait before this send would fit the limits; 0, and it counts, if it fits."""
        if self.limits is None:
            return 0
        chat = self._accepted_by_chat[chat_id]
        wait = max(
            _wait(self._accepted, moment, self.limits.overall_per_second, 1.0),
            _wait(chat, moment, self.limits.chat_burst, self.limits.chat_burst_seconds),
            _wait(chat, moment, self.limits.group_per_minute, 60.0) if chat_id < 0 else 0.0,
        )
        if wait > 0:
            return math.ceil(wait)
        self._accepted.append(moment)
        chat.append(moment)
        return 0


def _wait(moments: list[float], now: float, most: int, seconds: float) -> float:
    inside = len(moments) - bisect_right(moments, now - seconds)
    if inside < most:
        return 0.0
    return moments[-most] + seconds - now
