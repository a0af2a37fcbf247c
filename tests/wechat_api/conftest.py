"""A stand-in for each test, a plain HTTP client that speaks to it, and a bot that answers what the test says."""

import json
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.bot.channels.telegram_stage import served
from tests.set_clock import SetClock
from tests.wechat_api import Resident, WeChatStandIn

Asked = Callable[..., Any]


@pytest.fixture
def clock() -> SetClock:
    return SetClock(datetime(2026, 3, 2, 1, 0, tzinfo=UTC))


@pytest.fixture
def stand_in(clock: SetClock) -> Iterator[WeChatStandIn]:
    with WeChatStandIn(clock=clock) as running:
        yield running


@pytest.fixture
def resident(stand_in: WeChatStandIn) -> Resident:
    return stand_in.resident("oResident0001")


@pytest.fixture
def client(stand_in: WeChatStandIn) -> Iterator[httpx.Client]:
    # verify=False only saves the loading of certificates, which takes longer than most of these tests.
    with httpx.Client(base_url=f"{stand_in.base_url}/cgi-bin/", trust_env=False, verify=False) as opened:
        yield opened


@pytest.fixture
def token(stand_in: WeChatStandIn) -> str:
    return stand_in.account.tokens.give()[0]


@pytest.fixture
def ask(client: httpx.Client, stand_in: WeChatStandIn) -> Asked:
    """Makes a call with a good token, and gives the whole answer."""

    def call(name: str, **given: Any) -> Any:
        token, _ = stand_in.account.tokens.give()
        body = json.dumps(given, ensure_ascii=False).encode()
        return client.post(name, params={"access_token": token}, content=body).json()

    return call


class Bot:
    """Keeps what is posted to it, and answers with `answers` in turn, then with nothing."""

    def __init__(self) -> None:
        self.posted: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[Callable[[dict[str, str]], Response]] = []

    async def __call__(self, request: Request) -> Response:
        query = dict(request.query_params)
        if request.method == "GET":
            return Response(query["echostr"])
        self.posted.append((query, await request.body()))
        return self.answers.pop(0)(query) if self.answers else Response(b"success")


@pytest.fixture
async def bot(stand_in: WeChatStandIn) -> AsyncIterator[Bot]:
    one = Bot()
    listener = socket.create_server(("127.0.0.1", 0))
    async with served([Route("/wechat", one.__call__, methods=["GET", "POST"])], listener):
        stand_in.calls_back(f"http://127.0.0.1:{listener.getsockname()[1]}/wechat")
        yield one
