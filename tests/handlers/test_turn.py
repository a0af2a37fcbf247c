"""What is heard outside of any conversation, what is edited, and English."""

from datetime import timedelta

import pytest

from handlers.messages import Kind
from handlers.texts import everywhere
from handlers.texts import proposals as texts
from storage.links import Target
from tests.conversing import Person, Town, joined, last
from tests.settlement import Settlement

WHAT, WHERE, PHOTOS = texts.SUGGEST_WHAT.zh, texts.SUGGEST_WHERE.zh, texts.SUGGEST_PHOTOS.zh


# --- outside of any conversation


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("谢谢", everywhere.YOU_ARE_WELCOME.zh),
        ("好的", everywhere.ALL_RIGHT.zh),
        ("不用了", everywhere.ALL_RIGHT.zh),
        ("3", f"{everywhere.NOTHING_TO_CHOOSE.zh}\n{everywhere.MENU_OFFERED.zh}"),
        ("   ", everywhere.EMPTY.zh),
    ],
)
def test_what_begins_nothing_is_answered_kindly(anyone: Person, text: str, told: str) -> None:
    assert last(anyone.says(text)) == told


def test_a_greeting_brings_the_menu(anyone: Person) -> None:
    for _ in range(2):  # and again, once it is open
        told = last(anyone.says("您好\uff01"))
        assert "您好，这里是民声" in told
        assert "请回复数字" in told


def test_what_nobody_can_read_is_said_to_be_empty(resident: Person) -> None:
    assert last(resident.does(resident.message(Kind.UNKNOWN))) == everywhere.EMPTY.zh


def test_anything_else_is_the_start_of_a_suggestion_and_more_words_belong_to_it(anyone: Person) -> None:
    anyone.says("村口的路坏了", "下雨天没法走")
    assert everywhere.HELP_OFFERED.zh not in joined(anyone.says("老人摔过跤"))
    assert WHERE in last(anyone.says("是"))
    told = last(anyone.says("柳树湾", "没有"))
    assert "村口的路坏了 下雨天没法走 老人摔过跤" in told
    assert "谢谢您" in last(anyone.says("提交"))


def test_what_is_no_suggestion_is_kept_and_linked_to_what_it_speaks_of(
    town: Town, place: Settlement, resident: Person
) -> None:
    number = resident.suggests()
    assert last(resident.says(f"{number}号建议怎么样了", "柳树湾这边都等着呢", "不是")) == texts.KEPT.zh
    with town.store() as store:
        about = [row.text for row in store.links.messages_about(Target.PROPOSAL, number, 9)]
        here = [row.text for row in store.links.messages_in([place.willow.path], town.now - timedelta(days=1), 9)]
    assert f"{number}号建议怎么样了" in about
    assert "柳树湾这边都等着呢" in here


def test_a_location_out_of_the_blue_is_the_place_of_the_suggestion(anyone: Person) -> None:
    assert last(anyone.shares(30.005, 120.015)).startswith(texts.UNPROMPTED_FILE.zh)
    assert WHAT in last(anyone.says("是"))
    assert "杨柳村 第二网格" in last(anyone.says("要修路", "没有"))


def test_a_start_with_words_of_its_own_is_heard_as_words(resident: Person) -> None:
    told = resident.does(resident.message(Kind.START, text="村口要修路"))
    assert last(told).startswith(texts.UNPROMPTED.zh)


# --- edits


def edited(person: Person, key: str, text: str) -> list[str]:
    return person.does(person.message(Kind.EDIT, text=text, edits=key))


def test_an_edited_message_is_added_to_the_proposal_it_became(town: Town, resident: Person) -> None:
    resident.says("提建议")
    resident.does(resident.message(Kind.TEXT, text="柳树湾要修路", key="said"))
    resident.says("没有", "提交")
    assert "已补充到 1号建议" in last(edited(resident, "said", "柳树湾要修路，三百米"))
    assert "柳树湾要修路，三百米" in last(resident.says("我的建议"))
    assert town.faults == []


def test_an_edit_in_the_middle_leaves_the_question_open(resident: Person) -> None:
    resident.says("提建议")
    resident.does(resident.message(Kind.TEXT, text="村口要修路", key="said"))
    assert last(edited(resident, "said", "村口要修桥")) == texts.EDIT_NOTED_OPEN.zh
    assert PHOTOS in last(resident.says("柳树湾"))


def test_an_edit_of_nothing_in_particular_is_noted_and_an_empty_one_says_nothing(resident: Person) -> None:
    assert last(edited(resident, "unknown", "改过的话")) == texts.EDIT_NOTED.zh
    assert edited(resident, "unknown", "") == []


def test_nobody_edits_anothers_proposal(town: Town, resident: Person) -> None:
    other = town.person("other")
    resident.says("提建议")
    resident.does(resident.message(Kind.TEXT, text="柳树湾要修路", key="said"))
    resident.says("没有", "提交")
    other.says("取消")
    assert last(edited(other, "said", "我改")) == texts.EDIT_NOTED.zh
    assert "我改" not in last(resident.says("我的建议"))


# --- English


def test_everything_is_said_in_english_to_who_wants_it(town: Town) -> None:
    visitor = town.person("visitor")
    visitor.does(visitor.message(Kind.START, language="en"))
    told = [
        *visitor.says("suggest"),
        *visitor.says("mend the village road"),
        *visitor.says("back"),
        *visitor.says("help"),
    ]
    told += visitor.says("mend the road", "not sure")
    told += [*visitor.says("no"), *visitor.says("change"), *visitor.says("nothing"), *visitor.says("submit")]
    told += [*visitor.says("mine"), *visitor.says("menu"), *visitor.says("settings"), *visitor.says("cancel")]
    told += [label for _, label in visitor.buttons()]
    names = "柳河镇石桥镇柳河镇人大语言"
    assert [one for one in told if any("\u4e00" <= letter <= "\u9fff" and letter not in names for letter in one)] == []
