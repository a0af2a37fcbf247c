"""Whoever a duty is escalated to hears what is overdue, of whom, and whom to call."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from scheduler.jobs.supervise import supervise
from storage.calendar import published
from storage.database import transaction
from storage.domain.cadence import DEFAULTS, Duty
from storage.domain.roles import Role
from storage.liaisons import Left
from storage.store import Store
from tests.conversing import NOW, Town, joined
from tests.settlement import Settlement, enrolled
from tests.storage.test_projects import a_project

ESCALATED = datetime(2026, 9, 29, 1, tzinfo=UTC)


@pytest.fixture
def town(settled: Engine) -> Town:
    return Town(settled)


def goes_on(town: Town, now: datetime) -> None:
    """All that is due then."""
    town.now = now
    job = supervise(town.dispatcher, lambda _: None, published)
    again = True
    while again:
        with transaction(town.engine) as unit:
            again = job.step(unit, now)
        job.afterwards()


def charged(store: Store, place: Settlement, *group: int, **about: str) -> int:
    number = a_project(store, place, **about)
    store.liaisons.assign(number, group)
    return number


def test_staff_are_told_what_is_overdue_and_whom_to_call(town: Town, place: Settlement) -> None:
    with town.store() as store:
        silent, _ = enrolled(store, "silent", "周平", place.congress, Role.DEPUTY)
        unknown = store.people.add("吴桂", "")
        store.people.grant(unknown, place.congress, Role.DEPUTY)
        account = store.people.reachable_account(silent)
        assert account
        store.people.mark_unreachable(account.id, "blocked")
        charged(store, place, place.deputy, silent, title="柳树湾道路硬化")
        charged(store, place, unknown, title="老桥头路灯")
        charged(store, place, title="磨坊水渠")
    goes_on(town, NOW)
    goes_on(town, ESCALATED)
    told = joined(town.person("staff").reads())
    assert "逾期没报的有 3 项：" in told
    assert "第1号柳树湾道路硬化（9月督查，逾期 1 天）：李强、周平（通知不到，13900000000）" in told
    assert "第2号老桥头路灯（9月督查，逾期 1 天）：吴桂（通知不到，没有电话）" in told
    assert "第3号磨坊水渠（9月督查，逾期 1 天）：还没有人负责" in told
    assert "逾期没报的有 3 项：" in joined(town.person("staff").says("逾期")), "as often as they like"
    assert town.faults == []


def test_what_was_answered_or_is_not_theirs_is_not_listed(town: Town, place: Settlement) -> None:
    with town.store() as store:
        store.cadences.turn_on(place.congress, Duty.RECEPTION)
        other, _ = enrolled(store, "other", "周平", place.congress, Role.DEPUTY)
        number = charged(store, place, place.deputy)
    goes_on(town, NOW)
    goes_on(town, datetime(2026, 9, 8, 1, tzinfo=UTC))
    goes_on(town, ESCALATED - timedelta(days=4))
    told = joined(town.person("staff").says("逾期"))
    assert "柳河镇人大（9月代表接待日，逾期 10 天）：李强" in told
    assert "周平" in told
    with town.store() as store:
        for held in store.people.holdings(other):
            store.people.revoke(held)
        store.liaisons.leave(number, place.deputy, Left.RELEASED)
    told = joined(town.person("staff").says("逾期"))
    assert "周平" not in told
    with town.store() as store:
        store.cadences.turn_off(place.congress, Duty.RECEPTION)
    town.passes(days=4)
    assert joined(town.person("staff").says("逾期")) == "现在没有逾期未报的。"


def test_a_long_list_is_cut_and_the_presidium_is_not_sent_where_it_may_not_go(town: Town, place: Settlement) -> None:
    with town.store() as store:
        enrolled(store, "chair", "郑川", place.congress, Role.PRESIDIUM)
        arranged = store.cadences.of(place.congress)[Duty.INSPECTION].cadence
        assert arranged == DEFAULTS[Duty.INSPECTION]
        for at in range(32):
            charged(store, place, place.deputy, title=f"项目{at}")
    goes_on(town, NOW)
    goes_on(town, ESCALATED)
    told = joined(town.person("staff").reads())
    assert "逾期没报的有 32 项：" in told
    assert "还有 2 项，回复“督查情况”查看。" in told
    assert joined(town.person("chair").says("逾期")).endswith("现在没有逾期未报的。")


def test_the_presidium_hears_where_the_congress_wants_it_to(town: Town, place: Settlement) -> None:
    with town.store() as store:
        enrolled(store, "chair", "郑川", place.congress, Role.PRESIDIUM)
        to_presidium = replace(DEFAULTS[Duty.INSPECTION], escalates_to=Role.PRESIDIUM)
        store.cadences.set(place.congress, Duty.INSPECTION, to_presidium)
        charged(store, place, place.deputy)
    goes_on(town, NOW)
    goes_on(town, ESCALATED)
    told = joined(town.person("chair").reads())
    assert "逾期没报的有 1 项：" in told
    assert "督查情况" not in told, "that is for staff"
    assert town.person("staff").reads() == []


def test_who_is_staff_no_longer_hears_nothing(town: Town, place: Settlement) -> None:
    with town.store() as store:
        second, _ = enrolled(store, "second", "冯敏", place.congress, Role.STAFF)
        charged(store, place, place.deputy)
    goes_on(town, NOW)
    goes_on(town, ESCALATED)
    assert "逾期没报的有 1 项：" in joined(town.person("second").reads())
    with town.store() as store:
        (held,) = store.people.holdings(second)
        store.people.revoke(held)
    assert "逾期没报" not in joined(town.person("second").says("逾期"))
