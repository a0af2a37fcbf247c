"""The office's announcements: who agrees to which version, and what may be done to one on its way."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from handlers.messages import Kind as Message
from handlers.texts import announcements as shared
from handlers.texts import announcements_office as texts
from handlers.texts import announcements_writing as writing
from handlers.texts.access import NOT_FOR_YOU
from handlers.texts.everywhere import LATE_TAP
from storage.audit import Actor
from storage.domain.announcements import Correction, Kind, Levels, Refusal, State
from storage.domain.audience import Audience, Reached
from storage.domain.roles import Role
from storage.tables import announcement_versions, attachments, audit, outbox
from tests.conversing import Town, joined, last
from tests.handlers.announced import AT_ONCE, EVERYBODY, PLAIN, Office, identity, lives, office_of, rules
from tests.posted import NOTICE
from tests.settlement import Settlement, enrolled
from tests.storage.test_projects import a_project


@pytest.fixture
def office(town: Town, place: Settlement) -> Office:
    return office_of(town, place)


# --- agreeing


def test_three_different_people_agree_to_what_they_were_shown(town: Town, office: Office) -> None:
    office.writes()
    assert joined(office.staff.says("送审")) == texts.submitted(State.REVIEW, 2).zh
    for person in (office.chair, office.admin):  # both were asked
        assert "周三停水。" in person.screen()
        assert "1 审核通过" in person.screen()
    assert joined(office.chair.says("审核通过")) == texts.reviewed(1).zh
    assert "审核通过（第1版）" in office.admin.sees("公告管理", "等我审核")
    told = joined(office.admin.says("签发"))
    assert told.startswith("已签发。\n马上开始发送。")
    assert "已签发。马上开始发送。" in joined(office.staff.reads())
    assert office.get().state is State.SCHEDULED
    with town.store() as store:
        actions = store.unit.read(select(audit.c.action).where(audit.c.record == "announcement").order_by(audit.c.id))
        assert list(actions.scalars()) == ["add", "submit", "review", "approve"]


def test_nobody_agrees_twice_and_who_wrote_it_does_not_at_all(town: Town, place: Settlement, office: Office) -> None:
    chair = identity(town, office.chair)
    with town.store() as store:
        store.people.grant(chair, place.congress, Role.STAFF)
    office.writes()
    office.chair.says("公告管理", "草稿", "公告1", "送审")  # somebody else submits it
    assert "审核通过" not in office.staff.sees("公告管理", "待审核", "公告1")
    office.admin.says("公告管理", "等我审核", "审核通过")
    assert "签发" not in office.admin.sees("公告管理", "待审核", "公告1").splitlines()[-4:]
    assert texts.NONE_WAITING.zh not in office.admin.screen()


@pytest.mark.parametrize(("levels", "asked"), [(Levels.TWO, ("签发",)), (Levels.ONE, ())])
def test_a_congress_may_want_fewer_signatures(
    town: Town, place: Settlement, office: Office, levels: Levels, asked: tuple[str, ...]
) -> None:
    rules(town, place, announcement_reviews=levels)
    office.writes()
    office.staff.says("1")
    for person, step in zip((office.chair, office.admin), asked, strict=False):
        person.says("公告管理", "等我审核", step)
    assert office.get().state is State.SCHEDULED


def test_progress_of_no_project_is_nothing_to_tell_of(town: Town, place: Settlement, office: Office) -> None:
    told = last(office.staff.says("发公告", "进展通报"))
    assert told.startswith(writing.NOTHING_TO_TELL.zh)
    office.staff.says("其他通知", *PLAIN[1:], *EVERYBODY, *AT_ONCE, "提交")
    assert last(office.staff.says("修改", "种类", "进展通报")).startswith(writing.NOTHING_TO_TELL.zh)
    with town.store() as store:  # such as from a file
        own = store.on_behalf_of(Actor(place.staff)).announcements
        number = own.add(place.congress, replace(NOTICE, kind=Kind.PROGRESS))
        own.counted(number, 1, store.audiences.reach(place.congress, NOTICE.audience).dump())
    told = last(office.staff.says("公告管理", "草稿", f"公告{number}", "送审"))
    assert told.startswith(writing.NOTHING_TO_TELL.zh)
    with town.store() as store:
        a_project(store, place)
    office.staff.says("送审")
    assert office.get(number).state is State.REVIEW


def test_it_cannot_be_submitted_where_too_few_could_agree(town: Town, place: Settlement) -> None:
    staff = town.person("staff")
    with town.store() as store:
        enrolled(store, "chair", "周主席", place.congress, Role.PRESIDIUM)
    staff.says("取消", "发公告", "其他通知", "停水", "周三停水。", "不要附件", "不要链接", "不要按钮")
    staff.says("全体居民", "选好了", "审完马上发", "上公告榜", "提交")
    assert joined(staff.says("送审")).startswith(texts.too_few(2, 1).zh)


def test_what_its_author_changes_meanwhile_is_shown_before_anybody_agrees(office: Office) -> None:
    office.writes()
    office.staff.says("送审")
    office.chair.says("公告管理", "等我审核")
    assert "周三停水。" in office.chair.screen()
    office.staff.says("公告管理", "待审核", "公告1", "修改", "正文", "周四停水。", "提交")
    told = joined(office.chair.says("审核通过"))
    assert told.startswith(shared.REFUSAL[Refusal.CHANGED].zh)
    assert "周四停水。" in told
    assert office.get().state is State.DRAFT


def test_of_two_who_agree_at_once_one_is_first(office: Office) -> None:
    office.writes()
    office.staff.says("送审")
    for person in (office.chair, office.admin):
        person.says("公告管理", "等我审核")
    office.chair.says("审核通过")
    told = joined(office.admin.says("审核通过"))
    assert told.startswith(shared.REFUSAL[Refusal.NOT_NOW].zh)
    assert "1 签发" in office.admin.screen()  # their turn, now that they see it


def test_of_two_staff_who_submit_at_once_one_is_first(town: Town, place: Settlement, office: Office) -> None:
    with town.store() as store:
        enrolled(store, "second", "孙科", place.congress, Role.STAFF)
    second = town.person("second")
    second.says("取消")
    office.writes()
    second.says("公告管理", "草稿", "公告1")
    office.staff.says("送审")
    assert joined(second.says("送审")).startswith(shared.REFUSAL[Refusal.NOT_NOW].zh)


def test_it_is_sent_back_with_the_reason_and_all_agree_anew(office: Office) -> None:
    office.writes()
    office.staff.says("送审")
    office.chair.says("公告管理", "等我审核", "审核通过")
    office.staff.reads()
    office.admin.says("公告管理", "等我审核", "退回修改", "时间不对")
    assert "周主席" not in joined(told := office.staff.reads())
    assert "被吴管理退回：时间不对" in joined(told)
    one = office.get()
    assert (one.state, one.version) == (State.DRAFT, 2)
    office.agrees()
    assert office.get().state is State.SCHEDULED


def test_what_cannot_wait_takes_one_signature_and_a_reason(town: Town, place: Settlement, office: Office) -> None:
    rules(town, place, announcement_urgent=True)
    office.staff.says("发公告", "其他通知", "台风", "请回家。", "不要附件", "不要链接", "不要按钮")
    office.staff.says("全体居民", "选好了", "审完马上发", "上公告榜", "不紧急", "提交", "送审")
    office.chair.says("公告管理", "等我审核")
    assert texts.WHY_URGENT.zh in last(office.chair.says("紧急签发"))
    office.chair.says("台风将至")
    assert office.get().state is State.SCHEDULED
    assert "紧急签发（第1版）：台风将至" in office.staff.sees("公告管理", "待发送", "公告1")


def test_urgency_is_not_offered_where_the_congress_does_not_know_it(office: Office) -> None:
    office.writes()
    office.staff.says("送审")
    assert "紧急" not in office.chair.sees("公告管理", "等我审核")


def test_a_large_audience_is_counted_before_it_can_be_submitted(town: Town, office: Office) -> None:
    office.writes()
    with town.store() as store:  # as if there were more than are counted at once
        store.unit.write(announcement_versions.update().values(reach=None))
    assert texts.NOT_COUNTED.zh in office.staff.sees("公告管理", "草稿", "公告1")
    assert last(office.staff.says("送审")).startswith(texts.NOT_COUNTED.zh)
    assert office.get().state is State.DRAFT


def test_only_who_oversees_the_congress_finds_its_announcements(town: Town, office: Office) -> None:
    office.writes()
    deputy = town.person("deputy")
    assert joined(deputy.says("取消", "公告管理")) == NOT_FOR_YOU.zh
    assert "草稿" in office.chair.sees("公告管理")
    card = office.chair.sees("草稿", "公告1")
    assert "修改" not in card
    assert "作废" not in card
    assert "送审" not in card


# --- on the way


def test_a_draft_is_discarded_after_asking(office: Office) -> None:
    office.writes()
    assert last(office.staff.says("作废", "不是")).startswith(texts.LEFT_ALONE.zh)
    assert last(office.staff.says("作废", "是")).startswith(texts.DISCARDED.zh)
    assert office.get().state is State.DISCARDED
    assert texts.NONE.zh in joined(office.staff.says("公告管理", "草稿"))


def test_it_is_paused_and_goes_on(town: Town, office: Office) -> None:
    office.writes()
    office.agrees()
    office.begins_to_go_out()
    card = office.chair.sees("公告管理", "正在发送", "公告1")
    assert "待发" in card
    assert last(office.chair.says("暂停")).startswith(texts.PAUSED.zh)
    assert office.get().state is State.PAUSED
    office.goes_out()
    with town.store() as store:
        states = set(store.unit.read(select(outbox.c.state).where(outbox.c.announcement_id == 1)).scalars())
    assert "sent" not in states
    assert last(office.staff.says("公告管理", "正在发送", "公告1", "继续发送")).startswith(texts.RESUMED.zh)
    office.goes_out()
    assert office.get().state is State.FINISHED


def test_stopping_asks_twice(office: Office) -> None:
    office.writes()
    office.agrees()
    office.staff.says("公告管理", "待发送", "公告1", "停止")
    assert last(office.staff.says("是")) == f"{texts.STOP_REALLY.zh}"
    assert last(office.staff.says("不是")).startswith(texts.LEFT_ALONE.zh)
    assert office.get().state is State.SCHEDULED
    assert last(office.staff.says("停止", "是", "是")).startswith(texts.STOPPED.zh)
    office.goes_out()
    assert office.get().state is State.STOPPED


def test_of_two_who_stop_it_the_second_is_told_so(office: Office) -> None:
    office.writes()
    office.agrees()
    office.staff.says("公告管理", "待发送", "公告1")
    office.chair.says("公告管理", "待发送", "公告1", "停止", "是", "是")
    assert last(office.staff.says("停止", "是", "是")).startswith(shared.REFUSAL[Refusal.NOT_NOW].zh)


# --- when it has been sent


def test_its_card_says_what_became_of_it(office: Office) -> None:
    office.announces()
    card = office.staff.sees("公告管理", "已结束", "公告1")
    assert "已发 5" in card
    assert "开始发送：9月1日 09:00，结束：9月1日 09:00\n已发完：" in card
    for offered in ("更正", "撤回", "送达报告", "打电话的人", "海报"):
        assert offered in card
    office.staff.says("送达报告")
    office.staff.says("送达情况图")
    office.staff.says("转发到群")
    assert office.staff.files() == ["announcement_report", "announcement_card", "announcement_poster"]
    with office.town.store() as store:
        store.people.change(office.place.staff, language="en")
    office.staff.says("manage announcements", "Ended", "1", "Delivery report")
    with office.town.store() as store:
        named = store.unit.read(select(attachments.c.name).order_by(attachments.c.id)).scalars().all()
    assert named == ["公告1-送达报告.xlsx", "公告1-送达情况.png", "公告1-海报.png", "announcement-1-delivery.xlsx"]


def test_a_correction_passes_the_same_reviews_and_is_for_the_same_people(office: Office) -> None:
    office.announces()
    office.staff.says("公告管理", "已结束", "公告1", "更正")
    assert "周三停水。" in office.staff.screen()
    office.staff.says("周四停水。", "提交")
    two = office.get(2)
    assert (two.corrects, two.correction, two.state) == (1, Correction.REPLACE, State.DRAFT)
    assert two.content.audience == Audience(of_announcement=1, reached=Reached.ALL)
    assert "【更正】【停水通知】" in joined([text for text, _ in office.staff.told_lately(5)])
    office.agrees(2)
    office.goes_out()
    assert office.get(2).state is State.FINISHED


def test_taking_back_is_for_those_who_got_it(office: Office) -> None:
    office.announces()
    office.staff.says("公告管理", "已结束", "公告1", "撤回", "1", "提交")
    two = office.get(2)
    assert (two.correction, two.content.audience.reached) == (Correction.RECALL, Reached.SENT)
    assert "撤回：公告1" in office.staff.screen()
    assert "公告2　【撤回】停水通知（草稿" in office.staff.sees("公告管理", "草稿")


def test_what_is_taken_back_leads_nowhere_any_more(office: Office) -> None:
    words = (*PLAIN[:4], "https://example.cn/water", "我要提建议")
    office.announces(words=words)
    office.staff.says("公告管理", "已结束", "公告1", "撤回", "1", "提交")
    content = office.get(2).content
    assert (content.link, content.button, content.files) == ("", "", ())
    corrected = office.get(1).content
    assert (corrected.link, corrected.button) == ("https://example.cn/water", "suggest")


def test_who_opens_one_that_is_being_corrected_is_led_to_that(office: Office) -> None:
    office.announces()
    office.staff.says("公告管理", "已结束", "公告1", "更正", "周四停水。", "提交", "存着")
    card = office.staff.sees("公告管理", "已结束", "公告1")
    assert "看更正它的公告2（草稿）" in card
    for gone in ("撤回", "再提醒没打开的人", "海报"):
        assert gone not in card
    assert office.staff.sees("看更正它的公告2").startswith("公告2（第1版，草稿）")
    office.staff.says("作废", "是")
    assert "撤回" in office.staff.sees("公告管理", "已结束", "公告1")


def test_of_two_who_correct_the_same_the_second_is_told_and_loses_nothing(town: Town, office: Office) -> None:
    with town.store() as store:
        enrolled(store, "second", "孙丽", office.place.congress, Role.STAFF)
    second = town.person("second")
    second.says("取消")
    office.announces()
    second.says("公告管理", "已结束", "公告1", "更正", "周五停水。")
    office.staff.says("公告管理", "已结束", "公告1")
    office.chair.reads()
    office.staff.says("更正", "周四停水。", "提交")
    told = joined(second.says("提交"))
    assert writing.CORRECTED_MEANWHILE.zh in told
    assert "公告2（第1版，草稿）" in told
    assert "周四停水。" in told
    assert "周五停水。" in second.sees("取消", "继续")
    with town.store() as store:
        assert store.announcements.get(3) is None


@pytest.mark.parametrize("option", ["更正", "撤回", "再提醒没打开的人"])
def test_what_somebody_else_began_to_correct_since_it_was_shown_is_not_corrected_again(
    office: Office, option: str
) -> None:
    office.announces()
    with office.town.store() as store:
        enrolled(store, "second", "孙丽", office.place.congress, Role.STAFF)
    second = office.town.person("second")
    second.says("取消", "公告管理", "已结束", "公告1")
    office.staff.says("公告管理", "已结束", "公告1", "更正", "周四停水。", "提交")
    assert joined(second.says(option)).startswith(shared.REFUSAL[Refusal.CORRECTED].zh)
    assert "看更正它的公告2（草稿）" in second.screen()


def test_who_has_not_opened_it_is_reminded_once(town: Town, office: Office) -> None:
    office.announces()
    town.person("deputy").says("取消", "公告1")
    office.staff.says("公告管理", "已结束", "公告1", "再提醒")
    assert "还没有打开" in office.staff.screen()
    office.staff.says("1", "提交")
    assert "共 1 人" in office.staff.screen()  # who wrote and agreed knows it
    assert office.get(2).content.audience == Audience(of_announcement=1, reached=Reached.UNOPENED)
    told = last(office.staff.says("公告管理", "已结束", "公告1", "再提醒"))
    assert told.startswith(texts.REMINDED_ALREADY.zh)
    worker = town.person("worker")
    worker.reads()
    office.agrees(2)
    office.goes_out()
    got = [texts.REMINDER_TEXT in joined(one.reads()) for one in (office.staff, office.chair, office.admin, worker)]
    assert got == [False, False, False, True]


def test_who_has_to_be_telephoned_is_listed_for_staff_only(town: Town, place: Settlement, office: Office) -> None:
    with town.store() as store:
        person = store.people.add("钱没号", "13800000000")
        store.people.grant(person, place.congress, Role.DEPUTY)
    office.announces()
    assert "钱没号　13800000000（没有账号）" in office.staff.sees("公告管理", "已结束", "公告1", "打电话的人")
    assert "打电话" not in office.chair.sees("公告管理", "已结束", "公告1")


@pytest.mark.parametrize("said", ["blocked", "403", "43004 require subscribe"])
def test_nobody_has_to_know_the_codes_of_platforms(town: Town, office: Office, said: str) -> None:
    person = identity(town, lives(town, town.person("zhang"), "张三"))
    with town.store() as store:
        theirs = store.people.reachable_account(person)
        assert theirs
        store.people.mark_unreachable(theirs.id, said)
    office.announces()
    assert "张三　未留电话（停用、拉黑或注销）" in office.staff.sees("公告管理", "已结束", "公告1", "打电话的人")


def test_an_old_button_of_a_card_is_out_of_date(office: Office) -> None:
    office.writes()
    old = office.staff.button("作废")
    office.staff.says("送审")
    told = office.staff.does(office.staff.message(Message.CHOICE, choice=old))
    assert joined(told).startswith(LATE_TAP.zh)


def test_where_there_are_none_the_other_lists_are_offered(office: Office) -> None:
    assert joined(office.staff.says("公告管理", "已结束")).startswith(texts.NONE.zh)
    assert "发新公告" in office.staff.screen()
