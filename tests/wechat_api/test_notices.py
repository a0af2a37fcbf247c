"""What the stand-in takes of notices and template messages, and what it refuses."""

from typing import Any

import httpx
import pytest

from tests.set_clock import SetClock
from tests.wechat_api import Resident, Screen, Template, WeChatStandIn
from tests.wechat_api.conftest import Asked
from tests.wechat_api.notices import FILL_IN, NOTIFY

OF_NOTICE, OF_MESSAGE = "n-plainly-invented-template-identity", "m-plainly-invented-template-identity"
CONTENT = "事项：{{thing1.DATA}}\n编号：{{character_string2.DATA}}\n状态：{{phrase3.DATA}}\n时间：{{time4.DATA}}"
SAID = {"thing1": "月度视察", "character_string2": "12", "phrase3": "已受理", "time4": "2026年3月2日 09:00"}
TEXT = "提醒\n事项：月度视察\n编号：12\n状态：已受理\n时间：2026年3月2日 09:00"


@pytest.fixture(autouse=True)
def _owns_templates(stand_in: WeChatStandIn) -> None:
    stand_in.account.templates[OF_NOTICE] = Template("提醒", CONTENT)
    stand_in.account.templates[OF_MESSAGE] = Template("提醒", CONTENT, is_notice=False)


def given(template: str, says: dict[str, str] | None = None, **more: Any) -> dict[str, Any]:
    data = {keyword: {"value": value} for keyword, value in {**SAID, **(says or {})}.items()}
    return {"touser": "oResident0001", "template_id": template, "data": data, **more}


def test_a_notice_takes_a_consent(ask: Asked, stand_in: WeChatStandIn, resident: Resident) -> None:
    assert ask(NOTIFY, **given(OF_NOTICE))["errcode"] == 43101
    stand_in.account.agree(resident.openid, OF_NOTICE, 2)
    url = "https://minsheng.example.org/wechat"
    codes = [ask(NOTIFY, **given(OF_NOTICE, page=url))["errcode"] for _ in range(3)]
    assert codes == [0, 0, 43101]
    assert resident.screens == [Screen("notice", stand_in.clock(), TEXT, url=url)] * 2
    stand_in.account.agree(resident.openid, OF_NOTICE)
    stand_in.account.agree(resident.openid, OF_NOTICE, 0)
    assert ask(NOTIFY, **given(OF_NOTICE))["errcode"] == 43101
    assert stand_in.violations == []


def test_a_consent_for_good_lasts(ask: Asked, stand_in: WeChatStandIn, resident: Resident) -> None:
    stand_in.account.templates[OF_NOTICE] = Template("提醒", CONTENT, lasts=True)
    stand_in.account.agree(resident.openid, OF_NOTICE)
    assert [ask(NOTIFY, **given(OF_NOTICE))["errcode"] for _ in range(3)] == [0, 0, 0]
    stand_in.account.agree(resident.openid, OF_NOTICE, 0)
    assert ask(NOTIFY, **given(OF_NOTICE))["errcode"] == 43101


def test_a_template_message_needs_none_and_comes_once_by_its_key(
    ask: Asked, resident: Resident, clock: SetClock
) -> None:
    answer = ask(FILL_IN, **given(OF_MESSAGE, client_msg_id="o7", url="https://minsheng.example.org/"))
    assert set(answer) == {"errcode", "errmsg", "msgid"}
    assert ask(FILL_IN, **given(OF_MESSAGE, client_msg_id="o7"))["errcode"] == 45065
    assert ask(FILL_IN, **given(OF_MESSAGE, client_msg_id="o8"))["errcode"] == 0
    clock.advance(minutes=10)
    assert ask(FILL_IN, **given(OF_MESSAGE, client_msg_id="o7"))["errcode"] == 0
    assert [screen.kind for screen in resident.screens] == ["template"] * 3
    assert resident.screens[0].url == "https://minsheng.example.org/"


async def test_who_left_or_never_came_is_not_reached(ask: Asked, stand_in: WeChatStandIn, resident: Resident) -> None:
    stand_in.account.agree(resident.openid, OF_NOTICE)
    await resident.unfollows()
    assert ask(FILL_IN, **given(OF_MESSAGE))["errcode"] == 43004
    assert ask(NOTIFY, **given(OF_NOTICE))["errcode"] == 0, "who does not follow reads it among their 服务通知"
    for name, template in ((FILL_IN, OF_MESSAGE), (NOTIFY, OF_NOTICE)):
        assert ask(name, **{**given(template), "touser": "oNobody"})["errcode"] == 40003


@pytest.mark.parametrize(("name", "template"), [(NOTIFY, OF_MESSAGE), (FILL_IN, OF_NOTICE), (FILL_IN, "none")])
def test_an_unknown_template_is_refused(ask: Asked, stand_in: WeChatStandIn, name: str, template: str) -> None:
    assert ask(name, **given(template))["errcode"] == 40037
    assert stand_in.violations == [], "what is set up wrong is no fault of the program"


def test_what_has_other_keywords_is_refused(ask: Asked, stand_in: WeChatStandIn, resident: Resident) -> None:
    assert ask(FILL_IN, **given(OF_MESSAGE, {"thing9": "多了"}))["errcode"] == 47003
    assert ask(FILL_IN, **{**given(OF_MESSAGE), "data": {"thing1": {"value": "少了"}}})["errcode"] == 47003
    assert resident.screens == []
    assert stand_in.violations == []


@pytest.mark.parametrize(
    "says",
    [
        {"thing1": ""},
        {"thing1": "  "},
        {"thing1": "路" * 21},
        {"thing1": "月度\n视察"},
        {"thing1": "月度视察😀"},
        {"thing1": "①"},
        {"character_string2": "第12号"},
        {"character_string2": "1" * 33},
        {"phrase3": "accepted"},
        {"phrase3": "已经受理办理"},
        {"time4": "2026-03-02"},
        {"time4": "2026年3月2日"},
    ],
    ids=str,
)
def test_what_does_not_fit_is_held_against_the_bot(
    ask: Asked, stand_in: WeChatStandIn, resident: Resident, says: dict[str, str]
) -> None:
    assert ask(FILL_IN, **given(OF_MESSAGE, says))["errcode"] == 47003
    assert len(stand_in.violations) == 1
    assert resident.screens == []


def test_a_field_that_nobody_documents_is_held_against_the_bot(ask: Asked, stand_in: WeChatStandIn) -> None:
    ask(NOTIFY, **given(OF_NOTICE, client_msg_id="o7"))
    ask(FILL_IN, **given(OF_MESSAGE, page="https://minsheng.example.org/"))
    ask(FILL_IN, **{**given(OF_MESSAGE), "data": SAID})
    assert len(stand_in.violations) == 3


def test_quotas_and_permissions(ask: Asked, stand_in: WeChatStandIn, resident: Resident) -> None:
    assert stand_in.account.per_day[FILL_IN] == 100_000
    stand_in.account.per_day[FILL_IN] = 1
    assert [ask(FILL_IN, **given(OF_MESSAGE))["errcode"] for _ in range(2)] == [0, 45009]
    stand_in.account.is_verified = False
    assert [ask(name, **given(OF_NOTICE))["errcode"] for name in (NOTIFY, FILL_IN)] == [48001, 48001]
    assert len(resident.screens) == 1


def test_an_account_lists_its_templates(stand_in: WeChatStandIn, client: httpx.Client, token: str) -> None:
    query = {"access_token": token}
    (notice,) = client.get(f"{stand_in.base_url}/wxaapi/newtmpl/gettemplate", params=query).json()["data"]
    assert notice == {"priTmplId": OF_NOTICE, "title": "提醒", "content": CONTENT, "example": "", "type": 2}
    (message,) = client.get("template/get_all_private_template", params=query).json()["template_list"]
    assert message == {"template_id": OF_MESSAGE, "title": "提醒", "content": CONTENT, "example": ""}
    assert stand_in.violations == []
