"""Commands: one answer back, everything dropped, one answer changed, and what works anywhere."""

import pytest

from handlers.texts import everywhere
from handlers.texts import proposals as texts
from storage.arrivals import Arrivals
from tests.conversing import Person, Town, last

WHAT, WHERE, PHOTOS = texts.SUGGEST_WHAT.zh, texts.SUGGEST_WHERE.zh, texts.SUGGEST_PHOTOS.zh
CHECK = "请核对"


# --- back, cancel, change


def test_back_takes_one_answer_back_at_a_time_and_leaves_at_the_first_question(anyone: Person) -> None:
    assert CHECK in last(anyone.says("提建议", "村口要修路", "柳树湾", "没有"))
    assert PHOTOS in last(anyone.says("返回"))
    assert WHERE in last(anyone.says("返回"))
    assert WHAT in last(anyone.says("上一步"))
    assert everywhere.CANCELLED.zh == last(anyone.says("返回"))


def test_back_inside_a_question_begins_that_question_anew(anyone: Person) -> None:
    top = last(anyone.says("提建议", "村口要修路"))
    assert "青石村" in anyone.sees("柳河镇")
    assert "哪里" in last(anyone.says("大塘村"))
    assert last(anyone.says("返回")) == top
    assert WHAT in last(anyone.says("返回"))


def test_back_asks_even_for_what_had_been_known_without_asking(anyone: Person) -> None:
    assert PHOTOS in last(anyone.says("提建议", "柳树湾要修路"))
    assert WHERE in last(anyone.says("返回"))
    assert "杨柳村 第二网格" in anyone.sees("老桥头")


def test_cancel_drops_everything(anyone: Person) -> None:
    assert last(anyone.says("提建议", "村口要修路", "取消")) == everywhere.CANCELLED.zh
    assert "没有没写完的" in last(anyone.says("继续"))


def test_change_asks_for_one_answer_and_keeps_the_others(anyone: Person) -> None:
    anyone.says("提建议", "村口要修路", "柳树湾", "没有")
    asked = last(anyone.says("修改"))
    assert "要改哪一项" in asked
    assert WHERE in last(anyone.says("地点"))
    summary = last(anyone.says("磨坊"))
    assert "村口要修路" in summary
    assert "青石村 第一网格" in summary


def test_change_may_be_thought_better_of(anyone: Person) -> None:
    summary = last(anyone.says("提建议", "村口要修路", "柳树湾", "没有"))
    assert last(anyone.says("修改", "不改了")) == summary
    assert last(anyone.says("修改", "返回")) == summary
    assert "请回复 1 到" in last(anyone.says("修改", "随便"))


def test_change_with_nothing_to_change_repeats_the_question(anyone: Person) -> None:
    assert last(anyone.says("提建议", "修改")) == WHAT


@pytest.mark.parametrize("word", ["不对", "不是", "错了"])
def test_who_says_that_the_summary_is_wrong_is_asked_what_to_change(anyone: Person, word: str) -> None:
    anyone.says("提建议", "村口要修路", "柳树湾", "没有")
    assert "要改哪一项" in last(anyone.says(word))


@pytest.mark.parametrize("word", ["是", "好的", "对", "可以", "提交", "1", "\uff11", "一", "1 提交", "①"])
def test_every_kind_of_yes_submits(anyone: Person, word: str) -> None:
    anyone.says("提建议", "村口要修路", "柳树湾", "没有")
    assert "谢谢您" in last(anyone.says(word))


def test_an_option_may_be_called_by_a_part_of_its_name_that_no_other_has(anyone: Person) -> None:
    assert "3 大塘村 第二网格" in anyone.sees("提建议", "修路", "第二网格")
    assert PHOTOS in last(anyone.says("青石村"))
    assert "请回复 1 到" in last(anyone.says("取消", "设置", "我的"))  # cell or data?
    assert "中文" in anyone.sees("语言")


# --- commands that work anywhere


def test_help_says_what_to_do_and_repeats_the_open_question(anyone: Person) -> None:
    assert last(anyone.says("帮助")) == everywhere.HELP.zh
    told = last(anyone.says("提建议", "帮助\uff01"))
    assert everywhere.HELP.zh in told
    assert WHAT in told


def test_another_conversation_sets_the_open_one_aside_and_it_is_taken_up_where_it_was(anyone: Person) -> None:
    anyone.says("提建议", "村口要修路", "柳树湾")
    told = last(anyone.says("菜单"))
    assert everywhere.SET_ASIDE.zh in told
    assert PHOTOS in last(anyone.says("继续"))
    assert WHERE in last(anyone.says("返回"))
    assert CHECK in last(anyone.says("磨坊", "没有"))
    assert "没有没写完的" in last(anyone.says("取消", "继续"))


def test_what_holds_nothing_worth_keeping_is_not_kept(anyone: Person) -> None:
    for begun in ("提建议", "设置", "菜单"):
        assert everywhere.SET_ASIDE.zh not in last(anyone.says(begun, "菜单"))
    assert "没有没写完的" in last(anyone.says("取消", "继续"))


def test_several_drafts_are_a_list(anyone: Person) -> None:
    anyone.says("提建议", "村口要修路", "提建议", "桥上装路灯", "菜单")
    assert "1 提建议（9月1日）" in anyone.sees("继续")
    assert WHERE in last(anyone.says("2"))
    assert "村口要修路" in last(anyone.says("柳树湾", "没有"))
    anyone.says("取消")
    assert WHERE in last(anyone.says("继续"))


def test_all_drafts_may_be_dropped(anyone: Person) -> None:
    anyone.says("提建议", "村口要修路", "提建议", "桥上装路灯", "菜单", "继续")
    assert "已清除" in last(anyone.says("都不要了"))
    assert "没有没写完的" in last(anyone.says("继续"))


def test_a_draft_that_is_gone_by_the_time_it_is_chosen_is_said_to_be(town: Town, anyone: Person) -> None:
    anyone.says("提建议", "村口要修路", "提建议", "桥上装路灯", "提建议", "加一条", "菜单", "继续")
    with town.store() as store:
        (guest,) = Arrivals(store.unit, town.now).guests([(anyone.channel, anyone.account)]).values()
        store.conversations.drop_draft(store.conversations.drafts(guest.person.id)[0].id)
    assert "已经不在了" in last(anyone.says("1"))


def test_go_on_in_the_middle_of_something_repeats_the_question(anyone: Person) -> None:
    assert last(anyone.says("提建议", "继续")) == WHAT
