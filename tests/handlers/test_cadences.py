"""The office decides when each duty comes round."""

import re
from dataclasses import replace
from datetime import time
from typing import Any

import pytest
from sqlalchemy import Engine

from handlers.texts import access
from handlers.texts import cadences as texts
from storage.cadences import Arranged
from storage.domain.cadence import DEFAULTS, Cadence, Duty, Owed, QuietHours, Wrong
from storage.domain.roles import Role
from tests.conversing import Person, Town, joined
from tests.settlement import Settlement, second_congress


@pytest.fixture
def town(settled: Engine) -> Town:
    return Town(settled)


@pytest.fixture
def staff(town: Town) -> Person:
    return town.person("staff")


def arranged(town: Town, place: Settlement, duty: Duty) -> Arranged:
    with town.store() as store:
        return store.cadences.of(place.congress)[duty]


def picks(person: Person, words: str) -> list[str]:
    """Answer with the number that stands before these words; by the button where there are no numbers."""
    numbered = re.findall(rf"^(\d+) {re.escape(words)}", person.screen(), re.MULTILINE)
    return person.says(numbered[-1]) if numbered else person.taps(words)


def cadence(town: Town, place: Settlement, duty: Duty = Duty.INSPECTION) -> Cadence:
    return arranged(town, place, duty).cadence


def test_each_duty_is_shown_in_one_plain_line(staff: Person) -> None:
    shown = staff.sees("督查安排")
    assert "督查：每月1日开始，25日截止，第5、10个工作日提醒，联系代表任何一人报了就算" in shown
    assert "年底预评估：每年12月1日开始，20日截止" in shown
    assert "三问：未开启" in shown
    assert "代表接待日：未开启" in shown


@pytest.mark.parametrize(
    ("said", "becomes"),
    [
        (("哪几个月", "3、6、9、12"), {"months": (3, 6, 9, 12)}),
        (("哪几个月", "1月到3月和12月"), {"months": (1, 2, 3, 12)}),
        (("哪几个月", "每月"), {}),
        (("开始日", "５号"), {"opens_day": 5}),
        (("开始日", "十日"), {"opens_day": 10}),
        (("截止日", "20日"), {"due_day": 20}),
        (("截止日", "月底"), {"due_day": 31}),
        (("提醒", "第3、8、12个工作日"), {"reminders": (3, 8, 12)}),
        (("提醒", "不用"), {"reminders": ()}),
        (("由谁报", "每人都要报"), {"owed": Owed.EACH}),
        (("由谁报", "3"), {"owed": Owed.TURNS}),
        (("逾期几天上报", "第3个工作日"), {"escalates_after": 3}),
        (("逾期报给谁", "主席团"), {"escalates_to": Role.PRESIDIUM}),
        (("遇到休息日", "2"), {"on_working_days": False}),
        (("几点发出", "下午2点半"), {"at": time(14, 30)}),
        (("几点发出", "10：05"), {"at": time(10, 5)}),
        (("免打扰时间", "从22:00到7:30"), {"quiet": QuietHours(time(22), time(7, 30))}),
        (("免打扰时间", "不用"), {"quiet": QuietHours(time(), time())}),
    ],
)
def test_one_thing_is_changed_as_people_write_it(
    town: Town, place: Settlement, staff: Person, said: tuple[str, str], becomes: dict[str, Any]
) -> None:
    staff.says("督查安排", "1")
    picks(staff, said[0])
    told = joined(staff.says(said[1]))
    assert "已改好，从下一期起按新的安排。" in told
    assert cadence(town, place) == replace(DEFAULTS[Duty.INSPECTION], **becomes)
    assert town.faults == []


def test_the_next_months_due_day_is_written_so(town: Town, place: Settlement, staff: Person) -> None:
    staff.says("督查安排", "2")
    picks(staff, "截止日：次月10日截止")
    staff.says("次月5号")
    assert cadence(town, place, Duty.DISPATCH).due_day == 5
    staff.says("督查安排", "2", "截止日：次月5日截止", "2个月后15日")
    assert (cadence(town, place, Duty.DISPATCH).due_months_later, cadence(town, place, Duty.DISPATCH).due_day) == (
        2,
        15,
    )


@pytest.mark.parametrize(
    ("field", "said", "why"),
    [
        ("截止日", "40", Wrong.DAY),
        ("开始日", "28", Wrong.DUE_BEFORE_OPEN),
        ("截止日", "次月3日", Wrong.OPEN_TWICE),
        ("几点发出", "6点", Wrong.QUIET),
        ("免打扰时间", "8:00-10:00", Wrong.QUIET),
        ("提醒", "300", Wrong.REMINDERS),
        ("提醒", "5、19", Wrong.REMINDED_TOO_LATE),
        ("开始日", "20", Wrong.REMINDED_TOO_LATE),
        ("哪几个月", "13", Wrong.MONTHS),
        ("几点发出", "随时", Wrong.UNREADABLE),
        ("几点发出", "25点", Wrong.UNREADABLE),
        ("免打扰时间", "晚上", Wrong.UNREADABLE),
        ("开始日", "看情况", Wrong.UNREADABLE),
        ("开始日", "99999999", Wrong.UNREADABLE),
        ("由谁报", "谁都行", Wrong.UNREADABLE),
    ],
)
def test_what_contradicts_itself_is_answered_with_why_and_changes_nothing(
    town: Town, place: Settlement, staff: Person, field: str, said: str, why: Wrong
) -> None:
    staff.says("督查安排", "1")
    picks(staff, f"{field}：")
    assert texts.WHY[why].zh in joined(staff.says(said))
    assert cadence(town, place) == DEFAULTS[Duty.INSPECTION]
    assert town.faults == []


def test_a_duty_is_turned_on_and_off(town: Town, place: Settlement, staff: Person) -> None:
    staff.says("督查安排")
    picks(staff, "代表接待日：未开启")
    assert texts.TURNED_ON.zh in joined(picks(staff, texts.TURN_ON.zh))
    assert "代表接待日：每月，提前7天通知，15日截止，不提醒，代表每人都要报" in staff.screen()
    picks(staff, "代表接待日：")
    assert "下一期2026年9月8日开始，2026年9月15日截止。" in staff.screen()
    picks(staff, "提前几天通知")
    staff.says("14")
    assert cadence(town, place, Duty.RECEPTION).notice == 14
    picks(staff, "代表接待日：")
    assert texts.off_sure(Duty.RECEPTION).zh in joined(picks(staff, texts.TURN_OFF.zh))
    staff.says("不是")
    assert arranged(town, place, Duty.RECEPTION).coming is not None
    picks(staff, "代表接待日：")
    picks(staff, texts.TURN_OFF.zh)
    assert texts.TURNED_OFF.zh in joined(staff.says("是"))
    assert arranged(town, place, Duty.RECEPTION).coming is None
    picks(staff, "代表接待日：")
    assert "现在没有开启。" in staff.screen()
    assert all(texts.BY_WHOM[Owed.GROUP].zh not in label for label in _options(staff, "由谁报"))


def _options(staff: Person, field: str) -> list[str]:
    before = len(staff.buttons())
    picks(staff, field)
    return [label for _, label in staff.buttons()[before:]]


def test_what_is_looked_back_at_has_months_after_the_finish(town: Town, place: Settlement, staff: Person) -> None:
    staff.says("督查安排", "7")
    picks(staff, "完工后第几个月：6")
    staff.says("6、12")
    assert cadence(town, place, Duty.LOOK_BACK).after_finish == (6, 12)
    picks(staff, "回头看：")
    picks(staff, texts.TURN_ON.zh)
    assert "回头看：完工后第6、12个月1日开始，25日截止" in staff.screen()


def test_a_year_that_is_not_published_is_provisional(town: Town, staff: Person) -> None:
    town.passes(days=110)  # in December
    staff.says("督查安排", "1")
    picks(staff, "开始日：1日")
    told = joined(staff.says("2"))
    assert "下一期2027年1月4日开始，2027年1月25日截止（暂定）。" in told


def test_of_several_congresses_one_is_chosen_and_it_can_be_read_in_english(
    town: Town, place: Settlement, staff: Person
) -> None:
    with town.store() as store:
        county = second_congress(store, place)
        store.people.grant(place.staff, county, Role.STAFF)
        store.people.change(place.staff, language="en")
    staff.says("/cadences")
    picks(staff, "云川县人大")
    assert (
        "inspection: every month, opens on day 1, due on day 25, reminders 5, 10 working days later" in staff.screen()
    )
    picks(staff, "inspection")
    picks(staff, "Due: due on day 25")
    assert texts.WHY[Wrong.DAY].en in joined(staff.says("99"))
    staff.says("20")
    with town.store() as store:
        assert store.cadences.of(county)[Duty.INSPECTION].cadence.due_day == 20
    assert cadence(town, place).due_day == 25


def test_it_is_for_staff(town: Town) -> None:
    assert access.NOT_FOR_YOU.zh in joined(town.person("deputy").says("督查安排"))
    assert access.NOT_FOR_YOU.zh in joined(town.person("resident").says("逾期"))


def test_one_goes_back_to_the_list_and_to_the_menu(staff: Person) -> None:
    staff.says("督查安排", "1")
    picks(staff, texts.BACK.zh)
    assert texts.LIST.zh in staff.screen()
    picks(staff, "返回菜单")
    assert "督查安排" in staff.screen()


def test_what_somebody_else_changed_meanwhile_may_contradict_it(town: Town, place: Settlement, staff: Person) -> None:
    staff.says("督查安排", "1")
    picks(staff, "截止日：25日截止")
    with town.store() as store:
        store.cadences.set(place.congress, Duty.INSPECTION, Cadence(opens_day=20, reminders=()))
    assert texts.WHY[Wrong.DUE_BEFORE_OPEN].zh in joined(staff.says("10"))
    assert cadence(town, place) == Cadence(opens_day=20, reminders=())
