"""Recipients of announcements when two records turn out to be one person, or one is forgotten."""

from typing import Any

import pytest
from sqlalchemy import Engine, select, update

from storage.announcement_reports import Totals
from storage.audit import Actor
from storage.domain.announcements import Step
from storage.domain.roles import Role
from storage.store import Store
from storage.tables import announcement_recipients, announcements, outbox
from tests.conversing import NOW
from tests.settlement import Settlement, enrolled, on
from tests.storage.audience_towns import Fate, told
from tests.storage.test_announcement_reports import an_announcement
from tests.storage.test_people import storing


@pytest.fixture
def place(engine: Engine) -> Settlement:
    return on(engine)


def sending(store: Store, message: int) -> tuple[Any, ...]:
    row = select(outbox.c.state, outbox.c.failure, outbox.c.announcement_id).where(outbox.c.message_id == message)
    return tuple(store.unit.read(row).one())


def message_of(store: Store, number: int, person: int) -> int:
    mine = announcement_recipients.c.announcement_id == number, announcement_recipients.c.person_id == person
    message: int = store.unit.read(select(announcement_recipients.c.message_id).where(*mine)).scalar_one()
    return message


SENT, WAITING, HELD, FAILED = ("sent", ""), ("waiting", ""), ("held", "blocked"), ("failed", "blocked")
MUTED, TO_COME = ("skipped", "muted"), ("to come", "")


@pytest.mark.parametrize(
    ("better", "worse"),
    [(SENT, WAITING), (SENT, FAILED), (WAITING, TO_COME), (TO_COME, HELD), (HELD, FAILED), (FAILED, MUTED)],
)
@pytest.mark.parametrize("into_better", [True, False])
def test_who_was_told_under_both_records_counts_once_as_the_one_better_off(
    engine: Engine, place: Settlement, better: Fate, worse: Fate, into_better: bool
) -> None:
    with storing(engine, actor=Actor(place.staff)) as store:
        number, fresh = an_announcement(store, place), an_announcement(store, place)
        told(store, fresh, better)
        lucky, other = told(store, number, better), told(store, number, worse, opened=True)
        before = store.announcement_reports.totals(fresh)
        person, into = (other, lucky) if into_better else (lucky, other)
        store.people.merge(person, into=into)
        before.opened = 1
        assert store.announcement_reports.totals(number) == before, "who opened either has opened it"
        remaining = select(announcement_recipients.c.person_id).where(
            announcement_recipients.c.announcement_id == number
        )
        assert list(store.unit.read(remaining).scalars()) == [into]


def test_what_was_meant_for_the_other_record_does_not_leave(engine: Engine, place: Settlement) -> None:
    with storing(engine, actor=Actor(place.staff)) as store:
        number = an_announcement(store, place)
        lucky, other = told(store, number, SENT), told(store, number, WAITING)
        kept, spare = message_of(store, number, lucky), message_of(store, number, other)
        store.people.merge(lucky, into=other)
        assert sending(store, kept) == ("sent", "", number)
        assert sending(store, spare) == ("failed", "merged", None)
        assert message_of(store, number, other) == kept


def test_what_only_one_record_was_told_becomes_the_others(engine: Engine, place: Settlement) -> None:
    with storing(engine, actor=Actor(place.staff)) as store:
        one, two = an_announcement(store, place), an_announcement(store, place)
        person, into = told(store, one, SENT), told(store, two, HELD)
        store.people.merge(person, into=into)
        assert store.announcement_reports.totals(one) == Totals(audience=1, sent=1)
        assert store.announcement_reports.totals(two) == Totals(audience=1, held=1)
        assert [row.person for row in store.announcement_reports.telephones(two)] == [into]


def test_who_wrote_or_agreed_goes_by_the_record_that_was_kept(engine: Engine, place: Settlement) -> None:
    with storing(engine, actor=Actor(place.staff)) as store:
        number = an_announcement(store, place)
        store.announcements.sign(number, 1, Step.SUBMIT, store.congresses.get(place.congress).rules)
        twin, _ = enrolled(store, "twin", "王芳芳", place.congress, Role.EXPERT)
        store.people.merge(place.staff, into=twin)
        one = store.announcements.get(number)
        assert one
        assert one.author == twin
        assert [(signed.person, signed.name) for signed in store.announcements.signed(number)] == [(twin, "王芳芳")]


def test_who_is_forgotten_stays_in_the_count_and_nobody_knows_where_they_lived(
    engine: Engine, place: Settlement
) -> None:
    with storing(engine, actor=Actor(place.staff)) as store:
        number = an_announcement(store, place)
        fates = (SENT, WAITING, TO_COME, MUTED)
        people = [told(store, number, fate, place.willow.id) for fate in fates]
        store.unit.write(update(announcements).where(announcements.c.id == number).values(started_at=NOW))
        for person in people:
            store.people.forget(person)
        reports = store.announcement_reports
        parts = Totals(audience=4, sent=1, failed={"forgotten": 1}, skipped={"left": 1, "muted": 1})
        assert reports.totals(number) == parts
        assert reports.by_cell(number) == {None: parts}
        assert reports.telephones(number) == []


def test_the_name_of_who_agreed_goes_when_they_are_forgotten(engine: Engine, place: Settlement) -> None:
    with storing(engine, actor=Actor(place.staff)) as store:
        number = an_announcement(store, place)
        store.announcements.sign(number, 1, Step.SUBMIT, store.congresses.get(place.congress).rules)
        store.people.forget(place.staff)
        (signed,) = store.announcements.signed(number)
        assert (signed.step, signed.name) == (Step.SUBMIT, "")
