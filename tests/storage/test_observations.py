"""What residents see of projects is kept, summed up once a week, and answered once."""

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, select

from storage.audit import Actor
from storage.domain.areas import Area
from storage.domain.roles import Role
from storage.observations import NewObservation
from storage.store import Store
from storage.tables import observations, people, prompts, texts
from tests.conversing import NOW
from tests.settlement import Settlement, enrolled, on
from tests.storage.test_people import storing
from tests.storage.test_projects import a_project

CHINA = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def place(engine: Engine) -> Settlement:
    return on(engine)


def a_resident(store: Store) -> int:
    return store.people.add("刘大爷", "13900000009")


def seen(store: Store, place: Settlement, project: int, author: int, text: str = "路面有积水") -> int:
    cell = place.willow.id
    return store.observations.add(NewObservation(place.congress, project, author, text, cell, 30.005, 120.005))


def summed_up(engine: Engine, *when: int) -> set[int]:
    """Who is prompted by a run at that moment there; and what they were prompted for is over."""
    at = datetime(*when, tzinfo=CHINA)  # type: ignore[arg-type, misc]  # year, month, day, hour
    with storing(engine, after=at - NOW) as store:
        after: int | None = 0
        while after is not None:
            after, _ = store.observations.sum_up(after)
        rows = store.unit.read(select(prompts.c.person_id, prompts.c.conversation)).all()
        assert {row.conversation for row in rows} <= {"seen"}
        assert len({row.person_id for row in rows}) == len(rows), "one message each"
        store.unit.write(prompts.delete())
        return {row.person_id for row in rows}


def test_what_somebody_saw_is_kept_and_answered_once(engine: Engine, place: Settlement) -> None:
    with storing(engine) as store:
        author, project = a_resident(store), a_project(store, place)
        number = seen(store, place, project, author)
    with storing(engine, actor=Actor(place.deputy), after=timedelta(hours=1)) as store:
        one = store.observations.get(number)
        assert one
        assert (one.title, one.text, one.author, one.cell) == ("柳树湾道路硬化", "路面有积水", author, place.willow.id)
        assert (one.answer, one.answered_at) == (None, None)
        assert author in store.shown
        assert store.observations.answer(number, "周五前疏通")
        assert not store.observations.answer(number, "已经好了"), "somebody was faster"
        answered = store.observations.get(number)
        assert answered
        assert (answered.answer, answered.answered_at) == ("周五前疏通", store.now)
        assert store.observations.get(number + 1) is None
        row = store.unit.read(select(observations.c.answered_by)).scalar_one()
        assert row == place.deputy


def test_lists_are_newest_first_a_page_at_a_time(engine: Engine, place: Settlement) -> None:
    with storing(engine) as store:
        author, other = a_resident(store), a_resident(store)
        road, bridge = a_project(store, place), a_project(store, place, title="桥")
        first, second = seen(store, place, road, author), seen(store, place, bridge, author)
        third = seen(store, place, road, other)

        def numbers(found: list[object]) -> list[int]:
            return [one.number for one in found]  # type: ignore[attr-defined]  # observations, all of them

        kept = store.observations
        assert numbers([*kept.of_author(author)]) == [second, first]
        assert numbers([*kept.of_author(author, below=second)]) == [first]
        assert numbers([*kept.of_project(road)]) == [third, first]
        assert numbers([*kept.unanswered([place.congress], [])]) == [third, second, first]
        assert numbers([*kept.unanswered([place.congress], [road], limit=2)]) == [third, second], "each once"
        assert numbers([*kept.unanswered([], [road], below=third)]) == [first]
        kept.answer(first, "好")
        assert numbers([*kept.unanswered([], [road])]) == [third]


def test_projects_near_a_cell_are_those_in_it_and_in_what_lies_above(engine: Engine, place: Settlement) -> None:
    with storing(engine) as store:
        here = a_project(store, place, cells=(place.willow.id,))
        a_project(store, place, cells=(place.bridge.id,))
        village = a_project(store, place, cells=(place.village.id,))
        township = a_project(store, place, cells=(place.township.id, place.willow.id))
        county = a_project(store, place, cells=(place.county.id,))
        near = store.observations.projects_near
        assert [one.number for one in near(place.willow)] == [county, township, village, here]
        assert [one.number for one in near(place.willow, below=village)] == [here]
        assert [one.number for one in near(place.willow, limit=2)] == [county, township]
        nowhere = Area(999, None, place.willow.level, "x", "x", "/999/")
        assert near(nowhere) == []
        assert [one.number for one in near(replace(place.village))] == [county, township, village]


# --- once a week


def test_a_week_is_summed_up_once_for_the_deputies_of_its_projects_and_the_staff(
    engine: Engine, place: Settlement
) -> None:
    with storing(engine) as store:
        project, other = a_project(store, place), a_project(store, place)
        idle, _ = enrolled(store, "d2", "孙丽", place.congress, Role.DEPUTY)
        store.liaisons.assign(project, [place.deputy])
        store.liaisons.assign(other, [idle])
        for _ in range(3):
            seen(store, place, project, a_resident(store))
    assert summed_up(engine, 2026, 9, 1, 10) == set(), "on a Tuesday, about that very day"
    assert summed_up(engine, 2026, 9, 7, 8) == set()
    assert summed_up(engine, 2026, 9, 7, 9) == {place.deputy, place.staff}
    assert summed_up(engine, 2026, 9, 7, 10) == set()
    assert summed_up(engine, 2026, 9, 14, 9) == set(), "nothing new"


def test_after_days_of_downtime_it_comes_in_the_next_working_hours(engine: Engine, place: Settlement) -> None:
    with storing(engine) as store:
        seen(store, place, a_project(store, place), a_resident(store))
    assert summed_up(engine, 2026, 9, 9, 3) == set()
    assert summed_up(engine, 2026, 9, 12, 10) == set(), "a Saturday"
    assert summed_up(engine, 2026, 9, 17, 16) == {place.staff}
    assert summed_up(engine, 2026, 9, 21, 9) == set()


def test_what_was_answered_before_is_not_summed_up(engine: Engine, place: Settlement) -> None:
    with storing(engine) as store:
        number = seen(store, place, a_project(store, place), a_resident(store))
        store.observations.answer(number, "周五前疏通")
    assert summed_up(engine, 2026, 9, 7, 9) == set()


def test_who_left_is_not_prompted(engine: Engine, place: Settlement) -> None:
    with storing(engine) as store:
        project = a_project(store, place)
        store.liaisons.assign(project, [place.deputy])
        held = store.people.holding(place.deputy_role)
        assert held
        store.people.revoke(held)
        seen(store, place, project, a_resident(store))
    assert summed_up(engine, 2026, 9, 7, 9) == {place.staff}


# --- people


def test_what_is_forgotten_has_no_words_and_no_place_left(engine: Engine, place: Settlement) -> None:
    with storing(engine) as store:
        author = a_resident(store)
        seen(store, place, a_project(store, place), author)
        store.people.forget(author)
        (place_left,) = store.unit.read(select(observations.c.latitude, observations.c.longitude))
        assert tuple(place_left) == (None, None)
        (words,) = store.unit.read(select(texts.c.body).where(texts.c.written_by == author)).scalars()
        assert words == ""
        assert store.observations.unanswered([place.congress], []) == []


def test_two_records_of_a_person_are_one_author(engine: Engine, place: Settlement) -> None:
    with storing(engine, actor=Actor(place.deputy)) as store:
        author, other = a_resident(store), a_resident(store)
        number = seen(store, place, a_project(store, place), author)
        store.observations.answer(number, "好")
        store.people.merge(author, other)
        store.people.merge(place.deputy, other)
        assert [one.number for one in store.observations.of_author(other)] == [number]
        assert store.unit.read(select(observations.c.answered_by)).scalar_one() == other
        assert store.unit.read(select(people.c.merged_into).where(people.c.id == author)).scalar_one() == other
