"""Pages that read slowly, or whose line breaks."""

import asyncio

import pytest

from bot.channels.base import Failure, NotSent, Sent
from tests.bot.channels.web_visitor import Visitor, notice
from tests.web_chat_double import EchoBot


async def test_a_page_that_does_not_read_neither_holds_up_sends_nor_others(bot: EchoBot, visitor: Visitor) -> None:
    assert bot.channel
    async with visitor.page() as slow, visitor.page() as quick:
        await asyncio.gather(slow.told(), quick.told())
        slow.stick()
        for number in range(1, 401):
            assert await bot.channel.send(notice(visitor.account, number)) == Sent()
            assert (await quick.receive())["message_id"] == number
        assert slow.serving
        await slow.serving  # let go by the channel
        assert await bot.channel.send(notice(visitor.account, 401)) == Sent()


async def test_a_lone_page_that_does_not_read_is_absent_once_it_is_let_go(bot: EchoBot, visitor: Visitor) -> None:
    assert bot.channel
    async with visitor.page() as slow:
        await slow.told()
        slow.stick()
        outcomes = [await bot.channel.send(notice(visitor.account, number)) for number in range(1, 400)]
    assert outcomes[0] == Sent()
    assert outcomes[-1] == NotSent(Failure.ABSENT)


async def test_a_page_whose_line_breaks_is_forgotten(bot: EchoBot, visitor: Visitor) -> None:
    assert bot.channel
    async with visitor.page() as page:
        await page.told()
        page.broken = True
        await bot.say(visitor.account, "听得到吗")
        assert page.serving
        await page.serving
        assert visitor.account not in bot.channel.present()


async def test_a_page_whose_line_breaks_while_it_hears_the_history_is_forgotten(bot: EchoBot, visitor: Visitor) -> None:
    assert bot.channel
    bot.write(visitor.account, "旧的")
    async with visitor.page() as page:
        page.broken = True
        assert page.serving
        await page.serving
        assert visitor.account not in bot.channel.present()
    assert not bot.arrivals


async def test_stopping_does_not_wait_for_a_page_that_does_not_read(
    bot: EchoBot, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert bot.channel
    monkeypatch.setattr("bot.channels.webchat_socket._PARTING", 0.0)
    async with visitor.page() as page:
        await page.told()
        page.stick()
        await bot.say(visitor.account, "再见")
        await bot.channel.stop()
        assert visitor.account not in bot.channel.present()


async def test_stopping_breaks_off_a_history(bot: EchoBot, visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    assert bot.channel
    monkeypatch.setattr("bot.channels.webchat_socket._PARTING", 0.0)
    bot.write(visitor.account, "旧的")
    async with visitor.page() as page:
        page.stick()
        await asyncio.sleep(0)
        await bot.channel.stop()
        assert not bot.arrivals
