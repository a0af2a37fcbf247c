"""Who gets an announcement is written down once, whatever happens meanwhile."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from storage.announcements import Announcement
from storage.audiences import Audiences
from storage.audit import Actor
from storage.database import AnyRow, Unit
from storage.domain.announcements import Correction
from storage.domain.audience import Audience, Groups
from storage.domain.roles import Role
from storage.recipients import Recipients
from storage.store import Store
from storage.tables import announcement_recipients, announcements
from tests.conversing import NOW
from tests.settlement import Settlement, enrolled, on
from tests.storage.audience_towns import CHANNELS, PEOPLE, Drawn, Town, a_content, audiences
from tests.storage.test_audiences import passing
from tests.storage.test_people import storing

EVERYBODY = Audience(everybody=True)


@pytest.fixture
def place(engine: Engine) -> Settlement:
    return on(engine)


def announced(store: Store, place: Settlement, audience: Audience, corrects: int | None = None) -> Announcement:
    correction = Correction.REPLACE if corrects else None
    number = store.announcements.add(place.congress, a_content(audience), corrects=corrects, correction=correction)
    one = store.announcements.get(number)
    assert one
    return one


def rows(unit: Unit, one: Announcement) -> Sequence[AnyRow]:
    mine = select(announcement_recipients).where(announcement_recipients.c.announcement_id == one.number)
    return unit.read(mine.order_by(announcement_recipients.c.person_id)).all()


def recipients(store: Store, one: Announcement) -> list[int]:
    return [row.person_id for row in rows(store.unit, one)]


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data(), PEOPLE, st.integers(1, 4), st.lists(st.booleans(), max_size=12), st.booleans())
def test_all_of_an_audience_are_written_down_once_however_often_it_is_cut_short(
    engine: Engine,
    place: Settlement,
    data: st.DataObject,
    drawn: list[Drawn],
    chunk: int,
    cut_short: list[bool],
    is_correction: bool,
) -> None:
    with passing(engine) as unit:
        town = Town(unit, place, drawn)
        audience = data.draw(audiences(town))
        channels = data.draw(st.none() | st.sets(st.sampled_from(CHANNELS)))
        one = announced(town.store, place, audience, town.earlier if is_correction else None)
        _begin(unit, one, channels, chunk)
        goes_on = True
        while goes_on:
            if cut_short and cut_short.pop():
                _cut_short(unit, one, channels, chunk)
            goes_on = _preparing(unit, channels, chunk).prepare(one)
        assert not _preparing(unit, channels, chunk).prepare(one), "nothing is left to do"
        told = [
            (row.person_id, row.account_id, row.channel, row.cell_id, row.skipped, row.edits_id)
            for row in rows(unit, one)
            if row.person_id in town.accounts
        ]
        expected = sorted(town.expected(audience))
        assert [row.person_id for row in rows(unit, one)] == expected
        assert told == [
            _expected_row(town, person, audience, channels, is_correction)
            for person in expected
            if person in town.accounts
        ]


def _preparing(unit: Unit, channels: set[str] | None, chunk: int) -> Recipients:
    """As a process that has just been started has it."""
    return Recipients(unit, NOW, Audiences(unit, channels), chunk)


def _begin(unit: Unit, one: Announcement, channels: set[str] | None, chunk: int) -> None:
    for _ in range(2):
        _preparing(unit, channels, chunk).begin(one)


def _cut_short(unit: Unit, one: Announcement, channels: set[str] | None, chunk: int) -> None:
    with suppress(KeyboardInterrupt), unit.part():
        _preparing(unit, channels, chunk).prepare(one)
        raise KeyboardInterrupt


def _expected_row(
    town: Town, person: int, audience: Audience, channels: set[str] | None, is_correction: bool
) -> tuple[Any, ...]:
    one = town.people[person]
    got = is_correction and one.was_told in ("sent", "opened", "agreed")
    at = town.best_account(person, audience, channels, 0 if got else None)
    account, channel = (None, "") if at is None else (town.accounts[person][at], one.accounts[at][0])
    skipped = "muted" if town.is_muted(person) and not got else "nowhere" if at is None else ""
    cell = None if one.cell is None else town.cells[one.cell]
    return person, account, channel, cell, skipped, town.messages[person] if got and at == 0 else None


def test_who_joins_while_it_is_being_made_ready_does_not_belong(engine: Engine, place: Settlement) -> None:
    with storing(engine, actor=Actor(place.staff)) as store:
        one = announced(store, place, EVERYBODY)
        preparing = Recipients(store.unit, NOW, store.audiences, chunk=2)
        preparing.begin(one)
        assert preparing.prepare(one)
        enrolled(store, "late", "刘洋", place.congress, Role.DEPUTY)
        assert not preparing.prepare(one)
        assert recipients(store, one) == [place.staff, place.deputy, place.worker]
        begun = store.announcements.get(one.number)
        assert begun
        assert begun.started_at == NOW


def test_beginning_again_keeps_what_was_done(engine: Engine, place: Settlement) -> None:
    with storing(engine, actor=Actor(place.staff)) as store:
        one = announced(store, place, EVERYBODY)
        preparing = Recipients(store.unit, NOW, store.audiences, chunk=2)
        preparing.begin(one)
        preparing.prepare(one)
        later = Recipients(store.unit, NOW + timedelta(hours=1), store.audiences, chunk=2)
        later.begin(one)
        state = select(announcements.c.prepared_to, announcements.c.started_at)
        assert tuple(store.unit.read(state.where(announcements.c.id == one.number)).one()) == (2, NOW)


def test_two_records_that_become_one_meanwhile_are_written_down_once(engine: Engine, place: Settlement) -> None:
    with storing(engine, actor=Actor(place.staff)) as store:
        twin, _ = enrolled(store, "twin", "王芳", place.congress, Role.EXPERT)
        one = announced(store, place, EVERYBODY)
        preparing = Recipients(store.unit, NOW, store.audiences, chunk=2)
        preparing.begin(one)
        preparing.prepare(one)
        assert recipients(store, one) == [place.staff, place.deputy]
        store.people.merge(place.staff, into=twin)
        while preparing.prepare(one):
            pass
        assert recipients(store, one) == [place.deputy, place.worker, twin]


def test_a_small_audience_in_a_large_town_takes_one_step(engine: Engine, place: Settlement) -> None:
    with storing(engine, actor=Actor(place.staff)) as store:
        for at in range(9):
            store.people.add(f"居民{at}")
        one = announced(store, place, Audience(those=Groups(roles=(Role.DEPUTY,))))
        preparing = Recipients(store.unit, NOW, store.audiences, chunk=2)
        preparing.begin(one)
        assert not preparing.prepare(one)
        assert recipients(store, one) == [place.deputy]


def test_an_audience_of_nobody_is_ready_at_once(engine: Engine, place: Settlement) -> None:
    with storing(engine, actor=Actor(place.staff)) as store:
        one = announced(store, place, Audience())
        preparing = Recipients(store.unit, NOW, store.audiences)
        preparing.begin(one)
        assert not preparing.prepare(one)
        assert recipients(store, one) == []
