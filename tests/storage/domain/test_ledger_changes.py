"""Only what a clerk changed is changed, and nothing that somebody else changed too."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.domain.categories import Category
from storage.domain.ledger_changes import Change, Conflict, Decision, Entry, Fault, FaultKind, Field, Row, decide
from storage.domain.proposal_status import Reason, Status, may_follow

NEW = Entry(Category.OTHER, "c1", Status.RECEIVED)
DECLINED = replace(NEW, status=Status.DECLINED, reason=Reason.NOT_PUBLIC)


@st.composite
def entries(draw: st.DrawFn) -> Entry:
    status = draw(st.sampled_from(Status))
    reason = draw(st.sampled_from(Reason)) if status is Status.DECLINED else None
    return Entry(
        draw(st.sampled_from([Category.ROADS, Category.WATER])), draw(st.sampled_from(["", "a", "b"])), status, reason
    )


def of_row(exported: Entry, written: Entry, now: Entry) -> Decision:
    return decide([Row(5, 7, exported, written)], {7: now})


def after(now: Entry, changes: list[Change]) -> Entry:
    for change in changes:
        match change.field:
            case Field.CATEGORY:
                now = replace(now, category=Category(change.after))
            case Field.CELL:
                now = replace(now, cell=change.after)
            case Field.STATUS:
                reason = Reason(change.reason) if change.reason else None
                now = replace(now, status=Status(change.after), reason=reason)
    return now


@given(entries(), entries())
def test_a_ledger_as_it_was_exported_changes_nothing_whatever_happened_since(exported: Entry, now: Entry) -> None:
    assert of_row(exported, exported, now) == Decision()


@given(entries(), entries(), entries())
def test_nothing_that_the_clerk_left_alone_is_touched(exported: Entry, written: Entry, now: Entry) -> None:
    decision = of_row(exported, written, now)
    for of in [one.field for one in decision.changes] + [one.field for one in decision.conflicts]:
        assert written.value(of) != exported.value(of)


@given(entries(), entries(), entries())
def test_nothing_that_somebody_else_changed_is_overwritten(exported: Entry, written: Entry, now: Entry) -> None:
    for change in of_row(exported, written, now).changes:
        assert now.value(change.field) == exported.value(change.field)
        assert change.before == now.value(change.field)[0]


@given(entries(), entries(), entries())
def test_a_status_only_moves_as_it_may(exported: Entry, written: Entry, now: Entry) -> None:
    for change in of_row(exported, written, now).changes:
        if change.field is Field.STATUS:
            assert may_follow(now.status, Status(change.after))
            assert bool(change.reason) == (change.after == Status.DECLINED)


@given(entries(), entries(), entries())
def test_loading_the_same_file_again_changes_nothing_more(exported: Entry, written: Entry, now: Entry) -> None:
    decision = of_row(exported, written, now)
    if decision.faults:
        return
    again = of_row(exported, written, after(now, decision.changes))
    assert again.changes == []
    assert again.conflicts == decision.conflicts


@given(entries(), entries())
def test_without_anybody_else_there_is_no_conflict(exported: Entry, written: Entry) -> None:
    decision = of_row(exported, written, exported)
    assert decision.conflicts == []
    if not decision.faults:
        changed = {change.field for change in decision.changes}
        assert changed == {one for one in Field if written.value(one) != exported.value(one)}


def test_changes_and_conflicts_of_a_row_stand_side_by_side() -> None:
    written = replace(NEW, category=Category.ROADS, cell="c2", status=Status.TAKEN_UP)
    decision = of_row(NEW, written, replace(NEW, cell="c3"))
    assert decision.changes == [
        Change(7, Field.CATEGORY, Category.OTHER, Category.ROADS),
        Change(7, Field.STATUS, Status.RECEIVED, Status.TAKEN_UP),
    ]
    assert decision.conflicts == [Conflict(7, Field.CELL, "c2", "c3")]


@pytest.mark.parametrize(
    ("exported", "written", "fault"),
    [
        (NEW, replace(NEW, status=Status.DECLINED), FaultKind.REASON_MISSING),
        (NEW, replace(NEW, reason=Reason.TOO_LONG), FaultKind.REASON_ALONE),
        (NEW, replace(NEW, status=Status.TAKEN_UP, reason=Reason.TOO_LONG), FaultKind.REASON_ALONE),
        (DECLINED, replace(DECLINED, reason=Reason.TOO_LONG), FaultKind.REASON_ALONE),
        (DECLINED, replace(DECLINED, reason=None), FaultKind.REASON_ALONE),
        (NEW, replace(NEW, status=Status.ASKED), FaultKind.STATUS_NOT_HERE),
        (NEW, replace(NEW, status=Status.MERGED), FaultKind.STATUS_NOT_HERE),
        (replace(NEW, status=Status.WITHDRAWN), NEW, FaultKind.STATUS_ORDER),
    ],
)
def test_what_cannot_be_is_a_fault_of_its_line(exported: Entry, written: Entry, fault: FaultKind) -> None:
    decision = of_row(exported, written, exported)
    assert [(one.line, one.kind) for one in decision.faults] == [(5, fault)]
    assert decision.changes == []


def test_a_reason_may_stay_when_a_declined_one_is_reopened() -> None:
    for reason in (DECLINED.reason, None):
        decision = of_row(DECLINED, replace(NEW, reason=reason), DECLINED)
        assert decision == Decision(changes=[Change(7, Field.STATUS, Status.DECLINED, Status.RECEIVED)])


def test_two_reasons_for_declining_are_a_conflict() -> None:
    mine = replace(DECLINED, reason=Reason.TOO_LONG)
    assert of_row(NEW, mine, DECLINED).conflicts == [Conflict(7, Field.STATUS, Reason.TOO_LONG, Reason.NOT_PUBLIC)]


def test_a_proposal_that_is_not_the_congresss_is_a_fault() -> None:
    assert decide([Row(5, 8, NEW, NEW)], {7: NEW}).faults == [Fault(5, FaultKind.NUMBER_UNKNOWN, "8")]
