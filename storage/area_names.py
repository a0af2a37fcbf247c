"""Which places a text names: all names and aliases of all areas, held in memory.

A text of 200 characters is read in well under 0.1 ms among 100,000 names: pairs of characters that begin no name
are passed over with one look each. Of a long text only the beginning is read.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter

from storage.domain.areas import Area, Level
from storage.domain.place_names import PlaceName, names_of, spell

_path = attrgetter("path")
_AFTER_DIGITS = ":"  # sorts behind every digit and "/", so behind every path with the same beginning

# Who writes more than that has said where by then; a text full of names to its end would hold up everybody else's.
READ = 2_000  # characters

# What may stand between a village and its cell: "杨柳村的老桥头", "杨柳村(三组)".
_JOINTS = frozenset({"", "的", ",", "-", "/", "·", "("})
# Where the cells of a village are numbered one way only, people count them the other way as well.
_COUNTED_AS = {"网格": "组", "组": "网格"}


@dataclass(frozen=True, slots=True)
class Mention:
    """A place named in a text, from `start` to `end`; several areas where the name stands for each of them."""

    areas: tuple[Area, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Named:
    """The areas of one name, each sorted by path. `certain` ones count by themselves, `possible` ones in company."""

    certain: tuple[Area, ...]
    possible: tuple[Area, ...]


@dataclass(frozen=True, slots=True)
class _Found:
    start: int
    end: int
    named: _Named


def areas_below(areas: Sequence[Area], above: Area) -> Sequence[Area]:
    """Those of `areas`, which are sorted by path, that are `above` or lie below it."""
    first = bisect_left(areas, above.path, key=_path)
    last = bisect_left(areas, above.path + _AFTER_DIGITS, lo=first, key=_path)
    return areas[first:last]


def among(areas: Sequence[Area], above: Iterable[Area]) -> tuple[Area, ...]:
    """Those of `areas`, which are sorted by path, that lie in any of `above`; each once."""
    return tuple({area.id: area for one in above for area in areas_below(areas, one)}.values())


class NameIndex:
    """The names of `areas`, which are sorted by path."""

    def __init__(self, areas: Sequence[Area]) -> None:
        self._names = _gather(areas)
        lengths = defaultdict[str, set[int]](set)
        for name in self._names:
            lengths[name[:2]].add(len(name))
        self._lengths = {pair: tuple(sorted(found)) for pair, found in lengths.items()}

    def mentioned(self, text: str) -> list[Mention]:
        """The places that the first `READ` characters name, in their order; the longest name wins where two overlap.

        A place that stands right behind one in which it lies is one mention with it: "杨柳村3组".
        """
        spelling = spell(text[:READ])
        found = _apart(self._occurrences(spelling.text))
        return [Mention(areas, *spelling.written(start, end)) for areas, start, end in _joined(found, spelling.text)]

    def _occurrences(self, text: str) -> Iterator[_Found]:
        lengths = self._lengths
        for start in [start for start in range(len(text) - 1) if text[start : start + 2] in lengths]:
            for length in lengths[text[start : start + 2]]:
                end = start + length
                named = self._names.get(text[start:end])
                if named is not None and not _cuts_a_number(text, start, end):
                    yield _Found(start, end, named)


def _gather(areas: Sequence[Area]) -> dict[str, _Named]:
    by_id = {area.id: area for area in areas}
    certain = defaultdict[str, list[Area]](list)
    possible = defaultdict[str, list[Area]](list)
    for area, name in _all_names(areas, by_id):
        possible[name.text].append(area)
        if name.certain:
            certain[name.text].append(area)
    return {name: _named(certain.get(name, []), every) for name, every in possible.items()}


def _named(certain: list[Area], possible: list[Area]) -> _Named:
    every = tuple(sorted(possible, key=_path))
    return _Named(every if len(certain) == len(every) else tuple(sorted(certain, key=_path)), every)


def _all_names(areas: Iterable[Area], by_id: Mapping[int, Area]) -> Iterator[tuple[Area, PlaceName]]:
    cells = defaultdict[int | None, list[tuple[Area, set[PlaceName]]]](list)
    for area in areas:
        names = names_of(area, by_id.get(area.parent_id or 0))
        if area.level is Level.CELL:
            cells[area.parent_id].append((area, names))
        for name in names:
            yield area, name
    for siblings in cells.values():
        yield from _counted_otherwise(siblings)


def _counted_otherwise(cells: list[tuple[Area, set[PlaceName]]]) -> Iterator[tuple[Area, PlaceName]]:
    """For the cells of one village: "3组" for 第三网格, where none of them is known as a 组; and the reverse."""
    for unit, other in _COUNTED_AS.items():
        numbered = [(area, number) for area, names in cells for number in _numbers(names, unit)]
        if not any(_numbers(names, other) for _, names in cells):
            for area, number in numbered:
                yield area, PlaceName(number + other, certain=False)


def _numbers(names: set[PlaceName], unit: str) -> list[str]:
    numbers = (name.text.removesuffix(unit) for name in names if name.text.endswith(unit))
    return [number for number in numbers if number.isdecimal()]


def _cuts_a_number(text: str, start: int, end: int) -> bool:
    """Whether the piece is torn out of a number: "3组" in "13组"."""
    return _digits(text[start - 1 : start + 1] if start else "") or _digits(text[end - 1 : end + 1])


def _digits(pair: str) -> bool:
    return len(pair) == 2 and pair.isdecimal()


def _apart(found: Iterable[_Found]) -> list[_Found]:
    """The longest first, each that overlaps none before it; in the order of the text."""
    kept: list[_Found] = []
    taken: set[int] = set()
    for one in sorted(found, key=lambda one: (one.start - one.end, one.start)):
        places = range(one.start, one.end)
        if taken.isdisjoint(places):
            kept.append(one)
            taken.update(places)
    return sorted(kept, key=lambda one: one.start)


def _joined(found: list[_Found], text: str) -> Iterator[tuple[tuple[Area, ...], int, int]]:
    """Each place with those that stand right behind it and lie in it; what counts only in company, only so."""
    waiting = found[::-1]
    while waiting:
        first = waiting.pop()
        areas, context, end = first.named.certain, first.named.possible, first.end
        while waiting and text[end : waiting[-1].start] in _JOINTS:
            inside = among(waiting[-1].named.possible, context)
            if not inside or inside == context:
                break
            areas = context = inside
            end = waiting.pop().end
        if areas:
            yield areas, first.start, end
