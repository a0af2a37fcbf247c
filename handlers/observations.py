"""Residents see how the projects near them stand, and say what they see there; deputies and the office answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from handlers import access
from handlers.messages import KeptFile
from handlers.notices import duty
from handlers.places import GridCell, located_at, place_name
from handlers.projects import picture_of
from handlers.questions import Choice, Photos, Pick, Text
from handlers.reading import is_no
from handlers.routes import conversation
from handlers.state import Asked, Heard
from handlers.talk import Again, Answered, Misfit, Option, Reply, Start, Talk
from handlers.texts import notices
from handlers.texts import observations as texts
from handlers.texts.phrase import Phrase
from handlers.texts.titles import SKIP, TO_MENU
from handlers.texts.words import day
from storage.domain.cadence import BY_BODY
from storage.domain.roles import Role
from storage.links import How, Target
from storage.notes import Note, Standing
from storage.observations import NewObservation, Observation
from storage.projects import Project
from storage.store import Store

_MENU = Option("menu", TO_MENU)
_GO_ON = Phrase("")


# --- residents


@conversation("nearby", starts=("身边项目", "/nearby", "nearby"), menu=texts.MENU_NEARBY)
def nearby(talk: Talk) -> Reply:
    """The projects of the resident's cell, and of the areas above it."""
    own = talk.arguments.get("cell") or talk.person.cell_id
    known = {"cell": own, "how": How.STATED} if own else {}
    where = talk.ask("where", GridCell(known=known, may_be_open=False), texts.WHERE).cell
    if where is None:
        return Reply(texts.NEARBY_NONE)
    others = [Option("own", texts.OWN), _MENU]
    fetch = partial(talk.store.observations.projects_near, where)
    found = Pick(fetch, texts.option, lambda _: texts.NEARBY, texts.NEARBY_NONE, others)
    match talk.ask("which", found, texts.NEARBY):
        case "menu":
            return Reply(_GO_ON, then=Start("menu"))
        case "own":
            return Reply(_GO_ON, then=Start("said"))
        case number:
            one = access.check_is_shown(talk.store.projects.get(int(number)))
            further = Start("nearby_project", {"number": one.number, "cell": where.id})
            return Reply(_card(talk, one), [picture_of(talk, one)], then=further)


@conversation("nearby_project", behind=lambda given: Start("nearby", {"cell": given["cell"]}))
def nearby_project(talk: Talk) -> Reply:
    """What a resident may do with one that they have seen."""
    options = [Option("say", texts.SAY), Option("leave", texts.LEAVE), _MENU]
    match talk.ask("action", Choice(options), texts.WHAT_NEXT):
        case "say":
            return Reply(_GO_ON, then=Start("observe", talk.arguments))
        case "leave":
            return Reply(_GO_ON, then=Start("nearby", {"cell": talk.arguments["cell"]}))
    return Reply(_GO_ON, then=Start("menu"))


def _card(talk: Talk, one: Project) -> Phrase:
    congress = talk.store.congresses.get(one.congress_id)
    lately = talk.store.notes.of_project(one.number)
    seen_at = next((note.at for note in lately if _has_looked(note)), None)
    inspected_on = congress.today(seen_at) if seen_at else None
    return texts.card(one, talk.store.projects.planned(one, congress.today(talk.now)), inspected_on)


def _has_looked(note: Note) -> bool:
    """Whether deputies were there: not what the body reports itself, nor that nobody could go."""
    return note.kind not in BY_BODY and note.standing is not Standing.UNABLE


@conversation("observe", draft=texts.SAY, behind=lambda given: Start("nearby_project", given))
def observe(talk: Talk) -> Reply:
    """What somebody sees of a project: words, photos, a place."""
    one = access.check_is_shown(talk.store.projects.get(talk.arguments["number"]))
    words = talk.ask("what", Text(at_most=5_000, spoken=True), texts.WHAT)
    talk.ask("photos", Photos(), texts.PHOTOS)
    seen = talk.ask("where", _SeenAt(), texts.PLACE)
    cell = seen.get("cell") or talk.arguments["cell"]
    at = seen.get("latitude"), seen.get("longitude")
    number = talk.store.observations.add(NewObservation(one.congress_id, one.number, talk.person.id, words, cell, *at))
    for target, about in ((Target.OBSERVATION, number), (Target.PROJECT, one.number)):
        talk.store.links.add(talk.heard_messages, target, about, How.STATED)
    talk.store.links.add(talk.heard_messages, Target.CELL, cell, How.LOCATION if seen.get("cell") else How.STATED)
    return Reply(texts.thanks(one.description.title, pushes=talk.is_written_to))


@dataclass(frozen=True, slots=True)
class _SeenAt:
    """A shared location, which may be left out. One outside of every cell is kept as it is."""

    def begin(self, _talk: Talk, _explicit: bool, /) -> Answered | Again:
        return Again([Option("skip", SKIP)])

    def read(self, heard: Heard, _asked: Asked, talk: Talk, /) -> Answered | Again:
        if heard.place:
            place = {"latitude": heard.place.latitude, "longitude": heard.place.longitude}
            return Answered(located_at(heard.place, talk) or place)
        if heard.option == "skip" or is_no(heard.text):
            return Answered({})
        raise Misfit(texts.PLACE_WANTED)

    def load(self, stored: Any, _talk: Talk, /) -> dict[str, Any]:
        return dict(stored)


@conversation("said", starts=("我反映的",))
def said(talk: Talk) -> Reply:
    """What a resident said before, and what they were answered."""
    fetch = partial(talk.store.observations.of_author, talk.person.id)
    own = Pick(fetch, partial(_own_option, talk), lambda _: texts.OWN, texts.OWN_NONE, [_MENU], only=True)
    chosen = talk.ask("which", own, texts.OWN)
    if chosen == "menu":
        return Reply(_GO_ON, then=Start("menu"))
    one = access.check_is_own(talk.person.id, talk.store.observations.get(int(chosen)))
    return Reply(texts.own_card(one, _day(talk, one)))


def _own_option(talk: Talk, one: Observation) -> Phrase:
    return texts.own_option(one, _day(talk, one))


def _day(talk: Talk, one: Observation) -> Phrase:
    return day(one.at, talk.store.congresses.get(one.congress_id).timezone)


# --- those who answer


def _theirs(store: Store, person_id: int) -> tuple[Sequence[int], Sequence[int]]:
    """The congresses, and the projects, of which somebody reads what residents see."""
    holdings = store.people.holdings(person_id)
    charged = store.liaisons.projects_of(person_id) if access.is_deputy(holdings) else []
    return access.congresses_of(holdings, Role.STAFF), charged


def _any(store: Store, person_id: int) -> bool:
    return bool(store.observations.unanswered(*_theirs(store, person_id), limit=1))


@conversation(
    "seen",
    starts=("居民反映", "/observations", "observations"),
    menu=texts.MENU_SEEN,
    allowed=access.may_read_observations,
    due=_any,
    notice=duty(notices.SEEN),
)
def seen(talk: Talk) -> Reply:
    """What residents say about somebody's projects, in one list; a prompt begins it every week."""
    fetch = partial(talk.store.observations.unanswered, *_theirs(talk.store, talk.person.id))
    found = Pick(fetch, partial(_seen_option, talk), texts.seen_head, texts.SEEN_NONE, [_MENU])
    chosen = talk.ask("which", found, texts.MENU_SEEN)
    if chosen == "menu":
        return Reply(_GO_ON, then=Start("menu"))
    return Reply(_GO_ON, then=Start("answer_resident", {"number": int(chosen)}))


def _seen_option(talk: Talk, one: Observation) -> Phrase:
    return texts.seen_option(one, access.masked(one.text), place_name(talk, one.cell), _day(talk, one))


@conversation(
    "answer_resident", draft=texts.MENU_SEEN, allowed=access.may_read_observations, behind=lambda _: Start("seen")
)
def answer_resident(talk: Talk) -> Reply:
    """One of them, with its photos, and the answer. Afterwards those that are left are listed."""
    number = talk.arguments["number"]
    one = talk.store.observations.get(number)
    group = talk.store.liaisons.group(one.project) if one else []
    one = access.check_can_answer(talk.person.id, talk.holdings, group, one)
    kept = talk.store.attachments.about(Target.OBSERVATION, number)
    files = [Option("files", texts.FILES)] if kept else []
    options = [Option("answer", texts.ANSWER), *files, Option("leave", texts.TO_LIST)]
    card = texts.seen_card(one, access.masked(one.text), place_name(talk, one.cell), _day(talk, one))
    match talk.ask("action", Choice(options), card):
        case "answer":
            said_then = _answer(talk, one)
        case "files":
            shown = [KeptFile(*file) for file in kept]
            return Reply(texts.files_shown(len(shown)), shown, then=Start("answer_resident", {"number": number}))
        case _:
            return Reply(_GO_ON, then=Start("seen"))
    return Reply(said_then, then=Start("seen") if _any(talk.store, talk.person.id) else None)


def _answer(talk: Talk, one: Observation) -> Phrase:
    words = talk.ask("text", Text(at_most=5_000), texts.ANSWER_WHAT)
    if not talk.store.observations.answer(one.number, words):
        return texts.ANSWERED_MEANWHILE
    talk.store.links.add(talk.heard_messages, Target.OBSERVATION, one.number, How.STATED)
    reached = talk.tell(one.author, texts.told_answer(one, words), asked_for=True)
    return texts.ANSWERED if reached else texts.ANSWERED_UNHEARD
