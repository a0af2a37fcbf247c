"""The congress office: the ledger with its filters, and everything that is done to one proposal."""

from datetime import datetime, timedelta
from functools import partial

from handlers import access
from handlers.messages import KeptFile, NoticeKind, Recipe
from handlers.notices import of_proposal
from handlers.places import GridCell, place_name
from handlers.proposals import history, whole
from handlers.questions import Choice, Number, Pick, Text
from handlers.routes import conversation
from handlers.talk import Misfit, Option, Reach, Reply, Start, Talk
from handlers.texts import notices
from handlers.texts import proposals as told
from handlers.texts import staff as texts
from handlers.texts.phrase import Phrase, lines
from handlers.texts.titles import NO, TO_MENU, YES
from handlers.texts.words import CATEGORY, REASON, STATUS, day
from storage.domain.categories import Category
from storage.domain.proposal_status import Reason, Status, may_follow
from storage.domain.roles import Role
from storage.links import Target
from storage.proposal_filter import Filter
from storage.proposals import Event, Proposal

LISTED = 10
SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WEEK = timedelta(days=7)


def own_congress(talk: Talk) -> int:
    """The congress for which staff act now; asked only where there are several."""
    ids = access.congresses_of(talk.holdings, Role.STAFF)
    if len(ids) == 1:
        return ids[0]
    options = [Option(str(one), Phrase(talk.store.congresses.get(one).name)) for one in ids]
    return int(talk.ask("congress", Choice(options, strict=True), texts.WHICH_CONGRESS))


_FILTERS = {
    "new": texts.NEW_ONES,
    "waiting": texts.WAITING_LONG,
    "week": texts.THIS_WEEK,
    "unlocated": texts.UNLOCATED,
    "cell": texts.BY_CELL,
    "category": texts.BY_CATEGORY,
    "status": texts.BY_STATUS,
    "number": texts.BY_NUMBER,
    "all": texts.ALL,
    "file": texts.AS_FILE,
    "load": texts.LOAD_FILE,
}


@conversation(
    "ledger", starts=("台账", "建议台账", "/ledger", "ledger"), menu=texts.MENU_LEDGER, allowed=access.is_staff
)
def ledger(talk: Talk) -> Reply:
    """Filter, page, read one."""
    congress_id = own_congress(talk)
    filters = [*(Option(name, label) for name, label in _FILTERS.items()), Option("menu", TO_MENU)]
    kind = talk.ask("filter", Choice(filters), texts.WHICH_FILTER)
    match kind:
        case "menu":
            return Reply(Phrase(""), then=Start("menu"))
        case "number":
            number = talk.ask("number", Number(partial(_check, talk)), texts.WHICH_NUMBER)
            return Reply(Phrase(""), then=Start("handle", {"number": number}))
        case "file":
            today = talk.store.congresses.get(congress_id).today(talk.now)
            recipe = Recipe("ledger", f"台账-{today:%Y%m%d}.xlsx", SPREADSHEET, {"congress": congress_id})
            return Reply(texts.LEDGER_FILE, files=[recipe])
        case "load":
            return Reply(Phrase(""), then=Start("load_ledger", {"congress": congress_id}))
    wanted = _filter(talk, kind)
    store = talk.store.proposals
    found = Pick(
        partial(store.ledger, congress_id, wanted),
        partial(_line, talk),
        lambda shown: texts.ledger_list(store.count(congress_id, wanted), shown),
        texts.NOTHING_FOUND,
        [Option("filter", texts.OTHER_FILTER)],
    )
    chosen = talk.ask("which", found, texts.LEDGER)
    if chosen == "filter":
        return Reply(Phrase(""), then=Start("ledger"))
    return Reply(Phrase(""), then=Start("handle", {"number": int(chosen)}))


def _check(talk: Talk, number: int) -> None:
    """Raises Misfit for a number that is no proposal of the staff's congress."""
    try:
        access.check_can_handle(talk.holdings, talk.store.proposals.get(number))
    except access.Denied as denied:
        raise Misfit(denied.why) from None


def _filter(talk: Talk, kind: str) -> Filter:
    match kind:
        case "new":
            return Filter(status=Status.RECEIVED)
        case "waiting":
            return Filter(status=Status.RECEIVED, before=talk.now - WEEK)
        case "week":
            return Filter(since=talk.now - WEEK)
        case "unlocated":
            return Filter(unlocated=True)
        case "cell":
            where = talk.ask("where", GridCell(may_be_open=False), texts.WHICH_CELL)
            return Filter(cell_id=where.cell.id if where.cell else None)
        case "category":
            options = [Option(category, CATEGORY[category]) for category in Category]
            return Filter(category=Category(talk.ask("category", Choice(options), texts.WHICH_CATEGORY)))
        case "status":
            stati = [Option(status, STATUS[status]) for status in Status]
            return Filter(status=Status(talk.ask("status", Choice(stati), texts.WHICH_STATUS)))
    return Filter()


def _line(talk: Talk, proposal: Proposal) -> Phrase:
    return texts.ledger_option(proposal, place_name(talk, proposal.cell_id), (talk.now - proposal.created_at).days)


_ACTIONS: dict[str, tuple[Phrase, Status | None]] = {
    "answer": (texts.ANSWER, None),
    "ask": (texts.ASK_BACK, Status.ASKED),
    "take_up": (texts.TAKE_UP, Status.TAKEN_UP),
    "decline": (texts.DECLINE, Status.DECLINED),
    "reserve": (texts.RESERVE, Status.RESERVE),
    "reopen": (texts.REOPEN, Status.RECEIVED),
    "cell": (texts.CORRECT_CELL, None),
    "category": (texts.CORRECT_CATEGORY, None),
    "clear": (texts.CLEAR, None),
    "unclear": (texts.UNCLEAR, None),
    "messages": (texts.MESSAGES, None),
    "files": (texts.SHOW_FILES, None),
    "whole": (told.WHOLE, None),
    "leave": (texts.LEAVE, None),
}


@conversation("handle", allowed=access.is_staff)
def handle(talk: Talk) -> Reply:
    """Everything that staff may do to one proposal. Afterwards it is shown again."""
    number = talk.arguments["number"]
    proposal = access.check_can_handle(talk.holdings, talk.store.proposals.get(number))
    kept = talk.store.attachments.about(Target.PROPOSAL, number)
    card, goes_on = _card(talk, proposal)
    useless = {"clear" if proposal.cleared_at else "unclear", "" if kept else "files", "" if goes_on else "whole"}
    options = [
        Option(name, label)
        for name, (label, status) in _ACTIONS.items()
        if (status is None or status is proposal.status is Status.ASKED or may_follow(proposal.status, status))
        and name not in useless
    ]
    match talk.ask("action", Choice(options), card):
        case "answer":
            said = _answer(talk, proposal)
        case "ask":
            said = _ask_back(talk, proposal)
        case "decline":
            said = _decline(talk, proposal)
        case "take_up" | "reserve" | "reopen" as action:
            said = _move(talk, proposal, _ACTIONS[action][1] or Status.RECEIVED)
        case "cell" | "category" | "clear" | "unclear" as action:
            said = _correct(talk, proposal, action)
        case "files":
            files = [KeptFile(*file) for file in kept]
            return Reply(texts.files_shown(len(files)), files, then=Start("handle", {"number": number}))
        case "whole":
            return Reply(told.WHOLE_SENT, [whole(talk, number)], then=Start("handle", {"number": number}))
        case "messages":
            return Reply(Phrase(""), then=Start("relink", {"number": number}))
        case _:
            return Reply(Phrase(""), then=Start("ledger"))
    return Reply(said, then=Start("handle", {"number": number}))


def _card(talk: Talk, proposal: Proposal) -> tuple[Phrase, bool]:
    """What staff see of a proposal, and whether there is more."""
    authors = [(name, telephone) for name, telephone, _ in talk.store.proposals.author_names(proposal.number)]
    states = [file.state for file in talk.store.links.files_about(Target.PROPOSAL, proposal.number)]
    counted = texts.files(
        states.count("stored"), states.count("wanted"), states.count("failed") + states.count("refused")
    )
    past, goes_on = history(talk, proposal)
    return texts.card(proposal, place_name(talk, proposal.cell_id), authors, [counted], past), goes_on


def _tell_authors(talk: Talk, number: int, text: Phrase, what: Phrase) -> Phrase:
    """Tell everybody concerned, `what` in a word; what staff read of it."""
    notice = of_proposal(what, number)
    told_each = [talk.tell(person_id, text, notice=notice) for person_id in talk.store.proposals.concerned(number)]
    return texts.done(number) if any(told_each) else lines([texts.recorded(number), _unheard(talk, number)])


def _unheard(talk: Talk, number: int) -> Phrase:
    """Why nobody concerned hears of it, and whom to call instead."""
    telephones = [(name, telephone) for name, telephone, _ in talk.store.proposals.author_names(number) if telephone]
    why = {talk.reach(person_id, NoticeKind.PROPOSAL) for person_id in talk.store.proposals.concerned(number)}
    return texts.call_instead(next((said for reach, said in _UNHEARD if reach in why), texts.NOWHERE), telephones)


_UNHEARD = (
    (Reach.REMINDED, texts.REMINDED),
    (Reach.QUIET, texts.QUIET),
    (Reach.AWAITED, texts.AWAY),
    (Reach.AWAY, texts.AWAY),
)


def _answer(talk: Talk, proposal: Proposal) -> Phrase:
    words = talk.ask("text", Text(), texts.ANSWER_WHAT)
    talk.store.proposals.say(proposal.number, Event.ANSWER, words)
    return _tell_authors(talk, proposal.number, told.told_answer(proposal.number, words), notices.ANSWERED)


def _ask_back(talk: Talk, proposal: Proposal) -> Phrase:
    people = talk.store.proposals.concerned(proposal.number)
    if all(talk.reach(person_id) is Reach.NOWHERE for person_id in people):
        return _unheard(talk, proposal.number)
    words = talk.ask("text", Text(), texts.ASK_WHAT)
    if proposal.status is not Status.ASKED:
        if not may_follow(proposal.status, Status.ASKED):
            return texts.cannot(proposal)
        talk.store.proposals.change_status(proposal.number, Status.ASKED)
    talk.store.proposals.say(proposal.number, Event.QUESTION, words)
    question = {"number": proposal.number, "question": words, "asked_by": talk.person.id}
    asked = [talk.prompt(person_id, "answer_office", question) for person_id in people]
    return texts.asked(proposal.number) if any(asked) else _unheard(talk, proposal.number)


def _decline(talk: Talk, proposal: Proposal) -> Phrase:
    options = [Option(reason, REASON[reason]) for reason in Reason]
    reason = Reason(talk.ask("reason", Choice(options), texts.WHY))
    return _move(talk, proposal, Status.DECLINED, reason)


def _move(talk: Talk, proposal: Proposal, status: Status, reason: Reason | None = None) -> Phrase:
    words = talk.ask("text", Text(default=""), texts.SAY_MORE)
    if not may_follow(proposal.status, status):
        return texts.cannot(proposal)
    talk.store.proposals.change_status(proposal.number, status, reason=reason, body=words)
    news = told.told_status(proposal.number, status, reason, words, None)
    return _tell_authors(talk, proposal.number, news, notices.STANDS[status])


def _correct(talk: Talk, proposal: Proposal, action: str) -> Phrase:
    values: dict[str, int | str | datetime | None]
    match action:
        case "cell":
            where = talk.ask("where", GridCell(), texts.NEW_CELL)
            values = {"cell_id": where.cell.id if where.cell else None}
        case "category":
            options = [Option(category, CATEGORY[category]) for category in Category]
            values = {"category": Category(talk.ask("category", Choice(options), texts.NEW_CATEGORY))}
        case "clear":
            if talk.ask("sure", Choice([Option("yes", YES), Option("no", NO)]), texts.CLEAR_SURE) == "no":
                return told.KEPT_AS_IT_IS
            values = {"cleared_at": talk.now}
        case _:
            values = {"cleared_at": None}
    talk.store.proposals.correct(proposal.number, **values)
    return texts.recorded(proposal.number)


@conversation("relink", allowed=access.is_staff)
def relink(talk: Talk) -> Reply:
    """The messages about a proposal; one that belongs elsewhere is moved there."""
    number = talk.arguments["number"]
    proposal = access.check_can_handle(talk.holdings, talk.store.proposals.get(number))
    zone = talk.store.congresses.get(proposal.congress_id).timezone
    back = Start("handle", {"number": number})
    found = talk.store.links.messages_about(Target.PROPOSAL, number, LISTED)
    if not found:
        return Reply(texts.NO_MESSAGES, then=back)
    options = [Option(str(row.id), texts.message_option(row.text, day(row.at, zone))) for row in found]
    chosen = talk.ask("which", Choice([*options, Option("leave", texts.TO_PROPOSAL)]), texts.WHICH_MESSAGE)
    if chosen == "leave":
        return Reply(Phrase(""), then=back)
    words = talk.store.links.text_of(int(chosen))
    to = talk.ask("number", Number(partial(_check, talk)), texts.to_which(words))
    talk.store.links.move(int(chosen), Target.PROPOSAL, to)
    return Reply(texts.relinked(to), then=back)


@conversation("telephones", starts=("联系不上", "/telephones"), menu=texts.MENU_TELEPHONES, allowed=access.is_staff)
def telephones(talk: Talk) -> Reply:
    """Whom no push reaches, with their telephone, for what must reach them; first, whether a whole channel is shut."""
    congress = talk.store.congresses.get(own_congress(talk))
    rows = talk.store.people.unreachable(congress.id, 50)
    shut = [texts.cannot_send(channel) for channel, _ in talk.store.pauses.faults()]
    listed = [
        texts.unreachable(row.name, row.telephone, day(row.since, congress.timezone), awaits=bool(row.awaits))
        for row in rows
    ]
    return Reply(lines(shut + listed) if shut or listed else texts.NOBODY_UNREACHABLE)
