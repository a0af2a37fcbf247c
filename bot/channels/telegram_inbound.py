"""From an update to what the conversations understand."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.channels.telegram_api import NAME
from bot.channels.telegram_update import (
    CallbackQuery,
    Chat,
    Contact,
    File,
    Location,
    Malformed,
    Membership,
    Message,
    PhotoSize,
    Update,
    User,
    Venue,
)
from handlers.messages import Attachment, Inbound, Kind, Place

_START = re.compile(r"/start(?:@\w+)?(?:\s+(?P<payload>.*))?", re.DOTALL)
# Bot API, "Deep linking".
_PAYLOAD = re.compile(r"[A-Za-z0-9_-]{0,64}")
_ENVELOPE = frozenset({"message_id", "date", "chat", "from"})
# Bot API, ChatMember: what somebody's chat with the bot is after they blocked it.
_GONE = frozenset({"kicked", "left"})


@dataclass(frozen=True, slots=True)
class Content:
    """What a message carries."""

    kind: Kind
    text: str = ""
    place: Place | None = None
    attachments: tuple[Attachment, ...] = ()


class UpdateReader:
    """Reads updates for the bot of that number. Of a photo's sizes it takes the largest within `file_limit` bytes."""

    def __init__(self, bot_id: int, file_limit: int) -> None:
        self._bot_id = bot_id
        self._file_limit = file_limit

    def read(self, update: Update, now: datetime) -> Inbound | None:
        """What a person said to us in private.

        None for everything else: what is said in a group is not ours to keep, and bots are not listened to.
        Raises Malformed for an edit without its date. `now` is the time of a tap, which has none of its own.
        """
        if message := update.message or update.edited_message:
            return self._message(message, is_edit=update.message is None)
        if update.callback_query:
            return _tap(update.callback_query, now)
        if update.my_chat_member:
            return self._membership(update.my_chat_member)
        return None

    def _message(self, message: Message, *, is_edit: bool) -> Inbound | None:
        sender = message.from_user
        # A live location is a message that is edited every few seconds: where it began is enough.
        if sender is None or not _is_heard(sender, message.chat) or (is_edit and message.location):
            return None
        at = message.edit_date if is_edit else message.date
        if at is None:
            raise Malformed("an edit without its date")
        original = f"{self._bot_id}:{message.chat.id}:{message.message_id}"
        content = self._content(message)
        start = _START.fullmatch(content.text) if content.kind is Kind.TEXT and not is_edit else None
        payload = (start["payload"] or "").strip() if start else ""
        is_junk = not _PAYLOAD.fullmatch(payload)
        return Inbound(
            channel=NAME,
            account=str(sender.id),
            key=f"{original}:e{at}" if is_edit else original,
            kind=Kind.EDIT if is_edit else Kind.START if start else content.kind,
            at=datetime.fromtimestamp(at, UTC),
            # No link carries junk, so somebody typed it: their words are kept, though not as a payload.
            text=content.text if not start else payload if is_junk else "",
            payload="" if is_junk else payload,
            place=content.place,
            attachments=content.attachments,
            group=message.media_group_id or "",
            edits=original if is_edit else "",
            language=sender.language_code or "",
        )

    def _content(self, message: Message) -> Content:
        if message.text is not None:
            return Content(Kind.TEXT, message.text)
        text = message.caption or ""
        if message.venue:
            return Content(Kind.LOCATION, _venue_text(message.venue), _place(message.venue.location))
        if message.location:
            return Content(Kind.LOCATION, text, _place(message.location))
        if attachment := self._attachment(message):
            return Content(attachment.kind, text, attachments=(attachment,))
        return Content(Kind.UNKNOWN, _words_of_the_rest(message) or text)

    def _attachment(self, message: Message) -> Attachment | None:
        if message.photo:
            return self._photo(message.photo)
        if voice := message.voice:
            return _file(Kind.VOICE, voice, "", voice.mime_type)
        if audio := message.audio:
            return _file(Kind.VOICE, audio, audio.file_name, audio.mime_type)
        if document := message.document or message.video:
            return _file(Kind.DOCUMENT, document, document.file_name, document.mime_type)
        return _file(Kind.DOCUMENT, message.video_note, "", "video/mp4") if message.video_note else None

    def _photo(self, sizes: Sequence[PhotoSize]) -> Attachment:
        fitting = [size for size in sizes if (size.file_size or 0) <= self._file_limit]
        best = max(fitting or sizes, key=lambda size: size.width * size.height)
        return Attachment(Kind.PHOTO, best.file_id, "", "image/jpeg", best.file_size)

    def _membership(self, change: Membership) -> Inbound | None:
        if not _is_heard(change.from_user, change.chat):
            return None
        status = change.new_chat_member.status
        return Inbound(
            channel=NAME,
            account=str(change.from_user.id),
            key=f"{self._bot_id}:{change.chat.id}:{change.date}:{status}",
            kind=Kind.BLOCKED if status in _GONE else Kind.RETURNED,
            at=datetime.fromtimestamp(change.date, UTC),
            language=change.from_user.language_code or "",
        )


def mended(raw: object) -> Any:
    """The same update with lone halves of surrogate pairs replaced, which no text may hold. Raises Malformed."""
    try:
        text = json.dumps(raw, ensure_ascii=False)
        return json.loads(text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))
    except RecursionError:
        raise Malformed("too deep") from None


def envelope(raw: Any) -> Any:
    """Of an update's message only who sent it and when, so that one that cannot be read has at least been heard."""
    message = raw.get("message") if isinstance(raw, dict) else None
    if isinstance(message, dict):
        message = {name: value for name, value in message.items() if name in _ENVELOPE}
    return {"update_id": 0, "message": message}


def _tap(tap: CallbackQuery, now: datetime) -> Inbound | None:
    sender = tap.from_user
    if sender.is_bot or (tap.message and tap.message.chat.type != "private"):
        return None
    return Inbound(
        channel=NAME,
        account=str(sender.id),
        key=f"cb:{tap.id}",
        kind=Kind.CHOICE,
        at=now,
        choice=tap.data or "",
        language=sender.language_code or "",
    )


def _is_heard(sender: User, chat: Chat) -> bool:
    return chat.type == "private" and not sender.is_bot


def _place(location: Location) -> Place:
    return Place(location.latitude, location.longitude)


def _venue_text(venue: Venue) -> str:
    return "\n".join(part for part in (venue.title, venue.address) if part)


def _file(kind: Kind, file: File, name: str | None, media_type: str | None) -> Attachment:
    return Attachment(kind, file.file_id, name or "", media_type or "", file.file_size)


def _words_of_the_rest(message: Message) -> str:
    if message.contact:
        return _contact_text(message.contact)
    return message.sticker.emoji or "" if message.sticker else ""


def _contact_text(contact: Contact) -> str:
    return " ".join(part for part in (contact.first_name, contact.last_name, contact.phone_number) if part)
