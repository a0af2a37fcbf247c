"""The question whom an announcement is for."""

import pytest

from handlers.announcement_audience import COUNTED, in_words
from handlers.texts import announcements_audience as texts
from storage.areas import add_area
from storage.audiences import Audiences
from storage.domain.areas import Level
from storage.domain.audience import Audience, Groups, Reached
from storage.domain.roles import Role
from tests.conversing import Person, Town, joined, last
from tests.handlers.announced import AT_ONCE, PLAIN, Office, lives, office_of
from tests.settlement import Settlement, enrolled
from tests.storage.test_projects import a_project


@pytest.fixture
def office(town: Town, place: Settlement) -> Office:
    office = office_of(town, place)
    lives(town, town.person("zhang"), "张三")
    office.staff.says("发公告", *PLAIN)
    return office


@pytest.fixture
def clerk(office: Office) -> Person:
    return office.staff


def kept(office: Office, *audience: str) -> Audience:
    office.staff.says(*audience, "选好了", *AT_ONCE, "提交")
    return office.get().content.audience


def test_what_is_chosen_is_always_said_in_words_and_counted(clerk: Person) -> None:
    assert clerk.screen().startswith("已选：还没有人\n发给谁？")
    assert clerk.sees("按区域、网格", "杨柳村", "整个杨柳村").startswith("已选：杨柳村，共 1 人\n")
    assert clerk.sees("按身份", "人大代表").startswith("已选：全部人大代表、杨柳村，共 2 人\n")
    assert clerk.sees("除外", "按身份", "人大代表").startswith(
        "已选：全部人大代表、杨柳村；不发给全部人大代表，共 1 人\n"
    )
    assert clerk.sees("不再除外", "重新选").startswith("已选：还没有人\n")


def test_any_level_of_the_tree_may_be_chosen_step_by_step_or_by_its_name(office: Office, place: Settlement) -> None:
    clerk = office.staff
    assert "整个柳河镇" in clerk.sees("按区域、网格")
    assert "整个杨柳村" in clerk.sees("杨柳村")
    clerk.says("第一网格")
    audience = kept(office, "青石村")  # typed where all of it is shown
    assert audience.those.areas == (place.willow.id, office_area(office, "青石村"))


def office_area(office: Office, name: str) -> int:
    return next(area.id for area in office.town.areas.children(office.place.township.id) if area.name == name)


def test_a_name_that_stands_for_several_places_is_asked_about(clerk: Person) -> None:
    shown = clerk.sees("按区域、网格", "老桥头")
    assert shown.startswith(texts.WHICH_OF_THESE.zh)
    assert clerk.sees("2").startswith("已选：青石村 第二网格")


def test_a_place_of_another_congress_is_none_of_theirs(clerk: Person) -> None:
    assert last(clerk.says("按区域、网格", "河口村")).startswith(texts.PLACE_UNKNOWN.zh)


def test_groups_projects_and_proposals_can_be_named(town: Town, place: Settlement, office: Office) -> None:
    town.person("zhang").suggests()
    with town.store() as store:
        enrolled(store, "second", "赵代表", place.congress, Role.DEPUTY)
        held = store.people.holders(place.congress, Role.DEPUTY)[-1]
        store.people.revoke(held)
        store.people.grant(held.person_id, place.congress, Role.DEPUTY, group_name="第一代表小组")
        project = a_project(store, place, title="柳树湾道路硬化")
    clerk = office.staff
    clerk.says("按代表小组", "第一代表小组", "项目所在的网格", "道路硬化", "建议的提出人", "1")
    audience = kept(office)
    assert audience.those == Groups(groups=("第一代表小组",), projects=(project,), proposals=(1,))
    with town.store() as store:
        said = in_words(store, audience).zh
    assert said == "代表小组“第一代表小组”、第1号项目（柳树湾道路硬化）所在网格、1号建议的提出人和附议人"


@pytest.mark.parametrize(("written", "why"), [("99", "没有这些编号的建议：99。"), ("修路的", texts.NUMBERS_WANTED.zh)])
def test_proposals_that_are_not_there_are_named(clerk: Person, written: str, why: str) -> None:
    assert last(clerk.says("建议的提出人", written)).startswith(why)


def test_only_one_channel_may_be_meant(office: Office) -> None:
    audience = kept(office, "全体", "只发某个渠道", "tap")
    assert audience == Audience(everybody=True, channels=("tap",))


def test_going_back_inside_the_question_loses_nothing(clerk: Person) -> None:
    clerk.says("按身份", "人大代表", "按区域、网格", "杨柳村")
    assert clerk.sees("返回").startswith("已选：全部人大代表，共 1 人\n")


def test_nobody_is_no_audience(town: Town, clerk: Person) -> None:
    with town.store() as store:
        add_area(store.unit, store.audit, town.areas.by_code("lh"), Level.VILLAGE, "lh7", "空村")
    town.reload()
    assert "选好了" not in clerk.screen()
    clerk.says("按区域、网格", "空村", "1")
    assert last(clerk.says("选好了")).startswith(texts.NOBODY_THERE.zh)
    assert joined(clerk.says("重新选")).startswith("已选：还没有人")


def test_what_has_nothing_to_choose_from_is_told(clerk: Person) -> None:
    assert last(clerk.says("按代表小组")).startswith(texts.NONE_THERE.zh)


def test_of_a_large_audience_it_is_said_that_it_is_large(clerk: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Audiences, "is_small", lambda *_: False)
    assert clerk.sees("全体").startswith(f"已选：全体，超过 {COUNTED} 人")


@pytest.mark.parametrize(
    ("reached", "said"), [(Reached.ALL, "的发送对象"), (Reached.SENT, "收到公告"), (Reached.UNOPENED, "还没打开")]
)
def test_those_of_another_announcement_are_named_by_it(town: Town, reached: Reached, said: str) -> None:
    with town.store() as store:
        assert said in in_words(store, Audience(of_announcement=3, reached=reached)).zh


@pytest.mark.parametrize("channel", ["plain"])
def test_it_works_by_numbers_alone(town: Town, place: Settlement, channel: str) -> None:
    office_of(town, place)
    town.passes(minutes=1)
    with town.store() as store:
        store.people.add_account(place.staff, channel, "wang", "wang")
    clerk = town.person("wang", channel)
    shown = clerk.sees("发公告", "6", "停水", "停水。", "1", "1", "3")
    assert "1 全体居民和各类人员" in shown
    clerk.says("1", "1", "1", "1", "1")
    with town.store() as store:
        one = store.announcements.get(1)
    assert one
    assert one.content.audience.everybody
