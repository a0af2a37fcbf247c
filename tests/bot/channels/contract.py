"""What every channel must do, as labelled cases that know no platform.

A channel joins with a `Stage`: it makes its platform, or a stand-in of it, do what a person does, and tells what
the person received. Where a platform cannot do something, its entry says why, under the case's label.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Protocol

from bot.channels.base import Channel, Failure, Receive
from handlers.messages import Choice, Inbound, Kind, Place, Received
from handlers.reading import clean
from tests.bot.channels.contract_acts import (
    OTHER_PICTURE,
    PAPER,
    PICTURE,
    Act,
    Blocks,
    Edits,
    Floods,
    Forges,
    Garbles,
    Locates,
    Repeats,
    Says,
    SendsOddity,
    SendsPaper,
    SendsPictures,
    SendsVoice,
    Starts,
    Taps,
    Unblocks,
)


class Misfortune(StrEnum):
    """What befalls the next send."""

    PAUSED = "the platform pauses us for 7 seconds"
    BLOCKED = "the person has blocked us"
    GONE = "there is no such chat"
    DELETED = "the person's account is deleted"
    MOVED = "the chat has moved"
    WRONG_TOKEN = "the token is wrong"
    UNKNOWN_TOKEN = "the token is of an unknown bot"
    REFUSED = "this message is refused"
    FAULT = "the platform has a fault"
    NO_GATEWAY = "what stands before the platform has a fault"
    CUT_OFF = "the line is cut before it is sent"
    CUT_LATER = "the line is cut after it is sent"
    SLOW = "no answer comes in time"
    GARBLED = "the answer cannot be read"
    AWAY = "the person is not there"


PAUSE = timedelta(seconds=7)
FAILURES: Mapping[Misfortune, Failure] = {
    Misfortune.PAUSED: Failure.PAUSED,
    Misfortune.BLOCKED: Failure.UNREACHABLE,
    Misfortune.GONE: Failure.UNREACHABLE,
    Misfortune.DELETED: Failure.UNREACHABLE,
    Misfortune.MOVED: Failure.RETRY,
    Misfortune.WRONG_TOKEN: Failure.MISCONFIGURED,
    Misfortune.UNKNOWN_TOKEN: Failure.MISCONFIGURED,
    Misfortune.REFUSED: Failure.REFUSED,
    Misfortune.FAULT: Failure.RETRY,
    Misfortune.NO_GATEWAY: Failure.RETRY,
    Misfortune.CUT_OFF: Failure.RETRY,
    Misfortune.CUT_LATER: Failure.RETRY,
    Misfortune.SLOW: Failure.RETRY,
    Misfortune.GARBLED: Failure.RETRY,
    Misfortune.AWAY: Failure.ABSENT,
}


@dataclass(frozen=True, slots=True)
class Screen:
    """A message as the person sees it. `file` is its content."""

    text: str
    labels: tuple[str, ...] = ()
    file: bytes | None = None
    file_name: str = ""
    is_picture: bool = False


class Stage(Protocol):
    """A channel that runs, and a person who uses it.

    `secrets` must never be in a log. `account` is the person's, `address` where they are written to.
    """

    channel: Channel
    account: str
    address: str
    secrets: Sequence[str]

    async def act(self, act: Act) -> None:
        """Do it; it may arrive a little later."""

    async def screens(self, count: int) -> Sequence[Screen]:
        """What the person has received, oldest first, once there are so many."""

    async def strike(self, misfortune: Misfortune) -> None:
        """Let it befall the next send."""

    def still_holds(self) -> bool:
        """Whether the platform still has something that we did not acknowledge."""

    async def lets_go(self) -> None:
        """Return once everything is acknowledged; raises TimeoutError."""


@dataclass(frozen=True, slots=True)
class Joined:
    """A channel in the table. `cannot`: the labels of cases that its platform cannot have, each with the reason."""

    name: str
    stage: Callable[[Receive], AbstractAsyncContextManager[Stage]]
    cannot: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


# --- what we must understand


@dataclass(frozen=True, slots=True)
class Heard:
    """What counts of an `Inbound`, whatever the platform. `files` are their kinds, `edits` is the text replaced."""

    kind: Kind
    text: str = ""
    choice: str = ""
    payload: str = ""
    place: Place | None = None
    files: tuple[Kind, ...] = ()
    is_of_album: bool = False
    edits: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """Acts, and what is handed in because of them. `repeats`: all of it is the same message, under one key."""

    label: str
    acts: tuple[Act, ...]
    heard: tuple[Heard, ...] = ()
    repeats: bool = False


def _said(label: str, text: str) -> Case:
    return Case(label, (Says(text),), (Heard(Kind.TEXT, clean(text)),))


QUESTION = ("哪一个?", (Choice("1f0.0", "1 是"), Choice("1f0.1", "2 不是"), Choice("1f0.2", "3 " + "很长的选项" * 6)))
_ALBUM = Heard(Kind.PHOTO, files=(Kind.PHOTO,), is_of_album=True)

CASES = (
    _said("a text of one line", "东村口的路灯坏了三盏"),
    _said("a text of several lines", "第一行,路灯\n\n第三行,水沟"),
    _said("HTML and SQL in a text", "<b>路灯</b>&amp;'; DROP TABLE proposals; --{{7*7}}"),
    _said("an emoji of several code points", "👨‍👩‍👧‍👦 🏳️‍🌈 👍🏽 谢谢小路灯"),
    _said("right-to-left marks", "路灯\u202ecod.exe\u202c和\u200f水沟"),
    _said("control characters", "路\x00灯\x07坏\x1b[31m了\x7f"),
    _said("rare characters", "𠮷家村的𪚥龘路"),
    _said("a text as long as most platforms let pass", "路" * 4096),
    _said("a text beyond that", "灯" * 5000),
    _said("one character", "好"),
    _said("a number", "12"),
    Case("a text without a word in it", (Says(" \n\u200b "),)),
    Case("a tap on the first button", (Taps(0),), (Heard(Kind.CHOICE, choice="1f0.0"),)),
    Case("a tap on the last button", (Taps(2),), (Heard(Kind.CHOICE, choice="1f0.2"),)),
    Case("a place", (Locates(Place(30.27415, 120.15515)),), (Heard(Kind.LOCATION, place=Place(30.27415, 120.15515)),)),
    Case("a place at the edge", (Locates(Place(-90.0, 180.0)),), (Heard(Kind.LOCATION, place=Place(-90.0, 180.0)),)),
    Case("a photo", (SendsPictures(),), (Heard(Kind.PHOTO, files=(Kind.PHOTO,)),)),
    Case(
        "a photo with words",
        (SendsPictures(caption="就是这盏路灯"),),
        (Heard(Kind.PHOTO, "就是这盏路灯", files=(Kind.PHOTO,)),),
    ),
    Case("an album", (SendsPictures(3),), (_ALBUM, _ALBUM, _ALBUM)),
    Case("a voice message", (SendsVoice(),), (Heard(Kind.VOICE, files=(Kind.VOICE,)),)),
    Case("a paper", (SendsPaper(),), (Heard(Kind.DOCUMENT, files=(Kind.DOCUMENT,)),)),
    Case("something else", (SendsOddity(),), (Heard(Kind.UNKNOWN),)),
    Case(
        "an edit",
        (Says("路灯坏了"), Edits("路灯坏了两盏")),
        (Heard(Kind.TEXT, "路灯坏了"), Heard(Kind.EDIT, "路灯坏了两盏", edits="路灯坏了")),
    ),
    Case("a start", (Starts(),), (Heard(Kind.START),)),
    Case("a link with a payload", (Starts("cell_0471-b"),), (Heard(Kind.START, payload="cell_0471-b"),)),
    Case("a link with the longest payload", (Starts("a" * 64),), (Heard(Kind.START, payload="a" * 64),)),
    Case("a link with junk", (Starts("<script>alert(1)</script>"),), (Heard(Kind.START),)),
    Case("a link with too long a payload", (Starts("a" * 65),), (Heard(Kind.START),)),
    Case("blocking", (Blocks(),), (Heard(Kind.BLOCKED),)),
    Case("coming back", (Blocks(), Unblocks()), (Heard(Kind.BLOCKED), Heard(Kind.RETURNED))),
    Case("a repeat", (Says("只说一次"), Repeats()), (Heard(Kind.TEXT, "只说一次"),) * 2, repeats=True),
    Case(
        "messages in order",
        tuple(Says(f"第{number}句话") for number in range(9)),
        tuple(Heard(Kind.TEXT, f"第{number}句话") for number in range(9)),
    ),
    Case(
        "something malformed between two texts",
        (Says("坏的之前"), Garbles(), Says("坏的之后")),
        (Heard(Kind.TEXT, "坏的之前"), Heard(Kind.TEXT, "坏的之后")),
    ),
    Case("a forged message", (Forges("我不是他"),)),
    Case("a body of ten megabytes", (Floods(),)),
)


class Inbox:
    """Stands where the conversations will: remembers what is handed in, and can fail as a database does."""

    def __init__(self) -> None:
        self.inbounds: list[Inbound] = []
        self.faults = 0
        self.arrivals = 0
        self.gate = asyncio.Event()
        self.gate.set()
        self._changed = asyncio.Condition()

    async def receive(self, inbound: Inbound) -> Received:
        """What a channel hands messages to."""
        async with self._changed:
            self.arrivals += 1
            self._changed.notify_all()
        await self.gate.wait()
        if self.faults:
            self.faults -= 1
            raise ConnectionError("the database is away")
        async with self._changed:
            known = any(inbound.key == one.key for one in self.inbounds)
            self.inbounds.append(inbound)
            self._changed.notify_all()
        return Received.REPEATED if known else Received.ACTED_ON

    async def wait_until(self, holds: Callable[[], bool], seconds: float = 20.0) -> None:
        """Wait for something about what was handed in; raises TimeoutError."""
        async with asyncio.timeout(seconds), self._changed:
            await self._changed.wait_for(holds)

    async def wait_for(self, count: int) -> None:
        """Wait until so many were handed in."""
        await self.wait_until(lambda: len(self.inbounds) >= count)

    def heard(self) -> list[Heard]:
        """What was handed in, but for texts without a word, which a channel may hand in or leave out."""
        texts = {inbound.key: clean(inbound.text) for inbound in self.inbounds}
        all_heard = [_heard(inbound, texts) for inbound in self.inbounds]
        return [heard for heard in all_heard if heard != Heard(Kind.TEXT) and heard != Heard(Kind.TEXT, "\u200b")]


def _heard(inbound: Inbound, texts: Mapping[str, str]) -> Heard:
    return Heard(
        inbound.kind,
        # A channel may keep the words that came with a start or a tap; they are no part of the contract.
        "" if inbound.kind in (Kind.START, Kind.CHOICE) else clean(inbound.text),
        inbound.choice,
        inbound.payload,
        # Platforms tell a place as exactly as a map that one taps on: to a metre or so.
        inbound.place and Place(round(inbound.place.latitude, 5), round(inbound.place.longitude, 5)),
        tuple(attachment.kind for attachment in inbound.attachments),
        bool(inbound.group),
        texts.get(inbound.edits, inbound.edits),
    )


def assert_sound(inbound: Inbound, stage: Stage) -> None:
    """What holds of everything that is ever handed in."""
    assert inbound.channel == stage.channel.name
    assert inbound.account == stage.account
    assert (inbound.address or inbound.account) == stage.address
    assert 0 < len(inbound.key) <= 200
    assert inbound.at.tzinfo is UTC
    assert abs(datetime.now(UTC) - inbound.at) < timedelta(minutes=2)


# --- what the person must receive


@dataclass(frozen=True, slots=True)
class Said:
    """A message of ours, and what it must look like. `text` None: as long as the channel takes."""

    label: str
    text: str | None
    choices: tuple[Choice, ...] = ()
    file: bytes | None = None
    file_name: str = ""
    media_type: str = ""


SAID = (
    Said("a text", "您的建议已收到,编号 12。"),
    Said(
        "markup is shown as it was typed", "<b>不是粗体</b> *也不是* _也不是_ `也不是` [链接](https://example.org) &lt;"
    ),
    Said("emoji", "👨‍👩‍👧‍👦 🏳️‍🌈 👍🏽 𠮷"),
    Said("several lines", "第一行\n\n第三行"),
    Said("the longest text", None),
    Said("buttons", *QUESTION),
    Said("many buttons", "选哪个网格?", tuple(Choice(f"7b1.{n}", f"{n + 1} 第{n + 1}网格") for n in range(14))),
    Said("a picture", "", file=PICTURE, file_name="grid.jpg", media_type="image/jpeg"),
    Said("a picture with words", "您的网格", file=PICTURE, file_name="grid.jpg", media_type="image/jpeg"),
    Said("a document", "全部台账", file=PAPER, file_name="台账 2026.pdf", media_type="application/pdf"),
)


@dataclass(frozen=True, slots=True)
class Change:
    """A message of ours, and what takes its place, one after another; `is_gone`: it is not there to be changed."""

    label: str
    first: Said
    then: tuple[Said, ...]
    is_gone: bool = False


_FIRST = Said("as it was", "接待日:周三上午", (Choice("a12.read", "阅读全文"), Choice("a12.go", "我要提建议")))
_THEN = Said("as it is", "【更正】接待日:周四上午", (Choice("a13.read", "阅读全文"),))
_WITH_PICTURE = Said("with a picture", "接待日", _FIRST.choices, PICTURE, "day.jpg", "image/jpeg")
_WITH_PAPER = Said("with a paper", "接待日", (), PAPER, "接待日.pdf", "application/pdf")

CHANGES = (
    Change("a text is changed", _FIRST, (_THEN,)),
    Change("a text is changed twice", _FIRST, (_THEN, Said("without buttons", "【撤回】这条公告已撤回"))),
    Change("a text is changed to the same text", _FIRST, (_FIRST,)),
    Change("a text becomes a picture", _FIRST, (_WITH_PICTURE,)),
    Change("a text becomes a paper", _FIRST, (_WITH_PAPER,)),
    Change("the words of a picture are changed", _WITH_PICTURE, (_THEN,)),
    Change("the words of a paper are changed", _WITH_PAPER, (_THEN, _FIRST)),
    Change("a picture is changed to another", _WITH_PICTURE, (replace(_WITH_PICTURE, file=OTHER_PICTURE),)),
    Change("a picture becomes a paper", _WITH_PICTURE, (_WITH_PAPER,)),
    Change("a text that is gone is changed", _FIRST, (_THEN,), is_gone=True),
    Change("a picture that is gone is changed", _WITH_PICTURE, (_WITH_PAPER,), is_gone=True),
)
