"""The way out: in what order things leave, how it is woken, and how it ends."""

import asyncio

from sqlalchemy import select, update

from bot.channels.base import Failure, NotSent
from bot.sender import LEASE, LOOK_EVERY
from storage.database import reading, transaction
from storage.tables import leases
from tests.bot.mailing import Mail, Puppet, limited, most_in_a_second
from tests.virtual_time import BEGAN, VirtualClock, in_virtual_time

# --- order


@in_virtual_time
async def test_a_chat_gets_its_messages_in_order_and_each_once(mail: Mail) -> None:
    channel = Puppet(takes=0.1)
    mail.post("a", *"一二三四五六七八九十")
    async with mail.replica(channel) as sender:
        await sender.quiet()
    assert channel.texts == list("一二三四五六七八九十")
    assert set(mail.states().values()) == {"sent"}


@in_virtual_time
async def test_replies_go_before_prompts_and_prompts_before_announcements(mail: Mail) -> None:
    channel = limited(5)
    for person in range(8):
        mail.post(f"p{person}", "announcement", priority=2)
    mail.post("p0", "prompt in the same chat", priority=1)
    mail.post("p9", "prompt", priority=1)
    mail.post("p7", "reply in the same chat")
    mail.post("p8", "reply")
    async with mail.replica(channel) as sender:
        await asyncio.sleep(10)
        await sender.quiet()
    assert [text.split()[0] for text in channel.texts] == ["reply"] * 2 + ["prompt"] * 2 + ["announcement"] * 8


@in_virtual_time
async def test_a_reply_overtakes_a_large_audience(mail: Mail) -> None:
    channel = limited(10)
    for person in range(200):
        mail.post(f"p{person}", "announcement", priority=2)
    async with mail.replica(channel) as sender:
        await asyncio.sleep(5)
        sender.wake(mail.post("me", "reply", at=VirtualClock()()))
        await asyncio.sleep(3)
    assert len(channel.at("reply")) == 1
    assert len(channel.left) < 100


# --- being woken


@in_virtual_time
async def test_what_was_left_behind_goes_out_without_waiting_for_looks(mail: Mail) -> None:
    channel = Puppet()
    for person in range(300):
        mail.post(f"p{person}", "hello")
    async with mail.replica(channel) as sender:
        await sender.quiet()
        assert asyncio.get_running_loop().time() < 1
    assert len(channel.left) == 300


@in_virtual_time
async def test_what_no_wake_told_of_is_found_soon(mail: Mail) -> None:
    channel = Puppet()
    async with mail.replica(channel):
        await asyncio.sleep(1)
        mail.post("a", "from elsewhere")
        await asyncio.sleep(LOOK_EVERY)
    assert channel.texts == ["from elsewhere"]


@in_virtual_time
async def test_what_a_killed_replica_had_in_hand_is_sent_when_its_lease_is_over(mail: Mail) -> None:
    channel = Puppet()
    ((_, account),) = mail.post("a", "hello")
    with transaction(mail.engine) as unit:
        unit.write(leases.insert().values(account_id=account, token="of the dead", until=BEGAN + LEASE))
    async with mail.replica(channel):
        await asyncio.sleep(LEASE.total_seconds() + LOOK_EVERY)
    assert len(channel.left) == 1
    assert channel.moments[0] >= LEASE.total_seconds()


# --- leases and the end


@in_virtual_time
async def test_who_lost_the_lease_no_longer_decides(mail: Mail) -> None:
    channel = Puppet(answers={"one": [NotSent(Failure.UNREACHABLE, "blocked")]}, takes=5)
    ((_, account),) = mail.post("a", "one", "two")
    async with mail.replica(channel):
        await asyncio.sleep(1)
        with transaction(mail.engine) as unit:
            unit.write(update(leases).where(leases.c.account_id == account).values(token="another's"))
        await asyncio.sleep(6)
        assert mail.states() == {"one": "waiting", "two": "waiting"}
        assert mail.rows()["one"].attempts == 0
        assert mail.unreachable("a") is None
        with reading(mail.engine) as unit:
            assert unit.read(select(leases.c.token)).scalars().all() == ["another's"]


@in_virtual_time
async def test_a_graceful_stop_finishes_what_is_being_sent_and_leaves_the_rest(mail: Mail) -> None:
    channel = limited(2, takes=0.3)
    for person in range(5):
        mail.post(f"p{person}", f"text {person}")
    async with mail.replica(channel):
        await asyncio.sleep(1.2)
    assert len(channel.left) == 3, "the fourth was waiting for its moment"
    assert sorted(mail.states().values()) == ["sent"] * 3 + ["waiting"] * 2
    with reading(mail.engine) as unit:
        assert unit.read(select(leases)).all() == [], "another replica can take them at once"
    async with mail.replica(channel):
        await asyncio.sleep(5)
    assert sorted(channel.texts) == [f"text {person}" for person in range(5)]
    assert most_in_a_second(channel.moments) <= 2


@in_virtual_time
async def test_what_happened_is_told_once_it_is_recorded(mail: Mail) -> None:
    channel = Puppet(answers={"one": [NotSent(Failure.RETRY, "502")]})
    mail.post("a", "one")
    async with mail.replica(channel):
        await asyncio.sleep(5)
    told = [(delivery.channel, delivery.account, delivery.outcome) for delivery in mail.deliveries]
    assert told == [("tap", "a", "retry"), ("tap", "a", "sent")]
    assert mail.rows()["one"].platform_id.startswith("p-o")


@in_virtual_time
async def test_mail_for_a_channel_that_is_switched_off_waits(mail: Mail) -> None:
    channel = Puppet()
    mail.post("x", "for another", channel="plain")
    async with mail.replica(channel) as sender:
        sender.wake([("plain", 1)])
        await asyncio.sleep(20)
    assert mail.states() == {"for another": "waiting"}
