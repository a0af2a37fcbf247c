"""Announcements while people come and go, hours are quiet, and words are put right."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine, update

from storage.broadcasting import HELD_FOR
from storage.domain.announcements import Correction, State
from storage.domain.audience import Audience, Groups, Reached
from storage.domain.roles import Role
from storage.tables import congresses, roles
from tests.announced import OFFICIALS, Office
from tests.conversing import NOW
from tests.settlement import on


@pytest.fixture
def office(engine: Engine) -> Office:
    return Office(engine, on(engine))


# --- people who change


def test_who_leaves_before_their_turn_gets_nothing(office: Office) -> None:
    stays, opts_out, is_forgotten, moves, *_ = office.residents(4)
    number = office.announces(Audience(those=Groups(roles=(Role.DEPUTY,), areas=(office.place.willow.id,))))
    office.step()
    office.step()
    office.sets(opts_out, notices=False)
    office.sets(moves, cell_id=None)
    with office.storing() as store:
        store.people.forget(is_forgotten)
        store.unit.write(update(roles).values(revoked_at=NOW))
    office.sends_all()
    assert office.readers(number) == {stays}
    assert office.totals(number).skipped == {"left": 4}


def test_who_holds_a_role_hears_of_it_whatever_they_have_set(office: Office) -> None:
    office.sets(office.place.deputy, notices=False)
    number = office.announces(Audience(those=Groups(roles=(Role.DEPUTY,))))
    office.sends_all()
    assert office.readers(number) == {office.place.deputy}


def test_who_is_forgotten_loses_their_copy_and_nobody_else_does(office: Office) -> None:
    first, second = office.residents(2)
    number = office.announces()
    office.steps()
    office.settle([row for row in office.claim() if row.external_id == f"r{second}"])
    with office.storing() as store:
        store.people.forget(first)
    said = {row.person_id: (row.text, row.state) for row in office.rows(number)}
    assert said[first] == ("", "failed")
    assert "明天停水" in said[second][0]
    office.passes(40)
    office.sends_all()
    assert first not in office.readers(number)
    assert office.totals(number).failed == {"forgotten": 1}


def test_a_channel_that_is_gone_holds_up_nobody_else(office: Office) -> None:
    office.residents(20)
    elsewhere = office.residents(3, "plain")
    number = office.announces()
    office.step()
    while office.state(number) is State.PREPARING:
        office.step()
    office.paces = {"tap": 10.0}
    office.sends_all()
    assert len(office.readers(number)) == 20 + OFFICIALS
    assert (office.state(number), office.totals(number).waiting) == (State.SENDING, 3)
    office.paces = {"tap": 10.0, "plain": 10.0}
    office.sends_all()
    assert set(elsewhere) <= office.readers(number)
    assert office.state(number) is State.FINISHED


def test_nobody_waits_for_ever_for_a_channel_that_is_gone(office: Office) -> None:
    office.residents(220, "plain")
    number = office.announces()
    office.steps()
    office.paces = {"tap": 10.0}
    office.sends_all()
    office.passes(HELD_FOR.total_seconds() + 1)
    office.sends_all()
    totals = office.totals(number)
    assert office.state(number) is State.FINISHED
    assert (totals.failed, totals.skipped) == ({"expired": 200}, {"expired": 20})


# --- quiet hours


def quiet(office: Office, begins: int, ends: int) -> None:
    hours = {"announcement_quiet_from": begins, "announcement_quiet_until": ends}
    with office.storing() as store:
        store.unit.write(update(congresses).values(rules=hours))


def test_quiet_hours_that_begin_in_the_middle_are_kept(office: Office) -> None:
    office.residents(150)
    number = office.announces()
    office.steps()
    office.sends(limit=10)
    before = office.totals(number).sent
    local = (office.now + timedelta(hours=8)).hour
    quiet(office, local, (local + 2) % 24 or 24)
    office.sends_all()
    assert office.totals(number).sent == before
    assert office.states(number)["waiting"] == 0
    assert office.state(number) is State.SENDING
    office.passes(2 * 3600)
    office.sends_all()
    assert len(office.readers(number)) == 150 + OFFICIALS


def test_recipients_are_written_down_while_it_is_quiet(office: Office) -> None:
    office.residents(10)
    number = office.announces()
    local = (office.now + timedelta(hours=8)).hour
    quiet(office, local, (local + 2) % 24 or 24)
    office.steps()
    assert office.state(number) is State.SENDING
    assert office.totals(number).waiting == 10 + OFFICIALS


# --- corrections


def test_a_correction_takes_the_place_of_what_was_sent(office: Office) -> None:
    residents = office.residents(30)
    wrong = office.announces(text="明天停水。")
    office.steps()
    office.sends(limit=10)
    in_hand = office.claim(limit=2)
    got = set(office.readers(wrong))
    right = office.announces(Audience(of_announcement=wrong), corrects=wrong, how=Correction.REPLACE, text="后天停水。")
    office.steps()
    assert office.state(wrong) is State.STOPPING
    assert office.state(right) is State.PREPARING, "until it is known who got the other one"
    office.settle(in_hand)
    got = office.readers(wrong)
    office.sends_all()
    assert office.state(wrong) is State.STOPPED
    assert office.readers(right) == {*residents, office.place.staff, office.place.deputy, office.place.worker}
    before = {row.person_id: row.message_id for row in office.rows(wrong)}
    for row in office.rows(right):
        assert row.text.startswith("【更正】")
        assert row.edits_id == (before[row.person_id] if row.person_id in got else None)


def test_a_recall_goes_to_those_who_got_it(office: Office) -> None:
    office.residents(30)
    wrong = office.announces()
    office.steps()
    office.sends(limit=10)
    got = office.readers(wrong)
    audience = Audience(of_announcement=wrong, reached=Reached.SENT)
    recall = office.announces(audience, corrects=wrong, how=Correction.RECALL)
    office.sends_all()
    assert office.readers(recall) == got
    assert all(row.text.startswith("【撤回】") and row.edits_id for row in office.rows(recall))
    assert len(office.readers(wrong)) == 10


@pytest.mark.parametrize(
    ("how", "audience"),
    [(Correction.RECALL, Reached.SENT), (Correction.REPLACE, Reached.ALL)],
    ids=["recall", "replace"],
)
def test_who_got_what_was_wrong_hears_so_though_they_have_opted_out_since(
    office: Office, how: Correction, audience: Reached
) -> None:
    residents = office.residents(4)
    wrong = office.announces()
    office.steps()
    office.sends(limit=2)
    got = office.readers(wrong)
    for person in residents:
        office.sets(person, notices=False)
    told = Audience(of_announcement=wrong, reached=audience)
    with office.storing() as store:
        reach = store.audiences.reach(office.place.congress, told, wrong)
    number = office.announces(told, corrects=wrong, how=how)
    office.sends_all()
    quiet = set(residents) - got
    expected = set(residents) & got
    assert office.readers(number) & set(residents) == expected
    assert reach.muted == (len(quiet) if audience is Reached.ALL else 0)


def test_what_is_held_of_a_corrected_one_never_leaves(office: Office) -> None:
    (person,) = office.residents(1)
    office.is_gone(person)
    wrong = office.announces()
    office.sends_all()
    assert office.state(wrong) is State.FINISHED
    right = office.announces(Audience(of_announcement=wrong), corrects=wrong, how=Correction.REPLACE)
    office.sends_all()
    office.comes_back(person)
    office.sends_all()
    assert person not in office.readers(wrong)
    assert person in office.readers(right)


def test_the_sender_is_told_what_a_message_takes_the_place_of(office: Office) -> None:
    (person,) = office.residents(1)
    picture = ("a" * 64, "图.png", "image/png")
    only = Audience(those=Groups(areas=(office.place.willow.id,)))
    wrong = office.announces(only, files=(picture,))
    office.sends_all()
    office.announces(Audience(of_announcement=wrong), corrects=wrong, how=Correction.REPLACE)
    office.steps()
    (row,) = office.claim()
    (before,) = office.rows(wrong)
    assert (row.external_id, row.attachment_id) == (f"r{person}", None)
    assert row.edits == (before.message_id, f"p{before.message_id}", True)
