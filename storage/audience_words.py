"""Whom an announcement is for, as people write it into a file: 全体；代表；杨柳村；项目 3；建议 12."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from storage.announcement_faults import AnnouncementFault
from storage.announcement_file import Written, several
from storage.cell_finding import AreaFinder, CellUnclear, CellUnknown
from storage.congresses import Congress
from storage.domain.audience import Audience, Groups
from storage.domain.roles import Role
from storage.project_values import narrow
from storage.store import Store

_ALL_WORDS = (
    "全体 全体居民 全部居民 所有居民 所有人 全体人员 全镇 全乡 全街道 全县 全区 全市 全旗 全辖区 everybody everyone all"
)
_EVERYBODY = frozenset(_ALL_WORDS.split())
_ALL_OF = re.compile(r"^(?:全体|全部|所有)")
_PROJECT = re.compile(r"(?:项目|project)\s*(?P<number>\d{1,9})\s*号?|(?P<before>\d{1,9})\s*号?\s*项目", re.IGNORECASE)
_PROPOSAL = re.compile(r"(?:建议|proposal)\s*(?P<number>\d{1,9})\s*号?|(?P<before>\d{1,9})\s*号?\s*建议", re.IGNORECASE)


@dataclass(slots=True)
class _Found:
    """By the names that `Groups` has."""

    everybody: bool = False
    roles: dict[Role, None] = field(default_factory=dict)
    areas: dict[int, None] = field(default_factory=dict)
    groups: dict[str, None] = field(default_factory=dict)
    projects: dict[int, None] = field(default_factory=dict)
    proposals: dict[int, None] = field(default_factory=dict)

    def as_groups(self) -> Groups:
        return Groups(
            roles=tuple(self.roles),
            areas=tuple(self.areas),
            groups=tuple(self.groups),
            projects=tuple(self.projects),
            proposals=tuple(self.proposals),
        )


def read_audience(
    store: Store, congress: Congress, written: Written, channels: Iterable[str], faults: list[AnnouncementFault]
) -> Audience:
    """The audience that a file names; what is wrong with it goes to `faults`."""
    reading = _Reading(store, congress, written, faults)
    those, without = reading.found("audience"), reading.found("without")
    if without.everybody:
        faults.append(written.fault("everybody_left_out", "without"))
    # Who is one of all need not be named besides.
    named = Groups() if those.everybody else those.as_groups()
    return Audience(those.everybody, named, without.as_groups(), tuple(channels))


class _Reading:
    def __init__(self, store: Store, congress: Congress, written: Written, faults: list[AnnouncementFault]) -> None:
        self._store, self._congress, self._written, self._faults = store, congress, written, faults
        self._within = store.areas.area(congress.area_id)
        self._finder = AreaFinder(store.areas, self._within)
        deputies = store.people.holders(congress.id, Role.DEPUTY)
        self._groups = {one.group_name for one in deputies if one.group_name}

    def found(self, name: str) -> _Found:
        """What stands under a heading."""
        found = _Found()
        for word in several(self._written[name]):
            self._take(name, word, found)
        return found

    def _take(self, name: str, word: str, found: _Found) -> None:
        spelled = narrow(word)
        if "".join(spelled.split()).casefold() in _EVERYBODY:
            found.everybody = True
        elif number := _numbered(_PROJECT, spelled):
            self._number(name, "project_unknown", number, self._has_project, found.projects)
        elif number := _numbered(_PROPOSAL, spelled):
            self._number(name, "proposal_unknown", number, self._has_proposal, found.proposals)
        elif role := Role.named(word) or Role.named(_ALL_OF.sub("", word)):
            found.roles[role] = None
        elif word in self._groups:
            found.groups[word] = None
        else:
            self._area(name, word, found.areas)

    def _number(
        self, name: str, fault: str, number: int, is_there: Callable[[int], bool], kept: dict[int, None]
    ) -> None:
        if is_there(number):
            kept[number] = None
        else:
            self._faults.append(self._written.fault(fault, name, number=number))

    def _has_project(self, number: int) -> bool:
        one = self._store.projects.get(number)
        return one is not None and one.congress_id == self._congress.id

    def _has_proposal(self, number: int) -> bool:
        one = self._store.proposals.get(number)
        return one is not None and one.congress_id == self._congress.id

    def _area(self, name: str, word: str, kept: dict[int, None]) -> None:
        try:
            is_whole = self._within is not None and word == self._within.name
            kept[self._congress.area_id if is_whole else self._finder.find(word).id] = None
        except CellUnknown:
            self._faults.append(self._written.fault("audience_unknown", name, word=word))
        except CellUnclear:
            self._faults.append(self._written.fault("audience_unclear", name, word=word))


def _numbered(form: re.Pattern[str], word: str) -> int:
    """The number of a project or proposal; 0 where the word is none."""
    found = form.fullmatch(word)
    return int(found["number"] or found["before"]) if found else 0
