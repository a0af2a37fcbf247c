"""Messages to many followers by one call (群发): asked for, and asked about.

"根据OpenID列表群发", "查询群发消息发送状态". Whether an administrator confirmed it, and how many it reached, comes as
an event (see bot.channels.wechat_inbound).
"""

from collections.abc import Awaitable, Callable, Sequence

from bot.channels.base import Asked, Failure, NotSent
from bot.channels.wechat_api import NetworkError, WeChatApi, WeChatError
from bot.channels.wechat_door import Clock
from bot.channels.wechat_errors import REPEATED, failure

# Nobody to whom it may go; the month's four are used up; a list, a key or a text that is not taken.
_NEVER = frozenset({40130, 45028, 45062, 45067, 45162})
_UNKNOWN = frozenset({40059, 89504, 89505})  # no such message
_BECAME = {"SEND_SUCCESS": "send success", "SENDING": "", "SEND_FAIL": "send fail", "DELETE": "deleted"}


class WeChatMass:
    """Neither method raises for what the platform or the network does."""

    def __init__(self, api: WeChatApi, clock: Clock) -> None:
        self._api, self._clock = api, clock

    async def send(self, key: str, people: Sequence[str], text: str) -> Asked | NotSent:
        """Ask for a text to these, 2 to 10,000; with the same `key` for a day only once."""
        return await self._tried(lambda: self._asked(key, people, text))

    async def became(self, number: str) -> Asked | NotSent:
        """What became of the message with this number, as the event would tell it; empty where it goes on."""
        return await self._tried(lambda: self._told(number))

    async def _asked(self, key: str, people: Sequence[str], text: str) -> Asked | NotSent:
        try:
            return Asked(await self._api.mass_send(people, text, key))
        except WeChatError as error:
            if error.code == REPEATED:
                return Asked(error.number)
            if error.code in _NEVER:
                return NotSent(Failure.REFUSED, str(error.code))
            raise

    async def _told(self, number: str) -> Asked | NotSent:
        try:
            status = await self._api.mass_status(number)
        except WeChatError as error:
            if error.code not in _UNKNOWN:
                raise
            return NotSent(Failure.REFUSED, str(error.code))
        return Asked(number, _BECAME.get(status, status[:40]))

    async def _tried(self, call: Callable[[], Awaitable[Asked | NotSent]]) -> Asked | NotSent:
        try:
            return await call()
        except WeChatError as error:
            return failure(error.code, self._clock())
        except (NetworkError, OSError, RuntimeError) as error:  # the last two: a client that is just being closed
            return NotSent(Failure.RETRY, type(error).__name__)
