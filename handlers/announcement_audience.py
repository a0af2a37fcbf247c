"""The question whom an announcement is for: groups of people, one after the other, without some others."""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from handlers.messages import Kind
from handlers.reading import plain
from handlers.state import Asked, Heard
from handlers.talk import Again, Answered, Misfit, Option, Talk
from handlers.texts import announcements_audience as texts
from handlers.texts.phrase import Phrase, lines
from handlers.texts.titles import MORE, choose_one
from handlers.texts.words import ROLE, excerpt
from storage.congresses import Congress
from storage.domain.areas import Area
from storage.domain.audience import Audience, Groups
from storage.domain.roles import Role
from storage.store import Store

PAGE = 12
COUNTED = 5_000  # people within a turn; more are counted beside the writer
_NOBODY = Audience()
_KEPT = "audience"  # the name under which a conversation remembers what was chosen so far
_DONE = {plain(texts.DONE.zh), plain(texts.DONE.en)}
_NUMBERS = re.compile(r"\d{1,9}")


def in_words(store: Store, audience: Audience) -> Phrase:
    """Whom it is for, in one sentence."""
    if audience.of_announcement is not None:
        said = texts.of_announcement(audience.of_announcement, audience.reached)
        return texts.in_words([said], [], audience.channels)
    everybody = [texts.ALL_PEOPLE] if audience.everybody else []
    those = [*everybody, *_named(store, audience.those)]
    return texts.in_words(those, _named(store, audience.without), audience.channels)


def _named(store: Store, groups: Groups) -> list[Phrase]:
    areas = [area for number in groups.areas if (area := store.areas.area(number))]
    return [
        *(texts.role(role) for role in groups.roles),
        *(Phrase(store.areas.title(area)) for area in areas),
        *(texts.group(name) for name in groups.groups),
        *(
            texts.project(one.number, excerpt(one.description.title, 20))
            for one in store.projects.many(groups.projects)
        ),
        *(texts.proposal(number) for number in groups.proposals),
    ]


@dataclass(frozen=True, slots=True)
class _At:
    """Where in the question somebody is: the `kind` of group to choose from, or "" where all of it is shown."""

    kind: str = ""
    without: bool = False
    node: int = 0  # the area below which is looked
    page: int = 0

    def dump(self) -> list[Any]:
        return [self.kind, self.without, self.node, self.page]


@dataclass(frozen=True, slots=True)
class ForWhom:
    """The audience of an announcement of a congress. `before`: what it was, to be changed.

    What was chosen so far is remembered by the conversation, so that neither "返回" nor "修改" loses it.
    """

    congress: Congress
    before: Audience = _NOBODY

    def begin(self, talk: Talk, _explicit: bool, /) -> Answered | Again:
        return self._shown(talk, _At())

    def read(self, heard: Heard, asked: Asked, talk: Talk, /) -> Answered | Again:
        at = _At(*asked.progress)
        chosen = asked.named(heard.text) if heard.option is None else heard.option
        if chosen is None:
            return self._typed(talk, at, heard, asked)
        action, _, value = chosen.partition(":")
        match action:
            case "done":
                return self._done(talk)
            case "back":
                return self._shown(talk, replace(at, kind="", node=0, page=0))
            case "clear":
                return self._keep(talk, Audience(), _At())
            case "everybody":
                return self._keep(talk, replace(self._chosen(talk), everybody=True, those=Groups()), at)
            case "without":
                return self._shown(talk, _At(without=value == "yes"))
            case "go":
                return self._shown(talk, replace(at, kind=value))
            case "page":
                return self._shown(talk, replace(at, page=int(value)))
            case "below":
                return self._shown(talk, replace(at, node=int(value), page=0))
        return self._add(talk, at, [value])

    def load(self, stored: Any, _talk: Talk, /) -> Audience:
        return Audience.load(stored)

    # --- what is chosen

    def _chosen(self, talk: Talk) -> Audience:
        kept = talk.state.remembered.get(_KEPT)
        return Audience.load(kept) if kept else self.before

    def _keep(self, talk: Talk, audience: Audience, at: _At) -> Again:
        talk.state.remembered[_KEPT] = audience.dump()
        return self._shown(talk, at)

    def _done(self, talk: Talk) -> Answered:
        audience = self._chosen(talk)
        if audience.is_empty:
            raise Misfit(texts.NOBODY_NAMED)
        reach = talk.store.audiences.small_reach(self.congress.id, audience, COUNTED)
        if reach is not None and not reach.people:
            raise Misfit(texts.NOBODY_THERE)
        return Answered(audience.dump())

    def _add(self, talk: Talk, at: _At, values: Sequence[str]) -> Again:
        """Put something on the list, and go on where more of the kind may be chosen."""
        audience = self._chosen(talk)
        if at.kind == "channels":
            only = tuple(dict.fromkeys((*audience.channels, *values)))
            return self._keep(talk, replace(audience, channels=only), _At())
        read = _READ[at.kind]
        groups = audience.without if at.without else audience.those
        merged = dict.fromkeys((*getattr(groups, at.kind), *map(read, values)))
        groups = replace(groups, **{at.kind: tuple(merged)})
        changed = replace(audience, without=groups) if at.without else replace(audience, those=groups, everybody=False)
        return self._keep(talk, changed, _At(without=at.without))

    def _typed(self, talk: Talk, at: _At, heard: Heard, asked: Asked) -> Answered | Again:
        """Words that are no option: numbers of proposals, a place, a part of a name; that this is all."""
        if heard.kind is not Kind.TEXT:
            raise Misfit(choose_one(len(asked.options)))
        if plain(heard.text) in _DONE:
            return self._done(talk)
        if at.kind == "proposals":
            return self._add(talk, at, self._proposals(talk, heard.text))
        if at.kind in ("", "areas"):
            return self._place(talk, replace(at, kind="areas"), heard.text)
        wanted = plain(heard.text)
        found = [
            value for value, label in _CHOICES[at.kind](talk, self.congress) if wanted and wanted in plain(label.zh)
        ]
        if len(found) != 1:
            raise Misfit(choose_one(len(asked.options)))
        return self._add(talk, at, found)

    def _proposals(self, talk: Talk, text: str) -> list[str]:
        numbers = [int(one) for one in _NUMBERS.findall(unicodedata.normalize("NFKC", text[:400]))]
        if not numbers:
            raise Misfit(texts.NUMBERS_WANTED)
        found = {number: talk.store.proposals.get(number) for number in numbers}
        if unknown := [number for number, one in found.items() if not one or one.congress_id != self.congress.id]:
            raise Misfit(texts.unknown_proposals(unknown))
        return [str(number) for number in numbers]

    def _place(self, talk: Talk, at: _At, text: str) -> Again:
        top = talk.store.areas.area(self.congress.area_id)
        found = talk.store.areas.places_mentioned(text, top)
        if not found:
            raise Misfit(texts.PLACE_UNKNOWN)
        if len(found) == 1:
            return self._add(talk, at, [str(found[0].id)])
        options = [Option(f"add:{area.id}", Phrase(talk.store.areas.title(area))) for area in found[:PAGE]]
        return Again([*options, Option("back", texts.BACK)], texts.WHICH_OF_THESE, progress=at.dump())

    # --- what is shown

    def _shown(self, talk: Talk, at: _At) -> Again:
        if not at.kind:
            return Again(self._overview_options(talk, at), self._head(talk, at), progress=at.dump())
        if at.kind == "proposals":
            return Again((), lines([self._head(talk, at, asks=False), texts.WHICH[at.kind]]), progress=at.dump())
        options = self._areas(talk, at) if at.kind == "areas" else self._listed(talk, at)
        if not options:
            raise Misfit(texts.NONE_THERE)
        first, last = at.page * PAGE, (at.page + 1) * PAGE
        more = [Option(f"page:{at.page + 1}", MORE)] if options[last:] else []
        shown = [*options[first:last], *more, Option("back", texts.BACK)]
        return Again(shown, lines([self._head(talk, at, asks=False), texts.WHICH[at.kind]]), progress=at.dump())

    def _head(self, talk: Talk, at: _At, *, asks: bool = True) -> Phrase:
        audience = self._chosen(talk)
        said = in_words(talk.store, audience)
        if audience.is_empty:
            counted = Phrase("")
        else:
            reach = talk.store.audiences.small_reach(self.congress.id, audience, COUNTED)
            counted = texts.count(reach.people if reach else None, COUNTED)
        return texts.overview(said, counted, is_without=at.without) if asks else texts.chosen(said, counted)

    def _overview_options(self, talk: Talk, at: _At) -> list[Option]:
        kinds = [Option(f"go:{name}", label) for name, label in texts.KINDS.items()]
        if at.without:
            return [*kinds, Option("without:no", texts.TO_THOSE)]
        audience = self._chosen(talk)
        if audience.is_empty:
            return [Option("everybody", texts.EVERYBODY), *kinds]
        channels = [Option("go:channels", texts.CHANNELS)] if len(talk.store.channels) > 1 else []
        everybody = [] if audience.everybody else [Option("everybody", texts.EVERYBODY)]
        further = [*everybody, *([] if audience.everybody else kinds), *channels, Option("without:yes", texts.WITHOUT)]
        return [Option("done", texts.DONE), *further, Option("clear", texts.CLEAR)]

    def _areas(self, talk: Talk, at: _At) -> list[Option]:
        areas = talk.store.areas
        node = areas.area(at.node or self.congress.area_id)
        if node is None:
            return []
        whole = [Option(f"add:{node.id}", texts.whole(areas.title(node)))]
        return [*whole, *(_below(talk.store, area) for area in areas.children(node.id))]

    def _listed(self, talk: Talk, at: _At) -> list[Option]:
        audience = self._chosen(talk)
        groups = audience.without if at.without else audience.those
        known = audience.channels if at.kind == "channels" else getattr(groups, at.kind)
        chosen = {str(value) for value in known}
        listed = _CHOICES[at.kind](talk, self.congress)
        return [Option(f"add:{value}", label) for value, label in listed if value not in chosen]


def _below(store: Store, area: Area) -> Option:
    """An area to look into, or a cell to choose."""
    action = "below" if store.areas.children(area.id) else "add"
    return Option(f"{action}:{area.id}", Phrase(area.name))


def _groups_of(talk: Talk, congress: Congress) -> list[tuple[str, Phrase]]:
    deputies = talk.store.people.holders(congress.id, Role.DEPUTY)
    return [(name, Phrase(name)) for name in sorted({one.group_name for one in deputies if one.group_name})]


def _projects_of(talk: Talk, congress: Congress) -> list[tuple[str, Phrase]]:
    found = talk.store.projects.of_congress(congress.id, limit=None)
    return [(str(one.number), Phrase(excerpt(one.description.title, 24))) for one in found]


_CHOICES: Mapping[str, Callable[[Talk, Congress], list[tuple[str, Phrase]]]] = {
    "roles": lambda *_: [(role.value, ROLE[role]) for role in Role],
    "groups": _groups_of,
    "projects": _projects_of,
    "channels": lambda talk, _: [(name, texts.channel(name)) for name in talk.store.channels],
}
_READ: Mapping[str, Callable[[str], object]] = {
    "roles": Role,
    "areas": int,
    "groups": str,
    "projects": int,
    "proposals": int,
}
