"""Files of areas: CSV and GeoJSON (RFC 7946), read into checked rows."""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from storage.area_faults import AreaFileRefused, Fault, Unit
from storage.area_row import AreaRow
from storage.domain.areas import Level

# What people write above a column, or GeoJSON calls a property, when nothing else was said.
_HEADINGS = {
    "code": ("code", "编码", "代码", "区划代码", "网格编码"),
    "name": ("name", "名称", "名字", "网格名称"),
    "parent": ("parent", "parent code", "parent_code", "上级编码", "上级", "上级代码"),
    "level": ("level", "级别", "层级"),
    "aliases": ("aliases", "alias", "别名"),
}
_REQUIRED = {"code": "编码 code", "name": "名称 name"}


@dataclass(frozen=True, slots=True)
class Fields:
    """How a file calls its columns or properties; an empty name is looked up among the usual ones.

    `level` is the level of every area of the file, where it is not written beside each.
    """

    code: str = ""
    name: str = ""
    parent: str = ""
    level: Level | None = None


@dataclass(frozen=True, slots=True)
class AreaFile:
    """Checked rows, and what was wrong with the others. `broken` holds the codes of those others, as far as known."""

    rows: tuple[AreaRow, ...]
    unit: Unit = Unit.LINE
    faults: tuple[Fault, ...] = ()
    broken: frozenset[str] = frozenset()


def read_areas(path: Path, fields: Fields | None = None) -> AreaFile:
    """Read a CSV (UTF-8 or GB18030) or GeoJSON file; which of the two it is, its content tells.

    Raises AreaFileRefused where nothing can be read at all; faults of single areas are kept, so that the plan can
    tell all that is wrong at once.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise AreaFileRefused([Fault("unreadable")]) from error
    text = _decoded(content)
    chosen = fields or Fields()
    is_json = text.lstrip().startswith(("{", "["))
    records = _features(text, chosen) if is_json else _lines(text, chosen)
    return _checked(records, Unit.FEATURE if is_json else Unit.LINE)


def _decoded(content: bytes) -> str:
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise AreaFileRefused([Fault("excel")])
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise AreaFileRefused([Fault("encoding")])


def _checked(records: Iterator[tuple[int, dict[str, Any]]], unit: Unit) -> AreaFile:
    rows: list[AreaRow] = []
    faults: list[Fault] = []
    broken: set[str] = set()
    for place, record in records:
        try:
            rows.append(AreaRow.model_validate({"place": place, **record}))
        except ValidationError as error:
            broken.add(str(record.get("code")).strip())
            faults += [Fault(one["type"], place, unit, one.get("ctx", {})) for one in error.errors()]
    if not rows and not faults:
        raise AreaFileRefused([Fault("empty")])
    return AreaFile(tuple(rows), unit, tuple(faults), frozenset(broken))


# --- CSV


def _lines(text: str, fields: Fields) -> Iterator[tuple[int, dict[str, Any]]]:
    heading = text.split("\n", 1)[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter="\t" if "\t" in heading else ",", strict=True)
    columns: dict[str, int] | None = None
    begins = 1
    try:
        for cells in reader:
            place, begins = begins, reader.line_num + 1
            if not any(cell.strip() for cell in cells):
                continue
            if columns is None:
                columns = _columns(cells, fields)
            else:
                yield place, _record({name: cells[at] for name, at in columns.items() if at < len(cells)}, fields)
    except csv.Error as error:
        raise AreaFileRefused([Fault("not_csv", reader.line_num)]) from error


def _columns(heading: list[str], fields: Fields) -> dict[str, int]:
    """Where each of our names stands in the heading. Raises AreaFileRefused where a required one does not."""
    columns = {name: at for at, cell in enumerate(heading) if (name := _our_name(cell, fields))}
    missing = [usual for name, usual in _REQUIRED.items() if name not in columns]
    if missing:
        raise AreaFileRefused(Fault("column_missing", details={"column": usual}) for usual in missing)
    return columns


def _our_name(heading: str, fields: Fields) -> str | None:
    plain = heading.strip().lower()
    for name, usual in _HEADINGS.items():
        chosen = getattr(fields, name) if name in ("code", "name", "parent") else ""
        if plain == chosen.strip().lower() if chosen else plain in usual:
            return name
    return None


def _record(values: Mapping[str, Any], fields: Fields) -> dict[str, Any]:
    record = dict(values)
    if fields.level is not None and not record.get("level"):
        record["level"] = fields.level
    return record


# --- GeoJSON


def _features(text: str, fields: Fields) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        content = json.loads(text)
    except json.JSONDecodeError as error:
        raise AreaFileRefused([Fault("not_json", error.lineno)]) from error
    except RecursionError as error:
        raise AreaFileRefused([Fault("not_json")]) from error
    features = content.get("features") if isinstance(content, dict) else None
    if not isinstance(features, list):
        raise AreaFileRefused([Fault("not_geojson")])
    for place, feature in enumerate(features, start=1):
        whole = feature if isinstance(feature, dict) else {}
        properties = whole.get("properties")
        known = properties if isinstance(properties, dict) else {}
        values = {name: value for key, value in known.items() if (name := _our_name(key, fields))}
        yield place, {**_record(values, fields), "polygon": whole.get("geometry")}
