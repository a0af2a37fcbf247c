from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine, select

from storage.arrivals import SEEN_EVERY, Arrivals, Guest, Letter, lock_key
from storage.database import transaction
from storage.tables import accounts, attachments, conversations, messages, outbox
from tests.conversing import NOW
from tests.settlement import Settlement, on
from tests.storage.test_people import storing

CHANNELS = ("tap", "plain")
postgresql = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


def guest_of(engine: Engine, account: str, after: timedelta = timedelta()) -> Guest:
    with transaction(engine) as unit:
        return Arrivals(unit, NOW + after).guests([("tap", account)])["tap", account]


def test_a_guest_is_known_with_person_and_conversation(engine: Engine) -> None:
    place = on(engine)
    guest = guest_of(engine, "staff")
    assert (guest.person.id, guest.person.name, guest.state, guest.heard_at) == (place.staff, "王芳", None, None)
    assert (guest.reachable, guest.is_prompted, guest.window_count) == (True, False, 0)
    with storing(engine) as store:
        store.conversations.prompt(place.staff, "help_wanted", {})
        assert Arrivals(store.unit, NOW).guests([("plain", "staff"), ("tap", "nobody")]) == {}
    assert guest_of(engine, "staff").is_prompted


def test_what_is_open_with_a_guest_is_saved_and_saved_over(engine: Engine) -> None:
    on(engine)
    for count, state in ((1, {"conversation": "menu", "version": 1}), (2, None)):
        guest = guest_of(engine, "staff")
        opened = replace(guest, state=state, heard_at=NOW, window_from=NOW, window_count=count)
        with transaction(engine) as unit:
            Arrivals(unit, NOW).save([opened])
        found = guest_of(engine, "staff")
        assert (found.state, found.heard_at, found.window_count) == (state, NOW, count)


def test_of_somebody_who_has_not_written_nothing_is_saved(settled: Engine) -> None:
    with transaction(settled) as unit:
        Arrivals(unit, NOW).save([guest_of_unit(Arrivals(unit, NOW))])
        assert unit.read(select(conversations)).all() == []


def guest_of_unit(arrivals: Arrivals) -> Guest:
    return arrivals.guests([("tap", "staff")])["tap", "staff"]


@pytest.mark.parametrize(("after", "is_written"), [(SEEN_EVERY, False), (SEEN_EVERY + timedelta(seconds=1), True)])
def test_when_somebody_was_seen_is_written_now_and_then_only(
    settled: Engine, after: timedelta, is_written: bool
) -> None:
    with transaction(settled) as unit:
        arrivals = Arrivals(unit, NOW + after)
        arrivals.save([guest_of_unit(arrivals)])
        assert (guest_of_unit(arrivals).seen_at == NOW + after) is is_written


def test_who_writes_again_gets_what_was_held_for_them(engine: Engine) -> None:
    place = on(engine)
    guest = guest_of(engine, "staff")
    with storing(engine) as store:
        Arrivals(store.unit, NOW).post([Letter("tap", guest.account_id, place.staff, "您好")])
        store.people.mark_unreachable(guest.account_id, "blocked")
        store.outbox.hold(guest.account_id, "blocked")
    later = timedelta(hours=2)
    with transaction(engine) as unit:
        Arrivals(unit, NOW + later).save([guest_of_unit(Arrivals(unit, NOW))])
        (row,) = unit.read(select(outbox.c.state, outbox.c.due_at, outbox.c.failure))
        assert tuple(row) == ("waiting", NOW + later, "")
        assert unit.read(select(accounts.c.unreachable_since).where(accounts.c.id == guest.account_id)).scalar() is None


def test_a_message_is_recorded_once(engine: Engine) -> None:
    on(engine)
    guest = guest_of(engine, "staff")
    rows = [
        {"direction": "in", "channel": "tap", "platform_key": key, "account_id": guest.account_id, "kind": "text",
         "person_id": guest.person.id, "text": key, "latitude": None, "longitude": None, "at": NOW, "stored_at": NOW}
        for key in ("b", "a", "c")
    ]  # fmt: skip
    with transaction(engine) as unit:
        arrivals = Arrivals(unit, NOW)
        first = arrivals.record(rows[:2])
        assert sorted(first) == [("tap", "a"), ("tap", "b")]
        again = arrivals.record(rows)
        assert list(again) == [("tap", "c")]
        arrivals.fault(again["tap", "c"], "x" * 300)
        faults = {row.text: row.fault for row in unit.read(select(messages.c.text, messages.c.fault))}
        assert faults == {"a": None, "b": None, "c": "x" * 200}


def test_letters_are_posted_in_order_with_their_files(engine: Engine) -> None:
    place = on(engine)
    guest = guest_of(engine, "staff")
    recipe = {"kind": "ledger", "name": "台账.xlsx", "media_type": "application/zip", "arguments": {}}
    with transaction(engine) as unit:
        Arrivals(unit, NOW).post(
            [
                Letter("tap", guest.account_id, place.staff, "一", [["1-0.0", "1 是"]]),
                Letter("tap", guest.account_id, place.staff, "二", file=recipe, priority=1),
            ]
        )
        rows = unit.read(
            select(messages.c.text, messages.c.choices, outbox.c.priority)
            .join(outbox, outbox.c.message_id == messages.c.id)
            .order_by(outbox.c.message_id)
        ).all()
        assert [tuple(row) for row in rows] == [("一", [["1-0.0", "1 是"]], 0), ("二", None, 1)]
        (made,) = unit.read(select(attachments.c.recipe, attachments.c.name))
        assert tuple(made) == (recipe, "台账.xlsx")


def test_the_account_where_a_person_is_best_reached_is_found(engine: Engine) -> None:
    place = on(engine)
    with storing(engine, after=timedelta(hours=1)) as store:
        newest = store.people.add_account(place.staff, "plain", "s2", "s2")
        best = Arrivals(store.unit, NOW).guests_of([place.staff, place.deputy], CHANNELS)
        assert {person: (channel, guest.account_id) for person, (channel, guest) in best.items()} == {
            place.staff: ("plain", newest),
            place.deputy: ("tap", best[place.deputy][1].account_id),
        }
        store.people.mark_unreachable(newest, "blocked")
        assert Arrivals(store.unit, NOW).guests_of([place.staff], CHANNELS)[place.staff][0] == "tap"
        assert Arrivals(store.unit, NOW).guests_of([place.staff], ["plain"])[place.staff][0] == "plain"


def test_on_sqlite_every_lock_is_free(settled: Engine) -> None:
    with transaction(settled) as unit:
        arrivals = Arrivals(unit, NOW)
        assert arrivals.try_guests([("tap", "staff")]) == ({("tap", "staff")}, None)
        assert arrivals.try_people([3, 1, 3]) == {1, 3}


@postgresql
def test_a_lock_is_held_until_the_commit_and_by_one_only(engine: Engine) -> None:
    place: Settlement = on(engine)
    staff, deputy, nobody = ("tap", "staff"), ("tap", "deputy"), ("tap", "new")
    with transaction(engine) as unit, transaction(engine) as other:
        assert Arrivals(unit, NOW).try_guests([staff]) == ({staff}, {place.staff})
        assert Arrivals(unit, NOW).try_guests([staff]) == ({staff}, {place.staff})
        assert Arrivals(other, NOW).try_guests([staff, deputy, nobody]) == ({deputy, nobody}, {place.deputy})
        assert Arrivals(other, NOW).try_people([place.staff, 10**9]) == {10**9}
        assert Arrivals(other, NOW).try_people([]) == set()
    with transaction(engine) as unit:
        assert Arrivals(unit, NOW).try_guests([staff]) == ({staff}, {place.staff})


@postgresql
def test_who_acts_for_a_person_keeps_their_other_accounts_busy(engine: Engine) -> None:
    place: Settlement = on(engine)
    with storing(engine) as store:
        store.people.add_account(place.staff, "tap", "second", "second")
    with transaction(engine) as unit, transaction(engine) as other:
        assert Arrivals(unit, NOW).try_guests([("tap", "staff")])[1] == {place.staff}
        assert Arrivals(other, NOW).try_guests([("tap", "second")]) == ({("tap", "second")}, set())


def test_keys_of_locks_stay_apart_and_fit_a_bigint() -> None:
    keys = {lock_key("a", "b"), lock_key("ab", ""), lock_key("a", "bc"), lock_key("ab", "c")}
    assert len(keys) == 4
    assert all(-(2**63) <= key < 2**63 for key in keys)
