"""A channel that pushes nothing: what is said travels in the response to the next message, and only that is asked."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select, update

from handlers.messages import Inbound, Kind, Received, Window
from handlers.texts import everywhere
from handlers.texts import proposals as texts
from handlers.texts import staff as office
from storage.arrivals import Arrivals, Letter
from storage.database import transaction
from storage.domain.roles import Role
from storage.outbox_states import AWAITS_CONTACT
from storage.responses import Responses
from storage.tables import accounts, messages, outbox, prompts, push_windows
from tests.conversing import CAPABILITIES, TEXT_ONLY, Person, Town, joined, last
from tests.handlers.test_turn_prompts import begin_prompts, wanted
from tests.settlement import Settlement

MUTE = replace(TEXT_ONLY, pushes=False)
OPENS = Window("message", 5, timedelta(hours=48))


@dataclass
class Reader(Person):
    """Somebody on the channel "mute", who is told what travels in responses."""

    room: int = 50
    left: int = 0
    by_word: bool = False

    def does(self, inbound: Inbound) -> list[str]:
        done = self.town.hand_in(inbound)
        assert done.received == [Received.ACTED_ON], self.town.faults
        return self.takes(inbound.key)

    def takes(self, key: str) -> list[str]:
        with transaction(self.town.engine) as unit:
            responses = Responses(unit, self.town.now)
            found = responses.take_all(self.channel, {key: lambda waiting: min(self.room, len(waiting))})[key]
        self.left, self.by_word = found.left, found.by_word
        return [one.text for one in found.messages]

    def happens(self, kind: Kind, **values: Any) -> None:
        """Something that has no response."""
        assert self.town.hand_in(self.message(kind, **values)).received == [Received.ACTED_ON]


@pytest.fixture
def town(settled: Engine) -> Town:
    return Town(settled, capabilities={**CAPABILITIES, "mute": MUTE})


@pytest.fixture
def reader(town: Town) -> Reader:
    """Who has been told what we keep."""
    reader = Reader(town, "reader", "mute")
    reader.says("取消")
    return reader


@pytest.fixture
def officer(town: Town) -> Reader:
    """王芳 of the office, who has no other account any more."""
    with town.store() as store:
        mine = accounts.c.external_id == "staff"
        store.unit.write(update(accounts).where(mine).values(channel="mute", unreachable_reason=AWAITS_CONTACT))
        store.unit.write(update(accounts).where(mine).values(unreachable_since=town.now))
    officer = Reader(town, "staff", "mute")
    officer.says("取消")
    return officer


def post(reader: Reader, *words: str, priority: int = 2) -> None:
    with reader.town.store() as store:
        person, account = store.unit.read(
            select(accounts.c.person_id, accounts.c.id).where(accounts.c.external_id == reader.account)
        ).one()
        letters = [Letter("mute", account, person, text, priority=priority) for text in words]
        Arrivals(store.unit, store.now).post(letters)


def account_of(town: Town, external_id: str) -> Any:
    with town.store() as store:
        return store.unit.read(select(accounts).where(accounts.c.external_id == external_id)).one()


# --- asking for more


@pytest.mark.parametrize("one", ["1", "①", "一", "１", " 1。"])
def test_one_right_after_a_response_that_left_something_takes_the_rest(reader: Reader, one: str) -> None:
    reader.room = 1
    post(reader, "通知甲", "通知乙")
    assert texts.SUGGEST_WHAT.zh in last(reader.says("提建议"))
    assert reader.left == 2
    assert reader.says(one) == ["通知甲"]
    assert reader.says(one) == ["通知乙"]
    assert reader.left == 0
    reader.room = 50
    assert texts.SUGGEST_WHERE.zh in last(reader.says("要修路")), "it answered no question"


@pytest.mark.parametrize("word", ["还有", "还有。", "rest"])
def test_where_one_chooses_something_the_rest_is_asked_for_by_a_word(reader: Reader, word: str) -> None:
    reader.room = 1
    post(reader, "通知甲", "通知乙")
    assert "1 提建议" in last(reader.says("菜单"))
    assert (reader.left, reader.by_word) == (2, True)
    assert reader.says(word) == ["通知甲"]
    assert (reader.left, reader.by_word) == (1, False)
    assert reader.says("1") == ["通知乙"]


def test_where_one_chooses_something_it_does_so_though_something_was_left(reader: Reader) -> None:
    reader.room = 1
    post(reader, "通知")
    reader.says("菜单")
    assert texts.SUGGEST_WHAT.zh in last(reader.says("1"))


def test_one_answers_the_open_question_where_nothing_was_left(reader: Reader) -> None:
    reader.says("提建议", "村口要修路", "柳树湾", "没有")
    assert reader.left == 0
    assert "1号" in joined(reader.says("1"))


def test_another_number_answers_the_open_question_though_something_was_left(reader: Reader) -> None:
    reader.says("提建议", "村口要修路", "柳树湾")
    reader.room = 1
    post(reader, "通知")
    reader.says("没有")
    assert reader.left == 1
    assert joined(reader.says("2")), "which is to change something"
    assert reader.town.faults == []
    person = account_of(reader.town, "reader").person_id
    with reader.town.store() as store:
        assert store.conversations.opened(person)


def test_one_is_a_number_like_any_other_where_we_may_write_first(town: Town) -> None:
    person = town.person("tapper", "plain")
    person.says("取消")
    assert everywhere.NOTHING_TO_CHOOSE.zh in joined(person.says("1"))


# --- what comes along


def test_what_waits_comes_along_prompts_before_announcements(reader: Reader) -> None:
    post(reader, "公告", priority=2)
    post(reader, "催一下", priority=1)
    assert reader.says("谢谢") == [everywhere.YOU_ARE_WELCOME.zh, "催一下", "公告"]


def test_what_was_held_for_who_left_comes_when_they_follow_again(reader: Reader) -> None:
    post(reader, "公告")
    reader.happens(Kind.BLOCKED)
    assert account_of(reader.town, "reader").unreachable_reason == "blocked"
    assert reader.starts()[-1] == "公告"
    assert account_of(reader.town, "reader").unreachable_reason == AWAITS_CONTACT


def test_what_merely_happens_is_stored_and_says_and_revives_nothing(reader: Reader) -> None:
    post(reader, "公告")
    reader.happens(Kind.BLOCKED)
    reader.happens(Kind.HAPPENED, text="VIEW", opens=OPENS)
    account = account_of(reader.town, "reader")
    assert account.unreachable_reason == "blocked"
    with reader.town.store() as store:
        kinds = list(store.unit.read(select(messages.c.kind).order_by(messages.c.id)).scalars())
        assert kinds[-1] == "happened"
        assert set(store.unit.read(select(outbox.c.state).where(outbox.c.failure == "blocked")).scalars()) == {"held"}
        (window,) = store.unit.read(select(push_windows))
        assert (window.account_id, window.room) == (account.id, 5)


def test_what_happens_between_does_not_hide_that_something_was_left(reader: Reader) -> None:
    reader.room = 1
    post(reader, "通知")
    reader.says("谢谢")
    reader.happens(Kind.HAPPENED)
    assert reader.says("1") == ["通知"]


def test_a_window_is_opened_by_the_message_itself(reader: Reader) -> None:
    reader.does(reader.message(Kind.TEXT, text="谢谢", opens=OPENS))
    with reader.town.store() as store:
        (window,) = store.unit.read(select(push_windows))
    assert (window.name, window.room, window.until) == ("message", 5, reader.town.now + OPENS.lasts)


def test_who_is_forgotten_hears_so_and_nothing_else(reader: Reader) -> None:
    reader.suggests()
    post(reader, "公告")
    told = reader.says("设置", "忘记我", "是")
    assert told
    assert "公告" not in told
    assert reader.takes(f"reader:{reader.town.count}") == told


# --- whom nothing is pushed to


def test_they_count_as_not_reached_until_they_write_from_the_first_moment(town: Town) -> None:
    Reader(town, "new", "mute").says("你好")
    account = account_of(town, "new")
    assert (account.unreachable_reason, account.unreachable_since) == (AWAITS_CONTACT, town.now)


def test_who_can_be_written_to_again_is_reached_at_their_next_message(town: Town, reader: Reader) -> None:
    post(reader, "公告")
    with transaction(town.engine) as unit:
        unit.write(update(outbox).where(outbox.c.state == "waiting").values(state="held", failure=AWAITS_CONTACT))
    active = Town(town.engine, now=town.now, capabilities={**CAPABILITIES, "mute": TEXT_ONLY}, count=town.count)
    active.person("reader", "mute").says("谢谢")
    assert account_of(active, "reader").unreachable_since is None
    with active.store() as store:
        assert "held" not in set(store.unit.read(select(outbox.c.state)).scalars())


def test_staff_read_that_they_must_wait_for_them(town: Town, place: Settlement, reader: Reader, staff: Person) -> None:
    person = account_of(town, reader.account).person_id
    with town.store() as store:
        store.people.change(person, name="周敏", telephone="13900000008")
        store.people.grant(person, place.congress, Role.DEPUTY)
    assert last(staff.says("取消", "联系不上")) == "周敏 13900000008（要等对方下次发消息）"


# --- prompts


def waiting_prompts(town: Town) -> int:
    with town.store() as store:
        return len(store.unit.read(select(prompts.c.id)).all())


def test_a_prompt_begins_with_their_next_message_and_not_before(town: Town, place: Settlement, officer: Reader) -> None:
    wanted(town, place, "我看不懂")
    begin_prompts(town)
    assert waiting_prompts(town) == 1
    thanks, prompt = officer.says("谢谢")
    assert thanks == everywhere.YOU_ARE_WELCOME.zh
    assert "我看不懂" in prompt
    assert waiting_prompts(town) == 0


@pytest.mark.parametrize("opens", ["", "菜单"])
def test_who_greets_us_is_asked_what_waits_and_not_shown_the_menu(
    town: Town, place: Settlement, officer: Reader, opens: str
) -> None:
    if opens:
        officer.says(opens)
    wanted(town, place, "我看不懂")
    (prompt,) = officer.says("您好")
    assert "我看不懂" in prompt
    assert waiting_prompts(town) == 0


def test_who_asks_for_the_menu_is_told_that_something_waits(town: Town, place: Settlement, officer: Reader) -> None:
    wanted(town, place, "我看不懂")
    menu, waits = officer.says("菜单")
    assert "1 建议台账" in menu
    assert waits == everywhere.SOMETHING_TO_ASK.zh
    assert "我看不懂" in last(officer.says("您好"))
    assert everywhere.SOMETHING_TO_ASK.zh not in officer.says("菜单")


def test_who_greets_us_in_the_midst_of_something_stays_there(town: Town, place: Settlement, officer: Reader) -> None:
    officer.says("提建议", "村口要修路")
    wanted(town, place, "我看不懂")
    assert "我看不懂" not in joined(officer.says("您好"))
    assert waiting_prompts(town) == 1


def test_a_question_that_could_not_be_pushed_before_is_not_answered_unseen(
    town: Town, place: Settlement, staff: Person
) -> None:
    """The account's verification lapsed: what was kept for a window travels in the response now."""
    staff.says("谢谢")
    wanted(town, place, "我看不懂")
    begin_prompts(town)
    mine = accounts.c.external_id == "staff"
    with transaction(town.engine) as unit:
        unit.write(update(outbox).where(outbox.c.state == "waiting").values(state="held", failure=AWAITS_CONTACT))
        away = {"unreachable_reason": AWAITS_CONTACT, "unreachable_since": town.now}
        unit.write(update(accounts).where(mine).values(channel="mute", **away))
        unit.write(update(outbox).values(channel="mute"))
    officer = Reader(town, "staff", "mute")
    assert any("我看不懂" in one for one in officer.says("好的"))
    assert "已转给居民" in joined(officer.says("请打电话来")) or town.faults == []


def test_a_prompt_waits_until_what_is_open_is_over(town: Town, place: Settlement, officer: Reader) -> None:
    officer.says("提建议")
    wanted(town, place, "我看不懂")
    assert "我看不懂" not in joined(officer.says("村口要修路", "柳树湾", "没有"))
    thanks, prompt = officer.says("1")
    assert "谢谢您" in thanks
    assert "我看不懂" in prompt


def test_a_number_chooses_nothing_of_a_prompt_that_was_left(town: Town, place: Settlement, officer: Reader) -> None:
    wanted(town, place, "我看不懂")
    officer.room = 1
    assert officer.says("谢谢") == [everywhere.YOU_ARE_WELCOME.zh]
    assert officer.left == 1
    assert "我看不懂" in last(officer.says("2"))


def test_a_prompt_that_fails_costs_nobody_their_answer(town: Town, place: Settlement, officer: Reader) -> None:
    wanted(town, place, "我看不懂")
    with transaction(town.engine) as unit:
        unit.write(update(prompts).values(arguments={}))
    assert officer.says("谢谢") == [everywhere.YOU_ARE_WELCOME.zh]
    assert len(town.faults) == 1


def test_somebody_with_another_account_is_prompted_there(town: Town, place: Settlement, staff: Person) -> None:
    with town.store() as store:
        store.people.add_account(place.staff, "mute", "staff too", "staff too", unreachable=AWAITS_CONTACT)
    staff.says("取消")
    town.passes(hours=2)
    Reader(town, "staff too", "mute").says("谢谢")
    wanted(town, place, "我看不懂")
    begin_prompts(town)
    assert "我看不懂" in last(staff.reads())


def test_an_answer_of_the_office_waits_and_staff_hear_so(reader: Reader, staff: Person) -> None:
    reader.suggests()
    told = joined(staff.says("台账", "按编号", "1", "回复作者", "明年修"))
    assert office.AWAY.zh in told
    assert "明年修" in joined(reader.says("谢谢"))
