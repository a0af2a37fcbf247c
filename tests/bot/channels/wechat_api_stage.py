"""A platform of WeChat for what calls its API: fixtures that tests import by name."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime

import pytest

from bot.channels.wechat_api import WeChatApi
from bot.channels.wechat_token import Tokens
from tests.set_clock import SetClock
from tests.wechat_api import Resident, WeChatStandIn

SEND = "message/custom/send"


@pytest.fixture
def clock() -> SetClock:
    return SetClock(datetime(2026, 9, 1, 1, 0, tzinfo=UTC))


@pytest.fixture
def wechat(clock: SetClock) -> Iterator[WeChatStandIn]:
    with WeChatStandIn(clock=clock) as stand_in:
        yield stand_in
        assert stand_in.violations == []


@pytest.fixture
def resident(wechat: WeChatStandIn) -> Resident:
    return wechat.resident("oResident0001")


def api_of(wechat: WeChatStandIn, timeout: float = 10.0) -> WeChatApi:
    """A client of its account. `timeout` in seconds."""
    account = wechat.account
    tokens = Tokens(wechat.base_url, account.app_id, account.secret, timeout=10.0, clock=wechat.clock)
    return WeChatApi(wechat.base_url, tokens, timeout=timeout)


@pytest.fixture
async def api(wechat: WeChatStandIn) -> AsyncIterator[WeChatApi]:
    one = api_of(wechat)
    yield one
    await one.close()
