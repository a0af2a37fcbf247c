"""The steps of a rectification, whoever makes them: asked for, recorded, and told to those with whom it lies then."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from handlers.handing_over import link
from handlers.messages import KeptFile
from handlers.notices import duty
from handlers.project_plans import Plan
from handlers.questions import Choice, Day, Listed, Photos, Text
from handlers.state import Asked, Heard
from handlers.talk import Again, Answered, Misfit, Option, Reply, Start, Talk
from handlers.texts import notices
from handlers.texts import projects as project_texts
from handlers.texts import rectifications as texts
from handlers.texts.phrase import Phrase, lines
from handlers.texts.titles import NO, YES
from handlers.texts.words import day
from storage.domain.project_plan import Milestone
from storage.domain.rectification_stages import BY, NEXT, Move, Part, Stage, Told, refusal_of_plan
from storage.domain.roles import Role
from storage.links import Target
from storage.projects import Why
from storage.rectifications import Kind, NotAllowed, Rectification


def today_of(talk: Talk, one: Rectification) -> date:
    return talk.store.congresses.get(one.congress_id).today(talk.now)


def moves_of(one: Rectification, part: Part) -> list[Option]:
    """What may be done to it in some part. The office does it on behalf of the others."""
    named = texts.RECORD if part is Part.STAFF else texts.ACT
    if one.kind is Kind.LATE and part is Part.BODY:
        named = {**named, Stage.DONE: texts.EXPLAIN_ACT}
    follows = [then for then in named if then in NEXT[one.stage] and part in (BY[then], Part.STAFF)]
    return [Option(then, named[then]) for then in follows]


def pick(talk: Talk, listed: Mapping[int, Phrase], none: Phrase, prompt: Phrase, opens: str) -> Reply:
    """Let one be chosen of a list by number, and go on with that."""
    if not listed:
        return Reply(none)
    chosen = talk.ask("which", Listed([Option(str(number), said) for number, said in listed.items()]), prompt)
    return Reply(Phrase(""), then=Start(opens, {"number": int(chosen)}))


def card_of(talk: Talk, one: Rectification) -> Phrase:
    """With what was said of it last: how it was put right, or why it was sent back."""
    return lines([texts.card(one, today_of(talk, one)), history_of(talk, one)[-1]])


def views_of(talk: Talk, one: Rectification) -> list[Option]:
    kept = talk.store.attachments.about(Target.RECTIFICATION, one.number)
    return [
        *([Option("files", texts.FILES)] if kept else []),
        Option("history", texts.HISTORY),
        Option("leave", texts.LEAVE),
    ]


def shown(talk: Talk, one: Rectification, view: str, again: Start) -> Reply:
    """One of the views."""
    if view == "history":
        return Reply(lines(history_of(talk, one)), then=again)
    files = [KeptFile(*file) for file in talk.store.attachments.about(Target.RECTIFICATION, one.number)]
    return Reply(texts.files_shown(len(files)), files, then=again)


def history_of(talk: Talk, one: Rectification) -> list[Phrase]:
    """All that happened, a line each. Who did it is named."""
    zone = talk.store.congresses.get(one.congress_id).timezone
    told: list[Phrase] = []
    before: Stage | None = None
    for row in talk.store.rectifications.history(one.number):
        stage = Stage(row.stage)
        is_due = stage is before and bool(row.due_on)
        told.append(
            texts.event(
                day(row.at, zone), stage, row.name or "", row.words or "", row.planned_on, row.due_on, is_due=is_due
            )
        )
        before = stage
    return told


# --- making them


def advance(talk: Talk, one: Rectification, then: Stage, part: Part, deputy: int | None = None) -> Phrase:
    """Ask for what a step takes, and make it; what is said of that."""
    move, plan = _asked(talk, one, Move(then, part, deputy=deputy))
    if move is None:
        return Phrase("")
    try:
        talk.store.rectifications.move(one.number, move)
    except NotAllowed as refused:
        return texts.REFUSAL[refused.why]
    link(talk, one.number, one.project)
    talk.prompted |= talk.store.rectifications.steps.tell(one.number)
    if then is Stage.CLOSED:
        _tell_body(talk, one)
    return _explained(talk, one, move.words, plan) if plan else texts.moved(one, then, move.planned_on)


def _asked(talk: Talk, one: Rectification, move: Move) -> tuple[Move | None, list[Milestone]]:
    """The move with what it takes, None where it is not made after all; and the new plan of a late project."""
    words, planned_on, plan = "", None, list[Milestone]()
    match move.then:
        case Stage.PLANNED:
            planned_on = talk.ask("planned", _PlannedDay(today_of(talk, one), due=one.due_on), texts.planned_when(one))
        case Stage.DONE if one.kind is Kind.LATE:
            words = talk.ask("what", Text(at_most=2_000), texts.EXPLAIN)
            plan = [*talk.ask("plan", Plan(date.max, ahead_of=today_of(talk, one)), project_texts.NEW_PLAN)]
        case Stage.DONE:
            words = talk.ask("what", Text(at_most=2_000), texts.WHAT_DONE)
            talk.ask("photos", Photos(), texts.PHOTOS)
        case Stage.SENT_BACK:
            words = talk.ask("why", Text(at_most=2_000), texts.SENT_BACK_WHY)
        case Stage.CLOSED:
            if talk.ask("sure", Choice([Option("yes", YES), Option("no", NO)]), texts.CLOSE_SURE) == "no":
                return None, plan
    said = texts.explanation(words, texts.plan_in_words(plan)).said(talk.person.language) if plan else words
    return Move(move.then, move.by, said, planned_on, move.deputy), plan


@dataclass(frozen=True, slots=True)
class _PlannedDay(Day):
    """The day by which a body means to be ready."""

    due: date = date.max

    def read(self, heard: Heard, asked: Asked, talk: Talk, /) -> Answered | Again:
        answered = Day.read(self, heard, asked, talk)
        if isinstance(answered, Answered):
            refusal = refusal_of_plan(self.load(answered.value, talk), self.due, self.today)
            if refusal:
                raise Misfit(texts.REFUSAL[refusal])
        return answered


def _tell_body(talk: Talk, one: Rectification) -> None:
    people = talk.store.rectifications.steps.people(Told.BODY, one.congress_id, one.project, one.body, None)
    notice = duty(notices.CLOSED, Phrase(one.title))
    for person in sorted(people - {talk.person.id}):
        talk.tell(person, texts.closed_to_body(one), asked_for=True, notice=notice)


def _explained(talk: Talk, one: Rectification, words: str, plan: list[Milestone]) -> Phrase:
    """A new plan holds at once where it keeps to the deadline; the office reads of it in any case."""
    project = talk.store.projects.get(one.project)
    beyond = project is None or plan[-1].planned_on > project.description.deadline
    why = words.rpartition("\n")[0]
    if not beyond:
        talk.store.projects.set_plan(one.project, plan, Why(why))
    notice = duty(notices.EXPLAINED, Phrase(one.title))
    for held in talk.store.people.holders(one.congress_id, Role.STAFF):
        if held.person_id != talk.person.id:
            news = texts.explained_to_office(one, why, texts.plan_in_words(plan), beyond=beyond)
            talk.tell(held.person_id, news, asked_for=True, own_words=True, notice=notice)
    return lines([texts.EXPLAINED, texts.BEYOND_DEADLINE if beyond else Phrase("")])
