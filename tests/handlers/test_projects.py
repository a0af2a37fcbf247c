"""The office runs its projects by chat, and deputies see what they are charged with."""

from datetime import date

import pytest

from handlers.texts import access, questions
from handlers.texts import projects as texts
from storage.domain.project_plan import Milestone
from storage.domain.project_stages import Refusal, Stage
from storage.domain.roles import Role
from storage.projects import Project
from tests.conversing import Person, Town, joined
from tests.settlement import Settlement, enrolled, second_congress
from tests.storage.test_projects import a_project, described


@pytest.fixture
def number(town: Town, place: Settlement) -> int:
    with town.store() as store:
        return a_project(store, place)


def stored(town: Town, number: int) -> Project:
    with town.store() as store:
        found = store.projects.get(number)
    assert found
    return found


def planned(town: Town, number: int) -> list[tuple[Milestone, date | None]]:
    with town.store() as store:
        return store.projects.plan(number)


def group(town: Town, number: int) -> list[int]:
    with town.store() as store:
        return store.liaisons.group(number)


@pytest.mark.usefixtures("number")
def test_a_card_says_everything_about_a_project(clerk: Person) -> None:
    assert "1 柳树湾道路硬化（第1号，已票决，0%）" in clerk.sees("项目")
    card = clerk.sees("1")
    for said in (
        "第1号　柳树湾道路硬化",
        "已票决，进度 0%，计划 0%",
        "建设内容：硬化道路 1.2 公里",
        "投资：46 万元",
        "承办单位：镇村镇建设办",
        "负责人：周平",
        "完成期限：2026年11月30日",
        "建设地点：杨柳村 第一网格",
        "联系代表：还没有",
        "○ 路基：2026年10月1日，40%",
    ):
        assert said in card, card


def test_a_project_begins_ends_and_goes_on_with_a_reason(town: Town, clerk: Person, number: int) -> None:
    clerk.says("项目", "1", "开工")
    assert stored(town, number).stage is Stage.BUILDING
    assert "已经全部完工了吗" in joined(clerk.says("完工"))
    clerk.says("不是", "完工", "是")
    assert (stored(town, number).stage, stored(town, number).progress) == (Stage.FINISHED, 100)
    assert joined(clerk.says("恢复实施")) == texts.WHY.zh
    clerk.says("排水沟没有做")
    assert stored(town, number).stage is Stage.BUILDING
    history = joined(clerk.says("看全部经过"))
    assert "立项：已票决" in history
    assert "环节：实施中（王芳），原因：排水沟没有做" in history


def test_to_stop_a_project_takes_the_approval_of_the_congress(town: Town, clerk: Person, number: int) -> None:
    clerk.says("项目", "1", "终止", "征地没有谈成")
    assert clerk.says("柳河人大〔2026〕3号") == ["人民代表大会哪天批准的？比如 6月30日，或者“今天”。"]
    assert questions.DAY_WANTED.zh in joined(clerk.says("上个月"))
    assert questions.DAY_TOO_LATE.zh in joined(clerk.says("2026-12-01"))
    assert stored(town, number).stage is Stage.CHOSEN
    assert "第1号项目已记为已终止。" in joined(clerk.says("2026年8月30日"))
    assert stored(town, number).stage is Stage.STOPPED
    history = joined(clerk.says("看全部经过"))
    assert "已终止（王芳），原因：征地没有谈成，依据：人民代表大会2026年8月30日柳河人大〔2026〕3号" in history


@pytest.mark.parametrize(
    ("field", "said", "expected"),
    [
        ("完成期限", "2026年12月20日", {"deadline": date(2026, 12, 20)}),
        ("投资", "50.5万", {"investment": 505_000}),
        ("名称", "柳树湾道路和排水", {"title": "柳树湾道路和排水"}),
        ("建设地点", "老桥头", {}),
    ],
)
def test_what_was_voted_on_is_changed_with_an_approval(
    town: Town, place: Settlement, clerk: Person, number: int, field: str, said: str, expected: dict[str, object]
) -> None:
    clerk.says("项目", "1", "变更项目内容", field, said)
    if field == "建设地点":
        expected = {"cells": (place.bridge.id,)}
        clerk.says("杨柳村")
    clerk.says("雨季延误", "柳河人大〔2026〕4号")
    assert stored(town, number).description == described(place)
    assert f"第1号项目的{field}已变更。" in joined(clerk.says("今天"))
    assert stored(town, number).description == described(place, **expected)


def test_another_leader_takes_a_reason_only_and_the_same_one_nothing(
    town: Town, place: Settlement, clerk: Person, number: int
) -> None:
    assert texts.KEPT.zh in joined(clerk.says("项目", "1", "变更项目内容", "负责人", "周平"))
    clerk.says("变更项目内容", "负责人", "吴敏", "工作调整")
    assert stored(town, number).description == described(place, leader="吴敏")


def test_what_was_moved_meanwhile_is_said_and_stays(town: Town, clerk: Person, number: int) -> None:
    congress = stored(town, number).congress_id
    with town.store() as store:
        enrolled(store, "colleague", "陈静", congress, Role.STAFF)
    colleague = town.person("colleague")
    colleague.says("取消")
    for one in (clerk, colleague):
        one.says("项目", "1", "终止", "征地没有谈成", "柳河人大〔2026〕3号")
    clerk.says("今天")
    assert texts.REFUSAL[Refusal.NO_SUCH_MOVE].zh in joined(colleague.says("今天"))


def test_a_milestone_is_reached(clerk: Person, town: Town, number: int) -> None:
    clerk.says("项目", "1", "节点完成", "路基")
    assert questions.DAY_TOO_LATE.zh in joined(clerk.says("2026-10-01"))
    told = joined(clerk.says("2026年8月31日"))
    assert "“路基”已记为完成。" in told
    assert "✓ 路基：2026年8月31日，40%" in told
    clerk.says("节点完成", "路面", "今天")
    assert texts.NO_MILESTONES.zh in joined(clerk.says("节点完成"))
    assert {day for _, day in planned(town, number)} == {date(2026, 8, 31), date(2026, 9, 1)}


def test_a_new_plan_is_one_message_and_keeps_to_the_deadline(clerk: Person, town: Town, number: int) -> None:
    clerk.says("项目", "1", "调整计划")
    assert texts.PLAN_WANTED.zh in joined(clerk.says(" ；"))
    assert texts.beyond(date(2026, 11, 30)).zh in joined(clerk.says("路基 2026-12-01"))
    assert "日期" in joined(clerk.says("路基 下个月"))
    clerk.says("路基 6月10日 30%；排水 2026-10-20 50%；路面 １１月２０日 95%", "雨季延误")
    assert [(one.title, one.planned_on, one.share) for one, _ in planned(town, number)] == [
        ("路基", date(2026, 6, 10), 30),
        ("排水", date(2026, 10, 20), 50),
        ("路面", date(2026, 11, 20), 95),
    ]
    assert "计划调整（王芳），原因：雨季延误" in joined(clerk.says("看全部经过"))


# --- who watches over it


def test_the_office_takes_whom_is_proposed_and_they_are_told(
    town: Town, clerk: Person, deputy: Person, place: Settlement, number: int
) -> None:
    deputy.says("设置", "关闭")
    deputy.says("取消")
    assert "1 按就近推荐：李强" in clerk.sees("项目", "1", "联系代表")
    assert "第1号项目的联系代表：李强" in joined(clerk.says("1"))
    assert group(town, number) == [place.deputy]
    assert "请您联系第1号项目" in joined(deputy.reads()), "a duty, whoever has turned notices off"


def test_somebody_else_is_taken_and_released(town: Town, clerk: Person, place: Settlement, number: int) -> None:
    with town.store() as store:
        other, _ = enrolled(store, "d2", "孙丽", place.congress, Role.DEPUTY)
    clerk.says("项目", "1", "联系代表", "选别的代表")
    assert "第1号项目的联系代表：孙丽" in joined(clerk.says("孙丽"))
    assert group(town, number) == [other]
    assert texts.release_sure("孙丽").zh in joined(clerk.says("不再由 孙丽 联系"))
    assert "第1号项目的联系代表：孙丽" in joined(clerk.says("不是"))
    assert group(town, number) == [other]
    clerk.says("不再由 孙丽 联系", "是")
    assert group(town, number) == []
    assert "改由别的代表联系" in joined(town.person("d2").reads())


def test_a_full_group_takes_nobody(town: Town, clerk: Person, place: Settlement, number: int) -> None:
    with town.store() as store:
        six = [enrolled(store, f"d{at}", f"代表{at}", place.congress, Role.DEPUTY)[0] for at in range(6)]
        store.liaisons.assign(number, six[:5])
    assert texts.FULL.zh in joined(clerk.says("项目", "1", "联系代表", "选别的代表", "代表5"))
    assert group(town, number) == six[:5]


def test_a_deputy_reads_their_project_and_declines_with_a_reason(
    town: Town, clerk: Person, deputy: Person, number: int
) -> None:
    deputy.says("取消")
    assert joined(deputy.says("我的项目")) == texts.MINE_NONE.zh
    clerk.says("项目", "1", "联系代表", "1", "回到这个项目")
    assert "承办单位：镇村镇建设办" in deputy.sees("我的项目")
    assert "13900000000" not in deputy.screen(), "telephones are for the office"
    assert joined(deputy.says("我不便联系这个项目", "与本人有利害关系")) == texts.DECLINED.zh
    assert group(town, number) == []
    assert "李强 不便联系第1号项目“柳树湾道路硬化”：与本人有利害关系" in joined(clerk.reads())
    clerk.says("联系代表")
    assert "李强" not in clerk.screen(), "is not proposed again"
    assert "李强（本人辞去：与本人有利害关系）" in joined(clerk.says("回到这个项目", "看全部经过"))


def test_the_office_sees_who_has_no_task_yet(town: Town, clerk: Person, place: Settlement, number: int) -> None:
    told = joined(clerk.says("项目", "看谁还没有任务"))
    assert "还没有项目的代表：李强" in told
    assert "联系代表不足 2 位的项目：第1号" in told
    with town.store() as store:
        other, _ = enrolled(store, "d2", "孙丽", place.congress, Role.DEPUTY)
        store.liaisons.assign(number, [place.deputy, other])
    assert joined(clerk.says("项目", "看谁还没有任务")) == texts.NO_GAPS.zh


# --- who may


def test_without_projects_the_office_enters_the_first_one(town: Town, place: Settlement, clerk: Person) -> None:
    begun = joined(clerk.says("项目"))
    assert begun.startswith(texts.NO_PROJECTS.zh)
    assert texts.TITLE_WHAT.zh in begun
    clerk.says("柳树湾道路硬化", "硬化道路 1.2 公里", "46万", "镇村镇建设办", "周平")
    assert questions.DAY_PAST.zh in joined(clerk.says("2026-08-31"))
    clerk.says("2026-11-30", "方便 300 人出行", "柳树湾", "路基 2026-10-01 40%；路面 2026-11-01 90%")
    assert "投资：46 万元" in clerk.screen()
    assert "已录入，是第1号项目。" in joined(clerk.says("提交"))
    assert stored(town, 1).description == described(place)
    assert [one.share for one, _ in planned(town, 1)] == [40, 90]
    clerk.says("项目", "录入新项目", "柳树湾道路硬化", "一样的", "跳过", "村里", "1", "2026-11-30", "1", "柳树湾")
    assert texts.SAME_TITLE.zh in joined(clerk.says("以后再写"))


@pytest.mark.usefixtures("number")
def test_only_the_office_of_its_congress_runs_a_project(town: Town, place: Settlement, deputy: Person) -> None:
    deputy.says("取消")
    assert joined(deputy.says("项目")) == access.NOT_FOR_YOU.zh
    with town.store() as store:
        county = second_congress(store, place)
        enrolled(store, "county", "县里", county, Role.STAFF)
    town.reload()
    county_clerk = town.person("county")
    county_clerk.says("取消")
    assert joined(county_clerk.says("项目")).startswith(texts.NO_PROJECTS.zh)


def test_whoever_is_no_deputy_any_more_has_no_projects(town: Town, clerk: Person, deputy: Person, number: int) -> None:
    deputy.says("取消")
    clerk.says("项目", "1", "联系代表", "1", "回到这个项目")
    clerk.says("人员", "人大代表", "李强", "是")
    deputy.reads()
    assert joined(deputy.says("我的项目")) == access.NOT_FOR_YOU.zh
    assert group(town, number) == []


def test_a_project_built_in_many_places_names_some(town: Town, place: Settlement, clerk: Person) -> None:
    pond = town.areas.by_code("lh9")
    assert pond
    with town.store() as store:
        a_project(store, place, cells=tuple(cell.id for cell in town.areas.children(pond.id)))
    assert "大塘村 第六网格等 14 处" in clerk.sees("项目", "1")
