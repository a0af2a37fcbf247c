"""One ticket for all pages of a process, renewed in time, and never asked for again and again."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from bot.channels.wechat_http import NetworkError, WeChatError
from bot.channels.wechat_ticket import EARLY, PAUSE, Tickets, page_signature
from tests.bot.channels.wechat_api_stage import api_of, clock, wechat
from tests.bot_api.faults import Effect, bad_gateway, drops_after, garbles
from tests.set_clock import SetClock
from tests.wechat_api import WeChatStandIn, errcode

__all__ = ["clock", "wechat"]

NAME = "ticket/getticket"


@pytest.fixture
async def tickets(wechat: WeChatStandIn) -> AsyncIterator[Tickets]:
    api = api_of(wechat)
    yield Tickets(api.page_ticket, wechat.clock)
    await api.close()


def asked(wechat: WeChatStandIn) -> int:
    return len(wechat.calls(NAME))


async def test_those_who_ask_at_once_share_one_request(wechat: WeChatStandIn, tickets: Tickets) -> None:
    assert len({await one for one in [tickets.current() for _ in range(50)]}) == 1
    assert len(set(await asyncio.gather(*(tickets.current() for _ in range(50))))) == asked(wechat) == 1


async def test_it_is_renewed_early_and_not_again_and_again(
    wechat: WeChatStandIn, tickets: Tickets, clock: SetClock
) -> None:
    first = await tickets.current()
    clock.advance(seconds=7200 - EARLY.total_seconds() - 1)
    assert (await tickets.current(), asked(wechat)) == (first, 1)
    clock.advance(seconds=1)
    for _ in range(5):  # WeChat has no other one yet
        assert await tickets.current() == first
    assert asked(wechat) == 2
    clock.advance(seconds=EARLY.total_seconds())
    assert await tickets.current() != first
    assert asked(wechat) == 3


_FAULTS = {"refused": errcode(45009), "no gateway": bad_gateway(), "cut off": drops_after(), "garbled": garbles()}


@pytest.mark.parametrize("effect", _FAULTS.values(), ids=_FAULTS)
async def test_where_there_is_none_it_is_asked_for_once_in_a_while(
    wechat: WeChatStandIn, tickets: Tickets, clock: SetClock, effect: Effect
) -> None:
    wechat.faults.add(effect, method=NAME)
    for _ in range(5):
        with pytest.raises((WeChatError, NetworkError)) as refused:
            await tickets.current()
        assert "ticket" not in str(refused.value)
    assert len(wechat.calls("stable_token")) == 1
    clock.advance(seconds=PAUSE.total_seconds() - 1)
    with pytest.raises((WeChatError, NetworkError)):
        await tickets.current()
    clock.advance(seconds=1)
    assert await tickets.current()


async def test_while_there_is_no_other_the_one_before_is_used_to_its_end(
    wechat: WeChatStandIn, tickets: Tickets, clock: SetClock
) -> None:
    first = await tickets.current()
    wechat.faults.add(errcode(-1), method=NAME, times=None)
    clock.advance(seconds=7199)
    assert await tickets.current() == first
    clock.advance(seconds=PAUSE.total_seconds())
    with pytest.raises(WeChatError) as refused:
        await tickets.current()
    assert refused.value.code == -1


async def test_an_old_token_is_replaced_for_it(wechat: WeChatStandIn, tickets: Tickets) -> None:
    await tickets.current()
    other = Tickets((api := api_of(wechat)).page_ticket, wechat.clock)
    await api.token_works()
    wechat.account.tokens.replace()
    assert await other.current() == await tickets.current()
    await api.close()


def test_a_page_is_signed_as_documented() -> None:
    """The example of "JS-SDK使用权限签名算法"."""
    ticket = "sM4AOVdWfPE4DxkXGEs8VMCPGGVi4C3VM0P37wVUCFvkVAy_90u5h9nbSlYy3-Sl-HhTdfl2fzFy1AOcHKP7qg"
    url = "http://mp.weixin.qq.com?params=value"
    signature = "0f9de62fce790f9a083d5c99e95740ceb90c27ed"
    assert page_signature(ticket, "Wm3WZYTPz0wzccnW", 1414587457, url) == signature
