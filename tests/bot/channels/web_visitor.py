"""A visitor of the web chat without a network: the channel is spoken to as a server would, in the same loop."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.types import ASGIApp, Message

from bot.channels.webchat import WebChat, WebChatSettings
from bot.channels.webchat_identity import COOKIE
from handlers.messages import Outbound
from tests.web_chat_double import EchoBot

HOST = "chat.test"
Frame = dict[str, Any]


class Closed(Exception):
    """The server closed the socket, or never opened it (`code` 403)."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class Page:
    """One open socket."""

    def __init__(self) -> None:
        self._to_server: asyncio.Queue[Message] = asyncio.Queue()
        self._to_page: asyncio.Queue[Message] = asyncio.Queue()
        self._flowing = asyncio.Event()
        self._flowing.set()
        self.broken = False  # set: whatever the server sends fails
        self.serving: asyncio.Task[None] | None = None

    async def open(self, app: ASGIApp, headers: dict[str, str], query: str) -> None:
        scope = {
            "type": "websocket",
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "scheme": "ws",
            "path": "/chat/ws",
            "raw_path": b"/chat/ws",
            "query_string": query.encode(),
            "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()],
            "client": ("192.0.2.7", 50000),
            "server": (HOST, 80),
            "subprotocols": [],
        }
        self._to_server.put_nowait({"type": "websocket.connect"})
        self.serving = asyncio.create_task(self._serve(app, scope))
        await self._next("websocket.accept")

    async def _serve(self, app: ASGIApp, scope: Message) -> None:
        await app(scope, self._to_server.get, self._take)
        self._to_page.put_nowait({"type": "gone"})

    async def _take(self, message: Message) -> None:
        await self._flowing.wait()
        if self.broken:
            raise OSError("the line is broken")
        self._to_page.put_nowait(message)

    async def _next(self, wanted: str) -> Message:
        message = await self._to_page.get()
        if message["type"] == "websocket.close" and wanted == "websocket.accept":
            raise Closed(403)
        if message["type"] != wanted:
            raise Closed(message.get("code", 1006))
        return message

    def stick(self) -> None:
        """Take nothing from the server any more, as on a dead line."""
        self._flowing.clear()

    def send(self, frame: Frame | str) -> None:
        text = frame if isinstance(frame, str) else json.dumps(frame, ensure_ascii=False)
        self._to_server.put_nowait({"type": "websocket.receive", "text": text})

    def send_bytes(self, content: bytes) -> None:
        self._to_server.put_nowait({"type": "websocket.receive", "bytes": content})

    async def receive(self) -> Frame:
        frame: Frame = json.loads((await self._next("websocket.send"))["text"])
        return frame

    async def until(self, kind: str) -> list[Frame]:
        """All frames up to the first of that type, which is the last of the list."""
        frames = [await self.receive()]
        while frames[-1]["type"] != kind:
            frames.append(await self.receive())
        return frames

    async def told(self) -> list[Frame]:
        """All that the server has said up to now: a ping is answered after it."""
        self.send({"type": "ping"})
        return (await self.until("pong"))[:-1]

    async def says(self, text: str, identity: str) -> list[Frame]:
        """Send a text; what came up to the server's word on it."""
        self.send({"type": "text", "id": identity, "text": text})
        frames = [await self.receive()]
        while frames[-1].get("id") != identity or frames[-1]["type"] == "message":
            frames.append(await self.receive())
        return frames

    async def closing_code(self) -> int:
        """Read on until the server closes; its code (1006: without a word)."""
        try:
            async with asyncio.timeout(20):
                while True:
                    await self.receive()
        except Closed as closed:
            return closed.code

    async def leave(self) -> None:
        self._to_server.put_nowait({"type": "websocket.disconnect", "code": 1001})
        if self.serving:
            await self.serving


class Visitor:
    """A browser: it keeps its cookie and opens pages."""

    def __init__(self, channel: WebChat) -> None:
        self.app = Starlette(routes=channel.routes())
        self.http = httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url=f"http://{HOST}")

    @property
    def cookie(self) -> str:
        return self.http.cookies.get(COOKIE) or ""

    @property
    def account(self) -> str:
        return self.cookie.partition(".")[0]

    async def come(self, **headers: str) -> httpx.Response:
        """Open the page itself, which gives the cookie."""
        return await self.http.get("/chat", headers={name.replace("_", "-"): value for name, value in headers.items()})

    @asynccontextmanager
    async def page(self, query: str = "", cookie: str | None = None, **headers: str) -> AsyncIterator[Page]:
        page = Page()
        kept = self.cookie if cookie is None else cookie
        sent = {"host": HOST, "origin": f"http://{HOST}", "cookie": f"{COOKIE}={kept}"} | headers
        await page.open(self.app, sent, query)
        try:
            yield page
        finally:
            await page.leave()

    async def upload(self, content: bytes, name: str = "photo.jpg", **headers: str) -> httpx.Response:
        return await self.http.post("/chat/upload", files={"file": (name, content)}, headers=headers)


async def visitor_of(bot: EchoBot, settings: WebChatSettings | None = None) -> Visitor:
    """Somebody who has come to a new chat that the bot serves."""
    channel = bot.serve_by(settings)
    await channel.start(bot.receive)
    visitor = Visitor(channel)
    await visitor.come()
    return visitor


def notice(account: str, number: int, text: str = "通知") -> Outbound:
    """A message of ours."""
    return Outbound("web", account, f"out:{number}", text, message_id=number)
