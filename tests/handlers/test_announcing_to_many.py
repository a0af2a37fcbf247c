"""What the office reads of an announcement that goes to many by one call: before, on the way, and when it stops."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine, update

from handlers.announcement_messages import AnnouncementMessages
from handlers.messages import Capabilities
from handlers.texts import announcements_office as office_texts
from handlers.texts import mass_sends as texts
from storage.mass_sends import Errand, MassSends, MassSent
from storage.outbox_states import AWAITS_CONTACT
from storage.tables import accounts, outbox
from tests.conversing import CAPABILITIES, Town
from tests.handlers.announced import PACES, PLAIN, SHOWN, Office, office_of
from tests.settlement import Settlement

MANY = Capabilities(buttons=True, text_limit=2048, limit_in_bytes=True, windows=True, masses=True)
ALL = {**PACES, "many": 30.0}
AWAY = 3


@pytest.fixture
def town(settled: Engine) -> Town:
    return Town(settled, capabilities={**CAPABILITIES, "many": MANY})


@pytest.fixture
def office(town: Town, place: Settlement) -> Office:
    """Three residents have not written for long."""
    office = office_of(town, place)
    for number in range(AWAY):
        town.person(f"away{number}", "many").says("设置", "我的网格", "柳树湾")
    with town.store() as store:
        why = {"unreachable_since": town.now, "unreachable_reason": AWAITS_CONTACT}
        store.unit.write(update(accounts).where(accounts.c.channel == "many").values(**why))
    return office


def goes_out(town: Town) -> None:
    """All that is due: others get theirs."""
    words = AnnouncementMessages({**SHOWN, "many": MANY}, ALL, "https://minsheng.example")
    again_at = town.now
    while again_at <= town.now:
        with town.store() as store:
            waits = outbox.c.announcement_id.is_not(None), outbox.c.state == "waiting"
            store.unit.write(update(outbox).where(*waits).values(state="sent", settled_at=town.now))
            again_at = store.broadcasting.step(words, ALL).again_at or town.now + timedelta(days=1)


def called(town: Town) -> Errand:
    """The platform has it."""
    with town.store() as store:
        sends = MassSends(store.unit, store.now)
        errand = sends.claim("many", "token", timedelta(minutes=1), store.audiences)
        assert errand
        assert sends.asked(errand, "77")
    return errand


def test_before_anybody_agrees_they_read_how_many_and_what_an_administrator_has_to_do(office: Office) -> None:
    card = office.writes()
    assert texts.to_come({"many": AWAY}).zh in card
    assert "30分钟内到手机微信上确认" in card
    assert "每人每月最多收4条群发，这算1条" in card


def test_what_has_a_name_in_it_goes_by_no_mass_send_and_nothing_is_said_of_it(office: Office) -> None:
    card = office.writes(words=(PLAIN[0], PLAIN[1], "{姓名}您好", *PLAIN[3:]))
    assert "群发" not in card


def test_on_the_way_they_read_how_many_wait_for_the_administrator(town: Town, office: Office) -> None:
    office.writes()
    office.agrees()
    goes_out(town)
    assert f"群发中 {AWAY}" in office.staff.sees("取消", "公告管理", "正在发送", "公告1")
    errand = called(town)
    assert "周三停水。" in errand.text
    assert f"{AWAY} 人的已提交" in office.staff.sees("取消", "公告管理", "正在发送", "公告1")
    with town.store() as store:
        MassSends(store.unit, store.now).note("many", MassSent("77", "err(40001)"))
    goes_out(town)
    ended = office.staff.sees("取消", "公告管理", "已结束", "公告1")
    assert f"群发没发出 {AWAY}（管理员没有同意）" in ended
    assert "群发中" not in ended


def test_who_stops_it_hears_what_cannot_be_taken_back(town: Town, office: Office) -> None:
    office.writes()
    office.agrees()
    goes_out(town)
    called(town)
    told = "\n".join(office.staff.says("取消", "公告管理", "正在发送", "公告1", "停止", "是", "是"))
    assert office_texts.STOPPED.zh in told
    assert texts.beyond_recall(AWAY).zh in told


def test_who_stops_it_before_that_hears_nothing_of_it(town: Town, office: Office) -> None:
    office.writes()
    office.agrees()
    goes_out(town)
    told = "\n".join(office.staff.says("取消", "公告管理", "正在发送", "公告1", "停止", "是", "是"))
    assert office_texts.STOPPED.zh in told
    assert "收不回来" not in told
