import re
from datetime import date, datetime

import pytest

from handlers.messages import Kind
from handlers.texts import proposals as texts
from handlers.texts.phrase import Phrase
from handlers.texts.questions import AGREED, GREETED, THANKED, WORDS_WANTED
from storage.database import Unit
from storage.domain.areas import Level
from storage.domain.categories import Category
from storage.domain.proposal_status import Status
from storage.domain.rules import Rules
from storage.links import How, Target
from storage.proposals import LONGEST_TEXT, Proposal
from storage.tables import areas, congresses, conversations, cycles
from tests.conversing import Person, Town, joined, last
from tests.settlement import COLLECTING, Settlement, second_congress


def proposal(town: Town, number: int) -> Proposal:
    with town.store() as store:
        found = store.proposals.get(number)
    assert found is not None
    return found


def retire(unit: Unit, area_id: int, now: datetime) -> None:
    """What an import of areas does with one that is in the file no more."""
    unit.write(areas.update().where(areas.c.id == area_id).values(retired_at=now))


def own_cell(person: Person) -> None:
    """The person lives in 柳树湾."""
    person.says("设置", "我的网格", "柳树湾")


# --- the whole way


@pytest.mark.parametrize("channel", ["tap", "plain"])
def test_from_a_wish_to_a_numbered_proposal_on_its_cell(town: Town, place: Settlement, channel: str) -> None:
    resident = town.person("r1", channel)
    told = resident.says("提建议", "村口的路坑坑洼洼，下雨天没法走", "柳树湾", "没有", "提交")
    assert joined(told) == texts.suggest_thanks([1]).zh
    found = proposal(town, 1)
    assert (found.body, found.cell_id, found.located_how) == ("村口的路坑坑洼洼，下雨天没法走", place.willow.id, "text")
    assert (found.status, found.category, found.congress_id) == (Status.RECEIVED, Category.ROADS, place.congress)


def test_a_number_alone_is_no_proposal_for_it_was_meant_for_a_list_that_is_gone(resident: Person) -> None:
    assert joined(resident.says("提建议", "2")).startswith(WORDS_WANTED.zh)
    assert resident.suggests("2 号路口没有灯") == 1


@pytest.mark.parametrize(("word", "why"), [("您好", GREETED), ("谢谢！", THANKED), ("好的", AGREED)])
def test_a_polite_word_is_no_proposal(resident: Person, word: str, why: Phrase) -> None:
    assert joined(resident.says("提建议", word)) == f"{why.zh}\n{texts.SUGGEST_WHAT.zh}"
    assert resident.suggests(f"{word}，路口没有灯") == 1


# --- said in passing


def test_what_is_said_while_we_ask_is_added_once_and_politeness_never(town: Town, resident: Person) -> None:
    resident.says("路灯坏了")
    for words in ("您好", "谢谢", "路灯坏了", " 路灯坏了 "):
        assert last(resident.says(words)) == texts.UNPROMPTED.zh
    for words in ("在桥头", "两盏都坏了", "半个月了", "晚上看不见"):  # and none is a misunderstanding
        assert last(resident.says(words)) == f"{texts.ADDED.zh}\n{texts.UNPROMPTED.zh}"
    resident.says("是", "柳树湾", "没有", "提交")
    assert proposal(town, 1).body == "路灯坏了\n在桥头\n两盏都坏了\n半个月了\n晚上看不见"


def test_pictures_sent_while_we_ask_are_added_an_album_without_a_word_for_each(resident: Person) -> None:
    resident.says("路灯坏了")
    assert last(resident.shows(text="谢谢")).startswith(texts.ADDED.zh)
    assert [resident.shows(group="g") for _ in range(3)][1:] == [[], []]
    assert "已收到 4 张照片" in joined(resident.says("是", "柳树湾"))


def test_numbers_are_never_given_twice(resident: Person) -> None:
    assert [resident.suggests(f"第{at}条心愿") for at in range(3)] == [1, 2, 3]


def test_numbers_have_no_gaps_where_some_submit_and_others_do_not_at_the_same_moment(town: Town) -> None:
    people = [town.person(f"r{at}", "tap" if at % 2 else "plain") for at in range(6)]
    for person in people:
        person.says("提建议", "村口要修路", "柳树湾", "没有")
    words = ["提交", "取消", "1", "修改", "乱写", "提交"]
    batch = [person.message(Kind.TEXT, text=word) for person, word in zip(people, words, strict=True)]
    tapper = town.person("tapper")
    tapper.says("提建议", "桥要修", "柳树湾", "没有")
    town.hand_in(*batch, tapper.message(Kind.CHOICE, choice=tapper.button("提交")))
    given = re.findall(r"(\d+)号", joined(text for one in (*people, tapper) for text in one.reads()[-1:]))
    assert sorted(map(int, given)) == [1, 2, 3, 4]
    assert people[1].suggests("路灯") == 5


def test_two_characters_are_enough_and_a_long_text_is_kept_whole(town: Town, resident: Person) -> None:
    assert proposal(town, resident.suggests("修路")).body == "修路"
    long = "村口的路坏了。" * 2000
    assert proposal(town, resident.suggests(long)).body == long
    assert "请控制在" in joined(resident.says("提建议", "路" * (LONGEST_TEXT + 1)))


def test_the_messages_that_said_it_are_linked_and_those_that_only_chose_are_not(
    town: Town, place: Settlement, resident: Person
) -> None:
    resident.says("提建议", "要修路", "磨房那边", "柳树湾", "没有", "提交")
    with town.store() as store:
        about = [row.text for row in store.links.messages_about(Target.PROPOSAL, 1, 9)]
        here = [row.text for row in store.links.messages_about(Target.CELL, place.willow.id, 9)]
    assert about == here == ["要修路", "磨房那边", "柳树湾"]


# --- where


@pytest.mark.parametrize(
    ("answers", "cell", "how"),
    [
        (["柳树湾"], "lh1-1", How.TEXT),
        (["我说的是杨柳村的老桥头那里"], "lh1-2", How.TEXT),
        (["老桥头", "2"], "lh2-2", How.TEXT),
        (["1", "1", "2"], "lh1-2", How.CHOICE),
        (["柳河镇", "青石村", "第一网格"], "lh2-1", How.CHOICE),
        (["杨柳村", "1"], "lh1-1", How.TEXT),
        (["大塘村", "下一页", "2"], "lh914", How.CHOICE),
        (["1", "大塘村", "3"], "lh903", How.CHOICE),
        (["不清楚"], None, "open"),
        (["老桥头", "不清楚"], None, "open"),
        (["1", "3", "不清楚"], None, "open"),
    ],
)
def test_a_place_is_found_by_name_by_number_and_down_the_tree(
    town: Town, resident: Person, answers: list[str], cell: str | None, how: str
) -> None:
    resident.says("提建议", "要修路", *answers, "没有", "提交")
    found = proposal(town, 1)
    area = town.areas.area(found.cell_id) if found.cell_id else None
    assert (area.code if area else None, found.located_how) == (cell, how)


def test_a_location_finds_its_cell_and_one_outside_is_told(town: Town, place: Settlement, resident: Person) -> None:
    resident.says("提建议", "要修路")
    assert "不在本地范围内" in joined(resident.shares(39.9, 116.4))
    assert "照片" in joined(resident.shares(30.005, 120.015))
    resident.says("没有", "提交")
    found = proposal(town, 1)
    assert (found.cell_id, found.located_how) == (place.bridge.id, How.LOCATION)


def test_who_told_us_where_they_live_finds_it_first(town: Town, place: Settlement, resident: Person) -> None:
    own_cell(resident)
    resident.says("提建议", "要修路")
    assert "1 我的网格：杨柳村 第一网格" in resident.screen()
    resident.says("1", "没有", "提交")
    assert proposal(town, 1).cell_id == place.willow.id


def test_a_name_nobody_knows_is_asked_for_again(resident: Person) -> None:
    resident.says("提建议", "要修路")
    assert "没找到这个地名" in joined(resident.says("花果山"))
    assert "请回复 1 到 3" in joined(resident.says("8"))


def test_a_text_that_names_the_place_is_not_asked_where(town: Town, place: Settlement, resident: Person) -> None:
    assert "照片" in joined(resident.says("提建议", "柳树湾的路灯坏了"))
    resident.says("没有", "提交")
    assert proposal(town, 1).cell_id == place.willow.id


def test_a_text_that_names_a_village_is_asked_for_the_cell_in_it(resident: Person) -> None:
    resident.says("提建议", "大塘村要修路")
    assert "大塘村的哪里" in resident.screen()
    resident.says("取消", "提建议", "青石村要修路")
    assert "1 青石村 第一网格" in resident.screen()


def test_nobody_is_asked_for_the_only_village(resident: Person) -> None:
    resident.says("提建议", "要修路", "石桥镇")
    assert resident.screen() == "河口村的哪里？也可以直接写地名。\n1 第一网格\n2 不清楚"


def test_a_place_that_has_gone_from_the_list_is_chosen_anew(town: Town, place: Settlement, resident: Person) -> None:
    resident.says("提建议", "老桥头要修路")
    with town.store() as store:
        retire(store.unit, place.bridge.id, town.now)
    town.reload()
    assert "已不在名单里" in joined(resident.says("1"))
    assert "照片" in joined(resident.says("柳树湾"))


# --- who hears it


def test_where_two_congresses_could_hear_it_the_resident_says_which(
    town: Town, place: Settlement, resident: Person
) -> None:
    with town.store() as store:
        county = second_congress(store, place)
    resident.says("提建议", "柳树湾要修路", "没有")
    assert [label for _, label in resident.buttons()[-3:]] == ["1 柳河镇人大", "2 云川县人大", "3 两级都报"]
    assert "报给：云川县人大" in joined(resident.says("2"))
    resident.says("提交")
    assert proposal(town, 1).congress_id == county


def test_or_both_and_each_gets_its_own(town: Town, place: Settlement, resident: Person) -> None:
    with town.store() as store:
        county = second_congress(store, place)
    told = resident.says("提建议", "柳树湾要修路", "没有", "两级都报", "提交")
    assert joined(told) == texts.suggest_thanks([1, 2]).zh
    assert [proposal(town, number).congress_id for number in (1, 2)] == [place.congress, county]
    with town.store() as store:
        assert len(store.links.messages_about(Target.CELL, place.willow.id, 9)) == 1


def test_only_the_one_that_collects_is_taken_without_asking(town: Town, place: Settlement, resident: Person) -> None:
    with town.store() as store:
        second_congress(store, place, collecting=False)
    assert "报给：柳河镇人大" in joined(resident.says("提建议", "柳树湾要修路", "没有"))


def test_without_a_place_the_resident_says_which_congress_unless_they_told_us_where_they_live(
    town: Town, resident: Person
) -> None:
    with town.store() as store:
        bridge_town = town.areas.by_code("sq")
        assert bridge_town
        other = store.congresses.add("石桥镇人大", Level.TOWNSHIP, bridge_town.id, rules=Rules())
        store.congresses.begin_cycle(other, 2026, *COLLECTING)
    resident.says("提建议", "要修路", "不清楚", "没有")
    assert [label for _, label in resident.buttons()[-2:]] == ["1 柳河镇人大", "2 石桥镇人大"]
    resident.says("2", "提交")
    assert proposal(town, 1).congress_id == other
    own_cell(resident)
    assert "报给：柳河镇人大" in joined(resident.says("提建议", "要修路", "不清楚", "没有"))


def test_out_of_season_it_is_kept_as_a_draft_and_submitted_when_the_season_begins(
    town: Town, place: Settlement, resident: Person
) -> None:
    town.passes(days=200)
    told = joined(resident.says("提建议", "要修路", "柳树湾"))
    assert "柳河镇人大的征集时间是 2026年7月1日 至 2026年12月31日" in told
    assert "回复“继续”" in told
    with town.store() as store:
        store.congresses.begin_cycle(place.congress, 2027, date(2027, 3, 1), date(2027, 9, 1))
    assert "照片" in joined(resident.says("继续"))
    assert "谢谢您" in joined(resident.says("没有", "提交"))


def test_the_season_ends_while_somebody_writes(town: Town, resident: Person) -> None:
    resident.says("提建议", "要修路", "柳树湾", "没有")
    town.now = town.now.replace(month=12, day=31, hour=17)  # 1 January in China
    with town.store() as store:
        store.unit.write(conversations.update().values(heard_at=town.now))
    assert "现在不在征集期" in joined(resident.says("提交"))


def test_where_nobody_collects_it_is_kept_too(town: Town, resident: Person) -> None:
    with town.store() as store:
        store.unit.write(cycles.delete())
    town.reload()
    assert joined(resident.says("提建议", "要修路", "柳树湾")) == texts.NOBODY_COLLECTS.zh


def test_a_congress_that_closes_after_it_was_chosen_is_asked_about_anew(
    town: Town, place: Settlement, resident: Person
) -> None:
    with town.store() as store:
        county = second_congress(store, place)
    resident.says("提建议", "柳树湾要修路", "没有", "云川县人大")
    with town.store() as store:
        store.unit.write(cycles.delete().where(cycles.c.congress_id == county))
    town.reload()
    resident.says("提交")
    assert [label for _, label in resident.buttons()[-1:]] == ["1 柳河镇人大"]
    assert "报给：柳河镇人大" in joined(resident.says("1"))


def test_what_is_agreed_to_is_what_was_shown(town: Town, resident: Person) -> None:
    resident.says("提建议", "柳树湾要修路", "没有")
    with town.store() as store:
        store.unit.write(congresses.update().values(name="柳河镇人民代表大会"))
    town.reload()
    told = joined(resident.says("提交"))
    assert told.startswith("情况刚有变化")
    assert "报给：柳河镇人民代表大会" in told
    assert "谢谢您" in joined(resident.says("提交"))


# --- petitions and the like


@pytest.mark.parametrize(
    ("text", "office"),
    [
        ("有人打人要报警", "110"),
        ("法院判决不执行", "12368"),
        ("我要信访", "信访局"),
        ("老板拖欠工资", "12333"),
        ("离婚的事谁管", "12348"),
    ],
)
def test_what_belongs_elsewhere_is_told_the_right_office_and_may_be_proposed_all_the_same(
    resident: Person, text: str, office: str
) -> None:
    assert office in joined(resident.says(text))
    assert office in joined(resident.says("是", "柳树湾", "没有"))
    assert "谢谢您" in joined(resident.says("提交"))


def test_an_ordinary_wish_is_sent_to_no_other_office(resident: Person) -> None:
    assert joined(resident.says("村口要修路")) == texts.UNPROMPTED.zh


# --- from a code on a poster


def test_a_proposal_through_a_deputys_code_is_told_to_the_deputy(town: Town, place: Settlement, deputy: Person) -> None:
    resident = town.person("r1")
    assert "李强" in joined(resident.starts(f"d-{place.deputy_role}"))
    resident.says("要修路", "柳树湾", "没有", "提交")
    assert joined(deputy.reads()) == texts.came_by_your_code(1).zh


def test_a_cells_code_needs_no_place_and_back_asks_for_it_all_the_same(
    town: Town, place: Settlement, resident: Person
) -> None:
    told = joined(resident.starts(f"c-{place.bridge.id}"))
    assert "杨柳村 第二网格" in told
    assert "您想提什么建议" in told
    assert "照片" in joined(resident.says("要修路"))
    assert "在哪里" in joined(resident.says("返回"))
    assert "照片" in joined(resident.says("柳树湾"))
    resident.starts(f"c-{place.bridge.id}")
    resident.says("要修桥", "没有", "提交")
    found = proposal(town, 1)
    assert (found.cell_id, found.located_how) == (place.bridge.id, How.LINK)


@pytest.mark.parametrize("code", ["village", "station"])
def test_a_village_or_a_station_narrows_the_question(
    town: Town, place: Settlement, resident: Person, code: str
) -> None:
    resident.starts(f"c-{place.village.id}" if code == "village" else f"s-{place.station}")
    resident.says("要修路")
    assert resident.screen() == "杨柳村的哪里？也可以直接写地名。\n1 第一网格\n2 第二网格\n3 不清楚"
    assert "照片" in joined(resident.says("老桥头"))  # of this village, not of the other one
    resident.says("没有", "提交")
    assert proposal(town, 1).cell_id == place.bridge.id
