"""The ledger as a file: what a clerk finds in it, and what is read when it comes back."""

import io
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from sqlalchemy import Engine, insert

from bot.recipes.catalogue import Recipes
from bot.recipes.ledger_columns import EXPORTED, LEDGER, Column
from bot.recipes.ledger_reading import CHANGED_LIMIT, read_ledger
from handlers.texts.words import CATEGORY, REASON, STATUS
from storage.domain.categories import Category
from storage.domain.ledger_changes import FaultKind
from storage.domain.proposal_status import Reason, Status
from storage.tables import proposal_authors
from tests.office import Office, open_office

sqlite_only = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

HEADINGS = [column.value for column in Column]
Edit = Callable[[Any], None]


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    return open_office(engine, tmp_path)


def export(office: Office) -> Path:
    path = office.folder / "ledger.xlsx"
    recipes = Recipes(office.town.engine, lambda _: office.town.areas, lambda: office.town.now)
    recipes.make({"kind": "ledger", "arguments": {"congress": office.congress}}, path)
    return path


def sheet(path: Path, title: str = LEDGER) -> Any:
    return load_workbook(path)[title]


def lines(path: Path) -> list[dict[str, Any]]:
    head, *rows = sheet(path).iter_rows(values_only=True)
    assert list(head) == HEADINGS
    return [dict(zip(head, row, strict=True)) for row in rows]


def edited(path: Path, edit: Edit) -> Path:
    """The file as a clerk saves it after some work."""
    book = load_workbook(path)
    edit(book[LEDGER])
    changed = path.with_name("edited.xlsx")
    book.save(changed)
    return changed


def put(line: int, column: Column, value: object) -> Edit:
    def edit(sheet: Any) -> None:
        sheet.cell(line, HEADINGS.index(column) + 1).value = value

    return edit


# --- what is in it


def test_each_proposal_is_a_line_with_all_that_the_office_works_with(office: Office) -> None:
    author = office.resident("r1", "李梅", "13800000000")
    number = office.proposal("老桥头的路要修", author, "lh1-2")
    with office.town.store() as store:
        wang = store.people.add("王刚", "13900000001")
        store.unit.write(insert(proposal_authors).values(proposal_id=number, person_id=wang))
        store.proposals.support(number, wang)
        store.proposals.correct(number, category=Category.ROADS, cleared_at=office.town.now)
    office.town.passes(days=9)
    assert lines(export(office)) == [
        {
            Column.NUMBER: number,
            Column.RECEIVED: datetime(2026, 9, 1),  # noqa: DTZ001  # a workbook knows no zones
            Column.TEXT: "老桥头的路要修",
            Column.CATEGORY: "道路交通",
            Column.CELL_CODE: "lh1-2",
            Column.CELL_NAME: "杨柳村 第二网格",
            Column.STATUS: "已收到",
            Column.REASON: None,
            Column.AUTHORS: "李梅、王刚",
            Column.TELEPHONES: "13800000000、13900000001",
            Column.SUPPORTERS: 1,
            Column.WAITING: 9,
            Column.CLEARED: "是",
        }
    ]


def test_a_day_is_the_congresss_day(office: Office) -> None:
    office.town.passes(hours=16)  # one o'clock at night in China
    office.proposal("修路")
    assert lines(export(office))[0][Column.RECEIVED].day == 2


def test_a_declined_proposal_shows_its_last_reason_and_waits_no_longer(office: Office) -> None:
    number = office.proposal("修路")
    with office.town.store() as store:
        for status, reason in (
            (Status.DECLINED, Reason.TOO_LONG),
            (Status.RECEIVED, None),
            (Status.DECLINED, Reason.NOT_PUBLIC),
        ):
            store.proposals.change_status(number, status, reason=reason)
    [line] = lines(export(office))
    assert (line[Column.STATUS], line[Column.REASON], line[Column.WAITING]) == (
        "未采纳",
        REASON[Reason.NOT_PUBLIC].zh,
        None,
    )


def test_an_open_place_and_nobody_are_told_apart_from_something(office: Office) -> None:
    office.proposal("修路")
    [line] = lines(export(office))
    assert (line[Column.CELL_CODE], line[Column.CELL_NAME], line[Column.AUTHORS]) == (None, "待核实", None)


def test_other_congresses_have_ledgers_of_their_own(office: Office) -> None:
    office.proposal("修路", congress=office.county_congress())
    assert lines(export(office)) == []


def test_many_proposals_stand_in_the_order_of_their_numbers(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.ledger_file.CHUNK", 3)
    numbers = [office.proposal(f"修路 {at}", office.resident(f"r{at}", f"居民{at}")) for at in range(7)]
    found = lines(export(office))
    assert [line[Column.NUMBER] for line in found] == numbers
    assert [line[Column.AUTHORS] for line in found] == [f"居民{at}" for at in range(7)]


@sqlite_only
@pytest.mark.parametrize("text", ["=1+1", "+8613800000000", "-修路", "@SUM(A1)", "\t=1+1", '=HYPERLINK("http://x")'])
def test_what_a_person_wrote_is_never_a_formula(office: Office, text: str) -> None:
    office.proposal(text, office.resident("r1", text))
    ledger = sheet(export(office))
    for column in (Column.TEXT, Column.AUTHORS):
        cell = ledger.cell(2, HEADINGS.index(column) + 1)
        assert (cell.data_type, cell.value, cell.quotePrefix) == ("s", text, True)


@sqlite_only
def test_what_no_workbook_may_hold_is_left_out(office: Office) -> None:
    number = office.proposal("修路")
    with office.town.store() as store:
        store.proposals.rewrite(number, "修\x00\x0b\x1f路\ufffe\uffff\n两行" + "长" * 40_000)
    text = lines(export(office))[0][Column.TEXT]
    assert text.startswith("修路\n两行长")
    assert len(text) == 32_767


@sqlite_only
def test_the_head_stays_and_what_is_filled_in_can_be_chosen(office: Office) -> None:
    office.proposal("修路")
    ledger = sheet(export(office))
    assert ledger.freeze_panes == "B2"
    assert ledger.column_dimensions["C"].width == 60
    offered = {
        str(one.sqref).split(":")[0]: one.formula1.strip('"').split(",")
        for one in ledger.data_validations.dataValidation
    }
    assert offered == {
        "D2": [CATEGORY[one].zh for one in Category],
        "G2": [STATUS[one].zh for one in (Status.RECEIVED, Status.TAKEN_UP, Status.RESERVE, Status.DECLINED)],
        "H2": [REASON[one].zh for one in Reason],
    }
    assert all(len(one.formula1) <= 255 for one in ledger.data_validations.dataValidation)  # Excel's limit


@sqlite_only
def test_what_was_exported_is_kept_out_of_sight(office: Office) -> None:
    number = office.proposal("修路", cell="lh1-1")
    path = export(office)
    assert load_workbook(path)[EXPORTED].sheet_state == "veryHidden"
    rows = list(sheet(path, EXPORTED).iter_rows(values_only=True))
    assert rows[1] == (number, '["other", "lh1-1", "杨柳村 第一网格", "received", ""]')


# --- what is read


@pytest.fixture
def ledger(office: Office) -> Path:
    """Three proposals: 1 in 杨柳村, 2 and 3 somewhere. Lines 2 to 4."""
    office.proposal("老桥头的路要修", cell="lh1-2")
    office.proposal("装路灯")
    office.proposal("=1+1")
    return export(office)


@sqlite_only
class TestReading:
    def test_a_file_as_it_was_exported_says_nothing(self, ledger: Path, office: Office) -> None:
        assert read_ledger(ledger) == {"of": office.congress, "rows": [], "faults": []}

    def test_nor_does_one_that_was_only_saved_sorted_and_beautified(self, ledger: Path) -> None:
        def beautify(sheet: Any) -> None:
            rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
            for line, row in enumerate(reversed(rows), start=2):
                for at, value in enumerate(row, start=1):
                    sheet.cell(line, at).value = value
            sheet.insert_rows(1)
            sheet["A1"] = "柳河镇民生实事建议台账"
            sheet.insert_cols(4)
            sheet["D2"] = "经办人"
            sheet["D3"] = "小李"
            sheet.append(["", "", "合计:三条"])

        assert read_ledger(edited(ledger, beautify))["rows"] == []
        assert read_ledger(edited(ledger, beautify))["faults"] == []

    def test_only_lines_that_changed_are_told_in_our_words(self, ledger: Path) -> None:
        def fill(sheet: Any) -> None:
            put(3, Column.CATEGORY, " 电力 通信 ")(sheet)
            put(3, Column.STATUS, "未采纳")(sheet)
            put(3, Column.REASON, REASON[Reason.TOO_LONG].zh)(sheet)
            put(3, Column.CELL_CODE, "lh1-1")(sheet)

        assert read_ledger(edited(ledger, fill))["rows"] == [
            [3, 2, ("other", "", "", "received", ""), ("power", "lh1-1", "", "declined", "too_long")]
        ]

    @pytest.mark.parametrize(
        ("value", "name"),
        [
            ("青石村", "青石村"),
            ("待核实", ""),
            (None, "杨柳村 第二网格"),
            ("杨柳村第二网格", None),
            ("杨柳村 第二网格", None),
        ],
    )
    def test_a_cell_may_be_named(self, ledger: Path, value: str | None, name: str | None) -> None:
        rows = read_ledger(edited(ledger, put(2, Column.CELL_NAME, value)))["rows"]
        assert [row[3][2] for row in rows] == ([name] if name is not None and value is not None else [])

    def test_a_code_that_excel_made_a_number_is_read_as_one_writes_it(self, ledger: Path) -> None:
        rows = read_ledger(edited(ledger, put(2, Column.CELL_CODE, 990101100201001)))["rows"]
        assert rows[0][3][1] == "990101100201001"

    @pytest.mark.parametrize(
        ("column", "value", "kind"),
        [
            (Column.CATEGORY, "道路", FaultKind.CATEGORY_UNKNOWN),
            (Column.CATEGORY, None, FaultKind.CATEGORY_UNKNOWN),
            (Column.STATUS, "办了", FaultKind.STATUS_UNKNOWN),
            (Column.REASON, "没钱", FaultKind.REASON_UNKNOWN),
            (Column.NUMBER, 99, FaultKind.NUMBER_UNKNOWN),
            (Column.NUMBER, None, FaultKind.NUMBER_UNKNOWN),
            (Column.NUMBER, 2, FaultKind.NUMBER_TWICE),
        ],
    )
    def test_a_word_that_means_nothing_is_a_fault_of_its_line(
        self, ledger: Path, column: Column, value: object, kind: FaultKind
    ) -> None:
        read = read_ledger(edited(ledger, put(4, column, value)))
        assert read["faults"] == [[4, kind, "" if value is None else str(value)]]

    def test_what_is_changed_beyond_measure_is_not_taken(self, ledger: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("bot.recipes.ledger_reading.CHANGED_LIMIT", 2)
        assert CHANGED_LIMIT == 2_000

        def fill(sheet: Any) -> None:
            for line in (2, 3, 4):
                put(line, Column.STATUS, "已采纳")(sheet)

        assert read_ledger(edited(ledger, fill)) == {"of": 0, "rows": [], "faults": [[0, FaultKind.TOO_MANY, ""]]}

    @pytest.mark.parametrize("content", [b"", b"no workbook", b"PK\x03\x04 nor this", "编号,状态\n1,已采纳\n".encode()])
    def test_what_cannot_be_opened_is_said_to_be_so(self, office: Office, content: bytes) -> None:
        path = office.folder / "a.xlsx"
        path.write_bytes(content)
        assert read_ledger(path)["faults"] == [[0, FaultKind.UNREADABLE, ""]]

    def test_a_workbook_broken_half_way_is_said_to_be_so(self, ledger: Path) -> None:
        broken = io.BytesIO()
        with zipfile.ZipFile(ledger) as source, zipfile.ZipFile(broken, "w") as target:
            for name in source.namelist():
                content = source.read(name)
                target.writestr(name, content[: len(content) - 40] if name.endswith("sheet1.xml") else content)
        ledger.write_bytes(broken.getvalue())
        assert read_ledger(ledger)["faults"] == [[0, FaultKind.UNREADABLE, ""]]

    @pytest.mark.parametrize("spoil", ["no sheet", "no mark", "no heading", "no congress"])
    def test_a_table_of_another_kind_is_no_ledger(self, ledger: Path, spoil: str) -> None:
        book = load_workbook(ledger)
        match spoil:
            case "no sheet":
                del book[EXPORTED]
            case "no mark":
                book[EXPORTED]["A1"] = "something"
            case "no heading":
                book[LEDGER].delete_rows(1)
            case "no congress":
                book[EXPORTED]["B1"] = "柳河镇"
        book.save(ledger)
        assert read_ledger(ledger)["faults"] == [[0, FaultKind.NOT_A_LEDGER, ""]]

    @pytest.mark.parametrize("value", ["[]", "nothing", None])
    def test_values_that_somebody_meddled_with_are_not_read(self, ledger: Path, value: str | None) -> None:
        book = load_workbook(ledger)
        book[EXPORTED]["B2"] = value
        book.save(ledger)
        assert read_ledger(ledger)["faults"] == [[0, FaultKind.UNREADABLE, ""]]

    def test_an_empty_workbook_is_no_ledger(self, office: Office) -> None:
        path = office.folder / "a.xlsx"
        Workbook().save(path)
        assert read_ledger(path)["faults"] == [[0, FaultKind.NOT_A_LEDGER, ""]]
