"""Deputies inspect a project and report by chat what they saw, where, and which problems."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from handlers.texts import inspections as texts
from handlers.texts import note_questions as asking
from handlers.texts import questions
from storage.domain.cadence import Duty
from storage.domain.project_stages import Stage
from storage.domain.rectification_stages import Severity
from storage.links import Target
from storage.notes import Nearness, Standing
from storage.tables import rectifications
from storage.tables import texts as kept_texts
from tests.conversing import Person, Town, joined, last
from tests.handlers.watching import (
    FAR,
    INSIDE,
    KITCHEN,
    NEAR,
    ROAD,
    TO_PLACE,
    WHOLE,
    begins,
    owed,
    owes,
    project,
    prompt,
    report,
    watched,
)
from tests.settlement import Settlement
from tests.storage.test_projects import a_project


def test_who_chooses_nothing_of_what_is_due_is_told_how(town: Town, place: Settlement, inspector: Person) -> None:
    owes(town, place, watched(town, place), watched(town, place, KITCHEN))
    inspector.says("督查")
    assert joined(inspector.says("去看过了")).startswith("请回复 1 到 2 的数字，一项一项来；")


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


def test_who_reads_english_finds_no_chinese_in_what_they_report(
    watcher: Person, town: Town, place: Settlement, number: int
) -> None:
    with town.store() as store:
        store.people.change(place.deputy, language="en")
        store.projects.report(number, 50)
    told = begins(watcher, "behind plan", "40", "the rain", "roadbed done", "1", "1", "1", "1")
    assert "done: 40% (planned " in joined(told)
    assert "said: roadbed done\nWhy it is less: the rain" in joined(told)


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
