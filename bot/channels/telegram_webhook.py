"""Telegram calls us: one POST for each update."""

import hmac
import json
from collections.abc import Awaitable, Callable

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from bot.channels.posted import HandingIn, body_of
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
        self._hand_in = HandingIn(hand_in)
        self.open, self.close = self._hand_in.open, self._hand_in.close

    def route(self) -> Route:
        """Where it stands."""
        return Route(PATH, self._post, methods=["POST"])

    async def _post(self, request: Request) -> Response:
        if not hmac.compare_digest(request.headers.get(_SECRET_HEADER, "").encode(), self._secret):
            return Response(status_code=403)
        try:
            body = await body_of(request, BODY_LIMIT)
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
        if not self._hand_in.is_open:
            return False
        inbound = self._read(raw)
        return inbound is None or await self._hand_in(inbound)
