import itertools
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.domain.project_plan import BadPlan, Milestone, check_plan, evenly, planned_share

BEGUN, DEADLINE = date(2026, 3, 1), date(2026, 11, 30)
PLAN = [Milestone("路基", date(2026, 6, 1), 40), Milestone("路面", date(2026, 9, 1), 80)]


@st.composite
def plans(draw: st.DrawFn) -> list[Milestone]:
    days = sorted(draw(st.lists(st.dates(BEGUN, DEADLINE), max_size=6)))
    shares = sorted(draw(st.lists(st.integers(1, 100), min_size=len(days), max_size=len(days))))
    return [Milestone("m", day, share) for day, share in zip(days, shares, strict=True)]


@pytest.mark.parametrize(
    ("today", "share"),
    [
        (date(2026, 1, 1), 0),
        (BEGUN, 0),
        (date(2026, 4, 16), 20),
        (date(2026, 6, 1), 40),
        (date(2026, 7, 17), 60),
        (date(2026, 9, 1), 80),
        (date(2026, 11, 29), 99),
        (DEADLINE, 100),
        (date(2027, 1, 1), 100),
    ],
)
def test_a_plan_says_how_far_a_project_should_be(today: date, share: int) -> None:
    assert planned_share(BEGUN, PLAN, DEADLINE, today) == share


@given(plans(), st.dates(BEGUN - timedelta(days=30), DEADLINE + timedelta(days=30)))
def test_what_is_planned_never_goes_back_and_reaches_each_milestone_on_its_day(
    plan: list[Milestone], today: date
) -> None:
    check_plan(plan)
    now = planned_share(BEGUN, plan, DEADLINE, today)
    assert 0 <= now <= planned_share(BEGUN, plan, DEADLINE, today + timedelta(days=1)) <= 100
    assert all(planned_share(BEGUN, plan, DEADLINE, one.planned_on) >= one.share for one in plan)
    assert now <= min([one.share for one in plan if one.planned_on > today], default=100)
    assert planned_share(BEGUN, plan, DEADLINE, DEADLINE) == 100


@given(st.integers(1, 30))
def test_milestones_without_shares_are_as_much_as_each_other_and_the_last_is_all(count: int) -> None:
    found = evenly(["m"] * count, [BEGUN] * count)
    check_plan(found)
    steps = [after.share - before.share for before, after in itertools.pairwise(found)]
    assert found[-1].share == 100
    assert not steps or max(steps) - min(steps) <= 1
    assert evenly([], []) == []


@pytest.mark.parametrize(
    ("plan", "says"),
    [
        ([PLAN[1], PLAN[0]], "路基 would come on 2026-06-01, before 路面"),
        ([PLAN[0], Milestone("路面", date(2026, 9, 1), 30)], "less of the whole"),
        ([Milestone("路面", date(2026, 9, 1), 0)], "1 to 100"),
        ([Milestone("路面", date(2026, 9, 1), 101)], "1 to 100"),
    ],
)
def test_a_plan_that_goes_back_is_refused(plan: list[Milestone], says: str) -> None:
    with pytest.raises(BadPlan, match=says):
        check_plan(plan)
