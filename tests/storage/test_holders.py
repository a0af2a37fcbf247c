"""Leases and locks of the dead."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, insert, select

from storage.database import Unit, reading, transaction
from storage.holders import NAME_LENGTH, forget_holder, new_token
from storage.jobs import Jobs
from storage.tables import accounts, leases, locks, people

NOW = datetime(2026, 9, 1, tzinfo=UTC)
LATER = NOW + timedelta(seconds=30)
DEAD, ALIVE = "d" * NAME_LENGTH, "a" * NAME_LENGTH


def lease(unit: Unit, external_id: str, token: str) -> None:
    person = unit.insert(insert(people).values(created_at=NOW))
    account = {"channel": "telegram", "external_id": external_id, "address": external_id, "person_id": person}
    identity = unit.insert(insert(accounts).values(**account, seen_at=NOW))
    unit.write(insert(leases).values(account_id=identity, token=token, until=LATER))


def test_only_what_the_dead_one_held_is_free(engine: Engine) -> None:
    tokens = [new_token(DEAD), new_token(ALIVE), new_token("")]
    with transaction(engine) as unit:
        for number, token in enumerate(tokens):
            lease(unit, str(number), token)
            assert Jobs(unit, NOW).hold(f"place {number}", token, LATER - NOW)
        forget_holder(unit, DEAD)
    with reading(engine) as unit:
        assert sorted(unit.read(select(leases.c.token)).scalars()) == sorted(tokens[1:])
        assert sorted(unit.read(select(locks.c.name)).scalars()) == ["place 1", "place 2"]


def test_no_two_tokens_are_alike_and_each_fits_its_column() -> None:
    tokens = {new_token(ALIVE) for _ in range(100)}
    assert len(tokens) == 100
    assert {len(token) for token in tokens} == {36}
