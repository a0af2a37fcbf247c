from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select

from handlers.texts.staff import ledger_list
from storage.audit import Actor
from storage.domain.categories import Category
from storage.domain.proposal_status import Reason, Status
from storage.proposal_filter import Filter
from storage.proposals import COUNTED, LISTED, Event, New, NotAllowed, Source
from storage.store import Store
from storage.tables import audit, texts
from tests.conversing import NOW
from tests.settlement import Settlement, on
from tests.storage.test_people import storing


def add(store: Store, place: Settlement, body: str = "修路", *, authors: Sequence[int] = (), **values: Any) -> int:
    cycle = store.congresses.current_cycle(place.congress)
    assert cycle
    new: dict[str, Any] = {
        "congress_id": place.congress,
        "cycle_id": cycle.id,
        "body": body,
        "category": Category.ROADS,
    }
    new |= {"cell_id": place.willow.id, "located_how": "text", "source": Source.CHAT, "authors": tuple(authors)}
    return store.proposals.add(New(**{**new, **values}))


def test_a_proposal_stands_with_its_text_author_and_first_event(settled: Engine, place: Settlement) -> None:
    with storing(settled, actor=Actor(place.staff)) as store:
        number = add(store, place, authors=[place.deputy])
        found = store.proposals.get(number)
        assert found is not None
        assert (found.body, found.status, found.supporters, found.created_at) == ("修路", Status.RECEIVED, 0, NOW)
        assert store.proposals.authors(number) == [place.deputy]
        ((kind, status, _, body, person, at, _),) = store.proposals.history(number)
        assert (kind, status, body, person, at) == (Event.STATUS, Status.RECEIVED, "修路", place.staff, NOW)
        author = store.unit.read(select(texts.c.written_by)).scalar_one()
        assert author == place.deputy
        assert store.proposals.get(number + 1) is None


def test_a_form_without_a_name_belongs_to_nobody(settled: Engine, place: Settlement) -> None:
    with storing(settled) as store:
        number = add(store, place)
        assert store.proposals.authors(number) == []
        assert store.proposals.concerned(number) == []


def test_lists_have_the_beginning_of_a_text_and_the_record_all_of_it(engine: Engine) -> None:
    place = on(engine)
    long = "\U0001f44d路" * LISTED
    with storing(engine) as store:
        number = add(store, place, long, authors=[place.deputy])
        store.proposals.say(number, Event.REMARK, long)
        lists = store.proposals.ledger(place.congress, Filter()), store.proposals.of_author(place.deputy)
        assert [one.body for found in lists for one in found] == [long[:LISTED]] * 2
        assert [one.body for one in store.proposals.of_author(place.deputy, limit=None)] == [long]
        assert [row.body for row in store.proposals.history(number, 1)] == [long[:LISTED]]
        assert [row.body for row in store.proposals.history(number)] == [long, long]
        found = store.proposals.get(number)
        assert found is not None
        assert found.body == long


def test_who_brought_it_in_is_concerned_and_finds_it(engine: Engine) -> None:
    place = on(engine)
    with storing(engine) as store:
        author = store.people.add("张大爷")
        first = add(store, place, authors=[author], brought_by=place.deputy)
        second = add(store, place, authors=[place.deputy], brought_by=place.deputy)
        assert store.proposals.concerned(first) == sorted([author, place.deputy])
        assert [one.number for one in store.proposals.of_concerned(place.deputy)] == [second, first]
        assert [one.number for one in store.proposals.of_concerned(place.deputy, second, 9)] == [first]
        assert [one.number for one in store.proposals.of_author(place.deputy)] == [second]
        assert store.proposals.of_concerned(place.staff) == []
        ((name, _, brought_by),) = store.proposals.author_names(first)
        assert (name, brought_by) == ("张大爷", place.deputy)


def test_a_status_moves_only_where_it_may_and_each_move_is_remembered_and_logged(engine: Engine) -> None:
    place = on(engine)
    with storing(engine, actor=Actor(place.staff)) as store:
        number = add(store, place)
        store.proposals.change_status(number, Status.DECLINED, reason=Reason.NOT_PUBLIC, body="不属于公共事务")
        with pytest.raises(NotAllowed) as refused:
            store.proposals.change_status(number, Status.WITHDRAWN)
        assert refused.value.now is Status.DECLINED
        kind, status, reason, body, *_ = store.proposals.history(number)[-1]
        assert (kind, status, reason, body) == (Event.STATUS, Status.DECLINED, Reason.NOT_PUBLIC, "不属于公共事务")
        row = store.unit.read(select(audit).where(audit.c.action == "status")).one()
        assert (row.before, row.after) == ({"status": "received"}, {"status": "declined", "reason": "not_public"})


def test_a_correction_keeps_what_was_before_in_the_log(settled: Engine, place: Settlement) -> None:
    with storing(settled, after=timedelta(days=1)) as store:
        number = add(store, place)
        store.proposals.correct(number, cell_id=place.bridge.id, category=Category.SAFETY, cleared_at=NOW)
        found = store.proposals.get(number)
        assert found
        assert (found.cell_id, found.located_how, found.category) == (place.bridge.id, "staff", Category.SAFETY)
        row = store.unit.read(select(audit).where(audit.c.action == "correct")).one()
        assert row.before == {"cell_id": place.willow.id, "category": "roads", "cleared_at": None}
        assert row.after["cleared_at"] == NOW.isoformat()
        assert store.proposals.history(number)[-1].kind == Event.CORRECTION


def test_texts_are_kept_by_version_and_what_people_said_is_not_in_the_log(settled: Engine, place: Settlement) -> None:
    with storing(settled) as store:
        number = add(store, place)
        store.proposals.rewrite(number, "修桥")
        store.proposals.say(number, Event.REMARK, "很急")
        found = store.proposals.get(number)
        assert found
        assert found.body == "修桥"
        assert list(store.unit.read(select(texts.c.body).order_by(texts.c.id)).scalars()) == ["修路", "修桥", "很急"]
        log = str(store.unit.read(select(audit)).all())
        assert not any(word in log for word in ("修路", "修桥", "很急"))


def test_each_neighbour_counts_once(engine: Engine) -> None:
    place = on(engine)
    with storing(engine) as store:
        number = add(store, place)
        assert [store.proposals.support(number, one) for one in (place.staff, place.deputy, place.staff)] == [
            True,
            True,
            False,
        ]
        found = store.proposals.get(number)
        assert found
        assert found.supporters == 2


def test_neighbours_are_shown_what_is_cleared_open_and_near(engine: Engine) -> None:
    place = on(engine)
    with storing(engine) as store:
        shown, hidden, elsewhere, withdrawn, unplaced = (
            add(store, place, cell_id=cell)
            for cell in (place.willow.id, place.willow.id, place.bridge.id, place.willow.id, None)
        )
        for number in (shown, elsewhere, withdrawn, unplaced):
            store.proposals.correct(number, cleared_at=NOW)
        store.proposals.change_status(withdrawn, Status.WITHDRAWN)
        near = [one.number for one in store.proposals.shown_near(place.willow.path)]
        village = [one.number for one in store.proposals.shown_near(place.village.path)]
        assert (near, village) == ([shown], [elsewhere, shown])
        assert hidden not in village


@pytest.fixture
def ledger(settled: Engine, place: Settlement) -> list[int]:
    """One proposal a day, each of its own kind."""
    kinds: list[dict[str, Any]] = [
        {"category": Category.ROADS, "cell_id": place.willow.id},
        {"category": Category.WATER, "cell_id": place.bridge.id},
        {"category": Category.ROADS, "cell_id": None},
    ]
    numbers = []
    for at, kind in enumerate(kinds):
        with storing(settled, after=timedelta(days=at)) as store:
            numbers.append(add(store, place, **kind))
    with storing(settled) as store:
        store.proposals.change_status(numbers[1], Status.TAKEN_UP)
    return numbers


DAY = timedelta(days=1)


def _filters(place: Settlement) -> list[tuple[Filter, list[int]]]:
    moment: datetime = NOW + DAY
    return [
        (Filter(), [3, 2, 1]),
        (Filter(cell_id=place.willow.id), [1]),
        (Filter(unlocated=True), [3]),
        (Filter(category=Category.ROADS), [3, 1]),
        (Filter(status=Status.TAKEN_UP), [2]),
        (Filter(since=moment), [3, 2]),
        (Filter(before=moment), [1]),
        (Filter(category=Category.ROADS, since=moment), [3]),
    ]


def test_the_ledger_counts_and_shows_what_a_filter_says(settled: Engine, place: Settlement, ledger: list[int]) -> None:
    with storing(settled) as store:
        for wanted, numbers in _filters(place):
            assert [one.number for one in store.proposals.ledger(place.congress, wanted)] == numbers, wanted
            assert store.proposals.count(place.congress, wanted) == len(numbers)
        assert [one.number for one in store.proposals.ledger(place.congress, Filter(), ledger[2], 1)] == [2]
        assert store.proposals.ledger(place.congress + 1, Filter()) == []


def test_a_large_ledger_is_not_counted_to_its_end(
    settled: Engine, place: Settlement, ledger: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.proposals.COUNTED", len(ledger) - 2)
    with storing(settled) as store:
        assert store.proposals.count(place.congress, Filter()) == len(ledger) - 1
    assert f"超过 {COUNTED} 条" in ledger_list(COUNTED + 1, 10).zh
    assert f"more than {COUNTED}" in ledger_list(COUNTED + 1, 10).said("en")


def test_what_was_proposed_in_some_areas_lately(settled: Engine, place: Settlement, ledger: list[int]) -> None:
    with storing(settled) as store:
        found = store.proposals.in_areas([place.willow.path, place.bridge.path], NOW + DAY, 9)
        assert [one.number for one in found] == [ledger[1]]
        assert [one.number for one in store.proposals.in_cell(place.willow.id, 9)] == [ledger[0]]
