"""Workbooks that we write ourselves, as a program finds them that reads them by the book."""

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from bot.recipes.report_sections import Column, Row, Section
from bot.recipes.spreadsheet_cells import CELL_LIMIT, UNWANTED
from bot.recipes.workbook import write_workbook


def written(path: Path, *rows: Row, title: str = "表", columns: int = 3) -> Any:
    """The only sheet of a workbook with these rows."""
    named = [Column(f"列{number}", 10 + number) for number in range(columns)]
    write_workbook("报告 <1> & 2", [Section(title, named, rows, range(columns))], path)
    return load_workbook(path)[title]


def test_every_kind_of_value_comes_back(tmp_path: Path) -> None:
    sheet = written(tmp_path / "a.xlsx", ("a<b>&\"'", 3, None), ("\n两行 ", -2.5, date(2026, 9, 1)), ("", 0, "x"))
    assert list(sheet.iter_rows(min_row=2, values_only=True)) == [
        ("a<b>&\"'", 3, None),
        ("\n两行 ", -2.5, datetime(2026, 9, 1)),  # noqa: DTZ001  # a workbook knows no zones
        (None, 0, "x"),
    ]
    assert sheet["C3"].is_date


def test_it_can_be_worked_with(tmp_path: Path) -> None:
    sheet = written(tmp_path / "a.xlsx", *[(1,) * 30] * 3, title="A & “B”", columns=30)
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", "A1:AD1")
    assert (sheet["AD1"].value, sheet["AD1"].font.bold, sheet["AD2"].font.bold) == ("列29", True, False)
    assert sheet.column_dimensions["B"].width == 11
    assert load_workbook(tmp_path / "a.xlsx").properties.title == "报告 <1> & 2"


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1"])
def test_what_looks_like_a_formula_is_a_text(tmp_path: Path, text: str) -> None:
    cell = written(tmp_path / "a.xlsx", (text, 1, 1))["A2"]
    assert (cell.value, cell.data_type, cell.quotePrefix) == (text, "s", True)


def test_a_text_is_cut_where_a_cell_ends(tmp_path: Path) -> None:
    cell = written(tmp_path / "a.xlsx", ("长" * (CELL_LIMIT + 1), 1, 1))["A2"]
    assert len(cell.value) == CELL_LIMIT


@settings(max_examples=50)
@given(rows=st.lists(st.tuples(st.text(), st.integers(-(10**14), 10**14), st.dates(date(1901, 1, 1))), max_size=5))
def test_no_text_breaks_a_workbook(tmp_path_factory: pytest.TempPathFactory, rows: list[Row]) -> None:
    sheet = written(tmp_path_factory.getbasetemp() / "any.xlsx", *rows)
    found = list(sheet.iter_rows(min_row=2, values_only=True))
    assert len(found) == len(rows)
    for (text, number, day), (wanted, count, when) in zip(found, rows, strict=True):
        plain = str(wanted).translate(UNWANTED).replace("\r", "\n")
        assert (text or "") == plain
        assert (number, day.date()) == (count, when)
