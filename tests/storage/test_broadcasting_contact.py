"""Announcements to people to whom nothing is pushed: others are told on time, they at their next contact."""

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import Engine, select, update

from handlers.texts import announcement_reports as texts
from storage.broadcasting import HELD_FOR
from storage.database import transaction
from storage.domain.announcements import State
from storage.outbox_states import AWAITS_CONTACT
from storage.responses import Responses
from storage.tables import accounts, messages
from tests.announced import OFFICIALS, PACES, Office, acts
from tests.settlement import on

MUTE = 40


@pytest.fixture
def office(engine: Engine) -> Office:
    return Office(engine, on(engine), paces={**PACES, "mute": 0.5})


def mute(office: Office, count: int = MUTE) -> list[int]:
    """People who have written by a channel that pushes nothing."""
    people = office.residents(count, "mute")
    with office.storing() as store:
        theirs = update(accounts).where(accounts.c.channel == "mute")
        store.unit.write(theirs.values(unreachable_since=office.now, unreachable_reason=AWAITS_CONTACT))
    return people


def contacts(office: Office, person: int) -> list[str]:
    """Somebody writes; what travels in the response."""
    with office.storing() as store:
        account = store.people.reachable_account(person)
        assert account
        row = {"direction": "in", "channel": "mute", "platform_key": f"k{person}", "account_id": account.id}
        moment = {"person_id": person, "kind": "text", "text": "谢谢", "at": office.now, "stored_at": office.now}
        store.unit.write(messages.insert().values(**row, **moment))
        found = Responses(store.unit, office.now).take_all("mute", {f"k{person}": len})[f"k{person}"]
    return [one.text for one in found.messages]


def test_it_comes_to_its_end_though_some_have_not_written_again(office: Office) -> None:
    reader, *_ = mute(office)
    office.residents(30)
    number = office.announces()
    office.sends_all()
    assert office.state(number) is State.FINISHED
    totals = office.totals(number)
    assert (totals.sent, totals.held, totals.waiting) == (30 + OFFICIALS, MUTE, 0)
    (said,) = contacts(office, reader)
    assert "明天停水。" in said
    assert office.totals(number).sent == 30 + OFFICIALS + 1
    assert contacts(office, office.residents(1, "mute")[0]) == []


def test_they_do_not_hold_up_the_others_however_many_they_are(office: Office) -> None:
    people = office.residents(MUTE, "mute")  # as if they had been pushed to until today
    others = office.residents(30)
    number = office.announces()
    for _ in range(30):
        office.steps()
        with transaction(office.engine) as unit:
            Responses(unit, office.now).await_contact("mute", 1_000)
        office.sends()
        office.passes(1)
    assert set(others) <= office.readers(number)
    assert office.state(number) is State.FINISHED
    assert office.totals(number).held == len(people)


def test_the_report_says_that_they_are_waited_for(office: Office) -> None:
    people = mute(office, 3)
    number = office.announces()
    office.sends_all()
    with office.storing() as store:
        found = store.announcement_reports.telephones(number)
        by_channel = store.announcement_reports.by_channel(number)
    assert [one.person for one in found] == people
    assert {texts.why(one.why).zh for one in found} == {"要等对方下次发消息"}
    assert by_channel["mute"].held == 3


def test_who_has_another_account_gets_it_there_at_once(office: Office) -> None:
    (person,) = mute(office, 1)
    with office.storing() as store:
        store.people.add_account(person, "tap", "too", "too")
        store.unit.write(update(accounts).where(accounts.c.channel == "mute").values(seen_at=office.now + timedelta(1)))
    number = office.announces()
    office.sends_all()
    assert person in office.readers(number)


def test_who_left_another_account_gets_it_when_they_write(office: Office) -> None:
    (person,) = mute(office, 1)
    with office.storing() as store:
        gone = store.people.add_account(person, "tap", "gone", "gone")
        store.people.mark_unreachable(gone, "blocked")
        seen = update(accounts).where(accounts.c.id == gone).values(seen_at=office.now + timedelta(1))
        store.unit.write(seen)
        found = store.people.reachable_account(person)
        assert found
        assert found.channel == "mute"
    office.announces()
    office.sends_all()
    assert len(contacts(office, person)) == 1


def test_one_that_is_stopped_does_not_reach_them_any_more(office: Office) -> None:
    one, other, *_ = mute(office)
    number = office.announces()
    office.sends_all()
    assert contacts(office, one)
    again = office.announces()
    office.step()
    while office.state(again) is not State.SENDING:
        office.step()
    while not office.states(again)["held"]:
        office.step()
    office.does(acts("pause", again))
    assert len(contacts(office, other)) == 1, "the first one only"
    office.does(acts("stop", again))
    office.steps()
    assert office.state(again) is State.STOPPED
    assert set(office.states(again)) <= {"failed", "sent"}
    assert office.state(number) is State.FINISHED


def test_nobody_is_waited_for_for_ever(office: Office) -> None:
    person, *_ = mute(office)
    number = office.announces()
    office.sends_all()
    office.passes((HELD_FOR + timedelta(minutes=1)).total_seconds())
    office.steps()
    assert Counter(office.totals(number).failed) == {"expired": MUTE}
    assert contacts(office, person) == []


def test_the_preview_counts_them_as_not_reached_at_once(office: Office) -> None:
    mute(office)
    one = office.one(office.announces())
    with office.storing() as store:
        reach = store.audiences.reach(one.congress_id, one.content.audience)
        unmarked = store.unit.read(select(accounts.c.id).where(accounts.c.unreachable_since.is_(None))).all()
    assert (reach.people, reach.reachable) == (MUTE + OFFICIALS, OFFICIALS)
    assert len(unmarked) == OFFICIALS
