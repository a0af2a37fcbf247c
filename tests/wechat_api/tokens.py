"""Access tokens as `stable_token` gives them ("获取稳定版接口调用凭据").

While one is good, asking again gives the same; within its last five minutes a new one, and the old one stays good for
five minutes more. A forced refresh does that at once: at most 20 a day, and within 30 seconds of the last it does
nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from zoneinfo import ZoneInfo

from tests.wechat_api.refusals import Refusal

LASTS = timedelta(seconds=7200)
OVERLAP = timedelta(minutes=5)
FORCED_APART = timedelta(seconds=30)
FORCED_A_DAY = 20
BEIJING = ZoneInfo("Asia/Shanghai")

Clock = Callable[[], datetime]


@dataclass(slots=True)
class Issued:
    """A token, and until when it is good."""

    value: str
    until: datetime


class TokenDesk:
    """The tokens of one account. `given` counts how often one was asked for, `forced` are the forced refreshes."""

    def __init__(self, clock: Clock, name: str) -> None:
        self._clock, self._name = clock, name
        self._numbers = count(1)
        self._good: list[Issued] = []  # the one before, the newest
        self._expired: set[str] = set()
        self._refused: set[str] = set()
        self.given = 0
        self.forced: list[datetime] = []

    def give(self, *, force: bool = False) -> tuple[str, int]:
        """A token and the seconds that it lasts."""
        now = self._clock()
        self.given += 1
        if force and self._may_force(now):
            self.forced.append(now)
            self._issue(now)
        elif not self._good or self._good[-1].until - now <= OVERLAP:
            self._issue(now)
        newest = self._good[-1]
        return newest.value, int((newest.until - now).total_seconds())

    def check(self, value: str) -> None:
        """Raises Refusal for a token that is not good, or not any more."""
        now = self._clock()
        for one in self._good:
            if one.value == value and value not in self._refused:
                if one.until > now:
                    return
                raise Refusal(42001)
        raise Refusal(42001 if value in self._expired else 40001)

    def refuse_newest(self) -> None:
        """The newest token is good for no call from now on, though whoever asks is still given it."""
        self._refused.update(one.value for one in self._good[-1:])

    def replace(self) -> None:
        """Somebody else draws a new one twice, by force: what we hold is good for nothing."""
        self._issue(self._clock())
        self._issue(self._clock())

    def _may_force(self, now: datetime) -> bool:
        if self.forced and now - self.forced[-1] < FORCED_APART:
            return False
        today = now.astimezone(BEIJING).date()
        if sum(at.astimezone(BEIJING).date() == today for at in self.forced) >= FORCED_A_DAY:
            raise Refusal(45009)
        return True

    def _issue(self, now: datetime) -> None:
        value = f"{next(self._numbers)}_{self._name}-plainly-invented-access-token"
        self._expired.update(one.value for one in self._good[:-1])
        before = self._good[-1:]
        for one in before:
            one.until = min(one.until, now + OVERLAP) if one.until > now else one.until
        self._good = [*before, Issued(value, now + LASTS)]
