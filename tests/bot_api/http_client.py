"""A lean HTTP/1.1 client for one address: keeps its connections and posts JSON.

Written on httptools like the server, because a general client takes several times as long for each post
as the bot under test takes to answer it.
"""

import asyncio
from dataclasses import dataclass
from typing import cast
from urllib.parse import urlsplit

import httptools

ANSWER_WITHIN = 60.0  # seconds


@dataclass(frozen=True, slots=True)
class Answered:
    """What came back."""

    status: int
    reason: str
    body: bytes


class _Line(asyncio.Protocol):
    """One connection: asks one thing at a time."""

    def __init__(self) -> None:
        self.is_open = False
        self._answer: asyncio.Future[Answered] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports do not descend from asyncio's.
        self._transport = cast(asyncio.Transport, transport)
        self.is_open = True

    def connection_lost(self, _: Exception | None) -> None:
        self.is_open = False
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(ConnectionResetError("Webhook connection closed"))

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self.close()

    def on_status(self, reason: bytes) -> None:
        self._reason += reason

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        assert self._answer is not None
        if not self._answer.done():
            status = self._parser.get_status_code()
            self._answer.set_result(Answered(status, self._reason.decode("latin-1"), self._body))
        if not self._parser.should_keep_alive():
            self.close()

    async def ask(self, request: bytes) -> Answered:
        self._parser = httptools.HttpResponseParser(self)
        self._reason = self._body = b""
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._answer

    def close(self) -> None:
        self.is_open = False
        self._transport.abort()


class Poster:
    """Posts to one URL over as many connections as are wanted at once."""

    def __init__(self, url: str, secret_token: str) -> None:
        parts = urlsplit(url)
        self._is_plain = parts.scheme == "http"
        self._address = (parts.hostname or "", parts.port or 80)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        secret = f"X-Telegram-Bot-Api-Secret-Token: {secret_token}\r\n" if secret_token else ""
        self._head = f"POST {path} HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Type: application/json\r\n{secret}"
        self._idle: list[_Line] = []
        self._lines: set[_Line] = set()

    async def post(self, body: bytes) -> Answered:
        """Posts once; raises `OSError` when nobody answers, within a minute, over plain HTTP."""
        if not self._is_plain:
            raise OSError("The stand-in delivers over plain HTTP only")
        line = await self._open_line()
        request = f"{self._head}Content-Length: {len(body)}\r\n\r\n".encode("ascii") + body
        try:
            async with asyncio.timeout(ANSWER_WITHIN):
                answered = await line.ask(request)
        except BaseException:
            # Whatever would still come on this line belongs to nobody.
            line.close()
            raise
        self._idle.append(line)
        return answered

    async def _open_line(self) -> _Line:
        while self._idle:
            if (line := self._idle.pop()).is_open:
                return line
            self._lines.discard(line)
        _, line = await asyncio.get_running_loop().create_connection(_Line, *self._address)
        self._lines.add(line)
        return line

    def close(self) -> None:
        """Cuts all connections."""
        for line in self._lines:
            line.close()
