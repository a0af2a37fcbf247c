"""From what WeChat posts to what the conversations understand.

Fields and events as the Official Accounts Platform documents them: "接收普通消息", "接收事件推送", and for notices
"订阅通知的事件推送".
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from bot.channels.chinese_coordinates import to_wgs84
from bot.channels.wechat_body import Fields, Malformed, text_of
from bot.channels.wechat_settings import NAME
from handlers.enrolment import INVITE
from handlers.messages import Attachment, Inbound, Kind, Place, Window

_OPENID = re.compile(r"[A-Za-z0-9_-]{6,64}")
# Sent as a text, for only a verified 服务号 has codes to scan with a parameter; `minsheng invite` prints it.
_INVITE = re.compile(INVITE + r"-[A-Za-z0-9_-]{16}")
_SCENE = "qrscene_"  # before the parameter of a QR code, if who scanned it did not follow the account yet

# What opens a window for customer service messages (客服消息), and how wide: five in 48 hours after a message, three in
# a minute after a click, a follow or a scan ("客服接口-发消息", since 2023).
OF_MESSAGE = Window("message", 5, timedelta(hours=48))
OF_EVENT = Window("event", 3, timedelta(minutes=1))


def read(fields: Fields) -> Inbound:
    """What a person said or did. Raises Malformed where it is not told who, when or which."""
    account = text_of(fields, "FromUserName")
    if not _OPENID.fullmatch(account):
        raise Malformed("from nobody")
    at = _moment(text_of(fields, "CreateTime"))
    kind = text_of(fields, "MsgType").lower()
    event = text_of(fields, "Event") if kind == "event" else ""
    number = "" if kind == "event" else text_of(fields, "MsgId")
    told = number or ":".join((account, text_of(fields, "CreateTime"), event or kind, text_of(fields, "EventKey")))
    one = Inbound(NAME, account, told, Kind.UNKNOWN, at)
    if kind == "event":
        return _EVENTS.get(event.lower(), _something)(one, fields)
    return _MESSAGES.get(kind, _said)(one._replace(opens=OF_MESSAGE), fields)


def _moment(seconds: str) -> datetime:
    try:
        return datetime.fromtimestamp(int(seconds), UTC)
    except (ValueError, OverflowError, OSError):
        raise Malformed("without its time") from None


# --- messages


def _said(one: Inbound, fields: Fields) -> Inbound:
    return one._replace(text=text_of(fields, "Content"))


def _text(one: Inbound, fields: Fields) -> Inbound:
    # A choice of a menu among messages (msgmenu) comes back as its text.
    choice = text_of(fields, "bizmsgmenuid")
    said = _said(one, fields)._replace(kind=Kind.CHOICE if choice else Kind.TEXT, choice=choice)
    invite = said.text.strip()
    return said._replace(kind=Kind.START, text="", payload=invite) if _INVITE.fullmatch(invite) else said


def _file(kind: Kind, media_type: str) -> Callable[[Inbound, Fields], Inbound]:
    def read_file(one: Inbound, fields: Fields) -> Inbound:
        media = text_of(fields, "MediaId")
        if not media:
            return one
        name = text_of(fields, "Title") if kind is Kind.DOCUMENT else ""
        attachment = Attachment(kind, media, name, media_type)
        return one._replace(kind=kind, text=text_of(fields, "Recognition"), attachments=(attachment,))

    return read_file


def _location(one: Inbound, fields: Fields) -> Inbound:
    label = text_of(fields, "Label")
    try:
        shown = Place(float(text_of(fields, "Location_X")), float(text_of(fields, "Location_Y")))
    except ValueError:
        return one._replace(text=label)
    return one._replace(kind=Kind.LOCATION, text=label, place=to_wgs84(shown))


def _link(one: Inbound, fields: Fields) -> Inbound:
    lines = (text_of(fields, name) for name in ("Title", "Description", "Url"))
    return one._replace(kind=Kind.TEXT, text="\n".join(filter(None, lines)))


_MESSAGES: Mapping[str, Callable[[Inbound, Fields], Inbound]] = {
    "text": _text,
    "image": _file(Kind.PHOTO, "image/jpeg"),
    "voice": _file(Kind.VOICE, "audio/amr"),
    "video": _file(Kind.DOCUMENT, "video/mp4"),
    "shortvideo": _file(Kind.DOCUMENT, "video/mp4"),
    "location": _location,
    "link": _link,
    "file": _file(Kind.DOCUMENT, ""),
}


# --- events


def _something(one: Inbound, _: Fields) -> Inbound:
    return one._replace(kind=Kind.HAPPENED)


def _came(one: Inbound, fields: Fields) -> Inbound:
    scene = text_of(fields, "EventKey").removeprefix(_SCENE)
    return one._replace(kind=Kind.START, payload=scene, opens=OF_EVENT)


def _left(one: Inbound, _: Fields) -> Inbound:
    return one._replace(kind=Kind.BLOCKED)


def _clicked(one: Inbound, fields: Fields) -> Inbound:
    # The key of a place in our menu is the word that begins its conversation.
    return one._replace(kind=Kind.TEXT, text=text_of(fields, "EventKey"), opens=OF_EVENT)


_EVENTS: Mapping[str, Callable[[Inbound, Fields], Inbound]] = {
    "subscribe": _came,
    "scan": _came,
    "unsubscribe": _left,
    "click": _clicked,
}
