"""The plan of a project: milestones that were reached, and a new plan."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from handlers import access
from handlers.days import with_years
from handlers.projects import own_project
from handlers.questions import Choice, Day, Text
from handlers.routes import conversation
from handlers.state import Asked, Heard
from handlers.talk import Again, Answered, Misfit, Option, Reply, Start, Talk
from handlers.texts import projects as texts
from handlers.texts.phrase import Phrase
from storage.domain.project_plan import Milestone
from storage.projects import Why


@conversation("milestone", allowed=access.is_staff, behind=lambda given: Start("project", given))
def milestone(talk: Talk) -> Reply:
    """One of those that are still to come is reached."""
    one = own_project(talk)
    again = Start("project", {"number": one.number})
    plan = talk.store.projects.plan(one.number)
    coming = {str(position): due for position, (due, reached) in enumerate(plan, 1) if reached is None}
    if not coming:
        return Reply(texts.NO_MILESTONES, then=again)
    options = [Option(position, texts.milestone(due, None)) for position, due in coming.items()]
    chosen = talk.ask("which", Choice(options, strict=True), texts.WHICH_MILESTONE)
    today = talk.store.congresses.get(one.congress_id).today(talk.now)
    reached_on = talk.ask("reached", Day(today, latest=today), texts.REACHED_WHEN)
    talk.store.projects.reach(one.number, int(chosen), reached_on)
    return Reply(texts.reached(coming[chosen]), then=again)


@conversation("replan", allowed=access.is_staff, behind=lambda given: Start("project", given))
def replan(talk: Talk) -> Reply:
    """All milestones anew, in one message, with the reason. The deadline itself was voted on, and stays."""
    one = own_project(talk)
    plan = talk.ask("plan", Plan(one.description.deadline), texts.NEW_PLAN)
    why = talk.ask("why", Text(at_most=500), texts.WHY)
    talk.store.projects.set_plan(one.number, plan, Why(why))
    return Reply(texts.REPLANNED, then=Start("project", {"number": one.number}))


@dataclass(frozen=True, slots=True)
class Plan:
    """Milestones as people write them: 路基 2026-06-01 40%；路面 9月1日. None after the `deadline`.

    Days without a year are those before the deadline, or `ahead_of` some day. `later`: there may be none yet.
    """

    deadline: date
    later: bool = False
    ahead_of: date | None = None

    def begin(self, _talk: Talk, _explicit: bool, /) -> Answered | Again:
        return Again([Option("later", texts.PLAN_LATER)] if self.later else [])

    def read(self, heard: Heard, _asked: Asked, _talk: Talk, /) -> Answered | Again:
        from storage.project_milestones import PlanFaulty, read_plan  # seldom used, and a megabyte

        if heard.option == "later":
            return Answered([])
        try:
            plan = read_plan(1, {"plan": self._with_years(heard.text)})
        except PlanFaulty as faulty:
            first = replace(faulty.faults[0], line=None)
            raise Misfit(Phrase(first.chinese, first.english)) from None
        if not plan:
            raise Misfit(texts.PLAN_WANTED)
        if plan[-1].planned_on > self.deadline:
            raise Misfit(texts.beyond(self.deadline))
        return Answered([[one.title, one.planned_on.isoformat(), one.share] for one in plan])

    def _with_years(self, text: str) -> str:
        if self.ahead_of:
            return with_years(text, self.ahead_of)
        return with_years(text, self.deadline, looks_back=True)

    def load(self, stored: Any, _talk: Talk, /) -> Sequence[Milestone]:
        return [Milestone(title, date.fromisoformat(day), share) for title, day, share in stored]
