"""A person of the crowd in the web chat, over a real socket: does what the page does, only with less patience."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from bot.channels.webchat_identity import COOKIE
from tests.bot_api.files import small_photo
from tests.kill.resident import Part, Resident
from tests.kill.stories import Act, Locates, Says, Shows, Taps

AGAIN = 0.05  # seconds until a lost line is tried again; the page takes half a second

Frame = dict[str, Any]


class WebResident(Resident):
    """Sends what was not accepted again, with the same id; passes over messages of an id that it has seen."""

    channel = "web"

    def __init__(self, http: httpx.AsyncClient, cookie: str, part: Part) -> None:
        super().__init__(cookie.partition(".")[0], part)
        self._http, self._cookie = http, cookie
        self._written: list[Frame] = []
        self._accepted = 0
        self._something = asyncio.Event()
        self._newest = 0
        self._shown: set[int] = set()
        self._choices: list[dict[str, str]] = []

    @asynccontextmanager
    async def online(self) -> AsyncIterator[None]:
        """Keep a line to the bot meanwhile."""
        line = asyncio.create_task(self._keep_line())
        try:
            yield
        finally:
            line.cancel()
            await asyncio.gather(line, return_exceptions=True)

    # --- what they do

    async def _do(self, act: Act) -> tuple[str, str | None]:
        match act:
            case Taps(label):
                value = next(choice["value"] for choice in self._choices if label in choice["label"])
                return self._write(type="choice", value=value), value
            case Says(text):
                return self._write(type="text", text=text), text
            case Locates(latitude, longitude):
                return self._write(type="location", latitude=latitude, longitude=longitude), None
            case Shows():
                return self._write(type="file", kind="photo", upload=await self._upload(), name="photo.jpg"), None

    def _write(self, **frame: Any) -> str:
        identity = f"m{len(self._written)}"
        self._written.append({"id": identity, **frame})
        self._something.set()
        return f"{self.account}:{identity}"

    async def _upload(self) -> str:
        while True:
            try:
                headers = {"cookie": f"{COOKIE}={self._cookie}"}
                answer = await self._http.post("/chat/upload", files={"file": small_photo()}, headers=headers)
            except httpx.TransportError:
                await asyncio.sleep(AGAIN)
            else:
                return str(answer.raise_for_status().json()["upload"])

    # --- the line

    async def _keep_line(self) -> None:
        address = str(self._http.base_url).replace("http", "ws", 1).rstrip("/")
        headers = {"cookie": f"{COOKIE}={self._cookie}"}
        while True:
            try:
                where = f"{address}/chat/ws?after={self._newest}"
                async with connect(where, additional_headers=headers, proxy=None, compression=None) as line:
                    await self._converse(line)
            except (OSError, WebSocketException):
                await asyncio.sleep(AGAIN)

    async def _converse(self, line: ClientConnection) -> None:
        writing = asyncio.create_task(self._send_on(line))
        try:
            async for text in line:
                self._read(json.loads(text))
        finally:
            writing.cancel()
            await asyncio.gather(writing, return_exceptions=True)

    async def _send_on(self, line: ClientConnection) -> None:
        """Send what was not accepted, and what is written from now on."""
        sent = self._accepted
        while True:
            self._something.clear()
            for frame in self._written[sent:]:
                await line.send(json.dumps(frame))
                sent += 1
            await self._something.wait()

    def _read(self, frame: Frame) -> None:
        match frame:
            case {"type": "accepted", "id": identity} if identity == self._written[self._accepted]["id"]:
                self._accepted += 1
            case {"type": "message", "mine": True}:
                self._newest = max(self._newest, frame["message_id"])
            case {"type": "message"}:
                self._show(frame)
            case _:
                self.memory.complaints.append(f"{self.account} was told {frame}")

    def _show(self, frame: Frame) -> None:
        number = frame["message_id"]
        if number in self._shown:
            return
        self._shown.add(number)
        self._newest = max(self._newest, number)
        self._choices = frame["choices"] or self._choices
        self.take(frame["text"])
