"""The way out: how fast a channel and a chat are written to."""

import asyncio
from itertools import pairwise

from bot.channels.base import Limits, Outcome, Sent
from handlers.messages import Outbound
from tests.bot.mailing import Mail, Puppet, limited, most_in_a_second
from tests.virtual_time import VirtualClock, VirtualLoop, in_virtual_time


@in_virtual_time
async def test_a_channel_never_sends_more_than_its_limit_in_any_second(mail: Mail) -> None:
    channel = limited(30, takes=0.2)
    for person in range(60):
        mail.post(f"p{person}", "one", "two", "three")
    async with mail.replica(channel):
        await asyncio.sleep(7)
    assert len(channel.left) == 180
    assert most_in_a_second(channel.moments) <= 30
    assert max(channel.moments) < 180 / 30 * 1.1, "the limit is used"


@in_virtual_time
async def test_a_pause_is_not_made_up_for_by_a_burst(mail: Mail) -> None:
    channel = limited(10)
    async with mail.replica(channel) as sender:
        await asyncio.sleep(100)
        for person in range(40):
            sender.wake(mail.post(f"p{person}", "hello", at=VirtualClock()()))
        await asyncio.sleep(5)
    assert len(channel.left) == 40
    assert most_in_a_second(channel.moments) <= 10
    gaps = [later - earlier for earlier, later in pairwise(channel.moments)]
    assert min(gaps) > 0.099


@in_virtual_time
async def test_a_process_that_was_held_up_does_not_make_up_for_it_in_a_burst(mail: Mail) -> None:
    channel = limited(30)
    for person in range(120):
        mail.post(f"p{person}", "hello")
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)
    async with mail.replica(channel):
        for _ in range(4):
            await asyncio.sleep(0.9)
            loop.passes(0.5)  # something else has it for so long
        await asyncio.sleep(5)
    assert len(channel.left) == 120
    assert most_in_a_second(channel.moments) <= 30


@in_virtual_time
async def test_what_was_held_up_on_its_way_is_counted_where_it_arrives(mail: Mail) -> None:
    arrived: list[float] = []

    class Network(Puppet):
        async def send(self, message: Outbound) -> Outcome:
            await asyncio.sleep(0.4 if int(message.text) % 50 == 7 else 0.02)
            arrived.append(asyncio.get_running_loop().time())
            await asyncio.sleep(0.02)
            return Sent()

    for number in range(300):
        mail.post(f"p{number}", str(number))
    async with mail.replica(Network(limits=Limits(per_second=30, chat_interval=0.0))):
        await asyncio.sleep(15)
    assert len(arrived) == 300
    assert most_in_a_second(arrived) <= 30
    assert max(arrived) - min(arrived) < 300 / 30 * 1.25, "and no more time is lost than was on the way"


@in_virtual_time
async def test_two_replicas_share_a_limit_and_never_a_chat(mail: Mail) -> None:
    channel = limited(20, takes=0.3)
    for person in range(40):
        mail.post(f"p{person}", "one", "two", "three")
    async with mail.replica(channel), mail.replica(channel):
        await asyncio.sleep(8)
    assert len(channel.left) == 120
    assert most_in_a_second(channel.moments) <= 20
    assert max(channel.moments) < 120 / 20 * 1.2
    for person in range(40):
        assert [one.text for _, one in channel.left if one.address == f"p{person}"] == ["one", "two", "three"]


@in_virtual_time
async def test_messages_to_one_chat_keep_their_distance(mail: Mail) -> None:
    channel = limited(30, chat_interval=1.0)
    mail.post("a", "one", "two", "three")
    mail.post("b", "other")
    async with mail.replica(channel), mail.replica(channel):
        await asyncio.sleep(5)
    first, second, third = (channel.at(text)[0] for text in ("one", "two", "three"))
    assert 1.0 <= second - first < 1.1
    assert 1.0 <= third - second < 1.1
    assert channel.at("other")[0] < 0.1


@in_virtual_time
async def test_a_slow_channel_gets_through(mail: Mail) -> None:
    channel = limited(0.05)
    for person in range(6):
        mail.post(f"p{person}", "hello")
    async with mail.replica(channel):
        await asyncio.sleep(110)
    assert len(channel.left) == 6
    assert min(later - earlier for earlier, later in pairwise(channel.moments)) >= 20
