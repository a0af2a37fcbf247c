"""The few fields of an update that we read, in the shapes that the Bot API documents.

Source: Bot API, Update, Message, CallbackQuery, ChatMemberUpdated. The libraries' own models know every field, and
refuse a whole message for a poll or a quotation in it that lacks what their version of the Bot API demands.
"""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

# Bot API, User and File: an id and file_size have at most 52 significant bits.
Whole = Annotated[int, Field(ge=0, lt=2**52)]
Moment = Annotated[int, Field(ge=0, lt=253_402_300_800)]  # seconds since 1970, until the year 9999


class Malformed(Exception):
    """An update that does not have the shape that the Bot API documents."""


class _Part(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True)


class User(_Part):
    id: Whole
    is_bot: bool
    language_code: str | None = None


class Chat(_Part):
    id: int
    type: str


class File(_Part):
    file_id: str
    file_size: Whole | None = None


class PhotoSize(File):
    width: int
    height: int


class TypedFile(File):
    mime_type: str | None = None


class NamedFile(TypedFile):
    file_name: str | None = None


class Location(_Part):
    latitude: Annotated[float, Field(ge=-90, le=90)]
    longitude: Annotated[float, Field(ge=-180, le=180)]


class Venue(_Part):
    location: Location
    title: str
    address: str


class Contact(_Part):
    phone_number: str
    first_name: str
    last_name: str | None = None


class Sticker(_Part):
    emoji: str | None = None


class Message(_Part):
    message_id: int
    date: Moment
    chat: Chat
    from_user: User | None = Field(None, alias="from")
    edit_date: Moment | None = None
    media_group_id: str | None = None
    text: str | None = None
    caption: str | None = None
    location: Location | None = None
    venue: Venue | None = None
    contact: Contact | None = None
    sticker: Sticker | None = None
    photo: list[PhotoSize] | None = None
    voice: TypedFile | None = None
    audio: NamedFile | None = None
    video: NamedFile | None = None
    video_note: File | None = None
    document: NamedFile | None = None


class Shown(_Part):
    """The message whose button was tapped; an old one has little more than its chat."""

    chat: Chat


class CallbackQuery(_Part):
    id: str
    from_user: User = Field(alias="from")
    message: Shown | None = None
    data: str | None = None


class Member(_Part):
    status: str


class Membership(_Part):
    chat: Chat
    from_user: User = Field(alias="from")
    date: Moment
    new_chat_member: Member


class Update(_Part):
    message: Message | None = None
    edited_message: Message | None = None
    callback_query: CallbackQuery | None = None
    my_chat_member: Membership | None = None


def parsed(raw: Any) -> Update:
    """An update out of its JSON as Python has it. Raises Malformed."""
    try:
        return Update.model_validate(raw)
    except ValidationError as error:
        raise Malformed(f"{error.error_count()} faults") from None
