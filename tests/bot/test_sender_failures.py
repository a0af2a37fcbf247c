"""The way out: what people and platforms see of it, whatever fails."""

import asyncio
from datetime import timedelta
from itertools import pairwise

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from bot.channels.base import Failure, NotSent, Outcome, Sent
from bot.sender import LEASE, LOOK_EVERY, Delivery
from handlers.messages import File, Inbound, Kind
from storage.database import reading
from storage.paces import Paces
from storage.tables import attachments
from tests.bot.mailing import Mail, Puppet, limited, most_in_a_second
from tests.virtual_time import BEGAN, VirtualClock, in_virtual_time


def faults(mail: Mail) -> list[tuple[str, str]]:
    with reading(mail.engine) as unit:
        return Paces(unit, VirtualClock()()).faults()


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
            assert faults(mail) == [("tap", "401")]
            await asyncio.sleep(120)
            assert faults(mail) == []
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
async def test_what_is_written_later_does_not_overtake_what_was_held(mail: Mail) -> None:
    """Another replica found them absent, and nobody was told that they are here."""
    channel = Puppet(answers={"one": [NotSent(Failure.ABSENT)]})
    mail.post("a", "one", "two")
    async with mail.replica(channel) as sender:
        await sender.quiet()
        assert mail.states() == {"one": "held", "two": "held"}
        sender.wake(mail.post("a", "three"))
        await sender.quiet()
    assert channel.texts == ["one", "one", "two", "three"]
    assert set(mail.states().values()) == {"sent"}


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
        (NotSent(Failure.WINDOW_CLOSED, "45015"), "window_closed"),
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
