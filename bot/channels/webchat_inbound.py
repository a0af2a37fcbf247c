"""From the page's frames to what the conversations understand."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from bot.channels.webchat_frames import (
    Frame,
    Refused,
    Shown,
    clean_name,
    clean_payload,
    clean_text,
    clean_value,
    id_of,
)
from bot.channels.webchat_texts import Language, word_of
from bot.channels.webchat_uploads import Uploads
from handlers.messages import Attachment, Inbound, Kind, Place
from storage.domain.file_kinds import FileRefused, as_sent

NAME = "web"
_GROUP_LIMIT = 64
_FILES = frozenset({Kind.PHOTO, Kind.VOICE, Kind.DOCUMENT})


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who writes: an account, in a language, from a network (see webchat_identity.address_of)."""

    account: str
    language: Language
    network: str


def inbound_of(frame: Frame, visitor: Visitor, at: datetime, uploads: Uploads) -> Inbound:
    """The message in a frame; raises Refused for one that is not taken."""
    identity = id_of(frame)
    if not identity:
        raise Refused("unreadable")
    account = visitor.account
    inbound = partial(Inbound, NAME, account, f"{account}:{identity}", at=at, language=visitor.language)
    match frame:
        case {"type": "text", "text": str(text)}:
            return inbound(kind=Kind.TEXT, text=clean_text(text))
        case {"type": "choice", "value": str(value)}:
            return inbound(kind=Kind.CHOICE, choice=clean_value(value))
        case {"type": "location", "latitude": int() | float() as latitude, "longitude": int() | float() as longitude}:
            return inbound(kind=Kind.LOCATION, place=_place(latitude, longitude))
        case {"type": "file", "upload": str(token), "kind": str(kind)}:
            attachment = _attachment(token, kind, frame.get("name"), account, uploads)
            group = clean_name(frame.get("group"))[:_GROUP_LIMIT]
            following = _following(frame.get("following")) if group else None
            return inbound(kind=attachment.kind, attachments=(attachment,), group=group, following=following)
        case {"type": "start"}:
            return inbound(kind=Kind.START, payload=clean_payload(frame.get("payload")))
    raise Refused("unreadable")


def shown_of(inbound: Inbound) -> Shown:
    """The visitor's message as another page of theirs shows it, before it has a number."""
    file = inbound.attachments[0].name if inbound.attachments else ""
    text = inbound.text or inbound.choice
    return Shown(0, mine=True, kind=inbound.kind, text=text, at=inbound.at, file=file, key=inbound.key)


def _place(latitude: float, longitude: float) -> Place:
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):  # NaN is not, either
        raise Refused("place_unreadable")
    return Place(float(latitude), float(longitude))


def _following(number: object) -> int | None:
    return number if type(number) is int and number >= 0 else None


def _attachment(token: str, kind: str, name: object, account: str, uploads: Uploads) -> Attachment:
    upload = uploads.find(token, account)
    if upload is None:
        raise Refused("upload_unknown")
    if kind not in _FILES:
        raise Refused("unreadable")
    try:
        is_a = as_sent(upload.kind, kind)
    except FileRefused as refused:
        raise Refused(word_of(refused.why)) from refused
    shown_name = clean_name(name) or f"{kind}.{is_a.extension}"
    return Attachment(Kind(kind), token, shown_name, is_a.media_type, upload.size)
