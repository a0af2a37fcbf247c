"""Chosen projects come in by the command that an office types."""

from datetime import date

import pytest

from tests.bot.installation import Installation

AREAS = """code,name,parent code,level,aliases
4313821002,杨柳村,431382100,village,
431382100201,第一网格,4313821002,cell,柳树湾;一组
"""
PROJECTS = """序号,项目名称,投资(万元),实施主体,完成时限,网格,进度计划
1,修路,276.5,镇交通办,2090年11月,柳树湾,路基 2090-06-01 40%；路面 2090-09-01 80%
2,挖井,"35,000元",水利站,2090-12-31,杨柳村,
"""
SUMS = "投资：万元（表头写明；so says its heading），合计 280 万元。\n"
UNREAD = "没有用到的列：序号。Columns left aside.\n"


@pytest.fixture
def office(installation: Installation) -> Installation:
    """云溪镇人大 with a cell."""
    installation.setup()
    installation.does("import-areas", installation.file("areas.csv", AREAS))
    return installation


def count(office: Installation) -> int:
    with office.store() as store:
        return len(store.projects.of_congress(1))


def test_projects_come_in_once_and_a_dry_run_only_shows_them(office: Installation) -> None:
    file = office.file("projects.csv", PROJECTS)

    said = office.does("import-projects", file, "--dry-run")
    assert said == f"{SUMS}{UNREAD}云溪镇人大：可以导入 2 个项目。This was a dry run.\n"
    assert count(office) == 0

    assert office.does("import-projects", file) == f"{SUMS}{UNREAD}云溪镇人大：导入 2 个项目，编号 1–2。Done.\n"
    with office.store() as store:
        first, second = (store.projects.get(number) for number in (1, 2))
    assert first
    assert second
    assert (first.description.deadline, first.description.investment) == (date(2090, 11, 30), 2_765_000)
    assert second.description.investment == 35_000

    again = office.does("import-projects", file)
    assert again == f"{UNREAD}云溪镇人大：导入 0 个项目，2 个已有、完全相同。Nothing new.\n"
    assert count(office) == 2


def test_a_unit_is_said_to_be_assumed_only_where_a_sum_names_none(office: Installation) -> None:
    named = PROJECTS.replace("投资(万元)", "投资").replace("276.5", "276.5万元")
    assert "投资：合计 280 万元。\n" in office.does("import-projects", office.file("projects.csv", named), "--dry-run")

    some = office.file("projects.csv", named.replace("276.5万元", "276.5"))
    assumed = "投资：万元（没有写明单位的照此计；so are sums taken that name no unit），合计 280 万元。\n"
    assert assumed in office.does("import-projects", some, "--dry-run")


def test_a_project_that_differs_is_refused_and_the_file_is_taken_whole_or_not_at_all(office: Installation) -> None:
    office.does("import-projects", office.file("projects.csv", PROJECTS))
    changed = PROJECTS.replace("水利站", "财政所") + "3,装灯,1,供电所,2090-12-31,杨柳村,\n"

    said = office.refuses("import-projects", office.file("projects.csv", changed))

    assert said.startswith("第 3 行：已有同名项目（编号 2），不一样的有：实施主体（已有“水利站”，表里“财政所”）；")
    assert count(office) == 2


def test_wrong_projects_are_refused_by_line(office: Installation) -> None:
    wrong = PROJECTS.replace("柳树湾", "月亮湾").replace("2090-12-31", "2001-12-31")

    first, second = office.refuses("import-projects", office.file("projects.csv", wrong), "--dry-run").splitlines()

    assert first.startswith("第 2 行：辖区里没有“月亮湾”这个网格或村 (line 2: there is no cell or village ")
    assert second.startswith("第 3 行：完成时限 2001-12-31 在今天（")


def test_a_file_that_is_not_there_is_refused(office: Installation) -> None:
    assert office.refuses("import-projects", "none.xlsx").startswith("文件打不开")


def test_of_several_congresses_one_must_be_named(office: Installation) -> None:
    office.setup(name="石桥镇人大", code="431382101")
    file = office.file("projects.csv", PROJECTS)

    assert office.refuses("import-projects", file).startswith("是哪个人大的？Which congress?")
    assert "云溪镇人大：可以导入 2 个项目" in office.does("import-projects", file, "--congress", 1, "--dry-run")
    assert "辖区里没有“杨柳村”" in office.refuses("import-projects", file, "--congress", 2)
