"""Announcements as people read them: by a tap, by a number, on the board; and who wants no more of them."""

import pytest
from sqlalchemy import select

from handlers.messages import Kind
from handlers.texts import announcements_reading as texts
from handlers.texts import proposals, welcome
from handlers.texts.access import NO_SUCH_ANNOUNCEMENT
from storage.tables import announcement_recipients, attachments, messages
from tests.conversing import Person, Town, joined, last
from tests.handlers.announced import AT_ONCE, EVERYBODY, PLAIN, Office, arrive, identity, lives, office_of
from tests.handlers.scenes import Scene
from tests.settlement import Settlement

PERSONAL = (*PLAIN[:2], "{姓名}，{网格}周三停水，有事找{代表}。", *PLAIN[3:5], "我要提建议")


@pytest.fixture
def office(town: Town, place: Settlement) -> Office:
    return office_of(town, place)


@pytest.fixture(params=["tap", "plain"])
def reader(request: pytest.FixtureRequest, town: Town) -> Person:
    """张三 of 柳树湾, on a channel with buttons and on one without."""
    return lives(town, town.person("zhang", request.param), "张三")


def has_opened(office: Office, who: Person, number: int = 1) -> bool:
    person = identity(office.town, who)
    with office.town.store() as store:
        mine = announcement_recipients.c.person_id == person, announcement_recipients.c.announcement_id == number
        at = store.unit.read(select(announcement_recipients.c.opened_at).where(*mine)).scalar()
    return at is not None


def tapped(who: Person, what: str) -> list[str]:
    return who.does(who.message(Kind.CHOICE, choice=what))


def test_it_is_read_by_its_number_with_what_it_means_to_this_reader(office: Office, reader: Person) -> None:
    number = office.announces(words=PERSONAL)
    (message,) = reader.reads()
    assert "张三，杨柳村 第一网格周三停水，有事找李强。" in message
    assert not has_opened(office, reader)
    told = joined(reader.says(f"公告{number}"))
    assert "张三，杨柳村 第一网格周三停水，有事找李强。" in told
    assert "柳河镇人大" in told
    assert has_opened(office, reader)
    reader.says("我要提建议")
    assert proposals.SUGGEST_WHAT.zh in reader.screen()


def test_what_is_not_known_of_a_reader_has_a_harmless_word(town: Town, office: Office) -> None:
    number = office.announces(words=PERSONAL)
    told = joined(town.person("stranger").says("取消", f"公告{number}"))
    assert "居民朋友，本网格周三停水，有事找本网格代表。" in told


def test_a_tap_shows_it_and_leaves_what_is_open_as_it_is(town: Town, place: Settlement, office: Office) -> None:
    reader = lives(town, town.person("zhang"), "张三")
    office.announces(words=PERSONAL)
    reader.says("提建议", "修水渠")
    scene = Scene(town, place, reader)
    before, asked = scene.state, scene.asked
    told = tapped(reader, reader.button("阅读全文"))
    assert "周三停水" in told[0]
    assert told[-1] == asked.text
    assert scene.state == before
    assert has_opened(office, reader)
    assert town.faults == []


def test_a_tap_on_its_button_begins_what_it_names_and_keeps_what_was_open(town: Town, office: Office) -> None:
    reader = lives(town, town.person("zhang"), "张三")
    office.announces(words=PERSONAL)
    reader.says("设置", "语言")
    told = tapped(reader, reader.button("我要提建议"))
    assert proposals.SUGGEST_WHAT.zh in joined(told)
    assert has_opened(office, reader)


def test_its_files_come_by_the_button(town: Town, office: Office) -> None:
    reader = lives(town, town.person("zhang"), "张三")
    office.staff.says("发公告", *PLAIN[:3])
    office.staff.shows()
    office.staff.shows()
    arrive(town)
    office.staff.says("好了", "不要链接", "不要按钮", "全体居民", "选好了", "审完马上发", "上公告榜", "提交")
    office.agrees()
    office.goes_out()
    told = tapped(reader, reader.button("附件"))
    assert told[0].startswith(texts.files_of(1).zh)
    assert len(told) == 2
    assert has_opened(office, reader)


def test_what_was_announced_stays_for_everybody_else_when_somebody_is_forgotten(town: Town, office: Office) -> None:
    reader, other = (lives(town, town.person(name), name) for name in ("zhang", "chen"))
    office.staff.says("发公告", *PLAIN[:3])
    office.staff.shows()
    arrive(town)
    office.staff.says("好了", "不要链接", "不要按钮", *EVERYBODY, *AT_ONCE, "提交")
    office.agrees()
    office.goes_out()
    mine, ((digest, *_),) = identity(town, other), office.get().content.files
    for leaving in (reader, office.staff):
        leaving.says("取消", "设置", "忘记我", "是")
        with town.store() as store:
            sent = select(attachments.c.digest).join(messages, messages.c.id == attachments.c.message_id)
            assert store.unit.read(sent.where(messages.c.person_id == mine)).scalars().all() == [digest]
            assert store.attachments.unused([digest]) == []


@pytest.mark.parametrize("choice", ["a1.read", "a77.read", "a77.go", "a77.files"])
def test_a_tap_on_what_is_not_there_is_answered(town: Town, choice: str) -> None:
    stranger = town.person("stranger")
    stranger.says("取消")
    assert joined(tapped(stranger, choice)) == NO_SUCH_ANNOUNCEMENT.zh
    assert town.faults == []


def test_a_draft_is_read_by_nobody_but_who_oversees_it(office: Office, reader: Person) -> None:
    office.writes()
    assert joined(reader.says("公告1")) == NO_SUCH_ANNOUNCEMENT.zh
    assert "周三停水。" in joined(office.chair.says("公告1"))


def test_what_does_not_stand_on_the_board_is_read_by_those_it_was_for(town: Town, office: Office) -> None:
    number = office.announces("按身份", "人大代表", "选好了", when=("审完马上发", "不上榜"))
    assert "周三停水。" in joined(town.person("deputy").says("取消", f"公告{number}"))
    other = town.person("other")
    assert joined(other.says("取消", f"公告{number}")) == NO_SUCH_ANNOUNCEMENT.zh
    assert joined(other.says("公告")) == texts.LIST_NONE.zh


def test_the_board_lists_what_is_public_newest_first(office: Office, reader: Person) -> None:
    assert joined(reader.says("公告")) == texts.LIST_NONE.zh
    for title in ("停水通知", "停电通知"):
        office.announces(words=(PLAIN[0], title, *PLAIN[2:]))
    shown = reader.sees("公告")
    assert shown.index("停电通知") < shown.index("停水通知")
    assert "停水通知" in joined(reader.says("2"))
    assert has_opened(office, reader)


def test_what_was_corrected_or_taken_back_is_not_read_as_if_it_stood(office: Office, reader: Person) -> None:
    office.announces()
    office.staff.says("公告管理", "已结束", "公告1", "更正", "周四停水。", "提交")
    office.agrees(2)
    office.goes_out()
    told = joined(reader.says("公告1"))
    assert told.startswith("公告1已更正，以这份为准：\n【更正】停水通知\n周四停水。")
    assert "周三停水" not in told
    assert "周四停水。" in joined(reader.says("公告"))  # the only one
    office.staff.says("公告管理", "已结束", "公告2", "撤回", "1", "提交")
    office.agrees(3)
    office.goes_out()
    told = joined(reader.says("公告2"))
    assert told.startswith("公告2已撤回：\n【撤回】")
    assert joined(reader.says("公告1")).startswith("公告1已撤回：\n【撤回】")  # as is what took its place


def test_the_board_says_of_each_what_it_is_and_what_is_taken_back_begins_nothing(
    office: Office, reader: Person
) -> None:
    office.announces(words=PERSONAL)
    office.staff.says("公告管理", "已结束", "公告1", "撤回", "1", "修改", "按钮", "我要提建议", "提交")
    office.agrees(2)
    office.goes_out()
    office.announces(words=(PLAIN[0], "停电通知", *PLAIN[2:]))
    assert "【撤回】停水通知（9月1日）" in reader.sees("公告")
    assert "我要提建议" not in joined(reader.says("公告2"))


@pytest.mark.parametrize(
    "words", ["公告1", "公告 1", "公告1号", "第1号公告", "公告第1号。", "announcement 1", "第 1 号公告！"]
)
def test_it_is_named_as_people_do(office: Office, reader: Person, words: str) -> None:
    office.announces()
    assert "周三停水。" in joined(reader.says(words))


@pytest.mark.parametrize("words", ["公告1上说周三停水，是真的吗", "公告"])
def test_other_words_about_announcements_name_none(office: Office, reader: Person, words: str) -> None:
    office.announces(words=(PLAIN[0], "停电通知", *PLAIN[2:]))
    office.announces()
    assert "周三停水。\n——" not in joined(reader.says(words))


# --- hearing less, or more


@pytest.mark.parametrize("word", ["退订", "TD", "取消订阅", "退 订", "退訂！", "“退订”", "我要退订🙏"])
def test_who_unsubscribes_by_a_word_gets_none_and_finds_them_all_the_same(
    office: Office, reader: Person, word: str
) -> None:
    assert joined(reader.says(word)) == texts.UNSUBSCRIBED.zh
    office.announces()
    assert reader.reads() == []
    assert "周三停水。" in joined(reader.says("公告"))
    assert joined(reader.says("訂 閱！")) == texts.SUBSCRIBED.zh
    office.announces()
    assert "周三停水。" in joined(reader.reads())


def test_what_unsubscribing_stops_is_said_alike_in_both_languages(reader: Person) -> None:
    assert "公告和进展；收过的公告有更正，仍会告诉您" in last(reader.says("退订"))
    reader.says("设置", "语言", "English")
    told = last(reader.says("unsubscribe"))
    assert "no more announcements or news of your proposals; you still hear when one that you got is corrected" in told


def test_the_words_work_in_the_midst_of_something(reader: Person) -> None:
    reader.says("提建议", "修水渠")
    assert texts.UNSUBSCRIBED.zh in joined(reader.says("退订"))
    assert proposals.SUGGEST_WHERE.zh in reader.sees("继续")


def test_who_holds_an_office_is_told_that_official_ones_go_on(town: Town, office: Office) -> None:
    deputy = town.person("deputy")
    assert joined(deputy.says("取消", "退订")).endswith(texts.OFFICIAL.zh)
    assert joined(deputy.says("设置", "通知", "不要")).endswith(texts.OFFICIAL.zh)
    office.announces()
    assert "周三停水。" in joined(deputy.reads())


def test_settings_turn_them_on_and_off_too(reader: Person) -> None:
    assert welcome.NOTICES_WANTED.zh in reader.sees("设置", "通知")
    assert last(reader.says("不要")) == texts.UNSUBSCRIBED.zh
