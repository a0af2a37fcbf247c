"""A congress's year of work: its six stages and the window in which proposals are collected."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

COLLECTING_DAYS_AT_LEAST = 30


class Stage(StrEnum):
    """The stages (环节) of a congress's year, in their order."""

    COLLECTING = "collecting"  # 征集
    SHORTLISTING = "shortlisting"  # 初定
    DELIBERATION = "deliberation"  # 审议
    VOTE = "vote"  # 票决
    SUPERVISION = "supervision"  # 监督
    EVALUATION = "evaluation"  # 评估


@dataclass(frozen=True, slots=True)
class Cycle:
    """One year of one congress. Both days of the collecting window belong to it."""

    id: int
    congress_id: int
    year: int
    stage: Stage
    collecting_from: date
    collecting_to: date

    def hears(self, day: date) -> bool:
        """Whether a proposal made that day belongs to the collecting window."""
        return self.stage is Stage.COLLECTING and self.collecting_from <= day <= self.collecting_to


def check_window(first: date, last: date) -> None:
    """Refuse a collecting window of fewer than 30 days (DOMAIN, step 1). Raises ValueError."""
    if last - first < timedelta(days=COLLECTING_DAYS_AT_LEAST - 1):
        raise ValueError(f"the collecting window must be at least {COLLECTING_DAYS_AT_LEAST} days long")
