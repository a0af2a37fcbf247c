"""Residents look after what they proposed, and support their neighbours."""

from functools import partial

from handlers import access
from handlers.messages import Recipe
from handlers.note_corrections import offer
from handlers.notices import duty, of_proposal
from handlers.places import GridCell, place_name
from handlers.questions import Choice, Pick, Text
from handlers.routes import conversation
from handlers.talk import Option, Reply, Start, Talk
from handlers.texts import notices
from handlers.texts import proposals as texts
from handlers.texts.phrase import Phrase, lines
from handlers.texts.titles import NO, TO_MENU, YES
from handlers.texts.words import SHOWN, day
from storage.consents import Consents
from storage.domain.areas import Area
from storage.domain.proposal_status import OPEN, Status, may_follow
from storage.domain.roles import Role
from storage.links import How, Target
from storage.proposals import Event, Proposal

EVENTS_SHOWN = 8
_MENU = Option("menu", TO_MENU)


@conversation("mine", starts=("我的建议", "查询", "进度", "/mine", "mine"), menu=texts.MENU_MINE)
def mine(talk: Talk) -> Reply:
    """List, read by number, add a remark, withdraw. Deputies find here what they brought in for others, too."""
    store = talk.store.proposals
    own = Pick(
        partial(store.of_concerned, talk.person.id),
        texts.option,
        lambda _: texts.MINE,
        texts.MINE_NONE,
        [_MENU],
        only=True,
    )
    chosen = talk.ask("number", own, texts.MINE)
    if chosen == "menu":
        return Reply(Phrase(""), then=Start("menu"))
    number = int(chosen)
    proposal = access.check_can_add(talk.person.id, store.concerned(number), store.get(number))
    card, goes_on = _card(talk, proposal)
    actions = [Option("remark", texts.REMARK), *([Option("whole", texts.WHOLE)] if goes_on else []), _MENU]
    if talk.person.id in store.authors(number) and may_follow(proposal.status, Status.WITHDRAWN):
        actions.insert(1, Option("withdraw", texts.WITHDRAW))
    match talk.ask("action", Choice(actions), card):
        case "remark":
            return _remark(talk, number)
        case "whole":
            return Reply(texts.WHOLE_SENT, [whole(talk, number)])
        case "withdraw":
            return _withdraw(talk, proposal)
    return Reply(Phrase(""), then=Start("menu"))


def _card(talk: Talk, proposal: Proposal) -> tuple[Phrase, bool]:
    told, goes_on = history(talk, proposal)
    card = texts.mine_card(proposal, place_name(talk, proposal.cell_id), told)
    return lines([card, _agreeing(talk, proposal)]), goes_on


def _agreeing(talk: Talk, proposal: Proposal) -> Phrase:
    """Where somebody lets us tell them how it goes on, if nothing is left of what they agreed to before: a notice uses
    a consent up, and may have brought them here."""
    where = talk.agrees_at
    if not where or proposal.status not in OPEN or Consents(talk.store.unit).of([talk.account_id]):
        return Phrase("")
    return texts.agree(where)


def history(talk: Talk, proposal: Proposal) -> tuple[list[Phrase], bool]:
    """What became of a proposal, a line each, in the congress's time; and whether a card says less than all."""
    zone = talk.store.congresses.get(proposal.congress_id).timezone
    rows = talk.store.proposals.history(proposal.number, EVENTS_SHOWN + 1)
    told, goes_on = [], len(rows) > EVENTS_SHOWN or len(proposal.body) > SHOWN
    for kind, status, reason, body, _, at, _ in rows[-EVENTS_SHOWN:]:
        line = texts.history_line(Event(kind), Status(status) if status else None, reason, body or "")
        told.append(day(at, zone) + Phrase(" ") + line)
        goes_on |= len(body or "") > texts.QUOTED and status != Status.RECEIVED
    return told, goes_on


def whole(talk: Talk, number: int, *, neighbours: bool = False) -> Recipe:
    """A file with all that a proposal says; for neighbours without its history."""
    about = {"number": number, "neighbours": neighbours, "language": talk.person.language}
    return Recipe("proposal", f"{number}.txt", "text/plain", about)


def _remark(talk: Talk, number: int) -> Reply:
    words = talk.ask("text", Text(), texts.REMARK_WHAT)
    talk.store.proposals.say(number, Event.REMARK, words)
    talk.store.links.add(talk.heard_messages, Target.PROPOSAL, number, How.STATED)
    return Reply(texts.remarked(number))


def _withdraw(talk: Talk, proposal: Proposal) -> Reply:
    if talk.ask("sure", Choice([Option("yes", YES), Option("no", NO)]), texts.WITHDRAW_SURE) == "no":
        return Reply(texts.KEPT_AS_IT_IS)
    if not may_follow(proposal.status, Status.WITHDRAWN):
        return Reply(texts.cannot_withdraw(proposal.status))
    talk.store.proposals.change_status(proposal.number, Status.WITHDRAWN)
    return Reply(texts.withdrawn(proposal.number))


@conversation("support", starts=("我也要", "邻居的建议", "/support", "support"), menu=texts.MENU_SUPPORT)
def support(talk: Talk) -> Reply:
    """Say "I want that too" to what staff have cleared for showing."""
    own = talk.person.cell_id
    known = {"cell": own, "how": How.STATED} if own else {}
    where = talk.ask("where", GridCell(known=known), texts.SUPPORT_WHERE)
    near = Pick(
        partial(_shown_near, talk, where.cell), _neighbour_option, lambda _: texts.SUPPORT, texts.SUPPORT_NONE, [_MENU]
    )
    chosen = talk.ask("number", near, texts.SUPPORT)
    if chosen == "menu":
        return Reply(Phrase(""), then=Start("menu"))
    store = talk.store.proposals
    number = int(chosen)
    proposal = access.check_can_support(talk.person.id, store.authors(number), store.get(number))
    card = texts.neighbour_card(proposal, access.masked(proposal.body), place_name(talk, proposal.cell_id))
    options = [Option("yes", texts.ME_TOO), Option("no", texts.LEAVE)]
    if len(proposal.body) > SHOWN:
        options.append(Option("whole", texts.WHOLE))
    match talk.ask("sure", Choice(options), card):
        case "no":
            return Reply(texts.KEPT_AS_IT_IS)
        case "whole":
            return Reply(texts.WHOLE_SENT, [whole(talk, number, neighbours=True)])
    if not store.support(number, talk.person.id):
        return Reply(texts.supported_before(number))
    return Reply(texts.supported(number, proposal.supporters + 1))


def _neighbour_option(proposal: Proposal) -> Phrase:
    return texts.neighbour_option(proposal, access.masked(proposal.body))


def _shown_near(talk: Talk, cell: Area | None, below: int | None, limit: int) -> list[Proposal]:
    """In the cell, else in its village, else in its township: the nearest that has any."""
    if cell is None:
        return talk.store.proposals.shown_near("/", below, limit)
    for area in [cell, *reversed(talk.store.areas.ancestors(cell.id))][:3]:
        found = talk.store.proposals.shown_near(area.path, below, limit)
        if found or (below is not None and talk.store.proposals.shown_near(area.path, limit=1)):
            return found
    return []


@conversation("answer_office", draft=texts.ANSWER_OFFICE, notice=of_proposal(notices.STANDS[Status.ASKED]))
def answer_office(talk: Talk) -> Reply:
    """The office asked the author back; what they say lands on the proposal."""
    number = talk.arguments["number"]
    talk.concerns(notices.proposal(number))
    words = talk.ask("text", Text(reply=True), texts.asked_back(number, talk.arguments["question"]))
    proposal = talk.store.proposals.get(number)
    talk.store.proposals.say(number, Event.REMARK, words)
    talk.store.links.add(talk.heard_messages, Target.PROPOSAL, number, How.STATED)
    if proposal and proposal.status is Status.ASKED:
        talk.store.proposals.change_status(number, Status.RECEIVED)
    if proposal:
        news, notice = texts.answer_came(number, words), duty(notices.ANSWER_CAME, notices.proposal(number))
        for person_id in _askers(talk, proposal):
            talk.tell(person_id, news, asked_for=True, own_words=True, notice=notice)
    return Reply(texts.answered_back(number))


def _askers(talk: Talk, proposal: Proposal) -> list[int]:
    """Who asked; all of the office where that one has left it."""
    asked_by: int = talk.arguments["asked_by"]
    if access.may_read_answer(talk.store.people.holdings(asked_by), proposal):
        return [asked_by]
    return [holding.person_id for holding in talk.store.people.holders(proposal.congress_id, Role.STAFF)]


@conversation("edited")
def edited(talk: Talk) -> Reply:
    """Somebody rewrote a message: what it says now is added to the proposal that it had become."""
    words = talk.arguments["text"]
    if not words:
        return Reply(Phrase(""))
    original = talk.store.links.message_of(talk.arguments["channel"], talk.arguments["key"])
    numbers = talk.store.links.proposals_of(original) if original else []
    own = [number for number in numbers if talk.person.id in talk.store.proposals.concerned(number)]
    for number in own:
        talk.store.proposals.say(number, Event.REMARK, words)
        talk.store.links.add(talk.heard_messages, Target.PROPOSAL, number, How.STATED)
    if own:
        return Reply(texts.remarked(own[0]))
    if original and (offered := offer(talk, original, words)):
        return offered
    return Reply(texts.EDIT_NOTED_OPEN if talk.arguments["open"] else texts.EDIT_NOTED)
