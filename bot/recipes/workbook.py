"""Sections of rows as a workbook: a sheet for each, to be filtered and printed."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from bot.recipes.report_sections import Section
from bot.recipes.spreadsheet_cells import cell, heading


def write_workbook(title: str, sections: Iterable[Section], path: Path) -> None:
    """Write an XLSX to `path`."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    for section in sections:
        _write_sheet(book, section)
    book.properties.title = title
    book.save(path)


def _write_sheet(book: Any, section: Section) -> None:
    from openpyxl.utils import get_column_letter

    sheet = book.create_sheet(section.title)
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(section.columns))}1"
    for position, column in enumerate(section.columns, start=1):
        sheet.column_dimensions[get_column_letter(position)].width = column.width
    sheet.append([heading(sheet, column.heading) for column in section.columns])
    for row in section.rows:
        sheet.append([cell(sheet, value) for value in row])
