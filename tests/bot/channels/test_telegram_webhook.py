"""The door that Telegram knocks at."""

import asyncio
import json
from collections.abc import AsyncIterator

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.types import Message

from bot.channels.telegram_webhook import BODY_LIMIT, WebhookDoor
from handlers.messages import Inbound, Kind
from tests.bot.channels.telegram_stage import utc_now

SECRET = "plainly-invented_secret"
HEADER = "X-Telegram-Bot-Api-Secret-Token"


class House:
    """What is behind the door."""

    def __init__(self) -> None:
        self.read_raw: list[object] = []
        self.handed_in: list[str] = []
        self.commits = True
        self.gate = asyncio.Event()
        self.gate.set()
        self.entered = asyncio.Event()
        self.door = WebhookDoor(SECRET, self.read, self.hand_in)
        self.door.open()

    def read(self, raw: object) -> Inbound | None:
        self.read_raw.append(raw)
        if isinstance(raw, dict) and "text" in raw:
            return Inbound("telegram", "7", str(raw["text"]), Kind.TEXT, utc_now())
        return None

    async def hand_in(self, inbound: Inbound) -> bool:
        self.entered.set()
        await self.gate.wait()
        if self.commits:
            self.handed_in.append(inbound.key)
        return self.commits

    def visitor(self, secret: str | bytes | None = SECRET) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(Starlette(routes=[self.door.route()]))
        value = secret.encode() if isinstance(secret, str) else secret
        headers = {} if value is None else {HEADER.encode(): value}
        return httpx.AsyncClient(transport=transport, base_url="http://bot", headers=headers)

    async def post(self, body: bytes, secret: str | bytes | None = SECRET) -> int:
        async with self.visitor(secret) as visitor:
            return (await visitor.post("/telegram", content=body)).status_code


@pytest.mark.parametrize("secret", [None, "", "wrong", SECRET[:-1], SECRET + "x", SECRET.upper(), "路灯", b"\xff\xfe"])
async def test_who_does_not_know_the_secret_is_turned_away(secret: str | bytes | None) -> None:
    house = House()
    assert await house.post(b'{"text": "m1"}', secret) == 403
    assert house.read_raw == []


async def test_an_update_is_answered_once_it_is_committed() -> None:
    house = House()
    house.gate.clear()
    posting = asyncio.create_task(house.post(b'{"text": "m1"}'))
    await house.entered.wait()
    assert not posting.done()
    house.gate.set()
    assert await posting == 200
    assert house.handed_in == ["m1"]


async def test_what_is_not_committed_is_asked_for_again() -> None:
    house = House()
    house.commits = False
    assert await house.post(b'{"text": "m1"}') == 503


@pytest.mark.parametrize("body", [b"{}", b"[]", b"5", b'"text"', b"null", b'{"update_id": 5, "poll": {}}'])
async def test_what_is_not_for_us_is_accepted_so_that_it_does_not_come_again(body: bytes) -> None:
    house = House()
    assert await house.post(body) == 200
    assert house.read_raw == [json.loads(body)]
    assert house.handed_in == []


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe\x00", b"text", b"[" * 100_000, b"{'a': 1}"], ids=len)
async def test_what_is_no_json_is_a_bad_request(body: bytes) -> None:
    house = House()
    assert await house.post(body) == 400
    assert house.read_raw == []


async def test_a_body_at_the_limit_is_taken_and_one_beyond_it_is_not() -> None:
    house = House()
    opening, ending = b'{"text": "', b'"}'
    room = BODY_LIMIT - len(opening) - len(ending)
    assert await house.post(opening + b"x" * room + ending) == 200
    assert await house.post(opening + b"x" * (room + 1) + ending) == 413
    assert len(house.handed_in) == 1


async def test_a_body_that_does_not_say_how_long_it_is_is_cut_off_at_the_limit() -> None:
    house = House()
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(100):
            sent += 1
            yield b" " * 100_000

    async with house.visitor() as visitor:
        answer = await visitor.post("/telegram", content=endless())
    assert answer.status_code == 413
    assert house.read_raw == []


async def test_a_caller_who_hangs_up_in_the_middle_is_let_go() -> None:
    house = House()
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/telegram",
        "query_string": b"",
        "headers": [(HEADER.lower().encode(), SECRET.encode())],
    }
    coming: list[Message] = [
        {"type": "http.request", "body": b'{"text": ', "more_body": True},
        {"type": "http.disconnect"},
    ]
    answered: list[Message] = []

    async def receive() -> Message:
        return coming.pop(0)

    async def send(message: Message) -> None:
        answered.append(message)

    await Starlette(routes=[house.door.route()])(scope, receive, send)
    assert answered[0]["status"] == 400
    assert house.read_raw == []


async def test_only_a_post_is_answered() -> None:
    async with House().visitor() as visitor:
        assert (await visitor.get("/telegram")).status_code == 405


async def test_a_closed_door_sends_telegram_away_for_a_while() -> None:
    house = House()
    await house.door.close()
    assert await house.post(b'{"text": "m1"}') == 503
    assert house.handed_in == []


async def test_it_closes_after_what_was_taken_is_handed_in() -> None:
    house = House()
    house.gate.clear()
    posting = asyncio.create_task(house.post(b'{"text": "m1"}'))
    await house.entered.wait()
    closing = asyncio.create_task(house.door.close())
    await asyncio.sleep(0)
    assert not closing.done()
    house.gate.set()
    await closing
    assert house.handed_in == ["m1"]
    assert await posting == 200


async def test_what_was_taken_is_handed_in_though_the_server_gives_the_request_up() -> None:
    house = House()
    house.gate.clear()
    posting = asyncio.create_task(house.post(b'{"text": "m1"}'))
    await house.entered.wait()
    posting.cancel()
    await asyncio.gather(posting, return_exceptions=True)
    house.gate.set()
    await house.door.close()
    assert house.handed_in == ["m1"]


@given(st.binary(max_size=200))
def test_no_body_whatever_makes_it_fail(body: bytes) -> None:
    assert asyncio.run(House().post(body)) in (200, 400)
