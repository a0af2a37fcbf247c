"""Access tokens expire, overlap and are forced as the platform says."""

import pytest

from tests.set_clock import SetClock
from tests.wechat_api.refusals import Refusal
from tests.wechat_api.tokens import TokenDesk


@pytest.fixture
def desk(clock: SetClock) -> TokenDesk:
    return TokenDesk(clock, "wx")


def refusal_of(desk: TokenDesk, token: str) -> int:
    with pytest.raises(Refusal) as refused:
        desk.check(token)
    return refused.value.code


def test_who_asks_again_gets_the_same_with_less_time(desk: TokenDesk, clock: SetClock) -> None:
    first, lasts = desk.give()
    assert lasts == 7200
    clock.advance(minutes=114)
    assert desk.give() == (first, 360)
    desk.check(first)


def test_in_the_last_five_minutes_there_is_a_new_one_and_both_are_good(desk: TokenDesk, clock: SetClock) -> None:
    first, _ = desk.give()
    clock.advance(minutes=116)
    second, lasts = desk.give()
    assert (second != first, lasts) == (True, 7200)
    desk.check(first)
    desk.check(second)
    clock.advance(minutes=5)
    assert refusal_of(desk, first) == 42001
    desk.check(second)


def test_a_token_that_was_never_given_is_invalid(desk: TokenDesk) -> None:
    assert refusal_of(desk, "made up") == 40001


def test_one_forced_leaves_the_last_good_for_five_minutes_and_the_next_ends_it(
    desk: TokenDesk, clock: SetClock
) -> None:
    first, _ = desk.give()
    second, _ = desk.give(force=True)
    desk.check(first)
    clock.advance(seconds=29)
    assert desk.give(force=True)[0] == second, "too soon: nothing happens"
    clock.advance(seconds=1)
    third, _ = desk.give(force=True)
    assert len({first, second, third}) == 3
    assert refusal_of(desk, first) == 42001
    desk.check(second)


def test_a_day_has_twenty_forced_ones_and_begins_at_midnight_in_beijing(desk: TokenDesk, clock: SetClock) -> None:
    for _ in range(20):
        desk.give(force=True)
        clock.advance(seconds=30)
    with pytest.raises(Refusal) as refused:
        desk.give(force=True)
    assert refused.value.code == 45009
    desk.give()
    clock.advance(hours=15)  # 2026-03-03 00:10 in Beijing
    desk.give(force=True)
    assert len(desk.forced) == 21


def test_the_newest_can_be_refused_though_it_is_given(desk: TokenDesk) -> None:
    first, _ = desk.give()
    desk.refuse_newest()
    assert refusal_of(desk, first) == 40001
    assert desk.give()[0] == first
    second, _ = desk.give(force=True)
    desk.check(second)


def test_somebody_else_can_have_replaced_it(desk: TokenDesk) -> None:
    first, _ = desk.give()
    desk.replace()
    assert refusal_of(desk, first) == 42001
    desk.check(desk.give()[0])
