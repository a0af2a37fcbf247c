from datetime import timedelta
from typing import Any

from sqlalchemy import Engine, insert, select

from storage.conversations import DRAFTS_KEPT
from storage.store import Store
from storage.tables import conversations
from tests.conversing import NOW
from tests.settlement import Settlement, on
from tests.storage.test_people import storing


def opened(store: Store, person_id: int, state: dict[str, Any] | None, ago: timedelta = timedelta()) -> None:
    row = {"person_id": person_id, "state": state, "heard_at": NOW - ago, "window_from": NOW}
    store.unit.write(insert(conversations).values(**row, window_count=0, strikes=0))


def test_only_the_newest_drafts_are_kept(engine: Engine) -> None:
    place = on(engine)
    with storing(engine) as store:
        store.conversations.save_draft(place.staff, {"conversation": "other"})
        for at in range(DRAFTS_KEPT + 2):
            store.conversations.save_draft(place.deputy, {"conversation": "suggest", "answers": {"b": at, "a": 1}})
        kept = store.conversations.drafts(place.deputy)
        assert [draft.state["answers"]["b"] for draft in kept] == list(range(DRAFTS_KEPT + 1, 1, -1))
        assert list(kept[0].state["answers"]) == ["b", "a"]  # in the order in which they were given
        store.conversations.drop_draft(kept[0].id)
        assert len(store.conversations.drafts(place.deputy)) == DRAFTS_KEPT - 1
        assert len(store.conversations.drafts(place.staff)) == 1


def test_conversations_expire_oldest_first_a_few_at_a_time(engine: Engine) -> None:
    place = on(engine)
    with storing(engine) as store:
        opened(store, place.staff, {"conversation": "suggest", "keep": 1}, timedelta(days=5))
        opened(store, place.deputy, {"conversation": "menu"}, timedelta(days=4))
        opened(store, place.worker, {"conversation": "suggest", "keep": 1}, timedelta(days=1))
        expired = [
            store.conversations.expire(NOW - timedelta(days=3), 1, lambda state: "keep" in state) for _ in range(3)
        ]
        assert expired == [1, 1, 0]
        drafts = [len(store.conversations.drafts(one)) for one in (place.staff, place.deputy, place.worker)]
        assert drafts == [1, 0, 0]
        still_open = select(conversations.c.person_id).where(conversations.c.state.is_not(None))
        assert list(store.unit.read(still_open).scalars()) == [place.worker]


def test_prompts_come_in_their_order_and_go(settled: Engine, place: Settlement) -> None:
    with storing(settled) as store:
        assert store.conversations.next_prompt(place.deputy) is None
        for name in ("first", "second"):
            store.conversations.prompt(place.deputy, name, {"a": name})
        first = store.conversations.next_prompt(place.deputy)
        assert first is not None
        assert (first.conversation, first.arguments) == ("first", {"a": "first"})
        store.conversations.drop_prompt(first.id)
        second = store.conversations.next_prompt(place.deputy)
        assert second is not None
        assert second.conversation == "second"


def test_those_who_may_be_prompted_are_found_and_nobody_else_stands_in_their_way(engine: Engine) -> None:
    place = on(engine)
    with storing(engine) as store:
        nobody = store.people.add("没有账号")
        for person in (nobody, place.worker, place.staff, place.deputy):
            store.conversations.prompt(person, "help_wanted", {})
        opened(store, place.worker, None)
        opened(store, place.staff, {"conversation": "suggest"}, timedelta(minutes=31))
        opened(store, place.deputy, {"conversation": "suggest"}, timedelta(minutes=29))
        idle_since = NOW - timedelta(minutes=30)
        assert store.conversations.prompted(9, idle_since) == [place.worker, place.staff]
        assert store.conversations.prompted(1, idle_since) == [place.worker]
        assert store.conversations.prompted(9) == [place.worker, place.staff, place.deputy]
