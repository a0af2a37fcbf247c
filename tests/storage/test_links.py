from datetime import timedelta

from sqlalchemy import Engine, select

from storage.arrivals import Arrivals, Letter
from storage.audit import Actor
from storage.links import How, Target
from storage.store import Store
from storage.tables import audit, links
from tests.conversing import NOW
from tests.settlement import Settlement, on
from tests.storage.test_people import a_proposal, storing


def a_message(store: Store, place: Settlement, text: str, key: str) -> int:
    account = store.people.reachable_account(place.deputy)
    assert account
    row = {
        "direction": "in",
        "channel": "tap",
        "platform_key": key,
        "account_id": account.id,
        "person_id": place.deputy,
    }
    row |= {"kind": "text", "text": text, "latitude": None, "longitude": None, "at": store.now, "stored_at": store.now}
    return Arrivals(store.unit, store.now).record([row])["tap", key]


def test_a_message_speaks_of_records_and_they_are_told_latest_last(engine: Engine) -> None:
    place = on(engine)
    with storing(engine, actor=Actor(place.staff)) as store:
        number = a_proposal(store, place, place.deputy)
        ids = [a_message(store, place, f"第{at}句", f"k{at}") for at in range(4)]
        store.links.add(ids, Target.PROPOSAL, number, How.STATED)
        store.links.add(ids[:1], Target.CELL, place.willow.id, How.TEXT)
        about = store.links.messages_about(Target.PROPOSAL, number, 3)
        assert [row.text for row in about] == ["第1句", "第2句", "第3句"]
        assert store.links.proposals_of(ids[0]) == [number]
        assert store.links.message_of("tap", "k2") == ids[2]
        assert store.links.message_of("plain", "k2") is None
        assert store.links.files_about(Target.PROPOSAL, number) == []


def test_a_message_that_is_moved_leaves_a_trace(settled: Engine, place: Settlement) -> None:
    with storing(settled, actor=Actor(place.staff)) as store:
        first, second = (a_proposal(store, place, place.deputy) for _ in range(2))
        message = a_message(store, place, "说的是二号", "k")
        store.links.add([message], Target.PROPOSAL, first, How.TEXT)
        store.links.move(message, Target.PROPOSAL, second)
        assert store.links.proposals_of(message) == [second]
        assert store.links.messages_about(Target.PROPOSAL, first, 9) == []
        rows = store.unit.read(select(links.c.target_id, links.c.how, links.c.replaced_at).order_by(links.c.id)).all()
        assert [tuple(row) for row in rows] == [(first, How.TEXT, NOW), (second, How.STAFF, None)]
        row = store.unit.read(select(audit).where(audit.c.action == "relink")).one()
        assert (row.before, row.after, row.person_id) == ({"proposal": [first]}, {"proposal": [second]}, place.staff)


def test_messages_of_some_areas_are_those_of_people_lately_and_not_what_became_proposals(engine: Engine) -> None:
    place = on(engine)
    with storing(engine, after=-timedelta(days=8)) as store:
        old = a_message(store, place, "很久以前", "old")
        store.links.add([old], Target.CELL, place.willow.id, How.TEXT)
    with storing(engine) as store:
        said, proposed, elsewhere, empty = (
            a_message(store, place, text, text or "empty") for text in ("灯坏了", "要修路", "桥头", "")
        )
        store.links.add([said, proposed, empty], Target.CELL, place.willow.id, How.TEXT)
        store.links.add([elsewhere], Target.CELL, place.bridge.id, How.TEXT)
        store.links.add([proposed], Target.PROPOSAL, a_proposal(store, place, place.deputy), How.STATED)
        week = NOW - timedelta(days=7)
        assert [row.text for row in store.links.messages_in([place.willow.path], week, 9)] == ["灯坏了"]
        assert [row.text for row in store.links.messages_in([place.village.path], week, 9)] == ["桥头", "灯坏了"]


def test_what_we_wrote_is_nobodys_message(settled: Engine, place: Settlement) -> None:
    with storing(settled) as store:
        account = store.people.reachable_account(place.deputy)
        assert account
        Arrivals(store.unit, NOW).post([Letter("tap", account.id, place.deputy, "您好")])
        ours = store.unit.read(select(links.c.id)).all()
        assert ours == []
        store.links.add([1], Target.CELL, place.willow.id, How.TEXT)
        assert store.links.messages_in([place.willow.path], NOW - timedelta(days=7), 9) == []
