"""The web chat behind the real server, over real sockets."""

import json
from collections.abc import AsyncIterator

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from bot.channels.webchat_frames import FRAME_LIMIT, TEXT_LIMIT
from bot.channels.webchat_identity import COOKIE
from tests.web_chat_double import EchoBot, Server, running


@pytest.fixture
async def server(bot: EchoBot) -> AsyncIterator[Server]:
    async with running(bot) as server:
        yield server


async def _cookie(server: Server) -> str:
    async with httpx.AsyncClient(base_url=f"http://{server.address}") as client:
        return (await client.get("/chat")).cookies[COOKIE]


def _page(server: Server, cookie: str, origin: str | None = None) -> connect:
    headers = {"Cookie": f"{COOKIE}={cookie}"} | ({"Origin": origin} if origin else {})
    return connect(f"ws://{server.address}/chat/ws?after=0", additional_headers=headers, max_size=None)


async def _closing(page: ClientConnection) -> int:
    try:
        while True:
            await page.recv()
    except ConnectionClosed as closed:
        return closed.rcvd.code if closed.rcvd else 1006


async def test_a_conversation_over_the_wire(bot: EchoBot, server: Server) -> None:
    cookie = await _cookie(server)
    async with _page(server, cookie, f"http://{server.address}") as page:
        await page.send(json.dumps({"type": "text", "id": "m-1", "text": "👍" * TEXT_LIMIT}, ensure_ascii=False))
        answer = json.loads(await page.recv())
        assert json.loads(await page.recv()) == {"type": "accepted", "id": "m-1"}
    assert answer["text"].startswith("您说：👍")
    assert len(bot.heard[0].text) == TEXT_LIMIT


async def test_a_frame_beyond_the_limit_is_not_even_read(server: Server) -> None:
    async with _page(server, await _cookie(server)) as page:
        await page.send("x" * (FRAME_LIMIT + 1))
        assert await _closing(page) == 1009


async def test_another_sites_page_is_refused_at_the_door(server: Server) -> None:
    cookie = await _cookie(server)
    with pytest.raises(InvalidStatus) as refused:
        async with _page(server, cookie, "http://evil.test"):
            pass
    assert refused.value.response.status_code == 403


async def test_pages_are_told_when_the_program_stops(bot: EchoBot) -> None:
    async with running(bot) as server:
        page = await _page(server, await _cookie(server))
        await page.send('{"type": "ping"}')
        assert json.loads(await page.recv()) == {"type": "pong"}
    assert await _closing(page) == 1001


async def test_after_a_restart_a_page_goes_on_where_it_was(bot: EchoBot, server: Server) -> None:
    cookie = await _cookie(server)
    frame = json.dumps({"type": "text", "id": "m-1", "text": "修路"})
    async with _page(server, cookie) as page:
        await page.send(frame)
        await page.recv()
    await server.stop()
    await server.start()
    async with _page(server, cookie) as page:
        await page.send(frame)
        frames = [json.loads(await page.recv()) for _ in range(3)]
    assert [frame.get("message_id") for frame in frames] == [1, 2, None]
    assert frames[2] == {"type": "accepted", "id": "m-1"}
    assert len(bot.heard) == 1
