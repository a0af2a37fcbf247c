"""Tables that people fill in: XLSX workbooks and CSV, every cell as the text that a reader sees."""

import csv
import io
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from storage.domain.file_kinds import decoded

if TYPE_CHECKING:
    from openpyxl import Workbook

ROWS_LIMIT = 1_048_576  # that a sheet may have (ECMA-376 does not say; Excel's own)

# The module's own limit of 131,072 characters is less than a text may have; there is one for the whole program.
csv.field_size_limit(1_000_000)

Line = tuple[int, tuple[str, ...]]


class Unreadable(Exception):
    """The file is no table, or a damaged one."""


class Sheets:
    """The sheets of an open workbook."""

    def __init__(self, workbook: "Workbook") -> None:
        self._workbook = workbook

    @property
    def titles(self) -> list[str]:
        return list(self._workbook.sheetnames)

    def lines(self, title: str) -> Iterator[Line]:
        """(line number, cells) of the lines that hold anything. Raises Unreadable, also half-way."""
        try:
            sheet = self._workbook[title]
            # What a workbook says about its own size is not to be relied on.
            sheet.reset_dimensions()
            for line, values in enumerate(sheet.iter_rows(values_only=True), start=1):
                if line > ROWS_LIMIT:
                    raise Unreadable
                if cells := _cells(values):
                    yield line, cells
        except Unreadable:
            raise
        except Exception as error:  # a damaged workbook raises anything, and none of it is ours
            raise Unreadable from error


def _cells(values: tuple[Any, ...]) -> tuple[str, ...]:
    cells = tuple(map(text_of, values))
    return cells if any(cells) else ()


def text_of(value: Any) -> str:
    """A value of a cell as text; times of day that are midnight are none."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime) and value.time() == time():
        value = value.date()
    if isinstance(value, date):
        return value.isoformat()
    return "" if value is None else str(value).strip()


@contextmanager
def workbook(path: Path) -> Iterator[Sheets]:
    """Open an XLSX file. Raises Unreadable."""
    from openpyxl import load_workbook

    with path.open("rb") as file:
        try:
            book = load_workbook(file, read_only=True, data_only=True)
        except Exception as error:  # as above
            raise Unreadable from error
        with closing(book):
            yield Sheets(book)


def lines_of(path: Path) -> Iterator[Line]:
    """The lines of a CSV file (UTF-8 or GB18030), or of the first sheet of a workbook; its content tells which.

    Raises Unreadable, also half-way.
    """
    content = path.read_bytes()
    if content.startswith(b"PK\x03\x04"):
        with workbook(path) as sheets:
            yield from sheets.lines(sheets.titles[0])
        return
    text = decoded(content)
    if text is None:
        raise Unreadable
    yield from _csv_lines(text)


def _csv_lines(text: str) -> Iterator[Line]:
    delimiter = "\t" if "\t" in text.split("\n", 1)[0] else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    begins = 1
    try:
        for values in reader:
            line, begins = begins, reader.line_num + 1
            if cells := _cells(tuple(values)):
                yield line, cells
    except csv.Error as error:
        raise Unreadable from error
