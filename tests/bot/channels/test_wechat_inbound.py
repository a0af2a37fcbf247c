"""What each message and event of WeChat means.

The examples are the documented ones, of developers.weixin.qq.com/doc/service/en/guide/product: "接收普通消息",
"接收事件推送" (message/Receiving_event_pushes.html), "自定义菜单事件推送", "模板消息", "群发接口". That of a document
is EasyWeChat's.
"""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.chinese_coordinates import to_wgs84
from bot.channels.wechat_body import Malformed, parse, written
from bot.channels.wechat_inbound import OF_EVENT, OF_MESSAGE, read
from handlers.messages import Attachment, Inbound, Kind, Place

AT = datetime(2012, 9, 28, 16, 11, tzinfo=UTC)
SECONDS = "1348848660"
WHO = "oMgHVjngRipVsoxg6TuX3vz6glDg"
NUMBER = "1234567890123456"
_NUMBERS = frozenset({"CreateTime", "MsgId", "MsgID"})  # as documented
UNSHOWN = "【收到不支持的消息类型，暂无法显示】"

Flat = dict[str, str]


def message(kind: str, **fields: str) -> Flat:
    return event_of(kind) | {"MsgId": NUMBER} | fields


def event(name: str, **fields: str) -> Flat:
    return event_of("event") | {"Event": name} | fields


def event_of(kind: str) -> Flat:
    return {"ToUserName": "gh_e136c6e50636", "FromUserName": WHO, "CreateTime": SECONDS, "MsgType": kind}


def said(kind: Kind, text: str = "", **more: Any) -> Inbound:
    return Inbound("wechat", WHO, NUMBER, kind, AT, text=text, opens=OF_MESSAGE, **more)


def done(kind: Kind, told: str, text: str = "", **more: Any) -> Inbound:
    return Inbound("wechat", WHO, f"{WHO}:{SECONDS}:{told}", kind, AT, text=text, **more)


def file(kind: Kind, media_type: str, name: str = "") -> tuple[Attachment]:
    return (Attachment(kind, "media_id", name, media_type),)


UNDERSTOOD: dict[str, tuple[Flat, Inbound]] = {
    "text": (message("text", Content="this is a test"), said(Kind.TEXT, "this is a test")),
    "text of an article's reader": (
        message("text", Content="路灯坏了😀]]>", MsgDataId="x", Idx="1"),
        said(Kind.TEXT, "路灯坏了😀]]>"),
    ),
    "a sticker": (message("text", Content=UNSHOWN), said(Kind.UNKNOWN)),
    "text about stickers": (message("text", Content=f"为什么{UNSHOWN}"), said(Kind.TEXT, f"为什么{UNSHOWN}")),
    "text without any": (message("text", Content=""), said(Kind.UNKNOWN)),
    "choice of a msgmenu": (
        message("text", Content="满意", bizmsgmenuid="101"),
        said(Kind.CHOICE, "满意", choice="101"),
    ),
    "an invite, pasted": (
        message("text", Content=" i-AbC_123-def45678\n"),
        said(Kind.START, payload="i-AbC_123-def45678"),
    ),
    "nearly an invite": (message("text", Content="i-AbC_123-def4567"), said(Kind.TEXT, "i-AbC_123-def4567")),
    "image": (
        message("image", PicUrl="this is a url", MediaId="media_id"),
        said(Kind.PHOTO, attachments=file(Kind.PHOTO, "image/jpeg")),
    ),
    "voice": (
        message("voice", MediaId="media_id", Format="amr"),
        said(Kind.VOICE, attachments=file(Kind.VOICE, "audio/amr")),
    ),
    "voice, recognised": (
        message("voice", MediaId="media_id", Format="amr", Recognition="腾讯微信团队", MediaId16K="other"),
        said(Kind.VOICE, "腾讯微信团队", attachments=file(Kind.VOICE, "audio/amr")),
    ),
    "video": (
        message("video", MediaId="media_id", ThumbMediaId="thumb_media_id"),
        said(Kind.DOCUMENT, attachments=file(Kind.DOCUMENT, "video/mp4")),
    ),
    "short video": (
        message("shortvideo", MediaId="media_id", ThumbMediaId="thumb_media_id"),
        said(Kind.DOCUMENT, attachments=file(Kind.DOCUMENT, "video/mp4")),
    ),
    "location": (
        message("location", Location_X="23.134521", Location_Y="113.358803", Scale="20", Label="位置信息"),
        said(Kind.LOCATION, "位置信息", place=to_wgs84(Place(23.134521, 113.358803))),
    ),
    "location abroad": (
        message("location", Location_X="-33.86", Location_Y="151.21", Label=""),
        said(Kind.LOCATION, place=Place(-33.86, 151.21)),
    ),
    "link": (
        message(
            "link", Title="公众平台官网链接", Description="公众平台官网链接的说明", Url="https://example.org/a?b=1&c=2"
        ),
        said(Kind.TEXT, "公众平台官网链接\n公众平台官网链接的说明\nhttps://example.org/a?b=1&c=2"),
    ),
    "document, which WeChat lets nobody fetch": (
        message("file", Title="名单.xlsx", FileKey="k", FileMd5="m", FileTotalLen="1048576"),
        said(Kind.UNKNOWN),
    ),
    "document, if it ever does": (
        message("file", Title="名单.xlsx", MediaId="media_id"),
        said(Kind.DOCUMENT, attachments=file(Kind.DOCUMENT, "", "名单.xlsx")),
    ),
    "something new": (message("hologram", Content="看这里"), said(Kind.UNKNOWN, "看这里")),
    "kinds in other letters": (message("TEXT", Content="好"), said(Kind.TEXT, "好")),
    # --- what lacks what it needs
    "image without its file": (message("image", PicUrl="this is a url"), said(Kind.UNKNOWN)),
    "image with a name that is none": (message("image", MediaId="m" * 401), said(Kind.UNKNOWN)),
    "voice without its file": (message("voice", Recognition="路灯坏了"), said(Kind.UNKNOWN, "路灯坏了")),
    "location without its place": (message("location", Location_X="23.1", Label="村口"), said(Kind.UNKNOWN, "村口")),
    "location nowhere": (
        message("location", Location_X="nan", Location_Y="113", Label="村口"),
        said(Kind.UNKNOWN, "村口"),
    ),
    "location beyond": (message("location", Location_X="1e999", Location_Y="0"), said(Kind.UNKNOWN)),
    "link to nothing": (message("link"), said(Kind.UNKNOWN)),
    "no kind at all": (message(""), said(Kind.UNKNOWN)),
    # --- events
    "follow": (event("subscribe", EventKey=""), done(Kind.START, "subscribe:", opens=OF_EVENT)),
    "follow by a QR code": (
        event("subscribe", EventKey="qrscene_st-12", Ticket="TICKET"),
        done(Kind.START, "subscribe:qrscene_st-12", payload="st-12", opens=OF_EVENT),
    ),
    "follow after paying": (
        event("subscribe", EventKey="last_trade_no_4003752001201412176190932134"),
        done(Kind.START, "subscribe:last_trade_no_4003752001201412176190932134", opens=OF_EVENT),
    ),
    "scan": (
        event("SCAN", EventKey="st-12", Ticket="TICKET"),
        done(Kind.START, "SCAN:st-12", payload="st-12", opens=OF_EVENT),
    ),
    "scan of a code that is named oddly": (
        event("SCAN", EventKey="qrscene_1"),
        done(Kind.START, "SCAN:qrscene_1", payload="qrscene_1", opens=OF_EVENT),
    ),
    "leave": (event("unsubscribe", EventKey=""), done(Kind.BLOCKED, "unsubscribe:")),
    "menu": (event("CLICK", EventKey="提建议"), done(Kind.TEXT, "CLICK:提建议", "提建议", opens=OF_EVENT)),
    "menu without a word": (event("CLICK"), done(Kind.UNKNOWN, "CLICK:", opens=OF_EVENT)),
}

# What nobody expects an answer to: it is stored, and opens nothing.
HAPPENED: dict[str, tuple[Flat, str]] = {
    "where somebody is": (event("LOCATION", Latitude="23.137466", Longitude="113.352425"), "LOCATION"),
    "a page of the menu": (event("VIEW", EventKey="www.qq.com", MenuId="MENUID"), "VIEW"),
    "a mini program of the menu": (event("view_miniprogram", EventKey="pages/index/index"), "view_miniprogram"),
    "a code of the menu": (event("scancode_push", EventKey="6"), "scancode_push"),
    "a photo by the menu, which comes by itself": (event("pic_sysphoto", EventKey="6"), "pic_sysphoto"),
    "a place by the menu, which comes by itself": (event("location_select", EventKey="6"), "location_select"),
    "template message sent": (
        event("TEMPLATESENDJOBFINISH", MsgID="200163836", Status="success"),
        "TEMPLATESENDJOBFINISH success",
    ),
    "template message refused": (
        event("TEMPLATESENDJOBFINISH", MsgID="200163836", Status="failed:user block"),
        "TEMPLATESENDJOBFINISH failed:user block",
    ),
    "account verified": (
        event("qualification_verify_success", ExpiredTime="1442401156"),
        "qualification_verify_success",
    ),
    "something new": (event("hologram_event"), "hologram_event"),
    "something endless": (event("e" * 1000, Status="s" * 1000), "e" * 300),
    "an event without its name": (event(""), "event"),
}


def both(fields: Flat) -> tuple[Inbound, Inbound]:
    """A message as it comes in XML, and in JSON with numbers for what is documented as a number."""
    numbers = {name: int(value) if name in _NUMBERS and value else value for name, value in fields.items()}
    return read(parse(written(fields, as_json=False))), read(parse(json.dumps(numbers).encode()))


@pytest.mark.parametrize("case", UNDERSTOOD)
def test_what_each_means(case: str) -> None:
    fields, wanted = UNDERSTOOD[case]
    assert both(fields) == (wanted, wanted)


@pytest.mark.parametrize("case", HAPPENED)
def test_what_is_only_stored(case: str) -> None:
    fields, told = HAPPENED[case]
    found, in_json = both(fields)
    assert found == in_json
    assert found == Inbound("wechat", WHO, found.key, Kind.HAPPENED, AT, text=told)


def test_what_opens_a_window_and_how_wide() -> None:
    hours, minutes = OF_MESSAGE.lasts.total_seconds() / 3600, OF_EVENT.lasts.total_seconds() / 60
    assert (OF_MESSAGE.sends, hours) == (5, 48)
    assert (OF_EVENT.sends, minutes) == (3, 1)


# --- what is none


@pytest.mark.parametrize(
    "wrong",
    [
        {"FromUserName": ""},
        {"FromUserName": "o"},
        {"FromUserName": "o" * 65},
        {"FromUserName": "oMgHVj ngRip"},
        {"FromUserName": "路灯路灯路灯"},
        {"FromUserName": "oMgHVjngRip\n"},
        {"CreateTime": ""},
        {"CreateTime": "soon"},
        {"CreateTime": "-1"},
        {"CreateTime": "1348848660.5"},
        {"CreateTime": "１３４８８４８６６０"},
        {"CreateTime": "9" * 20},
        {"CreateTime": "9" * 5000},
    ],
    ids=str,
)
def test_nobody_and_never_are_refused(wrong: Flat) -> None:
    for fields in (message("text", Content="秘密"), event("CLICK", EventKey="秘密")):
        with pytest.raises(Malformed) as refused:
            read(parse(written(fields | wrong, as_json=True)))
        assert str(refused.value) in {"from nobody", "without its time"}


def test_a_service_message_of_another_platform_is_refused() -> None:
    # developer.work.weixin.qq.com/document/path/94699: it comes from nobody.
    body = """<xml><ToUserName>ww12345678910</ToUserName><CreateTime>1348831860</CreateTime><MsgType>event</MsgType>
    <Event>kf_msg_or_event</Event><Token>ENCApHxnGDNAVNY4AaSJKj4Tb5mwsEMzxhFmHVGcra996NR</Token></xml>"""
    with pytest.raises(Malformed):
        read(parse(body.encode()))


fuzzed = st.fixed_dictionaries(
    {"FromUserName": st.just(WHO) | st.text(max_size=8), "CreateTime": st.just(SECONDS) | st.text(max_size=8)},
    optional={
        "MsgType": st.sampled_from(["text", "event", "image", "location", "link", "file", "voice"])
        | st.text(max_size=4),
        "Event": st.sampled_from(["CLICK", "SCAN", "subscribe", "VIEW", "subscribe_msg_popup_event"])
        | st.text(max_size=4),
        **dict.fromkeys(
            ["EventKey", "Content", "MediaId", "Label", "Title", "Url", "bizmsgmenuid"], st.text(max_size=4)
        ),
        **dict.fromkeys(["Location_X", "Location_Y"], st.floats().map(str) | st.text(max_size=4)),
        "MsgId": st.integers() | st.text(max_size=4) | st.lists(st.dictionaries(st.text(), st.text()), max_size=2),
        "List": st.lists(
            st.dictionaries(st.sampled_from(["TemplateId", "SubscribeStatusString"]), st.text(max_size=3))
        ),
    },
)


@given(fuzzed)
def test_whatever_has_a_sender_and_a_time_is_stored(fields: dict[str, Any]) -> None:
    try:
        found = read(parse(json.dumps(fields).encode()))
    except Malformed:
        assert (fields["FromUserName"], fields["CreateTime"]) != (WHO, SECONDS)
        return
    assert found.channel == "wechat"
    assert found.key
    assert found.place is None or (abs(found.place.latitude) < 91 and abs(found.place.longitude) < 181)


# --- keys


def key(fields: Flat) -> str:
    found, in_json = both(fields)
    assert found.key == in_json.key
    return found.key


tokens = st.sampled_from(["", "1", "2", ":", "1:2", "subscribe", "提建议"])
acts = st.builds(
    lambda who, seconds, told: {"FromUserName": who, "CreateTime": seconds} | told,
    st.sampled_from(["openid_1", "openid_2"]),
    st.sampled_from(["1", "11", "1348848660"]),
    st.builds(lambda number: {"MsgType": "text", "MsgId": number}, st.sampled_from(["1", "2", "11"]))
    | st.builds(lambda text: {"MsgType": "text", "Content": text}, tokens)
    | st.builds(
        lambda name, key, result: {"MsgType": "event", "Event": name, "EventKey": key, "MsgID": result},
        st.sampled_from(["CLICK", "SCAN", "subscribe", "unsubscribe", "VIEW", "TEMPLATESENDJOBFINISH", "1:2"]),
        tokens,
        tokens,
    ),
)


def told(act: Flat) -> object:
    """What makes two of them one and the same."""
    if "Event" in act and act["Event"] in {"CLICK", "SCAN", "subscribe", "unsubscribe"}:
        return act["FromUserName"], act["CreateTime"], act["Event"], act["EventKey"]
    return act.get("MsgId") or sorted(act.items())


@given(acts, acts)
def test_a_repeat_has_the_same_key_and_nothing_else_has(one: Flat, other: Flat) -> None:
    keys = [read(parse(written(act, as_json=as_json))).key for act in (one, other) for as_json in (True, False)]
    assert keys[0] == keys[1]
    assert keys[2] == keys[3]
    assert (keys[0] == keys[2]) == (told(one) == told(other))


def test_two_events_of_one_second_are_two() -> None:
    results = [event("TEMPLATESENDJOBFINISH", MsgID=number, Status="success") for number in ("200163836", "200163837")]
    clicks = [event("CLICK", EventKey=word) for word in ("提建议", "我的建议")]
    assert len({key(fields) for fields in [*results, *clicks]}) == 4


def test_an_events_number_is_none_of_a_message() -> None:
    assert key(event("hologram_event", MsgId=NUMBER)) != key(message("text", Content="好")) == NUMBER


def test_messages_without_a_number_are_told_apart_by_what_they_say() -> None:
    unnumbered = [message("text", Content=words) | {"MsgId": ""} for words in ("路灯坏了", "路灯好了")]
    assert len({key(fields) for fields in unnumbered}) == 2
    assert key(unnumbered[0]) == key(dict(reversed(unnumbered[0].items())))
