"""A problem goes from the body to the deputy and back until it is struck off, by chat."""

from collections.abc import Callable
from datetime import date

import pytest

from handlers.texts import access
from handlers.texts import rectifications as texts
from storage.domain.project_plan import Milestone
from storage.domain.rectification_stages import Move, Part, Refusal, Severity, Stage
from storage.domain.roles import Role
from storage.links import Target
from storage.rectifications import Kind, NewRectification
from storage.tables import attachments, projects
from tests.conversing import Person, Town, joined
from tests.rectified import BODY, begun, stored, tell
from tests.settlement import Settlement, enrolled, second_congress
from tests.storage.test_projects import a_project

Raise = Callable[..., int]


@pytest.fixture
def project(town: Town, place: Settlement) -> int:
    with town.store() as store:
        number = a_project(store, place)
        store.liaisons.assign(number, [place.deputy])
    return number


@pytest.fixture(params=["tap", "plain"])
def builder(request: pytest.FixtureRequest, town: Town, place: Settlement) -> Person:
    """马强 of the implementing body, on a channel with buttons and on one without."""
    return somebody(town, place, "builder", "马强", request.param)


def somebody(town: Town, place: Settlement, account: str, name: str, channel: str = "tap", body: str = BODY) -> Person:
    with town.store() as store:
        person = store.people.add(name, "13700000000")
        store.people.add_account(person, channel, account, account)
        store.people.grant(person, place.congress, Role.IMPLEMENTING_BODY, group_name=body)
    one = town.person(account, channel)
    one.says("取消")
    return one


@pytest.fixture
def raises(town: Town, place: Settlement, project: int) -> Raise:
    """The deputy has found something; whoever is to hear of it has."""

    def raise_(text: str = "路面有裂缝", kind: Kind = Kind.PROBLEM) -> int:
        new = NewRectification(place.congress, project, None, Severity.SERIOUS, text, place.deputy, kind)
        with town.store() as store:
            number = store.rectifications.raise_(new)
        tell(town)
        return number

    return raise_


@pytest.fixture(autouse=True)
def met(deputy: Person) -> None:
    deputy.says("取消")


# --- from one end to the other


def test_a_problem_is_put_right_with_photos_and_struck_off(
    town: Town, builder: Person, deputy: Person, raises: Raise
) -> None:
    number = raises()
    assert "您单位有 1 件整改要办" in joined(builder.reads())
    assert "路面有裂缝（第1号，较重，已交办，期限9月15日）" in builder.screen()
    card = builder.sees("1")
    for said in ("整改第1号（较重，已交办）", "第1号项目　柳树湾道路硬化", "承办单位：镇村镇建设办", "路面有裂缝"):
        assert said in card, card
    assert "整改第1号已受理。" in joined(builder.says("受理"))
    assert stored(town, number).stage is Stage.ACCEPTED
    assert "定完成日期" in builder.screen()  # the only one is shown again, with its next step
    builder.says("定完成日期")
    assert texts.REFUSAL[Refusal.BEYOND_DUE].zh in joined(builder.says("2026-09-16"))
    assert texts.REFUSAL[Refusal.DAY_PAST].zh in joined(builder.says("2026-08-16"))
    builder.says("2026-09-10")
    assert (stored(town, number).stage, stored(town, number).planned_on) == (Stage.PLANNED, date(2026, 9, 10))
    assert joined(builder.says("1", "已整改，报请确认")) == texts.WHAT_DONE.zh
    builder.says("裂缝已灌缝修补")
    builder.shows(group="album")
    builder.shows(group="album")
    assert deputy.reads() == []
    builder.says("好了")
    assert stored(town, number).stage is Stage.DONE
    assert "有 1 件整改报请您确认" in joined(deputy.reads())
    assert "待确认（马强）：裂缝已灌缝修补" in deputy.sees("1")
    deputy.says("确认整改到位，销号")
    assert stored(town, number).stage is Stage.DONE, "asked once more"
    deputy.says("是")
    assert stored(town, number).stage is Stage.CLOSED
    assert "整改第1号（柳树湾道路硬化）代表已确认，销号了。" in joined(builder.reads())
    with town.store() as store:
        about = store.links.messages_about(Target.RECTIFICATION, number, 20)
        assert [row.kind for row in about if row.direction == "in"].count("photo") == 2
        assert len(store.links.messages_about(Target.PROJECT, 1, 20)) == len(about)
    assert town.faults == []


def test_what_is_sent_back_comes_to_the_body_with_the_reason(
    town: Town, builder: Person, deputy: Person, raises: Raise
) -> None:
    number = raises()
    builder.says("1", "已整改，报请确认", "修好了", "没有照片")
    deputy.says("1", "退回重办", "北侧还有一处")
    assert stored(town, number).stage is Stage.SENT_BACK
    assert "已退回" in joined(builder.reads())
    assert "已退回（李强）：北侧还有一处" in builder.sees("1")
    history = joined(builder.says("看全部经过"))
    assert "已交办（李强）" in history
    assert "待确认（马强）：修好了" in history


def test_the_deputy_sees_the_photos_that_were_kept(
    town: Town, place: Settlement, deputy: Person, raises: Raise
) -> None:
    builder = somebody(town, place, "builder", "马强")
    raises()
    builder.says("1", "已整改，报请确认", "修好了")
    builder.shows()
    builder.says("好了")
    assert "看照片和附件" not in deputy.sees("1"), "it is being fetched"
    with town.store() as store:
        store.unit.write(attachments.update().values(state="stored", digest="0" * 64, media_type="image/jpeg"))
    deputy.says("返回", "整改", "1")
    assert "1 个附件：" in joined(deputy.says("看照片和附件"))


def test_several_are_one_message_and_each_is_dealt_with(builder: Person, raises: Raise) -> None:
    raises("裂缝")
    builder.says("取消")
    raises("排水不畅")
    assert "您单位有 2 件整改要办" in joined(builder.reads())
    assert "您单位有 2 件" in joined(builder.says("2", "受理"))
    assert joined(builder.says("取消", "整改")).startswith("您单位有 2 件")


# --- who may, and who was faster


def test_of_two_of_the_body_the_second_is_told_that_it_is_done(
    town: Town, place: Settlement, builder: Person, raises: Raise
) -> None:
    colleague = somebody(town, place, "colleague", "何静")
    number = raises()
    for one in (builder, colleague):
        one.says("整改", "1", "已整改，报请确认", "修好了")
    builder.says("没有照片")
    assert texts.REFUSAL[Refusal.NO_SUCH_MOVE].zh in joined(colleague.says("没有照片"))
    with town.store() as store:
        assert [row.stage for row in store.rectifications.history(number)].count(Stage.DONE) == 1


def test_who_lost_the_role_in_the_middle_changes_nothing(
    town: Town, place: Settlement, builder: Person, raises: Raise
) -> None:
    number = raises()
    builder.says("1", "已整改，报请确认", "修好了")
    with town.store() as store:
        (held,) = store.people.holders(place.congress, Role.IMPLEMENTING_BODY)
        store.people.revoke(held)
    assert joined(builder.says("没有照片")) == access.NOT_FOR_YOU.zh
    assert stored(town, number).stage is Stage.HANDED


def test_after_the_body_was_renamed_its_old_people_are_told_so(
    town: Town, place: Settlement, builder: Person, raises: Raise
) -> None:
    raises()
    builder.says("1")
    with town.store() as store:
        store.unit.write(projects.update().values(body="镇建设中心"))
    assert joined(builder.says("受理")) == access.NO_SUCH_RECTIFICATION.zh
    assert joined(builder.says("整改")) == texts.BODY_NONE.zh
    heir = somebody(town, place, "heir", "新人", body="镇建设中心")
    assert "您单位有 1 件" in joined(heir.says("整改"))


def test_the_group_confirms_where_the_finder_has_left(
    town: Town, place: Settlement, builder: Person, deputy: Person, raises: Raise, project: int
) -> None:
    with town.store() as store:
        other, _ = enrolled(store, "d2", "孙丽", place.congress, Role.DEPUTY)
        store.liaisons.assign(project, [other])
    successor = town.person("d2")
    successor.says("取消")
    number = raises()
    with town.store() as store:
        held = store.people.holding(place.deputy_role)
        assert held
        store.people.revoke(held)
    builder.says("1", "已整改，报请确认", "修好了", "没有照片")
    assert "报请您确认" in joined(successor.reads())
    assert "报请您确认" not in joined(deputy.reads())
    assert joined(deputy.says("整改")) == access.NOT_FOR_YOU.zh
    successor.says("1", "确认整改到位，销号", "是")
    assert stored(town, number).stage is Stage.CLOSED


def test_somebody_with_several_roles_is_asked_as_whom(town: Town, place: Settlement, deputy: Person) -> None:
    with town.store() as store:
        store.people.grant(place.deputy, place.congress, Role.STAFF)
    shown = deputy.sees("整改")
    assert texts.AS_DEPUTY.zh in shown
    assert texts.AS_STAFF.zh in shown
    assert texts.AS_BODY.zh not in shown
    assert joined(deputy.says("等我确认的")) == texts.DEPUTY_NONE.zh


def test_a_stopped_project_keeps_its_problem_open(town: Town, builder: Person, deputy: Person, raises: Raise) -> None:
    number = raises()
    with town.store() as store:
        store.unit.write(projects.update().values(stage="stopped"))
    builder.says("1", "已整改，报请确认", "修好了", "没有照片")
    assert stored(town, number).stage is Stage.DONE
    assert "报请您确认" not in joined(deputy.reads()), "nobody is pressed while it is stopped"
    deputy.says("整改", "1", "确认整改到位，销号", "是")
    assert stored(town, number).stage is Stage.CLOSED


# --- late projects


def plan_of(town: Town, number: int) -> list[Milestone]:
    with town.store() as store:
        return [one for one, _ in store.projects.plan(number)]


def test_a_late_project_is_explained_with_a_new_plan_that_the_office_reads(
    town: Town, builder: Person, clerk: Person, deputy: Person, raises: Raise
) -> None:
    number = raises("进度慢", Kind.LATE)
    assert "柳树湾道路硬化进度滞后" in builder.screen()
    assert texts.LATE.zh in builder.sees("1")
    builder.says("说明原因，报新计划", "雨季停工二十天")
    assert texts.EXPLAINED.zh in joined(builder.says("路基 2026-10-20 40%；路面 2026-11-20 90%"))
    assert [(one.title, one.planned_on) for one in plan_of(town, 1)] == [
        ("路基", date(2026, 10, 20)),
        ("路面", date(2026, 11, 20)),
    ]
    office = joined(clerk.reads())
    assert "“镇村镇建设办”说明了第1号项目“柳树湾道路硬化”滞后的原因：雨季停工二十天" in office
    assert "路基 2026-10-20 40%" in office
    assert "雨季停工二十天" in deputy.sees("1")
    deputy.says("确认整改到位，销号", "是")
    assert stored(town, number).stage is Stage.CLOSED


def test_a_plan_beyond_the_deadline_is_noted_and_changes_nothing(
    town: Town, builder: Person, clerk: Person, raises: Raise
) -> None:
    before = plan_of(town, 1)
    raises("进度慢", Kind.LATE)
    builder.says("1", "说明原因，报新计划", "征地未完")
    assert texts.BEYOND_DEADLINE.zh in joined(builder.says("全部 2027-03-01"))
    assert plan_of(town, 1) == before
    assert texts.BEYOND_DEADLINE.zh in joined(clerk.reads())


def test_a_note_that_a_project_is_slow_asks_the_body_once_and_hands_over_its_problems(
    town: Town, builder: Person, deputy: Person, project: int
) -> None:
    for _ in range(2):
        deputy.says("写督查", "柳树湾", "比计划慢", "10", "人手不够", "没有照片", "不发位置")
        deputy.says("有问题", "护栏松动", "一般", "没有了", "满意", "提交")
    assert town.faults == []
    with town.store() as store:
        kinds = [(one.kind, one.text) for one in store.rectifications.of_bodies([(1, BODY)])]
        files = store.links.messages_about(Target.RECTIFICATION, 1, 50)
    assert sorted(kinds) == [
        (Kind.LATE, "人手不够"),
        (Kind.PROBLEM, "护栏松动"),
        (Kind.PROBLEM, "护栏松动"),
    ]
    assert files
    assert "您单位有" in joined(builder.reads())
    assert stored(town, 1).project == project


# --- the office


def test_the_office_hands_over_a_problem_and_the_body_hears_at_once(
    town: Town, builder: Person, clerk: Person, project: int
) -> None:
    clerk.says("整改", "交办新问题", "柳树湾", "紧急", "路边缺护栏")
    assert "已交“镇村镇建设办”整改，是第1号，期限2026年9月4日。" in joined(clerk.says("没有照片"))
    assert "路边缺护栏（第1号，紧急" in builder.screen()
    assert stored(town, 1).project == project
    assert stored(town, 1).raised_by is None


def test_the_office_is_told_of_a_body_without_chat_and_records_its_steps(
    town: Town, clerk: Person, deputy: Person, raises: Raise
) -> None:
    number = raises()
    assert "有 1 件整改要催办" in joined(clerk.reads())
    card = clerk.sees("1")
    assert "“镇村镇建设办”没有联系得上的人，请电话通知，并代记办理情况。" in card
    clerk.says("代记：承办单位已受理", "代记：承办单位定了日期", "2026-09-10")
    clerk.says("代记：承办单位已整改", "来电说已修补", "没有照片")
    assert stored(town, number).stage is Stage.DONE
    assert "报请您确认" in joined(deputy.reads())
    assert "代记：承办单位" not in clerk.screen()
    clerk.says("代记：代表书面确认销号", "李强")
    clerk.says("是")
    assert stored(town, number).stage is Stage.CLOSED
    assert "已销号（李强）" in joined(clerk.says("看全部经过"))


def test_an_english_speaking_body_is_answered_in_english(
    town: Town, place: Settlement, builder: Person, raises: Raise
) -> None:
    with town.store() as store:
        (held,) = store.people.roster(place.congress, Role.IMPLEMENTING_BODY)
        store.people.change(held.person, language="en")
    raises("crack in the road")
    assert "1 rectification lies with your body" in joined(builder.reads())
    told = joined(builder.says("1", "Say by which day", "2026-09-10"))
    assert told.startswith("Rectification 1 has its day, by 2026-09-10.")
    late = raises("", Kind.LATE)
    builder.says("cancel", "rectifications", f"No. {late}", "Explain, and give a new plan", "rain")
    builder.says("roadbed 2026-10-20 40%; surface 2026-11-20 90%")
    with town.store() as store:
        words = [row.words for row in store.rectifications.history(late)]
    assert words[-1].startswith("rain\nNew plan: roadbed 2026-10-20 40%")


def test_the_office_looks_by_body_project_and_lateness_and_moves_a_due_date(
    town: Town, clerk: Person, raises: Raise
) -> None:
    number = raises()
    clerk.says("取消")
    for filters in (("没办结的",), ("按项目", "柳树湾"), ("按承办单位", "建设办")):
        assert "镇村镇建设办：路面有裂缝（第1号" in clerk.sees("整改", *filters), filters
    for filters in (("已超期的",), ("等代表确认的",), ("已销号的",)):
        assert texts.STAFF_NONE.zh in joined(clerk.says("整改", *filters))
        assert texts.ALL_OPEN.zh in clerk.screen()  # and the lists are offered again
    town.passes(days=20)
    assert "超期 6 天" in clerk.sees("整改", "已超期的")
    clerk.says("1", "改整改期限")
    assert "已经过了" in joined(clerk.says("2026-09-01"))
    clerk.says("2026-10-15")
    assert "期限改到2026年10月15日" in joined(clerk.says("连续下雨"))
    assert stored(town, number).due_on == date(2026, 10, 15)
    assert "改期（王芳）：连续下雨，期限2026年10月15日" in joined(clerk.says("看全部经过"))


def test_what_is_overdue_is_told_to_the_body_and_escalates_to_the_office(
    town: Town, builder: Person, clerk: Person, raises: Raise
) -> None:
    raises()
    builder.reads()
    builder.says("取消")
    town.passes(days=15)
    tell(town)
    assert "超期 1 天" in joined([*builder.reads(), builder.screen()])
    assert clerk.reads() == []
    builder.says("取消")
    town.passes(days=2)
    tell(town)
    assert "有 1 件整改要催办" in joined(clerk.reads())
    assert "您单位有 1 件" in joined(builder.reads())


def test_a_prompt_that_has_nothing_to_say_any_more_says_nothing(
    town: Town, place: Settlement, builder: Person, raises: Raise
) -> None:
    number = raises()
    builder.says("取消")
    with town.store() as store:
        people = [held.person_id for held in store.people.holders(place.congress, Role.IMPLEMENTING_BODY)]
        store.conversations.prompt_once(people, "rectify")
        store.rectifications.move(number, Move(Stage.DONE, Part.STAFF, "修好了"))
    builder.reads()
    begun(town, people)
    assert builder.reads() == []


def test_only_the_office_of_the_congress_reads_its_problems(
    town: Town, place: Settlement, clerk: Person, resident: Person, raises: Raise
) -> None:
    raises()
    assert joined(resident.says("整改")) == access.NOT_FOR_YOU.zh
    assert "整改第1号" in clerk.sees("取消", "整改", "没办结的", "1")
    with town.store() as store:
        (held,) = store.people.holders(place.congress, Role.STAFF)
        county = second_congress(store, place)
        store.people.grant(place.staff, county, Role.STAFF)
        store.people.revoke(held, last_too=True)
    assert joined(clerk.says("改整改期限")) == access.NO_SUCH_RECTIFICATION.zh
