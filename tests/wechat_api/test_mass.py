"""What the stand-in takes of mass sends, and what it refuses."""

from typing import Any

import pytest

from tests.set_clock import SetClock
from tests.wechat_api import Administrator, WeChatStandIn
from tests.wechat_api.conftest import Asked, Bot
from tests.wechat_api.mass import LONGEST_TEXT, MOST

SEND, GET = "message/mass/send", "message/mass/get"


def mass(**changed: Any) -> dict[str, Any]:
    given = {"touser": ["oOne", "oTwo"], "msgtype": "text", "text": {"content": "停水"}, "clientmsgid": "k1"}
    return {**given, **changed}


def test_a_key_is_taken_once_a_day(ask: Asked, clock: SetClock) -> None:
    first = ask(SEND, **mass())
    assert (first["errcode"], ask(SEND, **mass())["errcode"]) == (0, 45066)
    clock.advance(minutes=2)
    again = ask(SEND, **mass())
    assert (again["errcode"], again["msg_id"]) == (45065, first["msg_id"])
    clock.advance(hours=24)
    assert ask(SEND, **mass())["errcode"] == 0
    assert ask(GET, msg_id=first["msg_id"])["msg_status"] == "SENDING"
    assert ask(GET, msg_id=7)["errcode"] == 40059


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"touser": ["oOne"]}, 40130),
        ({"touser": [f"o{number}" for number in range(MOST + 1)]}, 40130),
        ({"touser": ["oOne", "oOne"]}, 40035),
        ({"touser": "oOne"}, 40035),
        ({"msgtype": "image"}, 40008),
        ({"text": {"content": " "}}, 44004),
        ({"clientmsgid": "k" * 33}, 45067),
        ({"surplus": 1}, 40035),
    ],
)
def test_what_no_good_bot_asks_is_a_breach(
    ask: Asked, stand_in: WeChatStandIn, changed: dict[str, Any], code: int
) -> None:
    assert ask(SEND, **mass(**changed))["errcode"] == code
    assert len(stand_in.violations) == 1


def test_a_long_text_is_refused(ask: Asked, stand_in: WeChatStandIn) -> None:
    assert ask(SEND, **mass(text={"content": "水" * (LONGEST_TEXT + 1)}))["errcode"] == 45002
    assert stand_in.violations == []


async def test_four_reach_a_follower_in_a_month(ask: Asked, stand_in: WeChatStandIn, bot: Bot, clock: SetClock) -> None:
    stays, leaves = stand_in.resident("oOne"), stand_in.resident("oTwo", follows=False)
    administrator = Administrator(stand_in)
    for number in range(5):
        ask(SEND, **mass(clientmsgid=f"k{number}"))
        (one,) = administrator.asked
        told = await administrator.confirms(one)
        assert told
        assert told.is_taken
        assert one.sent == (1 if number < 4 else 0)
    assert stays.texts == ["停水"] * 4
    assert leaves.texts == []
    assert len(bot.posted) == 5
    clock.advance(days=31)
    ask(SEND, **mass(clientmsgid="k9"))
    await administrator.confirms(administrator.asked[0])
    assert len(stays.texts) == 5
