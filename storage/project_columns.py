"""Which column of a table of projects is which, and in which unit its sums are."""

import itertools
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from storage.headings import HEADING_WITHIN, plain
from storage.line_faults import TableRefused
from storage.project_faults import ProjectFault
from storage.project_values import unit_named, unit_told
from storage.small_tables import Table
from storage.spreadsheets import Line

MILESTONES = 20  # that may have columns of their own

# What a column is called when we speak of it: Chinese and English.
NAMES: Mapping[str, tuple[str, str]] = {
    "title": ("项目名称", "title"),
    "content": ("建设内容", "content"),
    "investment": ("投资", "investment"),
    "body": ("实施主体", "implementing body"),
    "leader": ("责任人", "leader"),
    "deadline": ("完成时限", "deadline"),
    "effect": ("预期效果", "expected effect"),
    "cells": ("网格", "cells"),
    "plan": ("进度计划", "plan"),
    **{f"milestone{at}": (f"节点{at}", f"milestone {at}") for at in range(1, MILESTONES + 1)},
    **{f"day{at}": (f"节点{at}时间", f"day of milestone {at}") for at in range(1, MILESTONES + 1)},
    **{f"share{at}": (f"节点{at}比例", f"share of milestone {at}") for at in range(1, MILESTONES + 1)},
}
NEEDED = ("title", "body", "deadline")

# All that people write above a column; where two columns of one table are the same to us, the one named first counts.
_HEADINGS = {
    "title": "项目名称 项目 实事项目 实事项目名称 民生实事项目 民生实事项目名称 名称 title project projectname name",
    "content": "建设内容 主要建设内容 建设内容及规模 建设规模及内容 建设规模及主要内容 主要内容 项目内容 内容 content",
    "investment": (
        "投资 总投资 计划投资 计划总投资 项目投资 项目总投资 投资额 总投资额 投资金额 投资概算 估算投资 预算 资金 金额"
        " investment totalinvestment budget"
    ),
    "body": (
        "实施主体 实施单位 承办单位 责任单位 牵头单位 建设单位 主办单位 牵头责任单位 责任部门 承办部门"
        " body implementingbody"
    ),
    "leader": "责任人 负责人 项目负责人 责任领导 包抓领导 分管领导 牵头领导 包联领导 leader",
    "deadline": (
        "完成时限 完成时间 完成日期 完工时间 竣工时间 计划完成时间 计划完工时间 计划竣工时间 截止时间 时限 deadline"
    ),
    "effect": "预期效果 预期效益 项目效益 效益 预期目标 效果 effect expectedeffect",
    "cells": (
        "网格编码 网格 所在网格 网格名称 村 村社区 所在村 建设地点 实施地点 项目地点 地点 cells cell grid areas place"
    ),
    "plan": (
        "节点 进度计划 时间节点 进度节点 里程碑 工作节点 节点计划 实施计划 进度安排 计划进度 推进计划 milestones plan"
        " schedule"
    ),
}
_UNITS = ("元", "万元", "亿元")
_NUMERALS = "一二三四五六七八九十"


class UnitFrom(StrEnum):
    """How the unit of the sums is known."""

    HEADING = "heading"
    ABOVE = "above"  # it stands above the table: 单位：万元
    SUMS = "sums"  # whatever sums there are, each names its own
    ASSUMED = "assumed"


@dataclass(frozen=True, slots=True)
class Columns:
    """Where our columns stand, from 0. The lines after `heading` are projects; `unread` are headings not known."""

    at: Mapping[str, int]
    heading: int
    unread: tuple[str, ...]
    unit: str
    unit_from: UnitFrom


def find_columns(table: Table) -> Columns:
    """Raises TableRefused where a needed column is missing, or two are called the same."""
    heading = _heading(table.lines)
    if heading is None:
        raise TableRefused([ProjectFault("column_missing")])
    bottom, pieces = _pieces(table, heading)
    named = {position: found for position, written in pieces.items() if (found := _named(written))}
    faults = [ProjectFault("column_twice", None, {"word": word}) for word in _twice(named.values())]
    at = _chosen(named)
    faults += [
        ProjectFault("columns_missing", None, {"column": NAMES[name][0], "name": NAMES[name][1]})
        for name in NEEDED
        if name not in at
    ]
    if faults:
        raise TableRefused(faults)
    used = set(at.values())
    unread = tuple(written[-1] for position, written in pieces.items() if position not in used)
    own = pieces[at["investment"]] if "investment" in at else []
    unit, unit_from = _unit(own, table.lines, heading[0])
    return Columns(at, bottom, unread, unit, unit_from)


def _heading(lines: Iterable[Line]) -> Line | None:
    """The line with a heading for the title, and most others; above it there may be the name of the table."""
    begin = itertools.takewhile(lambda one: one[0] <= HEADING_WITHIN, lines)
    titled = [(line, cells) for line, cells in begin if _title(cells) is not None]
    return max(titled, key=lambda one: sum(plain(cell) in _KNOWN for cell in one[1]), default=None)


def _title(cells: Sequence[str]) -> int | None:
    """Where the heading for the title stands."""
    return next((at for at, cell in enumerate(cells) if _KNOWN.get(plain(cell), ("", 0))[0] == "title"), None)


def _pieces(table: Table, heading: Line) -> tuple[int, dict[int, list[str]]]:
    """The last line of a heading whose cells may span several, and what stands above each column in them."""
    line, cells = heading
    spanned = (one.last for one in table.merged if (one.column, one.first) == (_title(cells), line))
    bottom = max(spanned, default=line)
    pieces: dict[int, list[str]] = {}
    for number, written in table.lines:
        if line <= number <= bottom:
            for position, cell in enumerate(written):
                if cell.strip():
                    pieces.setdefault(position, []).append(cell)
    return bottom, dict(sorted(pieces.items()))


def _named(written: Sequence[str]) -> tuple[str, int, str] | None:
    """What a column is to us, how good a heading that is, and the heading; the lowest line that says so counts."""
    for piece in reversed(written):
        heading = plain(piece)
        if known := _KNOWN.get(heading):
            return *known, heading
    return None


def _twice(named: Iterable[tuple[str, int, str]]) -> list[str]:
    return [heading for heading, count in Counter(heading for *_, heading in named).items() if count > 1]


def _chosen(named: Mapping[int, tuple[str, int, str]]) -> dict[str, int]:
    best: dict[str, int] = {}
    for position, (name, _, _) in sorted(named.items(), key=lambda one: one[1][1]):
        best.setdefault(name, position)
    return best


def _unit(written: Sequence[str], lines: Iterable[Line], heading: int) -> tuple[str, UnitFrom]:
    """The unit that the column's heading names, or what stands above the table; else 万元, as lists of projects are."""
    if unit := next(filter(None, map(unit_named, written)), None):
        return unit, UnitFrom.HEADING
    above = (cell for line, cells in lines if line < heading for cell in cells)
    if unit := next(filter(None, map(unit_told, above)), None):
        return unit, UnitFrom.ABOVE
    return "万元", UnitFrom.ASSUMED


def _known() -> dict[str, tuple[str, int]]:
    """What each heading means to us, and its rank among those that mean the same."""
    known = {
        heading: (name, rank) for name, written in _HEADINGS.items() for rank, heading in enumerate(written.split())
    }
    for heading, (name, rank) in list(known.items()):
        if name == "investment":
            known.update({heading + unit: (name, rank) for unit in _UNITS})
    for at in range(1, MILESTONES + 1):
        numbers = [str(at), *_NUMERALS[at - 1 : at]]
        for word in ("节点", "里程碑", "进度节点", "时间节点", "阶段", "milestone"):
            for rank, number in enumerate(numbers):
                begins = word + number
                known[begins] = (f"milestone{at}", rank)
                known.update({begins + end: (f"milestone{at}", rank) for end in ("名称", "内容", "title")})
                known.update({begins + end: (f"day{at}", rank) for end in _DAY_ENDS})
                known.update({begins + end: (f"share{at}", rank) for end in _SHARE_ENDS})
    return known


_DAY_ENDS = ("时间", "日期", "完成时间", "完成时限", "完成日期", "计划时间", "时限", "date", "day")
_SHARE_ENDS = ("比例", "占比", "进度", "完成比例", "累计比例", "share", "percent", "%")
_KNOWN = _known()
