"""What memory holds is what is stored, however it was changed."""

from datetime import date

import pytest
from sqlalchemy import Engine, event
from sqlalchemy.exc import OperationalError

from storage.area_index import AreaIndex
from storage.areas import add_area
from storage.database import Unit, reading
from storage.domain.areas import Level
from storage.memory import Memory, Remembered
from tests.settlement import on, second_congress
from tests.storage.test_people import storing


def _remembered(engine: Engine, memory: Memory) -> Remembered:
    with reading(engine) as unit:
        return memory(unit)


def _listened(engine: Engine) -> list[str]:
    """Every statement from now on."""
    statements: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *about: statements.append(about[2]))
    return statements


def test_what_has_not_changed_is_not_read_again(engine: Engine) -> None:
    on(engine)
    memory = Memory()
    first = _remembered(engine, memory)
    statements = _listened(engine)
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


def test_a_small_tree_that_has_changed_serves_at_once(engine: Engine) -> None:
    place = on(engine)
    memory = Memory(engine)
    _remembered(engine, memory)
    with storing(engine) as store:
        add_area(store.unit, store.audit, place.county, Level.TOWNSHIP, "new", "新镇")
    assert _remembered(engine, memory).areas.by_code("new")


def test_a_large_tree_that_has_changed_is_loaded_beside_while_the_one_before_serves(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.memory.LARGE", 1)
    place = on(engine)
    memory = Memory(engine)
    before = _remembered(engine, memory)
    with storing(engine) as store:
        add_area(store.unit, store.audit, place.county, Level.TOWNSHIP, "new", "新镇")
    with reading(engine) as unit:
        statements = _listened(engine)
        assert memory(unit).areas is before.areas
        memory.close()
        assert memory(unit).areas.by_code("new"), "and it is there as soon as it is loaded"
        assert len([one for one in statements if "areas.polygon" in one]) == 1, "loaded once"


def test_a_load_that_fails_is_tried_again(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.memory.LARGE", 1)
    place = on(engine)
    memory = Memory(engine)
    _remembered(engine, memory)
    with storing(engine) as store:
        add_area(store.unit, store.audit, place.county, Level.TOWNSHIP, "new", "新镇")
    with monkeypatch.context() as broken:
        broken.setattr("storage.memory.load_index", _fails)
        _remembered(engine, memory)
        memory.close()
    _remembered(engine, memory)
    memory.close()
    assert _remembered(engine, memory).areas.by_code("new")


def _fails(_: Unit) -> AreaIndex:
    raise OperationalError("SELECT", {}, ConnectionError())


def test_a_new_congress_a_new_cycle_and_other_rules_are_heard_of(engine: Engine) -> None:
    place = on(engine)
    memory = Memory()
    assert [one.id for one, _ in _remembered(engine, memory).congresses.above(place.willow)] == [place.congress]
    with storing(engine) as store:
        county = second_congress(store, place)
    with storing(engine) as store:
        store.congresses.begin_cycle(place.congress, 2027, date(2027, 1, 1), date(2027, 3, 1))
    found = _remembered(engine, memory).congresses.above(place.willow)
    with storing(engine) as store:
        store.congresses.change_rules(county, {"tellers": "5"})
    assert [one.rules.tellers for one, _ in _remembered(engine, memory).congresses.above(place.willow)] == [3, 5]
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
