"""Problems that were handed over: the people of a body put them right, and a deputy confirms it or sends them back."""

from handlers import access
from handlers.questions import Choice, Listed
from handlers.rectification_steps import advance, files_of, history_of, moves_of, today_of, views_of
from handlers.routes import conversation
from handlers.talk import Option, Reply, Start, Talk
from handlers.texts import rectifications as texts
from handlers.texts.phrase import Phrase, lines
from storage.domain.rectification_stages import Part, Stage
from storage.domain.roles import Role
from storage.rectifications import Rectification
from storage.store import Store

_WAYS = {
    "rectify": (texts.AS_BODY, access.is_body),
    "confirm_done": (texts.AS_DEPUTY, access.is_deputy),
    "problems": (texts.AS_STAFF, access.is_staff),
}


@conversation(
    "rectifications",
    starts=("整改", "问题整改", "/rectifications", "rectifications"),
    menu=texts.MENU,
    allowed=access.has_rectifications,
)
def rectifications(talk: Talk) -> Reply:
    """One word for all: it leads to what somebody has to do with them."""
    ways = [Option(name, label) for name, (label, may) in _WAYS.items() if may(talk.holdings)]
    return Reply(Phrase(""), then=Start(talk.ask("as", Choice(ways, only=True), texts.AS_WHOM)))


# --- the body


def _to_rectify(store: Store, person_id: int) -> list[Rectification]:
    return store.rectifications.of_bodies(access.bodies_of(store.people.holdings(person_id)))


@conversation("rectify", allowed=access.is_body, due=lambda store, person: bool(_to_rectify(store, person)))
def rectify(talk: Talk) -> Reply:
    """What lies with somebody's body; prompts begin it, too."""
    found = _to_rectify(talk.store, talk.person.id)
    if not found:
        return Reply(texts.BODY_NONE)
    options = [Option(str(one.number), texts.option(one, today_of(talk, one))) for one in found]
    chosen = talk.ask("which", Listed(options), texts.body_list(len(found)))
    return Reply(Phrase(""), then=Start("rectification", {"number": int(chosen)}))


@conversation("rectification", draft=texts.MENU, allowed=access.is_body)
def rectification(talk: Talk) -> Reply:
    """One of them: accept it, plan, report it done. Afterwards those that are left are listed."""
    number = talk.arguments["number"]
    one = access.check_can_rectify(talk.holdings, talk.store.rectifications.get(number))
    options = [*moves_of(one, Part.BODY), *views_of(talk, one)]
    match talk.ask("action", Choice(options), _card(talk, one)):
        case "leave":
            return Reply(Phrase(""), then=Start("rectify"))
        case "files" | "history" as view:
            return _shown(talk, one, view, Start("rectification", {"number": number}))
        case then:
            said = advance(talk, one, Stage(then), Part.BODY)
    return Reply(said, then=Start("rectify") if _to_rectify(talk.store, talk.person.id) else None)


# --- deputies


def _to_confirm(store: Store, person_id: int) -> list[Rectification]:
    congresses = access.congresses_of(store.people.holdings(person_id), Role.DEPUTY)
    return store.rectifications.unconfirmed(person_id, congresses)


@conversation("confirm_done", allowed=access.is_deputy, due=lambda store, person: bool(_to_confirm(store, person)))
def confirm_done(talk: Talk) -> Reply:
    """What was reported done to a deputy; prompts begin it, too."""
    found = _to_confirm(talk.store, talk.person.id)
    if not found:
        return Reply(texts.DEPUTY_NONE)
    options = [Option(str(one.number), texts.option(one, today_of(talk, one))) for one in found]
    chosen = talk.ask("which", Listed(options), texts.deputy_list(len(found)))
    return Reply(Phrase(""), then=Start("confirm", {"number": int(chosen)}))


@conversation("confirm", draft=texts.MENU, allowed=access.is_deputy)
def confirm(talk: Talk) -> Reply:
    """Strike one off (销号), or send it back with a reason. Afterwards those that are left are listed."""
    number = talk.arguments["number"]
    one = talk.store.rectifications.get(number)
    group = talk.store.liaisons.group(one.project) if one else []
    one = access.check_can_confirm(talk.person.id, talk.holdings, group, one)
    options = [*moves_of(one, Part.DEPUTY), *views_of(talk, one)]
    match talk.ask("action", Choice(options), _card(talk, one)):
        case "leave":
            return Reply(Phrase(""), then=Start("confirm_done"))
        case "files" | "history" as view:
            return _shown(talk, one, view, Start("confirm", {"number": number}))
        case then:
            said = advance(talk, one, Stage(then), Part.DEPUTY)
    return Reply(said, then=Start("confirm_done") if _to_confirm(talk.store, talk.person.id) else None)


def _card(talk: Talk, one: Rectification) -> Phrase:
    """With what was said of it last: how it was put right, or why it was sent back."""
    return lines([texts.card(one, today_of(talk, one)), history_of(talk, one)[-1]])


def _shown(talk: Talk, one: Rectification, view: str, again: Start) -> Reply:
    if view == "history":
        return Reply(lines(history_of(talk, one)), then=again)
    files = files_of(talk, one)
    return Reply(texts.files_shown(len(files)), files, then=again)
