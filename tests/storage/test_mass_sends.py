"""Announcements by mass send: who goes by which call, who waits, and what comes of it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine

from handlers.texts import mass_sends as texts
from storage.broadcasting import HELD_FOR
from storage.domain.announcements import State
from tests.announced import OFFICIALS, acts
from tests.massed import Masses, masses_on


@pytest.fixture
def office(engine: Engine) -> Masses:
    return masses_on(engine)


# --- the whole way


def test_who_is_away_gets_it_by_one_call_and_the_report_sums_up(office: Masses) -> None:
    away, here = office.away(12), office.residents(5, "many")
    number = office.announces()
    office.sends_all()
    assert office.state(number) is State.SENDING, "it is not over yet"
    assert (office.totals(number).massed, office.totals(number).sent) == (12, 5 + OFFICIALS)
    (errand,) = office.calls()
    assert office.people(errand) == set(away)
    assert "明天停水。" in errand.text
    assert "通知" in errand.text
    assert f"https://minsheng.example/board/{office.place.congress}/{number}" in errand.text
    assert office.progress(number).asked == 12
    office.hears(str(errand.id), "send success", 12, 11, 10, 1)
    office.steps()
    assert office.state(number) is State.FINISHED
    assert office.totals(number).sent == 12 + 5 + OFFICIALS
    assert office.readers(number).isdisjoint(away), "nothing was pushed to them"
    assert {office.of(one, number) for one in here} == {"sent"}
    with office.storing() as store:
        (one,) = store.announcement_reports.mass_sends(number)
    assert (one.people, one.total, one.filtered, one.sent, one.failed) == (12, 12, 11, 10, 1)
    assert texts.became(one).zh == "已发出"


@pytest.mark.parametrize("became", ["err(40001)", "err(40002)", "err(10001)", "send fail"])
def test_what_was_not_sent_waits_for_its_people_and_the_author_hears_why(office: Masses, became: str) -> None:
    one, *_ = office.away(4)
    number = office.announces()
    office.sends_all()
    (errand,) = office.calls()
    office.hears(str(errand.id), became)
    office.steps()
    assert office.state(number) is State.FINISHED
    assert (office.totals(number).held, office.totals(number).massed) == (4, 0)
    (said,) = office.told("没有发出")
    assert texts.why(became).zh in said
    assert office.progress(number).not_massed == {became: 4}
    office.steps()
    assert office.calls() == [], "it is not put together again"
    office.comes_back(one, "many")
    office.sends_all()
    assert office.of(one, number) == "sent"


def test_nobody_is_massed_where_it_is_off_or_somebody_has_words_of_their_own(office: Masses) -> None:
    office.away(4)
    personal = office.announces(text="{姓名}您好")
    office.sends_all()
    office.is_on = False
    plain = office.announces()
    office.sends_all()
    for number in (personal, plain):
        assert (office.state(number), office.totals(number).held) == (State.FINISHED, 4)
    assert office.calls() == []


def test_a_single_person_waits(office: Masses) -> None:
    office.away(1)
    number = office.announces()
    office.sends_all()
    assert (office.state(number), office.totals(number).held) == (State.FINISHED, 1)
    assert office.calls() == []


def test_what_is_switched_off_in_between_waits_for_its_people(office: Masses) -> None:
    office.away(3)
    number = office.announces()
    office.sends_all()
    office.is_on = False
    office.steps()
    assert (office.state(number), office.totals(number).held) == (State.FINISHED, 3)
    assert office.claims() is None


def test_nobody_waits_for_ever_for_a_call(office: Masses) -> None:
    office.away(3)
    number = office.announces()
    office.sends_all()
    office.passes(HELD_FOR.total_seconds() + 1)
    office.steps()
    assert office.state(number) is State.FINISHED
    assert office.totals(number).massed == 0


def test_replicas_that_step_side_by_side_put_nobody_into_two(office: Masses) -> None:
    away = office.away(40)
    number = office.announces()
    with ThreadPoolExecutor(3) as replicas:
        for done in [replicas.submit(office.steps) for _ in range(3)]:
            done.result()
    office.sends_all()
    with ThreadPoolExecutor(3) as replicas:
        claims = [replicas.submit(office.claims) for _ in range(3)]
    (errand,) = filter(None, (one.result() for one in claims))
    assert sorted(office.people(errand)) == sorted(away)
    assert len(errand.people) == 40
    assert office.asked(errand, "77")
    office.hears("77")
    office.steps()
    assert office.totals(number).sent == 40 + OFFICIALS


# --- who writes, leaves, or wants no more


def test_who_writes_meanwhile_gets_it_once(office: Masses) -> None:
    one, *_ = office.away(3)
    number = office.announces()
    office.sends_all()
    office.comes_back(one, "many")
    office.sends_all()
    (errand,) = office.calls()
    office.comes_back(one, "many")
    office.hears(str(errand.id))
    office.sends_all()
    assert one in office.people(errand)
    assert one not in office.readers(number)
    assert office.of(one, number) == "sent"


def test_who_opts_out_or_is_gone_before_the_call_is_not_called_for(office: Masses) -> None:
    muted, gone, forgotten, *others = office.away(6)
    number = office.announces()
    office.sends_all()
    office.sets(muted, notices=False)
    office.is_gone(gone)
    with office.storing() as store:
        store.people.forget(forgotten)
    (errand,) = office.calls()
    assert office.people(errand) == set(others)
    assert [office.of(one, number) for one in (muted, gone)] == ["held", "held"]
    office.hears(str(errand.id))
    office.steps()
    totals = office.totals(number)
    assert (totals.sent, totals.held) == (len(others) + OFFICIALS, 2)
    assert totals.failed == {"forgotten": 1}


def test_where_only_one_is_left_they_wait(office: Masses) -> None:
    muted, other = office.away(2)
    number = office.announces()
    office.sends_all()
    office.sets(muted, notices=False)
    assert office.claims() is None
    office.steps()
    assert (office.state(number), office.of(other, number)) == (State.FINISHED, "held")


def test_two_records_of_one_person_are_called_for_once(office: Masses) -> None:
    person, into, *_ = office.away(4)
    number = office.announces()
    office.sends_all()
    with office.storing() as store:
        store.people.merge(person, into)
    (errand,) = office.calls()
    assert len(errand.people) == 3
    office.hears(str(errand.id))
    office.steps()
    assert office.totals(number).sent == 3 + OFFICIALS


# --- pausing, stopping, quiet hours


def test_nothing_is_called_for_while_it_is_paused(office: Masses) -> None:
    office.away(3)
    number = office.announces()
    office.sends_all()
    office.does(acts("pause", number))
    office.steps()
    assert office.claims() is None
    office.does(acts("resume", number))
    assert office.claims() is not None


def test_what_was_not_called_for_is_stopped(office: Masses) -> None:
    office.away(3)
    number = office.announces()
    office.sends_all()
    office.does(acts("stop", number))
    assert office.claims() is None
    office.steps()
    assert office.state(number) is State.STOPPED
    assert office.totals(number).failed == {"stopped": 3}


@pytest.mark.parametrize(("became", "left"), [("send success", {}), ("err(40001)", {"stopped": 3})])
def test_what_the_platform_has_cannot_be_taken_back(office: Masses, became: str, left: dict[str, int]) -> None:
    office.away(3)
    number = office.announces()
    office.sends_all()
    (errand,) = office.calls()
    office.does(acts("stop", number))
    office.steps()
    assert office.state(number) is State.STOPPING, "who got it is not known yet"
    assert office.does(acts("beyond_recall", number)) == 3
    office.hears(str(errand.id), became)
    office.steps()
    assert office.state(number) is State.STOPPED
    assert office.totals(number).failed == left
    assert office.told("没有发出") == []


def test_quiet_hours_are_quiet(office: Masses) -> None:
    office.away(3)
    number = office.announces()
    office.sends_all()
    office.now = datetime(2026, 9, 1, 14, 30, tzinfo=UTC)  # 22:30 there
    assert office.claims() is None
    office.now = datetime(2026, 9, 2, 0, 0, tzinfo=UTC)
    office.steps()
    assert office.claims() is not None
    assert office.state(number) is State.SENDING
