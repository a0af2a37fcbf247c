"""Reports of supervision as those find them who open them: the workbook, and the page that is printed."""

from datetime import date, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import Engine, update

from bot.recipes.catalogue import Recipes
from storage.domain.cadence import Duty
from storage.domain.roles import Role
from storage.domain.rules import Rules
from storage.notes import Standing
from storage.tables import congresses, projects
from tests.conversing import NOW
from tests.office import Office, open_office
from tests.settlement import enrolled, second_congress
from tests.storage.test_projects import a_project
from tests.supervised import a_duty, a_problem, a_round, answers, at, told

sqlite_only = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

SHEETS = ["总体情况", "各类报告", "项目", "代表", "承办单位", "网格", "问题", "无法督查"]
FORMULA = '=HYPERLINK("http://x","点这里")'
SCRIPT = "<script>alert(1)</script>"


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    return open_office(engine, tmp_path)


def made(office: Office, form: str, period: str = "2026-09", congress: int = 0, language: str = "zh") -> Path:
    path = office.folder / f"report.{form}"
    recipes = Recipes(office.town.engine, lambda _: office.town.areas, lambda: office.town.now)
    arguments = {"congress": congress or office.congress, "period": period, "language": language, "format": form}
    recipes.make({"kind": "supervision_report", "arguments": arguments}, path)
    return path


def sheet(path: Path, title: str) -> list[dict[str, Any]]:
    head, *rows = load_workbook(path)[title].iter_rows(values_only=True)
    return [dict(zip(map(str, head), row, strict=True)) for row in rows]


@pytest.fixture
def supervised(office: Office) -> Office:
    """Two projects of September, reported of late and not at all, as seen on the first of October."""
    place = office.place
    with office.town.store() as store:
        numbers = [
            a_project(store, place, title=FORMULA, body="镇供电所"),
            a_project(store, place, title=SCRIPT, cells=()),
        ]
        store.liaisons.assign(numbers[0], [place.deputy])
        one = a_round(store, place.congress, due_on=date(2026, 9, 25))
        duties = [a_duty(store, one, number) for number in numbers]
        told(store, one, place.deputy, date(2026, 9, 1), date(2026, 9, 8))
        when, unable = at(date(2026, 9, 28)), Standing.UNABLE
        answers(
            store,
            place.congress,
            numbers[0],
            place.deputy,
            when,
            duties[0],
            standing=unable,
            text="封路，问13912345678",
        )
        a_duty(store, a_round(store, place.congress, Duty.DISPATCH, due_on=date(2026, 10, 10)), numbers[0])
        a_problem(store, place.congress, numbers[1], "+电线裸露", raised_by=place.deputy, due_on=date(2026, 9, 20))
        a_problem(store, place.congress, numbers[1], "旧的", found=date(2026, 8, 1), closed=date(2026, 8, 9))
        enrolled(store, "idle", "白桦", place.congress, Role.DEPUTY)
    office.town.now = at(date(2026, 10, 1))
    return office


# --- the workbook


def test_each_sheet_tells_what_it_is_about(supervised: Office) -> None:
    path = made(supervised, "xlsx")
    assert load_workbook(path).sheetnames == SHEETS
    overall = {row["事项"]: row["数量"] for row in sheet(path, "总体情况")}
    assert (overall["项目总数"], overall["进度偏慢"], overall["发现问题"], overall["现在未解决"]) == (2, 2, 1, 1)
    assert sheet(path, "各类报告") == [
        {"种类": "督查", "应报": 2, "按时": 0, "迟报": 1, "未报": 1, "未到期": 0, "其中无法督查": 1},
        {"种类": "调度报告", "应报": 1, "按时": 0, "迟报": 0, "未报": 0, "未到期": 1, "其中无法督查": 0},
    ]
    first, second = sheet(path, "项目")
    assert (first["编号"], first["承办单位"], first["网格"], first["联系代表"]) == (
        1,
        "镇供电所",
        "杨柳村 第一网格",
        "李强",
    )
    assert (first["进度%"], first["计划%"], first["进展"]) == (0, 40, "进度偏慢")
    assert (first["完成期限"], first["最近记录"]) == (datetime(2026, 11, 30), datetime(2026, 9, 28))  # noqa: DTZ001  # a workbook knows no zones
    assert [first[name] for name in ("应报", "按时", "迟报", "未报", "未到期", "其中无法督查")] == [2, 0, 1, 0, 1, 1]
    assert (second["网格"], second["联系代表"], second["发现问题"], second["逾期"]) == ("未定地点", None, 1, 1)
    deputies = sheet(path, "代表")
    assert [
        (row["姓名"], row["任务期数"], row["提醒次数"], row["已报"], row["一般用时（天）"]) for row in deputies
    ] == [
        ("李强", 1, 1, 1, 27),
        ("白桦", 0, 0, 0, None),
    ]
    assert [(row["承办单位"], row["项目数"], row["应报"]) for row in sheet(path, "承办单位")] == [
        ("镇供电所", 1, 2),
        ("镇村镇建设办", 1, 1),
    ]
    assert [(row["网格"], row["项目数"]) for row in sheet(path, "网格")] == [("未定地点", 1), ("杨柳村 第一网格", 1)]
    (problem,) = sheet(path, "问题")
    assert (problem["内容"], problem["程度"], problem["环节"]) == ("+电线裸露", "一般", "已交办")
    (unable,) = sheet(path, "无法督查")
    assert (unable["姓名"], unable["原因"]) == ("李强", "封路，问139****78")


def test_what_a_person_wrote_is_never_a_formula(supervised: Office) -> None:
    book = load_workbook(made(supervised, "xlsx"))
    for title, column in (("项目", 2), ("问题", 4), ("无法督查", 2)):
        cell = book[title].cell(2, column)
        assert (cell.data_type, cell.quotePrefix) == ("s", True), (title, cell.value)
    assert book["项目"].cell(2, 2).value == FORMULA


@sqlite_only
def test_sheets_can_be_worked_with(supervised: Office) -> None:
    projects = load_workbook(made(supervised, "xlsx"))["项目"]
    assert projects.freeze_panes == "A2"
    assert projects.auto_filter.ref == "A1:V1"
    assert projects["A1"].font.bold
    assert projects.column_dimensions["B"].width == 34


@sqlite_only
@pytest.mark.parametrize(
    ("period", "owed", "listed"),
    [("2026-Q3", 2, 2), ("2026-H2", 2, 2), ("2026", 2, 2), ("2026-08", None, 1), ("2025", None, 0)],
)
def test_longer_periods_hold_what_shorter_ones_do(
    supervised: Office, period: str, owed: int | None, listed: int
) -> None:
    found = {row["种类"]: row["应报"] for row in sheet(made(supervised, "xlsx", period), "各类报告")}
    assert found.get("督查") == owed
    assert len(sheet(made(supervised, "xlsx", period), "项目")) == listed


@sqlite_only
def test_a_report_says_of_when_it_is_and_holds_progress_against_the_plan_of_that_day(supervised: Office) -> None:
    with supervised.town.store() as store:
        store.projects.report(1, 60)
    supervised.town.now = at(date(2026, 11, 20))
    path = made(supervised, "xlsx")
    assert sheet(path, "总体情况")[:2] == [
        {"事项": "报表时段", "数量": "2026年9月"},
        {"事项": "统计到", "数量": "2026年11月20日"},
    ]
    first, _ = sheet(path, "项目")
    assert (first["进度%"], first["计划%"], first["进展"]) == (60, 96, "进度偏慢")


@sqlite_only
def test_what_the_totals_count_stands_in_the_lists(supervised: Office) -> None:
    with supervised.town.store() as store:
        store.unit.write(
            update(projects).where(projects.c.id == 2).values(stage="finished", ended_on=date(2026, 7, 31))
        )
        a_problem(store, supervised.congress, 1, "后来的", found=date(2026, 10, 1))
        a_problem(store, supervised.congress, 2, "早先的", found=date(2026, 7, 1), closed=date(2026, 9, 9))
    supervised.town.now = at(date(2026, 10, 8))
    path = made(supervised, "xlsx")
    overall = {row["事项"]: row["数量"] for row in sheet(path, "总体情况")}
    of_projects, listed = sheet(path, "项目"), [row["内容"] for row in sheet(path, "问题")]
    for total, column in (("发现问题", "发现问题"), ("解决问题", "已解决"), ("现在未解决", "未解决")):
        assert overall[total] == sum(row[column] for row in of_projects) == 1, total
    assert listed == ["+电线裸露", "早先的"]


@sqlite_only
def test_nothing_is_cut_on_the_screen_or_on_paper(supervised: Office) -> None:
    book = load_workbook(made(supervised, "xlsx"))
    for one in book.worksheets:
        assert all(cell.alignment.wrap_text for row in one.iter_rows() for cell in row if cell.value is not None)
        assert one.sheet_properties.pageSetUpPr
        assert (one.sheet_properties.pageSetUpPr.fitToPage, one.page_setup.fitToHeight) == (True, 0)
        assert one.page_setup.orientation == "landscape"
        assert one.print_title_rows == "$1:$1"
        header = one.oddHeader and one.oddHeader.center
        assert header
        assert header.text == "柳河镇人大2026年9月民生实事项目督查报表"


@sqlite_only
def test_deputies_are_ranked_only_where_the_congress_wants_it(supervised: Office) -> None:
    assert "排名" not in sheet(made(supervised, "xlsx"), "代表")[0]
    with supervised.town.store() as store:
        rules = Rules(deputies_ranked=True).dump()
        store.unit.write(update(congresses).where(congresses.c.id == supervised.congress).values(rules=rules))
    assert [(row["姓名"], row["排名"]) for row in sheet(made(supervised, "xlsx"), "代表")] == [("李强", 1), ("白桦", 2)]


@sqlite_only
def test_a_deputy_who_left_stays_in_the_reports_of_their_time(supervised: Office) -> None:
    with supervised.town.store() as store:
        held = store.people.holding(supervised.place.deputy_role)
        assert held
        store.people.revoke(held)
    names = {
        period: [row["姓名"] for row in sheet(made(supervised, "xlsx", period), "代表")]
        for period in ("2026-09", "2026-10")
    }
    assert names["2026-09"] == ["李强", "白桦"]
    supervised.town.now = at(date(2026, 11, 2))
    assert [row["姓名"] for row in sheet(made(supervised, "xlsx", "2026-11"), "代表")] == ["白桦"]


@sqlite_only
def test_a_congress_without_projects_has_a_report_of_nothing(supervised: Office) -> None:
    with supervised.town.store() as store:
        county = second_congress(store, supervised.place)
    path = made(supervised, "xlsx", congress=county)
    assert load_workbook(path).sheetnames == SHEETS
    assert sheet(path, "项目") == []
    assert {row["数量"] for row in sheet(path, "总体情况")[2:]} == {0}
    assert read(made(supervised, "html", congress=county)).text.count("没有") == 7


@sqlite_only
def test_a_thousand_projects_stand_in_it(office: Office) -> None:
    with office.town.store() as store:
        one = a_round(store, office.congress)
        for number in range(1_000):
            a_duty(store, one, a_project(store, office.place, title=f"项目{number}"))
    rows = sheet(made(office, "xlsx"), "项目")
    assert [row["编号"] for row in rows] == list(range(1, 1_001))
    assert len(read(made(office, "html")).rows) > 1_000


# --- the page


class Page(HTMLParser):
    """What a reader sees, and what a browser would do."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.rows: list[list[str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_data(self, data: str) -> None:
        self.text += data
        if self.rows and self.rows[-1] and data.strip():
            self.rows[-1][-1] += data


def read(path: Path) -> Page:
    page = Page()
    page.feed(path.read_text(encoding="utf-8"))
    return page


def test_the_page_says_what_the_workbook_says(supervised: Office) -> None:
    page = read(made(supervised, "html"))
    assert "柳河镇人大2026年9月民生实事项目督查报表" in page.text
    assert "截至2026年10月1日" in page.text
    for title in SHEETS:
        assert title in page.text
    (row,) = [row for row in page.rows if row[:2] == ["1", FORMULA]]
    assert "2026-11-30" in row
    assert len(row) == 14
    assert "周平" not in page.text
    assert any(SCRIPT in row for row in page.rows)


def test_the_page_runs_and_fetches_nothing(supervised: Office) -> None:
    path = made(supervised, "html")
    tags = read(path).tags
    assert {tag for tag, _ in tags}.isdisjoint({"script", "link", "img", "iframe", "object", "form"})
    assert all(
        not name.startswith("on") and name not in ("href", "src") for _, attributes in tags for name in attributes
    )
    assert SCRIPT not in path.read_text(encoding="utf-8")
    policy = next(attributes for tag, attributes in tags if attributes.get("http-equiv") == "Content-Security-Policy")
    assert policy["content"] == "default-src 'none'; style-src 'unsafe-inline'"
    style = path.read_text(encoding="utf-8")
    assert "@page { size: A4" in style
    assert "url(" not in style


@sqlite_only
def test_english_readers_get_an_english_report(supervised: Office) -> None:
    page = read(made(supervised, "html", language="en"))
    assert ("html", {"lang": "en"}) in page.tags
    assert "Reports by kind" in page.text
    assert load_workbook(made(supervised, "xlsx", language="en")).sheetnames[2] == "Projects"


@sqlite_only
def test_a_form_or_period_that_is_unknown_is_a_fault(supervised: Office) -> None:
    with pytest.raises(KeyError):
        made(supervised, "pdf")
    with pytest.raises(ValueError, match="2026-Q1"):
        made(supervised, "xlsx", "2026-13")
    assert NOW + timedelta(days=30) < supervised.town.now
