"""Announcements go on by themselves: begun, fed, told of, counted; by as many replicas as there are."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from bot.announcer import CONVERSATION, Announcer
from bot.channels.base import Failure, Limits, NotSent, Outcome
from bot.sender import Sender
from handlers.dispatch import Dispatched
from handlers.messages import Capabilities, Outbound
from storage.announcements import Content
from storage.audit import Actor
from storage.database import reading
from storage.domain.announcements import Kind, State
from storage.store import Store
from storage.tables import prompts
from tests.announced import EVERYBODY, OFFICIALS, Office
from tests.bot.mailing import Mail, Puppet, limited, most_in_a_second
from tests.conversing import BUTTONS
from tests.settlement import on
from tests.virtual_time import BEGAN, VirtualClock, in_virtual_time

EDITS = replace(BUTTONS, edits=True)
LOOKS = 6.0  # seconds until somebody has looked


@pytest.fixture
def office(engine: Engine) -> Office:
    return Office(engine, on(engine), now=BEGAN)


@asynccontextmanager
async def announcing(
    office: Office, tmp_path: Path, *channels: Puppet, shows: Capabilities = BUTTONS
) -> AsyncIterator[tuple[Announcer, Sender]]:
    """A replica: a sender, a writer, and what takes announcements further."""
    mail = Mail(office.engine, tmp_path)
    async with mail.replica(*channels) as sender:
        clock = VirtualClock()
        paces = {channel.name: channel.limits.per_second for channel in channels}

        def on_done(done: Dispatched) -> None:
            sender.wake(done.mail)

        announcer = Announcer(
            mail.writer.do,
            office.engine,
            clock=clock,
            store=lambda unit, now: Store(unit, now, office.areas, channels=paces),
            capabilities={channel.name: shows for channel in channels},
            paces=paces,
            on_done=on_done,
        )
        announcer.start()
        try:
            yield announcer, sender
        finally:
            await announcer.stop()


def told(channel: Puppet, words: str) -> list[str]:
    return [message.text for _, message in channel.left if words in message.text]


@in_virtual_time
async def test_a_confirmed_announcement_begins_at_once_and_reaches_everybody(office: Office, tmp_path: Path) -> None:
    office.residents(400)
    channel = limited(100)
    async with announcing(office, tmp_path, channel) as (announcer, _):
        await asyncio.sleep(7)
        office.now = VirtualClock()()
        number = office.announces()
        announcer.wake()
        await asyncio.sleep(30)
    assert channel.moments[0] <= 8
    assert len(told(channel, "停水")) == 400 + OFFICIALS
    assert most_in_a_second(channel.moments) <= 100
    assert office.state(number) is State.FINISHED
    assert office.totals(number).sent == 400 + OFFICIALS


@in_virtual_time
async def test_what_another_process_announces_is_found(office: Office, tmp_path: Path) -> None:
    channel = Puppet()
    async with announcing(office, tmp_path, channel):
        await asyncio.sleep(1)
        number = office.announces(send_at=BEGAN + timedelta(seconds=20))
        await asyncio.sleep(18)
        assert office.state(number) is State.SCHEDULED
        await asyncio.sleep(4)
    assert office.state(number) is State.FINISHED


@in_virtual_time
async def test_two_replicas_reach_everybody_once(office: Office, tmp_path: Path) -> None:
    office.residents(150)
    number = office.announces()
    one, other = limited(50), limited(50)
    async with announcing(office, tmp_path, one), announcing(office, tmp_path, other):
        await asyncio.sleep(20)
    readers = [message.address for _, message in (*one.left, *other.left) if "停水" in message.text]
    assert len(readers) == len(set(readers)) == 150 + OFFICIALS
    assert office.totals(number).sent == 150 + OFFICIALS
    assert most_in_a_second([*one.moments, *other.moments]) <= 50


@in_virtual_time
async def test_pause_acts_within_two_seconds_and_stop_means_stop(office: Office, tmp_path: Path) -> None:
    office.residents(400)
    number = office.announces()
    channel = limited(20)
    async with announcing(office, tmp_path, channel) as (announcer, _):
        await asyncio.sleep(5)
        office.does(lambda broadcasting: broadcasting.pause(number))
        announcer.wake()
        await asyncio.sleep(60)
        assert max(moment for moment, message in channel.left if "停水" in message.text) <= 7
        sent = len(told(channel, "停水"))
        office.does(lambda broadcasting: broadcasting.resume(number))
        announcer.wake()
        await asyncio.sleep(5)
        assert len(told(channel, "停水")) > sent
        office.does(lambda broadcasting: broadcasting.stop(number))
        announcer.wake()
        await asyncio.sleep(60)
    assert max(moment for moment, message in channel.left if "停水" in message.text) <= 72.1
    assert office.state(number) is State.STOPPED
    totals = office.totals(number)
    assert (totals.sent, totals.waiting) == (len(told(channel, "停水")), 0)


@in_virtual_time
async def test_a_pause_of_one_platform_pauses_that_one_alone(office: Office, tmp_path: Path) -> None:
    office.residents(20)
    office.residents(40, "plain")
    office.announces()
    tap, plain = limited(10), replace(limited(10), name="plain")
    refused = NotSent(Failure.PAUSED, "429", retry_at=BEGAN + timedelta(seconds=30))
    tap.answers = {"【通知】\n明天停水。\n—— 柳河镇人大": [refused]}
    async with announcing(office, tmp_path, tap, plain):
        await asyncio.sleep(15)
        assert len(told(plain, "停水")) == 40
        assert len(told(tap, "停水")) < 5
        await asyncio.sleep(40)
    assert len(told(tap, "停水")) == 20 + OFFICIALS + 1


HOUR = 3_600.0


@dataclass
class Unwilling(Puppet):
    """Takes nothing for an hour, and says so in each of the ways that a platform has, one after another."""

    taken: list[Outbound] = field(default_factory=list)

    async def send(self, message: Outbound) -> Outcome:
        outcome = await Puppet.send(self, message)
        now = asyncio.get_running_loop().time()
        if now >= HOUR:
            self.taken.append(message)
            return outcome
        if len(self.left) % 3:
            return NotSent(Failure.RETRY, ("500", "ServerDisconnected")[len(self.left) % 2])
        return NotSent(Failure.PAUSED, "429", retry_at=BEGAN + timedelta(seconds=now + 20))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@in_virtual_time
async def test_a_platform_that_takes_nothing_for_an_hour_gets_everything_once(office: Office, tmp_path: Path) -> None:
    office.residents(40)
    number = office.announces()
    channel = Unwilling(limits=Limits(30, 0.0))
    async with announcing(office, tmp_path, channel):
        await asyncio.sleep(HOUR + 300)
    readers = [message.address for message in channel.taken if "停水" in message.text]
    assert len(readers) == len(set(readers)) == 40 + OFFICIALS
    assert channel.clashes == []
    assert most_in_a_second(channel.moments) <= 30
    assert office.state(number) is State.FINISHED
    assert office.totals(number).sent == 40 + OFFICIALS


@in_virtual_time
async def test_its_author_has_one_message_that_changes_as_it_goes_on(office: Office, tmp_path: Path) -> None:
    office.residents(300)
    office.announces()
    channel = limited(10)
    async with announcing(office, tmp_path, channel, shows=EDITS):
        await asyncio.sleep(60)
    mine = [message for _, message in channel.left if message.text.startswith("公告 ")]
    assert 4 <= len(mine) <= 8
    assert len({message.message_id for message in mine}) == 1
    assert mine[0].edits is None
    assert all(one.edits and one.edits.platform_id == f"p-o{one.message_id}" for one in mine[1:])
    assert "正在" in mine[0].text
    assert f"已发完：已发 {300 + OFFICIALS}、待发 0。" in mine[-1].text


@in_virtual_time
async def test_where_nothing_can_be_changed_there_is_one_at_the_beginning_and_one_at_the_end(
    office: Office, tmp_path: Path
) -> None:
    office.residents(100)
    office.announces()
    channel = limited(10)
    async with announcing(office, tmp_path, channel):
        await asyncio.sleep(60)
    mine = [message for _, message in channel.left if message.text.startswith("公告 ")]
    assert [message.edits for message in mine] == [None, None]
    assert "已发完" in mine[1].text


@in_virtual_time
async def test_a_large_audience_is_counted_beside_and_its_writer_asked_to_go_on(office: Office, tmp_path: Path) -> None:
    office.residents(9)
    with office.storing(Actor(office.place.staff)) as store:
        content = Content(Kind.OTHER, "通知", "明天停水。", EVERYBODY)
        number = store.announcements.add(office.place.congress, content)
    async with announcing(office, tmp_path, Puppet()):
        await asyncio.sleep(LOOKS)
    assert (office.one(number).reach or {})["people"] == 9 + OFFICIALS
    with reading(office.engine) as unit:
        waiting = unit.read(select(prompts.c.person_id, prompts.c.conversation, prompts.c.arguments)).all()
    assert [tuple(row) for row in waiting] == [(office.place.staff, CONVERSATION, {"number": number})]


@in_virtual_time
async def test_a_fault_is_got_over(office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    office.residents(5)
    channel = Puppet()
    async with announcing(office, tmp_path, channel) as (announcer, _):
        await asyncio.sleep(1)
        with monkeypatch.context() as broken:
            broken.setattr(announcer, "_step", None)
            number = office.announces()
            announcer.wake()
            await asyncio.sleep(3)
            assert office.state(number) is State.SCHEDULED
        await asyncio.sleep(5)
    assert office.totals(number).sent == 5 + OFFICIALS
