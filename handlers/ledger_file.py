"""The ledger comes back: a clerk sends the file, sees what it would change, and has it changed.

The file's content is not here yet when its message is handled, so there are two conversations: one takes the message,
the other begins once the file was fetched and read. What is agreed to is done in pieces, a transaction each.
"""

from collections.abc import Sequence
from typing import Any

from handlers import access
from handlers.notices import of_proposal
from handlers.questions import Choice, Document
from handlers.routes import conversation
from handlers.talk import Option, Reply, Start, Talk
from handlers.texts import ledger_file as texts
from handlers.texts import notices
from handlers.texts import proposals as told
from handlers.texts.phrase import Phrase
from handlers.texts.staff import SEND_FILE
from handlers.texts.titles import NO, YES
from storage.audit import Actor
from storage.domain.ledger_changes import Change, Conflict, Decision, Fault, FaultKind, Field, decide
from storage.domain.proposal_status import Reason, Status
from storage.ledger_file import apply, check_rows, standing
from storage.store import Store

PIECE = 10  # changes to a transaction, some 4 ms each on the slower database; two pieces may share one


@conversation("load_ledger", allowed=access.is_staff)
def load_ledger(talk: Talk) -> Reply:
    """Take the file in; what it says is known a moment later."""
    congress_id = talk.arguments["congress"]
    access.check_can_enter(talk.holdings, congress_id)
    message_id = talk.ask("file", Document(), SEND_FILE)
    talk.store.attachments.expect(message_id, "ledger", "ledger_arrived", {"congress": congress_id})
    return Reply(texts.CHECKING)


@conversation("ledger_arrived", allowed=access.is_staff)
def ledger_arrived(talk: Talk) -> Reply:
    """Show what would change; with a yes, change it. `arguments` are what `bot.recipes.ledger_reading` gives."""
    congress_id = talk.arguments["congress"]
    access.check_can_enter(talk.holdings, congress_id)
    decision = talk.remember("decision", lambda: _dump(_decided(talk, congress_id)))
    if decision["faults"]:
        return Reply(texts.faults([Fault(line, FaultKind(kind), *words) for line, kind, *words in decision["faults"]]))
    changes = _changes(decision["changes"])
    conflicts = [_conflict(talk, *one) for one in decision["conflicts"]]
    if not changes:
        return Reply(texts.nothing(conflicts))
    numbers = {change.number for change in changes}
    moved = sum(change.field is Field.STATUS for change in changes)
    summary = texts.summary(len(changes), len(numbers), moved, conflicts)
    if talk.ask("sure", Choice([Option("yes", YES), Option("no", NO)]), summary) == "no":
        return Reply(texts.LEFT_ALONE)
    rest = {"congress": congress_id, "changes": decision["changes"], "message": talk.store.actor.message_id}
    said = texts.going_on(len(changes)) if len(changes) > PIECE else Phrase("")
    return Reply(said, then=Start("ledger_goes_on", {**rest, "done": 0, "passed": []}))


@conversation("ledger_goes_on", allowed=access.is_staff)
def ledger_goes_on(talk: Talk) -> Reply:
    """Make the next changes, on the account of the message that agreed to them, and go on until all are made."""
    congress_id, done, passed = (talk.arguments[name] for name in ("congress", "done", "passed"))
    access.check_can_enter(talk.holdings, congress_id)
    piece, rest = talk.arguments["changes"][:PIECE], talk.arguments["changes"][PIECE:]
    store = Store(talk.store.unit, talk.now, talk.store.areas, Actor(talk.person.id, talk.arguments["message"]))
    applied = apply(store, congress_id, _changes(piece))
    for change in applied.moved:
        _tell_authors(talk, change)
    done += len(applied.changed)
    passed += [[one.number, one.field, one.wanted, one.standing] for one in applied.passed]
    if rest:
        talk.prompt(
            talk.person.id, "ledger_goes_on", {**talk.arguments, "changes": rest, "done": done, "passed": passed}
        )
        return Reply(Phrase(""))
    return Reply(texts.loaded(done, [_conflict(talk, *one) for one in passed]))


def _decided(talk: Talk, congress_id: int) -> Decision:
    arguments = talk.arguments
    faults = [Fault(line, FaultKind(kind), word) for line, kind, word in arguments["faults"]]
    if not faults and arguments["of"] != congress_id:
        faults = [Fault(0, FaultKind.OTHER_CONGRESS)]
    area = talk.store.areas.area(talk.store.congresses.get(congress_id).area_id)
    if area is None or any(fault.line == 0 for fault in faults):
        return Decision(faults=faults)
    rows, misplaced = check_rows(talk.store.areas, area, arguments["rows"])
    now = standing(talk.store.unit, talk.store.areas, congress_id, {row.number for row in rows})
    decision = decide(rows, now)
    decision.faults = sorted([*faults, *misplaced, *decision.faults], key=lambda fault: fault.line)
    return decision


def _dump(decision: Decision) -> dict[str, Any]:
    return {
        "changes": [[one.number, one.field, one.before, one.after, one.reason] for one in decision.changes],
        "conflicts": [[one.number, one.field, one.wanted, one.standing] for one in decision.conflicts],
        "faults": [[one.line, one.kind, one.word, one.now] for one in decision.faults],
    }


def _changes(stored: Sequence[Sequence[Any]]) -> list[Change]:
    return [Change(number, Field(of), before, after, reason) for number, of, before, after, reason in stored]


def _conflict(talk: Talk, number: int, of: str, wanted: str, now: str) -> Phrase:
    one = Conflict(number, Field(of), wanted, now)
    return texts.conflict(one, _value(talk, one.field, wanted), _value(talk, one.field, now))


def _value(talk: Talk, of: Field, stored: str) -> Phrase:
    cell = talk.store.areas.by_code(stored) if of is Field.CELL else None
    return texts.value(of, stored, talk.store.areas.title(cell) if cell else stored)


def _tell_authors(talk: Talk, change: Change) -> None:
    reason = Reason(change.reason) if change.reason else None
    status = Status(change.after)
    text = told.told_status(change.number, status, reason, "", None)
    notice = of_proposal(notices.STANDS[status], change.number)
    for person_id in talk.store.proposals.concerned(change.number):
        talk.tell(person_id, text, notice=notice)
