"""Which conversation a message begins: words, deep links, and what each role finds in its menu."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from handlers.notices import Matter
from handlers.reading import plain
from handlers.state import State
from handlers.talk import Reply, Start, Talk
from handlers.texts.phrase import Phrase
from storage.domain.roles import Holding
from storage.store import Store

Script = Callable[[Talk], Reply]


@dataclass(frozen=True, slots=True)
class Conversation:
    """A script and how it is begun.

    `version` rises when its questions change in a way that open ones no longer fit. `allowed` says who may hold
    it and finds it in the menu; the script itself checks each record it touches. `draft` is what it is called when it
    was left unfinished; without that, nothing of it is worth keeping. `gives_way`: words that choose nothing in it
    are taken as if it were not open. `proposes`: who agrees to its summary has made a proposal. `behind` gives,
    by its arguments, what "返回" at its first question leads to; without it, that leaves. `due`: whether there is
    anything in it for a person; where there is not, a prompt of it is dropped without a word, and as it lists what
    stands in the records, nothing of it is worth keeping either. `notice`: what may be told of it while it waits, where
    we begin it; its script says more (see Talk.concerns).
    """

    name: str
    script: Script
    version: int
    starts: tuple[str, ...]
    menu: Phrase | None
    allowed: Callable[[Sequence[Holding]], bool]
    draft: Phrase | None
    gives_way: bool
    proposes: bool
    due: Callable[[Store, int], bool] | None
    behind: Callable[[dict[str, Any]], Start] | None
    notice: Matter | None

    def opened(self, start: Start) -> State:
        """What is kept of it as it begins, or as it is taken up again."""
        if start.draft:
            return replace(State.load(start.draft), version=self.version, asked=None, misfits=0, group="")
        return State(self.name, self.version, dict(start.arguments), heard=list(start.heard), files=start.files)


def everybody(_: Sequence[Holding]) -> bool:
    return True


def conversation(
    name: str,
    *,
    starts: Sequence[str] = (),
    menu: Phrase | None = None,
    allowed: Callable[[Sequence[Holding]], bool] = everybody,
    draft: Phrase | None = None,
    gives_way: bool = False,
    proposes: bool = False,
    due: Callable[[Store, int], bool] | None = None,
    behind: Callable[[dict[str, Any]], Start] | None = None,
    notice: Matter | None = None,
    version: int = 1,
) -> Callable[[Script], Conversation]:
    """Make a script a conversation."""
    words = tuple(plain(word) for word in starts)
    about = (allowed, draft, gives_way, proposes, due, behind, notice)
    return lambda script: Conversation(name, script, version, words, menu, *about)


class Routes:
    """All conversations of the program."""

    def __init__(self, conversations: Iterable[Conversation]) -> None:
        self.conversations = tuple(conversations)
        self._by_name = {one.name: one for one in self.conversations}
        self._by_word = {plain(word): one for one in self.conversations for word in _in_menu(one)}
        self._by_word |= {word: one for one in self.conversations for word in one.starts}

    def named(self, name: str) -> Conversation | None:
        return self._by_name.get(name)

    def keeps(self, state: Mapping[str, Any]) -> bool:
        """Whether an open conversation, as it is stored, is worth keeping: we began it, or something was answered."""
        conversation = self.named(state["conversation"])
        if conversation and conversation.due:
            return False
        worth = conversation is None or conversation.draft is not None
        return bool(state.get("prompted") or (worth and state.get("answers")))

    def has_more(self, store: Store, person_id: int, name: str) -> bool:
        """Whether a prompt of that conversation still has anything to say to somebody."""
        conversation = self.named(name)
        if conversation is None or conversation.due is None:
            return True
        return conversation.allowed(store.people.holdings(person_id)) and conversation.due(store, person_id)

    def proposes(self, state: Mapping[str, Any]) -> bool:
        """Whether an open conversation, as it is stored, ends in a proposal."""
        conversation = self.named(state["conversation"])
        return conversation is not None and conversation.proposes

    def begun_by(self, text: str) -> Conversation | None:
        """By a word of its own, or by what it is called in the menu. What sounds like 督查 and is offered first when
        it is typed, 督察, is the same."""
        return self._by_word.get(plain(text).replace("督察", "督查")) if len(text) <= 40 else None


def _in_menu(one: Conversation) -> tuple[str, ...]:
    return (one.menu.zh, one.menu.en) if one.menu else ()
