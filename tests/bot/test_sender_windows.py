"""Pushing through windows that people open, and channels on which nothing is pushed at all."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from bot.channels.base import Failure, NotSent, Sent
from bot.sender import AT_ONCE, LOOK_EVERY
from handlers.messages import Inbound, Kind, Outbound, Window
from storage.database import reading, transaction
from storage.messages import Messages
from storage.outbox_states import AWAITS_CONTACT
from storage.push_windows import Opened, PushWindows
from storage.tables import messages, outbox, push_windows
from tests.bot.mailing import Mail, Puppet
from tests.conversing import BUTTONS
from tests.virtual_time import BEGAN, VirtualClock, in_virtual_time

WINDOWS = replace(BUTTONS, windows=True)
MUTE = replace(BUTTONS, pushes=False)
OPENS = Window("message", 5, timedelta(hours=48))


def opens(mail: Mail, external_id: str, room: int = 5, name: str = "message", seconds: float = 3600.0) -> None:
    account = mail.account(external_id)
    with transaction(mail.engine) as unit:
        PushWindows(unit, BEGAN).open([Opened(account, name, room, BEGAN + timedelta(seconds=seconds))])


def rooms(mail: Mail) -> dict[str, int]:
    with reading(mail.engine) as unit:
        return {row.name: row.room for row in unit.read(select(push_windows.c.name, push_windows.c.room))}


@in_virtual_time
async def test_each_send_is_told_how_much_room_there_is_and_its_use_is_counted(mail: Mail) -> None:
    channel = Puppet(
        capabilities=WINDOWS, answers={"one": [Sent("p1", used=1)], "two": [Sent("p2", used=2)], "three": [Sent("p3")]}
    )
    opens(mail, "a")
    mail.post("a", "one", "two", "three")
    mail.post("b", "elsewhere")
    async with mail.replica(channel):
        await asyncio.sleep(5)
    assert {message.text: message.room for _, message in channel.left} == {
        "one": 5,
        "two": 4,
        "three": 2,
        "elsewhere": 0,
    }
    assert rooms(mail) == {"message": 2}


@in_virtual_time
async def test_a_channel_without_windows_counts_none(mail: Mail) -> None:
    channel = Puppet(answers={"one": [Sent("p1", used=1)]})
    opens(mail, "a")
    mail.post("a", "one")
    async with mail.replica(channel):
        await asyncio.sleep(5)
    assert [message.room for _, message in channel.left] == [0]
    assert rooms(mail) == {"message": 5}


class Carrying(Puppet):
    """A message takes along as many of those that follow it as `most` says, one after another, or all."""

    def __init__(self, most: list[int]) -> None:
        super().__init__(capabilities=WINDOWS)
        self.most, self.read = most, list[str]()

    async def send(self, message: Outbound) -> Sent | NotSent:
        await super().send(message)
        if not message.room:
            return NotSent(Failure.WINDOW_CLOSED, "45015")
        along = message.following[: self.most.pop() if self.most else None]
        self.read += [message.text, *(one.text for one in along)]
        return Sent(used=1, along=tuple(one.message_id for one in along))


_names = count()


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.integers(0, 2), st.booleans()), max_size=12), st.integers(0, 4), st.lists(st.integers(0, 9))
)
def test_in_whatever_portions_each_goes_once_in_order_and_never_more_than_there_is_room_for(
    mail: Mail, drawn: list[tuple[int, bool]], room: int, portions: list[int]
) -> None:
    """Drawn are the priority of each message, and whether it was held before."""
    name = f"p{next(_names)}"
    texts = [f"{name}:{number}" for number in range(len(drawn))]
    for (priority, _), text in zip(drawn, texts, strict=True):
        mail.post(name, text, priority=priority)
    held = [text for (_, is_held), text in zip(drawn, texts, strict=True) if is_held]
    with transaction(mail.engine) as unit:
        theirs = select(messages.c.id).where(messages.c.text.in_(held))
        unit.write(update(outbox).where(outbox.c.message_id.in_(theirs)).values(state="held"))
    channel = Carrying(list(portions))
    if room:
        opens(mail, name, room)
    _sent_in_virtual_time(mail, channel)
    states = {text: state for text, state in mail.states().items() if text.startswith(f"{name}:")}
    in_order = [text for _, text in sorted(zip(drawn, texts, strict=True), key=lambda one: one[0][0])]
    assert channel.read == in_order[: len(channel.read)]
    assert [text for text in in_order if states[text] == "sent"] == channel.read
    assert len([message for _, message in channel.left if message.room]) <= room
    assert set(states.values()) <= {"sent", "held"}
    if room and not portions and not held and drawn:
        assert set(states.values()) == {"sent"}, "nothing that would fit is left"


@in_virtual_time
async def _sent_in_virtual_time(mail: Mail, channel: Puppet) -> None:
    async with mail.replica(channel):
        await asyncio.sleep(5)


@in_virtual_time
async def test_a_refusal_closes_the_window_and_tries_the_next_one_first(mail: Mail) -> None:
    closed = NotSent(Failure.WINDOW_CLOSED, "45015")
    channel = Puppet(capabilities=WINDOWS, answers={"one": [closed, closed]})
    opens(mail, "a", 3, "tap", 60)
    opens(mail, "a", 5)
    mail.post("a", "one", "two")
    async with mail.replica(channel):
        await asyncio.sleep(2 * LOOK_EVERY)
    assert [(message.text, message.room) for _, message in channel.left] == [("one", 3), ("one", 5)]
    assert mail.states() == {"one": "held", "two": "held"}
    assert mail.unreachable("a") == AWAITS_CONTACT
    assert mail.rows()["two"].failure == AWAITS_CONTACT
    assert rooms(mail) == {}


class Writing(Puppet):
    """Its person writes while the first message is in hand, which the platform then refuses."""

    mail: Mail

    async def send(self, message: Outbound) -> Sent | NotSent:
        self.left.append((asyncio.get_running_loop().time(), message))
        if len(self.left) > 1:
            return Sent(f"p{len(self.left)}", used=1)
        self.mail.town.now = VirtualClock()()
        inbound = Inbound("tap", "a", "k1", Kind.TEXT, self.mail.town.now, text="谢谢", opens=OPENS)
        await self.mail.writer.receive(inbound)
        return NotSent(Failure.WINDOW_CLOSED, "45015")


@pytest.mark.parametrize("had_a_window", [True, False])
@in_virtual_time
async def test_who_writes_while_a_message_is_refused_gets_it_and_the_answer(mail: Mail, had_a_window: bool) -> None:
    channel = Writing(capabilities=WINDOWS)
    channel.mail = mail
    if had_a_window:
        opens(mail, "a", 1)
    mail.post("a", "one")
    async with mail.replica(channel):
        await asyncio.sleep(5)
    assert set(mail.states().values()) == {"sent"}
    assert channel.texts[0] == "one"
    assert sorted(channel.texts[1:]) == sorted(mail.states())
    assert mail.unreachable("a") is None
    assert rooms(mail) == {"message": 5 - len(mail.states())}


# --- nothing is pushed


@in_virtual_time
async def test_what_waits_where_nothing_is_pushed_is_held_without_a_send(mail: Mail) -> None:
    mute, tap = Puppet("mute", capabilities=MUTE), Puppet()
    mail.post("a", *(f"t{at}" for at in range(AT_ONCE + 3)), channel="mute")
    mail.post("b", "other")
    async with mail.replica(mute, tap) as sender:
        await asyncio.sleep(1)
        sender.wake(mail.post("c", "late", channel="mute"))
        await sender.quiet()
        assert mail.states()["late"] == "waiting"
        await asyncio.sleep(LOOK_EVERY)
    assert mute.left == []
    states = mail.states()
    assert states.pop("other") == "sent"
    assert set(states.values()) == {"held"}
    assert mail.unreachable("a") == mail.unreachable("c") == AWAITS_CONTACT
    with reading(mail.engine) as unit:
        found = Messages(unit, BEGAN + timedelta(days=1))
        assert (found.waiting(), found.outbox_depth()) == ([], (0, 0.0)), "nobody is told that anything is late"


@in_virtual_time
async def test_a_sender_with_nothing_to_push_to_rests(mail: Mail) -> None:
    looks: list[float] = []
    async with mail.replica(Puppet("mute", capabilities=MUTE)) as sender:
        work = mail.writer.do

        async def counted(what: object) -> object:
            looks.append(asyncio.get_running_loop().time())
            return await work(what)  # type: ignore[arg-type]  # whatever it is

        mail.writer.do = counted  # type: ignore[method-assign, assignment]  # to see how often it is asked
        await asyncio.sleep(10 * LOOK_EVERY)
        await sender.quiet()
    assert 9 <= len(looks) <= 11
