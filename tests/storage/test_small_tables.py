"""A small table is read with what a reader sees besides its values, and a large one is refused early."""

import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from storage import small_tables
from storage.small_tables import LINES_LIMIT, Merged, Table, TooLarge, read_table
from storage.spreadsheets import Unreadable


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "table"


def saved(path: Path, *rows: list[Any], and_then: Callable[[Worksheet], object] | None = None) -> Path:
    book = Workbook()
    sheet = book.worksheets[0]
    for row in rows:
        sheet.append(row)
    if and_then:
        and_then(sheet)
    book.save(path)
    return path


def changed(source: Path, target: Path, before: bytes, after: bytes) -> Path:
    """The workbook with something else in its first sheet."""
    with zipfile.ZipFile(source) as whole, zipfile.ZipFile(target, "w") as copy:
        for name in whole.namelist():
            content = whole.read(name)
            copy.writestr(name, content.replace(before, after) if name.endswith("sheet1.xml") else content)
    return target


def shown(path: Path, value: object, form: str) -> str:
    """The text of one cell with a format."""

    def formatted(sheet: Worksheet) -> None:
        sheet["A1"].number_format = form

    return read_table(saved(path, [value], and_then=formatted)).lines[0][1][0]


def test_a_csv_is_its_lines(path: Path) -> None:
    path.write_bytes("项目,投资\n\n修路,276\n".encode("gb18030"))
    assert read_table(path) == Table(((1, ("项目", "投资")), (3, ("修路", "276"))))


def test_cells_over_several_lines_are_told(path: Path, tmp_path: Path) -> None:
    """One of them never ends, which is no more work."""
    raw = saved(tmp_path / "raw", ["名单"], ["甲", "乙"], ["丙"], ["丁"])
    references = "".join(f'<mergeCell ref="{one}"/>' for one in ("A1:B1", "B2:B4", "A3:A1048576"))
    after = f"</sheetData><mergeCells>{references}</mergeCells>".encode()

    table = read_table(changed(raw, path, b"</sheetData>", after))

    assert table.merged == (Merged(1, 2, 4), Merged(0, 3, 1048576))
    assert table.lines[-1] == (4, ("丁",))


def test_a_formula_without_a_value_is_told_and_one_with_a_value_is_it(path: Path, tmp_path: Path) -> None:
    raw = saved(tmp_path / "raw", ["甲", "=1+1", "=2+2", '=""', "乙"])
    computed = changed(raw, tmp_path / "computed", b"<f>2+2</f><v />", b"<f>2+2</f><v>4</v>")
    changed(computed, path, b'<c r="D1"><f>""</f><v />', b'<c r="D1" t="str"><f>""</f><v></v>')

    assert read_table(path) == Table(((1, ("甲", "", "4", "", "乙")),), uncomputed=frozenset({(1, 1)}))


def test_a_formula_that_went_wrong_is_told(path: Path) -> None:
    table = read_table(saved(path, ["甲", "#REF!"]))
    assert table.lines == ((1, ("甲", "")),)
    assert table.uncomputed == {(1, 1)}


@pytest.mark.parametrize(
    ("value", "form", "text"),
    [
        (date(2026, 11, 30), "yyyy-mm-dd", "2026-11-30"),
        (date(2026, 11, 1), 'yyyy"年"m"月"', "2026年11月"),
        (date(2026, 11, 1), "[$-804]mmm-yy", "2026年11月"),
        (date(2026, 11, 1), 'yyyy"年"m"月"d"日"', "2026-11-01"),
        (date(2026, 11, 2), 'yyyy"年"m"月"', "2026-11-02"),
        (0.4, "0%", "40%"),
        (0.57, "0%", "57%"),
        (276.5, '0.00"万元"', "276.5万元"),
        (2760000, "¥#,##0.00", "¥2760000"),
        (2760000, '0!.0,"万元"', "2760000"),
        (2760000, "#,##0", "2760000"),
    ],
)
def test_a_format_that_changes_what_is_meant_is_heeded(path: Path, value: object, form: str, text: str) -> None:
    assert shown(path, value, form) == text


def test_lines_that_hold_nothing_are_none_however_many(path: Path) -> None:
    def frame(sheet: Worksheet) -> None:
        for line in range(3, 3 * LINES_LIMIT):
            sheet.cell(line, 1).number_format = "0.00"

    assert read_table(saved(path, ["甲"], ["乙"], and_then=frame)).lines == ((1, ("甲",)), (2, ("乙",)))


def test_what_stands_far_to_the_right_is_not_read(path: Path) -> None:
    def far(sheet: Worksheet) -> None:
        sheet["XFD1"] = "丙"

    ((_, cells),) = read_table(saved(path, ["甲"], and_then=far)).lines
    assert len(cells) == small_tables.COLUMNS_LIMIT


@pytest.mark.parametrize("is_workbook", [False, True])
def test_too_many_lines_are_refused(path: Path, *, is_workbook: bool) -> None:
    if is_workbook:
        saved(path, *(["甲"] for _ in range(LINES_LIMIT + 1)))
    else:
        path.write_text("甲\n" * (LINES_LIMIT + 1), encoding="utf-8")
    with pytest.raises(TooLarge):
        read_table(path)


@pytest.mark.parametrize("limit", ["BYTES_LIMIT", "UNPACKED_LIMIT", "MERGED_LIMIT"])
def test_a_large_file_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch, limit: str) -> None:
    saved(path, ["甲"], ["乙"], and_then=lambda sheet: sheet.merge_cells("A1:A2"))
    monkeypatch.setattr(small_tables, limit, 0)
    with pytest.raises(TooLarge):
        read_table(path)


@pytest.mark.parametrize("content", [b"", b"\xff\xff", b"PK\x03\x04 no workbook", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"])
def test_what_is_no_table_is_unreadable_or_empty(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    if content:
        with pytest.raises(Unreadable):
            read_table(path)
    else:
        assert read_table(path) == Table(())


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml"])
def test_a_damaged_workbook_is_unreadable(path: Path, tmp_path: Path, part: str) -> None:
    whole = saved(tmp_path / "whole", *([str(at)] for at in range(50)))
    with zipfile.ZipFile(whole) as source, zipfile.ZipFile(path, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            target.writestr(name, content[: len(content) // 2] if name == part else content)
    with pytest.raises(Unreadable):
        read_table(path)


@given(st.binary(max_size=300))
def test_whatever_comes_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "small"
    path.write_bytes(content)
    try:
        table = read_table(path)
    except Unreadable:
        return
    assert all(any(cells) for _, cells in table.lines)
