"""The measurement of a province measures what it says, on few congresses."""

from storage.database import open_database, reading
from storage.tables import reminders
from tests.bench.province import fill, measure, province_of


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
