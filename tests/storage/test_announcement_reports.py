"""What became of an announcement: everybody is counted once, whatever happened to their message."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, update

from storage.announcement_reports import Telephone, Totals
from storage.area_index import AreaIndex
from storage.audit import Actor
from storage.database import Unit
from storage.domain.announcements import State
from storage.domain.audience import Audience
from storage.store import Store
from storage.tables import announcements
from tests.conversing import NOW
from tests.settlement import Settlement, on
from tests.storage.audience_towns import NOBODYS, Fate, a_content, told
from tests.storage.test_audiences import passing
from tests.storage.test_people import storing

# What may have become of one: a state and a failure of the outbox, or why they were passed over, or nothing yet.
FATES = (
    ("sent", ""),
    ("waiting", ""),
    ("paused", ""),
    ("held", "blocked"),
    ("failed", "blocked"),
    ("failed", "refused"),
    ("failed", "stopped"),
    ("failed", "forgotten"),
    ("skipped", "muted"),
    ("skipped", "nowhere"),
    ("skipped", "left"),
    ("to come", ""),
)
LEFT = [("held", "blocked"), ("failed", "blocked"), ("failed", "refused"), ("skipped", "nowhere")]


@pytest.fixture
def place(engine: Engine) -> Settlement:
    return on(engine)


def an_announcement(store: Store, place: Settlement) -> int:
    return store.announcements.add(place.congress, a_content(Audience(everybody=True)))


def expected(fates: list[tuple[Fate, int | None, bool]]) -> Totals:
    kinds = [fate for fate, _, _ in fates]
    reasons = {kind: [why for state, why in kinds if state == kind] for kind in ("failed", "skipped")}
    failed, skipped = ({why: whys.count(why) for why in whys} for whys in reasons.values())
    return Totals(
        audience=len(fates),
        sent=kinds.count(("sent", "")),
        opened=sum(opened for *_, opened in fates),
        waiting=sum(state in ("waiting", "paused", "to come") for state, _ in kinds),
        held=kinds.count(("held", "blocked")),
        failed=failed,
        skipped=skipped,
    )


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(FATES), st.sampled_from((None, 0, 1)), st.booleans()), max_size=9))
def test_a_report_counts_everybody_once(
    engine: Engine, place: Settlement, drawn: list[tuple[Fate, int | None, bool]]
) -> None:
    cells = {None: None, 0: place.willow.id, 1: place.bridge.id}
    with passing(engine) as unit:
        store = a_store(unit, place)
        other, number = an_announcement(store, place), an_announcement(store, place)
        told(store, other, ("sent", ""))
        people = [told(store, number, fate, cells[cell], opened=opened) for fate, cell, opened in drawn]
        reports = store.announcement_reports
        totals = reports.totals(number)
        assert totals == expected(drawn)
        assert totals.sums_up
        assert reports.by_cell(number) == {
            cells[cell]: expected([one for one in drawn if one[1] == cell]) for cell in {one[1] for one in drawn}
        }
        by_channel = reports.by_channel(number)
        assert by_channel.get("", Totals()) == expected([one for one in drawn if one[0][1] == "nowhere"])
        assert by_channel.get("tap", Totals()) == expected([one for one in drawn if one[0][1] != "nowhere"])
        assert reports.telephones(number) == [
            Telephone(person, "居民", "13900000000", fate[1])
            for person, (fate, *_) in zip(people, drawn, strict=True)
            if fate in LEFT
        ]


def a_store(unit: Unit, place: Settlement) -> Store:
    return Store(unit, NOW, AreaIndex(()), Actor(place.staff))


def test_who_had_not_had_their_turn_when_it_was_stopped_is_counted_so(engine: Engine, place: Settlement) -> None:
    with storing(engine, actor=Actor(place.staff)) as store:
        number = an_announcement(store, place)
        for fate in (("sent", ""), ("to come", ""), ("failed", "stopped")):
            told(store, number, fate)
        store.unit.write(update(announcements).where(announcements.c.id == number).values(state=State.STOPPED))
        totals = store.announcement_reports.totals(number)
        assert totals == Totals(audience=3, sent=1, failed={"stopped": 2})
        assert store.announcement_reports.telephones(number) == [], "it was not to reach them any more"


def test_the_telephone_list_comes_page_by_page_and_is_noted_as_shown(engine: Engine, place: Settlement) -> None:
    with storing(engine, actor=Actor(place.staff)) as store:
        number = an_announcement(store, place)
        people = [told(store, number, LEFT[at % 4]) for at in range(5)]
        first = store.announcement_reports.telephones(number, limit=3)
        assert [one.person for one in first] == people[:3]
        rest = store.announcement_reports.telephones(number, after=people[2], limit=3)
        assert [one.person for one in rest] == people[3:]
        assert set(people) <= store.shown


def test_of_an_announcement_that_does_not_exist_there_is_nothing_to_tell(engine: Engine) -> None:
    with storing(engine) as store:
        reports = store.announcement_reports
        assert reports.totals(NOBODYS) == Totals()
        assert (reports.by_cell(NOBODYS), reports.by_channel(NOBODYS), reports.telephones(NOBODYS)) == ({}, {}, [])


def test_a_part_that_is_missing_shows() -> None:
    assert not Totals(audience=2, sent=1).sums_up
