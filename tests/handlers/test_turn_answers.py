"""Answers that do not fit, taps on what is no longer open, and time that goes by."""

import pytest

from handlers.messages import Kind
from handlers.texts import everywhere, titles
from handlers.texts import proposals as texts
from handlers.turn import HELP_OFFERED_AFTER, SILENT_AFTER
from scheduler.jobs.expire_conversations import EXPIRE_CONVERSATIONS
from storage.database import transaction
from tests.conversing import Person, Town, joined, last

WHAT, WHERE, PHOTOS = texts.SUGGEST_WHAT.zh, texts.SUGGEST_WHERE.zh, texts.SUGGEST_PHOTOS.zh


# --- answers that do not fit


def test_after_three_misfits_help_is_offered_and_after_many_we_fall_silent(anyone: Person) -> None:
    anyone.says("提建议", "村口要修路", "柳树湾", "没有")
    told = [joined(anyone.says("哎呀")) for _ in range(SILENT_AFTER + 2)]
    offered = [everywhere.HELP_OFFERED.zh in one for one in told]
    assert offered == [(at + 1) % HELP_OFFERED_AFTER == 0 and at + 1 < SILENT_AFTER for at in range(SILENT_AFTER + 2)]
    assert told[SILENT_AFTER - 1] == everywhere.SILENT_FROM_HERE.zh
    assert told[SILENT_AFTER:] == ["", ""]
    assert "谢谢您" in last(anyone.says("1"))


def test_an_answer_that_fits_forgives_the_misfits_before(anyone: Person) -> None:
    anyone.says("提建议", "村口要修路", "哎呀", "哎呀", "柳树湾")
    assert everywhere.HELP_OFFERED.zh not in joined(anyone.says("哎呀", "哎呀"))


def test_a_number_beyond_the_list_is_told_its_range(anyone: Person) -> None:
    anyone.says("提建议", "村口要修路", "柳树湾", "没有")
    assert last(anyone.says("7")).startswith(titles.choose_one(3).zh)


def test_words_at_the_menu_are_not_refused(anyone: Person) -> None:
    anyone.says("菜单")
    assert last(anyone.says("村口要修路")).startswith(texts.UNPROMPTED.zh)
    anyone.says("取消", "菜单")
    assert last(anyone.says("99")).startswith("请回复 1 到")
    assert "这里是民声" in last(anyone.says("你好"))


@pytest.mark.parametrize("word", ["取消", "返回", "修改"])
def test_a_command_for_what_is_open_is_no_suggestion_when_nothing_is(anyone: Person, word: str) -> None:
    assert last(anyone.says(word)) == f"{everywhere.NOTHING_OPEN.zh}\n{everywhere.MENU_OFFERED.zh}"


# --- taps


def test_a_tap_on_an_older_question_is_told_and_the_open_one_shown_again(resident: Person) -> None:
    resident.says("提建议", "村口要修路")
    old = resident.button("石桥镇")
    resident.says("柳树湾")
    told = last(resident.does(resident.message(Kind.CHOICE, choice=old)))
    assert told.startswith(everywhere.LATE_TAP.zh)
    assert PHOTOS in told


def test_a_tap_when_nothing_is_open_is_told_what_to_do(resident: Person) -> None:
    resident.says("菜单")
    old = resident.button("提建议")
    resident.says("取消")
    told = last(resident.does(resident.message(Kind.CHOICE, choice=old)))
    assert told == f"{everywhere.LATE_TAP.zh}\n{everywhere.MENU_OFFERED.zh}"


@pytest.mark.parametrize("choice", ["", "x", ".", "1-0.", "1-0.99", "-1", "1-0.\u0663", "\u4e2d.0"])
def test_a_tap_on_nothing_of_ours_is_a_late_tap(resident: Person, choice: str) -> None:
    resident.says("菜单")
    assert everywhere.LATE_TAP.zh in last(resident.does(resident.message(Kind.CHOICE, choice=choice)))


def test_a_tap_on_somebody_elses_button_is_a_late_tap(town: Town, resident: Person) -> None:
    other = town.person("other")
    other.says("取消", "菜单")
    resident.says("菜单")
    told = resident.does(resident.message(Kind.CHOICE, choice=other.button("提建议")))
    assert everywhere.LATE_TAP.zh in last(told)


def test_of_two_taps_at_once_the_first_counts(resident: Person) -> None:
    resident.says("菜单")
    first, second = resident.button("提建议"), resident.button("设置")
    assert WHAT in last(resident.does(resident.message(Kind.CHOICE, choice=first)))
    told = last(resident.does(resident.message(Kind.CHOICE, choice=second)))
    assert told == f"{everywhere.LATE_TAP.zh}\n{WHAT}"


def test_a_repeated_question_is_answered_by_its_older_buttons_too(resident: Person) -> None:
    resident.says("菜单")
    old = resident.button("提建议")
    resident.says("99")
    assert WHAT in last(resident.does(resident.message(Kind.CHOICE, choice=old)))


# --- politeness


@pytest.mark.parametrize("word", ["谢谢", "您好", "thanks", "hello"])
def test_a_polite_word_on_a_list_is_no_misunderstanding_however_often(resident: Person, word: str) -> None:
    resident.says("提建议", "村口要修路")
    for _ in range(4):
        told = last(resident.says(word))
        assert WHERE in told
        assert everywhere.HELP_OFFERED.zh not in told
        assert told.startswith(everywhere.YOU_ARE_WELCOME.zh) is (word in ("谢谢", "thanks"))


# --- time


def test_after_three_days_an_open_conversation_is_a_draft(town: Town, anyone: Person) -> None:
    anyone.says("提建议", "村口要修路")
    town.passes(days=3)
    told = last(anyone.says("1"))
    assert everywhere.SET_ASIDE.zh in told
    assert everywhere.NOTHING_TO_CHOOSE.zh in told
    assert WHERE in last(anyone.says("继续"))


def test_a_moment_before_it_is_still_open(town: Town, anyone: Person) -> None:
    anyone.says("提建议", "村口要修路")
    town.passes(days=3, seconds=-2)
    assert PHOTOS in last(anyone.says("柳树湾"))


def test_the_job_closes_what_nobody_went_on_with_and_keeps_what_is_worth_it(town: Town, anyone: Person) -> None:
    idle = town.person("idle")
    idle.says("取消", "菜单")
    anyone.says("提建议", "村口要修路")
    town.passes(days=4)
    with transaction(town.engine) as unit:
        assert EXPIRE_CONVERSATIONS.step(unit, town.now) is False
    assert everywhere.RESUME_OR_MENU.zh in last(anyone.says("1"))
    assert everywhere.MENU_OFFERED.zh in last(idle.says("1"))
    assert "没有没写完的" in last(idle.says("继续"))
