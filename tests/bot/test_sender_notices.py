"""Messages that wait for a person, who is told so by other kinds of push: what becomes of rows, consents and faults."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import count
from pathlib import Path

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from bot.channels.base import Failure, Knock, Limits, NotSent, Outcome, Sent
from bot.channels.wechat_api import NetworkError, WeChatError
from bot.channels.wechat_notices import PAUSE, WeChatNotices
from bot.channels.wechat_outbound import WeChatSender
from bot.channels.wechat_settings import Template, WeChatSettings
from handlers.messages import Capabilities, Inbound, Kind, NoticeKind, Outbound, Window
from handlers.texts.channels import nothing_leaves
from scheduler.jobs.tell_of_faults import tell_of_faults
from storage.channel_faults import PATIENCE
from storage.consents import Consent, Consents
from storage.database import reading, transaction
from storage.outbox_states import AWAITS_CONTACT
from storage.paces import Paces
from storage.push_windows import Opened, PushWindows
from storage.tables import accounts, consents, paces
from tests.bot.mailing import Mail, Puppet
from tests.bot.program_stage import Township
from tests.bot.wechat_account import account_of
from tests.conversing import BUTTONS
from tests.settlement import on
from tests.virtual_time import BEGAN, VirtualClock, in_virtual_time
from tests.wechat_api import APP_ID, SECRET, TOKEN
from tests.wechat_api import Template as Owned

NOTICE = {"kind": "duty", "what": "月度视察", "about": "村道硬化", "until": "2026-09-30"}
WINDOWS = replace(BUTTONS, windows=True)
OPENS = Window("message", 5, timedelta(hours=48))
CLOSED, WENT = Failure.WINDOW_CLOSED, (Knock("notice", "n1"),)


def waits(*knocks: Knock) -> NotSent:
    return NotSent(CLOSED, "no window", knocks=knocks)


def later(minutes: float, *knocks: Knock) -> NotSent:
    return NotSent(Failure.RETRY, "45009", BEGAN + timedelta(minutes=minutes), knocks=knocks)


def puppet(**answers: Sequence[Outcome]) -> Puppet:
    return Puppet(capabilities=WINDOWS, answers={text: list(some) for text, some in answers.items()})


def opens(mail: Mail, external_id: str, channel: str = "tap") -> None:
    account = mail.account(external_id, channel)
    with transaction(mail.engine) as unit:
        PushWindows(unit, BEGAN).open([Opened(account, "message", 5, BEGAN + OPENS.lasts)])


def agrees(mail: Mail, external_id: str, template: str, more: int = 1, channel: str = "tap") -> None:
    account = mail.account(external_id, channel)
    with transaction(mail.engine) as unit:
        Consents(unit).change([Consent(account, template, more)])


async def writes(mail: Mail, external_id: str, channel: str = "tap") -> None:
    mail.town.now = VirtualClock()()
    key = f"{external_id} at {mail.town.now}"
    await mail.writer.receive(Inbound(channel, external_id, key, Kind.TEXT, mail.town.now, text="谢谢", opens=OPENS))


def left(mail: Mail) -> dict[str, int]:
    with reading(mail.engine) as unit:
        return {row.template: row.room for row in unit.read(consents.select())}


def faults(mail: Mail, seconds: float = 0.0) -> list[tuple[str, str]]:
    with reading(mail.engine) as unit:
        return Paces(unit, BEGAN + timedelta(seconds=seconds)).faults()


# --- rows and consents


@in_virtual_time
async def test_who_was_told_waits_with_everything_and_gets_it_in_order(mail: Mail) -> None:
    channel = puppet(two=[waits(*WENT)])
    channel.answers["one"] = [waits()]
    agrees(mail, "a", "n1", 2)
    mail.post("a", "one")
    mail.post("a", "two", notice=NOTICE)
    mail.post("a", "three")
    async with mail.replica(channel):
        await asyncio.sleep(60)
        assert mail.states() == {"one": "held", "two": "held", "three": "held"}
        assert channel.texts == ["one", "two"]
        assert (left(mail), mail.unreachable("a")) == ({"n1": 1}, AWAITS_CONTACT)
        await writes(mail, "a")
        await asyncio.sleep(5)
    assert [text for text in channel.texts if text in ("one", "two", "three")][2:] == ["one", "two", "three"]
    assert set(mail.states().values()) == {"sent"}
    assert mail.rows()["two"].notice is None
    assert left(mail) == {"n1": 1}


@in_virtual_time
async def test_a_channel_hears_what_a_message_is_about_and_what_was_agreed_to(mail: Mail) -> None:
    channel = puppet(one=[waits()], two=[waits()])
    agrees(mail, "a", "n1")
    agrees(mail, "a", "n2")
    mail.post("a", "one", notice=NOTICE)
    mail.post("b", "two")
    async with mail.replica(channel):
        await asyncio.sleep(5)
    heard = {message.text: message for _, message in channel.left}
    assert sorted(heard["one"].consents) == ["n1", "n2"]
    assert heard["one"].notice == (NoticeKind.DUTY, "月度视察", "村道硬化", "2026-09-30")
    assert (heard["two"].consents, heard["two"].notice) == ((), None)


@in_virtual_time
async def test_a_consent_that_the_platform_does_not_know_of_is_none_any_more(mail: Mail) -> None:
    refused = Knock("notice", "n1", CLOSED, "43101")
    channel = puppet(one=[waits(refused, Knock("template"))])
    agrees(mail, "a", "n1", 5)
    mail.post("a", "one", notice=NOTICE)
    async with mail.replica(channel):
        await asyncio.sleep(5)
    assert left(mail) == {"n1": 0}
    assert mail.states() == {"one": "held"}


@in_virtual_time
async def test_what_is_told_of_later_holds_back_nobody_and_is_told_of_then(mail: Mail) -> None:
    paused = Knock("notice", "", Failure.PAUSED, "45009")
    channel = puppet(one=[later(30, paused), waits(*WENT)], two=[waits(Knock("template"))])
    mail.post("a", "one", "two", notice=NOTICE)
    mail.post("a", "plain")
    opens(mail, "b")
    mail.post("b", "other")
    async with mail.replica(channel):
        await asyncio.sleep(60)
        assert mail.states() == {"one": "waiting", "two": "waiting", "plain": "held", "other": "sent"}
        assert mail.unreachable("a") == AWAITS_CONTACT
        await asyncio.sleep(30 * 60)
    assert mail.states() == {"one": "held", "two": "held", "plain": "held", "other": "sent"}
    assert [round(at / 60) for at in channel.at("one")] == [0, 30]
    assert faults(mail) == []


@in_virtual_time
async def test_who_writes_before_they_are_told_gets_it_at_once_and_is_not_told(mail: Mail) -> None:
    channel = puppet(one=[later(20, Knock("template", "", Failure.PAUSED, "45009"))])
    mail.post("a", "one", notice=NOTICE)
    async with mail.replica(channel):
        await asyncio.sleep(60)
        await writes(mail, "a")
        await asyncio.sleep(5)
        assert mail.states()["one"] == "sent"
        await asyncio.sleep(25 * 60)
    assert channel.texts.count("one") == 2
    assert mail.unreachable("a") is None


@in_virtual_time
async def test_who_is_gone_is_told_of_nothing_more(mail: Mail) -> None:
    gone = NotSent(Failure.UNREACHABLE, "43004", knocks=(Knock("template", "", Failure.UNREACHABLE, "43004"),))
    channel = puppet(one=[gone])
    mail.post("a", "one", "two", notice=NOTICE)
    async with mail.replica(channel):
        await asyncio.sleep(60)
    assert channel.texts == ["one"]
    assert mail.states() == {"one": "held", "two": "held"}
    assert mail.unreachable("a") == "43004"


# --- faults of a kind


@in_virtual_time
async def test_a_kind_that_is_set_up_wrong_is_told_to_staff_once_and_stops_no_reply(mail: Mail) -> None:
    on(mail.engine)
    wrong = Knock("template", "", Failure.MISCONFIGURED, "40037")
    channel = puppet(one=[later(10 * at, wrong) for at in range(1, 4)] + [waits(Knock("template"))])
    channel.name = "wechat"
    staff = Puppet("tap")
    mail.post("a", "one", notice=NOTICE, channel="wechat")
    opens(mail, "b", "wechat")
    clock = VirtualClock()
    job = tell_of_faults({"wechat", "tap"}, lambda done: sender.wake(done.mail))
    async with mail.replica(channel, staff) as sender:
        for minute in range(50):
            if minute == 5:
                sender.wake(mail.post("b", "other", channel="wechat"))
            await asyncio.sleep(60)
            await mail.writer.do(lambda unit: job.step(unit, clock()))
            job.afterwards()
            if minute == 0:
                assert faults(mail, 30) == [("wechat template", "40037")]
    assert channel.at("other") == pytest.approx([300], abs=1)
    told = [text for text in staff.texts if "发不出" in text]
    assert len(told) == 1
    assert "微信模板消息发不出去，对话里的消息不受影响" in told[0]
    assert mail.states()["one"] == "held"
    assert faults(mail, 3000) == []


@in_virtual_time
async def test_staff_hear_of_a_kind_that_another_stands_in_for(mail: Mail) -> None:
    on(mail.engine)
    wrong = Knock("notice", "n1", Failure.MISCONFIGURED, "40037")
    channel = puppet(one=[waits(wrong, Knock("template"))])
    mail.post("a", "one", notice=NOTICE)
    job, clock = tell_of_faults({"tap"}, lambda done: sender.wake(done.mail)), VirtualClock()
    async with mail.replica(channel) as sender:
        for _ in range(10):
            await asyncio.sleep(60)
            await mail.writer.do(lambda unit: job.step(unit, clock()))
            job.afterwards()
    assert mail.states()["one"] == "held"
    assert ["tap notice发不出去" in text for text in channel.texts if "发不出" in text] == [True]


@in_virtual_time
async def test_what_only_notices_meet_says_nothing_of_the_channel(mail: Mail) -> None:
    busy = NotSent(Failure.RETRY, "-1", knocks=(Knock("template", "", Failure.RETRY, "-1"),))
    channel = puppet(one=[busy] * 40)
    channel.limits = Limits(10, 0.0)  # so that it has a pace
    mail.post("a", "one", notice=NOTICE)
    async with mail.replica(channel):
        await asyncio.sleep(3 * PATIENCE.total_seconds())
    assert mail.states() == {"one": "waiting"}
    with reading(mail.engine) as unit:
        assert unit.read(select(paces.c.channel, paces.c.failing_since)).all() == [("tap", None)]


@pytest.mark.parametrize("channel", ["wechat notice", "wechat template"])
def test_what_staff_read_of_a_kind_names_it_in_both_languages(channel: str) -> None:
    said = nothing_leaves(channel, BEGAN, "Asia/Shanghai")
    assert (("订阅通知" in said.zh), ("notices" in said.en)) == (channel == "wechat notice",) * 2
    assert (("模板消息" in said.zh), ("template messages" in said.en)) == (channel == "wechat template",) * 2
    assert ("不受影响" in said.zh, "while messages in a conversation do" in said.en) == (True, True)


# --- whatever WeChat answers

N_DUTY, T_DUTY = "n-plainly-invented-template-identity", "t-plainly-invented-template-identity"
CODES = st.sampled_from([0, 0, -1, 40001, 40003, 40037, 43004, 43101, 45009, 45011, 45015, 45065, 47003, 48001, 99999])
_names = count()


@dataclass
class Answering:
    """An API that answers pushes of notices and templates as told (None: not at all), then takes them all. Texts go
    through."""

    codes: Mapping[str, list[int | None]]
    told: dict[str, list[str]] = field(default_factory=dict)  # the kinds that went through, by the message's number
    texts: list[str] = field(default_factory=list)

    async def send_text(self, person: str, text: str) -> None:
        self.texts.append(f"{person} {text}")

    async def send_notice(self, _: str, __: str, ___: Mapping[str, str], page: str) -> None:
        self._answer("notice", page)

    async def send_template(self, _: str, __: str, ___: Mapping[str, str], page: str, key: str) -> None:
        assert key == f"o{page}"
        self._answer("template", page)

    def _answer(self, kind: str, page: str) -> None:
        code = self.codes[kind].pop(0) if self.codes[kind] else 0
        if code is None:
            raise NetworkError("timeout")
        if code in (0, 45065):
            self.told.setdefault(page, []).append(kind)
        if code:
            raise WeChatError(code)


@dataclass
class AtWeChat(Puppet):
    """The channel as it pushes."""

    name: str = "wechat"
    capabilities: Capabilities = WINDOWS
    sender: WeChatSender = field(kw_only=True)

    async def send(self, message: Outbound) -> Outcome:
        self.left.append((asyncio.get_running_loop().time(), message))
        outcome = await self.sender.send(message)
        assert isinstance(outcome, Sent) or outcome.failure not in (Failure.PAUSED, Failure.MISCONFIGURED)
        return outcome


@given(
    notices=st.lists(CODES | st.none(), max_size=8),
    templates=st.lists(CODES | st.none(), max_size=8),
    about=st.lists(st.booleans(), min_size=1, max_size=4),
    consents=st.integers(0, 4),
    last=st.booleans(),
)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@in_virtual_time
async def test_whatever_wechat_answers_nobody_is_told_twice_and_nothing_is_lost(
    mail: Mail,
    notices: list[int | None],
    templates: list[int | None],
    about: list[bool],
    consents: int,
    last: bool,
) -> None:
    number = next(_names)
    away, there = f"away{number}", f"there{number}"
    api = Answering({"notice": list(notices), "template": list(templates)})
    chosen = WeChatSettings(
        APP_ID,
        TOKEN,
        secret=SECRET,
        active=True,
        notices={NoticeKind.DUTY: Template(N_DUTY, {"thing1": "what"})},
        templates={NoticeKind.DUTY: Template(T_DUTY, {"thing1": "what"})},
        notices_last=last,
    )
    clock = VirtualClock()
    told = WeChatNotices(api, chosen, clock, str)  # type: ignore[arg-type]  # all that is called
    channel = AtWeChat(sender=WeChatSender(api, clock, str, told))  # type: ignore[arg-type]  # likewise
    texts = [f"{number}-{at}" for at in range(len(about))]
    agrees(mail, away, N_DUTY, consents, "wechat")
    opens(mail, there, "wechat")
    for text, has_notice in zip(texts, about, strict=True):
        mail.post(away, text, channel="wechat", notice=NOTICE if has_notice else None)
    async with mail.replica(channel) as sender:
        await asyncio.sleep(PAUSE.total_seconds() + 60)
        sender.wake(mail.post(there, f"{number} reply", channel="wechat"))
        await asyncio.sleep(1)
        assert api.texts == [f"{there} {number} reply"]
        await asyncio.sleep(2 * PAUSE.total_seconds())
        assert {mail.states()[text] for text in texts} <= {"waiting", "held"}
        await writes(mail, away, "wechat")
        await asyncio.sleep(5)
    assert [text for text in api.texts if text.removeprefix(f"{away} ") in texts] == [
        f"{away} {text}" for text in texts
    ]
    assert all(len(kinds) == 1 for kinds in api.told.values())
    with_notice = {str(mail.rows()[text].message_id) for text, has in zip(texts, about, strict=True) if has}
    assert api.told.keys() <= with_notice


# --- the whole program


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_after_two_days_people_hear_by_notice_or_template_what_waits(township: Township, tmp_path: Path) -> None:
    says = "thing1=what thing2=about date3=until"
    chosen = {"notice_duty": f"{N_DUTY} {says}", "template_duty": f"{T_DUTY} {says}"}
    content = "{{thing1.DATA}}，{{thing2.DATA}}，{{date3.DATA}}"
    async with account_of(township, tmp_path, active=True, chosen=chosen) as account:
        for name, is_notice in ((N_DUTY, True), (T_DUTY, False)):
            account.platform.account.templates[name] = Owned("履职提醒", content, is_notice)
        resident = account.resident()
        await resident.follows()
        await account.program.sender.quiet()
        account.clock.advance(hours=49)
        account.platform.account.agree(resident.openid, N_DUTY)
        with transaction(account.program.engine) as unit:
            one = unit.read(select(accounts.c.id).where(accounts.c.channel == "wechat")).scalar_one()
            Consents(unit).change([Consent(one, N_DUTY, 1)])
        numbers = account.waits("甲")
        for text in ("乙", "丙"):
            numbers += account.waits(text, notice=NOTICE)
        await account.program.sender.quiet()
        pushed = resident.screens[-2:]
        assert [screen.kind for screen in pushed] == ["notice", "template"]
        assert {screen.text for screen in pushed} == {"履职提醒\n月度视察，村道硬化，2026年9月30日"}
        async with httpx.AsyncClient(trust_env=False) as browser:
            assert ["乙" in (await browser.get(screen.url)).text for screen in pushed] == [True, False]
        assert account.states(numbers) == ["held"] * 3
        await resident.says("谢谢")
        await account.program.sender.quiet()
        assert resident.texts[-1].startswith("甲\n\n乙\n\n丙\n\n")
        assert account.states(numbers) == ["sent"] * 3
