"""Who has to agree to an announcement, when it may be sent, and what may be written in it."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.domain.announcements import (
    ACTIVE,
    OPEN,
    VARIABLES,
    Levels,
    Refusal,
    State,
    Step,
    allowed_from,
    filled_in,
    has_variables,
    is_link,
    may_follow,
    refusal_of_step,
    state_after,
    unknown_variables,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
HOURS = st.integers(1, 24)
SIGNING = (Step.SUBMIT, Step.REVIEW, Step.APPROVE, Step.URGENT, Step.RETURN)


# --- reviews


@given(st.sampled_from(Levels), st.booleans(), st.lists(st.tuples(st.sampled_from(SIGNING), st.integers(1, 4))))
def test_what_is_sent_was_agreed_to_by_as_many_people_as_the_congress_asks(
    levels: Levels, may_be_urgent: bool, tried: list[tuple[Step, int]]
) -> None:
    state, signed = State.DRAFT, dict[Step, int]()
    for step, person in tried:
        if refusal_of_step(step, state, person, signed, may_be_urgent=may_be_urgent, reason="台风将至"):
            continue
        state = state_after(step, levels)
        signed = {} if step is Step.RETURN else {**signed, step: person}
    if state is not State.SCHEDULED:
        return
    people = set(signed.values())
    assert len(people) == len(signed), "everybody is somebody else"
    if Step.URGENT in signed:
        assert may_be_urgent
        assert len(people) >= 2
    else:
        assert len(people) == {Levels.ONE: 1, Levels.TWO: 2, Levels.THREE: 3}[levels]


@pytest.mark.parametrize(
    ("step", "state", "person", "reason", "says"),
    [
        (Step.SUBMIT, State.REVIEW, 1, "", Refusal.NOT_NOW),
        (Step.REVIEW, State.REVIEW, 1, "", Refusal.SAME_PERSON),
        (Step.REVIEW, State.REVIEW, 2, "", None),
        (Step.APPROVE, State.REVIEW, 3, "", Refusal.NOT_NOW),
        (Step.URGENT, State.REVIEW, 2, "", Refusal.NOT_URGENT),
        (Step.RETURN, State.REVIEW, 2, " ", Refusal.REASON_MISSING),
        (Step.RETURN, State.REVIEW, 1, "写错了日期", None),
        (Step.RETURN, State.SENDING, 2, "写错了日期", Refusal.NOT_NOW),
    ],
)
def test_who_may_not_take_a_step_hears_why(
    step: Step, state: State, person: int, reason: str, says: Refusal | None
) -> None:
    refusal = refusal_of_step(step, state, person, {Step.SUBMIT: 1}, may_be_urgent=False, reason=reason)
    assert refusal is says


def test_without_a_reason_nothing_is_urgent() -> None:
    why = refusal_of_step(Step.URGENT, State.APPROVAL, 2, {Step.SUBMIT: 1}, may_be_urgent=True, reason="")
    assert why is Refusal.REASON_MISSING


@given(st.sampled_from(State), st.sampled_from(State))
def test_only_what_runs_is_paused_and_only_what_nobody_has_heard_of_is_discarded(before: State, then: State) -> None:
    assert may_follow(before, then) == (
        (then is State.PAUSED and before in {State.PREPARING, State.SENDING})
        or (then is State.STOPPING and before in ACTIVE - {State.STOPPING})
        or (then is State.DISCARDED and before in OPEN | {State.SCHEDULED})
    )


# --- quiet hours

MOMENTS = st.integers(1_577_836_800, 2_082_758_400).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
ZONES = st.sampled_from([SHANGHAI, ZoneInfo("Europe/Berlin"), ZoneInfo("America/Sao_Paulo"), ZoneInfo("Asia/Kolkata")])


@given(MOMENTS, ZONES, HOURS, HOURS)
def test_nothing_is_sent_in_quiet_hours_and_nothing_later_than_need_be(
    at: datetime, zone: ZoneInfo, begins: int, ends: int
) -> None:
    found = allowed_from(at, zone, begins, ends)

    def is_quiet(moment: datetime) -> bool:
        hour, hours = moment.astimezone(zone).hour, (ends - begins) % 24
        return (hour - begins) % 24 < hours

    assert found >= at
    assert found.tzinfo is at.tzinfo
    assert not is_quiet(found)
    assert (found == at) == (not is_quiet(at))
    minutes = range(0, int((found - at).total_seconds() // 60), 7)
    assert all(is_quiet(at + timedelta(minutes=one)) for one in minutes)


def test_what_falls_due_in_the_evening_waits_for_the_morning() -> None:
    evening = datetime(2026, 9, 1, 21, 30, tzinfo=SHANGHAI)
    assert allowed_from(evening, SHANGHAI, 21, 8) == datetime(2026, 9, 2, 8, 0, tzinfo=SHANGHAI)
    night = datetime(2026, 9, 2, 3, 0, tzinfo=SHANGHAI)
    assert allowed_from(night, SHANGHAI, 21, 8) == datetime(2026, 9, 2, 8, 0, tzinfo=SHANGHAI)


# --- what is written


@given(st.text(), st.fixed_dictionaries({name: st.text() for name in VARIABLES}))
def test_what_a_variable_holds_is_taken_as_it_is(text: str, values: dict[str, str]) -> None:
    assert filled_in("{姓名}" + text.replace("{", "").replace("}", ""), values) == (
        values["姓名"] + text.replace("{", "").replace("}", "")
    )


def test_variables_are_filled_in_and_unknown_ones_are_named() -> None:
    values = {"姓名": "{网格}", "网格": "柳树湾一网格", "代表": "李强"}
    assert filled_in("{姓名}你好，{网格}的代表是{代表}。{x}", values) == "{网格}你好，柳树湾一网格的代表是李强。{x}"
    assert unknown_variables("{姓名}{电话}{电话}{地址}") == ["电话", "地址"]
    assert unknown_variables("没有{ }变量}{") == [" "]
    assert has_variables("{姓名}")
    assert not has_variables("姓名")


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("https://example.org/a?b=c#d", True),
        ("HTTP://example.org", True),
        ("javascript:alert(1)", False),
        ("https://example.org/ javascript:x", False),
        ("data:text/html,x", False),
        ('https://example.org/"onclick="x', False),
        ("https://", False),
        ("example.org", False),
        ("https://example.org/" + "a" * 400, False),
    ],
)
def test_a_link_is_a_web_address(text: str, is_one: bool) -> None:
    assert is_link(text) is is_one
