"""The kinds of questions. Each knows how to show itself and how to read taps, numbers and words."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, Protocol, TypeVar

from handlers.days import day
from handlers.messages import Kind
from handlers.reading import GREETINGS, THANKS, YES, is_choice, is_yes, number, plain
from handlers.state import FILES, Asked, Heard
from handlers.talk import Again, Answered, Misfit, Option, Talk
from handlers.texts import questions as texts
from handlers.texts.phrase import Phrase
from handlers.texts.titles import DONE, MORE, SKIP, choose_one
from storage.project_values import NotWritten, UnitUnclear, read_yuan
from storage.proposals import LONGEST_TEXT

PAGE = 10
_AGREES = YES - {"没问题"}  # which may be what somebody has seen


@dataclass(frozen=True, slots=True)
class Text:
    """Words, kept whole. A voice message counts, and is kept with its file.

    `default`: may be skipped, by the option `skip`. `known`: said already, asked only to be changed. `reply`: somebody
    waits for it, for whom a greeting or thanks are none. `spoken`: it is to be a sentence, for which these are none
    either, nor is a yes, and a number alone was meant for a list that is gone.
    """

    at_most: int = LONGEST_TEXT
    default: str | None = None
    skip: Phrase = SKIP
    known: str = ""
    reply: bool = False
    spoken: bool = False

    def begin(self, _talk: Talk, explicit: bool, /) -> Answered | Again:
        if self.known and not explicit:
            return Answered(self.known)
        return Again([Option("skip", self.skip)] if self.default is not None else [])

    def read(self, heard: Heard, _asked: Asked, talk: Talk, /) -> Answered | Again:
        if heard.option == "skip":
            return Answered(self.default)
        if not heard.text and heard.kind is Kind.VOICE:
            return Answered(texts.VOICE.said(talk.person.language))
        if not heard.text or (self.spoken and is_choice(heard.text)):
            raise Misfit(texts.WORDS_WANTED)
        if why := self._too_little(plain(heard.text)):
            raise Misfit(why)
        if len(heard.text) > self.at_most:
            raise Misfit(texts.too_long(self.at_most))
        return Answered(heard.text)

    def _too_little(self, word: str) -> Phrase | None:
        """What is said of a word that is polite, and no answer."""
        if (self.reply or self.spoken) and word in GREETINGS:
            return texts.GREETED
        if (self.reply or self.spoken) and word in THANKS:
            return texts.THANKED
        return texts.AGREED if self.spoken and word in _AGREES else None

    def load(self, stored: Any, _talk: Talk, /) -> str:
        return str(stored)


def _chosen(heard: Heard, asked: Asked) -> str:
    """The value of the option that was tapped, typed or named. Raises Misfit."""
    chosen = asked.named(heard.text) if heard.option is None else heard.option
    if chosen is None:
        raise Misfit(choose_one(len(asked.options)))
    return chosen


@dataclass(frozen=True, slots=True)
class Choice:
    """One of some options. `only` answers without asking when there is just one.

    `strict`: an answer that is no longer among them is asked for again when the script runs the next time.
    """

    options: Sequence[Option]
    only: bool = False
    strict: bool = False

    def begin(self, _talk: Talk, explicit: bool, /) -> Answered | Again:
        if self.only and not explicit and len(self.options) == 1:
            return Answered(self.options[0].value)
        return Again(self.options)

    def read(self, heard: Heard, asked: Asked, _talk: Talk, /) -> Answered | Again:
        return Answered(_chosen(heard, asked))

    def load(self, stored: Any, _talk: Talk, /) -> str:
        if self.strict and stored not in [option.value for option in self.options]:
            raise ValueError(stored)
        return str(stored)


@dataclass(frozen=True, slots=True)
class Listed:
    """One of many options, a page at a time, or by a part of its name. One that is gone by then is asked for again.

    `only` answers without asking when there is just one; a page has `at_once` options.
    """

    options: Sequence[Option]
    only: bool = False
    at_once: int = PAGE

    def begin(self, _talk: Talk, explicit: bool, /) -> Answered | Again:
        if self.only and not explicit and len(self.options) == 1:
            return Answered(self.options[0].value)
        return self._page(0)

    def read(self, heard: Heard, asked: Asked, talk: Talk, /) -> Answered | Again:
        if heard.option is None and heard.kind is Kind.TEXT and number(heard.text) is None:
            return self._named(heard, asked, talk)
        chosen = _chosen(heard, asked)
        page = chosen.removeprefix("more:")
        return Answered(chosen) if page == chosen else self._page(int(page))

    def _named(self, heard: Heard, asked: Asked, talk: Talk) -> Answered | Again:
        wanted = plain(heard.text)
        found = [one for one in self.options if wanted in plain(one.label.said(talk.person.language))]
        if not wanted or not found:
            raise Misfit(choose_one(len(asked.options)))
        return Answered(found[0].value) if len(found) == 1 else Again(found[: self.at_once])

    def _page(self, page: int) -> Again:
        here, following = page * self.at_once, (page + 1) * self.at_once
        more = [Option(f"more:{page + 1}", MORE)] if self.options[following:] else []
        return Again([*self.options[here:following], *more])

    def load(self, stored: Any, _talk: Talk, /) -> str:
        if stored not in [option.value for option in self.options]:
            raise ValueError(stored)
        return str(stored)


@dataclass(frozen=True, slots=True)
class Number:
    """A whole number, such as that of a proposal. `check` raises Misfit for one that will not do.

    `figure`: 0 may be meant.
    """

    check: Callable[[int], None]
    figure: bool = False

    def begin(self, _talk: Talk, _explicit: bool, /) -> Answered | Again:
        return Again(figure=self.figure)

    def read(self, heard: Heard, _asked: Asked, _talk: Talk, /) -> Answered | Again:
        value = number(heard.text)
        if value is None:
            raise Misfit(texts.NUMBER_WANTED)
        self.check(value)
        return Answered(value)

    def load(self, stored: Any, _talk: Talk, /) -> int:
        return int(stored)


@dataclass(frozen=True, slots=True)
class Day:
    """A day, as people write it (6月30日, 今天, 2026-06-30), not before `earliest` and not after `latest`."""

    today: date
    earliest: date = date.min
    latest: date = date.max

    def begin(self, _talk: Talk, _explicit: bool, /) -> Answered | Again:
        return Again()

    def read(self, heard: Heard, _asked: Asked, _talk: Talk, /) -> Answered | Again:
        try:
            chosen = day(heard.text, self.today, looks_back=self.latest <= self.today)
        except NotWritten:
            raise Misfit(texts.DAY_WANTED) from None
        if chosen > self.latest:
            raise Misfit(texts.DAY_TOO_LATE)
        if chosen < self.earliest:
            raise Misfit(texts.DAY_PAST)
        return Answered(chosen.isoformat())

    def load(self, stored: Any, _talk: Talk, /) -> date:
        return date.fromisoformat(stored)


@dataclass(frozen=True, slots=True)
class Yuan:
    """A sum of money, such as 46万; without its unit in yuan. None where nothing is to be said."""

    def begin(self, _talk: Talk, _explicit: bool, /) -> Answered | Again:
        return Again([Option("none", SKIP)])

    def read(self, heard: Heard, _asked: Asked, _talk: Talk, /) -> Answered | Again:
        if heard.option == "none":
            return Answered(None)
        try:
            return Answered(read_yuan(heard.text, 1))
        except (NotWritten, UnitUnclear):
            raise Misfit(texts.SUM_WANTED) from None

    def load(self, stored: Any, _talk: Talk, /) -> int | None:
        return None if stored is None else int(stored)


class Numbered(Protocol):
    """A record that people know by its number."""

    @property
    def number(self) -> int: ...


N = TypeVar("N", bound=Numbered)


@dataclass(frozen=True, slots=True)
class Pick(Generic[N]):
    """One record of a list, newest first, a page at a time; its number, or the value of one of the `others`.

    `fetch` gives those with numbers below one, at most so many, `line` what is shown of each, `head` what stands above
    so many. Without any the conversation ends with `empty`. `only` answers without asking when there is just one.
    """

    fetch: Callable[[int | None, int], list[N]]
    line: Callable[[N], Phrase]
    head: Callable[[int], Phrase]
    empty: Phrase
    others: Sequence[Option] = ()
    only: bool = False

    def begin(self, talk: Talk, explicit: bool, /) -> Answered | Again:
        found = self.fetch(None, PAGE + 1)
        if not found:
            talk.end(self.empty)
        if self.only and not explicit and len(found) == 1:
            return Answered(str(found[0].number))
        return self._page(found)

    def read(self, heard: Heard, asked: Asked, _talk: Talk, /) -> Answered | Again:
        named = str(number(heard.text)) if heard.text.endswith("号") else ""
        if named in [value for value, _ in asked.options]:
            return Answered(named)  # by its own number, not by its place in the list
        chosen = _chosen(heard, asked)
        below = chosen.removeprefix("more:")
        return Answered(chosen) if below == chosen else self._page(self.fetch(int(below), PAGE + 1))

    def _page(self, found: list[N]) -> Again:
        shown = found[:PAGE]
        options = [Option(str(one.number), self.line(one)) for one in shown]
        if len(found) > PAGE:
            options.append(Option(f"more:{shown[-1].number}", MORE))
        return Again([*options, *self.others], self.head(len(shown)))

    def load(self, stored: Any, _talk: Talk, /) -> str:
        return str(stored)


@dataclass(frozen=True, slots=True)
class Photos:
    """Photos, one by one or as an album, until "好了". Those that came with earlier answers count."""

    at_most: int = 9

    def begin(self, talk: Talk, _explicit: bool, /) -> Answered | Again:
        if talk.state.files:
            return self._received(talk)
        return Again([Option("done", texts.NO_PHOTOS)])

    def read(self, heard: Heard, _asked: Asked, talk: Talk, /) -> Answered | Again:
        have = talk.state.files
        if heard.option == "done" or (have and heard.kind is Kind.TEXT and is_yes(heard.text)):
            return Answered(have)
        if heard.kind not in FILES:
            raise Misfit(texts.PHOTO_WANTED)
        if have >= self.at_most:
            return Answered(have)
        if heard.following is not None:
            return self._received(talk, silent=heard.following > 0)
        if heard.group and not heard.of_album(talk.state):
            return Again([Option("done", DONE)], texts.ALBUM_RECEIVED)  # nobody knows yet how many follow
        return self._received(talk, silent=heard.of_album(talk.state))

    def _received(self, talk: Talk, *, silent: bool = False) -> Again:
        return Again([Option("done", DONE)], texts.photos_received(talk.state.files), silent=silent)

    def load(self, stored: Any, _talk: Talk, /) -> int:
        return int(stored)


@dataclass(frozen=True, slots=True)
class Document:
    """A file. The answer is the message that brought it; what is in the file is known only after the commit."""

    def begin(self, _talk: Talk, _explicit: bool, /) -> Answered | Again:
        return Again()

    def read(self, heard: Heard, _asked: Asked, _talk: Talk, /) -> Answered | Again:
        if heard.kind is not Kind.DOCUMENT or not heard.attachments:
            raise Misfit(texts.FILE_WANTED)
        return Answered(heard.message_id)

    def load(self, stored: Any, _talk: Talk, /) -> int:
        return int(stored)
