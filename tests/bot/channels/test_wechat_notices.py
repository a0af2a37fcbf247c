"""Where a message may not be pushed: a notice where somebody agreed to one, else a template message, else it waits."""

import asyncio
import logging
from collections.abc import Collection
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.base import Failure, Knock, NotSent, Sent
from bot.channels.wechat_api import WeChatApi, WeChatError
from bot.channels.wechat_notices import PAUSE, WeChatNotices
from bot.channels.wechat_outbound import WeChatSender
from bot.channels.wechat_settings import Template, WeChatSettings, template
from handlers.messages import Notice, NoticeKind, Outbound
from tests.bot.channels.wechat_api_stage import SEND, api, api_of, clock, resident, wechat
from tests.bot_api.faults import Effect, bad_gateway, drops_after, garbles
from tests.bot_api.http_server import Response
from tests.set_clock import SetClock
from tests.wechat_api import APP_ID, SECRET, TOKEN, Resident, WeChatStandIn, errcode
from tests.wechat_api import Template as Owned
from tests.wechat_api.notices import FILL_IN, NOTIFY

__all__ = ["api", "clock", "resident", "wechat"]

N_DUTY, N_PROPOSAL, T_DUTY, T_PROPOSAL = (
    f"{name}-plainly-invented-template-identity" for name in ("nd", "np", "td", "tp")
)
CONTENT = "事项：{{thing1.DATA}}\n对象：{{thing2.DATA}}\n截止：{{date3.DATA}}"
STATUS = "状态：{{phrase1.DATA}}\n编号：{{character_string2.DATA}}\n时间：{{time3.DATA}}"
DUTY = Notice(NoticeKind.DUTY, "月度视察", "村道硬化", "2026-09-30")
PROPOSAL = Notice(NoticeKind.PROPOSAL, "已受理", "第12号建议")
SAID = "月度视察\n对象：村道硬化\n截止：2026年9月30日"
CLOSED = Failure.WINDOW_CLOSED


def chosen(text: str, kind: NoticeKind = NoticeKind.DUTY) -> Template:
    read = template(text, kind)
    assert read
    return read


NOTICES = {
    NoticeKind.DUTY: chosen(f"{N_DUTY} thing1=what thing2=about date3=until"),
    NoticeKind.PROPOSAL: chosen(f"{N_PROPOSAL} phrase1=what character_string2=about time3=at", NoticeKind.PROPOSAL),
}
TEMPLATES = {
    NoticeKind.DUTY: chosen(f"{T_DUTY} thing1=what thing2=about date3=until"),
    NoticeKind.PROPOSAL: chosen(f"{T_PROPOSAL} phrase1=what character_string2=about time3=at", NoticeKind.PROPOSAL),
}


@pytest.fixture(autouse=True)
def _owns_templates(wechat: WeChatStandIn) -> None:
    for name, is_notice in ((N_DUTY, True), (T_DUTY, False)):
        wechat.account.templates[name] = Owned("履职提醒", CONTENT, is_notice)
    for name, is_notice in ((N_PROPOSAL, True), (T_PROPOSAL, False)):
        wechat.account.templates[name] = Owned("建议进展", STATUS, is_notice)


def settings_for(
    notices: Collection[NoticeKind] = NOTICES, templates: Collection[NoticeKind] = TEMPLATES, *, last: bool = False
) -> WeChatSettings:
    return WeChatSettings(
        APP_ID,
        TOKEN,
        secret=SECRET,
        active=True,
        notices={kind: NOTICES[kind] for kind in notices},
        templates={kind: TEMPLATES[kind] for kind in templates},
        notices_last=last,
    )


def page(message_id: int) -> str:
    return f"https://minsheng.test/wechat/waiting/{message_id}/proof"


def sender_of(api: WeChatApi, clock: SetClock, settings: WeChatSettings | None = None) -> WeChatSender:
    return WeChatSender(api, clock, page, WeChatNotices(api, settings or settings_for(), clock, page))


def waiting(
    notice: Notice | None = DUTY,
    consents: Collection[str] = (N_DUTY, N_PROPOSAL),
    *,
    number: int = 7,
    room: int = 0,
    address: str = "oResident0001",
) -> Outbound:
    key = f"o{number}"
    return Outbound(
        "wechat", address, key, "请视察", message_id=number, room=room, notice=notice, consents=tuple(consents)
    )


def kinds(person: Resident) -> list[str]:
    return [screen.kind for screen in person.screens]


# --- the ladder


async def test_what_may_be_pushed_is_and_nobody_is_told_of_it(
    api: WeChatApi, wechat: WeChatStandIn, resident: Resident, clock: SetClock
) -> None:
    await resident.says("您好")
    wechat.account.agree(resident.openid, N_DUTY)
    assert await sender_of(api, clock).send(waiting(room=5)) == Sent(used=1)
    assert kinds(resident) == ["text"]


async def test_who_agreed_gets_a_notice_that_leads_to_the_text(
    api: WeChatApi, wechat: WeChatStandIn, resident: Resident, clock: SetClock
) -> None:
    wechat.account.agree(resident.openid, N_DUTY)
    outcome = await sender_of(api, clock).send(waiting())
    assert outcome == NotSent(CLOSED, "no window", knocks=(Knock("notice", N_DUTY),))
    (screen,) = resident.screens
    assert (screen.kind, screen.text, screen.url) == ("notice", f"履职提醒\n事项：{SAID}", page(7))


async def test_who_has_not_gets_a_template_message(
    api: WeChatApi, wechat: WeChatStandIn, resident: Resident, clock: SetClock
) -> None:
    outcome = await sender_of(api, clock).send(waiting(PROPOSAL, consents=[N_DUTY]))
    assert outcome == NotSent(CLOSED, "no window", knocks=(Knock("template"),))
    (screen,) = resident.screens
    said = "建议进展\n状态：已受理\n编号：12\n时间：2026年9月1日 09:00"
    assert (screen.kind, screen.text, screen.url) == ("template", said, page(7))
    assert [call.name for call in wechat.calls() if call.name != "stable_token"] == [FILL_IN]


async def test_a_consent_that_wechat_does_not_know_of_ends_and_the_template_follows(
    api: WeChatApi, resident: Resident, clock: SetClock
) -> None:
    outcome = await sender_of(api, clock).send(waiting())
    knocks = Knock("notice", N_DUTY, CLOSED, "43101"), Knock("template")
    assert outcome == NotSent(CLOSED, "no window", knocks=knocks)
    assert kinds(resident) == ["template"]


@pytest.mark.parametrize("notice", [DUTY, PROPOSAL, None], ids=str)
async def test_where_no_template_is_set_a_message_waits(
    api: WeChatApi, wechat: WeChatStandIn, clock: SetClock, notice: Notice | None
) -> None:
    nothing_set = sender_of(api, clock, settings_for([], []))
    assert await nothing_set.send(waiting(notice)) == NotSent(CLOSED, "no window")
    assert await WeChatSender(api, clock, page).send(waiting(notice)) == NotSent(CLOSED, "no window")
    assert wechat.calls() == []


async def test_what_is_about_nothing_waits(api: WeChatApi, wechat: WeChatStandIn, clock: SetClock) -> None:
    assert await sender_of(api, clock).send(waiting(None)) == NotSent(CLOSED, "no window")
    assert wechat.calls() == []


@pytest.mark.parametrize("code", [45015, 45047])
async def test_a_window_that_wechat_sees_closed_is_followed_by_a_notice(
    api: WeChatApi, wechat: WeChatStandIn, resident: Resident, clock: SetClock, code: int
) -> None:
    wechat.account.agree(resident.openid, N_DUTY)
    wechat.faults.add(errcode(code), method=SEND)
    outcome = await sender_of(api, clock).send(waiting(room=5))
    assert outcome == NotSent(CLOSED, str(code), knocks=(Knock("notice", N_DUTY),))
    assert kinds(resident) == ["notice"]


async def test_a_consent_for_good_is_not_used_up_until_it_is_refused(
    api: WeChatApi, wechat: WeChatStandIn, resident: Resident, clock: SetClock
) -> None:
    wechat.account.templates[N_DUTY] = Owned("履职提醒", CONTENT, lasts=True)
    wechat.account.agree(resident.openid, N_DUTY)
    sender = sender_of(api, clock, settings_for(templates=[], last=True))
    for number in (7, 8):
        outcome = await sender.send(waiting(number=number))
        assert outcome == NotSent(CLOSED, "no window", knocks=(Knock("notice"),))
    wechat.account.agree(resident.openid, N_DUTY, 0)
    refused = Knock("notice", N_DUTY, CLOSED, "43101")
    assert await sender.send(waiting(number=9)) == NotSent(CLOSED, "no window", knocks=(refused,))
    assert kinds(resident) == ["notice", "notice"]


async def test_without_a_page_there_is_no_link(api: WeChatApi, resident: Resident, clock: SetClock) -> None:
    sender = WeChatSender(api, clock, page, WeChatNotices(api, settings_for(), clock))
    await sender.send(waiting(consents=()))
    assert [screen.url for screen in resident.screens] == [""]


# --- what is refused


@pytest.mark.parametrize(("code", "address"), [(43004, "oResident0001"), (40003, "oNobody")])
async def test_who_is_gone_is_not_reached(
    api: WeChatApi, resident: Resident, clock: SetClock, code: int, address: str
) -> None:
    await resident.unfollows()
    resident.screens.clear()
    outcome = await sender_of(api, clock).send(waiting(address=address, consents=()))
    gone = Knock("template", failure=Failure.UNREACHABLE, detail=str(code))
    assert outcome == NotSent(Failure.UNREACHABLE, str(code), knocks=(gone,))
    assert resident.screens == []


async def test_a_repeated_template_message_counts_as_sent(
    api: WeChatApi, wechat: WeChatStandIn, resident: Resident, clock: SetClock
) -> None:
    sender = sender_of(api, clock)
    through = NotSent(CLOSED, "no window", knocks=(Knock("template"),))
    assert [await sender.send(waiting(consents=())) for _ in range(2)] == [through] * 2
    assert [call.code for call in wechat.calls(FILL_IN)] == [0, 45065]
    assert kinds(resident) == ["template"]


@pytest.mark.parametrize("code", [45168, 40249])
async def test_words_that_wechat_does_not_take_are_told_otherwise_or_not_at_all(
    api: WeChatApi, wechat: WeChatStandIn, resident: Resident, clock: SetClock, code: int
) -> None:
    wechat.account.agree(resident.openid, N_DUTY)
    for way in (NOTIFY, FILL_IN):
        wechat.faults.add(errcode(code), method=way)
    sender = sender_of(api, clock)
    refused = [Knock(kind, consent, Failure.REFUSED, str(code)) for kind, consent in PUSHES]
    assert await sender.send(waiting()) == NotSent(CLOSED, "no window", knocks=tuple(refused))
    assert await sender.send(waiting(number=8)) == NotSent(CLOSED, "no window", knocks=(Knock("notice", N_DUTY),))


PUSHES = (("notice", N_DUTY), ("template", ""))
LATER: dict[str, tuple[int, Failure, timedelta | None]] = {
    "busy": (-1, Failure.RETRY, None),
    "too many at once": (43108, Failure.RETRY, None),
    "the minute's quota": (45011, Failure.PAUSED, timedelta(minutes=1)),
    "the day's quota": (45009, Failure.PAUSED, timedelta(hours=15)),
    "no such template": (40037, Failure.MISCONFIGURED, PAUSE),
    "no such keyword": (47003, Failure.MISCONFIGURED, PAUSE),
    "not permitted": (48001, Failure.MISCONFIGURED, PAUSE),
    "forbidden": (43107, Failure.MISCONFIGURED, PAUSE),
    "an unknown code": (77777, Failure.MISCONFIGURED, PAUSE),
}


@pytest.mark.parametrize(("code", "failure", "lasts"), LATER.values(), ids=LATER)
async def test_what_is_to_be_tried_later_is_and_the_other_kind_goes_on(
    api: WeChatApi,
    wechat: WeChatStandIn,
    resident: Resident,
    clock: SetClock,
    code: int,
    failure: Failure,
    lasts: timedelta | None,
) -> None:
    sender = sender_of(api, clock)
    wechat.account.agree(resident.openid, N_DUTY, 2)
    wechat.faults.add(errcode(code), method=NOTIFY)
    knocks = Knock("notice", N_DUTY, failure, str(code)), Knock("template")
    assert await sender.send(waiting()) == NotSent(CLOSED, "no window", knocks=knocks)
    wechat.faults.add(errcode(code), method=FILL_IN)
    retry_at = clock() + lasts if lasts else None
    outcome = await sender.send(waiting(number=8, consents=()))
    refused = Knock("template", "", failure, str(code))
    assert outcome == NotSent(Failure.RETRY, str(code), retry_at, knocks=(refused,))
    if lasts:
        calls = len(wechat.calls())
        paused = tuple(Knock(kind, consent, Failure.PAUSED, "paused") for kind, consent in PUSHES)
        assert await sender.send(waiting(number=8)) == NotSent(Failure.RETRY, "paused", retry_at, knocks=paused)
        assert len(wechat.calls()) == calls, "WeChat is not asked while it is known what it would say"
        clock.advance(seconds=lasts.total_seconds())
    outcome = await sender.send(waiting(number=8))
    assert outcome == NotSent(CLOSED, "no window", knocks=(Knock("notice", N_DUTY),))
    assert kinds(resident) == ["template", "notice"]


@pytest.mark.parametrize(("code", "goes_on"), [(40037, True), (47003, True), (48001, False), (45009, False)])
async def test_a_template_that_is_wrong_stops_no_other(
    api: WeChatApi, wechat: WeChatStandIn, clock: SetClock, code: int, goes_on: bool
) -> None:
    sender = sender_of(api, clock)
    wechat.resident("oResident0001")
    wechat.faults.add(errcode(code), method=FILL_IN)
    await sender.send(waiting(DUTY, ()))
    outcome = await sender.send(waiting(PROPOSAL, (), number=8))
    assert isinstance(outcome, NotSent)
    assert outcome.failure is (CLOSED if goes_on else Failure.RETRY)


async def test_a_fault_of_notices_stops_no_reply(
    api: WeChatApi, wechat: WeChatStandIn, resident: Resident, clock: SetClock
) -> None:
    sender = sender_of(api, clock)
    for way in (NOTIFY, FILL_IN):
        wechat.faults.add(errcode(48001), method=way, times=None)
    outcome = await sender.send(waiting())
    assert isinstance(outcome, NotSent)
    assert outcome.failure is Failure.RETRY
    await resident.says("您好")
    assert await sender.send(waiting(room=5)) == Sent(used=1)
    assert kinds(resident) == ["text"]


LOST: dict[str, tuple[Effect, str]] = {
    "502": (bad_gateway(), "status 502"),
    "garbled": (garbles(), "garbled answer"),
    "cut": (drops_after(), "RemoteProtocolError"),
}


@pytest.mark.parametrize(("effect", "detail"), LOST.values(), ids=LOST)
async def test_of_what_nobody_knows_nothing_else_is_tried_at_once(
    api: WeChatApi, wechat: WeChatStandIn, resident: Resident, clock: SetClock, effect: Effect, detail: str
) -> None:
    sender = sender_of(api, clock)
    wechat.account.agree(resident.openid, N_DUTY)
    wechat.faults.add(effect, method=NOTIFY)
    lost = Knock("notice", N_DUTY, Failure.RETRY, detail)
    assert await sender.send(waiting()) == NotSent(Failure.RETRY, detail, knocks=(lost,))
    assert wechat.calls(FILL_IN) == []
    wechat.faults.add(effect, method=FILL_IN)
    lost = Knock("template", "", Failure.RETRY, detail)
    assert await sender.send(waiting(consents=())) == NotSent(Failure.RETRY, detail, knocks=(lost,))
    await sender.send(waiting(consents=()))
    assert kinds(resident).count("template") == 1, "however often it is tried"


async def test_without_a_token_it_is_tried_later(wechat: WeChatStandIn, clock: SetClock) -> None:
    wechat.account.is_listed = False
    api = api_of(wechat)
    outcome = await sender_of(api, clock).send(waiting(consents=()))
    refused = Knock("template", "", Failure.MISCONFIGURED, "40164")
    assert outcome == NotSent(Failure.RETRY, "40164", clock() + PAUSE, knocks=(refused,))
    await api.close()


async def test_no_word_and_no_secret_is_told(
    api: WeChatApi, wechat: WeChatStandIn, resident: Resident, clock: SetClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    sender, outcomes = sender_of(api, clock), []
    for body in (b'{"errcode":47003,"errmsg":"\xe6\x9d\x91\xe9\x81\x93"}', b"\xe6\x9d\x91\xe9\x81\x93"):
        wechat.faults.add(Effect(acts=False, answer=Response(body)), method=FILL_IN)
        outcomes.append(repr(await sender.send(waiting(consents=()))))
        clock.advance(seconds=PAUSE.total_seconds())
    told = [*outcomes, *(record.getMessage() for record in caplog.records if not record.name.startswith("asyncio"))]
    for secret in ("村道", resident.openid, wechat.account.secret, wechat.account.tokens.give()[0]):
        assert not [one for one in told if secret in one]


# --- whatever is answered


ANSWERS = st.sampled_from([0, -1, 40001, 40003, 40037, 43004, 43101, 43108, 45009, 45011, 45015, 45065, 47003, 99999])


class Platform:
    """Answers as told, then takes everything."""

    def __init__(self, codes: list[int]) -> None:
        self.codes, self.pushed = codes, 0

    async def _push(self, *_: object) -> None:
        code = self.codes.pop(0) if self.codes else 0
        if code not in (0, 45065):
            raise WeChatError(code)
        self.pushed += 1
        if code:
            raise WeChatError(code)

    send_notice = send_template = _push


@given(st.lists(ANSWERS, max_size=12), st.booleans(), st.booleans())
def test_whatever_is_answered_nobody_is_told_twice(codes: list[int], last: bool, has_agreed: bool) -> None:
    platform, clock = Platform(codes), SetClock(datetime(2026, 9, 1, 1, 0, tzinfo=UTC))
    told = WeChatNotices(platform, settings_for(last=last), clock, page)  # type: ignore[arg-type]  # all that is called
    outcome = NotSent(Failure.RETRY)
    while outcome.failure is Failure.RETRY:
        outcome = asyncio.run(told.tell(waiting(consents=[N_DUTY] if has_agreed else []), DUTY, "no window"))
        went = [knock for knock in outcome.knocks if knock.failure is None]
        assert len(went) == platform.pushed
        if outcome.failure is Failure.RETRY:
            assert (bool(outcome.knocks), went) == (True, [])
        clock.advance(seconds=max(((outcome.retry_at or clock()) - clock()).total_seconds(), 1))
    assert outcome.failure in (CLOSED, Failure.UNREACHABLE)
