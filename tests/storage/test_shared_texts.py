"""A text that many get is read wherever a message is, and goes with the copy of who wants to be forgotten."""

import pytest
from sqlalchemy import Engine

from storage.messages import Messages
from storage.my_data import MyData
from tests.announced import Office
from tests.settlement import on

SAID = "【通知】\n明天停水。\n—— 柳河镇人大"


@pytest.fixture
def office(engine: Engine) -> Office:
    office = Office(engine, on(engine))
    office.residents(2)
    office.announces()
    office.sends_all()
    return office


def history(office: Office, person: int) -> list[str]:
    with office.storing() as store:
        return [row.text for row in Messages(store.unit, store.now).history("tap", f"r{person}", 0, 9)]


def test_who_comes_again_sees_it(office: Office) -> None:
    first, second = (row.person_id for row in office.rows(1)[-2:])
    assert history(office, first) == history(office, second) == [SAID]


def test_it_is_among_what_is_kept_about_a_person(office: Office) -> None:
    person = office.rows(1)[-1].person_id
    with office.storing() as store:
        assert [row.text for row in MyData(store.unit, person).messages()] == [SAID]


def test_who_is_forgotten_has_no_copy_any_more(office: Office) -> None:
    first, second = (row.person_id for row in office.rows(1)[-2:])
    with office.storing() as store:
        store.people.forget(first)
    assert history(office, first) == []
    assert history(office, second) == [SAID]
    with office.storing() as store:
        assert [row.text for row in MyData(store.unit, first).messages()] == [""]
