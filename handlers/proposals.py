"""Residents propose, look after what they proposed, and support their neighbours."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from handlers import access
from handlers.questions import Choice, GridCell, Located, Photos, Text
from handlers.routes import conversation
from handlers.talk import Option, Reply, Start, Talk
from handlers.texts import proposals as texts
from handlers.texts.phrase import Phrase
from handlers.texts.titles import NO, YES
from handlers.texts.words import PLACE_OPEN, STATUS
from storage.congresses import Congress
from storage.domain.areas import Area
from storage.domain.categories import guess
from storage.domain.cycle import Cycle
from storage.domain.proposal_status import Status, may_follow
from storage.links import How, Target
from storage.proposals import Event, New, Proposal, Source

LISTED = 10


@conversation("suggest", starts=("提建议", "我要提建议", "建议", "/suggest", "suggest"), menu=texts.MENU_SUGGEST)
def suggest(talk: Talk) -> Reply:
    """What, where, photos; then it has a number."""
    what = talk.ask("what", Text(), texts.SUGGEST_WHAT)
    known = talk.arguments.get("where", {})
    where = talk.ask("where", GridCell(hint=what, known=known), texts.SUGGEST_WHERE)
    photos = talk.ask("photos", Photos(at_most=9), texts.SUGGEST_PHOTOS)
    heard_by = hearing(talk, where.cell)
    chosen = heard_by
    if len(heard_by) > 1:
        options = [Option(str(congress.id), Phrase(congress.name)) for congress, _ in heard_by]
        to = talk.ask("congress", Choice([*options, Option("both", texts.BOTH)]), texts.SUGGEST_CONGRESS)
        chosen = [one for one in heard_by if to in ("both", str(one[0].id))]
    summary = texts.suggest_summary(what, place_name(talk, where.cell).zh, photos, [one.name for one, _ in chosen])
    talk.confirm(summary)
    author = _author(talk)
    numbers = [_add(talk, what, where, congress, cycle, author) for congress, cycle in chosen]
    if "deputy" in talk.arguments:
        talk.tell(talk.arguments["deputy"], texts.came_by_your_code(numbers[0]))
    return Reply(texts.suggest_thanks(numbers))


def hearing(talk: Talk, cell: Area | None) -> list[tuple[Congress, Cycle]]:
    """The congresses that collect proposals for a place now; ends the conversation, kept as a draft, without any."""
    found = []
    closed: Phrase | None = None
    for congress, cycle in talk.store.congresses.with_cycles(cell):
        if cycle and cycle.hears(congress.today(talk.now)):
            found.append((congress, cycle))
        elif cycle and closed is None:
            closed = texts.not_collecting(congress.name, cycle.collecting_from, cycle.collecting_to)
    if not found:
        talk.end(closed or texts.NOBODY_COLLECTS, keep=True)
    # Without a place, the nearest level hears it: staff find the place and pass it on.
    return found if cell else found[:1]


def _author(talk: Talk) -> tuple[tuple[int, ...], int | None]:
    """Whose proposal it is, and who brought it in for them; nobody's for a form without a name."""
    if "source" not in talk.arguments:
        return (talk.person.id,), None
    name, telephone = talk.arguments["name"], talk.arguments["telephone"]
    author = talk.store.people.add(name, telephone)
    return (author,), talk.person.id


def _add(
    talk: Talk, what: str, where: Located, congress: Congress, cycle: Cycle, author: tuple[tuple[int, ...], int | None]
) -> int:
    authors, brought_by = author
    number = talk.store.proposals.add(
        New(
            congress_id=congress.id,
            cycle_id=cycle.id,
            body=what,
            category=guess(what),
            cell_id=where.cell.id if where.cell else None,
            located_how=where.how,
            source=Source(talk.arguments.get("source", Source.CHAT)),
            authors=authors,
            brought_by=brought_by,
            latitude=where.place.latitude if where.place else None,
            longitude=where.place.longitude if where.place else None,
        )
    )
    link(talk, talk.heard_messages, number, where)
    return number


def link(talk: Talk, messages: Sequence[int], number: int, where: Located) -> None:
    """Every message of the conversation speaks of the proposal, and of its cell."""
    talk.store.links.add(messages, Target.PROPOSAL, number, How.STATED)
    if where.cell:
        how = How(where.how) if where.how in list(How) else How.STATED
        talk.store.links.add(messages, Target.CELL, where.cell.id, how)


def place_name(talk: Talk, cell: Area | None) -> Phrase:
    return Phrase(talk.store.areas.title(cell)) if cell else PLACE_OPEN


@conversation("unprompted")
def unprompted(talk: Talk) -> Reply:
    """Something was written outside any conversation: ask whether it is a proposal. It is kept in any case."""
    text = talk.arguments["text"]
    office = texts.right_office(text)
    prompt = texts.UNPROMPTED if text else texts.UNPROMPTED_FILE
    if office:
        prompt = office + Phrase("\n", "\n") + prompt
    if talk.ask("is", Choice([Option("yes", YES), Option("no", NO)]), prompt) == "no":
        return Reply(texts.KEPT)
    answers: dict[str, object] = {"what": text} if text else {}
    return Reply(Phrase(""), then=Start("suggest", _known_place(talk), answers, talk.heard_messages))


def _known_place(talk: Talk) -> dict[str, object]:
    """Where a location was sent from, when the conversation began with one."""
    place = talk.arguments.get("place")
    cells = talk.store.areas.locate(*place) if place else []
    if not place or not cells:
        return {}
    where = {"cell": cells[0].id, "how": How.LOCATION, "latitude": place[0], "longitude": place[1]}
    return {"where": where}


@conversation("mine", starts=("我的建议", "查询", "进度", "/mine", "mine"), menu=texts.MENU_MINE)
def mine(talk: Talk) -> Reply:
    """List, read by number, add a remark, withdraw."""
    own = talk.store.proposals.of_author(talk.person.id, limit=LISTED)
    if not own:
        return Reply(texts.MINE_NONE)
    options = [Option(str(proposal.number), texts.option(proposal)) for proposal in own]
    number = int(talk.ask("number", Choice(options, only=True), texts.mine_list(len(own))))
    authors = talk.store.proposals.authors(number)
    proposal = access.check_can_change(talk.person.id, authors, talk.store.proposals.get(number))
    actions = [Option("remark", texts.REMARK), Option("leave", texts.LEAVE)]
    if may_follow(proposal.status, Status.WITHDRAWN):
        actions.insert(1, Option("withdraw", texts.WITHDRAW))
    match talk.ask("action", Choice(actions), _card(talk, proposal)):
        case "remark":
            return _remark(talk, number)
        case "withdraw":
            return _withdraw(talk, proposal)
    return Reply(texts.KEPT_AS_IT_IS)


def _card(talk: Talk, proposal: Proposal) -> Phrase:
    cell = talk.store.areas.area(proposal.cell_id) if proposal.cell_id else None
    return texts.mine_card(proposal, proposal.body, place_name(talk, cell).zh, history(talk, proposal))


def history(talk: Talk, proposal: Proposal) -> list[Phrase]:
    """What became of a proposal, a line each, in the congress's time."""
    zone = ZoneInfo(talk.store.congresses.get(proposal.congress_id).timezone)
    told = []
    for kind, status, reason, body, _, at in talk.store.proposals.history(proposal.number)[-8:]:
        line = texts.history_line(Event(kind), Status(status) if status else None, reason, body or "")
        told.append(Phrase(f"{at.astimezone(zone):%-m月%-d日} ", f"{at.astimezone(zone):%Y-%m-%d} ") + line)
    return told


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
    near = _shown_near(talk, where.cell)
    options = [Option(str(one.number), texts.neighbour_option(one, access.masked(one.body))) for one in near]
    if not options:
        return Reply(texts.SUPPORT_NONE)
    number = int(talk.ask("number", Choice(options), texts.SUPPORT_WHICH))
    proposal = talk.store.proposals.get(number)
    authors = talk.store.proposals.authors(number)
    proposal = access.check_can_support(talk.person.id, authors, proposal)
    cell = talk.store.areas.area(proposal.cell_id) if proposal.cell_id else None
    card = texts.neighbour_card(proposal, access.masked(proposal.body), place_name(talk, cell).zh)
    if talk.ask("sure", Choice([Option("yes", texts.ME_TOO), Option("no", texts.LEAVE)]), card) == "no":
        return Reply(texts.KEPT_AS_IT_IS)
    if not talk.store.proposals.support(number, talk.person.id):
        return Reply(texts.supported_before(number))
    talk.store.links.add(talk.heard_messages[-1:], Target.PROPOSAL, number, How.CHOICE)
    return Reply(texts.supported(number, proposal.supporters + 1))


def _shown_near(talk: Talk, cell: Area | None) -> list[Proposal]:
    """In the cell, else in its village, else in its township: the nearest that has any."""
    if cell is None:
        return talk.store.proposals.shown_near("/", limit=LISTED)
    for area in [cell, *reversed(talk.store.areas.ancestors(cell.id))][:3]:
        if found := talk.store.proposals.shown_near(area.path, limit=LISTED):
            return found
    return []


@conversation("answer_office")
def answer_office(talk: Talk) -> Reply:
    """The office asked the author back; what they say lands on the proposal."""
    number = talk.arguments["number"]
    words = talk.ask("text", Text(), texts.asked_back(number, talk.arguments["question"]))
    proposal = talk.store.proposals.get(number)
    talk.store.proposals.say(number, Event.REMARK, words)
    talk.store.links.add(talk.heard_messages, Target.PROPOSAL, number, How.STATED)
    if proposal and proposal.status is Status.ASKED:
        talk.store.proposals.change_status(number, Status.RECEIVED)
    talk.tell(talk.arguments["asked_by"], texts.answer_came(number, words))
    return Reply(texts.answered_back(number))


@conversation("edited")
def edited(talk: Talk) -> Reply:
    """Somebody rewrote a message: what it says now is added to the proposal that it had become."""
    original = talk.store.links.message_of(talk.arguments["channel"], talk.arguments["key"])
    numbers = talk.store.links.proposals_of(original) if original else []
    words = talk.arguments["text"]
    if not numbers or not words:
        return Reply(texts.EDIT_NOTED)
    own = [number for number in numbers if talk.person.id in talk.store.proposals.authors(number)]
    for number in own:
        talk.store.proposals.say(number, Event.REMARK, words)
        talk.store.links.add(talk.heard_messages, Target.PROPOSAL, number, How.STATED)
    return Reply(texts.remarked(own[0]) if own else texts.EDIT_NOTED)
