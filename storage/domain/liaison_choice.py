"""Who might watch over which project: near it, of a fitting trade, and nobody much more often than others.

"事事有监督、人人有任务": every project gets its group, and every deputy a project, as far as there is room.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

LEAST, MOST = 2, 5  # deputies in a group (DOMAIN, step 5)


@dataclass(frozen=True, slots=True)
class Site:
    """A project: where it is built, as paths of areas ("/1/4/9/"), what it is about, and who is in its group."""

    number: int
    paths: tuple[str, ...]
    words: str = ""
    group: tuple[int, ...] = ()
    refused: frozenset[int] = frozenset()  # who declined it


@dataclass(frozen=True, slots=True)
class Candidate:
    """A deputy: their own areas, and their trade as the roster has it ("医疗卫生")."""

    person_id: int
    paths: tuple[str, ...] = ()
    trade: str = ""


@dataclass(slots=True)
class _Choice:
    """The groups as they grow. `load` is how many projects each deputy has."""

    sites: Mapping[int, Site]
    deputies: Mapping[int, Candidate]
    groups: dict[int, list[int]]
    load: dict[int, int] = field(default_factory=dict)

    def may_join(self, number: int, person_id: int) -> bool:
        return person_id not in self.groups[number] and person_id not in self.sites[number].refused

    def leave(self, number: int, person_id: int) -> None:
        self.groups[number].remove(person_id)
        self.load[person_id] -= 1

    def join(self, number: int, person_id: int) -> None:
        self.groups[number].append(person_id)
        self.load[person_id] += 1


def proposed(sites: Sequence[Site], deputies: Sequence[Candidate], least: int = LEAST) -> dict[int, list[int]]:
    """Whom to add to the group of each project, by number: first until each has `least`, always who has fewest
    projects, of those the nearest; then everybody without a project joins the nearest that has room.

    Takes some 3 µs for each project and deputy.
    """
    choice = _Choice(
        {site.number: site for site in sites},
        {one.person_id: one for one in deputies},
        {site.number: list(site.group) for site in sites},
    )
    choice.load = {one.person_id: sum(one.person_id in site.group for site in sites) for one in deputies}
    for size in range(1, least + 1):
        for site in sites:
            if len(choice.groups[site.number]) < size:
                _add_one(choice, site)
    while _evened_out(choice):
        pass
    for deputy in deputies:
        if not choice.load[deputy.person_id]:
            _find_room(choice, deputy)
    return {site.number: choice.groups[site.number][len(site.group) :] for site in sites}


def kinship(site: Site, deputy: Candidate) -> tuple[int, int]:
    """How close a deputy is to a project: levels of the tree of areas in common, then whether the trade fits."""
    levels = max((_in_common(here, there) for here in site.paths for there in deputy.paths), default=0)
    return levels, _fits(site.words, deputy.trade)


def _add_one(choice: _Choice, site: Site) -> None:
    """The deputy with the fewest projects, of those the closest, of those the first of the roster."""
    able = [one for one in choice.deputies.values() if choice.may_join(site.number, one.person_id)]
    if able:
        best = min(able, key=lambda one: (choice.load[one.person_id], *_backwards(kinship(site, one))))
        choice.join(site.number, best.person_id)


def _evened_out(choice: _Choice) -> bool:
    """Give one project of somebody who was asked twice more often than somebody else to them; False where none is."""
    for site in choice.sites.values():
        for busy in choice.groups[site.number][len(site.group) :]:
            able = [
                one
                for one in choice.deputies.values()
                if choice.load[one.person_id] + 2 <= choice.load[busy] and choice.may_join(site.number, one.person_id)
            ]
            if able:
                best = min(able, key=lambda one: (choice.load[one.person_id], *_backwards(kinship(site, one))))
                choice.leave(site.number, busy)
                choice.join(site.number, best.person_id)
                return True
    return False


def _find_room(choice: _Choice, deputy: Candidate) -> None:
    """The closest project with room, of those the one with the smallest group."""
    able = [
        site
        for site in choice.sites.values()
        if len(choice.groups[site.number]) < MOST and choice.may_join(site.number, deputy.person_id)
    ]
    if able:
        best = min(able, key=lambda site: (*_backwards(kinship(site, deputy)), len(choice.groups[site.number])))
        choice.join(best.number, deputy.person_id)


def _in_common(here: str, there: str) -> int:
    levels = 0
    for mine, theirs in zip(_levels(here), _levels(there), strict=False):
        if mine != theirs:
            break
        levels += 1
    return levels


def _levels(path: str) -> Iterable[str]:
    return path.strip("/").split("/")


def _fits(words: str, trade: str) -> int:
    """Whether any two characters of the trade in a row are said of the project."""
    pairs = {trade[at : at + 2] for at in range(len(trade) - 1)}
    return int(any(pair in words for pair in pairs))


def _backwards(kin: tuple[int, int]) -> tuple[int, int]:
    return -kin[0], -kin[1]
