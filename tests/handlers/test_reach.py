"""People whose channel is not set up (any more): what is for them waits, staff see it, and nobody else suffers."""

import pytest
from sqlalchemy import Engine, select

from handlers.texts import proposals as texts
from handlers.texts import staff as office
from storage.domain.roles import Role
from storage.tables import messages, outbox
from tests.conversing import Person, Town, joined, last
from tests.settlement import Settlement


@pytest.fixture
def town(settled: Engine) -> Town:
    """张明 has proposed something by a channel of which nothing is known now; "plain" is known, but not set up."""
    town = Town(settled, channels=["tap"])
    author = town.person("author", "gone")
    assert author.suggests("柳树湾要修路") == 1
    with town.store() as store:
        (person,) = store.proposals.authors(1)
        store.people.change(person, name="张明", telephone="13900000009")
    return town


def waiting(town: Town, channel: str) -> list[tuple[str, object]]:
    with town.store() as store:
        rows = store.unit.read(
            select(messages.c.text, messages.c.choices)
            .join(outbox, outbox.c.message_id == messages.c.id)
            .where(outbox.c.channel == channel, outbox.c.state == "waiting")
            .order_by(outbox.c.message_id)
        )
        return [(text, choices) for text, choices in rows]


def test_an_answer_waits_and_staff_hear_whom_to_call(town: Town, staff: Person) -> None:
    told = joined(staff.says("台账", "按编号", "1", "回复作者", "明年修"))
    assert office.AWAY.zh in told
    assert "张明 13900000009" in told
    assert "明年修" in waiting(town, "gone")[-1][0]
    assert town.faults == []


def test_a_question_waits_in_words_that_every_channel_shows(town: Town, staff: Person) -> None:
    told = joined(staff.says("台账", "按编号", "1", "追问作者", "多长？"))
    assert office.AWAY.zh in told
    assert "多长？" in waiting(town, "gone")[-1][0]
    assert {str(choices) for _, choices in waiting(town, "gone")} == {"None"}
    assert town.faults == []


def test_who_has_another_account_is_written_to_there(town: Town, staff: Person) -> None:
    with town.store() as store:
        (person,) = store.proposals.authors(1)
        store.people.add_account(person, "tap", "author too", "author too")
    town.person("newer", "gone").says("取消")
    other = town.person("author too")
    staff.says("台账", "按编号", "1", "回复作者", "明年修")
    assert "明年修" in last(other.reads())
    staff.says("台账", "按编号", "1", "追问作者", "多长？")
    assert "多长？" in last(other.reads())


def test_those_with_a_role_are_on_the_list_of_telephones(town: Town, place: Settlement, staff: Person) -> None:
    with town.store() as store:
        person = store.people.add("周敏", "13900000008")
        store.people.add_account(person, "plain", "zhou", "zhou")
        store.people.grant(person, place.congress, Role.DEPUTY)
    assert last(staff.says("取消", "联系不上")).startswith("周敏 13900000008")


def test_who_writes_by_it_is_answered_in_words(town: Town) -> None:
    author = town.person("author", "gone")
    assert texts.SUGGEST_WHAT.zh in last(author.says("提建议"))
    assert author.buttons() == []
