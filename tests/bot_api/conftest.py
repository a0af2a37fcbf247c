"""A stand-in for each test, and a plain HTTP client that speaks to it."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from tests.bot_api import BotApiStandIn, Person
from tests.set_clock import SetClock

Asked = Callable[..., Any]

RESIDENT = 1001


@pytest.fixture
def clock() -> SetClock:
    return SetClock(datetime(2026, 3, 2, 9, 0, tzinfo=UTC))


@pytest.fixture
def stand_in(clock: SetClock) -> Iterator[BotApiStandIn]:
    with BotApiStandIn(clock=clock) as running:
        yield running


@pytest.fixture
def resident(stand_in: BotApiStandIn) -> Person:
    return stand_in.person(RESIDENT, "陈秀英")


@pytest.fixture
def client(stand_in: BotApiStandIn) -> Iterator[httpx.Client]:
    # verify=False only saves the loading of certificates, which takes longer than most of these tests.
    base_url = f"{stand_in.base_url}/bot{stand_in.token}/"
    with httpx.Client(base_url=base_url, trust_env=False, verify=False) as opened:
        yield opened


@pytest.fixture
def ask(client: httpx.Client) -> Asked:
    """Calls a method with a JSON body and returns the whole answer."""

    def call(method: str, **parameters: Any) -> Any:
        return client.post(method, json=parameters).json()

    return call
