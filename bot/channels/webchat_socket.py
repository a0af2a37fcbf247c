"""One open page: what it sends is read by one task, what it is told waits in a bounded queue with one writer.

So no send ever waits for a slow page. A page that does not keep up is let go; it comes back and resumes.
"""

import asyncio
from collections.abc import AsyncIterator, Coroutine

from starlette.websockets import WebSocket, WebSocketDisconnect

from bot.channels.webchat_frames import FRAME_LIMIT, Frame, written
from bot.channels.webchat_inbound import Visitor

GOING_AWAY = 1001  # these four: RFC 6455, section 7.4.1
TOO_BIG = 1009
FAULT = 1011
TRY_AGAIN = 1013
UNKNOWN_VISITOR = 4401  # ours: no identity; the page is to be opened anew
TOO_MUCH = 4429  # ours: limits; the page waits

_QUEUE = 256  # frames
_PARTING = 2.0  # seconds for the last frames when we close


class Connection:
    """An accepted socket of a visitor."""

    def __init__(self, socket: WebSocket, visitor: Visitor) -> None:
        self.visitor = visitor
        self.busy = False  # while a message is being handed in, which must not be interrupted
        self.closed = asyncio.Event()
        self._socket = socket
        self._outgoing: asyncio.Queue[Frame | None] = asyncio.Queue(_QUEUE)
        self._live = asyncio.Event()
        self._reader: asyncio.Task[None] | None = None
        self._code: int | None = None
        self._overflowed = False

    @property
    def retired(self) -> bool:
        """Whether it is about to close: nothing more is taken from it."""
        return self._code is not None

    def offer(self, frame: Frame) -> bool:
        """Let the page have a frame, without waiting. False when it is closing or too slow, which closes it."""
        return not self.retired and self.answer(frame)

    def answer(self, frame: Frame) -> bool:
        """The same for what answers the page's own frame, which it should still get while it is closing."""
        if self._outgoing.full():
            self._overflowed = True
            self.retire(TRY_AGAIN)
        else:
            self._outgoing.put_nowait(frame)
        return not self._overflowed

    async def tell(self, frame: Frame) -> None:
        """Send a frame of its history, before all that was offered; waits for the page."""
        if not await self._send(frame):
            self.retire(GOING_AWAY)

    def go_live(self) -> None:
        """The history is told: what was offered meanwhile follows."""
        self._live.set()

    def retire(self, code: int) -> None:
        """Close it with that code, after the message that is being handed in."""
        if self._code is None:
            self._code = code
        if self._reader and not self.busy:
            self._reader.cancel()

    async def incoming(self) -> AsyncIterator[str]:
        """What the page sends, until it leaves. Other than text cannot come from our page: empty, so unreadable."""
        while not self.retired:
            message = await self._socket.receive()
            if message["type"] == "websocket.disconnect":
                return
            text = message.get("text") or ""
            if len(text) > FRAME_LIMIT:
                self.retire(TOO_BIG)
                return
            yield text

    async def run(self, reading: Coroutine[None, None, None]) -> None:
        """Serve the page until it leaves or is retired; then close it. Raises what `reading` raised."""
        self._reader = asyncio.create_task(reading)
        writer = asyncio.create_task(self._write())
        try:
            await asyncio.wait({self._reader, writer}, return_when=asyncio.FIRST_COMPLETED)
            self.retire(FAULT if _failed(self._reader) else GOING_AWAY)
            await asyncio.wait({self._reader})
            await self._part(writer)
        finally:
            self._reader.cancel()
            writer.cancel()
            self.closed.set()
        if not self._reader.cancelled():
            self._reader.result()

    async def _write(self) -> None:
        await self._live.wait()
        while (frame := await self._outgoing.get()) is not None:
            if not await self._send(frame):
                return

    async def _send(self, frame: Frame) -> bool:
        try:
            await self._socket.send_text(written(frame))
        except (WebSocketDisconnect, RuntimeError):
            return False  # it has gone; what it missed it will ask for
        return True

    async def _part(self, writer: asyncio.Task[None]) -> None:
        if self._overflowed:
            return
        try:
            async with asyncio.timeout(_PARTING):
                if self._live.is_set():
                    await self._outgoing.put(None)
                    await writer
                await self._socket.close(self._code or GOING_AWAY)
        except (TimeoutError, WebSocketDisconnect, RuntimeError):
            return


def _failed(task: asyncio.Task[None]) -> bool:
    return task.done() and not task.cancelled() and task.exception() is not None
