"""Telegram calls us: one POST for each update."""

import asyncio
import hmac
import json
from collections.abc import Awaitable, Callable

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from handlers.messages import Inbound

PATH = "/telegram"
BODY_LIMIT = 1024 * 1024  # bytes; an update with the longest text and keyboard has a twentieth of it
# Bot API, setWebhook: secret_token.
_SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105  # the name of a header


class WebhookDoor:
    """Takes what Telegram posts; anything but 2xx makes it post the same again (Bot API, setWebhook).

    So what is no update at all is answered 200 as well, or it would stand before its successors for a day.
    """

    def __init__(
        self, secret: str, read: Callable[[object], Inbound | None], hand_in: Callable[[Inbound], Awaitable[bool]]
    ) -> None:
        self._secret = secret.encode()
        self._read = read
        self._hand_in = hand_in
        self._is_open = False
        self._handing_in: set[asyncio.Task[bool]] = set()

    def route(self) -> Route:
        """Where it stands."""
        return Route(PATH, self._post, methods=["POST"])

    def open(self) -> None:
        """Take messages from now on."""
        self._is_open = True

    async def close(self) -> None:
        """Take no more; returns when all that was taken is handed in."""
        self._is_open = False
        while self._handing_in:
            await asyncio.wait(self._handing_in)

    async def _post(self, request: Request) -> Response:
        if not hmac.compare_digest(request.headers.get(_SECRET_HEADER, "").encode(), self._secret):
            return Response(status_code=403)
        try:
            body = await _body(request)
        except ClientDisconnect:
            return Response(status_code=400)
        if body is None:
            return Response(status_code=413)
        try:
            raw = json.loads(body)
        except (ValueError, RecursionError):
            return Response(status_code=400)
        return Response(status_code=200 if await self._take(raw) else 503)

    async def _take(self, raw: object) -> bool:
        if not self._is_open:
            return False
        inbound = self._read(raw)
        if inbound is None:
            return True
        handing_in = asyncio.ensure_future(self._hand_in(inbound))
        self._handing_in.add(handing_in)
        handing_in.add_done_callback(self._handing_in.discard)
        # Goes on when the server gives the request up: what was taken is handed in.
        return await asyncio.shield(handing_in)


async def _body(request: Request) -> bytes | None:
    """The body, None where it is too large; no more than the limit is kept."""
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > BODY_LIMIT:
        return None
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > BODY_LIMIT:
            return None
    return bytes(body)
