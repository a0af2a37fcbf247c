"""Writing an announcement in chat."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import update

from handlers.messages import Capabilities
from handlers.texts import announcements_audience as audience_texts
from handlers.texts import announcements_writing as texts
from handlers.texts.access import NOT_FOR_YOU
from handlers.texts.phrase import Phrase
from handlers.texts.questions import WORDS_WANTED
from storage.domain.announcements import TEXT_LIMIT, Kind, State
from storage.domain.audience import Audience, Groups
from storage.domain.roles import Role
from storage.outbox_states import AWAITS_CONTACT
from storage.tables import accounts
from tests.conversing import BUTTONS, CAPABILITIES, TEXT_ONLY, Town, joined, last
from tests.handlers.announced import (
    AT_ONCE,
    EVERYBODY,
    PLAIN,
    Office,
    arrive,
    identity,
    lives,
    office_of,
    refuse,
    rules,
)
from tests.settlement import Settlement
from tests.supervised import CHINA


@pytest.fixture
def office(town: Town, place: Settlement) -> Office:
    return office_of(town, place)


def test_only_staff_write_announcements(town: Town, office: Office) -> None:
    assert joined(town.person("deputy").says("取消", "发公告")) == NOT_FOR_YOU.zh
    assert joined(office.chair.says("发公告")) == NOT_FOR_YOU.zh


def test_what_was_written_is_kept_as_a_draft_and_shown_as_readers_will_see_it(office: Office) -> None:
    office.writes(
        words=("其他通知", "停水通知", "{姓名}您好，**周三** <b>停水</b>。", "不要附件", "不要链接", "我要提建议")
    )
    told = [text for text, _ in office.staff.told_lately(5)]
    plain, buttons = told[1], told[3]
    assert told[0] == "↓ 在plain这样显示："
    assert told[2] == "↓ 在tap、网页聊天这样显示："
    for seen in (buttons, plain):
        assert "王芳您好，**周三** <b>停水</b>。" in seen  # as it was typed
    assert "回复“公告1”" in plain
    assert "回复“公告1”" not in buttons
    assert [label for _, label in office.staff.told_lately(2)[0][1] or ()] == ["阅读全文", "我要提建议"]
    one = office.get()
    assert one.state is State.DRAFT
    assert one.content.text == "{姓名}您好，**周三** <b>停水</b>。"
    assert one.content.audience == Audience(everybody=True)
    assert (one.content.kind, one.content.button, one.content.send_at) == (Kind.OTHER, "suggest", None)


def test_a_preview_has_each_channel_that_is_set_up_as_it_shows_there(town: Town, place: Settlement) -> None:
    wechat = Capabilities(buttons=False, text_limit=600, limit_in_bytes=True, pushes=False)
    shows = {"tap": BUTTONS, "telegram": BUTTONS, "wechat": wechat}
    office = office_of(Town(town.engine, channels=["tap", "wechat"], capabilities=shows), place)
    office.writes(words=("其他通知", "停水通知", "周三停水。" * 60, "不要附件", "不要链接", "身边项目"))
    told = [text for text, _ in office.staff.told_lately(5)][:-1]
    assert told[0] == "↓ 在tap这样显示："
    assert "周三停水。" * 60 in told[1]
    assert told[2] == "↓ 在微信公众号这样显示（对方下次发消息时收到）："
    assert 500 < len(told[3].encode()) <= 600
    assert told[3].endswith("……\n—— 柳河镇人大\n回复“公告1”阅读全文、办理。")
    office.staff.says("修改", "发给谁", "重新选", "全体", "只发某个渠道", "tap", "选好了", "提交")
    assert "↓ 在微信" not in joined(text for text, _ in office.staff.told_lately(3))


def test_a_preview_has_what_goes_by_one_call_to_many(town: Town, place: Settlement) -> None:
    wechat = replace(BUTTONS, text_limit=2048, limit_in_bytes=True, windows=True, masses=True)
    office = office_of(
        Town(town.engine, channels=["tap", "wechat"], capabilities={"tap": BUTTONS, "wechat": wechat}), place
    )
    office.writes(words=(*PLAIN[:5], "身边项目"))
    heads = [text for text, _ in office.staff.told_lately(5) if text.startswith("↓")]
    assert heads == ["↓ 在tap、微信公众号这样显示：", "↓ 在微信公众号群发时这样显示："]
    text, choices = office.staff.told_lately(2)[0]
    assert text.startswith("【停水通知】\n周三停水。\n—— 柳河镇人大")
    assert choices is None
    office.writes(words=(*PLAIN[:2], "{姓名}，周三停水。", *PLAIN[3:]))  # so it cannot say the same to all
    assert "群发" not in joined(text for text, _ in office.staff.told_lately(3))


def test_its_card_says_how_many_of_everybody_have_no_cell(office: Office) -> None:
    assert "其中 5 人还没有登记网格，也算在内。" in office.writes()
    lives(office.town, office.town.person("zhang"))
    assert "其中 5 人还没有登记网格，也算在内。" in office.writes()
    assert "还没有登记网格" not in office.writes("按身份", "人大代表", "选好了")


def test_its_card_says_how_many_it_is_for_and_who_for_instance(office: Office) -> None:
    card = office.writes("按身份", "人大代表", "选好了")
    assert "发给：全部人大代表" in card
    assert "共 1 人，现在能送到 1 人：tap 1 人" in card
    assert "例如：李强（没登记网格，tap）" in card
    assert "13900000000" not in card


def test_its_card_says_who_gets_it_only_when_they_write(town: Town, place: Settlement) -> None:
    mute = replace(TEXT_ONLY, pushes=False)
    office = office_of(Town(town.engine, capabilities={**CAPABILITIES, "mute": mute}), place)
    with town.store() as store:
        mine = accounts.c.external_id == "deputy"
        away = {"unreachable_reason": AWAITS_CONTACT, "unreachable_since": town.now}
        store.unit.write(update(accounts).where(mine).values(channel="mute", **away))
    assert "\n共 1 人：mute 1 人（下次来信时收到）\n" in office.writes("按身份", "人大代表", "选好了")


def test_what_the_store_knows_of_a_kind_may_be_taken(office: Office) -> None:
    shown = office.staff.sees("发公告", "征集公告")
    assert "柳河镇人大征集2026年" in shown
    office.staff.says("就用这个")
    assert "7月1日" in office.staff.screen()
    words = ("就用这个", "不要附件", "不要链接", "我要提建议")
    office.staff.says(*words, *EVERYBODY, *AT_ONCE, "提交")
    assert office.get().content.title.startswith("柳河镇人大征集2026年")


def test_a_text_with_gaps_is_not_taken_as_it_is(office: Office) -> None:
    shown = office.staff.sees("发公告", "候选项目公示", "候选项目")
    assert "〔……〕" in shown
    assert "1 " not in shown.splitlines()[-1]
    assert last(office.staff.says("项目〔……〕")).startswith(texts.GAPS_LEFT.zh)


# --- what does not fit


@pytest.mark.parametrize("channel", ["tap", "plain"])
def test_a_text_that_is_too_long_is_answered_with_one_sentence_and_nothing_is_lost(
    town: Town, place: Settlement, office: Office, channel: str
) -> None:
    staff = office.staff
    if channel == "plain":
        town.passes(minutes=1)
        with town.store() as store:
            store.people.add_account(place.staff, "plain", "wang", "wang")
        staff = town.person("wang", "plain")
    staff.says("发公告", "其他通知", "停水通知")
    assert joined(staff.says("字" * 10_000)).startswith(texts.too_long(TEXT_LIMIT, 10_000).zh)
    staff.says("周三停水。", "不要附件", "不要链接", "不要按钮", *EVERYBODY, *AT_ONCE, "提交")
    assert office.get().content.title == "停水通知"


def test_variables_that_do_not_exist_are_named_with_those_that_do(office: Office) -> None:
    told = last(office.staff.says("发公告", "其他通知", "停水通知", "{电话}和{姓名}，周三停水"))
    assert told.startswith("没有 {电话}，只能用 {姓名}、{网格}、{代表}。")


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "data:text/html,x", "http://a b.cn", "www.example.cn", "https://x.cn/" + "a" * 400]
)
def test_a_link_that_must_not_be_shown_is_refused(office: Office, link: str) -> None:
    told = last(office.staff.says("发公告", *PLAIN[:4], link))
    assert told.startswith(texts.LINK_WRONG.zh)


def test_a_title_stands_on_one_line_and_is_short(office: Office) -> None:
    assert texts.too_long(60, 61).zh in last(office.staff.says("发公告", "其他通知", "题" * 61))
    office.staff.says("停水\n通知", *PLAIN[2:], *EVERYBODY, *AT_ONCE, "提交")
    assert office.get().content.title == "停水 通知"


def test_a_number_alone_is_no_title_and_no_text(office: Office) -> None:
    assert last(office.staff.says("发公告", "票决结果", "1")).startswith(WORDS_WANTED.zh)
    assert last(office.staff.says("票决结果", "1")).startswith(WORDS_WANTED.zh)


def test_that_all_are_chosen_before_anybody_is_says_so(office: Office) -> None:
    assert last(office.staff.says("发公告", *PLAIN, "选好了")).startswith(audience_texts.NOBODY_NAMED.zh)


def test_a_place_that_nobody_knows_is_told_so_wherever_it_is_written(office: Office) -> None:
    assert last(office.staff.says("发公告", *PLAIN, "桃花源")).startswith(audience_texts.PLACE_UNKNOWN.zh)
    assert last(office.staff.says("按区域、网格", "桃花源")).startswith(audience_texts.PLACE_UNKNOWN.zh)


# --- files


def test_files_are_taken_when_they_have_arrived_and_the_first_goes_along(town: Town, office: Office) -> None:
    office.staff.says("发公告", *PLAIN[:3])
    office.staff.shows()
    assert texts.files_received(0, 1).zh in last(office.staff.says("好了"))
    arrive(town)
    office.staff.says("好了", "不要链接", "不要按钮", *EVERYBODY, *AT_ONCE, "提交")
    ((_, name, media_type),) = office.get().content.files
    assert (name, media_type) == ("停水范围.jpg", "image/jpeg")
    assert "附件：停水范围.jpg" in office.staff.screen()


def test_a_file_that_was_refused_does_not_go_along(town: Town, office: Office) -> None:
    office.staff.says("发公告", *PLAIN[:3])
    office.staff.shows()
    refuse(town, "too_large")
    office.staff.says("好了", "不要链接", "不要按钮", *EVERYBODY, *AT_ONCE, "提交")
    assert office.get().content.files == ()


def test_of_too_many_files_the_first_nine_are_taken_or_all_are_sent_anew(town: Town, office: Office) -> None:
    office.staff.says("发公告", *PLAIN[:3])
    for _ in range(10):
        office.staff.shows()
    arrive(town)
    office.staff.shows()
    assert "还有 1 个在接收" in office.staff.screen()
    arrive(town)
    office.staff.says("都不要，重新发")
    for _ in range(10):
        office.staff.shows()
    arrive(town)
    office.staff.says("好了", "不要链接", "不要按钮", *EVERYBODY, *AT_ONCE, "提交")
    assert len(office.get().content.files) == 9


# --- when


def _written_at(office: Office, *when: str) -> datetime | None:
    office.staff.says("发公告", *PLAIN, *EVERYBODY, *when, "上公告榜", "提交")
    return office.get().content.send_at


@pytest.mark.parametrize(
    "when", [("9月3日上午9点",), ("9月3日", "9点"), ("9月3日", "1"), ("2026-09-03 9:00",), ("周四 9:00",)]
)
def test_a_day_and_an_hour_are_understood_as_people_write_them(office: Office, when: tuple[str, ...]) -> None:
    assert _written_at(office, *when) == datetime(2026, 9, 3, 9, tzinfo=CHINA)


@pytest.mark.parametrize(
    ("when", "day", "hour"),
    [
        ("今晚8点", 1, 20),
        ("今天晚上8点", 1, 20),
        ("明早8点整", 2, 8),
        ("9月3日中午12点", 3, 12),
        ("9月3日中午1点", 3, 13),
        ("9月3日傍晚6点", 3, 18),
        ("9月3日晚上12点", 4, 0),
    ],
)
def test_a_part_of_the_day_is_understood(office: Office, when: str, day: int, hour: int) -> None:
    assert _written_at(office, when) == datetime(2026, 9, day, hour, tzinfo=CHINA)


def test_at_once_may_be_said_in_a_word(office: Office) -> None:
    assert _written_at(office, "现在") is None


def test_the_next_working_morning_leaves_out_the_weekend(town: Town, office: Office) -> None:
    town.now = datetime(2026, 9, 4, 2, tzinfo=UTC)  # a Friday
    assert _written_at(office, "2") == datetime(2026, 9, 7, 8, tzinfo=CHINA)


@pytest.mark.parametrize(
    ("when", "why"), [("8月31日 9点", texts.WHEN_PAST), ("今天7点", texts.WHEN_PAST), ("改天", texts.WHEN_UNREADABLE)]
)
def test_a_moment_that_will_not_do_is_asked_for_again(office: Office, when: str, why: Phrase) -> None:
    told = last(office.staff.says("发公告", *PLAIN, *EVERYBODY, when))
    assert told.startswith(why.zh)


def test_quiet_hours_are_told_before_anybody_agrees(office: Office) -> None:
    office.staff.says("发公告", *PLAIN, *EVERYBODY, "9月3日晚上11点", "上公告榜")
    assert "9月3日 23:00（免打扰，顺延到9月4日 08:00）" in office.staff.screen()


def test_urgency_is_asked_for_only_where_the_congress_knows_it(town: Town, place: Settlement, office: Office) -> None:
    office.writes()
    assert office.get().content.urgent == ""
    rules(town, place, announcement_urgent=True)
    assert texts.URGENT_WHAT.zh in office.staff.sees("发公告", *PLAIN, *EVERYBODY, *AT_ONCE)
    assert last(office.staff.says("是")).startswith(texts.URGENT_WHY.zh)  # a reason it is not
    office.staff.says("台风将至", "提交")
    assert office.get(2).content.urgent == "台风将至"


# --- leaving, going back, changing


def test_what_is_half_written_is_a_draft_that_goes_on_with_all_that_was_chosen(office: Office) -> None:
    office.staff.says("发公告", *PLAIN, "按身份", "人大代表")
    office.staff.says("菜单")
    assert "已选：全部人大代表，共 1 人" in office.staff.sees("继续")
    office.staff.says("选好了", *AT_ONCE, "提交")
    assert office.get().content.audience == Audience(those=Groups(roles=(Role.DEPUTY,)))


def test_one_answer_is_changed_before_it_is_kept(office: Office) -> None:
    office.staff.says("发公告", *PLAIN, *EVERYBODY, *AT_ONCE, "修改", "标题", "停电通知", "提交")
    assert office.get().content.title == "停电通知"


def test_a_change_is_a_new_version_with_all_else_as_it_was(office: Office) -> None:
    office.writes("按身份", "人大代表", "选好了")
    office.staff.says("修改", "正文")
    assert "周三停水。" in office.staff.screen()
    office.staff.says("周四停水。", "提交")
    one = office.get()
    assert (one.version, one.content.text, one.content.title) == (2, "周四停水。", "停水通知")
    assert one.content.audience == Audience(those=Groups(roles=(Role.DEPUTY,)))
    office.staff.says("修改", "发给谁")
    assert "已选：全部人大代表，共 1 人" in office.staff.screen()


def test_who_changes_it_while_somebody_else_did_is_told_and_decides(
    town: Town, place: Settlement, office: Office
) -> None:
    office.writes()
    chair = identity(town, office.chair)
    with town.store() as store:
        store.people.grant(chair, place.congress, Role.STAFF)
    office.chair.says("公告管理", "草稿", "公告1", "修改", "标题", "停电通知")
    office.staff.says("修改", "正文", "周四停水。", "提交")
    told = last(office.chair.says("提交"))
    assert "别人改过" in told
    assert office.get().version == 2
    office.chair.says("提交")
    one = office.get()
    assert (one.version, one.content.title, one.content.text) == (3, "停电通知", "周三停水。")


def test_who_changes_it_too_late_loses_nothing(office: Office) -> None:
    office.writes()
    office.staff.says("修改", "正文", "周四停水。", "菜单")
    office.agrees()
    told = joined(office.staff.says("继续", "提交"))
    assert told.startswith(texts.CHANGE_REFUSED.zh)
    assert office.get().content.text == "周三停水。"
    assert "周四停水。" in office.staff.sees("继续")


def test_its_files_outlast_whoever_sent_them(town: Town, office: Office) -> None:
    office.staff.says("发公告", *PLAIN[:3])
    office.staff.shows()
    arrive(town)
    office.staff.says("好了", "不要链接", "不要按钮", *EVERYBODY, *AT_ONCE, "提交")
    ((digest, *_),) = office.get().content.files
    office.staff.says("设置", "忘记我", "是")
    with town.store() as store:
        assert store.attachments.unused([digest, "f" * 64]) == ["f" * 64]
