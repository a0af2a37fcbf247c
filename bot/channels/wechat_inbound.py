"""From what WeChat posts to what the conversations understand.

Fields and events as the Official Accounts Platform documents them: "接收普通消息", "接收事件推送", and for notices
"订阅通知的事件推送".
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.channels.chinese_coordinates import to_wgs84
from bot.channels.wechat_body import Fields, Malformed, Value, text_of
from bot.channels.wechat_settings import NAME
from handlers.enrolment import INVITE
from handlers.messages import Agreed, Attachment, Inbound, Kind, Place, Window
from storage.consents import MOST
from storage.mass_sends import MassSent

_OPENID = re.compile(r"[A-Za-z0-9_-]{6,64}")
_NUMBER = re.compile(r"[0-9]{1,20}")
_PEOPLE = re.compile(r"[0-9]{1,9}")
_UNTOLD = "send fail"  # what became of a message to many, where that is left out
_ID_LENGTH = 400  # of a file; WeChat's ids so far have a sixth of it
# Sent as a text, for only a verified 服务号 has codes to scan with a parameter; `minsheng invite` prints it.
_INVITE = re.compile(INVITE + r"-[A-Za-z0-9_-]{16}")
_SCENE = "qrscene_"  # before the parameter of a QR code, if who scanned it did not follow the account yet
# What WeChat puts in place of what it hands on to no account, a sticker (自定义表情) for one. Not documented.
_NOT_HANDED_ON = "【收到不支持的消息类型，暂无法显示】"
_TEMPLATE = re.compile(r"[A-Za-z0-9_-]{1,64}")
_LISTED = 10  # templates in one event; a page asks for five at most ("订阅通知介绍")
_TOLD = 300  # characters of what happened

# What opens a window for customer service messages (客服消息), and how wide: five in 48 hours after a message, three in
# a minute after a click, a follow or a scan ("客服接口-发消息", since 2023).
OF_MESSAGE = Window("message", 5, timedelta(hours=48))
OF_EVENT = Window("event", 3, timedelta(minutes=1))


def read(fields: Fields, *, notices_last: bool = False) -> Inbound:
    """What a person said or did. Raises Malformed where it is not told who, or when.

    `notices_last`: who agrees to notices does so for good (长期订阅), not to one.
    """
    account, seconds = text_of(fields, "FromUserName"), text_of(fields, "CreateTime")
    kind = text_of(fields, "MsgType").lower()
    event = text_of(fields, "Event") or kind if kind == "event" else ""
    if event.lower() == "masssendjobfinish":
        return _massed(fields, seconds)
    if not _OPENID.fullmatch(account):
        raise Malformed("from nobody")
    one = Inbound(NAME, account, _key(account, seconds, event, fields), Kind.UNKNOWN, _moment(seconds))
    if event.lower() in _EVENTS:
        return _EVENTS[event.lower()](one, fields)
    if event:
        return _happened(one, event, fields, MOST if notices_last else 1)
    return _MESSAGES.get(kind, _said)(one._replace(opens=OF_MESSAGE), fields)


def _key(account: str, seconds: str, event: str, fields: Fields) -> str:
    """Of a message its number; of an event who, when, what, and on what ("接收事件推送"). What has neither a number nor
    a key of its own differs by all it says: the results of two messages of ours may come in one second."""
    number = text_of(fields, "MsgId")
    if not event and _NUMBER.fullmatch(number):
        return number
    if event.lower() in _EVENTS:
        return ":".join((account, seconds, event, text_of(fields, "EventKey")))
    all_of_it = json.dumps(fields, sort_keys=True).encode()
    return ":".join((account, seconds, hashlib.blake2b(all_of_it, digest_size=16).hexdigest()))


def _moment(seconds: str) -> datetime:
    try:
        if _NUMBER.fullmatch(seconds):
            return datetime.fromtimestamp(int(seconds), UTC)
    except (ValueError, OverflowError, OSError):
        pass  # no time that there is
    raise Malformed("without its time")


# --- messages


def _said(one: Inbound, fields: Fields) -> Inbound:
    return one._replace(text=text_of(fields, "Content"))


def _text(one: Inbound, fields: Fields) -> Inbound:
    said = _said(one, fields)
    if said.text == _NOT_HANDED_ON:
        return one
    # A choice of a menu among messages (msgmenu) comes back as its text.
    if choice := text_of(fields, "bizmsgmenuid"):
        return said._replace(kind=Kind.CHOICE, choice=choice)
    invite = said.text.strip()
    if _INVITE.fullmatch(invite):
        return one._replace(kind=Kind.START, payload=invite)
    return _with_words(one, said.text)


def _with_words(one: Inbound, text: str) -> Inbound:
    return one._replace(kind=Kind.TEXT, text=text) if text else one


def _file(kind: Kind, media_type: str) -> Callable[[Inbound, Fields], Inbound]:
    def read_file(one: Inbound, fields: Fields) -> Inbound:
        said, media = one._replace(text=text_of(fields, "Recognition")), text_of(fields, "MediaId")
        # A document (MsgType file) has none so far, and so cannot be fetched.
        if not 0 < len(media) <= _ID_LENGTH:
            return said
        name = text_of(fields, "Title") if kind is Kind.DOCUMENT else ""
        return said._replace(kind=kind, attachments=(Attachment(kind, media, name, media_type),))

    return read_file


def _picture(one: Inbound, fields: Fields) -> Inbound:
    """With its address, too, for accounts that may not fetch it by its id."""
    found = _file(Kind.PHOTO, "image/jpeg")(one, fields)
    address = text_of(fields, "PicUrl")
    if not found.attachments or not address or any(map(str.isspace, address)):
        return found
    (attachment,) = found.attachments
    both = f"{attachment.platform_id} {address}"
    return found._replace(attachments=(replace(attachment, platform_id=both),)) if len(both) <= _ID_LENGTH else found


def _location(one: Inbound, fields: Fields) -> Inbound:
    said = one._replace(text=text_of(fields, "Label"))
    try:
        shown = Place(float(text_of(fields, "Location_X")), float(text_of(fields, "Location_Y")))
    except ValueError:
        return said
    if not (abs(shown.latitude) <= 90 and abs(shown.longitude) <= 180):
        return said
    return said._replace(kind=Kind.LOCATION, place=to_wgs84(shown))


def _link(one: Inbound, fields: Fields) -> Inbound:
    lines = (text_of(fields, name) for name in ("Title", "Description", "Url"))
    return _with_words(one, "\n".join(filter(None, lines)))


_MESSAGES: Mapping[str, Callable[[Inbound, Fields], Inbound]] = {
    "text": _text,
    "image": _picture,
    "voice": _file(Kind.VOICE, "audio/amr"),
    "video": _file(Kind.DOCUMENT, "video/mp4"),
    "shortvideo": _file(Kind.DOCUMENT, "video/mp4"),
    "location": _location,
    "link": _link,
    "file": _file(Kind.DOCUMENT, ""),
}


# --- events


def _came(one: Inbound, fields: Fields) -> Inbound:
    # Who follows after paying in a shop comes with a key of another kind.
    scene = text_of(fields, "EventKey")
    payload = scene.removeprefix(_SCENE) if scene.startswith(_SCENE) else ""
    return one._replace(kind=Kind.START, payload=payload, opens=OF_EVENT)


def _scanned(one: Inbound, fields: Fields) -> Inbound:
    return one._replace(kind=Kind.START, payload=text_of(fields, "EventKey"), opens=OF_EVENT)


def _left(one: Inbound, _: Fields) -> Inbound:
    return one._replace(kind=Kind.BLOCKED)


def _clicked(one: Inbound, fields: Fields) -> Inbound:
    # The key of a place in our menu is the word that begins its conversation.
    return _with_words(one._replace(opens=OF_EVENT), text_of(fields, "EventKey"))


_EVENTS: Mapping[str, Callable[[Inbound, Fields], Inbound]] = {
    "subscribe": _came,
    "scan": _scanned,
    "unsubscribe": _left,
    "click": _clicked,
}


# --- what nobody expects an answer to


def _happened(one: Inbound, event: str, fields: Fields, more: int) -> Inbound:
    """With what came of it, in the platform's own words; where somebody is, or looks, is not kept. `more`: to how many
    notices somebody agrees at a time."""
    listed = _listed(fields) if event.lower() in _AGREED else []
    said = [event, text_of(fields, "Status"), *(f"{status} {template}".strip() for template, status, _ in listed)]
    agreed = [
        Agreed(template, more if answer else None)
        for template, status, code in listed
        if (answer := _AGREED[event.lower()](status, code)) is not None
    ]
    return one._replace(kind=Kind.HAPPENED, text=" ".join(filter(None, said))[:_TOLD], agreed=tuple(agreed))


def _listed(fields: Fields) -> list[tuple[str, str, str]]:
    """Templates, each with what came of it in a word and as a code, of an event about notices."""
    found = [
        (
            template,
            text_of(entry, "SubscribeStatusString") or text_of(entry, "ErrorStatus"),
            text_of(entry, "ErrorCode"),
        )
        for entry in _entries(fields)
        if _TEMPLATE.fullmatch(template := text_of(entry, "TemplateId"))
    ]
    return found[:_LISTED]


def _entries(fields: Fields) -> Iterator[Fields]:
    """In JSON the list stands at the top; in XML it does within a field, whose name differs from event to event and has
    been documented wrongly."""
    for one in (fields, *(part for value in fields.values() for part in _parts(value))):
        yield from _parts(one.get("List", ""))


def _parts(value: Value) -> Iterator[Fields]:
    """What stands there once is no list (see wechat_body.parse)."""
    yield from (one for one in (value if isinstance(value, list) else [value]) if isinstance(one, dict))


# Whether somebody takes notices of a template: True, False, or None where that is not what is told. One that was sent
# is counted by who sent it; that it was refused (43101) can also be told later.
_AGREED: Mapping[str, Callable[[str, str], bool | None]] = {
    "subscribe_msg_popup_event": lambda status, _: {"accept": True, "reject": False}.get(status),
    "subscribe_msg_change_event": lambda status, _: {"reject": False}.get(status),
    "subscribe_msg_sent_event": lambda status, code: False if code == "43101" or "refuse" in status else None,
}


# --- what no person does


def _massed(fields: Fields, seconds: str) -> Inbound:
    """What became of a message to many, as the platform tells it under a name of its own ("事件推送群发结果")."""
    number, counts = text_of(fields, "MsgID") or text_of(fields, "MsgId"), ("Total", "Filter", "Sent", "Error")
    if not _NUMBER.fullmatch(number):
        raise Malformed("of no message")
    told = (text_of(fields, f"{name}Count") for name in counts)
    people = (int(count) if _PEOPLE.fullmatch(count) else 0 for count in told)
    mass = MassSent(number, text_of(fields, "Status") or _UNTOLD, *people)
    return Inbound(NAME, "", f"mass:{number}", Kind.HAPPENED, _moment(seconds), mass=mass)
