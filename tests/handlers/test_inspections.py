"""Deputies are told what they owe in one message, and report of each project by chat."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select, update

from handlers.texts import access, everywhere, questions, titles
from handlers.texts import inspections as texts
from handlers.texts import note_questions as asking
from handlers.turn import EXPIRES_AFTER, IDLE_AFTER
from storage.domain.areas import Level
from storage.domain.cadence import Duty
from storage.domain.project_stages import Approval, Approver, Stage
from storage.domain.rectification_stages import Severity
from storage.links import Target
from storage.notes import Nearness, Standing
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
    rectifications,
    roles,
    rounds,
)
from storage.tables import texts as kept_texts
from tests.conversing import Person, Town, joined, last
from tests.handlers.watching import (
    FAR,
    INSIDE,
    KITCHEN,
    NEAR,
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


@pytest.fixture(params=["tap", "plain"])
def watcher(request: pytest.FixtureRequest, town: Town, place: Settlement) -> Person:
    """李强, a deputy, on a channel with buttons and on one without, who has been told what we keep."""
    person = town.person("deputy")
    if request.param == "plain":
        town.passes(minutes=1)
        with town.store() as store:
            store.people.add_account(place.deputy, "plain", "li", "li")
        person = town.person("li", "plain")
    person.says("取消")
    return person


@pytest.fixture
def number(town: Town, place: Settlement) -> int:
    """A project that he is charged with, of which a report is owed."""
    number = watched(town, place)
    owes(town, place, number)
    return number


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
    assert joined(watcher.says("谢谢")).startswith(texts.WHEN_YOU_LIKE.zh)
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


# --- the inspection


def test_a_project_without_problems_takes_eight_taps_and_a_sentence(
    town: Town, place: Settlement, deputy: Person
) -> None:
    deputy.says("取消")
    number, other = watched(town, place), watched(town, place, KITCHEN)
    owes(town, place, number, other)
    prompt(town, place.deputy)
    taps, told = 0, [""]
    for answer in ("1", "按计划进行", "35", "路基做好了", "没有照片", "不发位置", "没有问题", "1 满意", "提交"):
        if answer == "路基做好了":
            told = deputy.says(answer)  # the sentence
        elif answer == "35":
            taps, told = taps + 1, deputy.says(answer)
        else:
            taps, told = taps + 1, deputy.taps(answer)
    assert "已记下" in joined(told)
    assert taps <= 8
    one = report(town, number)
    assert (one.standing, one.progress, one.text, one.satisfied) == (Standing.ON_PLAN, 35, "路基做好了", True)
    assert (one.kind, one.author, one.project) == (Duty.INSPECTION, place.deputy, number)
    assert (one.latitude, one.nearness, one.people) == (None, None, ())
    assert project(town, number).progress == 35


def test_the_plans_figure_is_shown_and_kept(town: Town, place: Settlement, watcher: Person, number: int) -> None:
    town.now += timedelta(days=30)  # the roadbed, 40 per cent, is planned for this day
    with town.store() as store:
        store.projects.report(number, 10)
    told = joined(begins(watcher))
    assert f"第{number}号　{ROAD}（9月督查，9月25日前）" in told
    assert "计划进度 40%，上次报的 10%。" in told
    assert "（计划 40%，上次 10%）" in joined(watcher.says("比计划慢"))
    watcher.says(*WHOLE[1:])
    assert (report(town, number).planned, report(town, number).standing) == (40, Standing.SLOW)
    assert place.deputy == report(town, number).author


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        *(("35%", 35), ("３５％", 35), ("百分之三十五", 35), ("大概35左右", 35), ("35.8%", 35), ("完成了三十五", 35)),
        *(("三成", 30), ("三成半", 35), ("一半", 50), ("100", 100)),
        *(("0", 0), ("〇", 0), ("0%", 0), ("一样", 0), ("没变化", 0), ("还没开工", 0)),
    ],
)
def test_per_cent_is_read_as_people_write_it(watcher: Person, town: Town, number: int, said: str, kept: int) -> None:
    assert joined(begins(watcher, "按计划进行", said)) == texts.what(Duty.INSPECTION, "").zh
    watcher.says(*WHOLE[2:])
    assert report(town, number).progress == kept


@pytest.mark.parametrize("said", ["101", "1000%", "百分之二百"])
def test_more_than_all_is_refused(watcher: Person, town: Town, number: int, said: str) -> None:
    assert joined(begins(watcher, "按计划进行", said)).startswith(asking.BEYOND.zh)
    watcher.says(*WHOLE[1:])
    assert report(town, number).progress == 35


@pytest.mark.parametrize("said", ["快了", "-5", "35到40", "¾", "百分之", "三分之一"])
def test_what_is_no_figure_is_asked_again(watcher: Person, number: int, said: str) -> None:
    assert number
    assert joined(begins(watcher, "按计划进行", said)).startswith(asking.PER_CENT_WANTED.zh)


def test_less_than_before_is_asked_about_and_its_reason_kept(watcher: Person, town: Town, number: int) -> None:
    with town.store() as store:
        store.projects.report(number, 50)
    assert "上次报的是 50%，这次 40%" in joined(begins(watcher, "比计划慢", "40"))
    assert joined(watcher.says("是")).startswith(asking.REASON_WANTED.zh)
    assert texts.what(Duty.INSPECTION, "").zh == joined(watcher.says("大雨冲毁一段"))
    watcher.says(*WHOLE[2:])
    assert (report(town, number).progress, project(town, number).progress) == (40, 40)
    assert report(town, number).text == "路基做好了\n进度变少的原因：大雨冲毁一段"


@pytest.mark.parametrize("answers", [("1", "60"), ("60",), ("30", "1", "一样")])
def test_a_figure_that_was_a_mistake_is_written_anew(
    watcher: Person, town: Town, number: int, answers: tuple[str, ...]
) -> None:
    with town.store() as store:
        store.projects.report(number, 50)
    begins(watcher, "比计划慢", "40", *answers)
    watcher.says(*WHOLE[2:])
    assert project(town, number).progress == (60 if "60" in answers else 50)
    assert report(town, number).text == "路基做好了"


def test_finished_is_told_to_the_office_and_moves_no_stage(
    watcher: Person, town: Town, clerk: Person, number: int
) -> None:
    begins(watcher, "已经完工", "全部做好了", "没有照片", "不发位置", "没有问题", "满意", "提交")
    told = last(clerk.reads())
    assert f"李强 报告：第{number}号项目“{ROAD}”已经完工：全部做好了" in told
    assert "请在“项目”里记为完工" in told
    assert (project(town, number).stage, project(town, number).progress) == (Stage.CHOSEN, 100)


def test_who_cannot_go_says_why_and_has_answered(
    watcher: Person, town: Town, place: Settlement, clerk: Person, number: int
) -> None:
    told = joined(begins(watcher, "本月无法督查", "道路塌方，进不去"))
    assert texts.ALL_REPORTED.zh in told
    assert last(clerk.reads()) == f"李强 报告：第{number}号项目“{ROAD}”本月无法督查：道路塌方，进不去"
    assert owed(town, place.deputy) == []
    one = report(town, number)
    assert (one.standing, one.text, one.progress) == (Standing.UNABLE, "道路塌方，进不去", None)
    assert project(town, number).progress == 0


# --- words, photos and places


def test_what_was_seen_may_be_spoken_and_shown_in_an_album(watcher: Person, town: Town, number: int) -> None:
    begins(watcher, "按计划进行", "35")
    watcher.speaks()
    assert last(watcher.shows("album")) == questions.ALBUM_RECEIVED.zh or watcher.channel == "plain"
    assert watcher.shows("album") == []
    watcher.says("好了")
    watcher.shares(*INSIDE)
    assert "照片：2 张" in joined(watcher.says("没有问题", "满意"))
    watcher.says("提交")
    one = report(town, number)
    assert one.text == questions.VOICE.zh
    with town.store() as store:
        files = store.links.files_about(Target.NOTE, one.id)
    assert sorted(file.kind for file in files) == ["photo", "photo", "voice"]


@pytest.mark.parametrize(
    ("place_sent", "nearness", "told"),
    [
        (INSIDE, Nearness.INSIDE, "位置收到了，您在项目现场。"),
        (NEAR, Nearness.NEAR, "位置收到了，您在项目附近。"),
        (FAR, Nearness.FAR, "没关系，照样记下"),
    ],
)
def test_a_place_is_seen_from_the_projects_cells(
    watcher: Person, town: Town, number: int, place_sent: tuple[float, float], nearness: Nearness, told: str
) -> None:
    begins(watcher, *TO_PLACE)
    assert joined(watcher.says("村口")).startswith(asking.PLACE_WANTED.zh)
    assert told in joined(watcher.shares(*place_sent))
    watcher.says(*WHOLE[5:])
    one = report(town, number)
    assert (one.latitude, one.longitude, one.nearness) == (*place_sent, nearness)


def test_where_no_cell_has_a_border_a_place_is_kept_as_it_is(watcher: Person, town: Town, place: Settlement) -> None:
    mill = town.areas.by_code("lh2-1")
    assert mill
    with town.store() as store:
        number = a_project(store, place, cells=(mill.id,))
        store.liaisons.assign(number, [place.deputy])
    owes(town, place, number)
    begins(watcher, *TO_PLACE)
    assert last(watcher.shares(*INSIDE)).startswith(texts.PROBLEMS.zh)
    watcher.says(*WHOLE[5:])
    assert (report(town, number).latitude, report(town, number).nearness) == (INSIDE[0], None)


def test_every_message_is_linked_to_project_cell_and_report(
    watcher: Person, town: Town, place: Settlement, number: int
) -> None:
    begins(watcher, *TO_PLACE[:3])
    watcher.shows()
    watcher.says("好了")
    watcher.shares(*INSIDE)
    watcher.says("没有问题", "满意", "提交")
    one = report(town, number)
    for target, about in ((Target.PROJECT, number), (Target.CELL, place.willow.id), (Target.NOTE, one.id)):
        with town.store() as store:
            told = store.links.messages_about(target, about, 20)
        assert len(told) == len({row.id for row in told}) == 9, target
        assert [row.kind for row in told if row.kind in ("photo", "location")] == ["photo", "location"], target
        assert "路基做好了" in [row.text for row in told]


# --- problems


def test_each_problem_goes_to_the_implementing_body(
    watcher: Person, town: Town, place: Settlement, number: int
) -> None:
    begins(watcher, *TO_PLACE, "不发位置", "有问题")
    assert joined(watcher.says("护栏松动")).startswith(asking.HOW_BAD.zh)
    watcher.says("较重", "还有一个", "没有围挡", "3", "没有了")
    shown = joined(watcher.says("不满意"))
    assert "问题：护栏松动（较重）" in shown
    assert "问题：没有围挡（紧急）" in shown
    assert texts.handed_over(2).zh in joined(watcher.says("提交"))
    query = select(rectifications, kept_texts.c.body, kept_texts.c.written_by).join(
        kept_texts, kept_texts.c.id == rectifications.c.text_id
    )
    with town.store() as store:
        raised = store.unit.read(query.order_by(rectifications.c.id)).all()
    assert [(row.severity, row.body, row.written_by) for row in raised] == [
        (Severity.SERIOUS, "护栏松动", place.deputy),
        (Severity.URGENT, "没有围挡", place.deputy),
    ]
    assert {(row.project_id, row.note_id, row.raised_by) for row in raised} == {
        (number, report(town, number).id, place.deputy)
    }
    with town.store() as store:
        about = store.links.messages_about(Target.PROJECT, number, 50)
    assert len(about) == len({row.id for row in about}), "what speaks of a project in two ways speaks of it once"
    assert report(town, number).satisfied is False


@pytest.mark.parametrize("said", ["没有", "没问题", "没什么问题", "未发现问题", "暂无", "无", "目前没有发现问题"])
def test_no_problem_is_said_in_many_ways(watcher: Person, number: int, said: str) -> None:
    assert number
    assert last(begins(watcher, *TO_PLACE, "不发位置", said)).startswith(texts.SATISFIED.zh)


@pytest.mark.parametrize("said", ["都挺好的", "3", "护栏松动"])
def test_nothing_becomes_a_problem_by_mistake(watcher: Person, number: int, said: str) -> None:
    assert number
    assert last(begins(watcher, *TO_PLACE, "不发位置", said)).startswith(asking.PROBLEM_OR_NOT.zh)


def test_a_problem_may_be_spoken_and_its_severity_must_be_chosen(watcher: Person, number: int) -> None:
    assert number
    begins(watcher, *TO_PLACE, "不发位置", "有")
    assert last(watcher.speaks()).startswith(asking.HOW_BAD.zh)
    assert "请回复 1 到 3 的数字" in joined(watcher.says("不好说"))
    assert last(watcher.says("一般")).startswith(asking.more_problems(1).zh)


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
