"""Whoever reported puts right what they wrote, for a day."""

from datetime import timedelta

from sqlalchemy import select

from handlers.texts import access
from handlers.texts import inspections as texts
from handlers.texts import note_corrections as correcting
from storage.domain.cadence import Duty
from storage.domain.roles import Role
from storage.links import Target
from storage.notes import Nearness, Part, Standing, TookPart
from storage.tables import audit, rectifications
from tests.conversing import Person, Town, joined, last
from tests.handlers.watching import (
    INSIDE,
    KITCHEN,
    ROAD,
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
from tests.settlement import Settlement


def test_any_answer_is_put_right_for_a_day(town: Town, inspector: Person, number: int) -> None:
    begins(inspector, *WHOLE)
    shown = inspector.sees("改督查")
    for line in (f"{ROAD}：督查", "进展：按计划进行", "进度：35%（计划 0%）", "情况：路基做好了", "评价：满意"):
        assert line in shown
    assert joined(inspector.says("进展", "比计划慢")).startswith(correcting.CORRECTED.zh)
    inspector.says("进度", "30", "情况", "路基做好一半", "评价", "不满意")
    inspector.says("位置")
    inspector.shares(*INSIDE)
    inspector.says(
        "同行的人", "张三", "就这些人", "张三", "补报问题", "有问题", "护栏松动", "一般", "没有了", "补发照片"
    )
    inspector.shows()
    assert joined(inspector.says("好了")).startswith(correcting.CORRECTED.zh)
    assert joined(inspector.says("不改了")) == correcting.KEPT.zh
    one = report(town, number)
    assert (one.standing, one.progress, one.text, one.satisfied) == (Standing.SLOW, 30, "路基做好一半", False)
    assert (one.nearness, one.people) == (Nearness.INSIDE, (TookPart(Part.LED, None, "张三"),))
    assert project(town, number).progress == 30
    with town.store() as store:
        assert len(store.links.files_about(Target.NOTE, one.id)) == 1
        raised = select(rectifications.c.kind).where(rectifications.c.note_id == one.id)
        assert sorted(store.unit.read(raised).scalars()) == ["late", "problem"]
        changes = store.unit.read(select(audit.c.after).where(audit.c.record == "note", audit.c.action == "correct"))
        assert [sorted(after) for (after,) in changes] == [
            ["standing"],
            ["progress"],
            ["text"],
            ["satisfied"],
            ["latitude", "longitude", "nearness"],
            ["people"],
        ]


def test_who_is_added_later_has_reported_too(town: Town, place: Settlement, inspector: Person) -> None:
    sun = a_colleague(town, place)
    number = watched(town, place, ROAD, sun)
    owes(town, place, number, people=(place.deputy, sun))
    begins(inspector, *WHOLE)
    assert owed(town, sun) == [number]
    inspector.says("改督查", "同行的人", "孙丽、张三", "就这些人", "我带队")
    assert owed(town, sun) == []
    assert last(town.person("colleague").reads()) == texts.named("李强", project(town, number)).zh
    inspector.says("同行的人", "孙丽", "就这些人", "我带队")
    assert [one.name for one in report(town, number).people] == ["孙丽"]


def test_a_correction_moves_no_figure_that_was_told_since(
    town: Town, place: Settlement, inspector: Person, number: int
) -> None:
    a_colleague(town, place)
    begins(inspector, *WHOLE)
    town.person("colleague").says("写督查", "1", "按计划进行", "60", *WHOLE[2:])
    inspector.says("改督查", "进度", "40")
    assert [one.progress for one in reports(town, number)] == [60, 40]
    assert project(town, number).progress == 60


def test_what_was_finished_by_mistake_is_not(town: Town, inspector: Person, clerk: Person, number: int) -> None:
    begins(inspector, "已经完工", *WHOLE[2:])
    clerk.reads()
    inspector.says("改督查", "进展", "比计划慢")
    inspector.says("80")
    assert (report(town, number).progress, project(town, number).progress) == (80, 80)
    assert f"第{number}号项目“{ROAD}”比计划慢" in joined(clerk.reads())
    inspector.says("进展", "已经完工")
    assert project(town, number).progress == 100


def test_after_a_day_the_office_is_named(town: Town, inspector: Person, number: int) -> None:
    assert joined(inspector.says("改督查")) == correcting.NO_NOTES.zh
    begins(inspector, *WHOLE)
    inspector.says("改督查", "情况")
    town.now += timedelta(hours=24)
    assert joined(inspector.says("路面也做好了")) == correcting.too_late(["王芳"]).zh
    assert joined(inspector.says("改督查")) == correcting.too_late(["王芳"]).zh
    assert report(town, number).text == "路基做好了"


def test_of_several_reports_one_is_chosen_and_others_are_nobodys(
    town: Town, place: Settlement, inspector: Person, number: int
) -> None:
    a_colleague(town, place)
    begins(inspector, *WHOLE)
    kitchen = watched(town, place, KITCHEN)
    inspector.says("写督查", KITCHEN, "本月无法督查", "放暑假")
    assert f"1 {KITCHEN}：督查" in inspector.sees("改督查")
    inspector.says("2", "情况", "路面也做好了")
    assert (report(town, number).text, report(town, kitchen).text) == ("路面也做好了", "放暑假")
    colleague = town.person("colleague")
    colleague.says("取消")
    assert joined(colleague.says("改督查")) == correcting.NO_NOTES.zh


def test_reports_of_bodies_and_reception_days_are_corrected_too(
    town: Town, place: Settlement, inspector: Person, builder: Person
) -> None:
    number = watched(town, place)
    owes(town, place, number, duty=Duty.DISPATCH)
    reception(town, place)
    begins(builder, "按计划进行", "35", "路基做好了", "没有", "提交")
    assert "位置" not in builder.sees("改督查")
    builder.says("进度", "45")
    assert (report(town, number).progress, project(town, number).progress) == (45, 45)
    begins(inspector, "接待了群众", "5", "都问修路", "没有", "提交")
    for count in (6, 0):
        inspector.says("改督查", "接待人数", str(count))
        with town.store() as store:
            assert store.notes.of_author(place.deputy)[0].received == count


def test_what_was_told_of_a_report_is_forgotten_with_its_author(
    town: Town, place: Settlement, inspector: Person, clerk: Person, number: int
) -> None:
    a_colleague(town, place)
    begins(inspector, TOGETHER, "孙丽", "就这些人", "我带队", "已经完工", "秘密", *WHOLE[3:])
    assert "秘密" in joined(clerk.reads())
    assert "李强" in joined(town.person("colleague").reads())
    with town.store() as store:
        store.people.forget(place.deputy)
    for reader in (clerk, town.person("colleague")):
        told = joined(text for text, _ in reader.told_lately())
        assert "秘密" not in told
        assert "李强" not in told
    assert (report(town, number).text, report(town, number).progress) == ("", 100)


def test_who_holds_the_role_no_longer_corrects_nothing(
    town: Town, place: Settlement, inspector: Person, number: int
) -> None:
    begins(inspector, *WHOLE)
    inspector.says("改督查", "情况")
    with town.store() as store:
        held = store.people.holding(place.deputy_role)
        assert held
        store.people.revoke(held)
        store.people.grant(place.deputy, place.congress, Role.IMPLEMENTING_BODY, group_name="别的单位")
    assert joined(inspector.says("路面也做好了")) == access.DEPUTY_NO_LONGER.zh
    assert report(town, number).text == "路基做好了"
