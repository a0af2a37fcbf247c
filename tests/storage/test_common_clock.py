"""Replicas agree on the time."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from storage.common_clock import CommonClock

SLOW_MACHINE = timedelta(seconds=5)


def clock_that_is_wrong_by(seconds: float, engine: Engine) -> CommonClock:
    return CommonClock(lambda: datetime.now(UTC) + timedelta(seconds=seconds), engine)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize("seconds", [-60, 60])
def test_a_clock_that_is_a_minute_wrong_is_put_right(engine: Engine, seconds: float) -> None:
    clock = clock_that_is_wrong_by(seconds, engine)
    assert abs(clock() - datetime.now(UTC)) > timedelta(seconds=55)
    clock.ask()
    assert abs(clock() - datetime.now(UTC)) < SLOW_MACHINE


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_where_there_is_one_machine_its_clock_is_right(engine: Engine) -> None:
    clock = clock_that_is_wrong_by(60, engine)
    clock.ask()
    assert clock() - datetime.now(UTC) > timedelta(seconds=55)
