"""Files of projects that a congress has chosen: XLSX or CSV, one line each."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from storage.domain.project_plan import Milestone
from storage.headings import values_of
from storage.line_faults import TableRefused
from storage.project_columns import NAMES, NEEDED, Columns, UnitFrom, find_columns
from storage.project_faults import ProjectFault
from storage.project_milestones import PlanFaulty, read_plan
from storage.project_values import YUAN, NotWritten, UnitUnclear, lacks_unit, read_day, read_yuan
from storage.small_tables import BYTES_LIMIT, LINES_LIMIT, Table, TooLarge, read_table
from storage.spreadsheets import Unreadable

LIMITS = {"title": 200, "body": 100, "leader": 100, "content": 20_000, "effect": 20_000}

_OWN = frozenset({"title", "investment"})  # what no two projects share, however the cells are merged
_BETWEEN_CELLS = re.compile(r"[;；、,，\n]+")
_TOTALS = frozenset({"合计", "总计", "小计", "共计", "total"})
_ONE_LINE = ("title", "body", "leader")


@dataclass(frozen=True, slots=True)
class Line:
    """One project as the file says it; `investment` in yuan. What has no column is empty."""

    line: int
    title: str
    content: str
    investment: int | None
    body: str
    leader: str
    deadline: date
    effect: str
    cells: tuple[str, ...]
    plan: tuple[Milestone, ...]


@dataclass(frozen=True, slots=True)
class ProjectFile:
    """What a file says, and what is wrong with the lines that are not among them.

    `fields` are what it has columns for, `unread` the headings of those that mean nothing to us. Sums that name no
    unit of their own are in `unit`.
    """

    lines: tuple[Line, ...]
    faults: tuple[ProjectFault, ...]
    fields: frozenset[str]
    unread: tuple[str, ...]
    unit: str
    unit_from: UnitFrom


def read_projects(path: Path) -> ProjectFile:
    """Raises TableRefused where nothing can be read at all; faults of single lines are kept, to be told all at once."""
    try:
        table = read_table(path)
    except (Unreadable, OSError) as error:
        raise TableRefused([ProjectFault("unreadable")]) from error
    except TooLarge as error:
        limits = {"lines": LINES_LIMIT, "megabytes": BYTES_LIMIT // 1024 // 1024}
        raise TableRefused([ProjectFault("too_large", None, limits)]) from error
    columns = find_columns(table)
    lines: list[Line] = []
    faults: list[ProjectFault] = []
    is_empty, is_assumed = True, False
    for number, values, own in _written(table, columns):
        is_empty, is_assumed = False, is_assumed or lacks_unit(values.get("investment", ""))
        line, wrong = _read(number, values, columns)
        faults += own + [fault for fault in wrong if not _told(fault, own)]
        if line and not own:
            lines.append(line)
    if is_empty:
        raise TableRefused([ProjectFault("empty")])
    unit_from = UnitFrom.SUMS if columns.unit_from is UnitFrom.ASSUMED and not is_assumed else columns.unit_from
    return ProjectFile(tuple(lines), tuple(faults), _fields(columns), columns.unread, columns.unit, unit_from)


def _fields(columns: Columns) -> frozenset[str]:
    """The parts of a project that the file has columns for."""
    return frozenset("plan" if re.fullmatch(r"(milestone|day|share)\d+", name) else name for name in columns.at)


def _told(fault: ProjectFault, own: list[ProjectFault]) -> bool:
    """Whether an empty cell is explained already."""
    return fault.kind == "missing" and any(one.details["column"] == fault.details["column"] for one in own)


# --- cells


def _written(table: Table, columns: Columns) -> Iterator[tuple[int, dict[str, str], list[ProjectFault]]]:
    """What each line says in our columns, and what is wrong with its cells; lines that say nothing are left out."""
    shared = _shared(table, columns)
    for number, cells in table.lines:
        if number <= columns.heading or _is_total(cells, columns):
            continue
        values = values_of(cells, columns.at)
        broken = [
            _fault("uncomputed", number, name) for name, at in columns.at.items() if (number, at) in table.uncomputed
        ]
        if not any(values.values()) and not broken:
            continue
        for name, value in shared.get(number, {}).items():
            if values.get(name):
                continue
            if name in _OWN:
                broken.append(_fault("merged", number, name))
            else:
                values[name] = value
        yield number, values, broken


def _is_total(cells: Sequence[str], columns: Columns) -> bool:
    """Whether a line only adds up the others."""
    first = "".join(next(filter(None, cells), "").split()).rstrip(":：")
    own = values_of(tuple(cells), columns.at)
    return first in _TOTALS and not (own.get("body") or own.get("deadline"))


def _shared(table: Table, columns: Columns) -> dict[int, dict[str, str]]:
    """What the cells that span several lines say to those below the first, by line and column."""
    numbers = [number for number, _ in table.lines]
    names = {at: name for name, at in columns.at.items()}
    found: dict[int, dict[str, str]] = {}
    for merged in table.merged:
        name = names.get(merged.column)
        first = bisect_left(numbers, merged.first)
        if name is None or merged.first <= columns.heading or numbers[first : first + 1] != [merged.first]:
            continue
        value = values_of(table.lines[first][1], columns.at).get(name, "")
        if value:
            for number in numbers[first + 1 : bisect_right(numbers, merged.last)]:
                found.setdefault(number, {})[name] = value
    return found


def _fault(kind: str, line: int, name: str, **details: object) -> ProjectFault:
    column, english = NAMES[name]
    return ProjectFault(kind, line, {"column": column, "name": english, **details})


# --- one line


def _read(number: int, values: Mapping[str, str], columns: Columns) -> tuple[Line | None, list[ProjectFault]]:
    """The project of a line, or all that is wrong with it."""
    faults = list(_plain_faults(number, values))
    deadline = _deadline(number, values.get("deadline", ""), faults)
    investment = _investment(number, values.get("investment", ""), columns, faults)
    plan: list[Milestone] = []
    try:
        plan = read_plan(number, values)
    except PlanFaulty as error:
        faults += error.faults
    if deadline and plan and plan[-1].planned_on > deadline:
        details = {"day": deadline, "word": plan[-1].title, "last": plan[-1].planned_on}
        faults.append(ProjectFault("deadline_early", number, details))
    if faults or deadline is None:
        return None, faults
    title, body, leader = (" ".join(values.get(name, "").split()) for name in _ONE_LINE)
    cells = tuple(filter(None, map(str.strip, _BETWEEN_CELLS.split(values.get("cells", "")))))
    content, effect = values.get("content", ""), values.get("effect", "")
    return Line(number, title, content, investment, body, leader, deadline, effect, cells, tuple(plan)), []


def _plain_faults(number: int, values: Mapping[str, str]) -> Iterator[ProjectFault]:
    for name in NEEDED:
        if not values.get(name):
            yield _fault("missing", number, name)
    for name, limit in LIMITS.items():
        if len(values.get(name, "")) > limit:
            yield _fault("too_long", number, name, limit=limit)


def _deadline(number: int, written: str, faults: list[ProjectFault]) -> date | None:
    try:
        return read_day(written) if written else None
    except NotWritten:
        faults.append(_fault("day_wrong", number, "deadline", word=written))
        return None


def _investment(number: int, written: str, columns: Columns, faults: list[ProjectFault]) -> int | None:
    is_assumed = columns.unit_from is UnitFrom.ASSUMED
    try:
        return read_yuan(written, YUAN[columns.unit], sign_counts=is_assumed)
    except NotWritten:
        faults.append(ProjectFault("investment_wrong", number, {"word": written}))
    except UnitUnclear as error:
        faults.append(ProjectFault("investment_unit", number, {"word": written, "unit": columns.unit, "sum": error}))
    return None
