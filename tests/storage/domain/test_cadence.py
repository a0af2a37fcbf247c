"""How a duty may come round, and what is refused."""

import json
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, reject
from hypothesis import strategies as st

from storage.domain.cadence import (
    DEFAULTS,
    ESCALATES_TO,
    BadCadence,
    Cadence,
    Duty,
    Owed,
    QuietHours,
    Wrong,
    check_fits,
    moment,
)
from storage.domain.roles import Role

SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")
MONTHS = st.sets(st.integers(1, 12), min_size=1).map(lambda months: tuple(sorted(months)))
COUNTS = st.sets(st.integers(1, 30), max_size=4).map(lambda counts: tuple(sorted(counts)))


@st.composite
def cadences(draw: st.DrawFn) -> Cadence:
    comes_round: dict[str, Any] = draw(
        st.builds(lambda months: {"months": months}, MONTHS)
        | st.builds(lambda counts: {"months": (), "after_finish": counts}, COUNTS.filter(bool))
    )
    values: dict[str, Any] = comes_round | {
        "opens_day": draw(st.integers(1, 31)),
        "due_day": draw(st.integers(1, 31)),
        "due_months_later": draw(st.integers(0, 2)),
        "notice": draw(st.none() | st.integers(0, 20)),
        "reminders": draw(st.just(()) | COUNTS),
        "escalates_after": draw(st.integers(0, 10)),
        "escalates_to": draw(st.sampled_from(ESCALATES_TO)),
        "owed": draw(st.sampled_from(Owed)),
        "on_working_days": draw(st.booleans()),
        "at": draw(st.times(time(8), time(20))),
    }
    try:
        return Cadence(**values)
    except BadCadence:
        reject()


# --- contradictions


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"months": ()}, "say one of them"),
        ({"after_finish": (6,)}, "say one of them"),
        ({"months": (3, 1)}, "the months are 1 to 12"),
        ({"months": (0, 1)}, "the months are 1 to 12"),
        ({"months": (), "after_finish": (0,)}, "months after the finish"),
        ({"opens_day": 32}, "a day of the month is 1 to 31"),
        ({"due_day": 0}, "a day of the month is 1 to 31"),
        ({"due_months_later": 12}, "at most 11 months"),
        ({"opens_day": 20, "due_day": 10}, "due on day 10, before it opens on day 20"),
        ({"notice": 61}, "0 to 60 days"),
        ({"reminders": (10, 5)}, "reminders are"),
        ({"due_day": 8}, "at most 5 working days until it is due"),
        ({"notice": 7}, "at most 5 working days until it is due"),
        ({"escalates_after": -1}, "escalated 0 to 250"),
        ({"due_day": 5, "due_months_later": 1}, "open before the one before it is due"),
        ({"months": (1, 3), "due_day": 1, "due_months_later": 2}, "open before the one before it is due"),
        ({"notice": 28}, "open before the one before it is due"),
        ({"months": (), "after_finish": (6,), "notice": 7}, "without notice"),
        ({"escalates_to": Role.DEPUTY}, "escalated to one of staff, presidium, administrator"),
        ({"at": time(6)}, "at 06:00, in the quiet hours from 21:00"),
        ({"quiet": QuietHours(time(9), time(10))}, "at 09:00, in the quiet hours from 09:00"),
    ],
)
def test_what_contradicts_itself_is_refused_with_the_sentence_why(values: dict[str, Any], says: str) -> None:
    with pytest.raises(BadCadence, match=says):
        Cadence(**values)


def test_every_rule_that_is_broken_has_a_name_of_its_own() -> None:
    with pytest.raises(BadCadence) as bad:
        Cadence(opens_day=20, due_day=10)
    assert bad.value.why is Wrong.DUE_BEFORE_OPEN


@given(cadences(), st.sampled_from(Duty))
@example(Cadence(), Duty.RECEPTION)
def test_only_what_is_looked_back_at_follows_a_finish_and_nobody_receives_for_all(cadence: Cadence, duty: Duty) -> None:
    is_none = bool(cadence.after_finish) != (duty is Duty.LOOK_BACK)
    if is_none or (duty is Duty.RECEPTION and cadence.owed is Owed.GROUP):
        with pytest.raises(BadCadence):
            check_fits(duty, cadence)
    else:
        check_fits(duty, cadence)


def test_the_defaults_contradict_nothing() -> None:
    assert set(DEFAULTS) == set(Duty)
    for duty, cadence in DEFAULTS.items():
        check_fits(duty, cadence)


# --- as plain JSON


@given(cadences())
def test_a_cadence_comes_back_from_json_as_it_was(cadence: Cadence) -> None:
    assert Cadence.load(json.loads(json.dumps(cadence.dump()))) == cadence


def test_what_is_left_out_has_its_default() -> None:
    assert Cadence.load({}) == Cadence()
    assert Cadence.load({"due_day": 20, "quiet": ["22:00", "07:00"]}) == Cadence(
        due_day=20, quiet=QuietHours(time(22), time(7))
    )


@pytest.mark.parametrize(
    ("stored", "says"),
    [
        ({"dueday": 5}, "has no dueday; it has months, "),
        ({"months": 3}, "months must be a list of whole numbers"),
        ({"months": ["3"]}, "months must be a list of whole numbers"),
        ({"opens_day": True}, "opens_day must be a whole number"),
        ({"due_day": 2.5}, "due_day must be a whole number"),
        ({"notice": "7"}, "notice must be a whole number of days, or null"),
        ({"escalates_to": "mayor"}, "escalates_to must be one of staff, presidium, administrator"),
        ({"owed": "all"}, "owed must be one of group, each, turns"),
        ({"on_working_days": 1}, "on_working_days must be true or false"),
        ({"at": "25:00"}, "at must be a time of the day"),
        ({"at": 9}, "at must be a time of the day"),
        ({"at": "09:00+08:00"}, "at must be a time of the day"),
        ({"quiet": ["21:00"]}, "quiet must be two times of the day"),
        ({"quiet": None}, "quiet must be two times of the day"),
        ({"due_day": 99}, "a day of the month is 1 to 31"),
    ],
)
def test_what_cannot_be_read_is_named_with_what_it_may_be(stored: dict[str, Any], says: str) -> None:
    with pytest.raises(BadCadence, match=says):
        Cadence.load(stored)


# --- moments


def test_clocks_that_are_put_forward_or_back() -> None:
    assert moment(date(2026, 3, 1), time(9), SHANGHAI) == datetime(2026, 3, 1, 1, tzinfo=UTC)
    assert moment(date(2026, 3, 29), time(2, 30), BERLIN) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert moment(date(2026, 10, 25), time(2, 30), BERLIN) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31)),  # noqa: DTZ001  # its zone comes next
    st.times(),
    st.times(),
    st.sampled_from([SHANGHAI, UTC]),
)
def test_quiet_hours_end_at_their_end(now: datetime, since: time, until: time, zone: Any) -> None:
    now = now.replace(tzinfo=zone)
    found = QuietHours(since, until).after(now, zone).astimezone(zone)

    def is_quiet(clock: time) -> bool:
        return since <= clock < until if since <= until else clock >= since or clock < until

    if not is_quiet(now.timetz().replace(tzinfo=None)):
        assert found == now
    else:
        assert found > now
        assert found - now <= timedelta(days=1)
        assert found.time() == until
        assert not is_quiet(found.time())
