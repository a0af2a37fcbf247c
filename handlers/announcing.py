"""An announcement is written: what, for whom, when. It is kept as a draft, as a new version, or as a correction."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from handlers import access
from handlers.announcement_audience import COUNTED, ForWhom, in_words
from handlers.announcement_contents import is_empty, suggested
from handlers.announcement_fields import Files, Link, SendAt, Urgency, Wording, yes_or_no
from handlers.announcement_preview import previews
from handlers.questions import Choice
from handlers.routes import conversation
from handlers.staff import own_congress
from handlers.state import Asked, Heard
from handlers.talk import CONFIRM, Again, Answered, Ended, Misfit, Option, Reply, Start, Talk
from handlers.texts import announcements as shared
from handlers.texts import announcements_writing as texts
from handlers.texts.phrase import Phrase
from storage.announcements import Announcement, Content, NotAllowed
from storage.congresses import Congress
from storage.domain.announcements import TEXT_LIMIT, TITLE_LIMIT, Correction, Kind, allowed_from
from storage.domain.audience import Audience, Reached
from storage.links import How, Target

REASON_LIMIT = 500  # characters


@conversation("announce", starts=("发公告", "/announce", "announce"), draft=shared.COMPOSE, allowed=access.may_announce)
def announce(talk: Talk) -> Reply:
    """A new one; with `number` and `seen` a new version of one; with `corrects` and `correction` what corrects one."""
    congress = _congress(talk)
    one = _changed(talk)
    content = _content(talk, congress)
    correction = _correction(talk)
    said = texts.whole(content, in_words(talk.store, content.audience), when_of(talk, congress, content), correction)
    talk.confirm(texts.check(said, one, talk.arguments.get("seen", 0)))
    number, version = _kept(talk, congress, one, content, correction)
    talk.store.links.add(talk.exchange, Target.ANNOUNCEMENT, number, How.STATED)
    kept = access.check_can_write(talk.holdings, talk.store.announcements.get(number))
    reach = talk.store.audiences.small_reach(congress.id, content.audience, COUNTED, kept.corrects)
    if reach is not None:  # else they are counted beside the writer
        talk.store.announcements.counted(number, version, reach.dump())
    talk.letters += previews(talk, kept)
    return Reply(Phrase(""), then=Start("announcement", {"number": number}))


def _congress(talk: Talk) -> Congress:
    named = talk.arguments.get("congress")
    congress_id = own_congress(talk) if named is None else int(named)
    access.check_can_announce(talk.holdings, congress_id)
    return talk.store.congresses.get(congress_id)


def _changed(talk: Talk) -> Announcement | None:
    number = talk.arguments.get("number")
    return access.check_can_write(talk.holdings, talk.store.announcements.get(number)) if number else None


def _correction(talk: Talk) -> tuple[Correction, int] | None:
    how = talk.arguments.get("correction")
    return (Correction(how), int(talk.arguments["corrects"])) if how else None


def _content(talk: Talk, congress: Congress) -> Content:
    """What it is to be, question by question."""
    kind = talk.ask("kind", _WhichKind(congress), texts.WHICH_KIND)
    before = _Before(talk, congress, kind)
    take = texts.KEEP_IT if talk.arguments.get("was") else texts.TAKE_IT
    name = before.of("heading")
    title = talk.ask("heading", Wording(TITLE_LIMIT, name, take, one_line=True), texts.title_what(TITLE_LIMIT, name))
    words = before.of("text")
    text = talk.ask("text", Wording(TEXT_LIMIT, words, take), texts.text_what(TEXT_LIMIT, words))
    files = talk.ask("files", Files(before.files), texts.FILES_WHAT)
    link = talk.ask("link", Link(), texts.LINK_WHAT)
    buttons = [*(Option(value, label) for value, label in shared.BUTTON.items()), Option("none", texts.NO_BUTTON)]
    button = talk.ask("button", Choice(buttons), texts.BUTTON_WHAT)
    audience = _audience(talk, congress, before)
    send_at = talk.ask("when", SendAt(congress, talk.store.calendar()), texts.WHEN)
    board = talk.ask("board", Choice(yes_or_no(texts.ON_BOARD, texts.NOT_ON_BOARD)), texts.BOARD_WHAT)
    urgent = ""
    if congress.rules.announcement_urgent:
        why = Urgency(at_most=REASON_LIMIT, default="", skip=texts.NOT_URGENT, spoken=True)
        urgent = talk.ask("urgent", why, texts.URGENT_WHAT)
    return Content(
        kind=kind,
        title=title,
        text=text,
        audience=audience,
        link=link,
        button="" if button == "none" else button,
        files=files,
        on_board=board == "yes",
        send_at=send_at,
        urgent=urgent,
    )


_KINDS = Choice([Option(kind, label) for kind, label in shared.KIND.items()])


@dataclass(frozen=True, slots=True)
class _WhichKind:
    """A kind of which the congress has something to tell."""

    congress: Congress

    def begin(self, talk: Talk, explicit: bool, /) -> Answered | Again:
        return _KINDS.begin(talk, explicit)

    def read(self, heard: Heard, asked: Asked, talk: Talk, /) -> Answered | Again:
        chosen = _KINDS.read(heard, asked, talk)
        if isinstance(chosen, Answered) and is_empty(talk.store, self.congress.id, Kind(chosen.value)):
            raise Misfit(texts.NOTHING_TO_TELL)
        return chosen

    def load(self, stored: Any, _talk: Talk, /) -> Kind:
        return Kind(stored)


class _Before:
    """What may be taken over: the words of the one that is changed, else what the store knows of the kind."""

    def __init__(self, talk: Talk, congress: Congress, kind: Kind) -> None:
        self._talk, self._congress, self._kind = talk, congress, kind
        self._was: Mapping[str, Any] = talk.arguments.get("was", {})

    def of(self, name: str) -> str:
        if name in self._was:
            return str(self._was[name])
        if name in self._talk.state.answers:
            return ""  # nothing is asked
        title, text = suggested(self._talk.store, self._congress, self._kind)
        return title[:TITLE_LIMIT] if name == "heading" else text[:TEXT_LIMIT]

    @property
    def files(self) -> tuple[tuple[str, str, str], ...]:
        return tuple((digest, name, media_type) for digest, name, media_type in self._was.get("files", ()))

    @property
    def audience(self) -> Audience:
        kept = self._was.get("audience")
        return Audience.load(kept) if kept else Audience()


def _audience(talk: Talk, congress: Congress, before: _Before) -> Audience:
    """Of what corrects another one, or reminds of it, the audience is given."""
    given = talk.arguments.get("audience")
    if given:
        return Audience.load(given)
    return talk.ask("audience", ForWhom(congress, before.audience), texts.AUDIENCE_WHAT)


def when_of(talk: Talk, congress: Congress, content: Content) -> Phrase:
    """When it is wanted, and from when on the quiet hours of the congress let it be sent."""
    wanted = content.send_at
    rules = congress.rules
    quiet = rules.announcement_quiet_from, rules.announcement_quiet_until
    allowed = allowed_from(wanted or talk.now, ZoneInfo(congress.timezone), *quiet)
    is_later = wanted is not None and not content.urgent and allowed != wanted
    return texts.when(wanted, allowed if is_later else None, congress.timezone)


def _kept(
    talk: Talk,
    congress: Congress,
    one: Announcement | None,
    content: Content,
    correction: tuple[Correction, int] | None,
) -> tuple[int, int]:
    """Keep it, and give its number and version. Where somebody was faster, what was written is left as a draft, and
    what they did is shown."""
    store = talk.store.announcements
    how, corrects = correction or (None, None)
    try:
        if one is None:
            return store.add(congress.id, content, corrects=corrects, correction=how), 1
        return one.number, store.change(one.number, one.version, content)
    except NotAllowed:
        talk.state.answers.pop(CONFIRM, None)  # to be asked again
        faster = one or (corrects and store.correction_of(corrects))
        then = Start("announcement", {"number": faster.number}) if faster else None
        raise Ended(Reply(texts.CHANGE_REFUSED if one else texts.CORRECTED_MEANWHILE, then=then), keep=True) from None


# --- beginning with what is there


def to_change(one: Announcement, field: str) -> Start:
    """Begin the new version of one with a field of it asked anew."""
    arguments: dict[str, Any] = {"congress": one.congress_id, "number": one.number, "seen": one.version}
    if one.correction and one.corrects:
        arguments |= {"corrects": one.corrects, "correction": one.correction}
    return _begun(one.content, arguments, [field])


def to_correct(one: Announcement, how: Correction) -> Start:
    """Begin what corrects one, or takes it back: its words are asked anew, all else may be. What is taken back leads
    nowhere any more."""
    reached = Reached.ALL if how is Correction.REPLACE else Reached.SENT
    audience = Audience(of_announcement=one.number, reached=reached)
    content = replace(one.content, audience=audience, send_at=None, urgent="")
    if how is Correction.RECALL:
        content = replace(content, text=texts.RECALL_WORDS.zh, link="", button="", files=())
    arguments = {"congress": one.congress_id, "corrects": one.number, "correction": how}
    return _begun(content, arguments, ["text"])


def to_remind(one: Announcement, title: str, text: str) -> Start:
    """Begin the second notice to those who got one and have not opened it."""
    audience = Audience(of_announcement=one.number, reached=Reached.UNOPENED)
    content = replace(one.content, title=title[:TITLE_LIMIT], text=text[:TEXT_LIMIT], audience=audience, urgent="")
    return _begun(replace(content, send_at=None, on_board=False), {"congress": one.congress_id}, ["text"])


def _begun(content: Content, arguments: dict[str, Any], asked: list[str]) -> Start:
    """As if all questions but some had been answered with what the content is."""
    answers = _answers(content)
    if content.audience.of_announcement is not None:
        arguments = {**arguments, "audience": answers.pop("audience")}
    was = {name: answers[name] for name in ("heading", "text", "files", "audience") if name in answers}
    state = {
        "conversation": "announce",
        "version": announce.version,
        "arguments": {**arguments, "was": was},
        "answers": {name: value for name, value in answers.items() if name not in asked},
        "explicit": asked,
    }
    return Start("announce", draft=state)


def _answers(content: Content) -> dict[str, Any]:
    at: datetime | None = content.send_at
    return {
        "kind": content.kind,
        "heading": content.title,
        "text": content.text,
        "files": [list(file) for file in content.files],
        "link": content.link,
        "button": content.button or "none",
        "audience": content.audience.dump(),
        "when": {"at": at.isoformat() if at else None},
        "board": "yes" if content.on_board else "no",
        "urgent": content.urgent,
    }
