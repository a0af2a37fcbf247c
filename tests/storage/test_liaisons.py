"""Who watches over which project."""

import pytest
from sqlalchemy import Engine

from storage.audit import Actor
from storage.database import transaction
from storage.domain.areas import Level
from storage.domain.project_stages import Stage
from storage.domain.roles import Role
from storage.liaisons import GroupFull, Left
from storage.projects import Why
from storage.store import Store
from tests.conversing import NOW
from tests.settlement import Settlement, enrolled, on
from tests.storage.test_people import storing
from tests.storage.test_projects import TODAY, a_project


@pytest.fixture
def place(engine: Engine) -> Settlement:
    return on(engine)


def deputies(store: Store, place: Settlement, count: int) -> list[int]:
    return [enrolled(store, f"d{at}", f"代表{at}", place.congress, Role.DEPUTY)[0] for at in range(count)]


def test_a_group_has_its_deputies_in_order_once_and_five_at_most(engine: Engine, place: Settlement) -> None:
    with storing(engine, actor=Actor(place.staff)) as store:
        number, other = a_project(store, place), a_project(store, place)
        five = deputies(store, place, 5)
        assert store.liaisons.assign(number, [five[2], five[0], five[2]]) == [five[2], five[0]]
        assert store.liaisons.assign(number, five) == [five[1], five[3], five[4]]
        with pytest.raises(GroupFull):
            store.liaisons.assign(number, [place.deputy])
        assert store.liaisons.group(number) == [five[2], five[0], five[1], five[3], five[4]]
        assert store.liaisons.groups([number, other])[other] == []
        assert [row.name for row in store.liaisons.names(number)] == ["代表2", "代表0", "代表1", "代表3", "代表4"]
        assert set(five) <= store.shown


def test_who_declines_leaves_with_a_reason_and_may_come_back(engine: Engine, place: Settlement) -> None:
    with storing(engine, actor=Actor(place.deputy)) as store:
        number = a_project(store, place)
        store.liaisons.assign(number, [place.deputy])
        assert store.liaisons.leave(number, place.deputy, Left.DECLINED, "与本人有利害关系")
        assert not store.liaisons.leave(number, place.deputy, Left.DECLINED)
        assert store.liaisons.group(number) == []
        assert store.liaisons.proposed(place.congress)[number] == [], "not asked again"
        store.liaisons.assign(number, [place.deputy])
        assert [(row.left_at, row.left_how, row.body) for row in store.liaisons.history(number)] == [
            (NOW, Left.DECLINED, "与本人有利害关系"),
            (None, None, None),
        ]


def test_only_what_is_supervised_counts_as_a_task(engine: Engine, place: Settlement) -> None:
    with storing(engine) as store:
        one, other = a_project(store, place), a_project(store, place)
        (deputy,) = deputies(store, place, 1)
        store.liaisons.assign(one, [place.deputy])
        store.liaisons.assign(other, [place.deputy])
        assert store.liaisons.projects_of(place.deputy) == [one, other]
        assert [row.person for row in store.liaisons.without_project(place.congress, 9)] == [deputy]
        for number in (one, other):
            store.projects.move(number, Stage.FINISHED, Why(), Level.TOWNSHIP, TODAY)
        assert store.liaisons.projects_of(place.deputy) == []
        assert [row.person for row in store.liaisons.without_project(place.congress, 9)] == [place.deputy, deputy]


def test_who_is_near_is_proposed_first_and_everybody_gets_something(engine: Engine, place: Settlement) -> None:
    with storing(engine) as store:
        near = a_project(store, place, cells=(place.willow.id,))
        elsewhere = a_project(store, place, cells=(place.bridge.id,))
        far, farther = deputies(store, place, 2)
        (bridge, _) = enrolled(store, "b", "桥头代表", place.congress, Role.DEPUTY, [place.bridge.id])
        found = store.liaisons.proposed(place.congress)
        assert found[near][0] == place.deputy
        assert found[elsewhere][0] == bridge
        assert {*found[near], *found[elsewhere]} == {place.deputy, bridge, far, farther}
        assert store.liaisons.proposed(place.congress, [near]) == {near: found[near]}


def test_who_is_no_deputy_any_more_leaves_every_group(engine: Engine, place: Settlement) -> None:
    with storing(engine) as store:
        number = a_project(store, place)
        store.liaisons.assign(number, [place.deputy])
        held = store.people.holding(place.deputy_role)
        assert held
        store.people.revoke(held)
        assert store.liaisons.group(number) == []
        assert store.liaisons.history(number)[0].left_how == Left.ROLE_ENDED


def test_two_records_of_one_person_are_in_a_group_once(engine: Engine, place: Settlement) -> None:
    with storing(engine) as store:
        both, single = a_project(store, place), a_project(store, place)
        (old,) = deputies(store, place, 1)
        store.liaisons.assign(both, [old, place.deputy])
        store.liaisons.assign(single, [old])
        store.people.merge(old, place.deputy)
        assert store.liaisons.group(both) == store.liaisons.group(single) == [place.deputy]


def test_two_of_the_staff_never_fill_a_group_beyond_five(engine: Engine, place: Settlement) -> None:
    with storing(engine) as store:
        number = a_project(store, place)
        six = deputies(store, place, 6)
        store.liaisons.assign(number, six[:4])
    with transaction(engine) as unit:
        Store(unit, NOW, store.areas).liaisons.assign(number, [six[4]])
    with pytest.raises(GroupFull), storing(engine) as store:
        store.liaisons.assign(number, [six[5]])
    with storing(engine) as store:
        assert store.liaisons.group(number) == six[:5]
