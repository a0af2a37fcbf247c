from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from handlers.flood import QUIET_FOR, WINDOW, Flood, Judgement
from storage.arrivals import Guest
from storage.people import Person

START = datetime(2026, 9, 1, tzinfo=UTC)


def guest() -> Guest:
    nobody = Person(1, "", "", "zh", cell_id=None, notices=True, consented_at=None)
    return Guest(1, "1", reachable=True, seen_at=START, person=nobody)


def judged(flood: Flood, seconds: Sequence[float]) -> list[Judgement]:
    one = guest()
    return [flood.judge(one, START + timedelta(seconds=at)) for at in seconds]


def test_twenty_a_minute_are_heard_the_next_is_asked_to_wait_the_rest_is_only_stored() -> None:
    assert judged(Flood(), [0.1 * at for at in range(25)]) == [
        *[Judgement.HEARD] * 20,
        Judgement.WARNED,
        *[Judgement.SILENT] * 4,
    ]


def test_after_a_minute_everybody_is_heard_again() -> None:
    assert judged(Flood(per_minute=1), [0, 1, 59.9, 60])[-2:] == [Judgement.SILENT, Judgement.HEARD]


def test_the_third_minute_in_a_row_brings_an_hour_of_quiet() -> None:
    busy = [minute * 60 + second for minute in range(3) for second in (0, 1, 2)]
    found = judged(Flood(per_minute=1), [*busy, 3720, 3721, 3722])
    assert found[1::3][:3] == [Judgement.WARNED, Judgement.WARNED, Judgement.QUIETED]
    assert found[-3:] == [Judgement.SILENT, Judgement.HEARD, Judgement.WARNED]


def test_a_quiet_minute_or_a_pause_in_between_forgives() -> None:
    with_quiet_minute = [0, 1, 60, 61, 120, 180, 181]
    assert judged(Flood(per_minute=1), with_quiet_minute)[-1] is Judgement.WARNED
    days_apart = [86400.0 * day + second for day in range(4) for second in (0, 1)]
    assert judged(Flood(per_minute=1), days_apart)[1::2] == [Judgement.WARNED] * 4


@given(st.lists(st.floats(0, 600), max_size=120), st.integers(1, 10))
def test_in_no_minute_more_is_heard_than_twice_the_rate_and_the_excess_is_told_once_a_window(
    seconds: list[float], rate: int
) -> None:
    seconds.sort()
    found = list(zip(seconds, judged(Flood(per_minute=rate), seconds), strict=True))
    heard = [at for at, judgement in found if judgement is Judgement.HEARD]
    for at in heard:  # a minute may fall on two windows
        assert sum(at <= other < at + 60 for other in heard) <= 2 * rate
    told = [at for at, judgement in found if judgement in (Judgement.WARNED, Judgement.QUIETED)]
    for at in told:
        assert sum(at <= other < at + 60 for other in told) <= 2


@given(st.floats(0.01, 59), st.integers(1, 20))
def test_two_bots_that_answer_each_other_come_to_rest(latency: float, rate: int) -> None:
    """The other one says something whenever we said something, and nothing to our silence."""
    flood, other = Flood(per_minute=rate), guest()
    spoken = 0
    while flood.judge(other, START + timedelta(seconds=latency * spoken)) is not Judgement.SILENT and spoken < 100:
        spoken += 1
    if latency * (rate + 1) < WINDOW.total_seconds():
        assert spoken == rate + 1


def test_quiet_ends_by_itself() -> None:
    one, flood = guest(), Flood(per_minute=1, strikes_out=1)
    assert flood.judge(one, START) is Judgement.HEARD
    assert flood.judge(one, START) is Judgement.QUIETED
    assert flood.judge(one, START + QUIET_FOR - timedelta(seconds=1)) is Judgement.SILENT
    assert flood.judge(one, START + QUIET_FOR) is Judgement.HEARD
