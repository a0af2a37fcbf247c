from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.domain.areas import Level
from storage.domain.project_stages import (
    NEXT,
    SUPERVISED,
    VOTED_ON,
    Approval,
    Approver,
    Refusal,
    Stage,
    approver_at,
    refusal_of_change,
    refusal_of_move,
)

TODAY = date(2026, 6, 1)
CONGRESS = Approval(Approver.CONGRESS, TODAY, "人大〔2026〕3号")
COMMITTEE = Approval(Approver.STANDING_COMMITTEE, TODAY, "常委会第十二次会议")
APPROVALS = st.sampled_from([None, CONGRESS, COMMITTEE])


def test_the_approver_is_the_congress_in_a_township_and_its_standing_committee_above() -> None:
    assert approver_at(Level.TOWNSHIP) is Approver.CONGRESS
    assert approver_at(Level.COUNTY) is approver_at(Level.CITY) is Approver.STANDING_COMMITTEE


@pytest.mark.parametrize(
    ("now", "then", "reason", "approval", "refused"),
    [
        (Stage.CHOSEN, Stage.BUILDING, "", None, None),
        (Stage.BUILDING, Stage.FINISHED, "", None, None),
        (Stage.BUILDING, Stage.CHOSEN, "错了", CONGRESS, Refusal.NO_SUCH_MOVE),
        (Stage.STOPPED, Stage.FINISHED, "错了", CONGRESS, Refusal.NO_SUCH_MOVE),
        (Stage.FINISHED, Stage.BUILDING, " ", None, Refusal.NO_REASON),
        (Stage.FINISHED, Stage.BUILDING, "尾工没有做完", None, None),
        (Stage.STOPPED, Stage.BUILDING, "恢复建设", None, None),
        (Stage.BUILDING, Stage.STOPPED, "", CONGRESS, Refusal.NO_REASON),
        (Stage.BUILDING, Stage.STOPPED, "征地未成", None, Refusal.NO_APPROVAL),
        (Stage.BUILDING, Stage.STOPPED, "征地未成", COMMITTEE, Refusal.WRONG_APPROVER),
        (Stage.BUILDING, Stage.STOPPED, "征地未成", CONGRESS, None),
    ],
)
def test_moves(now: Stage, then: Stage, reason: str, approval: Approval | None, refused: Refusal | None) -> None:
    assert refusal_of_move(now, then, reason, approval, Level.TOWNSHIP, TODAY) is refused


@given(st.frozensets(st.sampled_from(sorted(VOTED_ON | {"leader", "milestones"}))), st.sampled_from(Level), APPROVALS)
def test_what_was_voted_on_changes_with_the_right_approval_only(
    changed: frozenset[str], level: Level, approval: Approval | None
) -> None:
    right = approval is not None and approval.approver is approver_at(level)
    may = right or not changed & VOTED_ON
    assert (refusal_of_change(changed, "资金调整", approval, level, TODAY) is None) == may


def test_an_approval_has_a_reason_a_document_and_came_first() -> None:
    def refusal(reason: str, approval: Approval) -> Refusal | None:
        return refusal_of_change({"deadline"}, reason, approval, Level.COUNTY, TODAY)

    assert refusal(" ", COMMITTEE) is Refusal.NO_REASON
    assert refusal("雨季延误", Approval(Approver.STANDING_COMMITTEE, TODAY, " ")) is Refusal.NO_APPROVAL
    assert refusal("雨季延误", Approval(Approver.STANDING_COMMITTEE, date(2026, 6, 2), "x")) is Refusal.APPROVED_LATER
    assert refusal("雨季延误", COMMITTEE) is None


def test_whatever_stops_may_go_on_and_nothing_follows_itself() -> None:
    assert all(stage not in followers for stage, followers in NEXT.items())
    assert all(Stage.BUILDING in NEXT[stage] for stage in Stage if stage not in SUPERVISED)
