"""What becomes of a proposal, and why one may not be taken up."""

from enum import StrEnum


class Status(StrEnum):
    """What has become of a proposal so far."""

    RECEIVED = "received"  # 已收到
    ASKED = "asked"  # 请补充: the author owes an answer to staff
    TAKEN_UP = "taken_up"  # 已采纳: goes on to the shortlist
    RESERVE = "reserve"  # 储备库: kept for the next cycle
    MERGED = "merged"  # 已归并 into another proposal
    DECLINED = "declined"  # 未采纳
    WITHDRAWN = "withdrawn"  # 已撤回 by the author


class Reason(StrEnum):
    """The negative list (负面清单): what a congress cannot take up as a livelihood project."""

    NOT_PUBLIC = "not_public"
    SINGLE_BENEFICIARY = "single_beneficiary"
    OUTSIDE_POWERS = "outside_powers"
    IN_LITIGATION = "in_litigation"
    ADDS_BURDEN = "adds_burden"
    TOO_LONG = "too_long"


# What may follow what. Staff may think again; what an author withdrew stays withdrawn.
_DECISIONS = frozenset({Status.TAKEN_UP, Status.RESERVE, Status.MERGED, Status.DECLINED})
NEXT: dict[Status, frozenset[Status]] = {
    Status.RECEIVED: _DECISIONS | {Status.ASKED, Status.WITHDRAWN},
    Status.ASKED: _DECISIONS | {Status.RECEIVED, Status.WITHDRAWN},
    Status.TAKEN_UP: frozenset({Status.RECEIVED, Status.RESERVE, Status.MERGED, Status.DECLINED}),
    Status.RESERVE: frozenset({Status.RECEIVED, Status.TAKEN_UP, Status.MERGED, Status.DECLINED, Status.WITHDRAWN}),
    Status.MERGED: frozenset({Status.RECEIVED}),
    Status.DECLINED: frozenset({Status.RECEIVED, Status.TAKEN_UP, Status.RESERVE}),
    Status.WITHDRAWN: frozenset(),
}

# Not yet settled one way or the other: neighbours may still say that they want it too.
OPEN = frozenset({Status.RECEIVED, Status.ASKED, Status.TAKEN_UP, Status.RESERVE})

# What goes along when a congress begins its next cycle: what nobody has decided on, and the reserve pool.
CARRIED_OVER = frozenset({Status.RECEIVED, Status.ASKED, Status.RESERVE})


def may_follow(now: Status, then: Status) -> bool:
    """Whether a proposal may go from one status to the other."""
    return then in NEXT[now]
