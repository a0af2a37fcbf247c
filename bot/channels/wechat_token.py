"""The account's access token: one for all replicas, since `stable_token` gives everybody the same.

"获取稳定版接口调用凭据": it lasts up to two hours; within its last five minutes whoever asks gets the next one, and
both are good for five minutes. A forced refresh may be made 20 times a day, at least 30 seconds apart.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Protocol

from bot.channels.wechat_http import Http, NetworkError, WeChatError, part
from bot.clock import wall_clock
from storage.token_refreshes import Made, one_more

EARLY = timedelta(minutes=5)
_NOT_SOONER = timedelta(seconds=10)  # our clock and theirs may differ by that about when the five minutes begin
_SHORTEST_BACK_OFF, _LONGEST_BACK_OFF = 1, 60  # seconds
_REFUSED = 40001

Clock = Callable[[], datetime]


class Guard(Protocol):
    """Who sees to it that all replicas together do not force refreshes too often."""

    async def may_force(self) -> bool:
        """Whether one may be made now; if so, it counts as made."""


class OwnGuard:
    """For who has no database that other replicas see: a command."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._made: Made | None = None

    async def may_force(self) -> bool:
        made = one_more(self._made, self._clock())
        self._made = made or self._made
        return made is not None


class Tokens:
    """Concurrent callers share one request. Where WeChat gave none, it is asked again after a pause that grows to a
    minute; who wants one meanwhile gets the same error at once. `timeout` in seconds."""

    def __init__(
        self,
        api_base: str,
        app_id: str,
        secret: str,
        *,
        timeout: float,
        guard: Guard | None = None,
        clock: Clock = wall_clock,
    ) -> None:
        self._http = Http(api_base, timeout)
        self._asking = {"grant_type": "client_credential", "appid": app_id, "secret": secret}
        self._guard, self._clock = guard or OwnGuard(clock), clock
        self._one_at_a_time = asyncio.Lock()
        self._token = ""
        self._good_until = self._renew_at = self._ask_at = datetime.min.replace(tzinfo=UTC)
        self._failures = 0
        self._error: WeChatError | NetworkError | None = None

    async def current(self) -> str:
        """The token to call with. Raises WeChatError, NetworkError."""
        if self._clock() < self._renew_at:
            return self._token
        async with self._one_at_a_time:
            return await self._renewed()

    async def instead_of(self, refused: str) -> str:
        """Another one than the one that was refused; by force where WeChat has no other. Raises WeChatError,
        NetworkError."""
        async with self._one_at_a_time:
            if self._token == refused:
                await self._replace()
            return await self._renewed()

    async def close(self) -> None:
        await self._http.close()

    async def _renewed(self) -> str:
        now = self._clock()
        if now >= self._renew_at:
            try:
                await self._ask()
            except (WeChatError, NetworkError):
                if now >= self._good_until:
                    raise
        return self._token

    async def _replace(self) -> None:
        """Get a token in the place of the one that is refused."""
        refused = self._token
        await self._ask()
        if self._token == refused and await self._guard.may_force():
            with suppress(WeChatError):  # a quota of forced ones, which says nothing of what is sent
                await self._ask(force=True)
        if self._token == refused:
            raise self._failed(WeChatError(_REFUSED))

    async def _ask(self, *, force: bool = False) -> None:
        now = self._clock()
        if self._error and now < self._ask_at:
            raise self._error.with_traceback(None)
        try:
            answer = await self._http.post("/cgi-bin/stable_token", {}, {**self._asking, "force_refresh": force})
            self._token, lasts = str(part(answer, "access_token")), lasting(part(answer, "expires_in"))
        except (WeChatError, NetworkError) as error:
            raise self._failed(error) from None
        self._error, self._failures = None, 0
        self._good_until = now + lasts
        self._renew_at = max(self._good_until - EARLY, now + _NOT_SOONER)

    def _failed(self, error: WeChatError | NetworkError) -> WeChatError | NetworkError:
        """Remember a failure for those who ask within the pause."""
        pause = min(_SHORTEST_BACK_OFF * 2**self._failures, _LONGEST_BACK_OFF)
        self._failures = min(self._failures + 1, _LONGEST_BACK_OFF)
        self._error, self._ask_at = error, self._clock() + timedelta(seconds=pause)
        return error


def lasting(number: object) -> timedelta:
    """How long a token or a ticket is good for: two hours at most. Raises NetworkError for what is no number."""
    if not isinstance(number, int):
        raise NetworkError("garbled answer")
    return timedelta(seconds=min(number, 7200))
