"""The way out: what people and platforms see of it, whatever fails."""

import asyncio
from datetime import timedelta
from itertools import pairwise

import pytest
from sqlalchemy import Engine, select, update
from structlog.testing import capture_logs

from bot.channels.base import Failure, Limits, NotSent, Outcome, Sent
from bot.sender import LEASE, LOOK_EVERY, Delivery
from handlers.messages import File, Inbound, Kind
from storage.database import reading, transaction
from storage.tables import attachments, leases, paces
from tests.bot.mailing import Mail, Puppet, most_in_a_second
from tests.virtual_time import BEGAN, VirtualClock, in_virtual_time


@pytest.fixture
def mail(engine: Engine) -> Mail:
    return Mail(engine)


def limited(per_second: float, chat_interval: float = 0.0, **more: float) -> Puppet:
    return Puppet(limits=Limits(per_second, chat_interval), takes=more.get("takes", 0.0))


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


# --- how fast


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


# --- failures


@in_virtual_time
async def test_a_failed_send_is_tried_again_when_the_platform_says_so(mail: Mail) -> None:
    again = NotSent(Failure.RETRY, "502", BEGAN + timedelta(seconds=40))
    channel = Puppet(answers={"first": [again]})
    mail.post("a", "first", "second")
    mail.post("b", "other")
    async with mail.replica(channel):
        await asyncio.sleep(39)
        assert sorted(channel.texts) == ["first", "other"]
        assert mail.rows()["first"].failure == "retry 502"
        await asyncio.sleep(2)
    assert channel.texts[-2:] == ["first", "second"]
    assert 40 <= channel.at("first")[1] < 40.1
    assert mail.rows()["first"].attempts == 2


@in_virtual_time
async def test_tries_grow_further_apart(mail: Mail) -> None:
    channel = Puppet(answers={"hello": [NotSent(Failure.RETRY) for _ in range(12)]})
    mail.post("a", "hello")
    async with mail.replica(channel):
        await asyncio.sleep(1500)
    gaps = [later - earlier for earlier, later in pairwise(channel.moments)]
    assert gaps[:5] == pytest.approx([1, 2, 4, 8, 16], abs=0.1)
    assert gaps[8:] == pytest.approx([256, 300, 300, 300], abs=0.1)
    assert mail.states() == {"hello": "sent"}


@in_virtual_time
async def test_a_channels_own_fault_is_tried_again(mail: Mail) -> None:
    channel = Puppet(answers={"hello": [ValueError("secret")]})
    mail.post("a", "hello")
    with capture_logs() as logged:
        async with mail.replica(channel):
            await asyncio.sleep(2)
    assert mail.states() == {"hello": "sent"}
    assert [entry["event"] for entry in logged] == ["send_fault"]
    assert "secret" not in str(logged)
    assert "hello" not in str(logged)


@in_virtual_time
async def test_a_send_that_hangs_is_given_up_before_its_lease_ends(mail: Mail) -> None:
    channel = Puppet(takes=1000)
    mail.post("a", "hello")
    async with mail.replica(channel):
        await asyncio.sleep(LEASE.total_seconds() - 1)
        assert mail.rows()["hello"].failure == "retry TimeoutError"


@in_virtual_time
async def test_a_pause_of_the_platform_stops_that_channel_in_every_replica(mail: Mail) -> None:
    channel = limited(10)
    channel.answers["p3"] = [NotSent(Failure.PAUSED, "429", BEGAN + timedelta(seconds=30))]
    other = Puppet(name="plain")
    for person in range(20):
        mail.post(f"p{person}", f"p{person}")
    async with mail.replica(channel, other), mail.replica(channel, other) as second:
        await asyncio.sleep(5)
        second.wake(mail.post("x", "other channel", channel="plain", at=VirtualClock()()))
        await asyncio.sleep(60)
    paused_at = channel.at("p3")[0]
    through_the_pause = [moment for moment in channel.moments if paused_at < moment < 30]
    assert len(through_the_pause) <= 1, "the other replica hears of it after its next send"
    assert most_in_a_second(channel.moments) <= 10
    assert other.moments[0] < 6
    assert set(mail.states().values()) == {"sent"}
    assert len(channel.left) == 21


@in_virtual_time
async def test_a_misconfigured_channel_alerts_and_keeps_everything(mail: Mail) -> None:
    refused = NotSent(Failure.MISCONFIGURED, "401")
    channel = Puppet(answers={"one": [refused, refused]})
    mail.post("a", "one", "two")
    mail.post("b", "three", at=BEGAN + timedelta(seconds=5))
    with capture_logs() as logged:
        async with mail.replica(channel):
            await asyncio.sleep(10)
            assert mail.states() == {"one": "waiting", "two": "waiting", "three": "waiting"}
            with reading(mail.engine) as unit:
                assert unit.read(select(paces.c.fault)).scalars().all() == ["401"]
            await asyncio.sleep(120)
    assert set(mail.states().values()) == {"sent"}
    assert [round(moment) for moment in channel.at("one")] == [0, 60, 120]
    alerts = [entry for entry in logged if entry["log_level"] == "error"]
    assert [entry["event"] for entry in alerts] == ["channel_misconfigured"] * 2


@in_virtual_time
async def test_a_message_that_is_refused_does_not_keep_the_next_one(mail: Mail) -> None:
    channel = Puppet(answers={"bad": [NotSent(Failure.REFUSED, "400")]})
    mail.post("a", "bad", "good")
    async with mail.replica(channel) as sender:
        await sender.quiet()
    assert mail.states() == {"bad": "failed", "good": "sent"}
    assert mail.rows()["bad"].settled_at is not None


@in_virtual_time
async def test_who_is_absent_gets_their_messages_when_they_are_back(mail: Mail) -> None:
    channel = Puppet(answers={"one": [NotSent(Failure.ABSENT)]})
    mail.post("a", "one", "two")
    mail.post("b", "other")
    async with mail.replica(channel) as sender:
        await asyncio.sleep(100)
        assert mail.states() == {"one": "held", "two": "held", "other": "sent"}
        assert mail.unreachable("a") is None
        await sender.arrived("tap", ["a", "nobody"])
        await sender.quiet()
    assert channel.texts[-2:] == ["one", "two"]


@in_virtual_time
async def test_who_arrives_while_we_find_them_absent_is_not_left_waiting(mail: Mail) -> None:
    channel = Puppet(answers={"one": [NotSent(Failure.ABSENT)]}, takes=2)
    mail.post("a", "one")
    async with mail.replica(channel) as sender:
        await asyncio.sleep(1)
        channel.connected.add("a")
        await sender.arrived("tap", ["a"])
        await asyncio.sleep(4)
    assert channel.texts == ["one", "one"]
    assert mail.states() == {"one": "sent"}


@in_virtual_time
async def test_who_came_without_a_word_is_found_by_looking(mail: Mail) -> None:
    channel = Puppet(answers={"one": [NotSent(Failure.ABSENT)]})
    mail.post("a", "one")
    async with mail.replica(channel):
        await asyncio.sleep(1)
        channel.connected.add("a")
        await asyncio.sleep(LOOK_EVERY)
    assert mail.states() == {"one": "sent"}


@pytest.mark.parametrize(
    ("outcome", "reason"),
    [
        (NotSent(Failure.UNREACHABLE, "blocked"), "blocked"),
        (NotSent(Failure.WINDOW_CLOSED, "45015"), "45015"),
        (NotSent(Failure.UNREACHABLE), "unreachable"),
    ],
)
@in_virtual_time
async def test_who_cannot_be_reached_is_marked_until_they_write_again(
    mail: Mail, outcome: NotSent, reason: str
) -> None:
    channel = Puppet(answers={"one": [outcome]})
    mail.post("a", "one", "two")
    async with mail.replica(channel) as sender:
        await asyncio.sleep(100)
        assert mail.states() == {"one": "held", "two": "held"}
        assert mail.unreachable("a") == reason
        inbound = Inbound("tap", "a", "k1", Kind.TEXT, mail.town.now, text="你好")
        mail.town.now = VirtualClock()()
        mail.town.hand_in(inbound)
        sender.wake([("tap", 0)])
        await asyncio.sleep(1)
    assert mail.unreachable("a") is None
    assert channel.texts[:3] == ["one", "one", "two"]
    assert set(mail.states().values()) == {"sent"}


@in_virtual_time
async def test_a_chat_that_moved_is_written_to_at_its_new_address(mail: Mail) -> None:
    channel = Puppet(answers={"one": [NotSent(Failure.RETRY, "400", moved_to="-100a")]})
    mail.post("a", "one")
    async with mail.replica(channel):
        await asyncio.sleep(3)
    assert [message.address for _, message in channel.left] == ["a", "-100a"]


@in_virtual_time
async def test_a_file_that_is_not_ready_is_waited_for(mail: Mail) -> None:
    recipe = {"kind": "ledger", "name": "台账.xlsx", "media_type": "application/x", "arguments": {}}
    mail.post("a", "here", "after", file=recipe)
    with reading(mail.engine) as unit:
        first, second = unit.read(select(attachments.c.id).order_by(attachments.c.id)).scalars()
    made = File("/somewhere", "台账.xlsx", "application/x")
    files: dict[int, File | Exception] = {first: RuntimeError("disk"), second: made}
    channel = Puppet()
    async with mail.replica(channel, files=files):
        await asyncio.sleep(0.5)
        assert channel.left == []
        files[first] = made
        await asyncio.sleep(2)
    assert [(message.text, message.file) for _, message in channel.left] == [("here", made), ("after", made)]


@pytest.mark.parametrize(
    "outcome",
    [
        Sent("\x00\ud800" + "9" * 500),
        NotSent(Failure.REFUSED, "\x00\udfff" + "x" * 500),
        NotSent(Failure.UNREACHABLE, "\x00" + "x" * 500, moved_to="\ud800" + "9" * 500),
    ],
)
@in_virtual_time
async def test_whatever_a_platform_says_is_recorded(mail: Mail, outcome: Outcome) -> None:
    channel = Puppet(answers={"one": [outcome]})
    mail.post("a", "one")
    mail.post("b", "two")
    with capture_logs() as logged:
        async with mail.replica(channel):
            await asyncio.sleep(60)
    assert logged == []
    assert (channel.texts.count("one"), channel.texts.count("two")) == (1, 1)


@in_virtual_time
async def test_a_fault_of_who_listens_does_not_stop_the_mail(mail: Mail) -> None:
    channel = Puppet()

    def fail(_: Delivery) -> None:
        raise RuntimeError

    mail.on_sent = fail
    mail.post("a", "one")
    mail.post("b", "two")
    with capture_logs() as logged:
        async with mail.replica(channel):
            await asyncio.sleep(5)
    assert set(mail.states().values()) == {"sent"}
    assert {entry["event"] for entry in logged} == {"sender_fault"}


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
