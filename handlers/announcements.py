"""The office's announcements: the list, and everything that may be done to one, by its state and by who somebody is."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from math import ceil

from handlers import access, announcing
from handlers.announcement_audience import in_words
from handlers.announcement_contents import group_text
from handlers.announcement_preview import previews, to_self
from handlers.announcement_steps import control, discard, had_part, reach_of, sign, waits_for
from handlers.listing import Pages, Row, paged
from handlers.messages import LEAST, KeptFile, Recipe
from handlers.notices import duty
from handlers.places import place_name
from handlers.questions import Choice, Listed, Pick
from handlers.routes import conversation
from handlers.staff import SPREADSHEET
from handlers.supervision import PICTURE
from handlers.talk import Option, Reply, Start, Talk
from handlers.texts import announcements as shared
from handlers.texts import announcements_office as texts
from handlers.texts import announcements_writing as writing
from handlers.texts import mass_sends, notices
from handlers.texts.announcement_progress import how_far
from handlers.texts.announcement_reports import NO_CELL
from handlers.texts.phrase import Phrase
from handlers.texts.staff import WHICH_CONGRESS
from handlers.texts.titles import TO_MENU
from handlers.texts.words import excerpt
from storage.announcement_progress import progress_as_told
from storage.announcements import Announcement
from storage.audiences import Reach
from storage.congresses import Congress
from storage.domain.announcements import (
    OPEN,
    RUNNING,
    UNSENT,
    Correction,
    Levels,
    Refusal,
    State,
    Step,
    has_variables,
)

_GO_ON = Phrase("")
SHOWN = 120  # characters of the text of one that is on its way; a preview has all of it
_FILTERS: Mapping[str, tuple[Phrase, frozenset[State]]] = {
    "drafts": (texts.DRAFTS, frozenset({State.DRAFT})),
    "review": (texts.IN_REVIEW, frozenset({State.REVIEW, State.APPROVAL})),
    "scheduled": (texts.SCHEDULED, frozenset({State.SCHEDULED})),
    "running": (texts.RUNNING, RUNNING | {State.PAUSED, State.STOPPING}),
    "ended": (texts.ENDED, frozenset({State.FINISHED, State.STOPPED})),
}
_ENDED = _FILTERS["ended"][1]
_BEGUN = RUNNING | _ENDED | {State.PAUSED}

_STEPS = {
    "submit": Step.SUBMIT,
    "review": Step.REVIEW,
    "approve": Step.APPROVE,
    "urgent": Step.URGENT,
    "return": Step.RETURN,
}
_CONTROLS = ("pause", "resume", "stop")


# --- the list


@conversation(
    "announcements",
    starts=("公告管理", "/announcements", "manage announcements"),
    menu=shared.MENU,
    allowed=access.has_announcements,
)
def announcements(talk: Talk) -> Reply:
    """Which ones, page by page; one of them; or a new one."""
    congress = _own(talk)
    is_staff = access.may_announce(talk.holdings)
    mine = [Option("waiting", texts.WAITING)] if waits_for(talk.store, talk.person.id) else []
    new = [Option("new", texts.NEW)] if is_staff else []
    filters = [Option(name, label) for name, (label, _) in _FILTERS.items()]
    kind = talk.ask("filter", Choice([*mine, *new, *filters, Option("menu", TO_MENU)]), texts.WHICH)
    match kind:
        case "menu":
            return Reply(_GO_ON, then=Start("menu"))
        case "new":
            return Reply(_GO_ON, then=Start("announce", {"congress": congress.id}))
        case "waiting":
            return Reply(_GO_ON, then=Start("announcements_waiting"))
    fetch = partial(talk.store.announcements.of_congress, congress.id, _FILTERS[kind][1])
    if not fetch(None, 1):
        return Reply(texts.NONE, then=Start("announcements"))
    found = Pick(fetch, lambda one: texts.option(one, congress.timezone), texts.head, texts.NONE)
    chosen = talk.ask("which", found, texts.WHICH)
    return Reply(_GO_ON, then=Start("announcement", {"number": int(chosen)}))


def _own(talk: Talk) -> Congress:
    """The congress whose announcements somebody oversees; asked only where there are several."""
    ids = access.congresses_of(talk.holdings, *access.AGREEING)
    options = [Option(str(one), Phrase(talk.store.congresses.get(one).name)) for one in ids]
    return talk.store.congresses.get(int(talk.ask("congress", Choice(options, only=True, strict=True), WHICH_CONGRESS)))


@conversation(
    "announcements_waiting",
    allowed=access.has_announcements,
    due=lambda store, person: bool(waits_for(store, person)),
    notice=duty(notices.ANNOUNCEMENTS),
)
def announcements_waiting(talk: Talk) -> Reply:
    """What somebody is asked to review or to approve. Begun by a prompt."""
    found = waits_for(talk.store, talk.person.id)
    if not found:
        return Reply(texts.NONE_WAITING)
    talk.concerns(notices.announcements([one.number for one in found]))
    zones = {one.number: talk.store.congresses.get(one.congress_id).timezone for one in found}
    options = [Option(str(one.number), texts.option(one, zones[one.number])) for one in found]
    chosen = talk.ask("which", Listed(options, only=True), texts.WHICH_WAITS)
    return Reply(_GO_ON, then=Start("announcement", {"number": int(chosen)}))


# --- one of them


@conversation("announcement", allowed=access.has_announcements, behind=lambda _: Start("announcements"))
def announcement(talk: Talk) -> Reply:
    """A card, and what may be done; afterwards it is shown again. What is agreed to is the version that was shown."""
    number = talk.arguments["number"]
    one = access.check_can_oversee(talk.holdings, talk.store.announcements.get(number))
    congress = talk.store.congresses.get(one.congress_id)
    seen: int = talk.remember("seen", lambda: one.version)
    action = talk.ask("action", Choice([*_actions(talk, one, congress)]), card_of(talk, one, congress))
    again = Start("announcement", {"number": number})
    if action == "leave":
        return Reply(_GO_ON, then=Start("announcements"))
    if action in _STEPS:
        return sign(talk, one, seen, _STEPS[action])
    if action in _CONTROLS:
        return Reply(control(talk, one, action), then=again)
    if action == "discard":
        return Reply(discard(talk, access.check_can_write(talk.holdings, one)), then=again)
    if action in _WRITTEN:
        return _written(talk, one, seen, action)
    if action == "newer":
        newer = talk.store.announcements.correction_of(number)
        return Reply(_GO_ON, then=Start("announcement", {"number": newer.number}) if newer else again)
    return _shown(talk, one, action, again)


def _actions(talk: Talk, one: Announcement, congress: Congress) -> Iterator[Option]:
    """What this person may do to it now."""
    yield from _agreeing(talk, one, congress)
    yield from _steering(one)
    is_writer = one.congress_id in access.congresses_of(talk.holdings, *access.ANNOUNCING)
    newer = talk.store.announcements.correction_of(one.number)
    if newer:
        yield Option("newer", texts.newer(newer))
    elif is_writer:
        yield from _writing(one)
    yield Option("preview", texts.PREVIEW)
    if one.content.files:
        yield Option("files", texts.FILES)
    if one.state in _BEGUN:
        yield from (Option("report", texts.REPORT), Option("picture", texts.PICTURE))
        if is_writer:
            yield Option("telephones", texts.TELEPHONES)
    if one.content.on_board and not newer and one.state in _BEGUN | {State.SCHEDULED}:
        yield Option("group", texts.GROUP_TEXT)
    if is_writer and one.state in OPEN | {State.SCHEDULED}:
        yield Option("discard", texts.DISCARD)
    yield Option("leave", texts.KEEP if one.state is State.DRAFT else texts.LEAVE)


def _steering(one: Announcement) -> Iterator[Option]:
    if one.state in RUNNING:
        yield Option("pause", texts.PAUSE)
    if one.state is State.PAUSED:
        yield Option("resume", texts.RESUME)
    if one.state in RUNNING | {State.PAUSED, State.SCHEDULED}:
        yield Option("stop", texts.STOP)


def _agreeing(talk: Talk, one: Announcement, congress: Congress) -> Iterator[Option]:
    is_apart = talk.person.id not in had_part(talk.store, one)
    if one.state is State.DRAFT and one.congress_id in access.congresses_of(talk.holdings, *access.ANNOUNCING):
        is_alone = congress.rules.announcement_reviews is Levels.ONE
        yield Option("submit", texts.SIGN_ALONE if is_alone else texts.SUBMIT)
    if one.state is State.REVIEW and is_apart:
        yield Option("review", texts.REVIEW)
    if one.state is State.APPROVAL and is_apart:
        yield Option("approve", texts.APPROVE)
    if one.state in (State.REVIEW, State.APPROVAL):
        if is_apart and congress.rules.announcement_urgent:
            yield Option("urgent", texts.URGENT)
        yield Option("return", texts.RETURN)
    if one.state is State.SCHEDULED:
        yield Option("return", texts.RETURN)


def _writing(one: Announcement) -> Iterator[Option]:
    if one.state in OPEN:
        yield Option("change", texts.CHANGE)
    if one.state in _BEGUN and one.correction is not Correction.RECALL:
        yield from (Option("correct", texts.CORRECT), Option("recall", texts.RECALL))
    if one.state is State.FINISHED and one.content.audience.of_announcement is None:
        yield Option("remind", texts.REMIND)


def card_of(talk: Talk, one: Announcement, congress: Congress) -> Phrase:
    """Everything about one, its text unabridged until it is on its way."""
    store, zone = talk.store, congress.timezone
    content = one.content if one.state in UNSENT else replace(one.content, text=excerpt(one.content.text, SHOWN))
    correction = (one.correction, one.corrects) if one.correction and one.corrects else None
    said = writing.whole(
        content, in_words(store, content.audience), announcing.when_of(talk, congress, content), correction
    )
    writer = store.people.get(one.writer)
    store.shown.add(writer.id)
    signed = [texts.signed(done, zone) for done in store.announcements.signed(one.number)]
    starts = [texts.starts_at(one.send_at, zone)] if one.state is State.SCHEDULED and one.send_at else []
    return texts.card(one, said, [*_numbers(talk, one), texts.written(writer.name), *signed, *starts])


def _numbers(talk: Talk, one: Announcement) -> list[Phrase]:
    """How many people it is for; once it has begun, how far it is."""
    if one.state in _BEGUN | {State.STOPPING}:
        so_far = progress_as_told(talk.store.unit, one.number)
        zone = talk.store.congresses.get(one.congress_id).timezone
        return [texts.begun(one, zone), how_far(so_far, so_far.seconds_left(talk.store.paces))]
    reach = reach_of(one)
    if reach is None:
        return [texts.NOT_COUNTED]
    listed = talk.store.audiences.examples(one.congress_id, one.content.audience)
    lives = [place_name(talk, row.cell_id) if row.cell_id else NO_CELL for row in listed]
    examples = [(row.name, place, row.channel) for row, place in zip(listed, lives, strict=True)]
    later = [name for name in reach.channels if not talk.capabilities.get(name, LEAST).pushes]
    unplaced = [texts.no_cell(reach.no_cell)] if reach.no_cell and one.content.audience.everybody else []
    return [
        *texts.reach(reach, later, _minutes(talk, reach)),
        *_by_mass(talk, one, reach),
        *unplaced,
        texts.examples(examples),
    ]


def _by_mass(talk: Talk, one: Announcement, reach: Reach) -> list[Phrase]:
    """How many of them may get it by one call to many, where it says the same to all."""
    if has_variables(one.content.title + one.content.text):
        return []
    people = {name: count for name, count in reach.channels.items() if talk.capabilities.get(name, LEAST).masses}
    return [mass_sends.to_come(people)] if people else []


def _minutes(talk: Talk, reach: Reach) -> int | None:
    """How long it takes at the pace of the slowest channel; None where that is not known."""
    paces = talk.store.paces
    if not reach.channels or not reach.channels.keys() <= paces.keys():
        return None
    return ceil(max(count / paces[name] for name, count in reach.channels.items()) / 60)


# --- what is written about one


_WRITTEN = ("change", "correct", "recall", "remind")


def _written(talk: Talk, one: Announcement, seen: int, action: str) -> Reply:
    access.check_can_write(talk.holdings, one)
    again = Start("announcement", {"number": one.number})
    if talk.store.announcements.correction_of(one.number):  # since it was shown
        return Reply(shared.REFUSAL[Refusal.CORRECTED], then=again)
    match action:
        case "change":
            offered = [name for name in texts.FIELD if _may_change(talk, one, name)]
            options = [Option(name, texts.FIELD[name]) for name in offered]
            field = talk.ask("field", Choice(options), texts.WHICH_FIELD)
            if one.version != seen or one.state not in OPEN:
                return Reply(shared.REFUSAL[Refusal.CHANGED if one.version != seen else Refusal.NOT_NOW], then=again)
            return Reply(_GO_ON, then=announcing.to_change(one, field))
        case "remind":
            if talk.store.announcements.reminders_of(one):
                return Reply(texts.REMINDED_ALREADY, then=again)
            title, text = texts.REMINDER_TITLE + one.content.title, texts.REMINDER_TEXT + one.content.text
            return Reply(_GO_ON, then=announcing.to_remind(one, title, text))
    how = Correction.REPLACE if action == "correct" else Correction.RECALL
    return Reply(_GO_ON, then=announcing.to_correct(one, how))


def _may_change(talk: Talk, one: Announcement, name: str) -> bool:
    if name == "audience":
        return one.content.audience.of_announcement is None
    return name != "urgent" or talk.store.congresses.get(one.congress_id).rules.announcement_urgent


# --- what is shown of one


def _shown(talk: Talk, one: Announcement, view: str, again: Start) -> Reply:
    match view:
        case "preview":
            talk.letters += previews(talk, one)
            return Reply(_GO_ON, then=again)
        case "files":
            return Reply(texts.FILES, [KeptFile(*file) for file in one.content.files], then=again)
        case "report":
            return Reply(texts.REPORT_SENT, [_recipe(talk, one, "announcement_report", "xlsx", SPREADSHEET)], again)
        case "picture":
            return Reply(texts.PICTURE_SENT, [_recipe(talk, one, "announcement_card", "png", PICTURE)], again)
        case "group":
            text = group_text(one, f"{talk.store.address}/board/{one.congress_id}/{one.number}", talk.person.language)
            talk.letters.append(to_self(talk, text))  # by itself, to be forwarded as it is
            poster = _recipe(talk, one, "announcement_poster", "png", PICTURE)
            return Reply(texts.POSTER_SENT, [poster], again)
    return _telephones(talk, one, again)


def _recipe(talk: Talk, one: Announcement, kind: str, suffix: str, media_type: str) -> Recipe:
    arguments = {"announcement": one.number, "language": talk.person.language}
    name = texts.file_name(kind, one.number).said(talk.person.language)
    return Recipe(kind, f"{name}.{suffix}", media_type, arguments)


def _telephones(talk: Talk, one: Announcement, again: Start) -> Reply:
    access.check_can_write(talk.holdings, one)
    fetch = paged(
        lambda key, limit: talk.store.announcement_reports.telephones(one.number, int(key or 0), limit),
        lambda row: Row(texts.to_call(row)),
        lambda row: row.person,
    )
    back = [Option("back", texts.BACK)]
    talk.ask("who", Pages(fetch, texts.TO_CALL, texts.NOBODY_TO_CALL, back), texts.TO_CALL)
    return Reply(_GO_ON, then=again)
