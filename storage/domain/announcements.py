"""What may become of an announcement, and who has to agree to it before anybody hears of it.

Announcements pass several reviews by different people before publication, as the places in DOMAIN.md do (佛山:
三审三校); how many, is a rule of the congress. Whatever is changed afterwards needs all of them again.
"""

import re
from collections.abc import Mapping
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

TITLE_LIMIT = 60  # characters
TEXT_LIMIT = 3_000  # characters: with title and link in one message of Telegram (4096)
FILES = 9


class Kind(StrEnum):
    """What an announcement is about."""

    COLLECTING = "collecting"  # the collecting period begins or ends
    CANDIDATES = "candidates"  # candidates, to be read before the vote
    VOTE_RESULT = "vote_result"
    PROGRESS = "progress"  # what supervision has found
    RECEPTION = "reception"  # a reception day
    OTHER = "other"


class Correction(StrEnum):
    """What an announcement does to the one that it corrects."""

    REPLACE = "replace"  # who got that one reads this one in its place; who did not yet, gets this one
    RECALL = "recall"  # who got that one is told that it is taken back


class State(StrEnum):
    """Where an announcement stands between its draft and its end."""

    DRAFT = "draft"
    REVIEW = "review"  # waits for the reviewer
    APPROVAL = "approval"  # waits for the approver
    SCHEDULED = "scheduled"  # everybody has agreed; waits for its moment
    PREPARING = "preparing"  # its recipients are written down
    SENDING = "sending"
    PAUSED = "paused"
    STOPPING = "stopping"  # nothing leaves any more; what waited is being crossed out
    STOPPED = "stopped"
    FINISHED = "finished"  # what is left waits for people who are not there
    DISCARDED = "discarded"


OPEN = frozenset({State.DRAFT, State.REVIEW, State.APPROVAL})  # may still be changed
UNSENT = OPEN | {State.SCHEDULED}
RUNNING = frozenset({State.PREPARING, State.SENDING})
# Written out in the condition of an index, too.
ACTIVE = frozenset({State.SCHEDULED, *RUNNING, State.PAUSED, State.STOPPING})
SILENT = frozenset({State.PAUSED, State.STOPPING, State.STOPPED})  # none of its messages may leave
PUBLIC = frozenset({*RUNNING, State.PAUSED, State.FINISHED})  # stands on the board


class Step(StrEnum):
    """What people do to one version of an announcement."""

    SUBMIT = "submit"  # the author
    REVIEW = "review"
    APPROVE = "approve"
    URGENT = "urgent"  # approve without review, for a stated reason
    RETURN = "return"  # to its author, for a stated reason


class Levels(StrEnum):
    """How many people have to agree."""

    ONE = "one"  # the author alone
    TWO = "two"  # author, approver
    THREE = "three"  # author, reviewer, approver


class Refusal(StrEnum):
    """Why somebody may not take a step."""

    CHANGED = "changed"  # it is not what they were shown any more
    NOT_NOW = "not_now"  # its state does not allow that, or somebody was faster
    SAME_PERSON = "same_person"  # had a part in this version already
    NOT_URGENT = "not_urgent"  # the congress knows no urgent path
    REASON_MISSING = "reason_missing"
    CORRECTED = "corrected"  # another one corrects it, or is to


_AFTER_SUBMISSION = {
    Levels.ONE: State.SCHEDULED,
    Levels.TWO: State.APPROVAL,
    Levels.THREE: State.REVIEW,
}
_AWAITED = {
    Step.SUBMIT: frozenset({State.DRAFT}),
    Step.REVIEW: frozenset({State.REVIEW}),
    Step.APPROVE: frozenset({State.APPROVAL}),
    Step.URGENT: frozenset({State.REVIEW, State.APPROVAL}),
    Step.RETURN: frozenset({State.REVIEW, State.APPROVAL, State.SCHEDULED}),
}


def state_after(step: Step, levels: Levels) -> State:
    """Where a step leads to."""
    match step:
        case Step.SUBMIT:
            return _AFTER_SUBMISSION[levels]
        case Step.REVIEW:
            return State.APPROVAL
        case Step.RETURN:
            return State.DRAFT
    return State.SCHEDULED


def refusal_of_step(
    step: Step, state: State, person: int, signed: Mapping[Step, int], *, may_be_urgent: bool, reason: str
) -> Refusal | None:
    """Why `person` may not take a step on the current version, which those in `signed` have agreed to."""
    if state not in _AWAITED[step]:
        return Refusal.NOT_NOW
    if step is Step.URGENT and not may_be_urgent:
        return Refusal.NOT_URGENT
    if step in (Step.URGENT, Step.RETURN) and not reason.strip():
        return Refusal.REASON_MISSING
    if step not in (Step.SUBMIT, Step.RETURN) and person in signed.values():
        return Refusal.SAME_PERSON
    return None


_FOLLOWS: Mapping[State, frozenset[State]] = {
    State.PAUSED: RUNNING,
    State.STOPPING: RUNNING | {State.PAUSED, State.SCHEDULED},
    State.DISCARDED: UNSENT,
}


def may_follow(before: State, then: State) -> bool:
    """Whether staff may pause, stop or discard it now."""
    return before in _FOLLOWS.get(then, frozenset())


# --- when

NEXT_MORNING = time(8)


def allowed_from(at: datetime, zone: ZoneInfo, quiet_from: int, quiet_until: int) -> datetime:
    """The first moment, not before `at`, that lies outside of the quiet hours; both are full hours of the day, 24 is
    midnight. Where they are the same hour, nothing is quiet."""
    local = at.astimezone(zone)
    begins, ends = quiet_from % 24, quiet_until % 24
    is_quiet = begins <= local.hour < ends if begins < ends else local.hour >= begins or local.hour < ends
    if begins == ends or not is_quiet:
        return at
    day = local.date() + timedelta(days=1 if local.hour >= ends else 0)
    # A morning that a change of clocks leaves out begins when that is over.
    return datetime.combine(day, time(ends), zone).astimezone(at.tzinfo)


# --- what is written

VARIABLES = ("姓名", "网格", "代表")
_VARIABLE = re.compile(r"\{([^{}\n]{1,20})\}")
_LINK = re.compile(r"https?://[^\s<>\"'\\\x00-\x20]+", re.ASCII | re.IGNORECASE)


def unknown_variables(text: str) -> list[str]:
    """What stands in braces in a text and is no variable."""
    return [name for name in dict.fromkeys(_VARIABLE.findall(text)) if name not in VARIABLES]


def has_variables(text: str) -> bool:
    """Whether each reader gets a text of their own."""
    return bool(_VARIABLE.search(text))


def filled_in(text: str, values: Mapping[str, str]) -> str:
    """A text with its variables replaced; `values` has all of VARIABLES. What they hold is taken as it is, once."""
    return _VARIABLE.sub(lambda found: values.get(found[1], found[0]), text)


def is_link(text: str) -> bool:
    """Whether it is a web address that may be shown to everybody: http or https, and nothing that a page would run."""
    return len(text) <= 400 and _LINK.fullmatch(text) is not None
