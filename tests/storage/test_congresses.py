from datetime import UTC, date, datetime
from fractions import Fraction

import pytest
from sqlalchemy import Engine, select

from storage.areas import load_index
from storage.domain.areas import Level
from storage.domain.categories import Category
from storage.domain.proposal_status import Status
from storage.domain.rules import Rules
from storage.proposals import New, Source
from storage.tables import audit, proposals
from tests.settlement import Settlement, on, second_congress
from tests.storage.test_people import storing


def test_a_congress_keeps_its_rules_as_they_were_given(engine: Engine) -> None:
    place = on(engine)
    rules = Rules(margin=Fraction(1, 3), tellers=5)
    with storing(engine) as store:
        congress = store.congresses.add(
            "云川县人大", Level.COUNTY, place.county.id, timezone="Asia/Urumqi", rules=rules
        )
    with storing(engine) as store:
        found = store.congresses.get(congress)
        assert (found.name, found.level, found.rules, found.timezone) == (
            "云川县人大",
            Level.COUNTY,
            rules,
            "Asia/Urumqi",
        )
        assert [one.id for one in store.congresses.all()] == [place.congress, congress]


@pytest.mark.parametrize("level", [Level.PROVINCE, Level.CITY, Level.VILLAGE, Level.CELL])
def test_only_counties_and_townships_have_one(settled: Engine, place: Settlement, level: Level) -> None:
    with storing(settled) as store, pytest.raises(ValueError, match="township or county"):
        store.congresses.add("人大", level, place.county.id, rules=Rules())


def test_a_congress_lives_in_its_own_time(settled: Engine, place: Settlement) -> None:
    with storing(settled) as store:
        congress = store.congresses.get(place.congress)
    assert congress.today(datetime(2026, 12, 31, 15, 59, tzinfo=UTC)) == date(2026, 12, 31)
    assert congress.today(datetime(2026, 12, 31, 16, 0, tzinfo=UTC)) == date(2027, 1, 1)


def test_a_cell_is_heard_by_its_township_first_then_by_its_county(engine: Engine) -> None:
    place = on(engine)
    with storing(engine) as store:
        county = second_congress(store, place)
        bridge_town = load_index(store.unit).by_code("sq")
        assert [one.id for one in store.congresses.of_area(place.willow)] == [place.congress, county]
        assert [one.id for one in store.congresses.of_area(bridge_town)] == [county]
        assert [one.id for one in store.congresses.of_area(None)] == [place.congress, county]
        with_cycles = store.congresses.with_cycles(place.willow)
        assert [cycle.year for _, cycle in with_cycles if cycle] == [2026, 2026]


def test_a_new_cycle_takes_the_undecided_and_the_reserve_along_and_leaves_the_rest(engine: Engine) -> None:
    place = on(engine)
    with storing(engine) as store:
        first = store.congresses.current_cycle(place.congress)
        assert first
        stati = (Status.RECEIVED, Status.RESERVE, Status.TAKEN_UP, Status.DECLINED, Status.WITHDRAWN)
        numbers = []
        for status in stati:
            new = New(place.congress, first.id, "修路", Category.ROADS, None, "open", Source.CHAT)
            numbers.append(store.proposals.add(new))
            if status is not Status.RECEIVED:
                store.proposals.change_status(numbers[-1], status)
        begun = store.congresses.begin_cycle(place.congress, 2027, date(2027, 7, 1), date(2027, 12, 31))
        assert store.congresses.current_cycle(place.congress) == begun
        rows = store.unit.read(select(proposals.c.cycle_id).order_by(proposals.c.id)).scalars()
        assert list(rows) == [begun.id, begun.id, first.id, first.id, first.id]
        row = store.unit.read(select(audit).where(audit.c.record == "cycle").order_by(audit.c.id.desc())).first()
        assert row
        assert (row.before, row.after["year"]) == ({"cycle": first.id}, 2027)


def test_a_year_begins_once_and_its_window_is_long_enough(settled: Engine, place: Settlement) -> None:
    with storing(settled) as store:
        with pytest.raises(ValueError, match="2026 has begun already"):
            store.congresses.begin_cycle(place.congress, 2026, date(2026, 7, 1), date(2026, 12, 31))
        with pytest.raises(ValueError, match="at least 30 days"):
            store.congresses.begin_cycle(place.congress, 2027, date(2027, 7, 1), date(2027, 7, 29))
