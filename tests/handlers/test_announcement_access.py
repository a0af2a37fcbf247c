"""Who may do what with announcements."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from handlers import access
from handlers.access import Denied
from handlers.texts import access as refusals
from storage.announcements import Announcement
from storage.domain.announcements import PUBLIC, State
from storage.domain.roles import Holding, Role
from tests.posted import NOTICE

NOW = datetime(2026, 9, 1, tzinfo=UTC)
ONE = Announcement(
    number=1,
    congress_id=1,
    state=State.DRAFT,
    version=1,
    author=1,
    created_at=NOW,
    corrects=None,
    correction=None,
    send_at=None,
    started_at=None,
    ended_at=None,
    content=NOTICE,
    writer=1,
    reach=None,
)


def holding(role: Role, congress: int = 1) -> Holding:
    return Holding(1, 1, congress, role)


@pytest.mark.parametrize("role", Role)
def test_staff_write_and_staff_presidium_and_administrators_oversee(role: Role) -> None:
    held, writes, oversees = [holding(role)], role is Role.STAFF, role in access.AGREEING
    assert access.may_announce(held) is writes
    assert access.has_announcements(held) is oversees
    for check, is_allowed in ((access.check_can_write, writes), (access.check_can_oversee, oversees)):
        if is_allowed:
            assert check(held, ONE) is ONE
        for holdings, one in (
            ([], ONE),
            ([holding(role, 2)], ONE),
            (held, None),
            *([] if is_allowed else [(held, ONE)]),
        ):
            with pytest.raises(Denied) as denied:
                check(holdings, one)
            assert denied.value.why is refusals.NO_SUCH_ANNOUNCEMENT
    if writes:
        access.check_can_announce(held, 1)
    with pytest.raises(Denied):
        access.check_can_announce(held, 2)


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("on_board", [True, False])
def test_anybody_reads_what_stands_on_the_board_and_who_got_it_reads_it_anyway(state: State, *, on_board: bool) -> None:
    one = replace(ONE, state=state, content=replace(NOTICE, on_board=on_board))
    assert access.check_can_read([], one, was_sent=True) is one
    assert access.check_can_read([holding(Role.PRESIDIUM)], one, was_sent=False) is one
    if on_board and state in PUBLIC:
        assert access.check_can_read([], one, was_sent=False) is one
    else:
        with pytest.raises(Denied):
            access.check_can_read([holding(Role.DEPUTY)], one, was_sent=False)
