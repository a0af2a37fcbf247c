"""Chosen projects: what the office records about each, with reason and approval, and how deputies see their own."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any

from handlers import access
from handlers.inspections import of_project
from handlers.messages import Recipe
from handlers.notices import Matter, duty
from handlers.places import GridCell, place_name
from handlers.questions import Choice, Day, Listed, Pick, Text, Yuan
from handlers.routes import conversation
from handlers.staff import own_congress
from handlers.talk import Option, Reply, Start, Talk
from handlers.texts import notices
from handlers.texts import projects as texts
from handlers.texts.inspections import WRITE
from handlers.texts.phrase import Phrase, join, lines
from handlers.texts.proposals import KEPT_AS_IT_IS
from handlers.texts.supervision import CARD, CARD_SENT, PROJECT_FILE
from handlers.texts.titles import NO, TO_MENU, YES
from handlers.texts.words import day
from storage.congresses import Congress
from storage.domain.liaison_choice import LEAST
from storage.domain.project_stages import Approval, Approver, Stage, approver_at, needs_approval
from storage.domain.roles import Role
from storage.liaisons import GroupFull, Left
from storage.projects import Description, NotAllowed, Project, Why

LISTED = 30  # deputies in one message
PLACES = 6  # of a project, on its card

_MOVES: Mapping[str, tuple[Phrase, Stage, frozenset[Stage]]] = {
    "begin": (texts.BEGIN, Stage.BUILDING, frozenset({Stage.CHOSEN})),
    "finish": (texts.FINISH, Stage.FINISHED, frozenset({Stage.CHOSEN, Stage.BUILDING})),
    "resume": (texts.RESUME, Stage.BUILDING, frozenset({Stage.FINISHED, Stage.STOPPED})),
    "stop": (texts.STOP, Stage.STOPPED, frozenset({Stage.CHOSEN, Stage.BUILDING})),
}
_FURTHER = {
    "group": (texts.GROUP, "group"),
    "milestone": (texts.MILESTONE, "milestone"),
    "plan": (texts.REPLAN, "replan"),
    "change": (texts.CHANGE_IT, "change_project"),
}
_VIEWS = {"history": texts.HISTORY, "picture": CARD, "leave": texts.LEAVE}


@conversation(
    "projects", starts=("项目", "民生实事项目", "/projects", "projects"), menu=texts.MENU, allowed=access.is_staff
)
def projects(talk: Talk) -> Reply:
    """The list, and who has nothing to do."""
    congress_id = own_congress(talk)
    fetch = partial(talk.store.projects.of_congress, congress_id)
    if not fetch(None, 1):
        return Reply(texts.NO_PROJECTS, then=Start("new_project", {"congress": congress_id}))
    others = [Option("gaps", texts.GAPS), Option("new", texts.NEW)]
    found = Pick(fetch, texts.option, texts.list_head, texts.NO_PROJECTS, others)
    chosen = talk.ask("which", found, texts.LIST)
    if chosen == "gaps":
        return Reply(_gaps(talk, congress_id))
    if chosen == "new":
        return Reply(Phrase(""), then=Start("new_project", {"congress": congress_id}))
    return Reply(Phrase(""), then=Start("project", {"number": int(chosen)}))


def _gaps(talk: Talk, congress_id: int) -> Phrase:
    idle = [row.name for row in talk.store.liaisons.without_project(congress_id, LISTED)]
    supervised = [one.number for one in talk.store.projects.of_congress(congress_id, limit=None) if one.is_supervised]
    groups = talk.store.liaisons.groups(supervised)
    few = [number for number in supervised if len(groups[number]) < LEAST]
    return texts.gaps(idle, sorted(few)) if idle or few else texts.NO_GAPS


@conversation("project", allowed=access.is_staff, behind=lambda _: Start("projects"))
def project(talk: Talk) -> Reply:
    """Everything that the office may do to one project. Afterwards it is shown again."""
    one = own_project(talk)
    moves = [Option(name, label) for name, (label, _, now) in _MOVES.items() if one.stage in now]
    further = [Option(name, label) for name, (label, _) in _FURTHER.items()]
    options = [*moves, *further, *(Option(name, label) for name, label in _VIEWS.items())]
    again = Start("project", {"number": one.number})
    match talk.ask("action", Choice(options), _card(talk, one, telephones=True)):
        case chosen if chosen in _FURTHER:
            return Reply(Phrase(""), then=Start(_FURTHER[chosen][1], {"number": one.number}))
        case "history":
            return Reply(_history(talk, one), then=again)
        case "picture":
            return Reply(CARD_SENT, files=[picture_of(talk, one)], then=again)
        case "leave":
            return Reply(Phrase(""), then=Start("projects"))
        case move:
            return Reply(_move(talk, one, _MOVES[move][1]), then=again)


def picture_of(talk: Talk, one: Project) -> Recipe:
    """How a project stands today, to be seen at a glance."""
    today = talk.store.congresses.get(one.congress_id).today(talk.now)
    arguments = {"project": one.number, "as_of": today.isoformat(), "language": talk.person.language}
    name = PROJECT_FILE.said(talk.person.language)
    return Recipe("project_card", f"{name}{one.number}-{today:%Y%m%d}.png", "image/png", arguments)


def own_project(talk: Talk) -> Project:
    """The project that a conversation of the office is about. Raises Denied."""
    return access.check_can_run(talk.holdings, talk.store.projects.get(talk.arguments["number"]))


def _move(talk: Talk, one: Project, then: Stage) -> Phrase:
    sure = Choice([Option("yes", YES), Option("no", NO)])
    if then is Stage.FINISHED and talk.ask("sure", sure, texts.finish_sure(one)) == "no":
        return KEPT_AS_IT_IS
    congress = talk.store.congresses.get(one.congress_id)
    backwards = one.stage in (Stage.FINISHED, Stage.STOPPED)
    why = _why(talk, congress, reason=backwards, approval=needs_approval(then=then))
    try:
        talk.store.projects.move(one.number, then, why, congress.level, congress.today(talk.now))
    except NotAllowed as refused:
        return texts.REFUSAL[refused.why]
    return texts.moved(one, then)


def _why(talk: Talk, congress: Congress, *, reason: bool, approval: bool) -> Why:
    """Reason and approval, asked for as far as they are needed."""
    said = talk.ask("why", Text(at_most=500), texts.WHY) if reason or approval else ""
    if not approval:
        return Why(said)
    approver = approver_at(congress.level)
    document = talk.ask("document", Text(at_most=200), texts.DOCUMENT)
    today = congress.today(talk.now)
    decided_on = talk.ask("decided", Day(today, latest=today), texts.approved_on(approver))
    return Why(said, Approval(approver, decided_on, document))


def _card(talk: Talk, one: Project, *, telephones: bool) -> Phrase:
    today = talk.store.congresses.get(one.congress_id).today(talk.now)
    cells = one.description.cells or (None,)
    places = texts.places([place_name(talk, cell) for cell in cells[:PLACES]], len(cells))
    group = [(row.name, row.telephone if telephones else "") for row in talk.store.liaisons.names(one.number)]
    plan = talk.store.projects.plan(one.number)
    return texts.card(one, talk.store.projects.planned(one, today), places, plan, group)


def _history(talk: Talk, one: Project) -> Phrase:
    zone = talk.store.congresses.get(one.congress_id).timezone
    told = []
    for row in talk.store.projects.history(one.number):
        what = texts.STAGE[Stage(row.stage)] if row.stage else join(texts.FIELD[name] for name in row.changed or ())
        by = texts.founded(Approver(row.approver), row.decided_on, row.document) if row.approver else Phrase("")
        (who,) = _names(talk, [row.person_id]) if row.person_id else ("",)
        told.append(texts.event(day(row.at, zone), row.kind, what, row.body or "", by, who))
    for row in talk.store.liaisons.history(one.number):
        until = day(row.left_at, zone) if row.left_at else Phrase("")
        how = Left(row.left_how) if row.left_how else None
        told.append(texts.member_history(row.name, day(row.assigned_at, zone), until, how, row.body or ""))
    return lines(told)


# --- changing


@conversation("change_project", allowed=access.is_staff, behind=lambda given: Start("project", given))
def change_project(talk: Talk) -> Reply:
    """One field, with the approval that it takes."""
    one = own_project(talk)
    field = talk.ask("field", Choice([Option(name, label) for name, label in texts.FIELD.items()]), texts.WHICH_FIELD)
    congress = talk.store.congresses.get(one.congress_id)
    description: Description = replace(one.description, **{field: _value(talk, field, congress.today(talk.now))})
    again = Start("project", {"number": one.number})
    if description == one.description:
        return Reply(texts.KEPT, then=again)
    why = _why(talk, congress, reason=True, approval=needs_approval([field]))
    try:
        talk.store.projects.change(one.number, description, why, congress.level, congress.today(talk.now))
    except NotAllowed as refused:
        return Reply(texts.REFUSAL[refused.why], then=again)
    return Reply(texts.changed(one, field), then=again)


def _value(talk: Talk, field: str, today: date) -> Any:
    prompt = texts.new_value(field)
    match field:
        case "deadline":
            return talk.ask("value", Day(today), prompt)
        case "investment":
            return talk.ask("value", Yuan(), prompt)
        case "cells":
            cell = talk.ask("value", GridCell(may_be_open=False), prompt).cell
            return (cell.id,) if cell else ()
        case "title" | "body" | "leader":
            return talk.ask("value", Text(at_most=100), prompt)
    return talk.ask("value", Text(at_most=5_000), prompt)


# --- the group


@conversation("group", allowed=access.is_staff, behind=lambda given: Start("project", given))
def group(talk: Talk) -> Reply:
    """Who watches over a project: as proposed, or anybody, and who no longer does."""
    one = own_project(talk)
    members = talk.store.liaisons.names(one.number)
    # Those whose names are shown are meant, whoever else would fit by then.
    fitting = talk.remember("proposed", partial(_fitting, talk, one))
    options = [Option("proposed", texts.add_proposed(_names(talk, fitting)))] if fitting else []
    options += [Option("other", texts.OTHERS)]
    options += [Option(str(row.person), texts.release(row.name)) for row in members]
    shown = texts.group_of(one, [row.name for row in members])
    match talk.ask("action", Choice([*options, Option("leave", texts.TO_PROJECT)]), shown):
        case "proposed":
            said = _assign(talk, one, fitting)
        case "other":
            said = _assign(talk, one, [_somebody(talk, one)])
        case "leave":
            return Reply(Phrase(""), then=Start("project", {"number": one.number}))
        case person:
            said = _release(talk, one, int(person))
    return Reply(said, then=Start("group", {"number": one.number}))


def _fitting(talk: Talk, one: Project) -> list[int]:
    return talk.store.liaisons.proposed(one.congress_id, [one.number])[one.number]


def _names(talk: Talk, people: list[int]) -> list[str]:
    talk.store.shown.update(people)
    return [talk.store.people.get(person).name for person in people]


def _somebody(talk: Talk, one: Project) -> int:
    members = talk.store.liaisons.group(one.number)
    roster = talk.store.people.roster(one.congress_id, Role.DEPUTY)
    options = [Option(str(row.person), Phrase(row.name)) for row in roster if row.person not in members]
    if not options:
        talk.end(texts.NO_DEPUTIES)
    return int(talk.ask("who", Listed(options), texts.WHICH_DEPUTY))


def _assign(talk: Talk, one: Project, people: list[int]) -> Phrase:
    try:
        fresh = talk.store.liaisons.assign(one.number, people)
    except GroupFull:
        return texts.FULL
    told = texts.charged(one, talk.store.congresses.get(one.congress_id).name)
    for person in fresh:
        # They hear of a duty of theirs, whether or not they want news.
        talk.tell(person, told, asked_for=True, notice=_about(notices.CHARGED, one))
    return Phrase("")


def _release(talk: Talk, one: Project, person: int) -> Phrase:
    (name,) = _names(talk, [person])
    if talk.ask("sure", Choice([Option("yes", YES), Option("no", NO)]), texts.release_sure(name)) == "no":
        return KEPT_AS_IT_IS
    if talk.store.liaisons.leave(one.number, person, Left.RELEASED):
        talk.tell(person, texts.released(one), asked_for=True, notice=_about(notices.RELEASED, one))
    return Phrase("")


def _about(what: Phrase, one: Project) -> Matter:
    return duty(what, Phrase(one.description.title))


# --- deputies


@conversation(
    "my_projects", starts=("我的项目", "/myprojects", "my projects"), menu=texts.MENU_MINE, allowed=access.is_deputy
)
def my_projects(talk: Talk) -> Reply:
    """What a deputy is charged with; they may decline, with a reason."""
    mine = talk.store.projects.many(talk.store.liaisons.projects_of(talk.person.id))
    if not mine:
        return Reply(texts.MINE_NONE)
    listed = Choice([Option(str(one.number), texts.option(one)) for one in mine], only=True, strict=True)
    number = int(talk.ask("which", listed, texts.MINE))
    one = next(one for one in mine if one.number == number)
    options = [
        Option("note", WRITE),
        Option("decline", texts.DECLINE),
        Option("leave", texts.LEAVE if len(mine) > 1 else TO_MENU),
    ]
    match talk.ask("action", Choice(options), _card(talk, one, telephones=False)):
        case "note":
            return Reply(Phrase(""), then=of_project(talk, one))
        case "leave":
            return Reply(Phrase(""), then=Start("menu" if len(mine) == 1 else "my_projects"))
    why = talk.ask("why", Text(at_most=500), texts.DECLINE_WHY)
    if talk.store.liaisons.leave(one.number, talk.person.id, Left.DECLINED, why):
        told, notice = texts.declined_to_office(talk.person.name, one, why), _about(notices.DECLINED, one)
        for holding in talk.store.people.holders(one.congress_id, Role.STAFF):
            talk.tell(holding.person_id, told, own_words=True, notice=notice)
    return Reply(texts.DECLINED)
