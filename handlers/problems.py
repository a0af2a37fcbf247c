"""The office and the problems that were handed over: who has put what right, what is late, and steps for those whom no
message reaches."""

from datetime import date
from functools import partial

from handlers import access, handing_over
from handlers.notices import duty
from handlers.questions import Choice, Day, Listed, Photos, Pick, Text
from handlers.rectification_steps import advance, card_of, moves_of, pick, shown, today_of, views_of
from handlers.routes import conversation
from handlers.staff import own_congress
from handlers.talk import Option, Reply, Start, Talk
from handlers.texts import notices
from handlers.texts import projects as project_texts
from handlers.texts import rectifications as texts
from handlers.texts.phrase import Phrase, lines
from handlers.texts.titles import TO_MENU
from storage.domain.rectification_stages import BY, OPEN, WITH_BODY, Part, Severity, Stage
from storage.domain.roles import Role
from storage.rectifications import NewRectification, NotAllowed, Only, Rectification
from storage.store import Store

_FILTERS = {
    "open": texts.ALL_OPEN,
    "overdue": texts.OVERDUE,
    "waiting": texts.WAITING,
    "project": texts.BY_PROJECT,
    "body": texts.BY_BODY,
    "closed": texts.CLOSED_ONES,
    "new": texts.HAND_OVER,
}


@conversation("problems", allowed=access.is_staff)
def problems(talk: Talk) -> Reply:
    """Filter, page, read one; or hand one over."""
    congress_id = own_congress(talk)
    filters = [*(Option(name, label) for name, label in _FILTERS.items()), Option("menu", TO_MENU)]
    kind = talk.ask("filter", Choice(filters), texts.AS_WHOM)
    if kind == "menu":
        return Reply(Phrase(""), then=Start("menu"))
    if kind == "new":
        return Reply(Phrase(""), then=Start("hand_over", {"congress": congress_id}))
    today = talk.store.congresses.get(congress_id).today(talk.now)
    fetch = partial(talk.store.rectifications.of_congress, congress_id, _only(talk, congress_id, kind, today))
    if not fetch(None, 1):
        return Reply(texts.STAFF_NONE, then=Start("problems"))
    found = Pick(fetch, lambda one: texts.office_option(one, today), texts.office_list, texts.STAFF_NONE)
    chosen = talk.ask("which", found, texts.AS_WHOM)
    return Reply(Phrase(""), then=Start("problem", {"number": int(chosen)}))


def _only(talk: Talk, congress_id: int, kind: str, today: date) -> Only:
    match kind:
        case "overdue":
            return Only(WITH_BODY, due_before=today)
        case "waiting":
            return Only(frozenset({Stage.DONE}))
        case "closed":
            return Only(frozenset({Stage.CLOSED}))
        case "project":
            return Only(project=_project(talk, congress_id))
        case "body":
            found = talk.store.rectifications.of_congress(congress_id, Only(), limit=None)
            bodies = [Option(body, Phrase(body)) for body in sorted({one.body for one in found})]
            if not bodies:
                talk.end(texts.STAFF_NONE)
            return Only(body=talk.ask("body", Listed(bodies), texts.WHICH_BODY))
    return Only(OPEN)


def _project(talk: Talk, congress_id: int) -> int:
    found = talk.store.projects.of_congress(congress_id, limit=None)
    if not found:
        talk.end(texts.STAFF_NONE)
    options = [Option(str(one.number), project_texts.option(one)) for one in found]
    return int(talk.ask("project", Listed(options), texts.WHICH_PROJECT))


@conversation("problem", allowed=access.is_staff, behind=lambda _: Start("problems"))
def problem(talk: Talk) -> Reply:
    """Everything that the office may do with one problem. Afterwards it is shown again."""
    number = talk.arguments["number"]
    one = access.check_can_follow(talk.holdings, talk.store.rectifications.get(number))
    due = [Option("due", texts.CHANGE_DUE)] if one.stage in OPEN else []
    options = [*moves_of(one, Part.STAFF), *due, *views_of(talk, one)]
    again = Start("problem", {"number": number})
    match talk.ask("action", Choice(options), _card(talk, one)):
        case "leave":
            return Reply(Phrase(""), then=Start("problems"))
        case "files" | "history" as view:
            return shown(talk, one, view, again)
        case "due":
            return Reply(_move_due(talk, one), then=again)
        case chosen:
            then = Stage(chosen)
            deputy = _deputy(talk, one) if BY[then] is Part.DEPUTY else None
            return Reply(advance(talk, one, then, Part.STAFF, deputy), then=again)


def _card(talk: Talk, one: Rectification) -> Phrase:
    is_heard = one.stage not in OPEN or talk.store.rectifications.hears(one)
    return lines([card_of(talk, one), Phrase("") if is_heard else texts.nobody_hears(one)])


def _deputy(talk: Talk, one: Rectification) -> int:
    """Who decided it on paper: those first who found it or are charged with the project."""
    near = [one.raised_by, *talk.store.liaisons.group(one.project)]
    roster = talk.store.people.roster(one.congress_id, Role.DEPUTY)
    listed = sorted(roster, key=lambda row: row.person not in near)
    if not listed:
        talk.end(texts.NO_DEPUTIES)
    options = [Option(str(row.person), Phrase(row.name)) for row in listed]
    return int(talk.ask("deputy", Listed(options), texts.WHICH_DEPUTY))


def _move_due(talk: Talk, one: Rectification) -> Phrase:
    today = today_of(talk, one)
    due = talk.ask("due", Day(today, earliest=today), texts.NEW_DUE)
    why = talk.ask("why", Text(at_most=500), texts.DUE_WHY)
    try:
        talk.store.rectifications.change_due(one.number, due, why)
    except NotAllowed as refused:
        return texts.REFUSAL[refused.why]
    return texts.due_changed(one, due)


@conversation("hand_over", draft=texts.MENU, allowed=access.is_staff, behind=lambda _: Start("problems"))
def hand_over(talk: Talk) -> Reply:
    """A problem that the office itself has found, or was told of."""
    congress_id = talk.arguments["congress"]
    access.check_can_enter(talk.holdings, congress_id)
    project = _project(talk, congress_id)
    severity = Severity(talk.ask("severity", Choice(severities()), texts.WHICH_SEVERITY))
    words = talk.ask("what", Text(at_most=2_000), texts.PROBLEM_WHAT)
    talk.ask("photos", Photos(), texts.PROBLEM_PHOTOS)
    number = handing_over.hand_over(talk, NewRectification(congress_id, project, None, severity, words, None))
    one = access.check_can_follow(talk.holdings, talk.store.rectifications.get(number or 0))
    unheard = Phrase("") if talk.store.rectifications.hears(one) else texts.nobody_hears(one)
    return Reply(lines([texts.handed_over(one), unheard]))


def severities() -> list[Option]:
    return [Option(severity, texts.SEVERITY[severity]) for severity in Severity]


# --- what is pressing


def _pressing(store: Store, person_id: int) -> list[Rectification]:
    ids = access.congresses_of(store.people.holdings(person_id), Role.STAFF)
    days = [(congress_id, store.congresses.get(congress_id).today(store.now)) for congress_id in ids]
    return [one for congress_id, today in days for one in store.rectifications.pressing(congress_id, today)]


@conversation(
    "pressing",
    allowed=access.is_staff,
    due=lambda store, person: bool(_pressing(store, person)),
    notice=duty(notices.PRESSING),
)
def pressing(talk: Talk) -> Reply:
    """What is overdue, or lies with somebody who does not hear of it. Begun by a prompt when a step escalates."""
    found = _pressing(talk.store, talk.person.id)
    talk.concerns(notices.problems([one.title for one in found]))
    listed = {one.number: texts.office_option(one, today_of(talk, one)) for one in found}
    return pick(talk, listed, texts.PRESSING_NONE, texts.pressing_list(len(found)), "problem")
