"""What proves to WeChat that a page is one of the account's (jsapi_ticket, "JS-SDK使用权限签名算法")."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from bot.channels.wechat_http import NetworkError, WeChatError

EARLY = timedelta(minutes=5)
PAUSE = timedelta(minutes=1)

Clock = Callable[[], datetime]


class Tickets:
    """The account's ticket, which lasts up to two hours.

    How often it may be asked for is not documented, only that it is seldom ("获取sdk临时票据"). Each replica asks for
    one of its own, and whatever came of that, not again within the pause after.
    """

    def __init__(self, ask: Callable[[], Awaitable[tuple[str, timedelta]]], clock: Clock) -> None:
        self._ask, self._clock = ask, clock
        self._one_at_a_time = asyncio.Lock()
        self._ticket = ""
        self._good_until = self._ask_at = datetime.min.replace(tzinfo=UTC)
        self._error: WeChatError | NetworkError = NetworkError("no ticket")

    async def current(self) -> str:
        """The ticket to sign pages with. Raises WeChatError, NetworkError."""
        async with self._one_at_a_time:
            if self._clock() >= self._ask_at:
                await self._renew()
            if self._clock() >= self._good_until:
                raise self._error.with_traceback(None)
            return self._ticket

    async def _renew(self) -> None:
        """Get another one, while the one before may still be good."""
        now = self._clock()
        self._ask_at = now + PAUSE
        try:
            self._ticket, lasts = await self._ask()
        except (WeChatError, NetworkError) as error:
            self._error = error
        else:
            self._good_until = now + lasts
            self._ask_at = max(self._good_until - EARLY, self._ask_at)


def page_signature(ticket: str, nonce: str, seconds: int, url: str) -> str:
    """What a page tells WeChat's script with the same nonce and time. `url` is the page's own, as the browser has it,
    up to its #."""
    signed = f"jsapi_ticket={ticket}&noncestr={nonce}&timestamp={seconds}&url={url}"
    return hashlib.sha1(signed.encode()).hexdigest()  # noqa: S324  # as documented
