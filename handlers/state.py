"""What is kept of an open conversation between two messages, and a message as its questions hear it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from handlers.messages import Attachment, Inbound, Kind, Place
from handlers.reading import GREETINGS, is_no, is_yes, number, plain

FILES = frozenset({Kind.PHOTO, Kind.DOCUMENT})

# What a word without a number means, by the value of the option that it chooses.
_WORDS = (("yes", is_yes), ("no", is_no), ("skip", is_no), ("done", is_no))


@dataclass(slots=True)
class Asked:
    """A question as it was shown: a number or a tap answers this, never a list computed afresh.

    `deeper`: the question went on after a first answer (a page further, a village chosen), so "返回" begins it anew.
    `figure`: any number answers it, 0 too, which is the menu elsewhere.
    """

    id: str
    name: str
    text: str  # as shown, to be shown again
    options: list[list[str]]  # [value, label as shown]
    progress: Any = None
    deeper: bool = False
    figure: bool = False

    def tapped(self, choice: str) -> str | None:
        """The value of a tapped button of this question; None for a button of another one."""
        question, _, index = choice.rpartition(".")
        if question != self.id or not index.isdecimal() or int(index) >= len(self.options):
            return None
        return self.options[int(index)][0]

    def labelled(self, text: str) -> str | None:
        """The value of the option whose label was typed, with its number or without."""
        wanted = plain(text)
        labelled = (
            value
            for position, (value, label) in enumerate(self.options, 1)
            if wanted in (plain(label), plain(f"{position} {label}"))
        )
        return next(labelled, None)

    def named(self, text: str) -> str | None:
        """The value of the only option whose label holds these words; None for a single character."""
        wanted = plain(text)
        found = [value for value, label in self.options if wanted in plain(label)]
        return found[0] if len(found) == 1 and len(wanted) > 1 else None

    def typed(self, text: str) -> str | None:
        """The value that a typed label, number, yes or no stands for; None where it chooses none."""
        if (value := self.labelled(text)) is not None:
            return value
        chosen = number(text)
        if chosen is not None:
            return self.options[chosen - 1][0] if 1 <= chosen <= len(self.options) else None
        values = [value for value, _ in self.options]
        return next((value for value, means in _WORDS if value in values and means(text)), None)


@dataclass(slots=True)
class State:
    """An open conversation, as it is stored."""

    conversation: str
    version: int
    arguments: dict[str, Any] = field(default_factory=dict)
    answers: dict[str, Any] = field(default_factory=dict)
    remembered: dict[str, Any] = field(default_factory=dict)
    explicit: list[str] = field(default_factory=list)  # asked for again: not to be guessed
    heard: list[int] = field(default_factory=list)  # the messages that brought something
    chosen: list[int] = field(default_factory=list)  # those that chose of what was shown
    files: int = 0  # how many photos and documents came with them
    misfits: int = 0
    group: str = ""  # of the album heard last
    prompted: bool = False  # we began it
    shows: list[int] = field(default_factory=list)  # whose words and names the open question shows, but the reader's
    asked: Asked | None = None

    def dump(self) -> dict[str, Any]:
        stored: dict[str, Any] = {"conversation": self.conversation, "version": self.version}
        for name in _OPTIONAL:
            if value := getattr(self, name):
                stored[name] = value
        if self.asked:
            asked = self.asked
            figure = [True] if asked.figure else []
            stored["asked"] = [asked.id, asked.name, asked.text, asked.options, asked.progress, asked.deeper, *figure]
        return stored

    @classmethod
    def load(cls, stored: dict[str, Any]) -> "State":
        values = {name: value for name, value in stored.items() if name != "asked"}
        return cls(**values, asked=cls.asked_in(stored))

    @staticmethod
    def asked_in(stored: Mapping[str, Any]) -> Asked | None:
        """The open question of a conversation as it is stored."""
        asked = stored.get("asked")
        return Asked(*asked) if asked else None

    def forget(self, name: str, *following: str) -> None:
        """Let a question be asked anew, and those of which the answers rest on it."""
        for gone in (name, *following):
            self.answers.pop(gone, None)
        if name not in self.explicit:
            self.explicit.append(name)

    def hear(self, heard: "Heard") -> None:
        """Take note of a message that belongs to the conversation."""
        if heard.option is not None:
            self.chosen.append(heard.message_id)
            return
        self.heard.append(heard.message_id)
        self.files += sum(attachment.kind in FILES for attachment in heard.attachments)


_OPTIONAL = (
    *("arguments", "answers", "remembered", "explicit", "heard", "chosen", "files", "misfits", "group", "prompted"),
    "shows",
)


class Heard(NamedTuple):
    """A message as a question hears it. `option` is the value that was chosen of the options shown."""

    message_id: int
    kind: Kind
    text: str = ""
    option: str | None = None
    place: Place | None = None
    attachments: tuple[Attachment, ...] = ()
    group: str = ""
    following: int | None = None

    @classmethod
    def of(cls, inbound: Inbound, message_id: int) -> "Heard":
        """A message as it came in."""
        return cls(
            message_id,
            inbound.kind,
            inbound.text,
            place=inbound.place,
            attachments=inbound.attachments,
            group=inbound.group,
            following=inbound.following,
        )

    def says_something(self) -> bool:
        """Whether it is more than a wrong number: words, a file, a place."""
        return number(self.text) is None and not self.greets()

    def greets(self) -> bool:
        return plain(self.text) in GREETINGS

    def of_album(self, state: State) -> bool:
        """Whether it belongs to the album of which the conversation heard the message before."""
        return bool(self.group) and self.group == state.group
