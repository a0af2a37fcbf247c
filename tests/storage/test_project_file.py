"""Tables of projects are read as offices make them, and what is wrong is told with its line."""

import zipfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from storage import small_tables
from storage.domain.project_plan import Milestone, check_plan
from storage.line_faults import TableRefused
from storage.project_columns import UnitFrom
from storage.project_file import Line, ProjectFile, read_projects
from storage.project_milestones import PlanFaulty, read_plan

HEADING = "项目名称,建设内容,投资,实施主体,责任人,完成时限,预期效果,网格,进度计划"
PLAN = "路基 2026-10-01 40%；路面 2026-11-01 80%"
ROAD = f"柳树湾修路,修三公里,276,镇交通办,周平,2026-11-30,少走一小时,柳树湾；老桥头,{PLAN}"
SHORT = "项目名称,实施主体,完成时限"
BASE, SURFACE = Milestone("路基", date(2026, 10, 1), 40), Milestone("路面", date(2026, 11, 1), 80)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "projects"


def read(path: Path, *lines: str) -> ProjectFile:
    path.write_text("\n".join(lines), encoding="utf-8")
    return read_projects(path)


def told(file: ProjectFile) -> list[str]:
    return [fault.chinese for fault in file.faults]


def refused(path: Path, *lines: str) -> list[str]:
    with pytest.raises(TableRefused) as error:
        read(path, *lines)
    return [fault.chinese for fault in error.value.faults]


def workbook(path: Path, rows: Sequence[list[Any]], *merged: str) -> ProjectFile:
    book = Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    for one in merged:
        book.worksheets[0].merge_cells(one)
    book.save(path)
    return read_projects(path)


# --- what is read


def test_a_project_is_read_with_all_that_the_line_says(path: Path) -> None:
    file = read(path, HEADING, ROAD)

    assert file.lines == (
        Line(
            *(2, "柳树湾修路", "修三公里", 2_760_000, "镇交通办", "周平", date(2026, 11, 30), "少走一小时"),
            ("柳树湾", "老桥头"),
            (BASE, SURFACE),
        ),
    )
    assert (file.faults, file.unread, file.unit, file.unit_from) == ((), (), "万元", UnitFrom.ASSUMED)


@pytest.mark.parametrize(
    "heading",
    [
        "名称,内容,总投资,承办单位,负责人,完成时间,效益,村,节点",
        "实事项目名称,主要建设内容,投资（万元）,责任单位,包抓领导,完成时限*,预期效益,建设地点,里程碑",
        "项 目 名 称,建设内容及规模,计划总投资万元,牵头单位,分管领导,计划完成时间：,预期目标,网格编码,实施计划",
        "Title,Content,Investment (万元),Implementing body,Leader,Deadline,Expected effect,Cells,Plan",
    ],
)
def test_headings_are_known_by_many_names(path: Path, heading: str) -> None:
    assert read(path, heading, ROAD).lines == read(path, HEADING, ROAD).lines


def test_a_column_for_each_milestone_does_as_well(path: Path) -> None:
    heading = f"{SHORT},节点1,节点1时间,节点1比例,节点二,节点2 完成时间,节点2(累计)进度"
    file = read(path, heading, "修路,交通办,2026-11-30,路基,2026.10.1,40%,路面,2026年11月1日,80")

    assert file.lines[0].plan == (BASE, SURFACE)
    assert file.fields == {"title", "body", "deadline", "plan"}


def test_milestones_without_shares_are_even_and_a_project_may_have_none(path: Path) -> None:
    plans = [
        one.plan
        for one in read(
            path,
            f"{SHORT},节点1,节点1时间,节点2,节点2时间",
            "修路,交通办,2026-11-30,路基,2026-10-01,路面,2026-11-01",
            "修桥,交通办,2026-11-30,,,,",
        ).lines
    ]
    assert plans == [(Milestone("路基", date(2026, 10, 1), 50), Milestone("路面", date(2026, 11, 1), 100)), ()]


@pytest.mark.parametrize(
    ("written", "title", "day", "share"),
    [
        ("路基：2026年10月1日，40%", "路基", date(2026, 10, 1), 40),
        ("2026年10月底前完成路基（40%）", "完成路基", date(2026, 10, 31), 40),
        ("1.5公里路基(一期) 2026/10/1 ４０％", "1.5公里路基(一期)", date(2026, 10, 1), 40),
        ("路基（2026-10-01）", "路基", date(2026, 10, 1), 100),
    ],
)
def test_milestones_in_one_cell_are_understood_in_any_order(written: str, title: str, day: date, share: int) -> None:
    assert read_plan(2, {"plan": f"{written}；\n"}) == [Milestone(title, day, share)]


@given(
    st.lists(
        st.tuples(st.text(max_size=8), st.dates(date(2026, 1, 1), date(2027, 1, 1)), st.integers(-5, 120) | st.none()),
        max_size=60,
    )
)
def test_a_plan_that_is_read_is_one_that_a_project_may_have(steps: list[tuple[str, date, int | None]]) -> None:
    """Whatever stands there: it is refused, or it is a plan, in a column for each and all in one."""
    columns: dict[str, str] = {}
    for at, (title, day, share) in enumerate(steps[:20], 1):
        columns[f"milestone{at}"], columns[f"day{at}"] = title.strip(), day.isoformat()
        columns[f"share{at}"] = "" if share is None else str(share)
    text = ";".join(f"{title} {day} {'' if share is None else f'{share}%'}" for title, day, share in steps)
    for values in (columns, {"plan": text}):
        try:
            plan = read_plan(2, values)
        except PlanFaulty as error:
            plan, sentences = [], [str(fault) for fault in error.faults]
        else:
            sentences = ["taken"]
        check_plan(plan)
        assert all(sentences)


def test_sums_are_in_the_unit_that_the_heading_or_what_is_above_names(path: Path) -> None:
    row = "修路,交通办,2026-11-30,2760000"
    by_heading = read(path, f"{SHORT},投资（元）", row)
    assert (by_heading.lines[0].investment, by_heading.unit_from) == (2_760_000, UnitFrom.HEADING)
    above = read(path, "柳河镇实事项目,,,单位：元", f"{SHORT},投资", row)
    assert (above.lines[0].investment, above.unit_from) == (2_760_000, UnitFrom.ABOVE)
    signed = read(path, f"{SHORT},投资", row.replace("2760000", '"￥35,000.00"'))
    assert signed.lines[0].investment == 35_000
    office = read(path, "填报单位：元坝镇", f"{SHORT},投资(单元楼除外)", row.replace("2760000", "276"))
    assert (office.lines[0].investment, office.unit_from) == (2_760_000, UnitFrom.ASSUMED)
    assert told(read(path, f"{SHORT},投资", row)) == [
        "第 2 行：投资“2760000”按万元算就是 276 亿元；请在这一格里写明是“元”还是“万元”"
    ]


@pytest.mark.parametrize("written", ["276万元", "276 万", "￥35000", "", "—"])
def test_no_unit_is_assumed_where_each_sum_names_its_own(path: Path, written: str) -> None:
    rows = [f"修路,交通办,2026-11-30,{written}", "挖井,水利站,2026-11-30,1.2亿"]
    assert read(path, f"{SHORT},投资", *rows).unit_from is UnitFrom.SUMS
    assert read(path, f"{SHORT},投资", *rows, "装灯,供电所,2026-11-30,3").unit_from is UnitFrom.ASSUMED


def test_columns_that_mean_nothing_to_us_are_named(path: Path) -> None:
    file = read(path, f"序号,{SHORT},备注,责任单位", "1,修路,交通办,2026-11-30,急,财政所")

    assert file.unread == ("序号", "备注", "责任单位")
    assert (file.lines[0].body, file.fields) == ("交通办", frozenset({"title", "body", "deadline"}))


def test_a_line_that_adds_up_is_no_project_and_a_title_is_no_heading(path: Path) -> None:
    file = read(
        path,
        "民生实事项目,,,",
        f"{SHORT},投资",
        "修路,交通办,2026-11-30,276",
        "合 计,,,276",
        "总计工程,,,5",
    )
    assert [one.title for one in file.lines] == ["修路"]
    assert told(file) == ["第 5 行：没有填实施主体", "第 5 行：没有填完成时限"]


# --- workbooks as offices make them


def test_one_office_for_several_lines_is_the_office_of_each(path: Path) -> None:
    file = workbook(
        path,
        [
            ["柳河镇2026年民生实事项目"],
            ["序号", "项目名称", "实施主体", "责任人", "完成时限"],
            [1, "修路", "交通办", "周平", date(2026, 11, 30)],
            [2, "修桥", None, None, date(2026, 12, 31)],
            [3, None, None, None, None],
            [4, "挖井", "水利站", "吴静", date(2026, 12, 31)],
            [],
            [],
        ],
        *("A1:E1", "C3:C5", "D3:D5"),
    )
    assert [(one.line, one.title, one.body, one.leader) for one in file.lines] == [
        (3, "修路", "交通办", "周平"),
        (4, "修桥", "交通办", "周平"),
        (6, "挖井", "水利站", "吴静"),
    ]
    assert file.faults == ()


def test_a_sum_for_several_lines_is_nobodys_and_so_is_a_title(path: Path) -> None:
    file = workbook(
        path,
        [
            [*SHORT.split(","), "投资"],
            ["修路", "交通办", "2026-11-30", 276],
            ["修桥", "交通办", "2026-11-30", None],
            [None, "交通办", "2026-11-30", 5],
        ],
        *("D2:D3", "A3:A4"),
    )
    assert told(file) == [
        "第 3 行：投资和上一行是合并的单元格，说不清这一行是多少；请拆开，每行各填各的",
        "第 4 行：项目名称和上一行是合并的单元格，说不清这一行是多少；请拆开，每行各填各的",
    ]


def test_a_blank_cell_that_is_not_merged_stays_blank(path: Path) -> None:
    file = workbook(path, [SHORT.split(","), ["修路", "交通办", "2026-11-30"], ["修桥", None, "2026-11-30"]])
    assert told(file) == ["第 3 行：没有填实施主体"]


def test_a_heading_may_have_two_lines(path: Path) -> None:
    file = workbook(
        path,
        [
            [*SHORT.split(","), "进度计划", None],
            [None, None, None, "节点1", "节点1时间"],
            ["修路", "交通办", "2026-11-30", "路基", date(2026, 10, 1)],
        ],
        *("A1:A2", "B1:B2", "C1:C2", "D1:E1"),
    )
    assert file.lines[0].plan == (Milestone("路基", date(2026, 10, 1), 100),)
    assert (file.faults, file.unread) == ((), ())


def test_a_month_that_excel_made_a_day_of_is_the_whole_month(path: Path) -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append(SHORT.split(","))
    sheet.append(["修路", "交通办", date(2026, 11, 1)])
    sheet["C2"].number_format = 'yyyy"年"m"月"'
    book.save(path)

    assert read_projects(path).lines[0].deadline == date(2026, 11, 30)


def test_a_formula_that_nobody_computed_is_told_in_its_line(path: Path) -> None:
    file = workbook(
        path,
        [
            [*SHORT.split(","), "投资", "备注"],
            ["修路", "交通办", "=TODAY()", "=D3*2", "=1+1"],
            ["修桥", "交通办", "2026-11-30", "#REF!", None],
            ["=A2", None, None, None, None],
            [None, None, None, None, "=1+1"],
        ],
    )
    hint = "是公式，文件里没有算出的结果，或结果出错；请用 Excel 或 WPS 打开、看过后保存，再导入"
    assert told(file) == [
        f"第 2 行：完成时限{hint}",
        f"第 2 行：投资{hint}",
        f"第 3 行：投资{hint}",
        f"第 4 行：项目名称{hint}",
        "第 4 行：没有填实施主体",
        "第 4 行：没有填完成时限",
    ]


def test_a_hidden_column_counts_and_one_too_many_is_told(path: Path) -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append([*SHORT.split(","), "投资", "投资"])
    sheet.append(["修路", "交通办", "2026-11-30", 100, 276])
    sheet.column_dimensions["D"].hidden = True
    book.save(path)

    with pytest.raises(TableRefused, match="有两列都叫“投资”（其中一列可能是隐藏的），请只留一列"):
        read_projects(path)


# --- what is refused


def test_everything_that_is_wrong_is_told_with_its_line(path: Path) -> None:
    file = read(
        path,
        f"{SHORT},投资,节点1,节点1时间,节点1比例,节点2,节点2时间,节点2比例",
        "修路,交通办,2026-11-30",
        ",交通办,2026-11-30",
        "修桥,,年底,一百",
        f"{'长' * 201},交通办,",
        "甲,乙,2026-11-30,,路基,下周,,路面,,",
        "甲,乙,2026-11-30,,,2026-10-01,,,,",
        "甲,乙,2026-11-30,,路基,2026-10-01,40%,路面,2026-11-01,",
        "甲,乙,2026-11-30,,路基,2026-10-01,0.4,路面,2026-11-01,80%",
        "甲,乙,2026-11-30,,路基,2026-11-01,80%,路面,2026-10-01,40%",
        "甲,乙,2026-10-15,,路基,2026-10-01,,路面,2026-11-01,",
    )
    assert [one.title for one in file.lines] == ["修路"]
    assert told(file) == [
        "第 3 行：没有填项目名称",
        "第 4 行：没有填实施主体",
        "第 4 行：完成时限“年底”不是日期，请写成 2026-11-30 或 2026年11月",
        "第 4 行：投资“一百”看不懂，请写成 276、276万元 或 2,760,000元",
        "第 5 行：没有填完成时限",
        "第 5 行：项目名称超过 200 个字",
        "第 6 行：节点1时间“下周”不是日期，请写成 2026-11-30 或 2026年11月",
        "第 6 行：没有填节点2时间",
        "第 7 行：第 1 个节点没有写名称",
        "第 8 行：有的节点写了比例、有的没写；请都写上，或都不写（平均分配）",
        "第 9 行：节点1比例“0.4”不对，请写 1% 到 100% 的整数",
        "第 10 行：节点“路面”（2026-10-01）比前一个节点“路基”还早",
        "第 10 行：节点“路面”的比例比前一个节点“路基”还小；比例是累计完成的",
        "第 11 行：完成时限 2026-10-15 比最后一个节点“路面”（2026-11-01）还早",
    ]
    assert all(fault.english for fault in file.faults)


@pytest.mark.parametrize(
    "piece",
    [
        "路基",
        "路基 40%",
        "2026-10-01 40%",
        "2026年3月-6月 路基",
        "2026-10-01至2026-11-01 路基",
        "路基 2026-02-30",
        "路基 2026-10-01 40% 80%",
        "路基 2026-10-01 150%",
    ],
)
def test_a_milestone_that_says_too_little_or_too_much_is_told(path: Path, piece: str) -> None:
    file = read(path, f"{SHORT},节点", f"修路,交通办,2026-11-30,{piece}")
    assert told(file) == [f"第 2 行：节点“{piece}”看不懂，请写成：路基 2026-06-01 40%；路面 2026-09-01 80%"]


def test_a_plan_that_stands_there_twice_or_never_ends_is_told(path: Path) -> None:
    twice = read(path, f"{SHORT},节点,节点1,节点1时间", "修路,交通办,2026-11-30,路基 2026-10-01,路基,2026-10-01")
    assert told(twice) == ["第 2 行：进度计划写了两遍（“节点”一列和“节点1”等列），请只留一种"]
    many = "；".join(f"第{at}段 2026-10-01" for at in range(51))
    assert told(read(path, f"{SHORT},节点", f"修路,交通办,2026-11-30,{many}")) == ["第 2 行：节点超过 50 个"]
    long = f"{'长' * 201} 2026-10-01"
    assert told(read(path, f"{SHORT},节点", f"修路,交通办,2026-11-30,{long}")) == ["第 2 行：节点名称超过 200 个字"]


@pytest.mark.parametrize(
    ("lines", "sentences"),
    [
        ([""], ["找不到表头：至少要有“项目名称”“实施主体”“完成时限”三列"]),
        (["姓名,电话", "李梅,1"], ["找不到表头：至少要有“项目名称”“实施主体”“完成时限”三列"]),
        (["说明"] * 12 + [SHORT], ["找不到表头：至少要有“项目名称”“实施主体”“完成时限”三列"]),
        (["项目名称,投资", "修路,1"], ["没有“实施主体”一列", "没有“完成时限”一列"]),
        ([SHORT, ",,", ""], ["表里没有任何项目"]),
        ([SHORT, '"修路'], ["文件打不开，请用 XLSX 或 CSV（UTF-8 或 GB18030）"]),
    ],
)
def test_a_file_that_is_no_list_of_projects_is_refused(path: Path, lines: list[str], sentences: list[str]) -> None:
    assert refused(path, *lines) == sentences


def test_a_file_that_is_not_there_is_refused(path: Path) -> None:
    with pytest.raises(TableRefused, match="文件打不开"):
        read_projects(path)


def test_a_hundred_thousand_lines_are_refused_before_they_are_read(path: Path) -> None:
    lines = "\n".join(f"项目{at},交通办,2026-11-30" for at in range(100_000))
    assert refused(path, SHORT, lines) == [
        "文件太大：最多 2000 行、16 MB；一个人大一年只有几百个项目，请看看是不是选错了文件"
    ]


def test_a_workbook_that_unpacks_without_end_is_refused(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", bytes(small_tables.UNPACKED_LIMIT + 1))
    with pytest.raises(TableRefused, match="文件太大"):
        read_projects(path)
