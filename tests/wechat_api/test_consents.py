"""Pages prove themselves to WeChat's script, and what people say there reaches the bot."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from bot.channels.wechat_body import parse
from tests.set_clock import SetClock
from tests.wechat_api import Mode, Resident, WeChatStandIn
from tests.wechat_api.conftest import Bot
from tests.wechat_api.consents import TICKET_LASTS, PageDesk, about_notices

TICKET = "ticket/getticket"
# The documented example, with its signature.
URL, NONCE, SECONDS = "http://mp.weixin.qq.com?params=value", "Wm3WZYTPz0wzccnW", 1414587457


def test_a_ticket_is_the_same_until_it_has_expired(
    client: httpx.Client, stand_in: WeChatStandIn, clock: SetClock
) -> None:
    def ask() -> tuple[str, int]:
        token, _ = stand_in.account.tokens.give()
        answer = client.get(TICKET, params={"access_token": token, "type": "jsapi"}).json()
        assert answer["errcode"] == 0
        return answer["ticket"], answer["expires_in"]

    first, lasts = ask()
    assert lasts == 7200
    clock.advance(minutes=119)
    assert ask() == (first, 60)
    clock.advance(minutes=1)
    assert ask()[0] != first
    assert stand_in.account.pages.given == 3
    assert stand_in.violations == []


@pytest.mark.parametrize("query", [{}, {"type": "wx_card"}, {"type": "jsapi", "url": "x"}], ids=str)
def test_a_ticket_of_another_kind_is_held_against_the_bot(
    client: httpx.Client, token: str, stand_in: WeChatStandIn, query: dict[str, str]
) -> None:
    assert client.get(TICKET, params={"access_token": token, **query}).json()["errcode"] != 0
    assert len(stand_in.violations) == 1


def test_the_script_takes_a_page_of_the_account_alone(clock: SetClock) -> None:
    desk = PageDesk(clock, "wx1", {"mp.weixin.qq.com"})
    signed = {"appId": "wx1", "nonceStr": NONCE, "timestamp": SECONDS, "signature": "?"}
    assert desk.verdict(signed, URL) == "invalid signature"  # there is no ticket yet
    desk.give("jsapi")
    # Made with another program: printf of the parts in order, and sha1sum.
    signed["signature"] = "af656bb3a5dc333c3967cc0c9eff1baf4246763c"
    assert desk.verdict(signed, URL) == "ok"
    assert desk.verdict(signed, URL + "&from=singlemessage") == "invalid signature"
    assert desk.verdict(signed | {"appId": "wx2"}, URL) == "invalid appid"
    assert desk.verdict(signed | {"nonceStr": "x"}, URL) == "invalid signature"
    assert desk.verdict(signed, URL.replace("mp.", "evil.")) == "invalid url domain"
    clock.advance(seconds=TICKET_LASTS / timedelta(seconds=1))
    assert desk.verdict(signed, URL) == "invalid signature"


@pytest.mark.parametrize("as_json", [False, True])
@pytest.mark.parametrize("mode", Mode)
async def test_what_people_say_is_posted_in_the_consoles_format(
    bot: Bot, resident: Resident, stand_in: WeChatStandIn, mode: Mode, as_json: bool
) -> None:
    stand_in.account.mode, stand_in.account.as_json = mode, as_json
    exchange = await resident.agrees("A" * 43, "B" * 43)
    assert exchange.is_taken
    assert isinstance(exchange.said, bytes)
    fields = parse(exchange.said)
    assert (fields["Event"], fields["FromUserName"]) == ("subscribe_msg_popup_event", resident.openid)
    holder: Any = fields if as_json else fields["SubscribeMsgPopupEvent"]
    assert [one["TemplateId"] for one in holder["List"]] == ["A" * 43, "B" * 43]
    assert stand_in.account.consents == {(resident.openid, "A" * 43): 1, (resident.openid, "B" * 43): 1}
    for act in (resident.refuses, resident.switches_off, resident.is_told_of):
        assert (await act("A" * 43)).is_taken
    assert stand_in.account.consents[resident.openid, "A" * 43] == 0
    assert len(bot.posted) == 4


def test_one_alone_is_no_list_in_json() -> None:
    body = about_notices({"MsgType": "event"}, "change", [{"TemplateId": "A"}], as_json=True)
    assert body == b'{"MsgType": "event", "Event": "subscribe_msg_change_event", "List": {"TemplateId": "A"}}'
    assert parse(about_notices({"MsgType": "event"}, "sent", [{"TemplateId": "A"}], as_json=False)) == {
        "MsgType": "event",
        "Event": "subscribe_msg_sent_event",
        "SubscribeMsgSentEvent": {"List": {"TemplateId": "A"}},
    }


async def test_a_page_without_the_button_asks_nothing(bot: Bot, resident: Resident, stand_in: WeChatStandIn) -> None:
    del bot
    page = await resident.opens(f"{stand_in.account.url}?echostr=x")
    assert (page.status, page.html, page.asks, page.why) == (200, "x", (), "no button")
