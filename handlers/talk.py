"""A conversation reads like a script and survives everything: each message runs it again from the top.

Answered questions return at once, the first open one takes the message, the next open one asks and suspends.
Answers, and the options as they were shown, are stored between messages; nothing else is.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import Enum, auto
from functools import cached_property
from typing import Any, NoReturn, Protocol, TypeVar

from handlers.messages import LEAST, Capabilities, KeptFile, NoticeKind, Recipe
from handlers.notices import Matter
from handlers.reading import is_no
from handlers.state import Asked, Heard, State
from handlers.texts.phrase import Phrase, lines
from handlers.texts.titles import CANCEL, CHANGE, CHANGED_MEANWHILE, NOTHING_TO_CHANGE, SUBMIT, choose_one, title
from storage.arrivals import Letter
from storage.consents import Consents
from storage.domain.roles import Holding
from storage.people import Account, Person
from storage.push_windows import PushWindows
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


@dataclass(frozen=True, slots=True)
class Start:
    """Another conversation begins right after. `heard` and `files` belong to it already; `draft` is taken up again."""

    conversation: str
    arguments: dict[str, Any] = field(default_factory=dict)
    heard: Sequence[int] = ()
    files: int = 0
    draft: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """What a conversation says at its end."""

    text: Phrase
    files: Sequence[Recipe | KeptFile] = ()
    then: Start | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """A question got its answer, as plain JSON."""

    value: Any


@dataclass(frozen=True, slots=True)
class Again:
    """The question goes on: what is shown now. `prompt` None repeats the question's own.

    `silent`: nothing is said (the second photo of an album). `figure`: a number is an answer; 0 is not the menu.
    """

    options: Sequence[Option] = ()
    prompt: Phrase | None = None
    progress: Any = None
    silent: bool = False
    figure: bool = False


class Reach(Enum):
    """Whether what is written to a person now reaches them."""

    HEARS = auto()
    QUIET = auto()  # turned notices off
    REMINDED = auto()  # what is written waits until they write again, and we try to tell them so
    AWAITED = auto()  # it waits likewise, and nothing tells them
    AWAY = auto()  # they blocked us, or their channel is not set up: it waits, and may wait for good
    NOWHERE = auto()  # never wrote to us


class Misfit(Exception):
    """An answer does not fit; `why` is one sentence."""

    def __init__(self, why: Phrase) -> None:
        super().__init__(why.en)
        self.why = why


class Suspended(Exception):
    """A question is open and the person's next message is waited for. `deeper`: see Asked."""

    def __init__(self, name: str, prompt: Phrase, shown: Again, *, deeper: bool = False) -> None:
        super().__init__(name)
        self.name, self.prompt, self.shown, self.deeper = name, prompt, shown, deeper


class Ended(Exception):
    """The conversation ends here with this reply."""

    def __init__(self, reply: Reply, *, keep: bool) -> None:
        super().__init__()
        self.reply, self.keep = reply, keep


class Cancelled(Exception):
    """The person chose to drop the conversation."""


class Question(Protocol[T_co]):
    """A kind of question: it knows how to show itself and how to read an answer."""

    def begin(self, talk: "Talk", explicit: bool, /) -> Answered | Again:
        """What is shown first, or the answer where it is known already (unless asked for `explicit`ly)."""

    def read(self, heard: Heard, asked: Asked, talk: "Talk", /) -> Answered | Again:
        """Read a message. Raises Misfit."""

    def load(self, stored: Any, talk: "Talk", /) -> T_co:
        """The answer from its JSON. Raises ValueError, KeyError or TypeError for one that no longer fits."""


class Talk:
    """What a script talks through: it asks, remembers, reads the store, and at its end writes to it. `capabilities`:
    what each channel can show, as far as it is known."""

    def __init__(
        self,
        store: Store,
        person: Person,
        account_id: int,
        state: State,
        heard: Heard | None,
        channel: str,
        capabilities: Mapping[str, Capabilities],
    ) -> None:
        self.store, self.person, self.account_id, self.state, self.channel = store, person, account_id, state, channel
        self.capabilities = capabilities
        self.matter: Matter | None = None  # what may be told of this conversation, if we begin it
        self.letters: list[Letter] = []
        self.prompted: set[int] = set()
        self.asked_names: list[str] = []
        self._heard = heard

    @property
    def now(self) -> datetime:
        return self.store.now

    @property
    def arguments(self) -> dict[str, Any]:
        return self.state.arguments

    @property
    def heard_messages(self) -> list[int]:
        """The ids of the messages that brought something to this conversation: words, places, files, no choices."""
        return self.state.heard

    @property
    def exchange(self) -> list[int]:
        """The ids of all that this conversation heard, choices too."""
        return sorted((*self.state.heard, *self.state.chosen))

    @property
    def agrees_at(self) -> str:
        """Where the person can let us tell them how their proposals go; empty where that takes no consent any more."""
        where = self._shows(self.channel).agrees_at
        return "" if where and Consents(self.store.unit).lasts(self.account_id) else where

    @property
    def is_written_to(self) -> bool:
        """Whether we may write to the person here first, and not only in answer to what they write."""
        return self._shows(self.channel).pushes

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
            except (ValueError, KeyError, TypeError):  # or it answered another kind of question, before a deploy
                del self.state.answers[name]
        asked, deeper = self.state.asked, False
        if self._heard is None or asked is None or asked.name != name:
            result = question.begin(self, name in self.state.explicit)
        else:
            heard, self._heard, deeper = self._heard, None, True
            result = question.read(heard, asked, self)
        if isinstance(result, Again):
            raise Suspended(name, result.prompt or prompt, result, deeper=deeper)
        try:
            answer = question.load(result.value, self)
        except (ValueError, KeyError, TypeError):  # it was among what was shown, and has gone since
            self._show_anew(name, question, prompt)
        self.state.answers[name] = result.value
        self.state.misfits = 0
        return answer

    def _show_anew(self, name: str, question: Question[T], prompt: Phrase) -> NoReturn:
        shown = question.begin(self, True)  # noqa: FBT003  # whatever it would guess is not to be guessed again
        if not isinstance(shown, Again):
            raise Misfit(CHANGED_MEANWHILE)
        raise Suspended(name, lines([CHANGED_MEANWHILE, shown.prompt or prompt]), shown)

    def confirm(self, summary: Phrase) -> None:
        """Show what will be done; returns when the person agrees to just that."""
        self.ask(CONFIRM, _Confirmation(summary), summary)

    def remember(self, name: str, compute: Callable[[], Any]) -> Any:
        """A value (plain JSON) that must be the same each time the script runs again."""
        if name not in self.state.remembered:
            self.state.remembered[name] = compute()
        return self.state.remembered[name]

    def end(self, text: Phrase, *, keep: bool = False) -> NoReturn:
        """End here, without asking or doing more. `keep`: the answers so far stay as a draft."""
        raise Ended(Reply(text), keep=keep)

    def concerns(self, about: Phrase, until: date | None = None) -> None:
        """What this conversation is about, and until when it is owed, if we begin it (see Conversation.notice)."""
        self.matter = self.matter and replace(self.matter, about=about, until=until)

    def reach(self, person_id: int, kind: NoticeKind | None = None) -> Reach:
        """Whether somebody else hears what is told them. `kind`: of what they may be told while it waits."""
        other = self.store.people.get(person_id)
        account = self.store.people.reachable_account(other.id)
        if account is None:
            return Reach.NOWHERE
        if not other.notices:
            return Reach.QUIET
        if self._hears(account):
            return Reach.HEARS
        if not account.reachable and not account.awaits:
            return Reach.AWAY
        return Reach.REMINDED if kind in self._shows(account.channel).notices else Reach.AWAITED

    def _hears(self, account: Account) -> bool:
        """Whether what is written to it leaves now, as far as is known."""
        if not account.reachable or not self._shows(account.channel).windows:
            return account.reachable
        return account.id in PushWindows(self.store.unit, self.now).of([account.id])

    def _shows(self, channel: str) -> Capabilities:
        return self.capabilities.get(channel, LEAST)

    def tell(
        self,
        person_id: int,
        text: Phrase,
        *,
        asked_for: bool = False,
        own_words: bool = False,
        notice: Matter | None = None,
    ) -> bool:
        """Write to somebody else, in their language; whether they get it now.

        Who turned notices off is told only what they `asked_for` themselves; who is away, once they are back.
        `own_words`: the text holds what this person wrote for themselves, not for the office. `notice`: what may be
        told of it where it has to wait.
        """
        other = self.store.people.get(person_id)
        account = self.store.people.reachable_account(other.id)
        if account is None or not (other.notices or asked_for):
            return False
        words, shows = text.said(other.language), frozenset({self.person.id} if own_words else ())
        about = notice.notice(other.language)._asdict() if notice else None
        to = account.channel, account.id, other.id
        self.letters.append(Letter(*to, words, priority=1, shows=shows, notice=about))
        return self._hears(account)

    def prompt(self, person_id: int, conversation: str, arguments: dict[str, Any]) -> bool:
        """Begin a conversation with somebody else, as soon as they are free; whether they can be reached now."""
        other = self.store.people.get(person_id)
        account = self.store.people.reachable_account(other.id)
        if account is None:
            return False
        self.store.conversations.prompt(other.id, conversation, arguments)
        self.prompted.add(other.id)
        return self._hears(account)


@dataclass(frozen=True, slots=True)
class _Confirmation:
    """Submit, change one answer, or drop all. What is agreed to is the summary that was shown."""

    summary: Phrase

    def begin(self, talk: Talk, _explicit: bool, /) -> Answered | Again:
        return self._show(talk, None)

    def read(self, heard: Heard, asked: Asked, talk: Talk, /) -> Answered | Again:
        if heard.option == "drop":
            raise Cancelled
        if heard.option == "change" or is_no(heard.text):
            raise Suspended(CHANGING, title(CHANGING), change_options(talk))
        if heard.option != "yes":
            raise Misfit(choose_one(len(asked.options)))
        if asked.progress != self.summary.said(talk.person.language):
            return self._show(talk, lines([CHANGED_MEANWHILE, self.summary]))
        return Answered("yes")

    def _show(self, talk: Talk, prompt: Phrase | None) -> Again:
        options = [Option("yes", SUBMIT), Option("change", CHANGE), Option("drop", CANCEL)]
        return Again(options, prompt, progress=self.summary.said(talk.person.language))

    def load(self, stored: Any, _talk: Talk, /) -> str:
        return str(stored)


def change_options(talk: Talk) -> Again:
    """The answers given so far, to choose the one to be changed."""
    # Of two that are called the same, the later one decides.
    given = {title(name): name for name in talk.asked_names if name in talk.state.answers}
    return Again([*(Option(name, label) for label, name in given.items()), Option("", NOTHING_TO_CHANGE)])
