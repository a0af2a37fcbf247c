"""The steps of an announcement: who agrees to it, who is asked to, and who hears of it."""

from collections.abc import Collection
from functools import partial

from handlers import access
from handlers.announcement_contents import is_empty
from handlers.notices import Matter, duty
from handlers.questions import Choice, Text
from handlers.talk import Option, Reply, Start, Talk
from handlers.texts import announcements as shared
from handlers.texts import announcements_office as texts
from handlers.texts import announcements_writing as writing
from handlers.texts import mass_sends, notices
from handlers.texts.phrase import Phrase, lines
from handlers.texts.titles import NO, YES
from storage.announcements import Announcement, NotAllowed
from storage.audiences import Reach
from storage.congresses import Congress
from storage.domain.announcements import Levels, State, Step
from storage.store import Store

REASON_LIMIT = 500  # characters
WAITING = "announcements_waiting"  # the conversation with those who are asked to agree

_OTHERS = {Levels.ONE: 0, Levels.TWO: 1, Levels.THREE: 2}  # who have to agree, besides the author


def reach_of(one: Announcement) -> Reach | None:
    """How many people it is for; None as long as they are not counted."""
    return Reach.load(one.reach) if one.reach else None


def had_part(store: Store, one: Announcement) -> set[int]:
    """Who may not agree to the current version, for that they wrote it or agreed to it already."""
    return {
        one.writer,
        *(done.person for done in store.announcements.signed(one.number) if done.version == one.version),
    }


def waits_for(store: Store, person_id: int) -> list[Announcement]:
    """The announcements to which somebody may agree now, newest first."""
    ids = access.congresses_of(store.people.holdings(person_id), *access.AGREEING)
    states = (State.REVIEW, State.APPROVAL)
    found = [one for congress_id in ids for one in store.announcements.of_congress(congress_id, states, limit=None)]
    return [one for one in found if person_id not in had_part(store, one)]


def agreeing(store: Store, one: Announcement, but: Collection[int] = ()) -> list[int]:
    """Who may agree to it next and can be written to."""
    holders = {held.person_id for role in access.AGREEING for held in store.people.holders(one.congress_id, role)}
    others = holders - had_part(store, one) - set(but)
    return sorted(person for person in others if store.people.reachable_account(person))


def ask_next(store: Store, one: Announcement) -> list[int]:
    """Ask whoever may agree to it next, as soon as they are free; gives who they are."""
    people = agreeing(store, one)
    store.conversations.prompt_once(people, WAITING)
    return people


# --- agreeing


def sign(talk: Talk, one: Announcement, seen: int, step: Step) -> Reply:
    """Take a step on the version that was shown, asking for its reason. What was refused is shown as it stands now."""
    congress, again = talk.store.congresses.get(one.congress_id), Start("announcement", {"number": one.number})
    reason = _reason(talk, one, step)
    if step is Step.SUBMIT and (missing := not_ready(talk.store, one, congress, talk.person.id)):
        return Reply(missing, then=again)
    try:
        then = talk.store.announcements.sign(one.number, seen, step, congress.rules, reason)
    except NotAllowed as refused:
        return Reply(shared.REFUSAL[refused.why], then=again)
    if step is Step.RETURN:
        notice = duty(notices.RETURNED, notices.announcements([one.number]))
        _tell_writer(talk, one, texts.told_returned(one, talk.person.name, reason), notice)
        said = texts.returned(one.number)
    else:
        said = _signed(talk, one, congress, step, then)
    return Reply(said, then=Start(WAITING) if waits_for(talk.store, talk.person.id) else None)


def _reason(talk: Talk, one: Announcement, step: Step) -> str:
    if step is Step.RETURN:
        return talk.ask("why", Text(at_most=REASON_LIMIT), texts.WHY_RETURNED)
    if step is Step.URGENT and not one.content.urgent:
        return talk.ask("why", Text(at_most=REASON_LIMIT), texts.WHY_URGENT)
    return ""


def not_ready(store: Store, one: Announcement, congress: Congress, person_id: int) -> Phrase | None:
    """Why somebody cannot submit it yet."""
    reach = reach_of(one)
    if reach is None:
        return texts.NOT_COUNTED
    if not reach.people:
        return texts.NOBODY
    if one.corrects is None and is_empty(store, congress.id, one.content.kind):
        return writing.NOTHING_TO_TELL
    is_urgent = congress.rules.announcement_urgent and bool(one.content.urgent)
    wanted = min(_OTHERS[congress.rules.announcement_reviews], 1 if is_urgent else 2)
    there = len(agreeing(store, one, but=[person_id]))
    return texts.too_few(wanted, there) if there < wanted else None


def _signed(talk: Talk, one: Announcement, congress: Congress, step: Step, then: State) -> Phrase:
    """Ask whoever is next, or tell its author that all have agreed."""
    if then is State.SCHEDULED:
        now = talk.store.announcements.get(one.number) or one
        later = now.send_at if now.send_at and now.send_at > talk.now else None
        if talk.person.id != one.writer:
            _tell_writer(talk, one, texts.told_approved(one, later, congress.timezone))
        return texts.approved(later, congress.timezone)
    people = ask_next(talk.store, one)
    talk.prompted.update(people)
    return texts.submitted(then, len(people)) if step is Step.SUBMIT else texts.reviewed(len(people))


def _tell_writer(talk: Talk, one: Announcement, said: Phrase, notice: Matter | None = None) -> None:
    for person in {one.author, one.writer} - {talk.person.id}:
        talk.tell(person, said, asked_for=True, notice=notice)


# --- on the way


def control(talk: Talk, one: Announcement, action: str) -> Phrase:
    """Pause, go on, or stop; the last asks twice."""
    sending = talk.store.broadcasting
    if action == "stop" and not _is_sure(talk):
        return texts.LEFT_ALONE
    acts = {
        "pause": (partial(sending.pause, one.number), texts.PAUSED),
        "resume": (partial(sending.resume, one.number), texts.RESUMED),
        "stop": (partial(sending.stop, one.number), texts.STOPPED),
    }
    act, said = acts[action]
    try:
        act()
    except NotAllowed as refused:
        return shared.REFUSAL[refused.why]
    gone = sending.beyond_recall(one.number) if action == "stop" else 0
    return lines([said, mass_sends.beyond_recall(gone)]) if gone else said


def _is_sure(talk: Talk) -> bool:
    options = Choice([Option("yes", YES), Option("no", NO)])
    return (
        talk.ask("sure", options, texts.STOP_SURE) == "yes" and talk.ask("really", options, texts.STOP_REALLY) == "yes"
    )


def discard(talk: Talk, one: Announcement) -> Phrase:
    """Give up what nobody has heard of."""
    if talk.ask("sure", Choice([Option("yes", YES), Option("no", NO)]), texts.DISCARD_SURE) == "no":
        return texts.LEFT_ALONE
    try:
        talk.store.announcements.discard(one.number)
    except NotAllowed as refused:
        return shared.REFUSAL[refused.why]
    return texts.DISCARDED
