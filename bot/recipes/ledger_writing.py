"""The ledger of a congress as an XLSX file that a clerk fills in and loads back.

Written row by row, so that 100,000 proposals need no more memory than a few.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from bot.recipes.ledger_columns import AND, EXPORTED, FORMAT, LEDGER, LOOKS, OPEN_CELL, YES, Column
from bot.recipes.source import Source
from bot.recipes.spreadsheet_cells import Value, cell, heading
from handlers.texts.words import CATEGORY, REASON, STATUS
from storage.audit import Actor, Audit
from storage.congresses import Congresses
from storage.domain.proposal_status import Status
from storage.ledger_file import LedgerRow, ledger_rows

if TYPE_CHECKING:
    from openpyxl import Workbook

_FILLED_IN = "FFF2CC"


def write_ledger(source: Source, arguments: Mapping[str, Any], path: Path) -> None:
    """Write the ledger of the congress that `arguments` name to `path`."""
    from openpyxl import Workbook

    congress = Congresses(source.unit, source.now, Audit(source.unit, source.now, Actor())).get(arguments["congress"])
    book = Workbook(write_only=True)
    writing = _Writing(book, source.now, ZoneInfo(congress.timezone))
    writing.head(congress.id)
    for row in ledger_rows(source.unit, source.areas, congress.id):
        writing.add(row)
    book.save(path)


class _Writing:
    def __init__(self, book: "Workbook", now: datetime, zone: ZoneInfo) -> None:
        self._now, self._zone = now, zone
        self._ledger: Any = book.create_sheet(LEDGER)
        self._exported: Any = book.create_sheet(EXPORTED)
        self._exported.sheet_state = "veryHidden"

    def head(self, congress_id: int) -> None:
        """All that a sheet written row by row must know before its first row."""
        from openpyxl.utils import get_column_letter

        last = get_column_letter(len(LOOKS))
        self._ledger.freeze_panes = "B2"
        self._ledger.auto_filter.ref = f"A1:{last}1"
        for position, (column, look) in enumerate(LOOKS.items(), start=1):
            letter = get_column_letter(position)
            self._ledger.column_dimensions[letter].width = look.width
            if look.choices:
                self._offer(letter, column, look.choices)
        self._ledger.append(list(self._headings()))
        self._exported.append([FORMAT, congress_id])

    def _headings(self) -> Iterator[Any]:
        for column, look in LOOKS.items():
            yield heading(self._ledger, column.value, _FILLED_IN if look.filled_in else "")

    def _offer(self, letter: str, column: Column, choices: tuple[str, ...]) -> None:
        from openpyxl.worksheet.datavalidation import DataValidation

        offered = DataValidation(
            type="list",
            formula1=f'"{",".join(choices)}"',
            allow_blank=True,
            showErrorMessage=True,
            errorTitle=column,
            error="请从列表里选一个。",
        )
        offered.add(f"{letter}2:{letter}1048576")
        self._ledger.data_validations.append(offered)

    def add(self, row: LedgerRow) -> None:
        values = self._values(row)
        self._ledger.append([cell(self._ledger, values[column]) for column in LOOKS])
        entry = row.entry
        exported = [entry.category, entry.cell, row.cell_title, entry.status, entry.reason or ""]
        self._exported.append([row.number, json.dumps(exported, ensure_ascii=False)])

    def _values(self, row: LedgerRow) -> dict[Column, Value]:
        waits = row.entry.status in (Status.RECEIVED, Status.ASKED)
        return {
            Column.NUMBER: row.number,
            Column.RECEIVED: row.received_at.astimezone(self._zone).date(),
            Column.TEXT: row.body,
            Column.CATEGORY: CATEGORY[row.entry.category].zh,
            Column.CELL_CODE: row.entry.cell,
            Column.CELL_NAME: row.cell_title or OPEN_CELL,
            Column.STATUS: STATUS[row.entry.status].zh,
            Column.REASON: REASON[row.entry.reason].zh if row.entry.reason else None,
            Column.AUTHORS: AND.join(row.authors),
            Column.TELEPHONES: AND.join(row.telephones),
            Column.SUPPORTERS: row.supporters,
            Column.WAITING: (self._now - row.received_at).days if waits else None,
            Column.CLEARED: YES if row.cleared else None,
        }
