from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.domain.rectification_stages import (
    BY,
    ESCALATED_AFTER,
    NEXT,
    OPEN,
    WITH_BODY,
    WITHIN,
    Move,
    Part,
    Refusal,
    Severity,
    Stage,
    Step,
    Told,
    due_again_on,
    due_on,
    refusal_of_due,
    refusal_of_move,
    refusal_of_plan,
    steps,
)
from storage.domain.working_days import WorkingDays

TODAY = date(2026, 9, 1)  # a Tuesday
DUE = date(2026, 9, 15)
# The first week of October is free, the Saturday after it is worked.
DAYS = WorkingDays(
    frozenset(date(2026, 10, day) for day in range(1, 8)), frozenset({date(2026, 10, 10)}), frozenset({2026})
)
BODY, STAFF = frozenset({Told.BODY}), frozenset({Told.BODY, Told.STAFF})

some_days = st.dates(date(2026, 1, 1), date(2027, 12, 31))
stages, severities, parts = st.sampled_from(Stage), st.sampled_from(Severity), st.sampled_from(Part)
moves = st.builds(
    Move, stages, parts, st.sampled_from(["", " ", "已修补"]), st.none() | some_days, st.sampled_from([None, 7])
)


@pytest.mark.parametrize(
    ("now", "move", "refused"),
    [
        (Stage.HANDED, Move(Stage.ACCEPTED, Part.BODY), None),
        (Stage.HANDED, Move(Stage.ACCEPTED, Part.STAFF), None),
        (Stage.HANDED, Move(Stage.ACCEPTED, Part.DEPUTY), Refusal.NOT_YOURS),
        (Stage.ACCEPTED, Move(Stage.ACCEPTED, Part.BODY), Refusal.NO_SUCH_MOVE),
        (Stage.HANDED, Move(Stage.PLANNED, Part.BODY), Refusal.NO_DAY),
        (Stage.HANDED, Move(Stage.PLANNED, Part.BODY, planned_on=TODAY), None),
        (Stage.PLANNED, Move(Stage.PLANNED, Part.BODY, planned_on=DUE), None),
        (Stage.PLANNED, Move(Stage.DONE, Part.BODY, " "), Refusal.NO_WORDS),
        (Stage.PLANNED, Move(Stage.DONE, Part.BODY, "已修补"), None),
        (Stage.SENT_BACK, Move(Stage.DONE, Part.STAFF, "已修补"), None),
        (Stage.PLANNED, Move(Stage.CLOSED, Part.DEPUTY), Refusal.NO_SUCH_MOVE),
        (Stage.DONE, Move(Stage.CLOSED, Part.DEPUTY), None),
        (Stage.DONE, Move(Stage.CLOSED, Part.BODY), Refusal.NOT_YOURS),
        (Stage.DONE, Move(Stage.CLOSED, Part.STAFF), Refusal.NO_DEPUTY),
        (Stage.DONE, Move(Stage.CLOSED, Part.STAFF, deputy=7), None),
        (Stage.DONE, Move(Stage.SENT_BACK, Part.DEPUTY), Refusal.NO_WORDS),
        (Stage.DONE, Move(Stage.SENT_BACK, Part.DEPUTY, "还有裂缝"), None),
        (Stage.DONE, Move(Stage.SENT_BACK, Part.STAFF, "还有裂缝"), Refusal.NO_DEPUTY),
        (Stage.CLOSED, Move(Stage.SENT_BACK, Part.DEPUTY, "还有裂缝"), Refusal.NO_SUCH_MOVE),
    ],
)
def test_moves(now: Stage, move: Move, refused: Refusal | None) -> None:
    assert refusal_of_move(now, move, DUE, TODAY) is refused


@given(stages, moves, some_days, some_days)
def test_what_a_deputy_has_not_confirmed_is_never_closed(now: Stage, move: Move, due: date, today: date) -> None:
    if refusal_of_move(now, move, due, today) is None and move.then is Stage.CLOSED:
        assert now is Stage.DONE
        assert move.by is Part.DEPUTY or move.deputy


@given(stages, moves, some_days, some_days)
def test_only_whoever_it_lies_with_moves_it_or_the_office_for_them(
    now: Stage, move: Move, due: date, today: date
) -> None:
    if refusal_of_move(now, move, due, today) is None:
        assert (now in WITH_BODY) == (BY[move.then] is Part.BODY)
        assert move.by in (BY[move.then], Part.STAFF)


def test_every_stage_that_is_open_leads_on_and_the_last_one_nowhere() -> None:
    assert {stage for stage in Stage if NEXT[stage]} == OPEN
    assert BY.keys() == {then for follows in NEXT.values() for then in follows}


@pytest.mark.parametrize(
    ("planned", "due", "refused"),
    [
        (TODAY - timedelta(days=1), DUE, Refusal.DAY_PAST),
        (DUE + timedelta(days=1), DUE, Refusal.BEYOND_DUE),
        (DUE, TODAY, Refusal.BEYOND_DUE),
        (DUE, TODAY - timedelta(days=1), None),
    ],
)
def test_a_body_plans_for_a_day_until_it_is_due_or_for_any_once_it_is_overdue(
    planned: date, due: date, refused: Refusal | None
) -> None:
    assert refusal_of_plan(planned, due, TODAY) is refused


@pytest.mark.parametrize(
    ("now", "due", "why", "refused"),
    [
        (Stage.CLOSED, DUE, "等雨停", Refusal.NO_SUCH_MOVE),
        (Stage.DONE, TODAY - timedelta(days=1), "等雨停", Refusal.DAY_PAST),
        (Stage.HANDED, DUE, " ", Refusal.NO_WORDS),
        (Stage.HANDED, TODAY, "等雨停", None),
    ],
)
def test_another_due_date_takes_a_reason(now: Stage, due: date, why: str, refused: Refusal | None) -> None:
    assert refusal_of_due(now, due, why, TODAY) is refused


# --- days


def test_the_graver_a_problem_the_sooner_it_is_due() -> None:
    thursday = date(2026, 9, 29)
    assert due_on(Severity.URGENT, thursday, DAYS) == date(2026, 10, 9), "the free week counts for nothing"
    assert due_on(Severity.SERIOUS, TODAY, DAYS) == date(2026, 9, 15)
    assert WITHIN[Severity.URGENT] < WITHIN[Severity.SERIOUS] < WITHIN[Severity.MINOR]


@given(severities, some_days, some_days)
def test_what_is_sent_back_is_due_no_sooner_than_before(severity: Severity, due: date, sent_back_on: date) -> None:
    again = due_again_on(severity, due, sent_back_on, DAYS)
    assert again >= due
    assert again > sent_back_on


def test_the_steps_of_a_serious_problem() -> None:
    assert steps(Stage.HANDED, Severity.SERIOUS, TODAY, DUE, DAYS) == [
        Step(0, TODAY, BODY),
        Step(1, date(2026, 9, 11), BODY),  # Friday, two working days before
        Step(2, DUE, BODY),
        Step(3, date(2026, 9, 16), BODY),
        Step(4, date(2026, 9, 18), STAFF),
    ]


def test_who_is_to_confirm_is_asked_again_and_then_the_office() -> None:
    assert steps(Stage.DONE, Severity.URGENT, TODAY, DUE, DAYS) == [
        Step(0, TODAY, frozenset({Told.DEPUTY})),
        Step(1, date(2026, 9, 4), frozenset({Told.DEPUTY})),
        Step(2, date(2026, 9, 8), frozenset({Told.DEPUTY, Told.STAFF})),
    ]
    assert steps(Stage.CLOSED, Severity.URGENT, TODAY, DUE, DAYS) == []


@given(st.sampled_from(sorted(OPEN)), severities, some_days, some_days)
def test_steps_follow_one_another_and_the_last_one_escalates(
    now: Stage, severity: Severity, since: date, due: date
) -> None:
    told = steps(now, severity, since, due, DAYS)
    assert [step.number for step in told] == list(range(len(told)))
    assert [step.on for step in told] == sorted({step.on for step in told}), "one a day at most"
    assert told[0].on == since
    assert [Told.STAFF in step.told for step in told] == [False] * (len(told) - 1) + [True]
    whom = Told.DEPUTY if now is Stage.DONE else Told.BODY
    assert all(whom in step.told for step in told)


@given(severities, some_days, st.lists(st.integers(0, 30), max_size=5))
def test_a_body_that_plans_anew_is_escalated_no_later(severity: Severity, handed_on: date, after: list[int]) -> None:
    due = due_on(severity, handed_on, DAYS)
    escalated_on = DAYS.after(due, ESCALATED_AFTER)
    for days in after:
        since = handed_on + timedelta(days=days)
        if since < escalated_on:
            assert steps(Stage.PLANNED, severity, since, due, DAYS)[-1].on == escalated_on
