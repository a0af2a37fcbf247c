from datetime import timedelta

import pytest

from handlers.catalogue import ROUTES
from handlers.messages import Attachment, Kind
from handlers.questions import Choice, Text
from handlers.routes import Conversation, Routes, conversation
from handlers.talk import Option, Reply, Talk
from handlers.texts import everywhere, questions, titles
from handlers.texts import proposals as texts
from handlers.texts.phrase import Phrase
from handlers.turn import HELP_OFFERED_AFTER, IDLE_AFTER, SILENT_AFTER
from scheduler.jobs.expire_conversations import EXPIRE_CONVERSATIONS
from storage.arrivals import Arrivals
from storage.database import transaction
from storage.links import Target
from tests.conversing import Person, Town, joined
from tests.settlement import Settlement

WHAT, WHERE, PHOTOS = texts.SUGGEST_WHAT.zh, texts.SUGGEST_WHERE.zh, texts.SUGGEST_PHOTOS.zh
CHECK = "请核对"


@pytest.fixture(params=["tap", "plain"])
def anyone(request: pytest.FixtureRequest, town: Town) -> Person:
    """Somebody who has been told what we keep, on a channel with buttons and on one without."""
    person = town.person("anyone", request.param)
    person.says("取消")
    return person


def last(told: list[str]) -> str:
    assert len(told) == 1, told
    return told[0]


def seen(person: Person, *texts: str) -> str:
    """What is on the screen after saying these."""
    person.says(*texts)
    return person.screen()


# --- back, cancel, change


def test_back_takes_one_answer_back_at_a_time_and_leaves_at_the_first_question(anyone: Person) -> None:
    assert CHECK in last(anyone.says("提建议", "村口要修路", "柳树湾", "没有"))
    assert PHOTOS in last(anyone.says("返回"))
    assert WHERE in last(anyone.says("返回"))
    assert WHAT in last(anyone.says("上一步"))
    assert everywhere.CANCELLED.zh == last(anyone.says("返回"))


def test_back_inside_a_question_begins_that_question_anew(anyone: Person) -> None:
    top = last(anyone.says("提建议", "村口要修路"))
    assert "青石村" in seen(anyone, "柳河镇")
    assert "哪里" in last(anyone.says("大塘村"))
    assert last(anyone.says("返回")) == top
    assert WHAT in last(anyone.says("返回"))


def test_back_asks_even_for_what_had_been_known_without_asking(anyone: Person) -> None:
    assert PHOTOS in last(anyone.says("提建议", "柳树湾要修路"))
    assert WHERE in last(anyone.says("返回"))
    assert "杨柳村 第二网格" in seen(anyone, "老桥头")


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
    assert "3 大塘村 第二网格" in seen(anyone, "提建议", "修路", "第二网格")
    assert PHOTOS in last(anyone.says("青石村"))
    assert "请回复 1 到" in last(anyone.says("取消", "设置", "我的"))  # cell or data?
    assert "中文" in seen(anyone, "语言")


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
    assert "1 提建议（9月1日）" in seen(anyone, "继续")
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
    assert last(anyone.says("你好")).startswith("请回复 1 到")


@pytest.mark.parametrize("word", ["取消", "返回", "修改"])
def test_a_command_for_what_is_open_is_no_suggestion_when_nothing_is(anyone: Person, word: str) -> None:
    assert last(anyone.says(word)) == f"{everywhere.NOTHING_OPEN.zh}\n{everywhere.MENU_OFFERED.zh}"


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


# --- versions


@conversation("survey", starts=("问卷",), draft=Phrase("问卷"))
def survey(talk: Talk) -> Reply:
    name = talk.ask("name", Text(), Phrase("姓名？"))
    colour = talk.ask("which", Choice([Option("r", Phrase("红")), Option("g", Phrase("绿"))]), Phrase("颜色？"))
    return Reply(Phrase(f"{name}{colour}"))


def _newer() -> Conversation:
    return Conversation("survey", survey.script, 2, ("问卷",), None, survey.allowed, survey.draft, gives_way=False)


def deployed(town: Town, *extra: Conversation) -> Town:
    """The same town after a deploy: with these conversations too."""
    return Town(town.engine, town.now, Routes([*ROUTES.conversations, *extra]), count=town.count)


def moved(person: Person, town: Town) -> Person:
    return Person(town, person.account, person.channel, person.heard)


def test_an_open_conversation_of_another_version_becomes_a_draft_that_goes_on(town: Town, resident: Person) -> None:
    old = moved(resident, deployed(town, survey))
    old.says("问卷", "王芳")
    new = moved(old, deployed(old.town, _newer()))
    assert last(new.says("1")) == everywhere.CONVERSATION_CHANGED.zh
    assert "颜色" in last(new.says("继续"))
    assert last(new.says("绿")) == "王芳g"


def test_commands_are_heard_after_a_deploy_too(town: Town, resident: Person) -> None:
    old = moved(resident, deployed(town, survey))
    old.says("问卷", "王芳")
    told = last(moved(old, deployed(old.town, _newer())).says("菜单"))
    assert told.startswith(everywhere.CONVERSATION_CHANGED.zh)
    assert "请回复数字" in told


def test_words_to_a_conversation_of_another_version_that_held_nothing_yet_are_not_lost(
    town: Town, resident: Person
) -> None:
    old = moved(resident, deployed(town, survey))
    old.says("问卷")
    new = moved(old, deployed(old.town, _newer()))
    assert last(new.says("村口要修路")).startswith(texts.UNPROMPTED.zh)


def test_a_conversation_that_is_no_longer_offered_is_said_to_be_gone(town: Town, resident: Person) -> None:
    old = moved(resident, deployed(town, survey))
    old.says("问卷", "王芳")
    new = moved(old, deployed(old.town))
    assert last(new.says("1")) == everywhere.CONVERSATION_CHANGED.zh
    assert last(new.says("继续")) == everywhere.CONVERSATION_GONE.zh


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


# --- prompts


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


# --- files


def album(person: Person, count: int, group: str = "g", text: str = "") -> list[str]:
    return [one for at in range(count) for one in person.shows(group, text if at == 0 else "")]


def test_an_album_gets_one_reply_and_its_button_still_works(resident: Person) -> None:
    resident.says("提建议", "村口要修路", "柳树湾")
    assert album(resident, 4) == [questions.photos_received(1).zh]
    assert "照片：4 张" in last(resident.taps("好了"))


def test_photos_one_by_one_are_each_answered(anyone: Person) -> None:
    anyone.says("提建议", "村口要修路", "柳树湾")
    assert questions.photos_received(1).zh in last(anyone.shows())
    assert questions.photos_received(2).zh in last(anyone.shows())
    assert "照片：2 张" in last(anyone.says("好了"))


@pytest.mark.parametrize("word", ["没有了", "好的", "1", "好了", "没了"])
def test_no_more_photos_in_any_words(anyone: Person, word: str) -> None:
    anyone.says("提建议", "村口要修路", "柳树湾")
    anyone.shows()
    assert "照片：1 张" in last(anyone.says(word))


def test_a_yes_before_any_photo_came_does_not_mean_none(anyone: Person) -> None:
    anyone.says("提建议", "村口要修路", "柳树湾")
    assert questions.PHOTO_WANTED.zh in last(anyone.says("好的"))
    assert "照片：0 张" in last(anyone.says("没有"))


def test_an_album_beyond_nine_is_kept_whole_and_goes_on_silently(resident: Person) -> None:
    resident.says("提建议", "村口要修路", "柳树湾")
    told = album(resident, 12)
    assert len(told) == 2
    assert "照片：9 张" in told[1]
    resident.says("提交")
    with resident.town.store() as store:
        assert len(store.links.files_about(Target.PROPOSAL, 1)) == 12


def test_an_album_where_no_photo_is_asked_for_gets_one_reply_and_is_kept(resident: Person) -> None:
    resident.says("提建议")
    assert album(resident, 3) == [f"{questions.WORDS_WANTED.zh}\n{WHAT}"]
    assert questions.photos_received(3).zh in last(resident.says("柳树湾要修路"))


def test_a_photo_with_words_is_a_suggestion_with_a_photo(resident: Person) -> None:
    assert album(resident, 3, text="柳树湾路灯坏了") == [texts.UNPROMPTED.zh]
    assert questions.photos_received(3).zh in last(resident.says("是"))
    summary = last(resident.says("好了"))
    assert "照片：3 张" in summary
    assert "路灯坏了" in summary


def test_a_voice_message_is_an_answer_in_words(anyone: Person) -> None:
    anyone.says("提建议")
    assert WHERE in last(anyone.speaks())
    assert questions.VOICE.zh in last(anyone.says("柳树湾", "没有"))


def test_a_voice_message_out_of_the_blue_is_a_suggestion(anyone: Person) -> None:
    assert last(anyone.speaks()).startswith(texts.UNPROMPTED_FILE.zh)
    assert WHERE in last(anyone.says("是"))


def test_a_photo_at_a_question_for_a_place_is_told_what_is_wanted_and_counts_as_a_photo(anyone: Person) -> None:
    anyone.says("提建议", "村口要修路")
    assert questions.PLACE_WANTED.zh in last(anyone.shows())
    assert questions.photos_received(1).zh in last(anyone.says("柳树湾"))


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
    told = last(anyone.says("您好\uff01"))
    assert "这里是民声" in told
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


# --- what scripts may not do


@conversation("hasty", starts=("抢先",))
def hasty(talk: Talk) -> Reply:
    talk.store.people.add("too early")
    talk.ask("name", Text(), Phrase("姓名？"))
    return Reply(Phrase("好"))


def test_a_script_that_writes_before_its_last_answer_is_a_fault(town: Town, resident: Person) -> None:
    broken = moved(resident, deployed(town, hasty))
    broken.town.hand_in(broken.message(Kind.TEXT, text="抢先"))
    assert broken.town.faults[0].startswith("ScriptFault")


# --- English, and channels without buttons


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


def test_a_document_counts_as_a_photo_where_photos_are_asked_for(resident: Person) -> None:
    resident.says("提建议", "村口要修路", "柳树湾")
    picture = Attachment(Kind.DOCUMENT, "d1", "路.jpg", "image/jpeg")
    told = resident.does(resident.message(Kind.DOCUMENT, attachments=(picture,)))
    assert questions.photos_received(1).zh in last(told)
