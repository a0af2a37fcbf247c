"""First contact and deep links, the menu, unfinished drafts, and the way to a human being."""

from collections.abc import Sequence

from handlers.enrolment import enrol
from handlers.questions import Choice, Text
from handlers.routes import Conversation, conversation
from handlers.talk import Option, Reply, Start, Talk
from handlers.texts import welcome as texts
from handlers.texts.phrase import Phrase
from storage.areas import station_by_id
from storage.domain.roles import Role
from storage.links import How

EVERYBODY_FINDS = 9  # a menu is one screen


@conversation("welcome")
def welcome(talk: Talk) -> Reply:
    """Greet; a deep link brings a place, a deputy or an invite along."""
    payload = talk.arguments.get("payload", "")
    kind, _, rest = payload.partition("-")
    if kind == "i":
        return enrol(talk, rest)
    if not payload:
        return Reply(texts.WELCOME, then=Start("menu"))
    if not rest.isdecimal():
        return Reply(texts.BAD_LINK, then=Start("menu"))
    match kind:
        case "c":
            return _at_cell(talk, int(rest))
        case "s":
            return _at_station(talk, int(rest))
        case "d":
            return _with_deputy(talk, int(rest))
    return Reply(texts.BAD_LINK, then=Start("menu"))


def _at_cell(talk: Talk, area_id: int) -> Reply:
    """A QR code of a grid cell, or of any area above."""
    area = talk.store.areas.area(area_id)
    if area is None:
        return Reply(texts.BAD_LINK, then=Start("menu"))
    known = {} if talk.store.areas.children(area.id) else {"where": {"cell": area.id, "how": How.LINK}}
    return Reply(texts.welcome_to(talk.store.areas.title(area)), then=Start("suggest", known))


def _at_station(talk: Talk, station_id: int) -> Reply:
    station = station_by_id(talk.store.unit, station_id)
    if station is None:
        return Reply(texts.BAD_LINK, then=Start("menu"))
    return Reply(texts.welcome_to(station.name), then=Start("suggest", {"station": station.id}))


def _with_deputy(talk: Talk, role_id: int) -> Reply:
    holding = talk.store.people.holding(role_id)
    if holding is None or holding.role is not Role.DEPUTY:
        return Reply(texts.BAD_LINK, then=Start("menu"))
    name = talk.store.people.get(holding.person_id).name
    return Reply(texts.welcome_to(name), then=Start("suggest", {"deputy": holding.person_id}))


def menu_of(conversations: Sequence[Conversation]) -> Conversation:
    """The menu: what each person may do, by their roles."""

    @conversation("menu", starts=("菜单", "/menu", "menu", "0", "/start"))
    def menu(talk: Talk) -> Reply:
        found = [one for one in conversations if one.menu and one.allowed(talk.holdings)]
        options = [Option(one.name, one.menu) for one in found if one.menu]
        return Reply(Phrase(""), then=Start(talk.ask("what", Choice(options), texts.MENU)))

    return menu


@conversation("drafts")
def drafts(talk: Talk) -> Reply:
    """Go on with something unfinished."""
    kept = talk.store.conversations.drafts(talk.person.id)
    if not kept:
        return Reply(texts.DRAFTS_NONE)
    options = [
        Option(str(draft.id), texts.draft_of(texts.title_of(draft.state["conversation"]), draft.saved_at))
        for draft in kept
    ]
    chosen = talk.ask("which", Choice([*options, Option("none", texts.DROP_DRAFTS)]), texts.DRAFTS_WHICH)
    for draft in kept:
        if chosen == "none" or str(draft.id) == chosen:
            talk.store.conversations.drop_draft(draft.id)
    taken = next((draft for draft in kept if str(draft.id) == chosen), None)
    if taken is None:
        return Reply(texts.DRAFTS_DROPPED)
    state = taken.state
    return Reply(
        Phrase(""),
        then=Start(
            state["conversation"], state.get("arguments", {}), state.get("answers", {}), state.get("heard", ())
        ),
    )


@conversation("human", starts=("人工", "找人", "客服", "/human", "human"), menu=texts.MENU_HUMAN)
def human(talk: Talk) -> Reply:
    """Ask the staff for help; each of them may answer."""
    words = talk.ask("text", Text(), texts.HUMAN_WHAT)
    telephone = talk.ask("telephone", Text(default=""), texts.HUMAN_TELEPHONE)
    area = talk.store.areas.area(talk.person.cell_id) if talk.person.cell_id else None
    staff = {
        holding.person_id
        for congress in talk.store.congresses.of_area(area)
        for holding in talk.store.people.holders(congress.id, Role.STAFF)
    }
    for person_id in sorted(staff):
        wanted = {"person": talk.person.id, "words": words, "telephone": telephone}
        talk.prompt(person_id, "help_wanted", wanted)
    return Reply(texts.HUMAN_SENT if staff else texts.HUMAN_NOBODY)


@conversation("help_wanted")
def help_wanted(talk: Talk) -> Reply:
    """Staff answer a resident who asked for help."""
    prompt = texts.help_wanted(talk.arguments["words"], talk.arguments["telephone"])
    words = talk.ask("text", Text(default=""), prompt)
    if not words:
        return Reply(texts.SAVED)
    talk.tell(talk.arguments["person"], texts.staff_answer(words))
    return Reply(texts.HELP_ANSWERED)
