"""What the store of proposals promises beyond what conversations show, on both databases."""

from datetime import UTC, date, datetime

from sqlalchemy import Engine

from storage.area_index import AreaIndex
from storage.areas import add_area
from storage.database import transaction
from storage.domain.areas import Level
from storage.domain.categories import Category
from storage.domain.rules import Rules
from storage.proposals import New, Source
from storage.store import Store

NOW = datetime(2026, 9, 1, tzinfo=UTC)


def test_a_neighbour_counts_once_however_often_they_say_so(engine: Engine) -> None:
    with transaction(engine) as unit:
        store = Store(unit, NOW, AreaIndex(()))
        area = add_area(unit, store.audit, None, Level.TOWNSHIP, "lh", "柳河镇")
        congress = store.congresses.add("柳河镇人大", Level.TOWNSHIP, area.id, rules=Rules())
        cycle = store.congresses.begin_cycle(congress, 2026, date(2026, 7, 1), date(2026, 12, 31))
        number = store.proposals.add(New(congress, cycle.id, "修路", Category.ROADS, None, "open", Source.CHAT))
        neighbours = [store.people.add(), store.people.add()]
        said = [store.proposals.support(number, neighbours[at]) for at in (0, 0, 1, 0, 1)]
        proposal = store.proposals.get(number)
    assert said == [True, False, True, False, False]
    assert proposal is not None
    assert proposal.supporters == 2
