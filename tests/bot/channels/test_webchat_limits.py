"""How fast is too fast."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.channels.webchat_limits import Allowance


class _Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 9, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def move(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


def test_all_of_it_at_once_then_steadily() -> None:
    clock = _Clock()
    allowance = Allowance(3, 60, clock)
    assert [allowance.take("a") for _ in range(3)] == [0, 0, 0]
    assert allowance.take("a") == 20
    clock.move(20)
    assert allowance.take("a") == 0
    assert allowance.take("a") == 20


def test_one_does_not_use_up_the_others() -> None:
    allowance = Allowance(1, 60, _Clock())
    assert allowance.take("a") == 0
    assert allowance.take("b") == 0
    assert allowance.take("a") == 60


def test_a_clock_that_was_set_back_shuts_nobody_out_for_long() -> None:
    clock = _Clock()
    allowance = Allowance(1, 60, clock)
    allowance.take("a")
    clock.move(-7 * 24 * 3600)
    assert allowance.take("a") <= 60


@given(st.lists(st.floats(0, 30), max_size=60))
def test_never_more_than_twice_the_count_in_any_span(pauses: list[float]) -> None:
    clock = _Clock()
    allowance = Allowance(5, 60, clock)
    taken = []
    for pause in pauses:
        clock.move(pause)
        if allowance.take("a") == 0:
            taken.append(clock.now)
    for start in taken:
        assert len([moment for moment in taken if start <= moment < start + timedelta(seconds=60)]) <= 10


def test_who_has_all_room_back_is_forgotten() -> None:
    clock = _Clock()
    allowance = Allowance(2, 60, clock)
    for number in range(10_000):
        allowance.take(str(number))
        clock.move(0.1)
    assert len(allowance._full_again) < 5000
