"""Everybody gets an announcement once, however the processes, people and staff around it behave."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import Engine, update

from storage.announcements import NotAllowed
from storage.broadcasting import FEWEST, HELD_FOR
from storage.database import reading
from storage.domain.announcements import State
from storage.domain.audience import Audience, Groups, Reached
from storage.store import Store
from storage.tables import outbox
from tests.announced import OFFICIALS, Office, acts
from tests.conversing import NOW
from tests.settlement import on


@pytest.fixture
def office(engine: Engine) -> Office:
    return Office(engine, on(engine))


# --- to everybody, once


def test_everybody_gets_it_once_and_the_report_sums_up(office: Office) -> None:
    residents = office.residents(23) + office.residents(4, "plain")
    muted = office.residents(2, notices=False)
    number = office.announces()
    office.sends_all()
    assert office.state(number) is State.FINISHED
    everybody = {*residents, office.place.staff, office.place.deputy, office.place.worker}
    assert office.readers(number) == everybody
    totals = office.totals(number)
    assert (totals.audience, totals.sent) == (len(everybody) + len(muted), len(everybody))
    assert totals.skipped == {"muted": 2}
    assert (office.one(number).started_at, office.one(number).send_at) == (NOW, NOW)


def test_it_begins_when_its_moment_has_come(office: Office) -> None:
    number = office.announces(send_at=NOW + timedelta(minutes=10))
    stepped = office.step()
    assert stepped.again_at == NOW + timedelta(minutes=10)
    assert office.state(number) is State.SCHEDULED
    office.passes(600)
    office.step()
    assert office.state(number) is State.PREPARING


def test_nothing_is_due_where_nothing_is_announced(office: Office) -> None:
    assert office.step().again_at is None


def test_replicas_that_step_side_by_side_double_nothing(office: Office) -> None:
    residents = office.residents(60)
    numbers = [office.announces(), office.announces()]
    together = Barrier(2)

    def replica() -> None:
        together.wait()
        for _ in range(60):
            office.step()

    with ThreadPoolExecutor(2) as pool:
        for one in [pool.submit(replica) for _ in range(2)]:
            one.result()
    office.sends_all()
    for number in numbers:
        assert len(office.rows(number)) == len(residents) + OFFICIALS
        assert len(office.readers(number)) == len(residents) + OFFICIALS
        assert office.state(number) is State.FINISHED


def test_a_process_that_dies_in_the_middle_of_a_step_leaves_no_trace(engine: Engine, office: Office) -> None:
    office.residents(20)
    number = office.announces()

    for _ in range(40):  # each step is begun once in vain
        with reading(engine) as unit:
            store = Store(unit, office.now, office.areas, channels=office.paces)
            office.broadcasting(store).step(office.words, office.paces)
            unit.flush()
        office.step()
        office.sends()
        office.passes(1)
    office.sends_all()
    assert len(office.readers(number)) == 20 + OFFICIALS
    assert office.totals(number).sent == 20 + OFFICIALS


def test_clocks_of_replicas_may_differ_by_a_minute(office: Office) -> None:
    office.residents(30)
    number = office.announces(send_at=NOW + timedelta(seconds=30))
    for turn in range(60):
        office.step(ahead=60 * (turn % 2))
        office.settle(office.claim(limit=3))
        office.passes(1)
    office.passes(60)
    office.sends_all()
    assert len(office.readers(number)) == 30 + OFFICIALS
    assert office.state(number) is State.FINISHED


def test_who_comes_later_does_not_belong_to_it(office: Office) -> None:
    office.residents(3)
    number = office.announces()
    office.step()
    late = office.residents(1)
    office.sends_all()
    assert not office.readers(number) & set(late)
    assert office.totals(number).audience == 3 + OFFICIALS


def test_what_many_read_is_stored_once(office: Office) -> None:
    office.residents(20)
    number = office.announces(text="<b>不要</b> *点火*")
    office.sends_all()
    rows = office.rows(number)
    assert {(row.text, row.text_id is None) for row in rows} == {(rows[0].text, False)}
    assert len({row.text_id for row in rows}) == 1
    assert "<b>不要</b> *点火*" in rows[0].text


def test_variables_are_filled_in_for_each_reader(office: Office) -> None:
    (resident,) = office.residents(1)
    (nobody,) = office.residents(1, name="", cell_id=None)
    number = office.announces(text="{姓名}，您在{网格}，代表是{代表}。")
    office.sends_all()
    said = {row.person_id: row.text for row in office.rows(number)}
    assert f"居民{resident}，您在杨柳村 第一网格，代表是李强。" in said[resident]
    assert "居民朋友，您在本网格，代表是本网格代表。" in said[nobody]
    assert "王芳，您在本网格，代表是本网格代表。" in said[office.place.staff]


# --- fairness, and what is more urgent


def test_a_small_one_does_not_wait_until_a_large_one_is_through(office: Office) -> None:
    office.paces = {"tap": 5.0}
    office.residents(300)
    large = office.announces()
    office.steps()
    small = office.announces(Audience(those=Groups(areas=(office.place.willow.id,))))
    for _ in range(60):
        office.steps()
        office.sends(limit=5)
        office.passes(1)
    sent = {number: office.totals(number).sent for number in (large, small)}
    assert sent[small] >= sent[large] / 3, sent
    assert len(office.rows(large)) <= sent[large] + FEWEST


def test_replies_and_prompts_overtake(office: Office) -> None:
    first, second, *_ = office.residents(30)
    office.announces()
    office.steps()
    office.replies(second, "prompt", priority=1)
    office.replies(first, "reply")
    assert [row.text for row in office.claim(limit=2)] == ["reply", "prompt"]


# --- pause, resume, stop


def test_what_is_paused_does_not_leave_until_it_goes_on(office: Office) -> None:
    office.residents(30)
    number = office.announces()
    office.steps()
    in_hand = office.claim(limit=4)
    office.does(acts("pause", number))
    assert office.states(number) == {"paused": len(office.rows(number)) - 4, "waiting": 4}
    assert office.claim() == []
    office.settle(in_hand[:2])
    office.settle(in_hand[2:], "waiting")
    assert office.claim() == [], "not even what came back for another try"
    office.steps()
    assert office.states(number)["waiting"] == 0
    with pytest.raises(NotAllowed):
        office.does(acts("pause", number))
    office.does(acts("resume", number))
    office.sends_all()
    assert len(office.readers(number)) == 30 + OFFICIALS
    assert office.state(number) is State.FINISHED


def test_it_may_be_paused_while_recipients_are_written_down(office: Office) -> None:
    office.residents(30)
    number = office.announces()
    office.step()
    office.does(acts("pause", number))
    office.steps()
    assert office.rows(number) == []
    office.does(acts("resume", number))
    assert office.state(number) is State.PREPARING
    office.sends_all()
    assert len(office.readers(number)) == 30 + OFFICIALS


def test_stop_means_stop(office: Office) -> None:
    residents = office.residents(30)
    office.is_gone(residents[0])
    number = office.announces()
    office.steps()
    in_hand = office.claim(limit=4)
    office.does(acts("stop", number))
    office.steps()
    assert office.state(number) is State.STOPPING, "as long as something is in somebody's hands"
    office.settle(in_hand[:1])
    office.settle(in_hand[1:2], "held")
    office.settle(in_hand[2:], "waiting")
    office.comes_back(residents[0])
    assert office.claim() == []
    office.steps()
    assert office.state(number) is State.STOPPED
    totals = office.totals(number)
    assert (totals.sent, totals.failed, totals.waiting, totals.held) == (1, {"stopped": 32}, 0, 0)
    for name in ("pause", "resume", "stop"):
        with pytest.raises(NotAllowed):
            office.does(acts(name, number))


def test_what_has_not_begun_can_be_stopped(office: Office) -> None:
    number = office.announces(send_at=NOW + timedelta(hours=1))
    office.does(acts("stop", number))
    office.steps()
    office.passes(7200)
    office.steps()
    assert (office.state(number), office.rows(number)) == (State.STOPPED, [])


def test_what_is_crossed_out_while_it_is_in_hand_is_not_tried_again(office: Office) -> None:
    """On PostgreSQL a claim that is not committed yet does not show."""
    office.residents(1)
    number = office.announces(Audience(those=Groups(areas=(office.place.willow.id,))))
    office.steps()
    rows = office.claim()
    crossed_out = {"state": "failed", "failure": "stopped"}
    with office.storing() as store:
        store.unit.write(update(outbox).values(**crossed_out))
    office.settle(rows, "waiting")
    assert [(row.state, row.failure) for row in office.rows(number)] == [("failed", "stopped")]


def test_what_is_held_comes_out_when_its_person_is_back_but_not_while_it_is_paused(office: Office) -> None:
    first, second = office.residents(2)
    for person in (first, second):
        office.is_gone(person)
    number = office.announces()
    office.sends_all()
    assert office.totals(number).held == 2
    assert office.state(number) is State.FINISHED, "nobody waits for who is not there"
    office.comes_back(first)
    office.sends_all()
    assert first in office.readers(number)
    another = office.announces()
    office.steps()
    office.does(acts("pause", another))
    office.comes_back(second)
    assert [row.text for row in office.claim()] == [office.rows(number)[0].text]
    office.passes(40)
    office.steps()
    assert office.states(another) == {"paused": 4, "held": 1}, "the first one has not written to us"
    office.does(acts("resume", another))
    office.sends_all()
    assert second in office.readers(another)


def test_who_is_never_there_again_is_given_up(office: Office) -> None:
    (person,) = office.residents(1)
    office.is_gone(person)
    number = office.announces()
    office.sends_all()
    office.passes(HELD_FOR.total_seconds() + 1)
    office.steps()
    assert office.totals(number).failed == {"expired": 1}


# --- readers


def test_who_looks_into_it_is_noted_once(office: Office) -> None:
    first, second = office.residents(2)
    number = office.announces()
    office.sends_all()
    assert office.does(lambda broadcasting: broadcasting.opened(number, first)) is True
    assert office.does(lambda broadcasting: broadcasting.opened(number, first)) is False
    assert office.does(lambda broadcasting: broadcasting.opened(number, 10_000)) is False
    assert office.totals(number).opened == 1
    again = office.announces(Audience(of_announcement=number, reached=Reached.UNOPENED))
    while office.state(again) is not State.SENDING:
        office.step()
    office.does(lambda broadcasting: broadcasting.opened(number, second))
    office.sends_all()
    assert office.readers(again) == {office.place.deputy, office.place.worker}  # staff wrote it


def test_progress_counts_everybody(office: Office) -> None:
    first, *_ = office.residents(30)
    office.residents(1, notices=False)
    office.is_gone(first)
    number = office.announces()
    office.steps()
    office.sends(limit=10)
    progress = office.does(acts("progress", number))
    assert (progress.sent, progress.held, progress.waiting) == (10, 1, 22)
    assert (progress.audience, progress.skipped) == (34, {"muted": 1})
    assert progress.seconds_left({"tap": 11.0}) == 2.0
    assert progress.seconds_left({}) is None
