"""Cells of workbooks that we write: what a person wrote is a text, also where it looks like a formula."""

from datetime import date
from typing import Any

Value = str | int | float | date | None

CELL_LIMIT = 32_767  # characters that a cell holds (Excel's limits)
UNWANTED = {code: None for code in (*range(0x20), *range(0x7F, 0xA0), 0xFFFE, 0xFFFF) if chr(code) not in "\t\n"}
_FORMULA_MARKS = ("=", "+", "-", "@", "\t")


def cell(sheet: Any, value: Value) -> Any:
    """A value as it is to be written into a write-only sheet."""
    if not isinstance(value, str):
        return value
    text = value.translate(UNWANTED)[:CELL_LIMIT]
    if not is_like_formula(text):
        return text or None
    from openpyxl.cell import WriteOnlyCell

    written = WriteOnlyCell(sheet, value=text)
    written.data_type = "s"
    written.quotePrefix = True  # stays a text, too, when somebody edits it
    return written


def is_like_formula(text: str) -> bool:
    """Whether a program that opens a sheet could take a text for more than a text."""
    return text.startswith(_FORMULA_MARKS)


def heading(sheet: Any, value: str, fill: str = "") -> Any:
    """A cell in bold; `fill` is a colour as RRGGBB."""
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font, PatternFill

    written = WriteOnlyCell(sheet, value=value)
    written.font = Font(bold=True)
    if fill:
        written.fill = PatternFill("solid", fgColor=fill)
    return written
