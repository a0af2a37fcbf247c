"""The question for a place: a shared location, a name in a text, or a way down the tree of areas."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from handlers.messages import Kind, Place
from handlers.reading import number
from handlers.state import Asked, Heard
from handlers.talk import Again, Answered, Misfit, Option, Talk
from handlers.texts import questions as texts
from handlers.texts.phrase import Phrase
from handlers.texts.titles import MORE, choose_one
from handlers.texts.words import PLACE_OPEN
from storage.domain.areas import Area, Level
from storage.links import How

PAGE = 12  # more than a screen of choices is a page


@dataclass(frozen=True, slots=True)
class Located:
    """A place in the tree of areas, and how it is known. `cell` is None when the person does not know."""

    cell: Area | None
    how: str
    place: Place | None = None


def place_name(talk: Talk, cell_id: int | None) -> Phrase:
    """What people call the place of a record."""
    cell = talk.store.areas.area(cell_id) if cell_id else None
    return Phrase(talk.store.areas.title(cell)) if cell else PLACE_OPEN


@dataclass(frozen=True, slots=True)
class GridCell:
    """A grid cell. One that is certain from the start answers without asking; "返回" or "修改" asks all the same.

    `known` is an answer already (a deep link), `hint` a text that may name the place, `within` the id of an area that
    holds it for sure. A name that stands for several cells is asked as a choice.
    """

    hint: str = ""
    may_be_open: bool = True
    known: Mapping[str, Any] = field(default_factory=dict)
    within: int | None = None

    def begin(self, talk: Talk, explicit: bool, /) -> Answered | Again:
        if self.known and not explicit:
            return Answered(dict(self.known))
        meant = self._meant(self.hint, talk) if self.hint else None
        if meant and not (explicit and isinstance(meant, Answered)):
            return meant
        return self._from_the_top(talk)

    def read(self, heard: Heard, asked: Asked, talk: Talk, /) -> Answered | Again:
        if heard.place:
            return _at(heard.place, talk)
        # Among places of one name, the rest of a name tells which.
        named = asked.named(heard.text) if asked.progress == How.TEXT else None
        if (option := heard.option or named) is not None:
            return self._chosen(option, asked, talk)
        if heard.kind is not Kind.TEXT:
            raise Misfit(texts.PLACE_WANTED)
        if number(heard.text) is not None:
            raise Misfit(choose_one(len(asked.options)))
        meant = self._meant(heard.text, talk)
        if meant is None:
            raise Misfit(texts.PLACE_UNKNOWN)
        return meant

    def _meant(self, text: str, talk: Talk) -> Answered | Again | None:
        """What a text says of the place: a cell, some to choose from, or where to go on looking."""
        areas = talk.store.areas
        within = areas.area(self.within) if self.within else None
        cells = areas.cells_mentioned(text, within)
        if len(cells) == 1:
            return Answered({"cell": cells[0].id, "how": How.TEXT})
        if 1 < len(cells) <= PAGE:
            options = [Option(str(cell.id), Phrase(areas.title(cell))) for cell in cells]
            return Again([*options, *self._open()], texts.WHICH_OF_THESE, progress=How.TEXT)
        places = areas.places_mentioned(text, within)
        return self._below(places[0], talk) if len(places) == 1 and places[0].level is not Level.CELL else None

    def _chosen(self, value: str, asked: Asked, talk: Talk) -> Answered | Again:
        if value == "open":
            return Answered({"cell": None, "how": "open"})
        if value.startswith("more:"):
            node, _, page = value.removeprefix("more:").partition(":")
            return self._below(talk.store.areas.area(int(node)) if node else None, talk, int(page))
        area = talk.store.areas.area(int(value))
        if area is None or area.retired:
            return self._from_the_top(talk, texts.PLACE_GONE)
        if talk.store.areas.children(area.id):
            return self._below(_fork(talk, area), talk)
        return Answered({"cell": area.id, "how": How.TEXT if asked.progress == How.TEXT else How.CHOICE})

    def _from_the_top(self, talk: Talk, prompt: Phrase | None = None) -> Again:
        top = talk.store.areas.area(self.within) if self.within else _fork(talk, None)
        shown = self._below(top, talk)
        options = list(shown.options)
        own = talk.store.areas.area(talk.person.cell_id) if talk.person.cell_id else None
        if own and not own.retired:
            options.insert(0, Option(str(own.id), texts.my_cell(talk.store.areas.title(own))))
        return Again(options, prompt or (shown.prompt if self.within else None))

    def _below(self, node: Area | None, talk: Talk, page: int = 0) -> Again:
        """The areas right below one, or the roots, a page of them."""
        areas = talk.store.areas.children(node.id) if node else talk.store.areas.roots
        options = [Option(str(area.id), Phrase(area.name)) for area in areas[page * PAGE : (page + 1) * PAGE]]
        if len(areas) > (page + 1) * PAGE:
            options.append(Option(f"more:{node.id if node else ''}:{page + 1}", MORE))
        return Again([*options, *self._open()], texts.where_inside(node.name) if node else None)

    def _open(self) -> Sequence[Option]:
        return [Option("open", texts.NOT_SURE)] if self.may_be_open else []

    def load(self, stored: Any, talk: Talk, /) -> Located:
        area = talk.store.areas.area(stored["cell"]) if stored["cell"] else None
        if stored["cell"] and area is None:
            raise KeyError(stored["cell"])
        place = Place(stored["latitude"], stored["longitude"]) if "latitude" in stored else None
        return Located(area, stored["how"], place)


def located_at(place: Place, talk: Talk) -> dict[str, Any] | None:
    """The answer that a shared location is; None outside of every cell."""
    cells = talk.store.areas.locate(place.latitude, place.longitude)
    if not cells:
        return None
    return {"cell": cells[0].id, "how": How.LOCATION, "latitude": place.latitude, "longitude": place.longitude}


def _at(place: Place, talk: Talk) -> Answered:
    found = located_at(place, talk)
    if found is None:
        raise Misfit(texts.OUTSIDE)
    return Answered(found)


def _fork(talk: Talk, node: Area | None) -> Area | None:
    """The lowest area above every choice there is below one, so that nobody is asked for the only village."""
    areas = talk.store.areas
    below = areas.children(node.id) if node else areas.roots
    while len(below) == 1 and areas.children(below[0].id):
        node = below[0]
        below = areas.children(node.id)
    return node
