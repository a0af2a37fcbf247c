"""How far a project should be, by its plan: milestones with their days and shares of the whole."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date


class BadPlan(ValueError):
    """The sentence says what contradicts what."""


@dataclass(frozen=True, slots=True)
class Milestone:
    """Something that is to be reached. `share` is how much of the whole is done then, in per cent."""

    title: str
    planned_on: date
    share: int


def check_plan(milestones: Sequence[Milestone]) -> None:
    """Refuse a plan in which days or shares go back. Raises BadPlan."""
    for before, after in itertools.pairwise(milestones):
        if after.planned_on < before.planned_on:
            raise BadPlan(f"{after.title} would come on {after.planned_on}, before {before.title}")
        if after.share < before.share:
            raise BadPlan(f"{after.title} would be less of the whole than {before.title} before it")
    if any(not 0 < one.share <= 100 for one in milestones):
        raise BadPlan("a milestone is 1 to 100 per cent of the whole")


def evenly(titles: Sequence[str], days: Sequence[date]) -> list[Milestone]:
    """Milestones without shares of their own: each is as much as any other."""
    count = len(titles)
    return [
        Milestone(title, day, 100 * position // count)
        for position, (title, day) in enumerate(zip(titles, days, strict=True), 1)
    ]


def planned_share(begun_on: date, milestones: Sequence[Milestone], deadline: date, today: date) -> int:
    """How many per cent of the whole should be done at the end of a day.

    Between its beginning, its milestones and its deadline a project is taken to get on evenly.
    """
    if today < begun_on:
        return 0
    day, share = begun_on, 0
    for then, more in [*((one.planned_on, one.share) for one in milestones), (deadline, 100)]:
        if today < then:
            return share + (today - day).days * (more - share) // (then - day).days
        day, share = max(day, then), max(share, more)
    return share
