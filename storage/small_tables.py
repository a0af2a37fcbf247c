"""Short tables that an office made by hand, read with what a workbook tells besides its values.

Merged cells, formulas that nobody has computed, dates of which only the month shows: a reader sees them, so a list in
which each line binds somebody must not pass over them. Long lists are read without (`storage.spreadsheets`).
"""

import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from storage.spreadsheets import ROWS_LIMIT, Line, Unreadable, lines_of, text_of

if TYPE_CHECKING:
    from openpyxl.reader.excel import ExcelReader

LINES_LIMIT = 2_000  # that hold anything
COLUMNS_LIMIT = 200  # what stands to the right of them is not read
BYTES_LIMIT = 16 * 1024 * 1024
UNPACKED_LIMIT = 32 * 1024 * 1024  # of the parts that are text: ten seconds, where all of it is empty cells
MERGED_LIMIT = 20_000

_NOT_SHOWN = re.compile(r"\[[^]]*\]|\\.|\"[^\"]*\"")
_UNIT_SHOWN = re.compile(r"亿元|万元|元")
_SCALED = re.compile(r"[!]|[0#?],+(?![0#?])")  # what shows is not the value, but a thousandth of it, or less


class TooLarge(Exception):
    """The file has more than such a table can have; it was not read to its end."""


@dataclass(frozen=True, slots=True)
class Merged:
    """A cell that spans several lines: its column from 0, its first and last line from 1."""

    column: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Table:
    """The lines that hold anything. `uncomputed` are formulas without a value, and wrong ones, as (line, column)."""

    lines: tuple[Line, ...]
    merged: tuple[Merged, ...] = ()
    uncomputed: frozenset[tuple[int, int]] = frozenset()


def read_table(path: Path) -> Table:
    """A CSV file, or the first sheet of a workbook. Raises Unreadable, TooLarge or OSError."""
    if path.stat().st_size > BYTES_LIMIT:
        raise TooLarge
    with path.open("rb") as file:
        if file.read(4) == b"PK\x03\x04":
            return _workbook(file)
    return Table(_limited(lines_of(path)))


def _limited(lines: Iterator[Line]) -> tuple[Line, ...]:
    found: list[Line] = []
    for line, cells in lines:
        if len(found) == LINES_LIMIT:
            raise TooLarge
        found.append((line, cells[:COLUMNS_LIMIT]))
    return tuple(found)


def _workbook(file: IO[bytes]) -> Table:
    from openpyxl.reader.excel import ExcelReader

    try:
        reader = ExcelReader(file, read_only=True, data_only=True, keep_links=False)
        with closing(reader.archive):
            texts = (one.file_size for one in reader.archive.infolist() if one.filename.endswith((".xml", ".rels")))
            if sum(texts) > UNPACKED_LIMIT:
                raise TooLarge
            reader.read()
            wrong: set[tuple[int, int]] = set()
            lines = _limited(_lines(reader, wrong))
            merged, uncomputed = _besides(reader)
    except (Unreadable, TooLarge):
        raise
    except Exception as error:  # a damaged workbook raises anything, and none of it is ours
        raise Unreadable from error
    return Table(_with_formulas(lines, uncomputed), merged, frozenset(uncomputed | wrong))


def _with_formulas(lines: tuple[Line, ...], uncomputed: set[tuple[int, int]]) -> tuple[Line, ...]:
    """With the lines that hold nothing but formulas without a value."""
    known = {line for line, _ in lines}
    only: list[Line] = [(line, ()) for line in {line for line, _ in uncomputed} - known]
    if len(lines) + len(only) > LINES_LIMIT:
        raise TooLarge
    return tuple(sorted([*lines, *only]))


# --- values


def _lines(reader: "ExcelReader", wrong: set[tuple[int, int]]) -> Iterator[Line]:
    """The lines that hold anything; cells whose formula went wrong are empty, and noted."""
    sheet: Any = reader.wb.worksheets[0]
    sheet.reset_dimensions()
    for line, row in enumerate(sheet.iter_rows(), start=1):
        if line > ROWS_LIMIT:
            raise Unreadable
        cells = tuple("" if cell.value is None else _shown(cell) for cell in row[:COLUMNS_LIMIT])
        errors = {(line, at) for at, cell in enumerate(row[:COLUMNS_LIMIT]) if cell.data_type == "e"}
        wrong |= errors
        if any(cells):
            yield line, tuple("" if (line, at) in errors else cell for at, cell in enumerate(cells))


def _shown(cell: Any) -> str:
    """A value as its format shows it, as far as that changes what is meant."""
    value, written = cell.value, text_of(cell.value)
    if isinstance(value, date):
        return _day_shown(value, cell.number_format) or written
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _number_shown(value, cell.number_format) or written
    return written


def _day_shown(value: date, form: str) -> str:
    """A date of which only the month shows, as Excel makes of "2026年11月": nobody meant its first day."""
    shows = {"y", "m", "d"} & set(_NOT_SHOWN.sub("", form).lower())
    return f"{value.year}年{value.month}月" if shows == {"y", "m"} and value.day == 1 else ""


def _number_shown(value: float, form: str) -> str:
    if "%" in form:
        return f"{value * 100:.10g}%"
    if _SCALED.search(form):
        return ""
    unit = _UNIT_SHOWN.search(form)
    sign = "¥" if re.search("[¥￥]", form) else ""
    return f"{sign}{text_of(value)}{unit.group() if unit else ''}" if unit or sign else ""


# --- what openpyxl does not tell of a sheet that it only reads


def _besides(reader: "ExcelReader") -> tuple[tuple[Merged, ...], set[tuple[int, int]]]:
    """Cells over several lines, and formulas without a value (ECMA-376 part 1, 18.3.1.55 and 18.3.1.40)."""
    from openpyxl.xml.constants import SHEET_MAIN_NS
    from openpyxl.xml.functions import iterparse

    title = reader.wb.worksheets[0].title
    parts = {sheet.name: relation.target for sheet, relation in reader.parser.find_sheets()}
    merged: list[Merged] = []
    uncomputed: set[tuple[int, int]] = set()
    line = 0
    with reader.archive.open(parts[title]) as source:
        for _, element in iterparse(source):
            if element.tag == f"{{{SHEET_MAIN_NS}}}row":
                line = int(element.get("r", line + 1))
                uncomputed.update((line, at) for at in _uncomputed(element, f"{{{SHEET_MAIN_NS}}}"))
                element.clear()
            elif element.tag == f"{{{SHEET_MAIN_NS}}}mergeCell":
                merged += _over_lines(element.get("ref", ""))
                if len(merged) > MERGED_LIMIT:
                    raise TooLarge
    return tuple(merged), uncomputed


def _uncomputed(row: Any, space: str) -> Iterator[int]:
    """The columns of a row that have a formula and no value. An empty text (t="str") is one."""
    from openpyxl.utils.cell import coordinate_to_tuple

    column = 0
    for cell in row.iter(f"{space}c"):
        written = cell.get("r")
        column = coordinate_to_tuple(written)[1] if written else column + 1
        if cell.find(f"{space}f") is not None and not cell.findtext(f"{space}v") and cell.get("t") != "str":
            yield column - 1


def _over_lines(reference: str) -> Iterator[Merged]:
    from openpyxl.utils.cell import range_boundaries

    column, first, _, last = range_boundaries(reference)
    if column and first and last and last > first:
        yield Merged(column - 1, first, last)
