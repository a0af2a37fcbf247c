"""What becomes of a project that a congress has chosen, and whose approval that takes (DOMAIN, "Rules").

What was chosen by vote is not the government's to change: its content, a later deadline and its end need the approval
of the standing committee in a county, of the congress itself in a township.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from storage.domain.areas import Level


class Stage(StrEnum):
    """Where a chosen project stands."""

    CHOSEN = "chosen"  # 已票决
    BUILDING = "building"  # 实施中
    FINISHED = "finished"  # 已完工
    STOPPED = "stopped"  # 已终止


SUPERVISED = frozenset({Stage.CHOSEN, Stage.BUILDING})

# What may follow what. What was reported finished or stopped too early goes on.
NEXT: Mapping[Stage, frozenset[Stage]] = {
    Stage.CHOSEN: frozenset({Stage.BUILDING, Stage.FINISHED, Stage.STOPPED}),
    Stage.BUILDING: frozenset({Stage.FINISHED, Stage.STOPPED}),
    Stage.FINISHED: frozenset({Stage.BUILDING}),
    Stage.STOPPED: frozenset({Stage.BUILDING}),
}

# What was voted on: to change any of it takes an approval. The leader may change, and the plan on the way there.
VOTED_ON = frozenset({"title", "content", "investment", "body", "deadline", "effect", "cells"})


class Approver(StrEnum):
    """Who approves a change of what was voted on."""

    STANDING_COMMITTEE = "standing_committee"  # 人大常委会
    CONGRESS = "congress"  # 人民代表大会


class Refusal(StrEnum):
    """Why a project stays as it is."""

    NO_SUCH_MOVE = "no_such_move"
    NO_REASON = "no_reason"
    NO_APPROVAL = "no_approval"
    WRONG_APPROVER = "wrong_approver"
    APPROVED_LATER = "approved_later"  # than the change that it is to approve


@dataclass(frozen=True, slots=True)
class Approval:
    """A decision as it was recorded: whose, of which day, and the number or name of its document."""

    approver: Approver
    decided_on: date
    document: str


def approver_at(level: Level) -> Approver:
    """Who approves changes of what a congress of that level has chosen."""
    return Approver.CONGRESS if level is Level.TOWNSHIP else Approver.STANDING_COMMITTEE


def needs_approval(changed: Collection[str] = (), then: Stage | None = None) -> bool:
    """Whether it takes an approval to change these fields, or to go on to that stage."""
    return then is Stage.STOPPED or not VOTED_ON.isdisjoint(changed)


def refusal_of_move(
    now: Stage, then: Stage, reason: str, approval: Approval | None, level: Level, today: date
) -> Refusal | None:
    """Why a project may not go from one stage to the other; None where it may."""
    if then not in NEXT[now]:
        return Refusal.NO_SUCH_MOVE
    if not reason.strip() and (then is Stage.STOPPED or now in (Stage.FINISHED, Stage.STOPPED)):
        return Refusal.NO_REASON
    return _refusal(approval, level, today) if needs_approval(then=then) else None


def refusal_of_change(
    changed: Collection[str], reason: str, approval: Approval | None, level: Level, today: date
) -> Refusal | None:
    """Why these fields of a chosen project may not be changed; None where they may."""
    if not needs_approval(changed):
        return None
    return Refusal.NO_REASON if not reason.strip() else _refusal(approval, level, today)


def _refusal(approval: Approval | None, level: Level, today: date) -> Refusal | None:
    if approval is None or not approval.document.strip():
        return Refusal.NO_APPROVAL
    if approval.approver is not approver_at(level):
        return Refusal.WRONG_APPROVER
    return Refusal.APPROVED_LATER if approval.decided_on > today else None
