"""Who still owes is nudged, once a day and twice about a period at most; whom no push reaches is called."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import Engine, select

from handlers.texts import supervision as texts
from storage.audit import Actor
from storage.domain.cadence import DEFAULTS, Cadence, Duty, QuietHours
from storage.domain.roles import Role
from storage.liaisons import Left
from storage.nudges import CONVERSATION, Nudged
from storage.outbox_states import AWAITS_CONTACT
from storage.store import Store
from storage.tables import audit, prompts
from storage.telling import Telling
from tests.conversing import NOW
from tests.settlement import Settlement, enrolled, on
from tests.storage.test_people import storing
from tests.storage.test_projects import a_project
from tests.supervised import a_duty, a_round, answers, of_body, told

DAY_BEGAN = NOW.replace(hour=0) - timedelta(hours=8)  # in China


@pytest.fixture
def place(engine: Engine) -> Settlement:
    """One project, with 李强 and 白桦 who owe its inspection."""
    place = on(engine)
    with storing(engine) as store:
        number = a_project(store, place)
        other, _ = enrolled(store, "other deputy", "白桦", place.congress, Role.DEPUTY)
        store.liaisons.assign(number, [place.deputy, other])
        a_duty(store, a_round(store, place.congress), number)
    return place


def nudged(engine: Engine, place: Settlement, days: int = 0, only: list[int] | None = None) -> Nudged:
    after = timedelta(days=days)
    with storing(engine, after=after, actor=Actor(place.staff)) as store:
        return store.nudges.nudge(place.congress, DAY_BEGAN + after, only)


def waiting(store: Store) -> list[tuple[int, str, Any]]:
    query = select(prompts.c.person_id, prompts.c.conversation, prompts.c.arguments).order_by(prompts.c.id)
    return [tuple(row) for row in store.unit.read(query)]


def test_everybody_who_owes_is_prompted_and_the_log_says_who_asked(engine: Engine, place: Settlement) -> None:
    done = nudged(engine, place)
    with storing(engine) as store:
        assert waiting(store) == [(person, CONVERSATION, {}) for person in done.prompted]
        assert place.deputy in done.prompted
        assert len(done.prompted) == 2
        logged = store.unit.read(select(audit.c.person_id, audit.c.record_id).where(audit.c.action == "nudge")).all()
        assert [tuple(row) for row in logged] == [(place.staff, person) for person in done.prompted]


def test_nobody_is_nudged_twice_a_day_nor_three_times_about_a_period(engine: Engine, place: Settlement) -> None:
    assert nudged(engine, place, only=[place.deputy]).prompted == [place.deputy]
    again = nudged(engine, place)
    assert (len(again.prompted), again.today) == (1, 1)
    assert place.deputy not in again.prompted
    assert place.deputy in nudged(engine, place, days=1).prompted
    third = nudged(engine, place, days=2)
    assert (third.prompted, third.often) == ([], 2)


AT_NIGHT = NOW.replace(hour=14)  # 22:00 in China
MORNING = (NOW + timedelta(days=1)).replace(hour=0)


def nudged_at_night(engine: Engine, place: Settlement, since: time = time(21)) -> Nudged:
    with storing(engine) as store:
        store.cadences.set(place.congress, Duty.INSPECTION, replace(Cadence(), quiet=QuietHours(since, time(8))))
    with storing(engine, after=AT_NIGHT - NOW, actor=Actor(place.staff)) as store:
        return store.nudges.nudge(place.congress, DAY_BEGAN)


def begun(engine: Engine, at: datetime) -> list[int]:
    """Those for whom a conversation waits once the scheduler has looked at that moment."""
    with storing(engine, after=at - NOW) as store:
        Telling(store.unit, at).prompt()
        return sorted(person for person, *_ in waiting(store))


def test_in_quiet_hours_they_hear_when_those_are_over(engine: Engine, place: Settlement) -> None:
    with storing(engine) as store:
        told(store, 1, place.deputy, date(2026, 9, 1))  # of the others nobody was told yet
    done = nudged_at_night(engine, place)
    assert (done.prompted, done.later, done.quiet_until) == ([], 2, MORNING)
    assert begun(engine, AT_NIGHT + timedelta(hours=2)) == []
    heard = begun(engine, MORNING)
    assert place.deputy in heard
    assert len(heard) == 2
    assert nudged(engine, place).today == 2  # it counts from when it was asked for


def test_where_it_is_never_quiet_they_hear_at_once(engine: Engine, place: Settlement) -> None:
    done = nudged_at_night(engine, place, since=time(8))
    assert (len(done.prompted), done.later, done.quiet_until) == (2, 0, None)


def test_what_is_not_quiet_is_asked_about_at_once(engine: Engine, place: Settlement) -> None:
    with storing(engine) as store:
        a_duty(store, a_round(store, place.congress, Duty.QUESTIONS), 1)
        store.cadences.set(
            place.congress, Duty.QUESTIONS, replace(DEFAULTS[Duty.QUESTIONS], quiet=QuietHours(time(8), time(8)))
        )
    assert len(nudged_at_night(engine, place).prompted) == 2


def test_a_new_period_may_be_asked_about_again(engine: Engine, place: Settlement) -> None:
    for days in (0, 1):
        nudged(engine, place, days=days)
    with storing(engine) as store:
        a_duty(store, a_round(store, place.congress, Duty.QUESTIONS), 1)
    assert len(nudged(engine, place, days=2).prompted) == 2


def test_who_hears_of_it_already_is_not_asked_twice(engine: Engine, place: Settlement) -> None:
    with storing(engine) as store:
        store.conversations.prompt(place.deputy, CONVERSATION, {})
    assert place.deputy in nudged(engine, place).prompted
    with storing(engine) as store:
        assert [person for person, *_ in waiting(store)].count(place.deputy) == 1


def test_who_owes_nothing_any_more_is_left_alone(engine: Engine, place: Settlement) -> None:
    with storing(engine) as store:
        store.liaisons.leave(1, place.deputy, Left.RELEASED)
    assert place.deputy not in nudged(engine, place).prompted
    with storing(engine) as store:
        answers(store, place.congress, 1, place.deputy, NOW, 1)
    assert nudged(engine, place, days=1) == Nudged()


def test_a_body_and_a_reception_day_are_nudged_about_too(engine: Engine, place: Settlement) -> None:
    with storing(engine) as store:
        answers(store, place.congress, 1, place.deputy, NOW, 1)
        builder = of_body(store, place)
        a_duty(store, a_round(store, place.congress, Duty.DISPATCH), 1)
        a_duty(store, a_round(store, place.congress, Duty.RECEPTION, due_on=date(2026, 9, 15)), None, place.deputy)
    with storing(engine) as store:
        assert [one.person for one in store.nudges.debtors(place.congress)] == [place.deputy, builder]
    assert nudged(engine, place).prompted == [place.deputy, builder]


def test_whom_no_push_reaches_stands_in_the_telephone_list(engine: Engine, place: Settlement) -> None:
    with storing(engine) as store:
        never = store.people.add("丁一", "13600000000")
        store.people.grant(never, place.congress, Role.DEPUTY)
        store.liaisons.assign(1, [never])
        account = store.people.reachable_account(place.deputy)
        assert account
        store.people.mark_unreachable(account.id, "blocked")
    with storing(engine) as store:
        gone, unknown = store.nudges.unreached(place.congress)
        assert (gone.person, gone.name, gone.telephone, gone.since) == (place.deputy, "李强", "13900000000", NOW)
        assert (unknown.name, unknown.telephone, unknown.since) == ("丁一", "13600000000", None)
        assert store.nudges.unreached(place.congress, after=gone.person) == [unknown]
        assert store.shown >= {place.deputy, never}
    done = nudged(engine, place)
    assert (len(done.prompted), done.unreached) == (1, 2)
    with storing(engine) as store:
        store.people.add_account(never, "plain", "d1", "d1")
        assert [one.person for one in store.nudges.unreached(place.congress)] == [place.deputy]


def test_who_is_asked_at_their_next_contact_is_nudged_and_stays_on_the_list_of_telephones(
    engine: Engine, place: Settlement
) -> None:
    with storing(engine) as store:
        account = store.people.reachable_account(place.deputy)
        assert account
        store.people.mark_unreachable(account.id, AWAITS_CONTACT)
    with storing(engine) as store:
        (one,) = store.nudges.unreached(place.congress)
        assert (one.person, one.awaits) == (place.deputy, True)
        elsewhere = Store(store.unit, NOW, store.areas, channels={"web"})
        assert not any(one.awaits for one in elsewhere.nudges.unreached(place.congress))
    done = nudged(engine, place)
    assert place.deputy in done.prompted
    assert (done.awaited, done.unreached) == (1, 0)
    assert "其中 1 人要等对方下次发消息才看到，急事请打电话。" in texts.nudged(done, "Asia/Shanghai").zh
    said = texts.unreached(one.name, one.telephone, None, awaits=True)
    assert said.zh == "李强 13900000000（要等对方下次发消息）"
    with storing(engine) as store:
        store.people.add_account(place.deputy, "plain", "d2", "d2")
        assert store.nudges.unreached(place.congress) == []


def test_an_account_of_a_channel_that_is_not_set_up_reaches_nobody(engine: Engine, place: Settlement) -> None:
    with storing(engine) as store:
        elsewhere = Store(store.unit, NOW, store.areas, channels={"web"})
        assert len(elsewhere.nudges.unreached(place.congress)) == 2
        assert elsewhere.nudges.nudge(place.congress, DAY_BEGAN).unreached == 2


def test_two_of_the_staff_at_once_nudge_everybody_once(engine: Engine, place: Settlement) -> None:
    together = Barrier(2)

    def nudge() -> int:
        together.wait()
        return len(nudged(engine, place).prompted)

    with ThreadPoolExecutor(2) as threads:
        counts = [one.result() for one in [threads.submit(nudge) for _ in range(2)]]
    assert sorted(counts) == [0, 2]
    with storing(engine) as store:
        assert len(waiting(store)) == 2
