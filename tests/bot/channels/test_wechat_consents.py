"""What people say to notices, as WeChat tells it.

The examples are the documented ones, of
developers.weixin.qq.com/doc/service/en/guide/product/subscription_messages/push.html.
"""

import json

import pytest

from bot.channels.wechat_body import parse
from bot.channels.wechat_inbound import read
from handlers.messages import Agreed, Inbound, Kind
from storage.consents import MOST
from tests.bot.channels.test_wechat_inbound import AT, WHO, Flat, event, event_of
from tests.wechat_api.consents import about_notices

ONE, OTHER = "VRR0UEO9VJOLs0MHlU0OilqX6MVFDwH3_3gz3Oc0NIc", "9nLIlbOQZC5Y89AZteFEux3WCXRRRG5Wfzkpssu4bLI"


def popup(template: str, answer: str) -> Flat:
    return {"TemplateId": template, "SubscribeStatusString": answer, "PopupScene": "2"}


def sent(template: str, code: str, status: str) -> Flat:
    return {"TemplateId": template, "MsgID": "1700827132819554304", "ErrorCode": code, "ErrorStatus": status}


# An event about notices: of which kind, what stands in its list, what is stored of it, and what follows from it.
NOTICES: dict[str, tuple[str, list[Flat], str, tuple[Agreed, ...]]] = {
    "as documented": (
        "popup",
        [popup(ONE, "accept"), popup(OTHER, "reject")],
        f"accept {ONE} reject {OTHER}",
        (Agreed(ONE, 1), Agreed(OTHER, None)),
    ),
    "one alone": ("popup", [popup(ONE, "accept")], f"accept {ONE}", (Agreed(ONE, 1),)),
    "another answer": ("popup", [popup(ONE, "filter")], f"filter {ONE}", ()),
    "switched off later": (
        "change",
        [{"TemplateId": ONE, "SubscribeStatusString": "reject"}],
        f"reject {ONE}",
        (Agreed(ONE, None),),
    ),
    "left on": ("change", [{"TemplateId": ONE, "SubscribeStatusString": "accept"}], f"accept {ONE}", ()),
    "sent, which its sender counts": ("sent", [sent(ONE, "0", "success")], f"success {ONE}", ()),
    "refused by a code": ("sent", [sent(ONE, "43101", "")], ONE, (Agreed(ONE, None),)),
    "refused in words": (
        "sent",
        [sent(ONE, "1", "user refuse to accept the msg")],
        f"user refuse to accept the msg {ONE}",
        (Agreed(ONE, None),),
    ),
    "not sent for another reason": ("sent", [sent(ONE, "-1", "system error")], f"system error {ONE}", ()),
    "no template": ("popup", [popup("", "accept"), popup("有空格 的", "accept"), popup("a" * 65, "accept")], "", ()),
    "more than anybody is asked": (
        "popup",
        [popup(ONE, "accept")] * 50,
        " ".join([f"accept {ONE}"] * 10),
        (Agreed(ONE, 1),) * 10,
    ),
}


def of_notices(kind: str, listed: list[Flat]) -> list[Inbound]:
    head = event_of("event")
    bodies = [about_notices(head, kind, listed, as_json=as_json) for as_json in (False, True)]
    return [read(parse(body)) for body in bodies]


@pytest.mark.parametrize("case", NOTICES)
def test_what_people_say_to_notices(case: str) -> None:
    kind, listed, told, agreed = NOTICES[case]
    for found in of_notices(kind, listed):
        text = f"subscribe_msg_{kind}_event {told}".strip()[:300]
        assert found == Inbound("wechat", WHO, found.key, Kind.HAPPENED, AT, text=text, agreed=agreed)


def test_who_agrees_for_good_agrees_to_as_many_as_are_counted() -> None:
    body = about_notices(event_of("event"), "popup", [popup(ONE, "accept"), popup(OTHER, "reject")], as_json=False)
    assert read(parse(body), notices_last=True).agreed == (Agreed(ONE, MOST), Agreed(OTHER, None))


def test_a_list_is_found_under_whatever_name_and_a_broken_one_is_none() -> None:
    """That of the change event was documented under the name of the popup's."""
    body = about_notices(event_of("event"), "change", [popup(ONE, "reject")], as_json=False)
    misnamed = body.replace(b"SubscribeMsgChangeEvent", b"SubscribeMsgPopupEvent")
    assert read(parse(misnamed)).agreed == (Agreed(ONE, None),)
    for broken in ("", "x", ["x"], [["x"]], {"TemplateId": {"a": "b"}}, {"TemplateId": [ONE]}):
        fields = event("subscribe_msg_popup_event") | {"List": broken}
        assert read(parse(json.dumps(fields).encode())).agreed == ()


def test_another_event_with_such_a_list_agrees_to_nothing() -> None:
    fields = event("subscribe_msg_party_event") | {"List": popup(ONE, "accept")}
    assert read(parse(json.dumps(fields).encode())).agreed == ()
