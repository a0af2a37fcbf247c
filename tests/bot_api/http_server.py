"""A lean HTTP/1.1 server for one handler.

Written on httptools rather than run by a web framework, because faults act on the socket itself
(a connection dropped before or after the deed, a body that is not JSON) and because benchmarks
send thousands of requests a second through it.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import cast
from urllib.parse import unquote

import httptools

from tests.bot_api.errors import ApiError


@dataclass(frozen=True, slots=True)
class Request:
    """One request, complete; `arrived` is the server's `monotonic` time at its last byte."""

    path: str
    query: str
    content_type: str
    body: bytes
    arrived: float
    method: str = "POST"


@dataclass(frozen=True, slots=True)
class Response:
    """What is written back."""

    body: bytes
    status: int = 200
    content_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()


def refusal(error: ApiError) -> Response:
    """A refusal of the Bot API as a response; a pause is in the headers too."""
    seconds = error.parameters.get("retry_after")
    headers = (("Retry-After", str(seconds)),) if seconds else ()
    return Response(error.body(), error.code, headers=headers)


# None means: say nothing and cut the connection.
Reply = Response | None
Handler = Callable[[Request], Reply | Awaitable[Reply]]

_REASONS = {status.value: status.phrase for status in HTTPStatus}


def encode(response: Response, *, keep_alive: bool) -> bytes:
    """The bytes of a response with its length and connection headers."""
    lines = [
        f"HTTP/1.1 {response.status} {_REASONS[response.status]}",
        f"Content-Type: {response.content_type}",
        f"Content-Length: {len(response.body)}",
        f"Connection: {'keep-alive' if keep_alive else 'close'}",
        *(f"{name}: {value}" for name, value in response.headers),
    ]
    return "\r\n".join(lines).encode("ascii") + b"\r\n\r\n" + response.body


class Connection(asyncio.Protocol):
    """One client connection; answers its requests one after another, in order."""

    def __init__(
        self, handler: Handler, connections: set["Connection"], largest_body: int, monotonic: Callable[[], float]
    ) -> None:
        self._handler = handler
        self._monotonic = monotonic
        self._connections = connections
        self._largest_body = largest_body
        self._parser = httptools.HttpRequestParser(self)
        self._waiting: deque[tuple[Request, bool]] = deque()
        self._answering: asyncio.Task[None] | None = None
        self.on_message_begin()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports do not descend from asyncio's.
        self._transport = cast(asyncio.Transport, transport)
        self._connections.add(self)

    def connection_lost(self, _: Exception | None) -> None:
        self._connections.discard(self)
        self._waiting.clear()
        if self._answering is not None:
            # Not before it took its first step: what it is to await would be left unawaited.
            asyncio.get_running_loop().call_soon(self._answering.cancel)

    def abort(self) -> None:
        """Cut the connection at once, as a failing network would."""
        self._transport.abort()

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self._write(Response(b"", 400), keep_alive=False)

    # What httptools calls while it parses.

    def on_message_begin(self) -> None:
        self._url = b""
        self._content_type = ""
        self._body: list[bytes] = []
        self._body_size = 0

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        if name.lower() == b"content-type":
            self._content_type = value.decode("latin-1")

    def on_body(self, body: bytes) -> None:
        self._body_size += len(body)
        if self._body_size <= self._largest_body:
            self._body.append(body)
        else:
            self._body.clear()

    def on_message_complete(self) -> None:
        path, _, query = self._url.decode("latin-1").partition("?")
        # A body beyond the limit is read to its end, so that the client hears why it was refused.
        if self._body_size > self._largest_body:
            path = TOO_LARGE_PATH
        method = self._parser.get_method().decode("latin-1")
        request = Request(unquote(path), query, self._content_type, b"".join(self._body), self._monotonic(), method)
        self._waiting.append((request, self._parser.should_keep_alive()))
        if self._answering is None:
            self._answer_waiting()

    def _answer_waiting(self) -> None:
        while self._waiting:
            request, keep_alive = self._waiting.popleft()
            reply = self._handler(request)
            if isinstance(reply, Awaitable):
                self._answering = asyncio.ensure_future(self._answer_later(reply, keep_alive))
                return
            self._write(reply, keep_alive=keep_alive)

    async def _answer_later(self, reply: Awaitable[Reply], keep_alive: bool) -> None:
        self._write(await reply, keep_alive=keep_alive)
        self._answering = None
        self._answer_waiting()

    def _write(self, reply: Reply, *, keep_alive: bool) -> None:
        if reply is None:
            self.abort()
            return
        self._transport.write(encode(reply, keep_alive=keep_alive))
        if not keep_alive:
            self._transport.close()


# Stands in for the path of a request whose body was beyond the limit; no real path lacks the slash.
TOO_LARGE_PATH = "too large"
