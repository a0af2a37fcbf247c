"""How fast is too fast."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.channels.webchat import WebChatSettings
from bot.channels.webchat_frames import TEXT_LIMIT
from bot.channels.webchat_limits import Allowance
from tests.bot.channels.web_visitor import Visitor, visitor_of
from tests.set_clock import SetClock
from tests.web_chat_double import EchoBot


def test_all_of_it_at_once_then_steadily() -> None:
    clock = SetClock()
    allowance = Allowance(3, 60, clock)
    assert [allowance.take("a") for _ in range(3)] == [0, 0, 0]
    assert allowance.take("a") == 20
    clock.advance(seconds=20)
    assert allowance.take("a") == 0
    assert allowance.take("a") == 20


def test_several_are_taken_at_once_or_not_at_all() -> None:
    clock = SetClock()
    allowance = Allowance(3, 60, clock)
    assert allowance.take("a", 2) == 0
    assert allowance.take("a", 2) == 20
    assert allowance.take("a") == 0


def test_more_than_all_takes_all_there_is() -> None:
    clock = SetClock()
    allowance = Allowance(3, 60, clock)
    assert allowance.take("a", 11) == 0
    assert allowance.take("a") == 20
    assert allowance.take("a", 11) == 60


def test_one_does_not_use_up_the_others() -> None:
    allowance = Allowance(1, 60, SetClock())
    assert allowance.take("a") == 0
    assert allowance.take("b") == 0
    assert allowance.take("a") == 60


def test_a_clock_that_was_set_back_shuts_nobody_out_for_long() -> None:
    clock = SetClock()
    allowance = Allowance(1, 60, clock)
    allowance.take("a")
    clock.advance(seconds=-7 * 24 * 3600)
    assert allowance.take("a") <= 60


@given(st.lists(st.floats(0, 30), max_size=60))
def test_never_more_than_twice_the_count_in_any_span(pauses: list[float]) -> None:
    clock = SetClock()
    allowance = Allowance(5, 60, clock)
    taken = []
    for pause in pauses:
        clock.advance(seconds=pause)
        if allowance.take("a") == 0:
            taken.append(clock.now)
    for start in taken:
        assert len([moment for moment in taken if start <= moment < start + timedelta(seconds=60)]) <= 10


def test_who_has_all_room_back_is_forgotten() -> None:
    clock = SetClock()
    allowance = Allowance(2, 60, clock)
    for number in range(10_000):
        allowance.take(str(number))
        clock.advance(seconds=0.1)
    assert len(allowance._full_again) < 5000


async def test_too_many_messages_are_refused_for_a_while(bot: EchoBot) -> None:
    visitor = await visitor_of(bot, WebChatSettings(messages_per_minute=3))
    async with visitor.page() as page:
        for number in range(3):
            assert (await page.says("快", f"m-{number}"))[-1]["type"] == "accepted"
        refused = (await page.says("快", "m-3"))[-1]
    assert refused["reason"] == "发得太快了，请稍等一会儿。"
    assert 0 < refused["retry_after"] <= 20
    assert len(bot.heard) == 3


async def test_a_very_long_message_counts_as_several(bot: EchoBot) -> None:
    visitor = await visitor_of(bot, WebChatSettings(messages_per_minute=20))
    async with visitor.page() as page:
        assert (await page.says("长" * TEXT_LIMIT, "m-1"))[-1]["type"] == "accepted"
        assert (await page.says("长" * TEXT_LIMIT, "m-2"))[-1]["retry_after"] > 0
        assert (await page.says("短", "m-3"))[-1]["type"] == "accepted"


async def test_junk_counts_too(bot: EchoBot) -> None:
    visitor = await visitor_of(bot, WebChatSettings(messages_per_minute=3))
    async with visitor.page() as page:
        for _ in range(3):
            page.send("junk")
            await page.receive()
        assert (await page.says("快", "m-3"))[-1]["retry_after"] > 0


async def test_a_network_has_a_limit_of_its_own(bot: EchoBot) -> None:
    visitor = await visitor_of(bot, WebChatSettings(messages_per_minute_of_network=2))
    assert bot.channel
    other = Visitor(bot.channel)
    await other.come()
    async with visitor.page() as one, other.page() as two:
        await one.says("一", "m-1")
        await two.says("二", "m-1")
        assert (await two.says("三", "m-2"))[-1]["type"] == "refused"


async def test_too_many_pages_of_one_person_are_told_so(bot: EchoBot) -> None:
    visitor = await visitor_of(bot, WebChatSettings(open_at_once=1))
    async with visitor.page() as first, visitor.page() as second:
        assert "关掉几个页面" in (await second.receive())["reason"]
        assert await second.closing_code() == 4429
        assert (await first.says("还在", "m-1"))[-1]["type"] == "accepted"


async def test_too_many_pages_from_one_network_are_told_so(bot: EchoBot) -> None:
    visitor = await visitor_of(bot, WebChatSettings(open_at_once_of_network=1))
    assert bot.channel
    neighbour = Visitor(bot.channel)
    await neighbour.come()
    async with visitor.page() as first:
        await first.told()
        async with neighbour.page() as second:
            assert "新访客太多" in (await second.receive())["reason"]
    async with neighbour.page() as second:
        assert await second.told() == []


async def test_connecting_again_and_again_is_slowed_down(bot: EchoBot) -> None:
    visitor = await visitor_of(bot, WebChatSettings(connections_per_minute=2))
    for _ in range(2):
        async with visitor.page() as page:
            await page.told()
    async with visitor.page() as page:
        refused = await page.receive()
        assert refused["retry_after"] > 0
        assert await page.closing_code() == 4429


async def test_new_visitors_of_one_network_are_limited(bot: EchoBot) -> None:
    visitor = await visitor_of(bot, WebChatSettings(identities_per_hour_of_network=2))
    assert bot.channel
    assert (await Visitor(bot.channel).come()).status_code == 200
    refused = await Visitor(bot.channel).come()
    assert (refused.status_code, refused.text) == (429, "从这个网络来的新访客太多，请过一会儿再打开。")
    assert int(refused.headers["retry-after"]) > 0
    assert (await visitor.come()).status_code == 200  # known already
