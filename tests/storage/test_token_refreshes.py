"""Forced refreshes of a token: twenty a day, thirty seconds apart, by all replicas together."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from storage.database import transaction
from storage.holders import forget_holder
from storage.token_refreshes import APART, MOST_A_DAY, Made, TokenRefreshes, one_more

NOW = datetime(2026, 9, 1, 1, 0, tzinfo=UTC)
BEFORE_MIDNIGHT = datetime(2026, 9, 1, 15, 59, 50, tzinfo=UTC)  # in Beijing


def make(engine: Engine, at: datetime = NOW, name: str = "wechat token") -> bool:
    with transaction(engine) as unit:
        return TokenRefreshes(unit, at).make(name)


def test_they_are_thirty_seconds_apart(engine: Engine) -> None:
    assert make(engine)
    assert not make(engine, NOW + timedelta(seconds=29))
    assert make(engine, NOW + timedelta(seconds=30))
    assert not make(engine, NOW + timedelta(seconds=59)), "the pause counts from the last that was made"


def test_there_are_twenty_a_day_which_begins_in_beijing(engine: Engine) -> None:
    made = [make(engine, NOW + number * APART) for number in range(25)]
    assert made == [True] * 20 + [False] * 5
    assert not make(engine, BEFORE_MIDNIGHT)
    assert make(engine, BEFORE_MIDNIGHT + timedelta(seconds=10))


def test_another_token_has_its_own(engine: Engine) -> None:
    assert make(engine)
    assert make(engine, name="wecom token")


def test_a_dead_holder_takes_none_along(engine: Engine) -> None:
    assert make(engine)
    with transaction(engine) as unit:
        forget_holder(unit, "2026090112ab")
    assert not make(engine)


@pytest.mark.parametrize("first", [True, False])
def test_of_replicas_at_the_same_time_one_makes_it(engine: Engine, first: bool) -> None:
    if not first:
        assert make(engine, NOW - timedelta(hours=1))
    with ThreadPoolExecutor(4) as replicas:
        assert sorted(replicas.map(lambda _: make(engine), range(4))) == [False, False, False, True]


@given(st.lists(st.integers(0, 90_000), max_size=60))
def test_no_day_has_more_and_no_two_are_closer(pauses: list[int]) -> None:
    made, now = None, NOW
    moments: list[datetime] = []
    for pause in pauses:
        now += timedelta(seconds=pause)
        made, before = one_more(made, now) or made, made
        if made is not before:
            moments.append(now)
    beijing = [(moment + timedelta(hours=8)).date() for moment in moments]
    assert all(beijing.count(day) <= MOST_A_DAY for day in beijing)
    assert all(later - sooner >= APART for sooner, later in pairwise(moments))


def test_a_clock_that_was_set_back_makes_none_sooner() -> None:
    made = one_more(None, NOW)
    assert made == Made("2026-09-01", 1, NOW + APART)
    assert one_more(made, NOW - timedelta(hours=1)) is None
