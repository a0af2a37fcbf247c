"""What a file of areas would change: checked as a whole, shown before anything is done.

Areas are known by their codes, so a file may be taken in again: ids stay, and with them all that refers to an area.
What a file does not mention stays as it is.
"""

import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from storage.area_faults import AreaFileRefused, Fault
from storage.area_files import AreaFile
from storage.area_row import AreaRow
from storage.domain.areas import Area, Level, path_below

TABLE_ROWS = 40


class How(StrEnum):
    """What happens to an area."""

    NEW = "新增"
    CHANGED = "修改"
    MOVED = "移动"
    CARRIED = "随上级移动"


@dataclass(frozen=True, slots=True)
class Wanted:
    """An area as it should stand; `row` is what the file says of it, None where it does not speak of it."""

    code: str
    name: str
    level: Level
    parent: str | None
    aliases: tuple[str, ...]
    row: AreaRow | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """An area as it will be, and as it is (`before`, None for a new one).

    A `polygon` of None leaves the border as it is. `differences` says in a few words each what changes.
    """

    how: How
    wanted: Wanted
    before: Area | None
    polygon: bytes | None
    differences: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """Every area that changes, parents before their children. `known` are all areas as they stand, by code."""

    changes: tuple[Change, ...]
    unchanged: int
    known: Mapping[str, Area]

    def table(self) -> str:
        """A summary and the changes themselves, the first of them where there are many; for a terminal."""
        counts = Counter(change.how for change in self.changes)
        summary = [f"{how} {counts[how]}" for how in How if counts[how]] + [f"不变 {self.unchanged}"]
        rows: list[tuple[str, ...]] = [("", "级别", "编码", "名称", "说明")]
        rows += map(_table_row, self.changes[:TABLE_ROWS])
        more = len(self.changes) - TABLE_ROWS
        lines = [*_aligned(rows), f"……还有 {more} 项"] if more > 0 else _aligned(rows) if self.changes else []
        return "\n".join([*lines, " ".join(summary)])


def plan_changes(file: AreaFile, known: Iterable[Area], same_border: AbstractSet[str] = frozenset()) -> Plan:
    """What taking in `file` would change, with `known` as all areas there are.

    `same_border` holds the codes of those whose polygon in the file is the one they have.
    Raises AreaFileRefused with everything that is wrong with the file.
    """
    return _Planning(file, known, same_border).plan()


class _Planning:
    def __init__(self, file: AreaFile, known: Iterable[Area], same_border: AbstractSet[str]) -> None:
        self._file, self._same_border = file, same_border
        self._known = {area.code: area for area in known}
        self._codes = {area.id: area.code for area in self._known.values()}
        self._faults = list(file.faults)
        self._broken = set(file.broken)
        self._wanted: dict[str, Wanted] = {code: self._as_it_is(area) for code, area in self._known.items()}

    def plan(self) -> Plan:
        self._take_rows()
        self._check_tree()
        if self._faults:
            raise AreaFileRefused(sorted(self._faults, key=lambda fault: fault.place or 0))
        changes = tuple(self._changes())
        in_file = sum(change.how is not How.CARRIED for change in changes)
        return Plan(changes, len(self._file.rows) - in_file, self._known)

    def _as_it_is(self, area: Area) -> Wanted:
        parent = self._codes[area.parent_id] if area.parent_id else None
        return Wanted(area.code, area.name, area.level, parent, area.aliases, None)

    # --- what the file says

    def _take_rows(self) -> None:
        first: dict[str, int] = {}
        for row in self._file.rows:
            if row.code in first:
                self._refuse(row, "code_repeated", code=row.code, first=first[row.code])
                continue
            first[row.code] = row.place
            if wanted := self._as_the_row_says(row):
                self._wanted[row.code] = wanted

    def _as_the_row_says(self, row: AreaRow) -> Wanted | None:
        before = self._wanted.get(row.code)
        level = row.level or (before.level if before else None)
        if level is None:
            self._refuse(row, "level_missing")
            self._broken.add(row.code)
            return None
        parent = row.parent or (before.parent if before else None)
        aliases = row.aliases if row.aliases is not None else before.aliases if before else ()
        return Wanted(row.code, row.name, level, parent, tuple(name for name in aliases if name != row.name), row)

    def _refuse(self, row: AreaRow, kind: str, **details: Any) -> None:
        self._faults.append(Fault(kind, row.place, self._file.unit, details))

    # --- whether it makes a tree

    def _check_tree(self) -> None:
        for wanted in self._wanted.values():
            parent = self._wanted.get(wanted.parent or "")
            if wanted.row:
                self._check_parent(wanted.row, wanted, parent)
            elif parent and parent.row and not parent.level.may_contain(wanted.level):
                # The file has moved a known area above it to a level where it cannot be above.
                self._refuse_order(parent.row, wanted, parent)

    def _check_parent(self, row: AreaRow, wanted: Wanted, parent: Wanted | None) -> None:
        if wanted.parent is None:
            if not wanted.level.may_stand_alone:
                self._refuse(row, "parent_missing", level=wanted.level.chinese, level_name=wanted.level.value)
        elif parent is None:
            if wanted.parent not in self._broken:
                self._refuse(row, "parent_unknown", parent=wanted.parent)
        elif ring := self._ring(wanted):
            self._refuse(row, "cycle", ring=" > ".join(ring))
        elif not parent.level.may_contain(wanted.level):
            self._refuse_order(row, wanted, parent)

    def _refuse_order(self, row: AreaRow, lower: Wanted, upper: Wanted) -> None:
        self._refuse(
            row,
            "level_order",
            level=lower.level.chinese,
            level_name=lower.level.value,
            upper=upper.level.chinese,
            upper_name=upper.level.value,
            parent=upper.name,
        )

    def _ring(self, wanted: Wanted) -> list[str]:
        """The codes from an area up to itself again; empty where its parents go in no circle.

        A longer way than there are levels is refused for their order, so it is not followed to its end.
        """
        way = [wanted.code]
        at = wanted.parent
        while at in self._wanted and at not in way and len(way) < len(Level):
            way.append(at)
            at = self._wanted[at].parent
        return [*way, wanted.code] if at == wanted.code else []

    # --- what changes

    def _changes(self) -> Iterator[Change]:
        moving: set[str] = set()
        for wanted in sorted(self._wanted.values(), key=lambda wanted: wanted.level.rank):
            if wanted.code not in self._known:
                yield Change(How.NEW, wanted, None, wanted.row.polygon if wanted.row else None)
                continue
            before = self._known[wanted.code]
            if self._path_moves(wanted, before, moving):
                moving.add(wanted.code)
            if change := self._change(wanted, before, moves=wanted.code in moving):
                yield change

    def _change(self, wanted: Wanted, before: Area, *, moves: bool) -> Change | None:
        differences = self._differences(wanted, before)
        polygon = wanted.row.polygon if wanted.row and wanted.code not in self._same_border else None
        if wanted.parent != self._as_it_is(before).parent:
            return Change(How.MOVED, wanted, before, polygon, differences)
        if differences:
            return Change(How.CHANGED, wanted, before, polygon, differences)
        return Change(How.CARRIED, wanted, before, polygon) if moves else None

    def _differences(self, wanted: Wanted, before: Area) -> tuple[str, ...]:
        was = self._as_it_is(before)
        pairs = (
            ("上级", was.parent or "无", wanted.parent or "无"),
            ("名称", was.name, wanted.name),
            ("级别", was.level.chinese, wanted.level.chinese),
            ("别名", ";".join(was.aliases) or "无", ";".join(wanted.aliases) or "无"),
        )
        differences = [f"{what}:{old} → {new}" for what, old, new in pairs if old != new]
        if wanted.row and wanted.row.polygon and wanted.code not in self._same_border:
            differences.append("边界")
        if wanted.row and before.retired:
            differences.append("恢复")
        return tuple(differences)

    def _path_moves(self, wanted: Wanted, before: Area, moving: AbstractSet[str]) -> bool:
        """Whether the path changes: with the parent, with one above it, or because an import broke off half-way."""
        parent = self._known.get(wanted.parent or "")
        if wanted.parent in moving or (wanted.parent and parent is None):
            return True
        return before.path != path_below(parent.path if parent else None, before.id)


def _table_row(change: Change) -> tuple[str, ...]:
    wanted = change.wanted
    return change.how.value, wanted.level.chinese, wanted.code, wanted.name, " ".join(change.differences)


def _aligned(rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def _width(text: str) -> int:
    """How many columns of a terminal a text takes: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
