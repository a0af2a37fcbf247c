"""Problems that were handed over: the people of a body put them right, and a deputy confirms it or sends them back."""

from collections.abc import Callable, Iterable

from handlers import access
from handlers.notices import duty
from handlers.questions import Choice
from handlers.rectification_steps import advance, card_of, moves_of, pick, shown, today_of, views_of
from handlers.routes import conversation
from handlers.talk import Option, Reply, Start, Talk
from handlers.texts import notices
from handlers.texts import rectifications as texts
from handlers.texts.phrase import Phrase
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


@conversation(
    "rectify",
    allowed=access.is_body,
    due=lambda store, person: bool(_to_rectify(store, person)),
    notice=duty(notices.RECTIFY),
)
def rectify(talk: Talk) -> Reply:
    """What lies with somebody's body; prompts begin it, too."""
    found = _to_rectify(talk.store, talk.person.id)
    due = min((one.due_on for one in found), default=None)
    talk.concerns(notices.problems([one.title for one in found]), until=due)
    return pick(talk, _listed(talk, found), texts.BODY_NONE, texts.body_list(len(found)), "rectification")


@conversation("rectification", draft=texts.MENU, allowed=access.is_body, behind=lambda _: Start("rectify"))
def rectification(talk: Talk) -> Reply:
    """One of them: accept it, plan, report it done. Afterwards those that are left are listed."""
    number = talk.arguments["number"]
    one = access.check_can_rectify(talk.holdings, talk.store.rectifications.get(number))
    return _handled(talk, one, Part.BODY, Start("rectification", {"number": number}), "rectify", _to_rectify)


# --- deputies


def _to_confirm(store: Store, person_id: int) -> list[Rectification]:
    congresses = access.congresses_of(store.people.holdings(person_id), Role.DEPUTY)
    return store.rectifications.unconfirmed(person_id, congresses)


@conversation(
    "confirm_done",
    allowed=access.is_deputy,
    due=lambda store, person: bool(_to_confirm(store, person)),
    notice=duty(notices.CONFIRM),
)
def confirm_done(talk: Talk) -> Reply:
    """What was reported done to a deputy; prompts begin it, too."""
    found = _to_confirm(talk.store, talk.person.id)
    talk.concerns(notices.problems([one.title for one in found]))
    return pick(talk, _listed(talk, found), texts.DEPUTY_NONE, texts.deputy_list(len(found)), "confirm")


@conversation("confirm", draft=texts.MENU, allowed=access.is_deputy, behind=lambda _: Start("confirm_done"))
def confirm(talk: Talk) -> Reply:
    """Strike one off (销号), or send it back with a reason. Afterwards those that are left are listed."""
    number = talk.arguments["number"]
    one = talk.store.rectifications.get(number)
    group = talk.store.liaisons.group(one.project) if one else []
    one = access.check_can_confirm(talk.person.id, talk.holdings, group, one)
    return _handled(talk, one, Part.DEPUTY, Start("confirm", {"number": number}), "confirm_done", _to_confirm)


# --- both


def _listed(talk: Talk, found: Iterable[Rectification]) -> dict[int, Phrase]:
    return {one.number: texts.option(one, today_of(talk, one)) for one in found}


def _handled(
    talk: Talk,
    one: Rectification,
    part: Part,
    again: Start,
    list_name: str,
    left: Callable[[Store, int], list[Rectification]],
) -> Reply:
    """Take a step, or look at it; then what is `left` is listed by the conversation of that name, but what was just
    accepted is shown again where it is the only one."""
    options = [*moves_of(one, part), *views_of(talk, one)]
    match talk.ask("action", Choice(options), card_of(talk, one)):
        case "leave":
            return Reply(Phrase(""), then=Start(list_name))
        case "files" | "history" as view:
            return shown(talk, one, view, again)
        case then:
            said = advance(talk, one, Stage(then), part)
            rest = left(talk.store, talk.person.id)
            if then == Stage.ACCEPTED and len(rest) == 1:
                return Reply(said, then=again)  # the next step is the same person's, and nothing else waits
    return Reply(said, then=Start(list_name) if rest else None)
