"""One access token for everybody, renewed in time, replaced when it is refused, and never asked for without end."""

import asyncio
from collections.abc import AsyncIterator
from itertools import pairwise

import pytest

from bot.channels.wechat_http import NetworkError, WeChatError
from bot.channels.wechat_token import OwnGuard, Tokens
from tests.bot.channels.wechat_api_stage import clock, wechat
from tests.bot_api.faults import Effect, bad_gateway, drops_after, drops_before, garbles, holds_before
from tests.set_clock import SetClock
from tests.wechat_api import WeChatStandIn, errcode

__all__ = ["clock", "wechat"]

NAME = "stable_token"
SHORT = 0.05  # seconds


def replica(wechat: WeChatStandIn, guard: OwnGuard | None = None, timeout: float = 10.0) -> Tokens:
    account = wechat.account
    return Tokens(wechat.base_url, account.app_id, account.secret, timeout=timeout, guard=guard, clock=wechat.clock)


@pytest.fixture
async def tokens(wechat: WeChatStandIn) -> AsyncIterator[Tokens]:
    one = replica(wechat)
    yield one
    await one.close()


async def code_of(tokens: Tokens, refused: str = "") -> int:
    with pytest.raises(WeChatError) as error:
        await (tokens.instead_of(refused) if refused else tokens.current())
    return error.value.code


async def test_those_who_ask_at_once_share_one_request(wechat: WeChatStandIn, tokens: Tokens) -> None:
    given = await asyncio.gather(*(tokens.current() for _ in range(50)))
    assert len(set(given)) == len(wechat.calls(NAME)) == 1


async def test_replicas_share_it_through_wechat_itself(wechat: WeChatStandIn, tokens: Tokens) -> None:
    other = replica(wechat)
    assert await other.current() == await tokens.current()
    await other.close()
    assert wechat.account.tokens.forced == []


async def test_it_is_renewed_five_minutes_early(wechat: WeChatStandIn, tokens: Tokens, clock: SetClock) -> None:
    first = await tokens.current()
    clock.advance(minutes=114, seconds=59)
    assert await tokens.current() == first
    assert len(wechat.calls(NAME)) == 1
    clock.advance(seconds=1)
    second = await tokens.current()
    assert second != first
    wechat.account.tokens.check(first)
    assert await tokens.current() == second
    assert len(wechat.calls(NAME)) == 2


async def test_one_that_lasts_no_longer_is_not_asked_for_again_and_again(
    wechat: WeChatStandIn, clock: SetClock
) -> None:
    wechat.account.tokens.give()
    clock.advance(minutes=114, seconds=59.5)  # a second is told short
    tokens = replica(wechat)
    for _ in range(5):
        await tokens.current()
    await tokens.close()
    assert len(wechat.calls(NAME)) == 1


async def test_while_the_endpoint_is_away_the_token_is_used_to_its_end(
    wechat: WeChatStandIn, tokens: Tokens, clock: SetClock
) -> None:
    first = await tokens.current()
    fault = wechat.faults.add(bad_gateway(), method=NAME, times=None)
    clock.advance(minutes=116)
    assert await tokens.current() == first
    clock.advance(minutes=4)
    with pytest.raises(NetworkError, match="status 502"):
        await tokens.current()
    assert fault.hits == 2
    wechat.faults.clear()
    clock.advance(minutes=1)
    assert await tokens.current() != first


@pytest.mark.parametrize(
    "effect", [errcode(-1), errcode(40125), bad_gateway(), drops_before(), drops_after(), garbles()]
)
async def test_a_failing_endpoint_is_asked_ever_more_seldom(
    wechat: WeChatStandIn, tokens: Tokens, clock: SetClock, effect: Effect
) -> None:
    fault = wechat.faults.add(effect, method=NAME, times=None)
    for _ in range(600):
        results = await asyncio.gather(*(tokens.current() for _ in range(3)), return_exceptions=True)
        assert all(isinstance(one, WeChatError | NetworkError) for one in results)
        clock.advance(seconds=1)
    assert 10 <= fault.hits <= 16, "1, 2, 4 … 60 seconds apart"
    wechat.faults.clear()
    clock.advance(minutes=1)
    assert await tokens.current()


async def test_a_refusal_is_told_by_its_code_to_everybody(wechat: WeChatStandIn, tokens: Tokens) -> None:
    wechat.account.is_listed = False
    assert [await code_of(tokens) for _ in range(3)] == [40164] * 3
    assert len(wechat.calls(NAME)) == 1


async def test_a_slow_endpoint_is_given_up(wechat: WeChatStandIn) -> None:
    tokens = replica(wechat, timeout=SHORT)
    fault = wechat.faults.add(holds_before(), method=NAME)
    with pytest.raises(NetworkError, match="timeout"):
        await tokens.current()
    fault.release()
    await tokens.close()


# --- one that is refused


async def test_one_that_somebody_replaced_is_replaced_without_force(wechat: WeChatStandIn, tokens: Tokens) -> None:
    first = await tokens.current()
    wechat.account.tokens.replace()
    second = await tokens.instead_of(first)
    wechat.account.tokens.check(second)
    assert wechat.account.tokens.forced == []
    assert await tokens.instead_of(first) == second, "who comes later gets that"
    assert await tokens.current() == second


async def test_one_that_is_still_given_is_replaced_by_force_once_for_all(wechat: WeChatStandIn, tokens: Tokens) -> None:
    first = await tokens.current()
    wechat.account.tokens.refuse_newest()
    given = await asyncio.gather(*(tokens.instead_of(first) for _ in range(20)))
    assert len(set(given)) == 1
    wechat.account.tokens.check(given[0])
    assert len(wechat.account.tokens.forced) == 1
    assert len(wechat.calls(NAME)) == 3


async def test_replicas_do_not_force_it_against_one_another(wechat: WeChatStandIn, clock: SetClock) -> None:
    shared = OwnGuard(clock)
    here, there = replica(wechat, shared), replica(wechat, shared)
    first = await here.current()
    await there.current()
    wechat.account.tokens.refuse_newest()
    assert await here.instead_of(first) == await there.instead_of(first)
    assert len(wechat.account.tokens.forced) == 1
    for one in (here, there):
        await one.close()


async def test_without_leave_it_is_not_forced_and_nobody_hammers(
    wechat: WeChatStandIn, tokens: Tokens, clock: SetClock
) -> None:
    refused = await tokens.current()
    for _ in range(100):  # each new one is refused as well, for whatever reason
        wechat.account.tokens.refuse_newest()
        (outcome,) = await asyncio.gather(tokens.instead_of(refused), return_exceptions=True)
        if isinstance(outcome, str):
            refused = outcome
        else:
            assert isinstance(outcome, WeChatError)
            assert outcome.code == 40001
        clock.advance(seconds=5)
    forced = wechat.account.tokens.forced
    assert len(forced) <= 500 // 30 + 1
    assert all((later - sooner).total_seconds() >= 30 for sooner, later in pairwise(forced))


async def test_a_day_has_twenty_forced_ones(wechat: WeChatStandIn, tokens: Tokens, clock: SetClock) -> None:
    refused = await tokens.current()
    for _ in range(40):
        wechat.account.tokens.refuse_newest()
        (outcome,) = await asyncio.gather(tokens.instead_of(refused), return_exceptions=True)
        refused = outcome if isinstance(outcome, str) else refused
        clock.advance(minutes=1)
    assert len(wechat.account.tokens.forced) == 20
    assert await code_of(tokens, refused) == 40001


async def test_a_quota_of_forced_ones_that_others_used_up_is_not_taken_for_that_of_messages(
    wechat: WeChatStandIn, tokens: Tokens, clock: SetClock
) -> None:
    refused = await tokens.current()
    wechat.account.tokens.refuse_newest()
    wechat.faults.add(errcode(45009), method=NAME, when=lambda given: given["force_refresh"])
    assert await code_of(tokens, refused) == 40001
    clock.advance(minutes=1)
    wechat.account.tokens.check(await tokens.instead_of(refused))


async def test_nothing_that_is_shown_of_it_bears_the_secret(wechat: WeChatStandIn, tokens: Tokens) -> None:
    token = await tokens.current()
    wechat.stop()
    (error,) = await asyncio.gather(replica(wechat).current(), return_exceptions=True)
    wechat.start()
    assert isinstance(error, NetworkError)
    assert (error.__cause__, error.__suppress_context__) == (None, True)
    for shown in (repr(error), str(error), repr(tokens)):
        assert token not in shown
        assert wechat.account.secret not in shown
