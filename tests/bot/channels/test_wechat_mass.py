"""Mass sends as WeChat takes them, refuses them, and tells what became of them."""

import json

import pytest

from bot.channels.base import Asked, Failure, NotSent
from bot.channels.wechat_api import WeChatApi
from bot.channels.wechat_body import Malformed, parse, written
from bot.channels.wechat_inbound import read
from bot.channels.wechat_mass import WeChatMass
from handlers.messages import Kind
from storage.mass_sends import MassSent
from tests.bot.channels.wechat_api_stage import api, clock, wechat
from tests.bot_api.faults import Effect, drops_after, drops_before, garbles
from tests.set_clock import SetClock
from tests.wechat_api import Administrator, Resident, WeChatStandIn, errcode, internal_error

__all__ = ["api", "clock", "wechat"]

SEND, GET = "message/mass/send", "message/mass/get"
TEXT = "【停水通知】\n周三停水。"


@pytest.fixture
def people(wechat: WeChatStandIn) -> list[Resident]:
    return [wechat.resident(f"oResident000{number}") for number in range(3)]


@pytest.fixture
def mass(api: WeChatApi, clock: SetClock) -> WeChatMass:
    return WeChatMass(api, clock)


def ids(people: list[Resident]) -> list[str]:
    return [one.openid for one in people]


async def test_it_reaches_all_when_it_is_confirmed(
    mass: WeChatMass, wechat: WeChatStandIn, people: list[Resident]
) -> None:
    asked = await mass.send("k1", ids(people), TEXT)
    assert isinstance(asked, Asked)
    administrator = Administrator(wechat)
    (one,) = administrator.asked
    assert (str(one.number), one.people) == (asked.number, tuple(ids(people)))
    assert await mass.became(asked.number) == Asked(asked.number)
    await administrator.confirms(one)
    assert [person.texts for person in people] == [[TEXT]] * 3
    assert await mass.became(asked.number) == Asked(asked.number, "send success")


async def test_a_refused_one_reaches_nobody(mass: WeChatMass, wechat: WeChatStandIn, people: list[Resident]) -> None:
    asked = await mass.send("k1", ids(people), TEXT)
    assert isinstance(asked, Asked)
    await Administrator(wechat).refuses(Administrator(wechat).asked[0])
    assert await mass.became(asked.number) == Asked(asked.number, "send fail")
    assert [person.texts for person in people] == [[]] * 3


async def test_a_key_that_came_before_tells_the_number_of_the_first(
    mass: WeChatMass, wechat: WeChatStandIn, people: list[Resident], clock: SetClock
) -> None:
    wechat.faults.add(drops_after(), method=SEND)
    assert await mass.send("k1", ids(people), TEXT) == NotSent(Failure.RETRY, "NetworkError")
    (one,) = Administrator(wechat).asked
    clock.advance(seconds=30)
    assert await mass.send("k1", ids(people), TEXT) == NotSent(Failure.RETRY, "45066")
    clock.advance(seconds=75)
    assert await mass.send("k1", ids(people), TEXT) == Asked(str(one.number))
    assert len(Administrator(wechat).asked) == 1


@pytest.mark.parametrize(
    ("code", "failure"),
    [
        (-1, Failure.RETRY),
        (45009, Failure.PAUSED),
        (45011, Failure.PAUSED),
        (48001, Failure.MISCONFIGURED),
        (50002, Failure.MISCONFIGURED),
        (45028, Failure.REFUSED),
        (45002, Failure.REFUSED),
        (40130, Failure.REFUSED),
        (12345, Failure.MISCONFIGURED),
    ],
)
async def test_every_refusal_has_its_decision(
    code: int, failure: Failure, mass: WeChatMass, wechat: WeChatStandIn, people: list[Resident]
) -> None:
    wechat.faults.add(errcode(code), method=SEND)
    outcome = await mass.send("k1", ids(people), TEXT)
    assert isinstance(outcome, NotSent)
    assert (outcome.failure, outcome.detail) == (failure, str(code))
    assert (outcome.retry_at is not None) == (failure is Failure.PAUSED)


@pytest.mark.parametrize("effect", [drops_before(), garbles(), internal_error()], ids=["lost", "garbled", "broken"])
async def test_what_is_no_answer_is_tried_again(
    effect: Effect, mass: WeChatMass, wechat: WeChatStandIn, people: list[Resident]
) -> None:
    wechat.faults.add(effect, method=SEND)
    assert await mass.send("k1", ids(people), TEXT) == NotSent(Failure.RETRY, "NetworkError")


async def test_of_a_message_that_there_never_was_nobody_knows(mass: WeChatMass) -> None:
    assert await mass.became("987") == NotSent(Failure.REFUSED, "40059")


async def test_an_account_that_is_not_verified_may_not(
    mass: WeChatMass, wechat: WeChatStandIn, people: list[Resident]
) -> None:
    wechat.account.is_verified = False
    assert await mass.send("k1", ids(people), TEXT) == NotSent(Failure.MISCONFIGURED, "48001")


# --- what the platform tells

FIELDS = {
    "ToUserName": "gh_4d00ed8d6399",
    "FromUserName": "mphelper",
    "CreateTime": "1481013459",
    "MsgType": "event",
    "Event": "MASSSENDJOBFINISH",
    "MsgID": "1000001625",
    "Status": "err(40002)",
    "TotalCount": "4",
    "FilterCount": "3",
    "SentCount": "2",
    "ErrorCount": "1",
}


@pytest.mark.parametrize("by", ["mphelper", "oR5Gjjl_eiZoUpGozMo7dbBJ362A", "", "公众号群发助手"])
def test_it_is_told_by_nobody_whatever_the_name(by: str) -> None:
    fields = FIELDS | {"FromUserName": by}
    nested = json.dumps(fields | {"CopyrightCheckResult": {"Count": 0, "ResultList": [{"item": {"ArticleIdx": 1}}]}})
    for found in (read(parse(written(fields, as_json=False))), read(parse(nested.encode()))):
        assert found.mass == MassSent("1000001625", "err(40002)", 4, 3, 2, 1)
        assert (found.account, found.kind, found.key) == ("", Kind.HAPPENED, "mass:1000001625")


@pytest.mark.parametrize("number", ["", "abc", "-1", "1" * 30])
def test_what_tells_of_no_message_is_refused(number: str) -> None:
    with pytest.raises(Malformed):
        read(parse(written(FIELDS | {"MsgID": number}, as_json=False)))


def test_counts_that_are_none_and_a_missing_status_are_no_fault() -> None:
    fields = FIELDS | {"TotalCount": "viele", "SentCount": "9" * 40}
    del fields["Status"]
    assert read(parse(written(fields, as_json=False))).mass == MassSent("1000001625", "send fail", 0, 3, 0, 1)
