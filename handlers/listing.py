"""The question that is a list to be read: a page at a time, and what may be done from there."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from handlers.state import Asked, Heard
from handlers.talk import Again, Answered, Misfit, Option, Talk
from handlers.texts.phrase import Phrase, lines
from handlers.texts.titles import MORE, choose_one
from storage.supervision_tallies import PAGE

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the list; one with a value may be chosen."""

    label: Phrase
    value: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows, and the key behind which the next page begins; None on the last one."""

    rows: Sequence[Row]
    more: str | None = None


Fetch = Callable[[str], Page]


@dataclass(frozen=True, slots=True)
class Pages:
    """The value of a row, or of one of the `others`. `fetch` gives the page behind a key, the first for an empty one;
    where there is nothing at all, `empty` is said in place of `head`."""

    fetch: Fetch
    head: Phrase
    empty: Phrase
    others: Sequence[Option]

    def begin(self, _talk: Talk, _explicit: bool, /) -> Answered | Again:
        return self._shown("")

    def read(self, heard: Heard, asked: Asked, _talk: Talk, /) -> Answered | Again:
        chosen = asked.named(heard.text) if heard.option is None else heard.option
        if chosen is None:
            raise Misfit(choose_one(len(asked.options)))
        behind = chosen.removeprefix("more:")
        return Answered(chosen) if behind == chosen else self._shown(behind)

    def _shown(self, behind: str) -> Again:
        page = self.fetch(behind)
        head = self.head if page.rows else self.empty
        said = lines([head, *(row.label for row in page.rows if not row.value)])
        options = [Option(row.value, row.label) for row in page.rows if row.value]
        more = [] if page.more is None else [Option(f"more:{page.more}", MORE)]
        return Again([*options, *more, *self.others], said)

    def load(self, stored: Any, _talk: Talk, /) -> str:
        return str(stored)


def paged(fetch: Callable[[str, int], Sequence[R]], row: Callable[[R], Row], key: Callable[[R], object]) -> Fetch:
    """Pages of what `fetch` gives behind a key, at most so many; one more than fits tells that it goes on."""

    def page(behind: str) -> Page:
        found = fetch(behind, PAGE + 1)
        shown = found[:PAGE]
        more = str(key(shown[-1])) if len(found) > PAGE else None
        return Page([row(one) for one in shown], more)

    return page
