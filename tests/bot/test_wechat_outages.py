"""WeChat's API refuses for minutes or hours: nothing is lost, staff hear of it once, and it goes on by itself.

Hours pass in virtual time; what the stand-in answers is waited for in earnest.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine
from typing_extensions import override

from bot.channels.base import Limits, Outcome
from bot.channels.wechat_client import WeChatClient
from bot.channels.wechat_response import capabilities
from bot.channels.wechat_settings import WeChatSettings
from handlers.dispatch import Dispatched
from handlers.messages import Capabilities, Outbound
from scheduler.jobs.tell_of_faults import tell_of_faults
from storage.database import Clock, transaction
from storage.push_windows import Opened, PushWindows
from tests.bot.mailing import Mail, Puppet, limited
from tests.bot_api.faults import Fault
from tests.settlement import on
from tests.virtual_time import BEGAN, VirtualClock, VirtualLoop, in_virtual_time
from tests.wechat_api import SECRET, WeChatStandIn, internal_error
from tests.wechat_api.account import Window

PEOPLE = 10
OPEN_FOR = timedelta(hours=48)
SEND = "message/custom/send"


def this_loop() -> VirtualLoop:
    """The one that runs."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)
    return loop


@dataclass
class AtWeChat(Puppet):
    """The channel as it pushes, to the stand-in."""

    name: str = "wechat"
    capabilities: Capabilities = field(default_factory=lambda: capabilities(active=True))
    limits: Limits = field(default_factory=lambda: Limits(per_second=50, chat_interval=0.0))
    client: WeChatClient = field(kw_only=True)

    @override
    async def send(self, message: Outbound) -> Outcome:
        loop = this_loop()
        loop.threads += 1  # no time passes until there is an answer
        try:
            return await self.client.send(message)
        finally:
            loop.threads -= 1


@dataclass
class Office:
    """Residents on WeChat for whom something waits, and staff who read another channel."""

    platform: WeChatStandIn
    mail: Mail
    staff: Puppet
    clocks: list[Clock]  # the last one is the platform's
    is_down: bool = True

    def breaks(self) -> Fault:
        """The account's token cannot be had."""
        return self.platform.faults.add(
            internal_error(), method="stable_token", times=None, when=lambda _: self.is_down
        )

    def post(self, *texts: str) -> None:
        """Each of these to everybody, through a window that is open on either side."""
        for number in range(PEOPLE):
            name = f"oResident{number:04}"
            account = self.mail.account(name, "wechat")
            self.mail.post(name, *(f"{text} {number}" for text in texts), channel="wechat")
            with transaction(self.mail.engine) as unit:
                PushWindows(unit, BEGAN).open([Opened(account, "message", 5, BEGAN + OPEN_FOR)])
            follower = self.platform.account.followers[self.platform.resident(name).openid]
            follower.windows["message"] = Window(5, BEGAN + OPEN_FOR)

    @property
    def seen(self) -> dict[str, list[str]]:
        """By person, all that they were shown."""
        return {name: [one.text for one in person.screens] for name, person in self.platform.account.followers.items()}

    @property
    def alarms(self) -> list[float]:
        """The minutes at which staff were told."""
        return [at // 60 for at, message in self.staff.left if "发不出消息" in message.text]

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """The sender and the job go on meanwhile."""
        self.clocks.append(VirtualClock())
        account = self.platform.account
        settings = WeChatSettings(account.app_id, account.token, secret=SECRET, api_base=self.platform.base_url)
        channel = AtWeChat(client=WeChatClient(settings, VirtualClock(), str))
        async with self.mail.replica(channel, self.staff) as sender:
            telling = asyncio.create_task(self._every_minute(lambda done: sender.wake(done.mail)))
            yield
            telling.cancel()
            await channel.client.close()

    async def _every_minute(self, on_done: Callable[[Dispatched], None]) -> None:
        clock, job = VirtualClock(), tell_of_faults({"wechat", "tap"}, on_done)
        while True:
            await asyncio.sleep(60)
            while await self.mail.writer.do(lambda unit: job.step(unit, clock())):
                job.afterwards()
            job.afterwards()


def everything(*texts: str) -> dict[str, list[str]]:
    """What each is to be shown in the end: all of it once, in order."""
    return {f"oResident{number:04}": [f"{text} {number}" for text in texts] for number in range(PEOPLE)}


def states(office: Office) -> set[str]:
    """Of what waits for residents, or did."""
    return {row.state for text, row in office.mail.rows().items() if "发不出消息" not in text}


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Iterator[Office]:
    on(engine)
    clocks: list[Clock] = [lambda: BEGAN]

    def now() -> datetime:
        return clocks[-1]()

    with WeChatStandIn(clock=now) as platform:
        yield Office(platform, Mail(engine, tmp_path), limited(10), clocks)
        assert platform.violations == []


@in_virtual_time
async def test_no_token_can_be_had_for_ten_minutes(office: Office) -> None:
    fault = office.breaks()
    office.post("first", "second")
    async with office.open():
        await asyncio.sleep(600)
        assert states(office) == {"waiting"}
        assert len(office.alarms) == 1
        assert fault.hits < 30, "asked too often"
        office.is_down = False
        await asyncio.sleep(600)
    assert office.seen == everything("first", "second")
    assert len(office.alarms) == 1


@in_virtual_time
async def test_the_days_quota_is_used_up_until_midnight(office: Office) -> None:
    this_loop().passes(14 * 3600)  # it is eleven in the evening
    office.platform.account.per_day[SEND] = PEOPLE + 3
    office.post("first", "second")
    async with office.open():
        await asyncio.sleep(600)
        assert sum(map(len, office.seen.values())) == PEOPLE + 3
        assert states(office) == {"waiting", "sent"}
        calls = len(office.platform.calls(SEND))
        assert calls < PEOPLE + 3 + 5, "tried again though nothing leaves"
        await asyncio.sleep(2900)
        assert len(office.platform.calls(SEND)) == calls
        await asyncio.sleep(200)
    assert office.seen == everything("first", "second")
    assert office.alarms == [14 * 60 + 1]


@in_virtual_time
async def test_the_account_is_banned_for_more_than_an_hour(office: Office) -> None:
    office.post("first")
    async with office.open():
        await asyncio.sleep(5)
        office.platform.account.is_banned = True
        office.post("second", "third")
        await asyncio.sleep(90 * 60)
        assert states(office) == {"waiting", "sent"}
        office.platform.account.is_banned = False
        await asyncio.sleep(300)
    assert office.seen == everything("first", "second", "third")
    assert len(office.alarms) == 1
