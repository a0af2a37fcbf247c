"""What an account has seen of its conversation."""

from datetime import UTC, datetime

from sqlalchemy import Engine, insert, update

from storage.audit import Actor, Audit
from storage.database import Unit, transaction
from storage.messages import LATEST, Messages
from storage.people import People
from storage.tables import messages

NOW = datetime(2026, 9, 1, tzinfo=UTC)


def _conversation(unit: Unit, external_id: str, count: int) -> list[int]:
    """The ids of an account's messages, oldest first."""
    people = People(unit, NOW, Audit(unit, NOW, Actor()))
    account = people.add_account(people.add(), "web", external_id, external_id)
    values = {"direction": "in", "channel": "web", "account_id": account, "kind": "text", "at": NOW, "stored_at": NOW}
    return [unit.insert(insert(messages).values(**values, text=str(number))) for number in range(count)]


def _ids(unit: Unit, after: int, limit: int) -> list[int]:
    return [row.id for row in Messages(unit, NOW).history("web", "w1", after, limit)]


def test_a_conversation_is_told_piece_by_piece_and_nobody_elses_with_it(engine: Engine) -> None:
    with transaction(engine) as unit:
        _conversation(unit, "w2", 3)
        mine = _conversation(unit, "w1", 7)
        _conversation(unit, "w3", 3)
        assert _ids(unit, 0, 4) == mine[:4]
        assert _ids(unit, mine[3], 4) == mine[4:]
        assert _ids(unit, mine[6], 4) == []


def test_who_comes_again_is_told_the_latest_from_first_to_last(engine: Engine) -> None:
    with transaction(engine) as unit:
        mine = _conversation(unit, "w1", LATEST + 30)
        assert _ids(unit, 0, 25) == mine[30:55]
        assert _ids(unit, mine[10], 25) == mine[11:36]


def test_what_was_blanked_makes_no_gap_that_hides_the_rest(engine: Engine) -> None:
    with transaction(engine) as unit:
        mine = _conversation(unit, "w1", 12)
        unit.write(update(messages).where(messages.c.id.in_(mine[1:9])).values(text=""))
        assert _ids(unit, 0, 3) == [mine[0], mine[9], mine[10]]
        assert _ids(unit, mine[10], 3) == [mine[11]]


def test_what_took_the_place_of_another_says_of_which(engine: Engine) -> None:
    with transaction(engine) as unit:
        first, second, third = _conversation(unit, "w1", 3)
        unit.write(update(messages).where(messages.c.id == third).values(edits_id=first))
        told = Messages(unit, NOW).history("web", "w1", 0, 9)
        assert [(row.id, row.edits) for row in told] == [(first, 0), (second, 0), (third, first)]


def test_who_never_wrote_is_told_nothing_not_even_what_came_without_an_account(engine: Engine) -> None:
    values = {"direction": "in", "channel": "file", "kind": "text", "text": "表", "at": NOW, "stored_at": NOW}
    with transaction(engine) as unit:
        unit.insert(insert(messages).values(values))
        assert _ids(unit, 0, 3) == []
