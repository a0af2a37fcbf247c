"""Conversations that we begin: they wait for who is busy."""

from datetime import timedelta

from handlers.texts import everywhere
from handlers.texts import proposals as texts
from handlers.turn import IDLE_AFTER
from storage.database import transaction
from tests.conversing import Person, Town, joined, last
from tests.settlement import Settlement

WHERE = texts.SUGGEST_WHERE.zh


def wanted(town: Town, place: Settlement, words: str) -> None:
    with town.store() as store:
        store.conversations.prompt(place.staff, "help_wanted", {"person": 1, "words": words, "telephone": ""})


def begin_prompts(town: Town) -> None:
    with transaction(town.engine) as unit:
        town.dispatcher.begin_prompts(unit, [1, 2, 3])


def test_a_prompt_waits_until_the_open_conversation_is_over_and_steals_no_number(
    town: Town, place: Settlement, staff: Person
) -> None:
    staff.says("提建议", "村口要修路", "柳树湾", "没有")
    wanted(town, place, "我看不懂")
    begin_prompts(town)
    assert staff.reads() == []
    told = staff.says("1")
    assert "谢谢您" in told[0]
    assert "我看不懂" in told[1]


def test_a_prompt_begins_at_once_with_somebody_who_is_free(town: Town, place: Settlement, staff: Person) -> None:
    staff.says("谢谢")
    wanted(town, place, "我看不懂")
    begin_prompts(town)
    assert "我看不懂" in last(staff.reads())


def test_a_prompt_begins_when_its_person_has_left_the_menu_by_a_word(
    town: Town, place: Settlement, staff: Person
) -> None:
    staff.says("菜单")
    wanted(town, place, "我看不懂")
    begin_prompts(town)
    assert staff.reads() == []
    thanks, prompt = staff.says("谢谢")
    assert thanks == everywhere.YOU_ARE_WELCOME.zh
    assert "我看不懂" in prompt


def test_a_prompt_begins_when_its_person_left_the_conversation_idle_and_that_is_kept(
    town: Town, place: Settlement, staff: Person
) -> None:
    staff.says("提建议", "村口要修路")
    wanted(town, place, "我看不懂")
    town.passes(seconds=(IDLE_AFTER - timedelta(seconds=1)).total_seconds())
    begin_prompts(town)
    assert staff.reads() == []
    town.passes(seconds=1)
    begin_prompts(town)
    told = last(staff.reads())
    assert told.startswith(everywhere.SET_ASIDE.zh)
    assert "我看不懂" in told
    staff.says("您好，请打电话来")
    assert WHERE in last(staff.says("继续"))


def test_prompts_begin_one_after_another(town: Town, place: Settlement, staff: Person) -> None:
    wanted(town, place, "第一件")
    wanted(town, place, "第二件")
    begin_prompts(town)
    begin_prompts(town)
    assert "第一件" in last(staff.reads())
    assert "第二件" in joined(staff.says("知道了，马上办"))


def test_a_prompt_that_is_set_aside_is_not_lost(town: Town, place: Settlement, staff: Person) -> None:
    staff.says("谢谢")
    wanted(town, place, "我看不懂")
    begin_prompts(town)
    assert everywhere.SET_ASIDE.zh in last(staff.says("菜单"))
    assert "我看不懂" in last(staff.says("继续"))
