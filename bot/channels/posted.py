"""What a platform posts to us, by whichever way: read no further than a limit, and handed in though it hangs up."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog
from starlette.requests import Request

from bot.channels.base import Receive
from handlers.messages import Inbound

log = structlog.get_logger(__name__)


async def body_of(request: Request, limit: int) -> bytes | None:
    """The body, None where it is larger; no more than the limit is kept. Raises ClientDisconnect."""
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > limit:
            return None
    return bytes(body)


async def is_committed(receive: Receive | None, inbound: Inbound) -> bool:
    """Hand a message in. False where it could not be stored: its platform still has it, and hands it over again."""
    assert receive is not None  # noqa: S101  # started
    (outcome,) = await asyncio.gather(receive(inbound), return_exceptions=True)
    if isinstance(outcome, BaseException):
        event = f"{inbound.channel}_message_not_stored"
        log.error(event, error=type(outcome).__name__)
    return not isinstance(outcome, BaseException)


class HandingIn:
    """Hands messages in, while it is open. `hand_in` says whether a message was committed."""

    def __init__(self, hand_in: Callable[[Inbound], Awaitable[bool]]) -> None:
        self._hand_in = hand_in
        self._in_hand: set[asyncio.Task[bool]] = set()
        self.is_open = False

    def open(self) -> None:
        """Take messages from now on."""
        self.is_open = True

    async def close(self) -> None:
        """Take no more; returns when all that was taken is handed in."""
        self.is_open = False
        while self._in_hand:
            await asyncio.wait(self._in_hand)

    async def __call__(self, inbound: Inbound) -> bool:
        """Goes on when who waits for it gives up."""
        handing_in = asyncio.ensure_future(self._hand_in(inbound))
        self._in_hand.add(handing_in)
        handing_in.add_done_callback(self._in_hand.discard)
        return await asyncio.shield(handing_in)
