"""What comes in and what goes out, the same on every channel.

Channels turn what their platform sends into `Inbound` and deliver `Outbound`; nothing else of a platform is
seen beyond them.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from storage.mass_sends import MassSent
from storage.waiting import Carried


class Kind(StrEnum):
    """What an incoming message is."""

    TEXT = "text"
    CHOICE = "choice"  # a button was tapped
    LOCATION = "location"
    PHOTO = "photo"
    VOICE = "voice"
    DOCUMENT = "document"
    START = "start"  # first contact or a deep link, with its payload
    EDIT = "edit"  # an earlier message was changed by its author
    BLOCKED = "blocked"  # the person no longer lets us write
    RETURNED = "returned"  # the person lets us write again
    HAPPENED = "happened"  # something that a platform tells of, and that nobody expects an answer to; stored
    UNKNOWN = "unknown"  # anything else; stored and answered kindly


class Received(StrEnum):
    """What became of a message that was handed in. In every case it is stored."""

    ACTED_ON = "acted_on"
    REPEATED = "repeated"  # had been acted on before; nothing happened
    FAULT = "fault"  # acting on it failed; the person was told


@dataclass(frozen=True, slots=True)
class Place:
    """Degrees, WGS 84."""

    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that the platform keeps for us until it is fetched. `size` in bytes, where the platform tells it."""

    kind: Kind
    platform_id: str
    name: str = ""
    media_type: str = ""
    size: int | None = None


class Window(NamedTuple):
    """What somebody opens by writing or tapping, where we may push messages to nobody else: so many for so long."""

    name: str
    sends: int
    lasts: timedelta


class Agreed(NamedTuple):
    """What somebody has said to notices of a platform's template: so many `more` may be pushed to them, whether or not
    they write. None: they want none, and those that were left are void."""

    template: str
    more: int | None


class NoticeKind(StrEnum):
    """What our messages are about of which somebody may be told while they wait."""

    DUTY = "duty"  # something that the person owes
    PROPOSAL = "proposal"  # how a proposal of theirs stands


class Notice(NamedTuple):
    """What a message is about, for a platform that lets us say no more than that it waits.

    `what` came about, such as 月度视察 or 已受理, and `about` what, such as a project's name or the number of a
    proposal: never words that a resident wrote, for these stand in their messages only. `until` when, of a duty.
    """

    kind: NoticeKind
    what: str
    about: str = ""
    until: str = ""  # a date, ISO 8601


class Inbound(NamedTuple):
    """One message of one person.

    `key` is what the platform keeps stable about it: a second message with the same channel and key is a repeat
    (Telegram: bot, chat, message id, edit date, or callback id; WeChat: the message's number, or who, when and which
    event; web chat: the page's own message id).
    `account` is the platform's id of the person, `address` where answers go (default: the account).
    `at` is the platform's time. `choice` is the value of the tapped button. `group` is the same for all
    messages of one album; `following` is how many more of them come, where the channel knows. `edits` is the key of the
    message that this one rewrites. `opens`: on a channel with windows, the one that it opens; `agreed`: what it changes
    about notices. `mass`: the platform itself tells of a message to many, and nobody has said or done anything.
    """

    channel: str
    account: str
    key: str
    kind: Kind
    at: datetime
    text: str = ""
    choice: str = ""
    payload: str = ""
    place: Place | None = None
    attachments: tuple[Attachment, ...] = ()
    group: str = ""
    following: int | None = None
    edits: str = ""
    address: str = ""
    language: str = ""
    opens: Window | None = None
    agreed: tuple[Agreed, ...] = ()
    mass: MassSent | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """A button: what comes back when it is tapped, and what it says."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Recipe:
    """A file that is drawn or written outside any transaction, just before it is sent.

    `kind` names its maker (see bot.recipes), `arguments` is plain JSON.
    """

    kind: str
    name: str
    media_type: str
    arguments: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file that somebody sent and that is kept by its digest, to be shown to somebody else."""

    digest: str
    name: str
    media_type: str


@dataclass(frozen=True, slots=True)
class File:
    """A stored file, ready to be sent: `path` on this machine's disk."""

    path: str
    name: str
    media_type: str


class Earlier(NamedTuple):
    """A message of ours that was sent to the same chat. `platform_id` is the platform's name of it."""

    message_id: int
    platform_id: str
    has_file: bool = False


class Outbound(NamedTuple):
    """One message to one chat. `key` is the same at every try, for platforms that refuse a duplicate by it.

    `edits`: take the place of this one, where the channel can do that to it; else send it as one more. `room`: how many
    messages may be pushed to this person now, on a channel with windows. `notice`: what may be told of it if it cannot
    be pushed itself, `consents` the templates that this person takes such notices of. `following`: what waits behind
    it, in order, where that is more than there is room for: as much of that as it can carry may go along.
    """

    channel: str
    address: str
    key: str
    text: str
    choices: tuple[Choice, ...] = ()
    file: File | None = None
    message_id: int = 0
    edits: Earlier | None = None
    room: int = 0
    notice: Notice | None = None
    consents: Collection[str] = ()
    following: tuple[Carried, ...] = ()


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a channel can show. `text_limit` counts characters, or UTF-8 bytes where `limit_in_bytes`.

    `numbers_buttons`: it shows buttons of any length, and their numbers by itself. `edits`: what was sent can still be
    changed. `pushes`: we may write first; else what we say travels in the response to the next message. `windows`: we
    may, but only to who opened a window for it (see Inbound.opens). `agrees_at`: the address of the page where people
    let us tell them, outside of windows, how their proposals go (see Agreed); empty where there is none. `notices`: of
    what we may try to tell them so (see Notice). `masses`: one call reaches many, and announcements may go so to
    whoever has no window.
    """

    buttons: bool
    text_limit: int
    limit_in_bytes: bool = False
    numbers_buttons: bool = False
    edits: bool = False
    pushes: bool = True
    windows: bool = False
    agrees_at: str = ""
    notices: frozenset[NoticeKind] = frozenset()
    masses: bool = False


# What every channel can show: for those that are not known here (any more), until they are.
LEAST = Capabilities(buttons=False, text_limit=2000, limit_in_bytes=True)
