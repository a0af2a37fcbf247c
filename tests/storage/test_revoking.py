"""Roles that are taken away, on both databases."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine, select

from storage.arrivals import Arrivals, Letter
from storage.attachments import Attachments, State
from storage.audit import Actor
from storage.domain.roles import Role
from storage.people import LastOfStaff
from storage.tables import attachments, audit, prompts, roles
from tests.conversing import NOW
from tests.settlement import Settlement, enrolled, on
from tests.storage.test_people import storing


@pytest.fixture
def place(engine: Engine) -> Settlement:
    return on(engine)


def revoke(engine: Engine, role_id: int, *, last_too: bool = False) -> bool:
    """Whether it could be taken away."""
    with storing(engine) as store:
        held = store.people.holding(role_id)
        assert held
        try:
            store.people.revoke(held, last_too=last_too)
        except LastOfStaff:
            return False
    return True


def staff_role(engine: Engine, place: Settlement) -> int:
    with storing(engine) as store:
        return next(held.id for held in store.people.holders(place.congress, Role.STAFF))


def test_a_role_is_held_no_more_and_the_log_says_who_took_it(engine: Engine, place: Settlement) -> None:
    with storing(engine, actor=Actor(place.staff)) as store:
        held = store.people.holding(place.deputy_role)
        assert held
        store.people.revoke(held)
    with storing(engine) as store:
        assert store.people.holding(place.deputy_role) is None
        assert store.people.holdings(place.deputy) == []
        assert store.people.roster(place.congress, Role.DEPUTY) == []
        assert store.people.named(place.congress, "李强") == []
        revoked = store.unit.read(select(roles.c.revoked_at).where(roles.c.id == place.deputy_role)).scalar_one()
        (row,) = store.unit.read(select(audit).where(audit.c.action == "revoke")).all()
    assert revoked == NOW
    assert (row.person_id, row.record, row.record_id) == (place.staff, "role", place.deputy_role)
    assert row.before == {"person": place.deputy, "congress": place.congress, "role": "deputy"}


def test_the_last_of_the_staff_stays_unless_meant(engine: Engine, place: Settlement) -> None:
    role = staff_role(engine, place)
    assert not revoke(engine, role)
    assert revoke(engine, role, last_too=True)


def test_of_the_last_two_one_stays_when_each_takes_the_others(engine: Engine, place: Settlement) -> None:
    with storing(engine) as store:
        _, second = enrolled(store, "second", "陈静", place.congress, Role.STAFF)
    both = staff_role(engine, place), second
    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(lambda role: revoke(engine, role), both)) == [False, True]


def test_invites_end_with_the_last_role_only(engine: Engine, place: Settlement) -> None:
    with storing(engine) as store:
        further = store.people.grant(place.deputy, place.congress, Role.TELLER)
        code = store.people.invite(place.deputy)
    revoke(engine, place.deputy_role)
    with storing(engine) as store:
        assert store.people.invited(code) == place.deputy
    revoke(engine, further)
    with storing(engine) as store:
        assert store.people.invited(code) is None


def test_an_invite_is_withdrawn_by_itself(engine: Engine, place: Settlement) -> None:
    with storing(engine) as store:
        code = store.people.invite(place.deputy)
        assert store.people.withdraw_invites(place.deputy)
        assert not store.people.withdraw_invites(place.deputy)
        assert store.people.invited(code) is None
        assert store.people.holding(place.deputy_role)
    with storing(engine) as store:
        actions = store.unit.read(select(audit.c.action).where(audit.c.record_id == place.deputy)).scalars().all()
    assert actions.count("withdraw_invite") == 1


def test_what_waits_for_the_holder_of_the_role_goes_and_nothing_else(engine: Engine, place: Settlement) -> None:
    with storing(engine) as store:
        for role in (place.deputy_role, place.deputy_role + 1, None):
            arguments = {} if role is None else {"role": role}
            store.conversations.prompt(place.deputy, "help_wanted", arguments)
    revoke(engine, place.deputy_role)
    with storing(engine) as store:
        left = store.unit.read(select(prompts.c.arguments).order_by(prompts.c.id)).scalars().all()
    assert left == [{"role": place.deputy_role + 1}, {}]


def test_files_that_they_were_sent_can_no_longer_be_had(engine: Engine, place: Settlement) -> None:
    with storing(engine) as store:
        account = store.people.reachable_account(place.deputy)
        assert account
        ledger = {"kind": "ledger", "name": "台账.xlsx", "media_type": "x", "arguments": {}}
        photo = {"digest": "a" * 64, "name": "1.jpg", "media_type": "image/jpeg"}
        Arrivals(store.unit, NOW).post(
            [Letter("tap", account.id, place.deputy, "", file=file) for file in (ledger, photo)]
        )
    revoke(engine, place.deputy_role)
    with storing(engine) as store:
        for identity in store.unit.read(select(attachments.c.id)).scalars().all():
            kept = Attachments(store.unit, NOW).get(identity)
            assert kept
            assert (kept.state, kept.digest, kept.recipe) == (State.EXPIRED, None, None)
