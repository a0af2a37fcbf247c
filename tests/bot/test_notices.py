"""Who is away for two days is told in a few words what they owe, and how their proposal stands; what was said meanwhile
waits, and all of it comes in order when they write."""

import asyncio
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from bot.channels.base import Failure, Knock, NotSent, Outcome, Sent
from bot.sender import LOOK_EVERY
from handlers.messages import Agreed, Kind, Notice, NoticeKind, Outbound, Window
from storage.database import reading
from storage.tables import consents
from tests.bot.mailing import Mail, Puppet
from tests.conversing import BUTTONS, Town
from tests.handlers.watching import ROAD, owes, watched
from tests.settlement import Settlement, on
from tests.virtual_time import VirtualClock, VirtualLoop, in_virtual_time

AWAY = timedelta(hours=48)
OPENS = Window("message", 5, AWAY)
LINK = "https://minsheng.example/wechat/agree"
SHOWS = replace(BUTTONS, windows=True, agrees_at=LINK)


@dataclass
class Platform(Puppet):
    """Pushes messages through windows only. Of duties it tells everybody, of proposals who has agreed to "P"."""

    told: list[tuple[str, Notice]] = field(default_factory=list)

    async def send(self, message: Outbound) -> Outcome:
        if message.room:
            self.left.append((asyncio.get_running_loop().time(), message))
            return Sent(f"p-{message.key}", used=1)
        knocks: tuple[Knock, ...] = ()
        if notice := message.notice:
            by_consent = notice.kind is NoticeKind.PROPOSAL
            if by_consent and "P" not in message.consents:
                knocks = (Knock("notice", "P", Failure.WINDOW_CLOSED, "43101"),)
            else:
                self.told.append((message.address, notice))
                knocks = (Knock("notice", "P") if by_consent else Knock("template"),)
        return NotSent(Failure.WINDOW_CLOSED, "45015", knocks=knocks)

    def got(self, account: str) -> list[str]:
        return [message.text for _, message in self.left if message.address == account]


@dataclass
class Days:
    """People of the settlement who write now and then, and what reaches them."""

    mail: Mail
    place: Settlement
    channel: Platform = field(default_factory=lambda: Platform(capabilities=SHOWS))

    async def hears(self, account: str, kind: Kind, **values: Any) -> None:
        town = self.mail.town
        town.now = VirtualClock()() - timedelta(seconds=1)  # which a message takes
        await self.mail.writer.receive(town.person(account).message(kind, opens=OPENS, **values))
        await asyncio.sleep(2)

    async def says(self, account: str, *texts: str) -> None:
        for text in texts:
            await self.hears(account, Kind.TEXT, text=text)

    def is_told_of_duties(self, person: int) -> list[tuple[str, int]]:
        """As the scheduler does it; what the sender is woken with."""
        with self.mail.town.store() as store:
            store.conversations.prompt(person, "duties", {})
        with self.mail.town.store() as store:
            return sorted(self.mail.town.dispatcher.begin_prompts(store.unit, [person]).mail)

    def consents(self) -> list[tuple[str, int]]:
        """How many more notices of a template are taken, by whomever."""
        with reading(self.mail.engine) as unit:
            return [(row.template, row.room) for row in unit.read(select(consents))]


def days_of(mail: Mail) -> Days:
    place = on(mail.engine)
    mail.town = Town(mail.engine, capabilities={"tap": SHOWS})
    owes(mail.town, place, watched(mail.town, place))
    return Days(mail, place)


def two_days_pass() -> None:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)
    loop.passes(AWAY.total_seconds())


@in_virtual_time
async def test_who_is_away_is_told_what_waits_and_gets_all_of_it_when_they_write(mail: Mail) -> None:
    days = days_of(mail)
    channel, told = days.channel, days.channel.told
    async with mail.replica(channel):
        for account in ("deputy", "staff"):
            await days.says(account, "取消")
        await days.says("resident", "提建议", "村口要修路", "柳树湾", "没有", "提交")
        assert channel.got("resident")[-1].endswith(LINK)
        await days.hears("resident", Kind.HAPPENED, agreed=(Agreed("P", 1),))
    two_days_pass()
    before = {account: len(channel.got(account)) for account in ("deputy", "resident")}
    async with mail.replica(channel) as sender:
        await days.hears("neighbour", Kind.START, payload=f"d-{days.place.deputy_role}")
        await days.says("neighbour", "村口要修桥", "柳树湾", "没有", "提交")
        sender.wake(days.is_told_of_duties(days.place.deputy))
        await days.says("staff", "台账", "按编号", "1", "采纳", "明年开工")
        await asyncio.sleep(4 * LOOK_EVERY)
        assert sorted(told) == [
            ("deputy", Notice(NoticeKind.DUTY, "督查报告待提交", ROAD, "2026-09-25")),
            ("resident", Notice(NoticeKind.PROPOSAL, "已采纳", "第1号建议")),
        ]
        assert {account: len(channel.got(account)) for account in before} == before, "nothing is pushed"
        assert days.consents() == [("P", 0)]

        await days.says("deputy", "您好")
        code, owed = channel.got("deputy")[before["deputy"] :]
        assert "扫您的二维码" in code
        assert "柳树湾道路硬化" in owed
        await days.says("deputy", "1")
        assert "现在进展怎么样" in channel.got("deputy")[-1], "which chooses from what is shown now"
        await days.says("resident", "您好")
        news, answer = channel.got("resident")[before["resident"] :]
        assert news.startswith("您的 1号建议已采纳。")
        assert answer.startswith("您好")
    assert len(told) == 2, "nobody is told twice"
    assert set(mail.states().values()) == {"sent"}


@in_virtual_time
async def test_without_a_consent_the_news_waits(mail: Mail) -> None:
    days = days_of(mail)
    async with mail.replica(days.channel):
        await days.says("staff", "取消")
        await days.says("resident", "提建议", "村口要修路", "柳树湾", "没有", "提交")
    two_days_pass()
    before = len(days.channel.got("resident"))
    async with mail.replica(days.channel):
        await days.says("staff", "台账", "按编号", "1", "采纳", "明年开工")
        await asyncio.sleep(4 * LOOK_EVERY)
        assert days.channel.told == []
        await days.says("resident", "我的建议")
        news, card = days.channel.got("resident")[before:]
        assert news.startswith("您的 1号建议已采纳。")
        assert LINK in card, "is asked again"
    assert set(mail.states().values()) == {"sent"}
