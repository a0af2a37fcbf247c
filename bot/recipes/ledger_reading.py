"""A ledger that a clerk filled in, read back: the rows in which anything that counts was changed, as plain JSON.

What the words mean is told here; what follows from them is decided by `storage.domain.ledger_changes`, against the
proposals as they stand when the clerk is asked.
"""

import json
from collections.abc import Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

from bot.recipes.ledger_columns import EXPORTED, FORMAT, LOOKS, OPEN_CELL, Column
from handlers.texts.phrase import Phrase
from handlers.texts.words import CATEGORY, REASON, STATUS
from storage.domain.categories import Category
from storage.domain.ledger_changes import FaultKind
from storage.domain.proposal_status import Reason, Status
from storage.spreadsheets import Line, Sheets, Unreadable, workbook

E = TypeVar("E", bound=StrEnum)

CHANGED_LIMIT = 2_000  # rows that one file may change
FAULTS_TOLD = 50
HEADING_WITHIN = 10  # lines from the top

# Category, cell code, cell name, status, reason; reason is empty for none.
Values = tuple[str, str, str, str, str]


def read_ledger(path: Path) -> dict[str, Any]:
    """What the file says, as {"of": …, "rows": …, "faults": …}.

    `of` is the congress whose ledger it is, `rows` are [line, number, exported values, written values] and `faults`
    [line, kind, word].
    """
    try:
        with workbook(path) as sheets:
            return _Reading(sheets).read()
    except Unreadable:
        return _refused(FaultKind.UNREADABLE)


def _refused(kind: FaultKind) -> dict[str, Any]:
    return {"of": 0, "rows": [], "faults": [[0, kind, ""]]}


class _Reading:
    def __init__(self, sheets: Sheets) -> None:
        self._sheets = sheets
        self._faults: list[list[Any]] = []
        self._rows: list[list[Any]] = []

    def read(self) -> dict[str, Any]:
        title = next((title for title in self._sheets.titles if title != EXPORTED), None)
        if title is None or EXPORTED not in self._sheets.titles:
            return _refused(FaultKind.NOT_A_LEDGER)
        exports = self._sheets.lines(EXPORTED)
        _, head = next(exports, (0, ()))
        lines = self._sheets.lines(title)
        columns = _columns(lines)
        if head[:1] != (FORMAT,) or len(head) < 2 or not head[1].isdecimal() or not columns:
            return _refused(FaultKind.NOT_A_LEDGER)
        self._compare(lines, columns, dict(map(_exported, exports)))
        if len(self._rows) > CHANGED_LIMIT:
            return _refused(FaultKind.TOO_MANY)
        return {"of": int(head[1]), "rows": self._rows, "faults": self._faults[:FAULTS_TOLD]}

    def _compare(self, lines: Iterator[Line], columns: Mapping[Column, int], exported: Mapping[str, Values]) -> None:
        seen: set[str] = set()
        for line, cells in lines:
            cell = {column: cells[at] if at < len(cells) else "" for column, at in columns.items()}
            number = cell[Column.NUMBER]
            if number not in exported:
                # Notes below the table are nobody's business; a line with values to be taken is.
                if number or any(cell[column] for column, look in LOOKS.items() if look.choices):
                    self._faults.append([line, FaultKind.NUMBER_UNKNOWN, number])
            elif number in seen:
                self._faults.append([line, FaultKind.NUMBER_TWICE, number])
            else:
                seen.add(number)
                written = self._written(line, cell, exported[number])
                if written and written != exported[number] and len(self._rows) <= CHANGED_LIMIT:
                    self._rows.append([line, int(number), exported[number], written])

    def _written(self, line: int, cell: Mapping[Column, str], before: Values) -> Values | None:
        """What the clerk wrote, in our words; None where a word is not known."""
        category = _meant(cell[Column.CATEGORY], CATEGORY, Category)
        status = _meant(cell[Column.STATUS], STATUS, Status)
        reason = _meant(cell[Column.REASON], REASON, Reason) if cell[Column.REASON] else ""
        for value, column, kind in (
            (category, Column.CATEGORY, FaultKind.CATEGORY_UNKNOWN),
            (status, Column.STATUS, FaultKind.STATUS_UNKNOWN),
            (reason, Column.REASON, FaultKind.REASON_UNKNOWN),
        ):
            if value is None:
                self._faults.append([line, kind, cell[column]])
        if category is None or status is None or reason is None:
            return None
        return category, cell[Column.CELL_CODE], _cell_name(cell[Column.CELL_NAME], before[2]), status, reason


def _columns(lines: Iterator[Line]) -> dict[Column, int]:
    """Where each column stands, by the first line that has all the headings that count; empty without one."""
    needed = {Column.NUMBER} | {column for column, look in LOOKS.items() if look.filled_in}
    for line, cells in lines:
        found = {column: cells.index(column) for column in Column if column in cells}
        if needed <= found.keys():
            return found
        if line >= HEADING_WITHIN:
            break
    return {}


def _exported(line: Line) -> tuple[str, Values]:
    try:
        number, values = line[1]
        category, code, name, status, reason = json.loads(values)
    except ValueError as error:
        raise Unreadable from error
    return number, (category, code, name, status, reason)


def _cell_name(written: str, before: str) -> str:
    """The name of a cell, empty for an open place; what was erased or only spaced differently stays as it was."""
    if written == OPEN_CELL:
        return ""
    return before if not written or _plain(written) == _plain(before) else written


def _meant(written: str, words: Mapping[E, Phrase], kinds: type[E]) -> E | None:
    return next((one for one in kinds if _plain(written) in (_plain(words[one].zh), one.value)), None)


def _plain(word: str) -> str:
    return "".join(word.split())
