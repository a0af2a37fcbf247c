"""Reports of several deputies and experts, of implementing bodies, of reception days, and of what comes by the year."""

from datetime import date

import pytest
from sqlalchemy import update

from handlers.texts import access, questions
from handlers.texts import inspections as texts
from handlers.texts import note_questions as asking
from storage.domain.areas import Level
from storage.domain.cadence import Duty
from storage.domain.project_stages import Stage
from storage.domain.roles import Role
from storage.links import Target
from storage.notes import Part, Standing, TookPart
from storage.projects import Why
from storage.tables import projects
from tests.conversing import Person, Town, joined, last
from tests.handlers.watching import (
    ROAD,
    TO_END,
    TOGETHER,
    WHOLE,
    a_colleague,
    begins,
    owed,
    owes,
    project,
    reception,
    report,
    reports,
    watched,
)
from tests.settlement import Settlement, enrolled
from tests.storage.test_projects import described

# --- several together


def test_one_report_of_several_answers_for_each_who_owes(
    town: Town, place: Settlement, inspector: Person, number: int
) -> None:
    sun, zhou = a_colleague(town, place), a_colleague(town, place, "zhou", "周明")
    with town.store() as store:
        store.liaisons.assign(number, [sun])
    owes(town, place, number, duty=Duty.PRE_ASSESSMENT, period="2026-12", people=(place.deputy, sun, zhou))
    assert "2 孙丽" in inspector.sees("督查", "年底预评估", TOGETHER)
    assert "已记下：孙丽、周明、张三。还有谁？" in joined(inspector.says("2、周明、张三"))
    assert "2 孙丽" in inspector.sees("就这些人")
    inspector.says("孙丽", *WHOLE)
    assert report(town, number).people == (
        TookPart(Part.LED, sun, "孙丽"),
        TookPart(Part.CAME, zhou, "周明"),
        TookPart(Part.CAME, None, "张三"),
    )
    assert owed(town, sun) == owed(town, place.deputy) == [number], "the month's inspection is something else"
    for account in ("colleague", "zhou"):
        assert f"李强 记下了和您一起督查第{number}号项目" in joined(town.person(account).reads())


def test_a_panel_comes_with_its_experts(town: Town, place: Settlement, inspector: Person) -> None:
    number = watched(town, place)
    with town.store() as store:
        expert, _ = enrolled(store, "expert", "何静", place.congress, Role.EXPERT)
    owes(town, place, number, duty=Duty.PRE_ASSESSMENT, period="2026-12")
    begun = joined(begins(inspector, TOGETHER))
    assert begun.startswith(texts.COMPANY.zh)
    assert "2 何静" in inspector.screen()
    told = joined(inspector.says("何静", "专家王工，李工（专家）", "就这些人"))
    assert told == texts.how(Duty.PRE_ASSESSMENT).zh, "no expert leads"
    assert "专家：何静、王工、李工" in joined(inspector.says(*TO_END))
    inspector.says("提交")
    people = [(one.part, one.person, one.name) for one in report(town, number).people]
    assert people == [(Part.EXPERT, expert, "何静"), (Part.EXPERT, None, "王工"), (Part.EXPERT, None, "李工")]


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("张三和李四", ["张三", "李四"]),
        ("李和平", ["李和平"]),
        ("张三 李四，王五", ["张三", "李四", "王五"]),
        ("张三、张三", ["张三"]),
        ("李强、张三", ["张三"]),
    ],
)
def test_names_are_read_as_people_write_them(
    inspector: Person, town: Town, number: int, said: str, kept: list[str]
) -> None:
    begins(inspector, TOGETHER, said, "就这些人", "我带队", *WHOLE)
    assert [one.name for one in report(town, number).people] == kept


def test_what_is_no_name_is_asked_again(inspector: Person, number: int) -> None:
    assert number
    begins(inspector, TOGETHER)
    assert joined(inspector.says("张")).startswith(asking.NAMES_WANTED.zh)
    assert joined(inspector.shows()).startswith(asking.NAMES_WANTED.zh)
    assert "请回复 1" in joined(inspector.says("7"))
    assert joined(inspector.says("、".join(f"代表{at}号" for at in range(21)))).startswith(asking.TOO_MANY_PEOPLE.zh)
    assert joined(inspector.says("就这些人")) == texts.how(Duty.INSPECTION).zh, "alone after all"


# --- what comes round by year


@pytest.mark.parametrize(
    ("duty", "period", "name", "asked"),
    [
        (Duty.QUESTIONS, "2026-02", "年初问计划", "资金和人员到位了吗"),
        (Duty.QUESTIONS, "2026-07", "年中问进度", "卡在哪里"),
        (Duty.QUESTIONS, "2026-12", "年末问结果", "群众认可吗"),
        (Duty.PRE_ASSESSMENT, "2026-12", "年底预评估", "年底能按要求建成吗"),
    ],
)
def test_each_kind_of_report_asks_its_own_question(
    inspector: Person, town: Town, place: Settlement, duty: Duty, period: str, name: str, asked: str
) -> None:
    number = watched(town, place)
    owes(town, place, number, duty=duty, period=period)
    assert f"{ROAD}：{name}" in inspector.sees("督查")
    assert asked in joined(inspector.says("1", "按计划进行", "35"))
    inspector.says(*WHOLE[2:])
    assert report(town, number).kind is duty
    assert owed(town, place.deputy) == []


def test_a_look_back_asks_how_it_is_used_and_leaves_the_progress(
    inspector: Person, town: Town, place: Settlement, clerk: Person
) -> None:
    number = watched(town, place)
    with town.store() as store:
        store.projects.move(number, Stage.FINISHED, Why(), Level.TOWNSHIP, date(2026, 9, 1))
    owes(town, place, number, duty=Duty.LOOK_BACK)
    begun = joined(begins(inspector))
    assert texts.how(Duty.LOOK_BACK).zh in begun
    assert "计划进度" not in begun
    told = joined(inspector.says("有毛病"))
    assert told == texts.what(Duty.LOOK_BACK, "").zh
    told = joined(inspector.says("路灯坏了一盏", "没有照片", "不发位置", "没有问题", "不满意", "提交"))
    assert texts.ended_meanwhile(project(town, number)).zh not in told
    one = report(town, number)
    assert (one.standing, one.progress, one.planned) == (Standing.SLOW, None, None)
    assert project(town, number).progress == 100
    assert clerk.reads() == []


# --- implementing bodies


def test_a_body_reports_what_it_did(town: Town, place: Settlement, builder: Person, clerk: Person) -> None:
    number = watched(town, place)
    owes(town, place, number, duty=Duty.DISPATCH)
    owes(town, place, number, duty=Duty.HALF_YEAR, period="2026-06", due_on=date(2026, 9, 15))
    shown = builder.sees("督查")
    assert f"1 {ROAD}：上半年报告，9月15日前" in shown
    assert f"2 {ROAD}：三季度调度报告，9月25日前" in shown
    assert "本月无法督查" not in builder.sees("2")
    told = joined(builder.says("停工了", "20"))
    assert told == texts.what(Duty.DISPATCH, "").zh
    builder.says("等材料进场")
    builder.shows()
    told = joined(builder.says("好了", "提交"))
    assert f"谢谢您！“{ROAD}”的调度报告已记下。" in told
    one = report(town, number)
    assert (one.kind, one.standing, one.progress, one.text) == (Duty.DISPATCH, Standing.STOPPED, 20, "等材料进场")
    assert project(town, number).progress == 20
    with town.store() as store:
        assert len(store.links.files_about(Target.NOTE, one.id)) == 1
    builder.says("1", "已经完工", "全部做完", "没有", "提交")
    assert "陈工 报告" in last(clerk.reads())
    assert joined(builder.says("督查")) == texts.NOTHING_OWED_BY_BODY.zh


def test_a_body_that_builds_it_no_longer_is_told(town: Town, place: Settlement, builder: Person) -> None:
    number = watched(town, place)
    owes(town, place, number, duty=Duty.DISPATCH)
    begins(builder, "按计划进行", "35", "路基做好了", "没有")
    with town.store() as store:
        store.unit.write(update(projects).values(body="县交通局"))
    assert joined(builder.says("提交")) == access.BODY_NO_LONGER.zh
    assert reports(town, number) == []
    assert described(place).body == "镇村镇建设办"


def test_a_body_starts_no_inspection(town: Town, place: Settlement, builder: Person) -> None:
    watched(town, place)
    assert joined(builder.says("写督查")) == access.NOT_FOR_YOU.zh


# --- reception days


def test_a_deputy_says_whom_they_received(town: Town, place: Settlement, inspector: Person) -> None:
    reception(town, place)
    assert "1 柳河镇人大：9月代表接待日，9月15日前" in inspector.sees("督查")
    assert "柳河镇人大 9月代表接待日：您接待群众了吗？" in joined(inspector.says("1"))
    inspector.says("接待了群众")
    assert joined(inspector.says("很多")).startswith(questions.NUMBER_WANTED.zh)
    assert joined(inspector.says("100000")).startswith(texts.TOO_MANY_RECEIVED.zh)
    inspector.says("5", "三位问修路，两位问低保")
    inspector.shows()
    told = joined(inspector.says("好了", "提交"))
    assert "谢谢您！代表接待日的情况已记下。" in told
    with town.store() as store:
        (one,) = store.notes.of_author(place.deputy)
        assert len(store.links.files_about(Target.NOTE, one.id)) == 1
    assert (one.kind, one.project, one.standing, one.received) == (Duty.RECEPTION, None, None, 5)
    assert one.text == "三位问修路，两位问低保"
    assert owed(town, place.deputy) == []


@pytest.mark.parametrize(
    ("answers", "received", "standing"),
    [(("到场了，没有群众来", "没有照片", "提交"), 0, None), (("这次没能接待", "在县里开会"), None, Standing.UNABLE)],
)
def test_nobody_came_or_nobody_was_there(
    town: Town,
    place: Settlement,
    inspector: Person,
    clerk: Person,
    answers: tuple[str, ...],
    received: int | None,
    standing: Standing | None,
) -> None:
    reception(town, place)
    begins(inspector, *answers)
    with town.store() as store:
        (one,) = store.notes.of_author(place.deputy)
    assert (one.received, one.standing) == (received, standing)
    assert bool(clerk.reads()) is (standing is Standing.UNABLE)
