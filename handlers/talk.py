"""A conversation reads like a script and survives everything: each message runs it again from the top.

Answered questions return at once, the first open one takes the message, the next open one asks and suspends.
Answers, and the options as they were shown, are stored between messages; nothing else is.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, NoReturn, Protocol, TypeVar

from handlers.messages import Attachment, Kind, Place, Recipe
from handlers.reading import is_no, is_yes, number, plain
from handlers.texts.phrase import Phrase
from handlers.texts.titles import CANCEL, CHANGE, SUBMIT, number_out_of_range, title
from storage.arrivals import Letter
from storage.domain.roles import Holding
from storage.people import Person
from storage.store import Store

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

CHANGING = "*change"  # the name of the question "which answer do you want to change?"
CONFIRM = "*confirm"


@dataclass(frozen=True, slots=True)
class Option:
    """What may be chosen: a stable value, and what it says."""

    value: str
    label: Phrase


@dataclass(slots=True)
class Asked:
    """A question as it was shown: a number or a tap answers this, never a list computed afresh."""

    id: str
    name: str
    text: str  # as shown, to be shown again
    options: list[list[str]]  # [value, label as shown]
    progress: Any = None

    def tapped(self, choice: str) -> str | None:
        """The value of a tapped button of this question; None for a button of another one."""
        question, _, index = choice.rpartition(".")
        if question != self.id or not index.isdecimal() or int(index) >= len(self.options):
            return None
        return self.options[int(index)][0]

    def typed(self, text: str) -> str | None:
        """The value that a typed number, label, yes or no stands for. Raises Misfit for a number not shown."""
        if not self.options or not text:
            return None
        values = [value for value, _ in self.options]
        for value, label in self.options:
            if plain(text) == plain(label):
                return value
        if (chosen := number(text)) is not None:
            if 1 <= chosen <= len(values):
                return values[chosen - 1]
            raise Misfit(number_out_of_range(len(values)))
        for value, means in (("yes", is_yes), ("no", is_no)):
            if value in values and means(text):
                return value
        return None


@dataclass(slots=True)
class State:
    """An open conversation, as it is stored."""

    conversation: str
    version: int
    arguments: dict[str, Any] = field(default_factory=dict)
    answers: dict[str, Any] = field(default_factory=dict)
    remembered: dict[str, Any] = field(default_factory=dict)
    explicit: list[str] = field(default_factory=list)  # asked for again: not to be guessed
    heard: list[int] = field(default_factory=list)  # the messages it was held with
    misfits: int = 0
    group: str = ""  # of the album heard last
    asked: Asked | None = None

    def dump(self) -> dict[str, Any]:
        stored: dict[str, Any] = {"conversation": self.conversation, "version": self.version}
        for name in ("arguments", "answers", "remembered", "explicit", "heard", "misfits", "group"):
            if value := getattr(self, name):
                stored[name] = value
        if self.asked:
            asked = self.asked
            stored["asked"] = [asked.id, asked.name, asked.text, asked.options, asked.progress]
        return stored

    @classmethod
    def load(cls, stored: dict[str, Any]) -> "State":
        values = dict(stored)
        asked = values.pop("asked", None)
        return cls(**values, asked=Asked(*asked) if asked else None)


@dataclass(frozen=True, slots=True)
class Heard:
    """A message as a question hears it. `option` is the value that was chosen of the options shown."""

    message_id: int
    kind: Kind
    text: str = ""
    option: str | None = None
    place: Place | None = None
    attachments: tuple[Attachment, ...] = ()
    group: str = ""


@dataclass(frozen=True, slots=True)
class Start:
    """Another conversation begins right after; `answers` are known already."""

    conversation: str
    arguments: dict[str, Any] = field(default_factory=dict)
    answers: dict[str, Any] = field(default_factory=dict)
    heard: Sequence[int] = ()  # messages that belong to it already


@dataclass(frozen=True, slots=True)
class Reply:
    """What a conversation says at its end."""

    text: Phrase
    file: Recipe | None = None
    then: Start | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """A question got its answer, as plain JSON."""

    value: Any


@dataclass(frozen=True, slots=True)
class Again:
    """The question goes on: what is shown now. `prompt` None repeats the question's own.

    `silent`: nothing is said (the second photo of an album).
    """

    options: Sequence[Option] = ()
    prompt: Phrase | None = None
    progress: Any = None
    silent: bool = False


class Misfit(Exception):
    """An answer does not fit; `why` is one sentence."""

    def __init__(self, why: Phrase) -> None:
        super().__init__(why.en)
        self.why = why


class Suspended(Exception):
    """A question is open and the person's next message is waited for."""

    def __init__(self, name: str, prompt: Phrase, shown: Again) -> None:
        super().__init__(name)
        self.name, self.prompt, self.shown = name, prompt, shown


class Ended(Exception):
    """The conversation ends here with this reply."""

    def __init__(self, reply: Reply, keep: bool) -> None:
        super().__init__()
        self.reply, self.keep = reply, keep


class Cancelled(Exception):
    """The person chose to drop the conversation."""


class Question(Protocol[T_co]):
    """A kind of question: it knows how to show itself and how to read an answer."""

    def begin(self, talk: "Talk", explicit: bool) -> Answered | Again:
        """What is shown first, or the answer where it is known already (unless asked for `explicit`ly)."""

    def read(self, heard: Heard, asked: Asked, talk: "Talk") -> Answered | Again:
        """Read a message. Raises Misfit."""

    def load(self, stored: Any, talk: "Talk") -> T_co:
        """The answer from its JSON. Raises ValueError or KeyError when it no longer fits; it is asked for again."""


class Talk:
    """What a script talks through: it asks, remembers, reads the store, and at its end writes to it."""

    def __init__(self, store: Store, person: Person, account_id: int, state: State, heard: Heard | None) -> None:
        self.store, self.person, self.account_id, self.state = store, person, account_id, state
        self.letters: list[Letter] = []
        self.prompted: set[int] = set()
        self.asked_names: list[str] = []
        self._heard = heard
        if heard:
            state.heard.append(heard.message_id)

    @property
    def now(self) -> datetime:
        return self.store.now

    @property
    def arguments(self) -> dict[str, Any]:
        return self.state.arguments

    @property
    def heard_messages(self) -> list[int]:
        """The ids of the messages of this conversation so far."""
        return self.state.heard

    @cached_property
    def holdings(self) -> list[Holding]:
        """The roles of the person."""
        return self.store.people.holdings(self.person.id)

    def ask(self, name: str, question: Question[T], prompt: Phrase) -> T:
        """The answer to a question; asks it and waits when there is none yet."""
        self.asked_names.append(name)
        if name in self.state.answers:
            try:
                return question.load(self.state.answers[name], self)
            except (ValueError, KeyError):
                del self.state.answers[name]
        asked = self.state.asked
        if self._heard is None or asked is None or asked.name != name:
            result = question.begin(self, name in self.state.explicit)
        else:
            heard, self._heard = self._heard, None
            result = question.read(heard, asked, self)
        if isinstance(result, Again):
            raise Suspended(name, result.prompt or prompt, result)
        self.state.answers[name] = result.value
        self.state.misfits = 0
        return question.load(result.value, self)

    def confirm(self, summary: Phrase) -> None:
        """Show what will be done; returns when the person agrees."""
        self.ask(CONFIRM, _Confirmation(), summary)

    def remember(self, name: str, compute: Callable[[], Any]) -> Any:
        """A value (plain JSON) that must be the same each time the script runs again."""
        if name not in self.state.remembered:
            self.state.remembered[name] = compute()
        return self.state.remembered[name]

    def end(self, text: Phrase, *, keep: bool = False) -> NoReturn:
        """End here, without asking or doing more. `keep`: the answers so far stay as a draft."""
        raise Ended(Reply(text), keep)

    def tell(self, person_id: int, text: Phrase) -> None:
        """Write to somebody else, in their language. Who turned notices off is not told."""
        other = self.store.people.get(person_id)
        account = self.store.people.reachable_account(person_id)
        if account and other.notices:
            self.letters.append(
                Letter(account.channel, account.id, person_id, text.said(other.language), priority=1)
            )

    def prompt(self, person_id: int, conversation: str, arguments: dict[str, Any]) -> None:
        """Begin a conversation with somebody else, as soon as they are free."""
        self.store.conversations.prompt(person_id, conversation, arguments)
        self.prompted.add(person_id)


class _Confirmation:
    """Submit, change one answer, or drop all."""

    def begin(self, talk: Talk, explicit: bool) -> Answered | Again:
        return Again([Option("yes", SUBMIT), Option("change", CHANGE), Option("no", CANCEL)])

    def read(self, heard: Heard, asked: Asked, talk: Talk) -> Answered | Again:
        if heard.option == "no":
            raise Cancelled
        if heard.option == "change":
            raise Suspended(CHANGING, title(CHANGING), change_options(talk))
        if heard.option != "yes":
            raise Misfit(number_out_of_range(len(asked.options)))
        return Answered(True)

    def load(self, stored: Any, talk: Talk) -> bool:
        return bool(stored)


def change_options(talk: Talk) -> Again:
    """The answers given so far, to choose the one to be changed."""
    given = [name for name in talk.asked_names if name in talk.state.answers]
    return Again([Option(name, title(name)) for name in given])
