"""Whom an announcement is for, and how many people that is."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import ColumnElement, Engine, select

from storage.audiences import Audiences, Reach
from storage.audit import Actor
from storage.database import Unit
from storage.domain.audience import Audience, Groups
from storage.domain.roles import Role
from storage.tables import people
from tests.settlement import Settlement, enrolled, on, second_congress
from tests.storage.audience_towns import CHANNELS, NOBODYS, PEOPLE, Drawn, Town, a_content, audiences, told
from tests.storage.test_people import storing


@pytest.fixture
def place(engine: Engine) -> Settlement:
    return on(engine)


@contextmanager
def passing(engine: Engine) -> Iterator[Unit]:
    """A transaction of which nothing stays."""
    with engine.connect() as connection, connection.begin() as whole:
        yield Unit(connection)
        whole.rollback()


def found(unit: Unit, condition: ColumnElement[bool]) -> list[int]:
    return sorted(unit.read(select(people.c.id).where(condition)).scalars())


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data(), PEOPLE)
def test_an_audience_is_everybody_who_was_named_and_nobody_else(
    engine: Engine, place: Settlement, data: st.DataObject, drawn: list[Drawn]
) -> None:
    with passing(engine) as unit:
        town = Town(unit, place, drawn)
        audience = data.draw(audiences(town))
        expected = sorted(town.expected(audience))
        mine = place.congress, audience
        assert found(unit, town.store.audiences.members(*mine)) == expected
        assert found(unit, town.store.audiences.belongs(*mine)) == expected
        assert {one.person for one in town.store.audiences.examples(*mine)} == set(expected[:10])
        channels = data.draw(st.none() | st.sets(st.sampled_from(CHANNELS)))
        reach = Audiences(unit, channels).reach(*mine)
        assert reach == Reach.load(reach.dump()) == reach_of(town, expected, audience, channels)


def reach_of(town: Town, expected: list[int], audience: Audience, channels: Collection[str] | None) -> Reach:
    muted = [person for person in expected if town.is_muted(person)]
    best = {person: town.best_account(person, audience, channels) for person in expected if person not in muted}
    written = [town.people[person].accounts[at] for person, at in best.items() if at is not None]
    counts = {channel: sum(channel == by for by, _ in written) for channel in CHANNELS}
    return Reach(
        people=len(expected),
        channels={channel: count for channel, count in counts.items() if count},
        reachable=sum(reachable for _, reachable in written),
        muted=len(muted),
        nowhere=len(best) - len(written),
        no_cell=sum(town.people[person].cell is None for person in expected),
    )


@pytest.mark.parametrize(
    "audience",
    [
        Audience(),
        Audience(without=Groups(roles=(Role.DEPUTY,))),
        Audience(those=Groups(areas=(NOBODYS,))),
        Audience(those=Groups(groups=("没有这个组",), projects=(NOBODYS,), proposals=(NOBODYS,))),
        Audience(everybody=True, channels=("没有这个渠道",)),
        Audience(of_announcement=NOBODYS),
    ],
)
def test_what_does_not_exist_is_nobody(engine: Engine, place: Settlement, audience: Audience) -> None:
    with storing(engine) as store:
        assert store.audiences.small_reach(place.congress, audience) == Reach(0, {}, 0, 0, 0)
        assert store.audiences.examples(place.congress, audience) == []


def test_a_congress_that_does_not_exist_reaches_nobody(engine: Engine, place: Settlement) -> None:
    audience = Audience(everybody=True, those=Groups(areas=(place.county.id,)))
    with storing(engine) as store:
        assert store.audiences.reach(NOBODYS, audience).people == 0


def test_whom_another_congress_told_something_is_nobody_here(engine: Engine, place: Settlement) -> None:
    with storing(engine, actor=Actor(place.staff)) as store:
        county = second_congress(store, place)
        number = store.announcements.add(county, a_content(Audience(everybody=True)))
        told(store, number, ("sent", ""))
        whom = Audience(of_announcement=number)
        assert store.audiences.reach(county, whom).people == 1
        assert store.audiences.reach(place.congress, whom).people == 0


def test_where_there_is_one_congress_everybody_belongs_to_it(engine: Engine, place: Settlement) -> None:
    everybody = Audience(everybody=True)
    with storing(engine) as store:
        before = store.audiences.reach(place.congress, everybody).people
        store.people.add("还没说住哪里的人")
        assert store.audiences.reach(place.congress, everybody).people == before + 1
        assert store.audiences.reach(place.congress, everybody).no_cell == 4  # the office has not said, either
        second_congress(store, place)
        assert store.audiences.reach(place.congress, everybody).people == before


def test_more_people_than_are_counted_within_a_turn_are_left_for_later(engine: Engine, place: Settlement) -> None:
    everybody, deputies = Audience(everybody=True), Audience(those=Groups(roles=(Role.DEPUTY,)))
    with storing(engine) as store:
        for at in range(3):
            store.people.change(store.people.add(f"居民{at}"), cell_id=place.willow.id)
        count = store.audiences.reach(place.congress, everybody).people
        assert count == 6
        assert store.audiences.small_reach(place.congress, everybody, count - 1) is None
        few = store.audiences.small_reach(place.congress, everybody, count)
        assert few
        assert (few.people, few.nowhere) == (6, 3)
        assert store.audiences.small_reach(place.congress, deputies, 1)
        # Who is left out has to be looked at, too.
        without = Audience(everybody=True, without=Groups(areas=(place.village.id,)))
        assert store.audiences.reach(place.congress, without).people == 3
        assert store.audiences.small_reach(place.congress, without, 3) is None


def test_examples_tell_who_it_is_and_how_they_are_reached(engine: Engine, place: Settlement) -> None:
    with storing(engine) as store:
        for at in range(12):
            person, _ = enrolled(store, f"e{at}", f"专家{at}", place.congress, Role.EXPERT)
            store.people.change(person, cell_id=place.bridge.id)
        experts = store.audiences.examples(place.congress, Audience(those=Groups(roles=(Role.EXPERT,))))
        assert [(one.name, one.cell_id, one.channel) for one in experts] == [
            (f"专家{at}", place.bridge.id, "tap") for at in range(10)
        ]
        assert {one.person for one in experts} <= store.shown


def test_a_name_with_marks_of_sql_is_only_a_name(engine: Engine, place: Settlement) -> None:
    group = "一组'; DROP TABLE people; -- %"
    with storing(engine) as store:
        deputy, _ = enrolled(store, "d", "王强", place.congress, Role.DEPUTY)
        store.people.grant(deputy, place.congress, Role.DEPUTY, group_name=group)
        audience = Audience(those=Groups(groups=(group,)))
        assert [one.person for one in store.audiences.examples(place.congress, audience)] == [deputy]
