"""Whoever rewrites the message by which they made a report is offered to put the report right."""

from datetime import timedelta

import pytest

from handlers.messages import Kind
from handlers.texts import note_corrections as texts
from handlers.texts import proposals
from tests.conversing import Person, Town, joined
from tests.handlers.watching import begins, owes, report, watched
from tests.settlement import Settlement

SAID = "路基做好了"


@pytest.fixture
def number(town: Town, place: Settlement, deputy: Person) -> int:
    """A project of which 李强 has reported."""
    deputy.says("取消")
    number = watched(town, place)
    owes(town, place, number)
    begins(deputy, "按计划进行", "35")
    deputy.does(deputy.message(Kind.TEXT, text=SAID, key="said"))
    deputy.says("没有", "跳过", "没有问题", "满意", "提交")
    assert report(town, number).text == SAID
    return number


def edited(person: Person, text: str, key: str = "said") -> str:
    return joined(person.does(person.message(Kind.EDIT, text=text, edits=key)))


def test_the_rewritten_sentence_goes_into_the_report_once_it_is_agreed_to(
    town: Town, deputy: Person, number: int
) -> None:
    assert "路基做好了，路面没铺" in edited(deputy, "路基做好了，路面没铺")
    assert report(town, number).text == SAID
    assert texts.CORRECTED.zh in joined(deputy.says("是"))
    assert report(town, number).text == "路基做好了，路面没铺"


def test_who_did_not_mean_the_report_leaves_it_or_corrects_something_else(
    town: Town, deputy: Person, number: int
) -> None:
    edited(deputy, "别的话")
    assert "要改哪一项？" in joined(deputy.says("不是"))
    assert report(town, number).text == SAID


def test_the_reason_for_less_progress_stays_below(town: Town, place: Settlement, deputy: Person, number: int) -> None:
    owes(town, place, number, period="2026-10")
    begins(deputy, "按计划进行", "30", "冲坏了一段")
    deputy.does(deputy.message(Kind.TEXT, text="在修", key="again"))
    deputy.says("没有", "跳过", "没有问题", "满意", "提交")
    edited(deputy, "快修好了", "again")
    deputy.says("是")
    with town.store() as store:
        assert store.notes.of_project(number)[0].text == "快修好了\n进度变少的原因：冲坏了一段"


def test_another_rewritten_answer_asks_what_is_wrong(town: Town, place: Settlement, deputy: Person) -> None:
    deputy.says("取消")
    number = watched(town, place)
    owes(town, place, number)
    begins(deputy, "按计划进行")
    deputy.does(deputy.message(Kind.TEXT, text="35", key="figure"))
    deputy.says(SAID, "没有", "跳过", "没有问题", "满意", "提交")
    assert "要改哪一项？" in edited(deputy, "45", "figure")
    assert report(town, number).text == SAID


def test_in_the_middle_of_something_it_is_said_how_to_do_it_later(town: Town, deputy: Person, number: int) -> None:
    deputy.says("提建议")
    assert edited(deputy, "别的话") == texts.EDIT_NOTED_OPEN.zh
    assert report(town, number).text == SAID


def test_after_a_day_the_office_is_named(town: Town, deputy: Person, number: int) -> None:
    town.now += timedelta(hours=25)
    assert "24 小时以后不能自己改了" in edited(deputy, "别的话")
    assert report(town, number).text == SAID


def test_nobody_rewrites_anothers_report(town: Town, number: int) -> None:
    other = town.person("other")
    other.says("你好", "取消")
    assert edited(other, "我改") == proposals.EDIT_NOTED.zh
    assert report(town, number).text == SAID


def test_the_same_words_again_change_nothing(deputy: Person, number: int) -> None:
    assert number
    assert edited(deputy, SAID) == proposals.EDIT_NOTED.zh
