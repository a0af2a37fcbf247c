"""Files of people with a role: XLSX or CSV, one line for each role of each person."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from storage.domain.roles import Role
from storage.headings import columns_of, values_of
from storage.line_faults import TableRefused
from storage.people_faults import PersonFault
from storage.spreadsheets import Unreadable, lines_of

LIMITS = {"name": 100, "group": 100, "trade": 100}

_HEADINGS = {
    "name": "姓名 代表姓名 name",
    "telephone": "电话 手机 手机号 手机号码 联系电话 联系方式 电话号码 telephone phone mobile",
    "role": "身份 角色 类别 人员类别 role",
    "group": "小组 代表小组 代表团 所在小组 所在单位 单位 group office",
    "trade": "行业 职业 界别 专业 trade profession",
    "cells": "网格 责任网格 联系网格 所在网格 网格编码 村 村社区 cells cell grid areas",
}
_TELEPHONE = re.compile(r"\+?\d{5,20}")
_IN_TELEPHONES = re.compile(r"[\s()\-]")
_BETWEEN_CELLS = re.compile(r"[;；、,，\n]+")


@dataclass(frozen=True, slots=True)
class Line:
    """One role of one person, as the file says it; None where it has no such column."""

    line: int
    name: str
    telephone: str
    role: Role
    group: str | None
    trade: str | None
    cells: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class PeopleFile:
    """What a file says, and what is wrong with the lines that are not among them."""

    lines: tuple[Line, ...]
    faults: tuple[PersonFault, ...] = ()


def read_people(path: Path, role: Role | None = None) -> PeopleFile:
    """Read a table; `role` is everybody's whose line names none.

    Raises TableRefused where nothing can be read at all; faults of single lines are kept, to be told all at once.
    """
    try:
        lines = lines_of(path)
        columns = columns_of(lines, _HEADINGS, "name")
        if columns is None:
            raise TableRefused([PersonFault("column_missing")])
        if "role" not in columns and role is None:
            raise TableRefused([PersonFault("role_column_missing")])
        written = [(line, values_of(cells, columns)) for line, cells in lines]
    except (Unreadable, OSError) as error:
        raise TableRefused([PersonFault("unreadable")]) from error
    return _read([(line, values) for line, values in written if any(values.values())], role)


def _read(written: list[tuple[int, dict[str, str]]], role: Role | None) -> PeopleFile:
    if not written:
        raise TableRefused([PersonFault("empty")])
    lines: list[Line] = []
    faults: list[PersonFault] = []
    for number, values in written:
        own = list(_faults(number, values, role))
        faults += own
        if not own:
            lines.append(_line(number, values, role))
    return PeopleFile(tuple(lines), tuple(faults))


def _faults(line: int, values: Mapping[str, str], role: Role | None) -> Iterator[PersonFault]:
    if not values.get("name"):
        yield PersonFault("name_missing", line)
    for name, limit in LIMITS.items():
        if len(values.get(name, "")) > limit:
            yield PersonFault(f"{name}_too_long", line, {"limit": limit})
    telephone = _telephone(values)
    if telephone and not _TELEPHONE.fullmatch(telephone):
        yield PersonFault("telephone_wrong", line, {"word": values["telephone"]})
    named = values.get("role", "")
    if not named and role is None:
        yield PersonFault("role_missing", line)
    if named and Role.named(named) is None:
        yield PersonFault("role_unknown", line, {"word": named})


def _line(line: int, values: Mapping[str, str], role: Role | None) -> Line:
    known = Role.named(values.get("role", "")) or role
    assert known is not None  # noqa: S101  # it would be a fault
    cells = values.get("cells")
    return Line(
        line,
        "".join(values["name"].split("\n")),
        _telephone(values),
        known,
        values.get("group"),
        values.get("trade"),
        None if cells is None else tuple(filter(None, map(str.strip, _BETWEEN_CELLS.split(cells)))),
    )


def _telephone(values: Mapping[str, str]) -> str:
    return _IN_TELEPHONES.sub("", unicodedata.normalize("NFKC", values.get("telephone", "")))
