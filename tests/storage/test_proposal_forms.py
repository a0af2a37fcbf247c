"""Tables of paper forms as offices make them."""

from pathlib import Path

import pytest
from openpyxl import Workbook

from storage.line_faults import TableRefused
from storage.proposal_forms import Form, FormFile, read_forms
from storage.proposals import LONGEST_TEXT


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "forms"


def read(path: Path, text: str) -> FormFile:
    path.write_text(text, encoding="utf-8")
    return read_forms(path)


@pytest.mark.parametrize(
    "heading",
    [
        "姓名,电话,网格编码,地点,内容",
        "提出人,联系电话,编码,网格名称,建议内容",
        "姓 名,手机号,网格代码,所在网格,意见建议",
        "姓名(可不填),电话（选填）,网格编码*,位置：,【必填】内容",
        "Name,Telephone,Cell code,Place,Text",
        "name,phone,code,cell,proposal",
    ],
)
def test_headings_are_known_in_chinese_and_english(path: Path, heading: str) -> None:
    file = read(path, f"{heading}\n李梅,13800000000,lh1-1,老桥头,修路\n")
    assert file.forms == (Form(2, "修路", "李梅", "13800000000", "lh1-1", "老桥头"),)
    assert file.faults == ()


def test_a_workbook_with_a_title_and_columns_of_its_own_is_read(path: Path) -> None:
    book = Workbook()
    for row in (
        ["柳河镇征集表"],
        [],
        ["序号", "内容", "电话", "备注"],
        [1, "修路", 13800000000, "急"],
        [2, " ", None, " "],
    ):
        book.worksheets[0].append(row)
    book.save(path)
    assert read_forms(path).forms == (Form(4, "修路", telephone="13800000000"),)


def test_what_nobody_sees_is_no_part_of_a_text(path: Path) -> None:
    assert read(path, "内容\n\u202e修\u200e路\ufeff \n").forms == (Form(2, "修路"),)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("姓名,电话\n李梅,1\n", "column_missing"),
        ("", "column_missing"),
        ("说明\n" * 12 + "内容\n修路\n", "column_missing"),
        ("内容,地点\n", "empty"),
        ('内容\n"修路', "unreadable"),
    ],
)
def test_a_file_that_holds_no_forms_is_refused(path: Path, text: str, kind: str) -> None:
    with pytest.raises(TableRefused) as refused:
        read(path, text)
    assert [(fault.kind, fault.line) for fault in refused.value.faults] == [(kind, None)]


def test_a_file_that_is_not_there_is_refused(path: Path) -> None:
    with pytest.raises(TableRefused, match="文件打不开"):
        read_forms(path)


def test_every_fault_is_told_with_its_line_in_both_languages(path: Path) -> None:
    file = read(path, f"内容,姓名,电话\n,李梅,\n{'长' * (LONGEST_TEXT + 1)},{'名' * 101},{'1' * 41}\n好,,\n")
    assert [str(fault) for fault in file.faults] == [
        "第 2 行：没有填内容 (line 2: the text is missing)",
        "第 3 行：内容超过 200000 个字 (line 3: the text is longer than 200000 characters)",
        "第 3 行：姓名超过 100 个字 (line 3: the name is longer than 100 characters)",
        "第 3 行：电话超过 40 个字符 (line 3: the telephone is longer than 40 characters)",
    ]


def test_a_file_is_the_same_however_it_was_saved(path: Path) -> None:
    first = read(path, "内容,姓名\n修路,李梅\n")
    path.write_bytes("姓名\t内容\r\n李梅\t修路\r\n".encode("gb18030"))
    assert read_forms(path).mark == first.mark
    assert read(path, "内容,姓名\n修桥,李梅\n").mark != first.mark
    assert read(path, "内容,姓名\n\n修路,李梅\n").mark != first.mark


def test_the_longest_text_is_read_whole(path: Path) -> None:
    file = read(path, f"内容\n{'长' * LONGEST_TEXT}\n")
    assert [len(form.text) for form in file.forms] == [LONGEST_TEXT]
