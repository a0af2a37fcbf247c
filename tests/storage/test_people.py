from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import Engine, select

from storage.area_index import AreaIndex
from storage.audit import Actor
from storage.database import transaction
from storage.domain.categories import Category
from storage.domain.roles import Role
from storage.people import INVITE_LIVES, People
from storage.proposals import New, Source
from storage.store import Store
from storage.tables import audit, invites, prompts, roles
from tests.conversing import NOW
from tests.settlement import Settlement, on


@contextmanager
def storing(engine: Engine, *, after: timedelta = timedelta(), actor: Actor | None = None) -> Iterator[Store]:
    with transaction(engine) as unit:
        yield Store(unit, NOW + after, AreaIndex(()), actor)


def a_proposal(store: Store, place: Settlement, author: int, brought_by: int | None = None) -> int:
    cycle = store.congresses.current_cycle(place.congress)
    assert cycle
    new = New(place.congress, cycle.id, "修路", Category.ROADS, None, "open", Source.CHAT, (author,), brought_by)
    return store.proposals.add(new)


# --- roles


def test_a_role_carries_its_congress_group_trade_and_cells(settled: Engine, place: Settlement) -> None:
    with storing(settled) as store:
        person = store.people.add("陈静")
        cells = (place.bridge.id, place.willow.id)
        role = store.people.grant(person, place.congress, Role.DEPUTY, group_name="一组", trade="教师", areas=cells)
        (held,) = store.people.holdings(person)
        assert held == store.people.holding(role)
        assert (held.congress_id, held.role, held.group_name, held.trade) == (
            place.congress,
            Role.DEPUTY,
            "一组",
            "教师",
        )
        assert held.areas == tuple(sorted(cells))
        assert person in [one.person_id for one in store.people.holders(place.congress, Role.DEPUTY)]


def test_a_role_taken_back_is_held_no_more(settled: Engine, place: Settlement) -> None:
    with storing(settled) as store:
        store.unit.write(roles.update().values(revoked_at=NOW))
        assert store.people.holdings(place.deputy) == []
        assert store.people.holding(place.deputy_role) is None
        assert store.people.holders(place.congress, Role.STAFF) == []


def test_one_person_may_hold_several_roles(settled: Engine, place: Settlement) -> None:
    with storing(settled) as store:
        store.people.grant(place.deputy, place.congress, Role.EXPERT)
        assert [one.role for one in store.people.holdings(place.deputy)] == [Role.DEPUTY, Role.EXPERT]


# --- accounts


def test_a_person_is_written_to_where_they_were_seen_last_and_can_be_reached(
    settled: Engine, place: Settlement
) -> None:
    with storing(settled, after=timedelta(hours=1)) as store:
        other = store.people.add_account(place.staff, "plain", "s2", "s2")
        found = store.people.reachable_account(place.staff)
        assert found is not None
        assert (found.id, found.channel, found.address) == (other, "plain", "s2")
        store.people.mark_unreachable(other, "blocked")
        found = store.people.reachable_account(place.staff)
        assert found is not None
        assert found.channel == "tap"
        assert store.people.unreachable(place.congress, 9) == []


def test_whom_no_push_reaches_on_any_channel_is_listed_once(engine: Engine) -> None:
    place = on(engine)
    with storing(engine, after=timedelta(hours=1)) as store:
        store.people.grant(place.staff, place.congress, Role.DEPUTY)
        for account in (store.people.reachable_account(place.staff), store.people.reachable_account(place.deputy)):
            assert account
            store.people.mark_unreachable(account.id, "blocked")
        store.people.add_account(place.deputy, "plain", "d2", "d2")
        (row,) = store.people.unreachable(place.congress, 9)
        assert (row.name, row.since) == ("王芳", NOW + timedelta(hours=1))


def test_nobody_is_reached_by_a_channel_that_is_not_set_up(engine: Engine) -> None:
    place = on(engine)
    with storing(engine, after=timedelta(hours=1)) as store:
        store.people.add_account(place.staff, "gone", "s2", "s2")
        people = People(store.unit, store.now, store.audit, {"tap"})
        account = people.reachable_account(place.staff)
        assert account
        assert (account.channel, account.reachable) == ("tap", True)
        assert people.unreachable(place.congress, 9) == []
        people = People(store.unit, store.now, store.audit, {"plain"})
        account = people.reachable_account(place.staff)
        assert account
        assert (account.channel, account.reachable) == ("gone", False)
        assert {row.name: row.since for row in people.unreachable(place.congress, 9)} == {
            "李强": NOW,
            "赵敏": NOW,
            "王芳": NOW + timedelta(hours=1),
        }


def test_somebody_without_an_account_cannot_be_written_to(settled: Engine) -> None:
    with storing(settled) as store:
        assert store.people.reachable_account(store.people.add("路人")) is None


def test_a_chat_that_moved_is_written_to_at_its_new_address(settled: Engine, place: Settlement) -> None:
    with storing(settled) as store:
        account = store.people.reachable_account(place.staff)
        assert account
        store.people.move_account(account.id, "-100")
        moved = store.people.reachable_account(place.staff)
        assert moved
        assert moved.address == "-100"


# --- invites


def test_an_invite_is_kept_as_a_hash_and_spent_once(settled: Engine, place: Settlement) -> None:
    with storing(settled) as store:
        code = store.people.invite(place.staff)
        account = store.people.reachable_account(place.staff)
        assert account
        assert code not in str(store.unit.read(select(invites)).all())
        assert store.people.invited(code) == place.staff
        assert store.people.invited(code + "x") is None
        assert store.people.use_invite(code, account.id)
        assert not store.people.use_invite(code, account.id)
        assert store.people.invited(code) is None


@pytest.mark.parametrize(("after", "is_good"), [(INVITE_LIVES - timedelta(seconds=1), True), (INVITE_LIVES, False)])
def test_an_invite_lives_for_its_time(settled: Engine, place: Settlement, after: timedelta, is_good: bool) -> None:
    with storing(settled) as store:
        code = store.people.invite(place.staff)
    with storing(settled, after=after) as store:
        assert (store.people.invited(code) == place.staff) is is_good


# --- two records of one person, on both databases


def test_all_that_one_record_has_becomes_the_others(engine: Engine) -> None:
    place = on(engine)
    with storing(engine) as store:
        old = store.people.add("老记录", language="en")
        store.people.add_account(old, "plain", "old", "old")
        store.people.consent(old)
        store.people.change(old, cell_id=place.willow.id)
        own, brought = a_proposal(store, place, old), a_proposal(store, place, place.worker, old)
        for number, supporters in ((own, [place.staff]), (brought, [old, place.deputy])):
            for person in supporters:
                assert store.proposals.support(number, person)
        store.conversations.save_draft(old, {"conversation": "suggest"})
        store.conversations.prompt(old, "help_wanted", {})
    with storing(engine) as store:
        store.people.merge(old, into=place.deputy)
    with storing(engine) as store:
        assert store.people.get(old) == store.people.get(place.deputy)
        assert store.people.get(old).cell_id == place.willow.id
        assert store.people.get(old).consented_at == NOW
        assert store.people.get(old).language == "en"
        assert store.proposals.authors(own) == [place.deputy]
        assert store.proposals.concerned(brought) == sorted([place.deputy, place.worker])
        supported = store.proposals.get(brought)
        assert supported
        assert supported.supporters == 1  # the same person under both records
        assert len(store.conversations.drafts(place.deputy)) == 1
        assert store.conversations.prompted(9) == [place.deputy]


def test_nobody_supports_what_their_other_record_proposed(engine: Engine) -> None:
    place = on(engine)
    with storing(engine) as store:
        old, second = store.people.add(), store.people.add()
        own, others = a_proposal(store, place, old), a_proposal(store, place, place.deputy)
        for number, supporters in ((own, [place.deputy, second]), (others, [old, second])):
            for person in supporters:
                assert store.proposals.support(number, person)
    with storing(engine) as store:
        store.people.merge(old, into=place.deputy)
    with storing(engine) as store:
        assert [one.supporters for number in (own, others) if (one := store.proposals.get(number))] == [1, 1]
        assert not store.proposals.support(own, second), "who does so still"
        store.people.merge(second, into=place.deputy)
    with storing(engine) as store:
        assert [one.supporters for number in (own, others) if (one := store.proposals.get(number))] == [0, 0]


def test_a_record_merged_into_itself_stays(settled: Engine, place: Settlement) -> None:
    with storing(settled) as store:
        before = store.people.get(place.staff)
        store.people.merge(place.staff, into=place.staff)
        assert store.people.get(place.staff) == before


def test_who_was_merged_twice_is_found_at_the_end(settled: Engine, place: Settlement) -> None:
    with storing(settled) as store:
        first, second = store.people.add("一"), store.people.add("二")
        store.people.merge(first, into=second)
        store.people.merge(second, into=place.staff)
        assert store.people.get(first).id == place.staff


# --- the log


def test_every_change_of_a_person_is_in_the_log_without_what_it_says(settled: Engine, place: Settlement) -> None:
    with storing(settled, actor=Actor(place.staff, None)) as store:
        store.people.change(place.deputy, name="李大强", telephone="13912345678")
        store.people.invite(place.deputy)
        store.people.forget(place.deputy)
    with storing(settled) as store:
        rows = store.unit.read(select(audit).where(audit.c.record == "person").order_by(audit.c.id)).all()
        assert [(row.action, row.person_id, row.record_id) for row in rows[-3:]] == [
            ("change", place.staff, place.deputy),
            ("invite", place.staff, place.deputy),
            ("forget", place.staff, place.deputy),
        ]
        assert "李大强" not in str(rows)
        assert "13912345678" not in str(rows)


def test_what_waits_for_somebody_is_forgotten_with_them(engine: Engine) -> None:
    place = on(engine)
    with storing(engine) as store:
        store.conversations.prompt(place.deputy, "answer_office", {"question": "哪一段？"})
        store.people.forget(place.deputy)
        assert store.unit.read(select(prompts)).all() == []
        forgotten = store.people.get(place.deputy)
        assert (forgotten.name, forgotten.telephone) == ("", "")
