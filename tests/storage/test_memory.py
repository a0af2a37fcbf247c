"""What memory holds is what is stored, however it was changed."""

from datetime import date

import pytest
from sqlalchemy import Engine, event

from storage.areas import add_area
from storage.database import reading
from storage.domain.areas import Level
from storage.memory import Memory, Remembered
from tests.settlement import on, second_congress
from tests.storage.test_people import storing


def _remembered(engine: Engine, memory: Memory) -> Remembered:
    with reading(engine) as unit:
        return memory(unit)


def test_what_has_not_changed_is_not_read_again(engine: Engine) -> None:
    on(engine)
    memory = Memory()
    first = _remembered(engine, memory)
    statements: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *about: statements.append(about[2]))
    again = _remembered(engine, memory)
    assert again.areas is first.areas
    assert again.congresses is first.congresses
    assert len([one for one in statements if one.startswith("SELECT")]) == 1


def test_a_new_area_is_heard_of(engine: Engine) -> None:
    place = on(engine)
    memory = Memory()
    before = _remembered(engine, memory)
    with storing(engine) as store:
        add_area(store.unit, store.audit, place.county, Level.TOWNSHIP, "new", "新镇")
    after = _remembered(engine, memory)
    assert before.areas.by_code("new") is None
    assert after.areas.by_code("new")
    assert after.congresses is before.congresses, "what stands in another book is not read again"


def test_a_new_congress_and_a_new_cycle_are_heard_of(engine: Engine) -> None:
    place = on(engine)
    memory = Memory()
    assert [one.id for one, _ in _remembered(engine, memory).congresses.above(place.willow)] == [place.congress]
    with storing(engine) as store:
        county = second_congress(store, place)
    with storing(engine) as store:
        store.congresses.begin_cycle(place.congress, 2027, date(2027, 1, 1), date(2027, 3, 1))
    found = _remembered(engine, memory).congresses.above(place.willow)
    assert [(one.id, cycle and cycle.year) for one, cycle in found] == [(place.congress, 2027), (county, 2026)]


@pytest.mark.parametrize("changed", ["congress", "cycle"])
def test_who_changes_congresses_reads_the_change_at_once(engine: Engine, changed: str) -> None:
    place = on(engine)
    memory = Memory()
    with storing(engine) as store:
        held = memory(store.unit).congresses
        own = type(store)(store.unit, store.now, store.areas, index=held)
        if changed == "congress":
            second_congress(own, place)
        else:
            own.congresses.begin_cycle(place.congress, 2027, date(2027, 1, 1), date(2027, 3, 1))
        assert own.congresses.with_cycles(place.willow) != held.above(place.willow)
