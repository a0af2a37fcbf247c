"""Announcements as they are written and agreed to."""

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import Engine, select, update

from storage.announcements import Content, NotAllowed
from storage.audit import Actor
from storage.domain.announcements import Correction, Kind, Levels, Refusal, State, Step
from storage.domain.audience import Audience, Groups
from storage.domain.roles import Role
from storage.domain.rules import Rules
from storage.store import Store
from storage.tables import announcements, audit
from tests.conversing import NOW
from tests.settlement import Settlement, settle
from tests.storage.test_people import storing

NOTICE = Content(
    Kind.COLLECTING,
    "征集公告",
    "欢迎提建议",
    Audience(everybody=True, without=Groups(roles=(Role.DEPUTY,))),
    link="https://example.org/collecting",
    button="suggest",
    files=(("0" * 64, "海报.png", "image/png"),),
)
URGENT = replace(NOTICE, urgent="台风将至")
THREE, TWO, ONE = (Rules(announcement_reviews=levels, announcement_urgent=True) for levels in reversed(Levels))


@pytest.fixture
def place(engine: Engine) -> Settlement:
    with storing(engine) as store:
        return settle(store)


def written(engine: Engine, place: Settlement, content: Content = NOTICE) -> int:
    with storing(engine, actor=Actor(place.staff)) as store:
        return store.announcements.add(place.congress, content)


def acting(store: Store, person: int) -> Store:
    return store.on_behalf_of(Actor(person))


def test_it_is_kept_as_it_was_written(engine: Engine, place: Settlement) -> None:
    number = written(engine, place)
    with storing(engine) as store:
        found = store.announcements.get(number)
        assert found
        assert found.content == NOTICE
        assert (found.state, found.version, found.author, found.send_at) == (State.DRAFT, 1, place.staff, None)
        assert [one.number for one in store.announcements.of_congress(place.congress)] == [number]
        assert store.announcements.of_congress(place.congress, [State.SENDING]) == []


def test_three_different_people_agree_before_it_has_a_moment(engine: Engine, place: Settlement) -> None:
    number = written(engine, place)
    with storing(engine) as store:
        states = [
            acting(store, person).announcements.sign(number, 1, step, THREE)
            for person, step in ((place.staff, Step.SUBMIT), (place.worker, Step.REVIEW), (place.deputy, Step.APPROVE))
        ]
        assert states == [State.REVIEW, State.APPROVAL, State.SCHEDULED]
        found = store.announcements.get(number)
        assert found
        assert found.send_at == NOW
        assert [(one.step, one.person) for one in store.announcements.signed(number)] == [
            (Step.SUBMIT, place.staff),
            (Step.REVIEW, place.worker),
            (Step.APPROVE, place.deputy),
        ]
    with storing(engine) as store:
        logged = select(audit.c.action).where(audit.c.record == "announcement").order_by(audit.c.id)
        assert store.unit.read(logged).scalars().all() == ["add", "submit", "review", "approve"]


def test_nobody_agrees_to_their_own(engine: Engine, place: Settlement) -> None:
    number = written(engine, place)
    with storing(engine) as store:
        own = acting(store, place.staff).announcements
        own.sign(number, 1, Step.SUBMIT, TWO)
        with pytest.raises(NotAllowed) as refused:
            own.sign(number, 1, Step.APPROVE, TWO)
        assert refused.value.why is Refusal.SAME_PERSON


def test_of_two_who_approve_at_once_one_is_first(engine: Engine, place: Settlement) -> None:
    number = written(engine, place)
    with storing(engine) as store:
        acting(store, place.staff).announcements.sign(number, 1, Step.SUBMIT, TWO)
    with storing(engine) as store:
        acting(store, place.deputy).announcements.sign(number, 1, Step.APPROVE, TWO)
    with storing(engine) as store, pytest.raises(NotAllowed) as refused:
        acting(store, place.worker).announcements.sign(number, 1, Step.APPROVE, TWO)
    assert refused.value.why is Refusal.NOT_NOW


def test_what_is_changed_needs_everybody_anew(engine: Engine, place: Settlement) -> None:
    number = written(engine, place)
    changed = replace(NOTICE, text="欢迎大家提建议")
    with storing(engine) as store:
        acting(store, place.staff).announcements.sign(number, 1, Step.SUBMIT, THREE)
        acting(store, place.worker).announcements.sign(number, 1, Step.REVIEW, THREE)
        assert acting(store, place.staff).announcements.change(number, 1, changed) == 2
        with pytest.raises(NotAllowed) as refused:  # who was still reading the first version
            acting(store, place.deputy).announcements.sign(number, 1, Step.APPROVE, THREE)
        assert refused.value.why is Refusal.CHANGED
        with pytest.raises(NotAllowed) as refused:
            acting(store, place.worker).announcements.change(number, 1, NOTICE)
        assert refused.value.why is Refusal.CHANGED
        found = store.announcements.get(number)
        assert found
        assert (found.state, found.content) == (State.DRAFT, changed)


def test_it_goes_back_with_a_reason_and_every_review_is_void(engine: Engine, place: Settlement) -> None:
    number = written(engine, place)
    with storing(engine) as store:
        acting(store, place.staff).announcements.sign(number, 1, Step.SUBMIT, THREE)
        acting(store, place.worker).announcements.sign(number, 1, Step.REVIEW, THREE)
        assert acting(store, place.deputy).announcements.sign(number, 1, Step.RETURN, THREE, "日期不对") is State.DRAFT
        found = store.announcements.get(number)
        assert found
        assert (found.version, found.content) == (2, NOTICE)
        assert store.announcements.signed(number)[-1].reason == "日期不对"
        acting(store, place.staff).announcements.sign(number, 2, Step.SUBMIT, THREE)
        assert acting(store, place.worker).announcements.sign(number, 2, Step.REVIEW, THREE) is State.APPROVAL


@pytest.mark.parametrize("is_urgent", [False, True])
def test_it_waits_for_the_morning_unless_it_cannot_wait(engine: Engine, place: Settlement, is_urgent: bool) -> None:
    number = written(engine, place, URGENT if is_urgent else NOTICE)
    midnight = timedelta(hours=16)  # NOW is nine in the morning there
    with storing(engine, after=midnight, actor=Actor(place.staff)) as store:
        store.announcements.sign(number, 1, Step.SUBMIT, THREE if is_urgent else ONE)
        if is_urgent:
            acting(store, place.deputy).announcements.sign(number, 1, Step.URGENT, THREE)
        found = store.announcements.get(number)
        assert found
        assert found.send_at == NOW + (midnight if is_urgent else timedelta(hours=23))


def test_nothing_is_urgent_without_a_reason(engine: Engine, place: Settlement) -> None:
    number = written(engine, place)
    with storing(engine) as store:
        acting(store, place.staff).announcements.sign(number, 1, Step.SUBMIT, THREE)
        with pytest.raises(NotAllowed) as refused:
            acting(store, place.deputy).announcements.sign(number, 1, Step.URGENT, THREE)
    assert refused.value.why is Refusal.REASON_MISSING


def test_it_waits_for_its_moment(engine: Engine, place: Settlement) -> None:
    tomorrow = NOW + timedelta(days=1)
    number = written(engine, place, replace(NOTICE, send_at=tomorrow))
    with storing(engine, actor=Actor(place.staff)) as store:
        store.announcements.sign(number, 1, Step.SUBMIT, ONE)
        found = store.announcements.get(number)
        assert found
        assert found.send_at == tomorrow


def test_what_nobody_has_heard_of_can_be_given_up(engine: Engine, place: Settlement) -> None:
    number = written(engine, place)
    with storing(engine, actor=Actor(place.staff)) as store:
        store.announcements.discard(number)
        assert store.announcements.of_congress(place.congress) == []
        with pytest.raises(NotAllowed):
            store.announcements.sign(number, 1, Step.SUBMIT, ONE)
        with pytest.raises(NotAllowed):
            store.announcements.discard(number)
        with pytest.raises(NotAllowed):
            store.announcements.change(number, 1, NOTICE)


def test_a_correction_names_what_it_corrects(engine: Engine, place: Settlement) -> None:
    number = written(engine, place)
    with storing(engine, actor=Actor(place.staff)) as store:
        recall = store.announcements.add(place.congress, NOTICE, corrects=number, correction=Correction.RECALL)
        found = store.announcements.get(recall)
        assert found
        assert (found.corrects, found.correction) == (number, Correction.RECALL)


def test_one_is_corrected_by_one_other_at_a_time(engine: Engine, place: Settlement) -> None:
    number = written(engine, place)
    with storing(engine, actor=Actor(place.staff)) as store:
        correct = partial(
            store.announcements.add, place.congress, NOTICE, corrects=number, correction=Correction.REPLACE
        )
        first = correct()
        with pytest.raises(NotAllowed) as refused:
            correct()
        assert refused.value.why is Refusal.CORRECTED
        store.announcements.discard(first)
        second = correct()
        assert [one.number for one in [store.announcements.correction_of(number)] if one] == [second]


def test_what_counts_is_the_correction_of_the_correction(engine: Engine, place: Settlement) -> None:
    number = written(engine, place)
    with storing(engine, actor=Actor(place.staff)) as store:
        add = partial(store.announcements.add, place.congress, NOTICE)
        first = add(corrects=number, correction=Correction.REPLACE)
        second = add(corrects=first, correction=Correction.RECALL)
        assert store.announcements.corrected_by(number) is None  # nobody has heard of them
        for one in (first, second):
            store.unit.write(update(announcements).where(announcements.c.id == one).values(started_at=NOW))
        assert [one.number for one in [store.announcements.corrected_by(number)] if one] == [second]
        assert store.announcements.corrected_by(second) is None


def test_nobody_in_particular_announces_nothing(engine: Engine, place: Settlement) -> None:
    with storing(engine) as store, pytest.raises(NotAllowed):
        store.announcements.add(place.congress, NOTICE)
    with storing(engine, actor=Actor(place.staff)) as store, pytest.raises(NotAllowed):
        store.announcements.sign(404, 1, Step.SUBMIT, ONE)
