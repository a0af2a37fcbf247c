"""What people, platforms and intruders do in the contract table, without the name of any platform."""

import io
from dataclasses import dataclass

from PIL import Image

from handlers.messages import Place


def _picture(colour: str) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (64, 48), colour).save(buffer, "JPEG")
    return buffer.getvalue()


PICTURE = _picture("#6c8f5e")
OTHER_PICTURE = _picture("#8f5e6c")
VOICE = b"OggS" + bytes(1200)
PAPER = b"%PDF-1.4\n% plainly invented\n%%EOF\n"
PAPER_NAME = "东村路灯意见.pdf"

# --- what a person does


@dataclass(frozen=True, slots=True)
class Says:
    """Writes a text."""

    text: str


@dataclass(frozen=True, slots=True)
class Taps:
    """Taps a button of the last message, by its position."""

    position: int


@dataclass(frozen=True, slots=True)
class Locates:
    """Shares a place."""

    place: Place


@dataclass(frozen=True, slots=True)
class SendsPictures:
    """Sends PICTURE so many times, as an album if more than once, with a caption."""

    count: int = 1
    caption: str = ""


@dataclass(frozen=True, slots=True)
class SendsVoice:
    """Sends VOICE."""


@dataclass(frozen=True, slots=True)
class SendsPaper:
    """Sends PAPER as a file called PAPER_NAME."""


@dataclass(frozen=True, slots=True)
class SendsOddity:
    """Sends something that we have no kind for."""


@dataclass(frozen=True, slots=True)
class Edits:
    """Changes the last text to another."""

    text: str


@dataclass(frozen=True, slots=True)
class Starts:
    """Opens the chat, by a link with a payload or without one."""

    payload: str = ""


@dataclass(frozen=True, slots=True)
class Blocks:
    """No longer lets us write."""


@dataclass(frozen=True, slots=True)
class Unblocks:
    """Lets us write again."""


# --- what the platform, or somebody on the way to it, does


@dataclass(frozen=True, slots=True)
class Repeats:
    """The platform hands the last message over once more."""


@dataclass(frozen=True, slots=True)
class Garbles:
    """Something comes that has not the platform's shape."""


@dataclass(frozen=True, slots=True)
class Forges:
    """Somebody who does not know the secret hands in a text in the person's name; returns when it was refused."""

    text: str


@dataclass(frozen=True, slots=True)
class Floods:
    """So many bytes come at once; returns when they were refused."""

    size: int = 10 * 1024 * 1024


Act = (
    Says
    | Taps
    | Locates
    | SendsPictures
    | SendsVoice
    | SendsPaper
    | SendsOddity
    | Edits
    | Starts
    | Blocks
    | Unblocks
    | Repeats
    | Garbles
    | Forges
    | Floods
)
