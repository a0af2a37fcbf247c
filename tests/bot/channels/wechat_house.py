"""The door that WeChat knocks at, with nothing behind it but what tests see."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.types import Message

from bot.channels.wechat_cipher import MessageCipher
from bot.channels.wechat_door import Door, HandsIn
from handlers.messages import Inbound
from tests.bot.channels.wechat_stage import Callback, Console
from tests.wechat_api import AES_KEY, APP_ID, TOKEN

NOW = datetime(2026, 9, 1, 1, 0, tzinfo=UTC)
CONSOLES = {
    f"{mode} {'JSON' if as_json else 'XML'}": Console(key, with_plain, as_json)
    for mode, key, with_plain in (("plain", "", False), ("compatible", AES_KEY, True), ("secure", AES_KEY, False))
    for as_json in (False, True)
}
SECURE, PLAIN = CONSOLES["secure XML"], CONSOLES["plain XML"]
consoles = pytest.mark.parametrize("console", CONSOLES.values(), ids=CONSOLES)


class House:
    """What is behind the door of an account whose console is set like this."""

    def __init__(self, console: Console = SECURE, *, max_age: int = 600, silent_for: float = 0.0) -> None:
        self.heard: list[Inbound] = []
        self.refused: list[str] = []
        self.commits = True
        self.answer: str | None = "收到"
        self.gate = asyncio.Event()
        self.gate.set()
        self.entered = asyncio.Event()
        self.asked: list[str] = []
        self.door = Door(
            TOKEN,
            MessageCipher(AES_KEY, APP_ID) if console.aes_key else None,
            self.hand_in,
            self.say,
            clock=lambda: NOW,
            max_age=max_age,
            on_refused=self.refused.append,
            silent_for=silent_for,
        )
        self.door.open()

    async def hand_in(self, inbound: Inbound) -> bool:
        self.entered.set()
        await self.gate.wait()
        if self.commits:
            self.heard.append(inbound)
        return self.commits

    async def say(self, inbound: Inbound, hand_in: HandsIn) -> str | None:
        if not await hand_in():
            return None
        self.asked.append(inbound.key)
        return self.answer

    @asynccontextmanager
    async def visitor(self) -> AsyncIterator[httpx.AsyncClient]:
        transport = httpx.ASGITransport(Starlette(routes=self.door.routes()))
        async with httpx.AsyncClient(transport=transport, base_url="http://bot") as visitor:
            yield visitor

    async def get(self, query: Mapping[str, str]) -> httpx.Response:
        async with self.visitor() as visitor:
            return await visitor.get("/wechat", params=query)

    async def post(self, callback: Callback, **more: Any) -> httpx.Response:
        async with self.visitor() as visitor:
            return await visitor.post("/wechat", params=callback.query, content=callback.body, **more)


def refusal(why: str) -> dict[str, str]:
    return {"event": "wechat_request_refused", "why": why, "log_level": "warning"}


async def spoken_to(house: House, query: bytes, coming: list[Message], method: str = "POST") -> list[Message]:
    """What is sent while these come in, one after another; the last one stays."""
    answered: list[Message] = []

    async def receive() -> Message:
        return coming.pop(0) if len(coming) > 1 else coming[0]

    async def send(one: Message) -> None:
        answered.append(one)

    scope = {"type": "http", "method": method, "path": "/wechat", "query_string": query, "headers": []}
    await Starlette(routes=list(house.door.routes()))(scope, receive, send)
    return answered
