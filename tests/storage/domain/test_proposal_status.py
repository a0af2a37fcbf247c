import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.domain.proposal_status import CARRIED_OVER, NEXT, OPEN, Reason, Status, may_follow

STATI = st.sampled_from(Status)


@given(STATI, STATI)
def test_what_an_author_withdrew_stays_withdrawn_and_no_status_follows_itself(now: Status, then: Status) -> None:
    assert not may_follow(Status.WITHDRAWN, then)
    assert not may_follow(now, now)


@given(STATI)
def test_staff_may_think_again_about_everything_but_the_authors_wish(status: Status) -> None:
    if status not in (Status.RECEIVED, Status.WITHDRAWN):
        assert may_follow(status, Status.RECEIVED)


@given(st.lists(STATI, max_size=20))
def test_every_way_through_the_stati_that_is_allowed_ends_in_one_that_knows_what_may_follow(ways: list[Status]) -> None:
    now = Status.RECEIVED
    for then in ways:
        if may_follow(now, then):
            now = then
    assert now in NEXT


@pytest.mark.parametrize("status", [Status.TAKEN_UP, Status.MERGED, Status.DECLINED, Status.WITHDRAWN])
def test_an_author_withdraws_only_what_is_not_decided(status: Status) -> None:
    assert not may_follow(status, Status.WITHDRAWN)


def test_the_undecided_and_the_reserve_go_along_into_the_next_cycle() -> None:
    assert {Status.RECEIVED, Status.ASKED, Status.RESERVE} == CARRIED_OVER
    assert CARRIED_OVER < OPEN
    assert not OPEN & {Status.WITHDRAWN, Status.DECLINED, Status.MERGED}


def test_the_negative_list_has_its_six_reasons() -> None:
    assert len(Reason) == 6
