"""How many messages may leave, for a platform that counts them where they arrive.

What leaves evenly need not arrive so: a process or a network that is held up delivers late, and then much at once. What
took longer than the quickest is taken to have been held up on its way there.
"""

from collections import deque
from dataclasses import dataclass
from math import inf

_FORGETS = 1.001  # the quickest answer counts for so much longer with each that follows: a way may become longer


@dataclass(slots=True)
class Departure:
    """A message that left at a moment, and when it was answered."""

    at: float
    answered_at: float = inf


class Departures:
    """At most `most` arrive in any `window` of seconds. Moments are those of the event loop."""

    def __init__(self, most: int, window: float) -> None:
        self._most, self._window = most, window
        self._latest: deque[Departure] = deque(maxlen=most)
        self._quickest = inf

    def opens_at(self, now: float) -> float:
        """Before when no other may leave; it may be later when it is asked again."""
        if len(self._latest) < self._most:
            return now
        first = self._latest[0]
        held_up = max(0.0, min(now, first.answered_at) - first.at - self._quickest)
        return first.at + held_up + self._window

    def leave(self, now: float) -> Departure:
        """One leaves."""
        departure = Departure(now)
        self._latest.append(departure)
        return departure

    def answered(self, departure: Departure, now: float) -> None:
        """It has arrived, or never will."""
        departure.answered_at = now
        self._quickest = min(self._quickest * _FORGETS, now - departure.at)
