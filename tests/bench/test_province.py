"""The measurement of a province measures what it says, on few congresses."""

import pytest
from sqlalchemy import text

from storage.calendar import published
from storage.coming_round import go_on
from storage.database import open_database, reading, transaction
from storage.tables import reminders
from tests.bench.province import OPENING, fill, measure, province_of


def test_every_deputy_is_told_once_and_a_tick_after_that_is_idle(database_url: str) -> None:
    size = province_of(40)
    assert (size.projects, size.duties, size.deputies) == (396, 990, 495)
    fill(database_url, size)
    figures = measure("some", database_url, size, prompts_at_most=24)
    assert figures["province_some_opening_seconds"] > 0
    assert figures["province_some_idle_tick_milliseconds"] < 1000 * figures["province_some_opening_seconds"]
    engine = open_database(database_url)
    with reading(engine) as unit:
        told = unit.read(reminders.select()).all()
    engine.dispose()
    assert len(told) == len({(row.round_id, row.person_id) for row in told}) == size.duties


@pytest.mark.parametrize("alterable_url", ["postgresql"], indirect=True)
def test_a_chunk_reads_its_own_duties_and_not_all_that_have_just_been_opened(alterable_url: str) -> None:
    size = province_of(200)
    fill(alterable_url, size)
    engine = open_database(alterable_url)
    # PostgreSQL counts on from the last time that it has handed in what it counted: here, at the end of each chunk.
    counted = text("SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_xact_user_tables WHERE relname = 'duties'")
    found, goes_on = [], True
    while goes_on:
        with transaction(engine) as unit:
            goes_on = go_on(unit, OPENING, published)
            found.append(unit.read(counted).scalar_one())
            unit.read(text("SELECT pg_stat_force_next_flush()"))
    engine.dispose()
    assert sum(found) >= size.duties == 4950
    assert max(found) < size.duties // 4
