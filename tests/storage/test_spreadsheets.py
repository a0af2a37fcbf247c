"""Tables are read as a reader sees them, however people save them; what is broken is said to be so."""

import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from storage import spreadsheets
from storage.spreadsheets import Unreadable, lines_of, workbook


def saved(path: Path, *rows: list[Any]) -> Path:
    book = Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    book.save(path)
    return path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "table"


def test_cells_are_what_a_reader_sees(path: Path) -> None:
    rows = [[" 修路 ", 13800000000, 1.5, None, True, date(2026, 9, 1), datetime(2026, 9, 1, 8, 30)]]  # noqa: DTZ001  # a workbook knows no zones
    assert list(lines_of(saved(path, *rows))) == [
        (1, ("修路", "13800000000", "1.5", "", "True", "2026-09-01", "2026-09-01T08:30:00"))
    ]


def test_empty_lines_are_passed_over_and_counted(path: Path) -> None:
    assert list(lines_of(saved(path, ["甲"], [], [" ", ""], ["乙"]))) == [(1, ("甲",)), (4, ("乙",))]


def test_a_formula_is_its_value_and_never_computed(path: Path) -> None:
    assert list(lines_of(saved(path, ["甲", "=1+1"]))) == [(1, ("甲", ""))]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", "\t"])
def test_csv_is_read_as_people_save_it(path: Path, encoding: str, delimiter: str) -> None:
    path.write_bytes(f'内容{delimiter}地点\r\n\r\n"修路\n装灯"{delimiter}龙头\r\n完{delimiter}\r\n'.encode(encoding))
    assert list(lines_of(path)) == [(1, ("内容", "地点")), (3, ("修路\n装灯", "龙头")), (5, ("完", ""))]


@pytest.mark.parametrize(
    "content", [b"\xff\xff\xff", b"a\0b", b'"open', b"PK\x03\x04 no workbook", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"]
)
def test_what_is_no_table_is_unreadable(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(Unreadable):
        list(lines_of(path))


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml"])
def test_a_damaged_workbook_is_unreadable(path: Path, tmp_path: Path, part: str) -> None:
    whole = saved(tmp_path / "whole", *([str(at)] for at in range(50)))
    with zipfile.ZipFile(whole) as source, zipfile.ZipFile(path, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            target.writestr(name, content[: len(content) // 2] if name == part else content)
    with pytest.raises(Unreadable):
        list(lines_of(path))


def test_a_sheet_that_claims_to_be_endless_is_unreadable(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreadsheets, "ROWS_LIMIT", 3)
    with pytest.raises(Unreadable):
        list(lines_of(saved(path, ["1"], ["2"], ["3"], ["4"])))


def test_each_sheet_is_found_by_its_title(path: Path) -> None:
    book = Workbook()
    book.create_sheet("第二页").append(["乙"])
    book.save(path)
    with workbook(path) as sheets:
        assert sheets.titles == ["Sheet", "第二页"]
        assert list(sheets.lines("第二页")) == [(1, ("乙",))]
        assert list(sheets.lines("Sheet")) == []
        with pytest.raises(Unreadable):
            list(sheets.lines("第三页"))


@given(st.binary(max_size=300))
def test_whatever_comes_is_read_or_unreadable(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "anything"
    path.write_bytes(content)
    try:
        lines = list(lines_of(path))
    except Unreadable:
        return
    assert all(any(cells) for _, cells in lines)
