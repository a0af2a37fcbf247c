"""Chosen projects come in all or not at all, each once, and what was voted on is never changed by a file."""

from collections import Counter
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select, text

from storage import project_import
from storage.database import reading, transaction
from storage.domain.project_plan import Milestone
from storage.domain.project_stages import Stage
from storage.line_faults import TableRefused
from storage.project_file import read_projects
from storage.project_import import Plan, apply_import, plan_import
from storage.projects import Description, Project, Why
from storage.tables import audit, cycles, projects
from tests.office import Office, open_office

HEADING = "项目名称,建设内容,投资,实施主体,责任人,完成时限,预期效果,网格,节点"
ROAD = "修路,修三公里,276,镇交通办,周平,2026-11-30,少走一小时,柳树湾；青石村,路基 2026-10-01 40%；路面 2026-11-01 80%"
BRIDGE = "修桥,,,镇交通办,,2026年底,,,"
TODAY = date(2026, 9, 1)

sqlite_only = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    return open_office(engine, tmp_path)


def plan(office: Office, *lines: str, heading: str = HEADING, congress: int = 0) -> Plan:
    path = office.folder / "projects.csv"
    path.write_text("\n".join([heading, *lines]), encoding="gb18030")
    with office.town.store() as store:
        return plan_import(store, store.congresses.get(congress or office.congress), read_projects(path))


def carry_out(office: Office, planned: Plan) -> list[int]:
    return apply_import(office.town.engine, office.town.areas, planned, lambda: office.town.now, pause=lambda _: None)


def imported(office: Office, *lines: str, heading: str = HEADING) -> list[int]:
    return carry_out(office, plan(office, *lines, heading=heading))


def refused(office: Office, *lines: str, heading: str = HEADING, congress: int = 0) -> list[str]:
    with pytest.raises(TableRefused) as error:
        plan(office, *lines, heading=heading, congress=congress)
    return [fault.chinese for fault in error.value.faults]


def project(office: Office, number: int) -> Project:
    with office.town.store() as store:
        found = store.projects.get(number)
    assert found
    return found


def titles(office: Office) -> Counter[str]:
    with reading(office.town.engine) as unit:
        return Counter(unit.read(select(projects.c.title)).scalars())


def log_length(office: Office) -> int:
    with reading(office.town.engine) as unit:
        return int(unit.read(select(func.count()).select_from(audit)).scalar_one())


# --- what comes in


def test_a_project_comes_in_with_all_that_the_line_says(office: Office) -> None:
    [number] = imported(office, ROAD)

    found = project(office, number)
    village = office.town.areas.by_code("lh2")
    assert village
    assert found.description == Description(
        *("修路", "修三公里", 2_760_000, "镇交通办", "周平", date(2026, 11, 30), "少走一小时"),
        tuple(sorted([office.place.willow.id, village.id])),
    )
    assert (found.stage, found.congress_id, found.begun_on) == (Stage.CHOSEN, office.congress, TODAY)
    with office.town.store() as store:
        cycle = store.congresses.current_cycle(office.congress)
        milestones = [milestone for milestone, _ in store.projects.plan(number)]
        events = [event.kind for event in store.projects.history(number)]
    assert cycle
    assert found.cycle_id == cycle.id
    assert milestones == [Milestone("路基", date(2026, 10, 1), 40), Milestone("路面", date(2026, 11, 1), 80)]
    assert events == ["added"]


def test_what_may_be_empty_may_be_empty(office: Office) -> None:
    [number] = imported(office, BRIDGE)

    found = project(office, number).description
    assert found == Description("修桥", "", None, "镇交通办", "", date(2026, 12, 31), "", ())


@sqlite_only
@pytest.mark.parametrize("written", ["全镇", "柳河镇", "lh"])
def test_a_project_may_be_for_all_of_the_township(office: Office, written: str) -> None:
    [number] = imported(office, f"通水,水利站,2026-11-30,{written}", heading="项目名称,实施主体,完成时限,网格")

    assert project(office, number).description.cells == (office.place.township.id,)


@sqlite_only
def test_the_day_is_that_of_the_congress(office: Office) -> None:
    office.town.now += timedelta(hours=15, minutes=30)  # half past midnight in Shanghai, still the first in London
    [number] = imported(office, BRIDGE)

    assert project(office, number).begun_on == TODAY + timedelta(days=1)
    assert refused(office, "通水,,,水利站,,2026-09-01,,,") == ["第 2 行：完成时限 2026-09-01 在今天（2026-09-02）之前"]


# --- again


def test_the_same_file_adds_nothing_a_second_time(office: Office) -> None:
    imported(office, ROAD, BRIDGE)
    before = log_length(office)

    again = plan(office, ROAD.replace("柳树湾；青石村", "lh2、杨柳村 第一网格"), BRIDGE.replace("修桥", " 修 桥"))

    assert (again.entries, again.same) == ((), 2)
    assert carry_out(office, again) == []
    assert (titles(office), log_length(office)) == (Counter({"修路": 1, "修桥": 1}), before)


@sqlite_only
def test_a_file_that_grew_adds_what_is_new_and_days_of_the_others_may_have_gone_by(office: Office) -> None:
    imported(office, ROAD)
    office.town.now += timedelta(days=45)

    grown = plan(office, ROAD, BRIDGE)

    assert ([entry.description.title for entry in grown.entries], grown.same) == (["修桥"], 1)


def test_a_project_of_the_same_title_that_differs_is_a_fault_and_stays(office: Office) -> None:
    [number] = imported(office, ROAD)
    before = project(office, number)

    other = ROAD.replace("276", "300").replace("周平", "吴静").replace("柳树湾；", "").replace("80%", "90%")
    [sentence] = refused(office, BRIDGE, other)

    assert sentence == (
        f"第 3 行：已有同名项目（编号 {number}），不一样的有：投资（已有“2,760,000 元”，表里“3,000,000 元”）、"
        "责任人（已有“周平”，表里“吴静”）、网格（已有“杨柳村 第一网格、青石村”，表里“青石村”）、进度计划；"
        "票决过的内容经批准才能改，不能靠导入改"
    )
    assert project(office, number) == before
    assert titles(office) == Counter({"修路": 1})


@sqlite_only
def test_what_was_changed_since_is_not_changed_back(office: Office) -> None:
    [number] = imported(office, ROAD)
    with office.town.store() as store:
        store.projects.set_plan(number, [Milestone("路基", date(2026, 10, 20), 40)], Why("雨季"))

    assert "进度计划" in refused(office, ROAD)[0]


@sqlite_only
def test_a_column_that_is_not_there_denies_nothing(office: Office) -> None:
    imported(office, ROAD)

    short = plan(office, "修路,镇交通办,2026-11-30", heading="项目名称,实施主体,完成时限")

    assert (short.entries, short.same) == ((), 1)


@sqlite_only
def test_the_next_cycle_may_have_a_project_of_the_same_title(office: Office) -> None:
    [first] = imported(office, BRIDGE)
    with office.town.store() as store:
        store.congresses.begin_cycle(office.congress, 2027, date(2026, 9, 1), date(2026, 12, 31))

    [second] = imported(office, BRIDGE)

    assert project(office, first).cycle_id != project(office, second).cycle_id


# --- what is refused


def test_everything_that_is_wrong_is_told_and_nothing_comes_in(office: Office) -> None:
    assert refused(
        office,
        BRIDGE,
        "挖井,,,,,2026-11-30,,,",
        "装灯,,,供电所,,2026-08-31,,,灯杆 2026-08-30",
        "种树,,,林业站,,2026-11-30,,月亮湾；老桥头,",
        "修　桥,,,镇交通办,,2026年底,,,",
        "养鱼,,,水利站,,2026-11-30,,sq1-1,",
    ) == [
        "第 3 行：没有填实施主体",
        "第 4 行：完成时限 2026-08-31 在今天（2026-09-01）之前",
        "第 4 行：节点“灯杆”的时间 2026-08-30 在今天（2026-09-01）之前",
        "第 5 行：辖区里没有“月亮湾”这个网格或村",
        "第 5 行：“老桥头”不止一处，请写编码，或写清是哪个村的",
        "第 6 行：和第 2 行是同名项目",
        "第 7 行：辖区里没有“sq1-1”这个网格或村",
    ]
    assert titles(office) == Counter()


@sqlite_only
def test_a_congress_without_a_cycle_takes_none(office: Office) -> None:
    with transaction(office.town.engine) as unit:
        unit.write(cycles.update().values(closed_at=office.town.now))
    assert refused(office, ROAD) == ["这个人大还没有开始本年度的工作"]


# --- in pieces


def test_an_import_that_broke_off_is_finished_by_the_same_file(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(project_import, "CHUNK", 2)
    lines = [ROAD.replace("修路", f"修路 {at}") for at in range(5)]
    planned = plan(office, *lines)

    def killed(_: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        apply_import(office.town.engine, office.town.areas, planned, lambda: office.town.now, pause=killed)
    assert titles(office).total() == 2

    rest = plan(office, *lines)

    assert (len(rest.entries), rest.same) == (3, 2)
    assert len(carry_out(office, rest)) == 3
    assert titles(office) == Counter(f"修路 {at}" for at in range(5))


def test_two_imports_of_a_file_at_once_do_not_double_it(office: Office) -> None:
    plans = [plan(office, ROAD, BRIDGE) for _ in range(2)]

    def one(planned: Plan) -> str:
        try:
            return f"{len(carry_out(office, planned))} added"
        except TableRefused as error:
            return error.faults[0].kind

    with ThreadPoolExecutor() as threads:
        assert sorted(threads.map(one, plans)) == ["2 added", "changed_meanwhile"]
    assert titles(office) == Counter({"修路": 1, "修桥": 1})


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_an_import_waits_for_the_one_that_is_writing(office: Office) -> None:
    """The second comes in the middle of the first one's transaction; on SQLite there is one writer anyway."""
    first, second = (plan(office, ROAD) for _ in range(2))
    waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    others: list[Future[list[int]]] = []

    with ThreadPoolExecutor() as threads:

        def clock() -> datetime:
            others.append(threads.submit(carry_out, office, second))
            with office.town.engine.connect() as watching:
                while not others[0].done() and not watching.execute(waiting).scalar_one():
                    watching.rollback()
            return office.town.now

        apply_import(office.town.engine, office.town.areas, first, clock)
        with pytest.raises(TableRefused, match="请再运行一次"):
            others[0].result()
    assert titles(office) == Counter({"修路": 1})


def test_a_cycle_that_ended_meanwhile_gets_no_more(office: Office) -> None:
    planned = plan(office, ROAD)
    with office.town.store() as store:
        store.congresses.begin_cycle(office.congress, 2027, date(2026, 9, 1), date(2026, 12, 31))
    with pytest.raises(TableRefused, match="年度换了"):
        carry_out(office, planned)
    assert titles(office) == Counter()
