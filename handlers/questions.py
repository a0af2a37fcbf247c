"""The kinds of questions. Each knows how to show itself and how to read taps, numbers and words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from handlers.messages import Kind, Place
from handlers.reading import number
from handlers.talk import Again, Answered, Asked, Heard, Misfit, Option, Talk
from handlers.texts import questions as texts
from handlers.texts.phrase import Phrase
from handlers.texts.titles import DONE, MORE, SKIP
from storage.domain.areas import Area
from storage.links import How

OPTIONS_SHOWN = 12  # more than a screen of choices is a page


@dataclass(frozen=True, slots=True)
class Text:
    """Words, kept whole. A voice message counts, and is kept with its file. `default`: may be skipped."""

    at_least: int = 1
    at_most: int = 20_000
    default: str | None = None

    def begin(self, talk: Talk, explicit: bool) -> Answered | Again:
        return Again([Option("skip", SKIP)] if self.default is not None else [])

    def read(self, heard: Heard, asked: Asked, talk: Talk) -> Answered | Again:
        if heard.option == "skip":
            return Answered(self.default)
        if heard.kind is Kind.VOICE:
            return Answered(texts.VOICE.said(talk.person.language))
        if len(heard.text) < self.at_least:
            raise Misfit(texts.too_short(self.at_least) if heard.text else texts.WORDS_WANTED)
        if len(heard.text) > self.at_most:
            raise Misfit(texts.too_long(self.at_most))
        return Answered(heard.text)

    def load(self, stored: Any, talk: Talk) -> str:
        return str(stored)


@dataclass(frozen=True, slots=True)
class Choice:
    """One of some options. `only` answers without asking when there is just one."""

    options: Sequence[Option]
    only: bool = False

    def begin(self, talk: Talk, explicit: bool) -> Answered | Again:
        if self.only and not explicit and len(self.options) == 1:
            return Answered(self.options[0].value)
        return Again(self.options)

    def read(self, heard: Heard, asked: Asked, talk: Talk) -> Answered | Again:
        if heard.option is None:
            raise Misfit(texts.choose_one(len(asked.options)))
        return Answered(heard.option)

    def load(self, stored: Any, talk: Talk) -> str:
        return str(stored)


@dataclass(frozen=True, slots=True)
class Number:
    """A whole number, such as that of a proposal."""

    at_least: int = 1
    at_most: int = 10**9

    def begin(self, talk: Talk, explicit: bool) -> Answered | Again:
        return Again()

    def read(self, heard: Heard, asked: Asked, talk: Talk) -> Answered | Again:
        value = number(heard.text)
        if value is None or not self.at_least <= value <= self.at_most:
            raise Misfit(texts.NUMBER_WANTED)
        return Answered(value)

    def load(self, stored: Any, talk: Talk) -> int:
        return int(stored)


@dataclass(frozen=True, slots=True)
class Photos:
    """Up to `at_most` photos, one by one or as an album, until "好了"."""

    at_most: int = 9

    def begin(self, talk: Talk, explicit: bool) -> Answered | Again:
        return Again([Option("done", texts.NO_PHOTOS)], progress=0)

    def read(self, heard: Heard, asked: Asked, talk: Talk) -> Answered | Again:
        have = int(asked.progress or 0)
        if heard.option == "done":
            return Answered(have)
        if heard.kind not in (Kind.PHOTO, Kind.DOCUMENT):
            raise Misfit(texts.PHOTO_WANTED)
        have += 1
        if have >= self.at_most:
            return Answered(have)
        album_goes_on = bool(heard.group) and heard.group == talk.state.group
        return Again([Option("done", DONE)], texts.photos_received(have), have, silent=album_goes_on)

    def load(self, stored: Any, talk: Talk) -> int:
        return int(stored)


@dataclass(frozen=True, slots=True)
class Document:
    """A file. The answer is the message that brought it; what is in the file is known only after the commit."""

    def begin(self, talk: Talk, explicit: bool) -> Answered | Again:
        return Again()

    def read(self, heard: Heard, asked: Asked, talk: Talk) -> Answered | Again:
        if heard.kind is not Kind.DOCUMENT or not heard.attachments:
            raise Misfit(texts.FILE_WANTED)
        return Answered(heard.message_id)

    def load(self, stored: Any, talk: Talk) -> int:
        return int(stored)


@dataclass(frozen=True, slots=True)
class Located:
    """A place in the tree of areas, and how it is known. `cell` is None when the person does not know."""

    cell: Area | None
    how: str
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class GridCell:
    """A grid cell: from a shared location, from a name in a text, or down the tree of areas.

    `hint` is a text that may name the place already; one clear name answers without asking. A name that stands
    for several cells is asked as a choice.
    """

    hint: str = ""
    may_be_open: bool = True
    known: Mapping[str, Any] = field(default_factory=dict)  # an answer that is known already (a deep link)

    def begin(self, talk: Talk, explicit: bool) -> Answered | Again:
        if self.known and not explicit:
            return Answered(dict(self.known))
        candidates = talk.store.areas.cells_mentioned(self.hint, None) if self.hint else ()
        if len(candidates) == 1 and not explicit:
            return Answered({"cell": candidates[0].id, "how": How.TEXT})
        if 1 < len(candidates) <= OPTIONS_SHOWN:
            return self._among(candidates, talk, How.TEXT)
        return self._below(_first_fork(talk), talk, with_own=True)

    def read(self, heard: Heard, asked: Asked, talk: Talk) -> Answered | Again:
        if heard.place:
            return self._at(heard.place, talk)
        if heard.option is not None:
            return self._chosen(heard.option, asked, talk)
        if heard.kind is not Kind.TEXT:
            raise Misfit(texts.PLACE_WANTED)
        return self._named(heard.text, asked, talk)

    def _at(self, place: Place, talk: Talk) -> Answered:
        cells = talk.store.areas.locate(place.latitude, place.longitude)
        if not cells:
            raise Misfit(texts.OUTSIDE)
        where = {"latitude": place.latitude, "longitude": place.longitude}
        return Answered({"cell": cells[0].id, "how": How.LOCATION, **where})

    def _chosen(self, value: str, asked: Asked, talk: Talk) -> Answered | Again:
        if value == "open":
            return Answered({"cell": None, "how": "open"})
        if value.startswith("more:"):
            node, _, page = value.removeprefix("more:").partition(":")
            return self._below(talk.store.areas.area(int(node)) if node else None, talk, page=int(page))
        area = talk.store.areas.area(int(value))
        if area is None:
            raise Misfit(texts.PLACE_GONE)
        if talk.store.areas.children(area.id):
            return self._below(area, talk)
        return Answered({"cell": area.id, "how": asked.progress if asked.progress == How.TEXT else How.CHOICE})

    def _named(self, text: str, asked: Asked, talk: Talk) -> Answered | Again:
        candidates = talk.store.areas.cells_mentioned(text, None)
        if len(candidates) == 1:
            return Answered({"cell": candidates[0].id, "how": How.TEXT})
        if not candidates:
            raise Misfit(texts.PLACE_UNKNOWN)
        if len(candidates) <= OPTIONS_SHOWN:
            return self._among(candidates, talk, How.TEXT)
        parents = {cell.parent_id for cell in candidates}
        if len(parents) == 1 and (parent := talk.store.areas.area(parents.pop() or 0)):
            return self._below(parent, talk)
        raise Misfit(texts.PLACE_VAGUE)

    def _among(self, cells: Sequence[Area], talk: Talk, how: How) -> Again:
        options = [Option(str(cell.id), Phrase(talk.store.areas.title(cell))) for cell in cells]
        return Again([*options, *self._open()], texts.WHICH_OF_THESE, progress=how)

    def _below(self, node: Area | None, talk: Talk, *, page: int = 0, with_own: bool = False) -> Again:
        areas = talk.store.areas.children(node.id) if node else talk.store.areas.roots
        shown = areas[page * OPTIONS_SHOWN : (page + 1) * OPTIONS_SHOWN]
        options = [Option(str(area.id), Phrase(area.name)) for area in shown]
        own = talk.store.areas.area(talk.person.cell_id) if with_own and talk.person.cell_id else None
        if own:
            options.insert(0, Option(str(own.id), texts.my_cell(talk.store.areas.title(own))))
        if len(areas) > (page + 1) * OPTIONS_SHOWN:
            options.append(Option(f"more:{node.id if node else ''}:{page + 1}", MORE))
        inside = texts.where_inside(node.name) if node and not with_own else None
        return Again([*options, *self._open()], inside)

    def _open(self) -> list[Option]:
        return [Option("open", texts.NOT_SURE)] if self.may_be_open else []

    def load(self, stored: Any, talk: Talk) -> Located:
        area = talk.store.areas.area(stored["cell"]) if stored["cell"] else None
        if stored["cell"] and area is None:
            raise KeyError(stored["cell"])
        place = Place(stored["latitude"], stored["longitude"]) if "latitude" in stored else None
        return Located(area, stored["how"], place)


def _first_fork(talk: Talk) -> Area | None:
    """The lowest area above every choice there is, so that nobody is asked for the only province."""
    node: Area | None = None
    below = talk.store.areas.roots
    while len(below) == 1 and talk.store.areas.children(below[0].id):
        node = below[0]
        below = talk.store.areas.children(node.id)
    return node
