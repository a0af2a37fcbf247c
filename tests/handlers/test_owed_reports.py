"""Deputies are told what they owe in one message, go on where they left off, and report of projects unasked."""

from datetime import date

import pytest
from sqlalchemy import select, update

from handlers.texts import access, everywhere, titles
from handlers.texts import inspections as texts
from handlers.turn import EXPIRES_AFTER, IDLE_AFTER
from storage.domain.areas import Level
from storage.domain.cadence import Duty
from storage.domain.project_stages import Approval, Approver, Stage
from storage.links import Target
from storage.projects import Why
from storage.tables import (
    duties,
    liaisons,
    links,
    milestones,
    project_cells,
    project_history,
    projects,
    prompts,
    roles,
    rounds,
)
from tests.conversing import Person, Town, joined, last
from tests.handlers.watching import (
    KITCHEN,
    ROAD,
    TO_END,
    TO_PLACE,
    WHOLE,
    a_colleague,
    begins,
    owed,
    owes,
    project,
    prompt,
    report,
    reports,
    watched,
)
from tests.settlement import Settlement, second_congress
from tests.storage.test_projects import a_project

# --- what is owed


def test_one_message_lists_all_that_is_owed_in_every_congress(town: Town, place: Settlement, watcher: Person) -> None:
    road, kitchen = watched(town, place), watched(town, place, KITCHEN)
    owes(town, place, road, kitchen)
    owes(town, place, road, duty=Duty.QUESTIONS, period="2026-07", due_on=date(2026, 8, 20))
    with town.store() as store:
        county = second_congress(store, place)
        store.unit.write(update(rounds).where(rounds.c.duty == Duty.QUESTIONS).values(congress_id=county))
    town.reload()
    prompt(town, place.deputy)
    told = last(watcher.reads())
    assert told.startswith("您现在有 3 项要报，回复数字开始：")
    for line in (
        "1 柳树湾道路硬化：年中问进度，已过期 12 天",
        "2 柳树湾道路硬化：9月督查，9月25日前",
        "3 第一中心小学食堂：9月督查，9月25日前",
    ):
        assert line in watcher.screen()


def test_what_was_answered_before_the_prompt_began_is_not_prompted(
    town: Town, place: Settlement, watcher: Person, number: int
) -> None:
    colleague = a_colleague(town, place)
    with town.store() as store:
        store.liaisons.assign(number, [colleague])
        for person in (place.deputy, colleague):
            store.conversations.prompt(person, "duties", {})
    begins(town.person("colleague"), *WHOLE)
    watcher.reads()
    with town.store() as store:
        town.dispatcher.begin_prompts(store.unit, [place.deputy, colleague])
        assert store.unit.read(select(prompts.c.id)).all() == []
    assert watcher.reads() == []


def test_a_prompt_with_nothing_to_say_leaves_what_is_open_alone_and_the_next_one_comes(
    town: Town, place: Settlement, watcher: Person
) -> None:
    watcher.says("提建议", "村口要修路")
    town.passes(seconds=IDLE_AFTER.total_seconds())
    prompt(town, place.deputy)
    assert watcher.reads() == []
    assert "谢谢" not in joined(watcher.says("柳树湾")), "the proposal goes on"
    watcher.says("取消")
    with town.store() as store:
        store.conversations.prompt(place.deputy, "duties", {})
        store.conversations.prompt(place.deputy, "answer_office", {"number": 1, "question": "多长？", "asked_by": 1})
    with town.store() as store:
        town.dispatcher.begin_prompts(store.unit, [place.deputy])
    assert "多长？" in last(watcher.reads())


def test_who_is_no_deputy_any_more_hears_nothing(town: Town, place: Settlement, watcher: Person, number: int) -> None:
    with town.store() as store:
        store.unit.write(update(roles).where(roles.c.person_id == place.deputy).values(revoked_at=town.now))
        assert store.liaisons.group(number) == [place.deputy]
    prompt(town, place.deputy)
    assert watcher.reads() == []
    assert joined(watcher.says("督查")) == access.NOT_FOR_YOU.zh


def test_each_report_is_followed_by_the_rest_of_the_list(town: Town, place: Settlement, watcher: Person) -> None:
    road, kitchen = watched(town, place), watched(town, place, KITCHEN)
    owes(town, place, road, kitchen)
    told = joined(watcher.says("我的督查", KITCHEN, *WHOLE))
    assert f"谢谢您！“{KITCHEN}”的督查已记下。" in told
    assert "您现在有 1 项要报" in told
    assert owed(town, place.deputy) == [road]
    told = joined(watcher.says("1", *WHOLE))
    assert told.endswith(texts.ALL_REPORTED.zh)
    assert joined(watcher.says("督查")) == texts.NOTHING_OWED.zh
    assert {project(town, one).progress for one in (road, kitchen)} == {35}


def test_an_open_list_is_late_when_somebody_else_was_faster(town: Town, place: Settlement, watcher: Person) -> None:
    colleague = a_colleague(town, place)
    numbers = [watched(town, place, title, colleague) for title in (ROAD, KITCHEN)]
    owes(town, place, *numbers)
    watcher.says("督查")
    town.person("colleague").says("督查", "1", *WHOLE)
    told = joined(watcher.says("1"))
    assert told.startswith(texts.ANSWERED_MEANWHILE.zh)
    assert "1 第一中心小学食堂" in watcher.screen()
    town.person("colleague").says("1", *WHOLE)
    assert joined(watcher.says("1")) == texts.NOTHING_LEFT.zh


def test_words_that_choose_nothing_are_told_what_to_do(watcher: Person, number: int) -> None:
    assert number
    watcher.says("督查")
    assert joined(watcher.says("去看过了")).startswith(texts.choose_due(1).zh)
    assert joined(watcher.says("好的")).startswith(texts.WHEN_YOU_LIKE.zh)
    assert joined(watcher.says("谢谢")).startswith(everywhere.YOU_ARE_WELCOME.zh)
    assert texts.far(0, 0).zh in joined(watcher.says("道路硬化"))


def test_many_duties_stand_in_one_message(town: Town, place: Settlement, deputy: Person) -> None:
    deputy.says("取消")
    owes(town, place, *(watched(town, place, f"第{at}项工程") for at in range(30)))
    assert "30 第29项工程" in joined(deputy.says("督查"))


def test_a_list_that_was_left_is_no_draft(town: Town, place: Settlement, watcher: Person, number: int) -> None:
    assert number
    prompt(town, place.deputy)
    watcher.reads()
    assert everywhere.SET_ASIDE.zh not in joined(watcher.says("菜单"))
    with town.store() as store:
        assert store.conversations.drafts(place.deputy) == []


# --- in the middle


def test_a_report_that_was_left_goes_on_where_it_was(
    watcher: Person, town: Town, place: Settlement, number: int
) -> None:
    begins(watcher, *TO_PLACE[:3])
    assert everywhere.SET_ASIDE.zh in joined(watcher.says("菜单"))
    assert texts.PHOTOS.zh in joined(watcher.says("继续")), "by the word for it"
    town.passes(seconds=EXPIRES_AFTER.total_seconds() + 1)
    assert texts.PHOTOS.zh in joined(watcher.says("督查", "1")), "and by choosing it again"
    watcher.says(*WHOLE[3:])
    assert report(town, number).text == "路基做好了"
    with town.store() as store:
        assert store.conversations.drafts(place.deputy) == []


def test_an_answer_may_be_taken_back_and_changed(watcher: Person, town: Town, number: int) -> None:
    begins(watcher, *TO_PLACE, "返回", "返回", "路面也做好了", "没有照片", "不发位置", "没有问题", "满意")
    watcher.says("修改", "进度", "80")
    assert "进度：80%" in watcher.screen()
    watcher.says("提交")
    assert (report(town, number).text, report(town, number).progress) == ("路面也做好了", 80)


def test_who_was_slower_is_told_and_the_report_stays(
    watcher: Person, town: Town, place: Settlement, number: int
) -> None:
    colleague = a_colleague(town, place)
    with town.store() as store:
        store.liaisons.assign(number, [colleague])
    begins(watcher, *TO_END)
    begins(town.person("colleague"), *WHOLE)
    assert texts.NO_LONGER_OWED.zh in joined(watcher.says("提交"))
    assert [one.author for one in reports(town, number)] == [place.deputy, colleague]


def test_a_report_for_a_period_that_has_closed_is_kept(
    watcher: Person, town: Town, place: Settlement, number: int
) -> None:
    begins(watcher, *TO_END)
    with town.store() as store:
        store.unit.write(update(rounds).values(closed_at=town.now))
    assert texts.NO_LONGER_OWED.zh in joined(watcher.says("提交"))
    assert report(town, number).author == place.deputy


def test_who_left_the_group_meanwhile_still_reports_as_a_deputy(
    watcher: Person, town: Town, place: Settlement, number: int
) -> None:
    begins(watcher, *TO_END)
    with town.store() as store:
        store.unit.write(update(liaisons).values(left_at=town.now, left_how="released"))
    assert "已记下" in joined(watcher.says("提交"))
    assert report(town, number).author == place.deputy


def test_who_is_no_deputy_any_more_is_told_that_nothing_is_noted(
    watcher: Person, town: Town, place: Settlement, number: int
) -> None:
    begins(watcher, *TO_END)
    with town.store() as store:
        held = store.people.holding(place.deputy_role)
        assert held
        store.people.revoke(held)
    assert joined(watcher.says("提交")) == access.DEPUTY_NO_LONGER.zh
    assert reports(town, number) == []
    assert project(town, number).progress == 0


@pytest.mark.parametrize("then", [Stage.FINISHED, Stage.STOPPED])
def test_a_project_that_ended_meanwhile_keeps_its_progress(
    watcher: Person, town: Town, number: int, then: Stage
) -> None:
    begins(watcher, *TO_END)
    approved = Why("征地未成", Approval(Approver.CONGRESS, date(2026, 8, 30), "3号"))
    with town.store() as store:
        store.projects.move(number, then, approved, Level.TOWNSHIP, date(2026, 9, 1))
    told = joined(watcher.says("提交"))
    assert texts.ended_meanwhile(project(town, number)).zh in told
    assert report(town, number).progress == 35
    assert project(town, number).progress == (100 if then is Stage.FINISHED else 0)


def test_a_project_that_is_gone_is_told_of(watcher: Person, town: Town, number: int) -> None:
    begins(watcher, *TO_END)
    with town.store() as store:
        for table in (duties, liaisons, milestones, project_cells, project_history, projects):
            store.unit.write(table.delete())
    assert joined(watcher.says("提交")) == access.NO_SUCH_PROJECT.zh
    assert reports(town, number) == []


# --- without being asked


def test_a_deputy_reports_of_any_project_at_any_time(town: Town, place: Settlement, watcher: Person) -> None:
    assert joined(watcher.says("写督查")) == texts.NO_PROJECTS.zh
    mine = watched(town, place)
    with town.store() as store:
        other = a_project(store, place, title=KITCHEN)
    assert "道路硬化" in watcher.sees("写督查")
    watcher.says("别的项目", KITCHEN, *WHOLE)
    assert report(town, other).author == place.deputy
    owes(town, place, mine)
    told = joined(watcher.says("写督查", ROAD))
    assert "9月督查" in told, "it is for what is owed"
    watcher.says(*WHOLE)
    assert owed(town, place.deputy) == []


def test_a_report_begins_from_the_list_of_ones_projects(town: Town, place: Settlement, watcher: Person) -> None:
    number = watched(town, place)
    told = joined(watcher.says("我的项目", "写督查", *WHOLE))
    assert report(town, number).author == place.deputy
    assert texts.NO_LONGER_OWED.zh not in told
    assert texts.ALL_REPORTED.zh not in told


def test_a_project_that_ended_since_it_was_shown_is_asked_for_again(
    town: Town, place: Settlement, watcher: Person
) -> None:
    gone = watched(town, place)
    watched(town, place, KITCHEN)
    watcher.says("写督查")
    with town.store() as store:
        store.projects.move(gone, Stage.FINISHED, Why(), Level.TOWNSHIP, date(2026, 9, 1))
    told = joined(watcher.says("2"))
    assert told.startswith(titles.CHANGED_MEANWHILE.zh)
    assert ROAD not in watcher.screen()
    assert KITCHEN in joined(watcher.says("1"))


def test_residents_report_nothing(town: Town, resident: Person, number: int) -> None:
    for word in ("督查", "写督查", "改督查"):
        assert joined(resident.says(word)) == access.NOT_FOR_YOU.zh
    assert reports(town, number) == []
    with town.store() as store:
        assert store.unit.read(select(links.c.id).where(links.c.target == Target.NOTE)).all() == []
