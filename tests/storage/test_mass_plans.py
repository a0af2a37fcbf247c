"""Every statement by which announcements go to many by one call finds its rows by an index, however many there are."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from storage.channel_faults import ChannelFaults
from storage.database import open_database, transaction
from storage.mass_sends import TOLD_WITHIN, kind_of
from storage.paces import Paces
from tests.announced import PACES, acts
from tests.massed import LEASE, Masses
from tests.settlement import on, second_congress
from tests.storage.plans import Plans


@pytest.fixture
def office(alterable_url: str) -> Iterator[Masses]:
    """In a database that no earlier test has left statistics in."""
    engine: Engine = open_database(alterable_url)
    yield Masses(engine, on(engine), paces={**PACES, "many": 10.0})
    engine.dispose()


def test_a_mass_send_from_its_beginning_to_its_end(office: Masses) -> None:
    with office.storing() as store:
        second_congress(store, office.place)  # to the only one everybody belongs
    muted, *_ = office.away(12)
    office.residents(4)
    plans = Plans(office.engine)
    for became in ("send success", "err(40002)"):
        office.announces()
        office.sends_all()
        office.sets(muted, notices=became != "send success")
        assert office.claims()
        office.passes(LEASE.total_seconds())
        (errand,) = office.calls()
        office.hears(str(errand.id), became, 11, 11, 11, 0)
        office.sends_all()
    stopped = office.announces()
    office.sends_all()
    office.calls()
    office.passes(TOLD_WITHIN.total_seconds())
    assert office.claims()
    office.does(acts("stop", stopped))
    office.passes(timedelta(days=4).total_seconds())
    office.sends_all()
    with transaction(office.engine) as unit:
        Paces(unit, office.now).pause(kind_of("many"), office.now + timedelta(hours=1), "48001")
        faults = ChannelFaults(unit, office.now)
        faults.fails(kind_of("many"))
        faults.tell(lambda *_: "", ["tap"])
    assert office.claims() is None
    with office.storing() as store:
        assert store.announcement_reports.mass_sends(stopped)
        assert store.broadcasting.beyond_recall(stopped) == 0
    office.progress(stopped)
    # The last id is the first entry of its index from behind.
    assert [statement for statement in plans.scans if "max(people.id)" not in statement] == []
