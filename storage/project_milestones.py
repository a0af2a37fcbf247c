"""The plan of one project as a table tells it: a column for each milestone and its day, or all of them in one."""

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from storage.domain.project_plan import Milestone, evenly
from storage.project_columns import MILESTONES, NAMES
from storage.project_faults import ProjectFault
from storage.project_values import SHARE, NotWritten, days_in, narrow, read_day, read_share

TITLE_LIMIT = 200
COUNT_LIMIT = 50  # at which even shares still differ

_BETWEEN = re.compile(r"[;；\n]+")
_HOLLOW = re.compile(r"[（(\[【][\s,，、:：;]*[)）\]】]")
_MARKS = " \t:：,，、。.-—–~～"
_ANOTHER_MONTH = re.compile(r"\d\s*月")


@dataclass(frozen=True, slots=True)
class _Step:
    """One milestone; None for a share is one of those that are even."""

    title: str
    day: date
    share: int | None


class PlanFaulty(Exception):
    """All that is wrong with the plan in one line."""

    def __init__(self, *faults: ProjectFault) -> None:
        super().__init__(*faults)
        self.faults = faults


def read_plan(line: int, values: Mapping[str, str]) -> list[Milestone]:
    """The milestones of a line, in the order in which they stand; shares that are not given are even.

    What it gives, `check_plan` takes. Raises PlanFaulty.
    """
    numbered = any(values.get(f"{kind}{at}") for kind in ("milestone", "day", "share") for at in _numbers())
    if numbered and values.get("plan"):
        raise PlanFaulty(ProjectFault("plan_twice", line))
    steps = _from_columns(line, values) if numbered else _from_text(line, values.get("plan", ""))
    if len(steps) > COUNT_LIMIT:
        raise PlanFaulty(ProjectFault("milestones_many", line, {"limit": COUNT_LIMIT}))
    plan = _shared(line, steps)
    if faults := [*_too_long(line, plan), *_backwards(line, plan)]:
        raise PlanFaulty(*faults)
    return plan


def _numbers() -> range:
    return range(1, MILESTONES + 1)


# --- a column for each


def _from_columns(line: int, values: Mapping[str, str]) -> list[_Step]:
    steps: list[_Step] = []
    faults: list[ProjectFault] = []
    for at in _numbers():
        title, day, share = (values.get(f"{kind}{at}", "") for kind in ("milestone", "day", "share"))
        if title or day or share:
            try:
                steps.append(_step(line, at, title, day, share))
            except PlanFaulty as error:
                faults += error.faults
    if faults:
        raise PlanFaulty(*faults)
    return steps


def _step(line: int, at: int, title: str, day: str, share: str) -> _Step:
    if not title:
        raise PlanFaulty(ProjectFault("milestone_untitled", line, {"word": at}))
    if not day:
        raise PlanFaulty(ProjectFault("missing", line, _named(f"day{at}")))
    try:
        planned_on = read_day(day)
    except NotWritten:
        raise PlanFaulty(ProjectFault("day_wrong", line, {"word": day, **_named(f"day{at}")})) from None
    try:
        return _Step(" ".join(title.split()), planned_on, read_share(share) if share else None)
    except NotWritten:
        raise PlanFaulty(ProjectFault("share_wrong", line, {"word": share, **_named(f"share{at}")})) from None


def _named(name: str) -> dict[str, str]:
    column, english = NAMES[name]
    return {"column": column, "name": english}


# --- all in one


def _from_text(line: int, written: str) -> list[_Step]:
    steps: list[_Step] = []
    faults: list[ProjectFault] = []
    for piece in filter(None, map(str.strip, _BETWEEN.split(written))):
        try:
            steps.append(_understood(piece))
        except NotWritten:
            faults.append(ProjectFault("milestone_unreadable", line, {"word": piece}))
    if faults:
        raise PlanFaulty(*faults)
    return steps


def _understood(piece: str) -> _Step:
    """A title with one day and at most one share around it, in any order. Raises NotWritten."""
    days, shares = days_in(piece), list(SHARE.finditer(narrow(piece)))
    if len(days) != 1 or len(shares) > 1:
        raise NotWritten
    taken = [(days[0].start, days[0].end), *(found.span() for found in shares)]
    rest = "".join(" " if any(start <= at < end for start, end in taken) else one for at, one in enumerate(piece))
    title = " ".join(_HOLLOW.sub(" ", rest).strip(_MARKS).split())
    # "2026年3月-6月" names two months, and which of them is meant nobody can tell.
    if not title or _ANOTHER_MONTH.search(narrow(title)):
        raise NotWritten
    return _Step(title, days[0].day, read_share(shares[0].group(1)) if shares else None)


# --- both


def _shared(line: int, steps: Sequence[_Step]) -> list[Milestone]:
    given = [Milestone(step.title, step.day, step.share) for step in steps if step.share is not None]
    if not given:
        return evenly([step.title for step in steps], [step.day for step in steps])
    if len(given) < len(steps):
        raise PlanFaulty(ProjectFault("shares_partly", line))
    return given


def _too_long(line: int, plan: Sequence[Milestone]) -> list[ProjectFault]:
    details = {"column": "节点名称", "name": "title of a milestone", "limit": TITLE_LIMIT}
    return [ProjectFault("too_long", line, details) for one in plan if len(one.title) > TITLE_LIMIT][:1]


def _backwards(line: int, plan: Sequence[Milestone]) -> list[ProjectFault]:
    faults: list[ProjectFault] = []
    for before, after in itertools.pairwise(plan):
        details = {"word": after.title, "before": before.title}
        if after.planned_on < before.planned_on:
            faults.append(ProjectFault("days_back", line, {**details, "day": after.planned_on}))
        if after.share < before.share:
            faults.append(ProjectFault("shares_back", line, details))
    return faults
