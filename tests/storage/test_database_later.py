"""Rows that are left for later, and ids that are drawn for them, on SQLite and PostgreSQL alike."""

from collections.abc import Iterator, Sequence
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, bindparam, delete, insert, select, update

from storage.database import Unit, reading, transaction
from storage.tables import conversations, people, texts
from tests.storage.test_database import NOW, Mishap, statements

_PERSON, _CONVERSATION = insert(people), insert(conversations)
_DRAWN, _PLAIN, _READ = "drawn", "plain", "read"


def leave(unit: Unit, name: str) -> int:
    (number,) = unit.numbers(people, 1)
    unit.later(_PERSON, {"id": number, "name": name, "created_at": NOW})
    return number


def names(engine: Engine) -> list[str]:
    with reading(engine) as unit:
        return list(unit.read(select(people.c.name).order_by(people.c.id)).scalars())


def test_rows_of_one_kind_are_written_together_even_of_several_parts(engine: Engine) -> None:
    with statements(engine) as heard, transaction(engine) as unit:
        for name in ("one", "two", "three"):
            with unit.part():
                leave(unit, name)
    assert names(engine) == ["one", "two", "three"]
    assert len([one for one in heard if one.startswith("INSERT")]) == 1
    assert not [one for one in heard if one.startswith("SAVEPOINT")]


def test_ids_that_are_expected_are_drawn_together_and_no_more_are_lost_than_were_expected(engine: Engine) -> None:
    with statements(engine) as heard, transaction(engine) as unit:
        unit.expect(people, 2)
        unit.expect(texts, 1)
        assert unit.numbers(texts, 1) == [1]
        assert [*unit.numbers(people, 1), *unit.numbers(people, 1), *unit.numbers(people, 2)] == [1, 2, 3, 4]
        unit.expect(people, 3)
        assert unit.numbers(people, 1) == [5]
    if engine.dialect.name == "postgresql":
        assert len([one for one in heard if "nextval" in one]) == 3
        with transaction(engine) as unit:
            assert unit.numbers(people, 1) == [8]


def test_what_is_read_or_written_comes_after_what_was_left(engine: Engine) -> None:
    with transaction(engine) as unit:
        leave(unit, "read")
        assert unit.read(select(people.c.name)).scalars().all() == ["read"]
        number = leave(unit, "left")
        unit.write(update(people).where(people.c.id == number).values(name="written"))
    assert names(engine) == ["read", "written"]


def _open(person: int) -> dict[str, object]:
    return {"person_id": person, "heard_at": NOW, "window_from": NOW, "window_count": 0, "strikes": 0}


def test_what_refers_to_another_row_is_written_after_it(engine: Engine) -> None:
    with transaction(engine) as unit:
        known = unit.insert(_PERSON, {"created_at": NOW})
        unit.later(_CONVERSATION, _open(known))
        fresh = leave(unit, "fresh")
        unit.later(_CONVERSATION, _open(fresh))
    with reading(engine) as unit:
        assert unit.read(select(conversations.c.person_id)).scalars().all() == [known, fresh]


def test_what_a_part_left_goes_with_it_and_its_neighbours_stays(engine: Engine) -> None:
    with transaction(engine) as unit:
        with unit.part():
            leave(unit, "before")
        with pytest.raises(Mishap):
            _fail(unit)
        with unit.part():
            leave(unit, "after")
    assert names(engine) == ["before", "after"]


def _fail(unit: Unit) -> None:
    with unit.part():
        leave(unit, "failed")
        unit.write(update(people).values(telephone="1"))  # takes along what all have left
        raise Mishap


def test_changes_keep_their_order(engine: Engine) -> None:
    is_called = people.c.name == bindparam("was")
    rename = update(people).where(people.c.id == bindparam("person")).values(name="one")
    to_two, to_three = (update(people).where(is_called).values(name=name) for name in ("two", "three"))
    with transaction(engine) as unit:
        number = leave(unit, "one")
        unit.later(to_two, {"was": "one"})
        unit.later(rename, {"person": number})
        unit.later(to_three, {"was": "two"})
        unit.later(to_two, {"was": "one"})
    assert names(engine) == ["two"]


def test_ids_go_on_after_the_last_row_is_gone(engine: Engine) -> None:
    with transaction(engine) as unit:
        first = leave(unit, "first")
        unit.write(delete(people).where(people.c.id == first))
        leave(unit, "second")
    assert names(engine) == ["second"]


@st.composite
def parts(draw: st.DrawFn) -> list[tuple[list[str], bool]]:
    acts = st.lists(st.sampled_from([_DRAWN, _PLAIN, _READ]), max_size=4)
    return draw(st.lists(st.tuples(acts, st.booleans()), max_size=6))


@given(parts())
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
def test_no_two_rows_ever_get_one_id(engine: Engine, chosen: Sequence[tuple[list[str], bool]]) -> None:
    kept: list[int] = []
    with transaction(engine) as unit:
        unit.write(delete(people))
        for acts, fails in chosen:
            written: list[int] = []
            with suppress(Mishap), unit.part():
                written.extend(_do(unit, acts))
                if fails:
                    raise Mishap
            kept += () if fails else written
        assert sorted(unit.read(select(people.c.id)).scalars()) == sorted(kept)
    assert len(set(kept)) == len(kept)


def _do(unit: Unit, acts: Sequence[str]) -> Iterator[int]:
    for act in acts:
        if act == _DRAWN:
            yield leave(unit, act)
        elif act == _PLAIN:
            yield unit.insert(_PERSON, {"name": act, "created_at": NOW})
        else:
            unit.read(select(people.c.id))
