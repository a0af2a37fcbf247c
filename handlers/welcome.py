"""First contact and deep links, the menu, unfinished drafts, and the way to a human being."""

from collections.abc import Sequence

from handlers import access
from handlers.enrolment import INVITE, enrol
from handlers.notices import duty
from handlers.questions import Choice, Text
from handlers.routes import Conversation, conversation
from handlers.talk import Option, Reach, Reply, Start, Talk
from handlers.texts import notices
from handlers.texts import welcome as texts
from handlers.texts.phrase import Phrase
from storage.areas import station_by_id
from storage.conversations import Draft
from storage.domain.areas import Area
from storage.domain.roles import Role
from storage.links import How

_LONGEST_ID = 15  # digits


@conversation("welcome")
def welcome(talk: Talk) -> Reply:
    """Greet; a deep link brings a place, a deputy or an invite along."""
    payload = talk.arguments.get("payload", "")
    kind, _, rest = payload.partition("-")
    if kind == INVITE:
        return enrol(talk, rest)
    if not payload:
        return Reply(texts.WELCOME, then=Start("menu"))
    if not rest.isdecimal() or len(rest) > _LONGEST_ID:
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
    if area is None or area.retired:
        return Reply(texts.BAD_LINK, then=Start("menu"))
    return Reply(texts.welcome_to(talk.store.areas.title(area)), then=Start("suggest", _known(talk, area)))


def _at_station(talk: Talk, station_id: int) -> Reply:
    station = station_by_id(talk.store.unit, station_id)
    area = talk.store.areas.area(station.area_id) if station else None
    if station is None or area is None:
        return Reply(texts.BAD_LINK, then=Start("menu"))
    return Reply(texts.welcome_to(station.name), then=Start("suggest", _known(talk, area)))


def _known(talk: Talk, area: Area) -> dict[str, object]:
    """The place of a proposal that begins there: the cell itself, or where to look for it."""
    if talk.store.areas.children(area.id):
        return {"within": area.id}
    return {"where": {"cell": area.id, "how": How.LINK}}


def _with_deputy(talk: Talk, role_id: int) -> Reply:
    holding = talk.store.people.holding(role_id)
    if holding is None or holding.role is not Role.DEPUTY:
        return Reply(texts.BAD_LINK, then=Start("menu"))
    talk.store.shown.add(holding.person_id)
    name = talk.store.people.get(holding.person_id).name
    return Reply(texts.welcome_to(name), then=Start("suggest", {"deputy": holding.person_id}))


def menu_of(conversations: Sequence[Conversation]) -> Conversation:
    """The menu: what each person may do, by their roles."""

    @conversation("menu", starts=("菜单", "/menu", "menu", "0", "/start"), gives_way=True)
    def menu(talk: Talk) -> Reply:
        found = [one for one in conversations if one.menu and one.allowed(talk.holdings)]
        options = [Option(one.name, one.menu) for one in found if one.menu]
        return Reply(Phrase(""), then=Start(talk.ask("what", Choice(options), texts.MENU)))

    return menu


def drafts_of(conversations: Sequence[Conversation]) -> Conversation:
    """Go on with something unfinished; the conversations know what they are called then."""
    names = {one.name: one.draft for one in conversations}

    def name_of(draft: Draft) -> Phrase:
        return names.get(draft.state["conversation"]) or texts.UNFINISHED

    @conversation("drafts")
    def drafts(talk: Talk) -> Reply:
        kept = talk.store.conversations.drafts(talk.person.id)
        if not kept:
            return Reply(texts.DRAFTS_NONE)
        options = [Option(str(draft.id), texts.draft_of(name_of(draft), draft.saved_at)) for draft in kept]
        if len(options) > 1:
            options.append(Option("none", texts.DROP_DRAFTS))
        chosen = talk.ask("which", Choice(options, only=True), texts.DRAFTS_WHICH)
        for draft in kept:
            if chosen in ("none", str(draft.id)):
                talk.store.conversations.drop_draft(draft.id)
        if chosen == "none":
            return Reply(texts.DRAFTS_DROPPED)
        taken = next((draft.state for draft in kept if str(draft.id) == chosen), None)
        if taken is None:
            return Reply(texts.DRAFT_GONE)
        return Reply(Phrase(""), then=Start(taken["conversation"], draft=taken))

    return drafts


@conversation(
    "human", starts=("人工", "找人", "客服", "/human", "human"), menu=texts.MENU_HUMAN, draft=texts.MENU_HUMAN
)
def human(talk: Talk) -> Reply:
    """Ask the staff for help; each of them may answer."""
    words = talk.ask("text", Text(), texts.HUMAN_WHAT)
    telephone = talk.ask("telephone", Text(default="", at_most=40), texts.HUMAN_TELEPHONE)
    area = talk.store.areas.area(talk.person.cell_id) if talk.person.cell_id else None
    staff = {
        holding.person_id: holding.id
        for congress in talk.store.congresses.of_area(area)
        for holding in talk.store.people.holders(congress.id, Role.STAFF)
    }
    wanted = {"person": talk.person.id, "words": words, "telephone": telephone}
    for person, role in sorted(staff.items()):
        talk.prompt(person, "help_wanted", {**wanted, "role": role})
    if all(talk.reach(person) in (Reach.AWAY, Reach.NOWHERE) for person in staff):
        return Reply(texts.HUMAN_NOBODY)
    return Reply(texts.HUMAN_SENT if talk.is_written_to else texts.HUMAN_KEPT)


@conversation("help_wanted", draft=texts.HELP_WANTED, notice=duty(notices.HELP_WANTED))
def help_wanted(talk: Talk) -> Reply:
    """Staff answer a resident who asked for help. `role` is the one for which they were asked."""
    if "role" in talk.arguments:
        access.check_can_help(talk.store.people.holding(talk.arguments["role"]))
    talk.store.shown.add(talk.arguments["person"])
    prompt = texts.help_wanted(talk.arguments["words"], talk.arguments["telephone"])
    words = talk.ask("text", Text(default="", skip=texts.ANSWERED_BY_PHONE, reply=True), prompt)
    if not words:
        return Reply(texts.SAVED)
    told = talk.tell(talk.arguments["person"], texts.staff_answer(words), asked_for=True)
    return Reply(texts.HELP_ANSWERED if told else texts.help_unheard(talk.arguments["telephone"]))
