"""A proposal comes about: by its author, out of something said in passing, or brought in for somebody else."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from handlers import access
from handlers.linking import link_unprompted
from handlers.messages import Kind, Place
from handlers.places import GridCell, Located, located_at, place_name
from handlers.questions import Choice, Photos, Text
from handlers.reading import GREETINGS, THANKS, number, plain
from handlers.routes import conversation
from handlers.state import Asked, Heard
from handlers.talk import Again, Answered, Misfit, Option, Reply, Start, Talk
from handlers.texts import proposals as texts
from handlers.texts import questions
from handlers.texts.offices import right_office
from handlers.texts.phrase import Phrase, lines
from handlers.texts.titles import NO, YES
from storage.congresses import Congress
from storage.domain.areas import Area
from storage.domain.categories import guess
from storage.domain.cycle import Cycle
from storage.links import How, Target
from storage.proposals import LONGEST_TEXT, New, Source

Hearing = tuple[Congress, Cycle]


@dataclass(frozen=True, slots=True)
class Resident:
    """For whom a proposal is brought in, by a deputy or from paper. Name and telephone may be empty."""

    source: Source
    name: str
    telephone: str


@conversation(
    "suggest",
    starts=("提建议", "我要提建议", "建议", "/suggest", "suggest"),
    menu=texts.MENU_SUGGEST,
    draft=texts.MENU_SUGGEST,
    proposes=True,
)
def suggest(talk: Talk) -> Reply:
    """What, where, photos; then it has a number."""
    return propose(talk, texts.SUGGEST_WHAT)


def propose(talk: Talk, prompt: Phrase, resident: Resident | None = None) -> Reply:
    """The questions of a proposal. The arguments hold what is known of it already (text, where, within, deputy)."""
    known = talk.arguments
    what = talk.ask("what", Text(known=known.get("text", ""), spoken=True), prompt)
    cell = GridCell(hint=what, known=known.get("where", {}), within=known.get("within"))
    where = talk.ask("where", cell, texts.SUGGEST_WHERE)
    area = where.cell or (talk.store.areas.area(talk.person.cell_id) if talk.person.cell_id else None)
    hearing = _hearing(talk, area)
    photos = talk.ask("photos", Photos(), texts.SUGGEST_PHOTOS)
    chosen = _chosen(talk, hearing, several=area is not None)
    place = place_name(talk, where.cell.id if where.cell else None)
    summary = texts.suggest_summary(what, place, photos, [congress.name for congress, _ in chosen])
    talk.confirm(lines([right_office(what), summary]))
    numbers = _add(talk, what, where, chosen, resident)
    if "deputy" in known and access.is_deputy(talk.store.people.holdings(known["deputy"])):
        talk.tell(known["deputy"], texts.came_by_your_code(numbers[0]))
    return Reply(_thanks(talk, numbers, own=resident is None))


def _thanks(talk: Talk, numbers: list[int], *, own: bool) -> Phrase:
    """With the way to let us tell of what becomes of it, where that takes a consent. A notice uses a consent up: one is
    asked for after each proposal of their `own`, whatever is left of those before, unless they gave it for good."""
    where = talk.agrees_at if own else ""
    asked = texts.agree(where) if where else Phrase("")
    return lines([texts.suggest_thanks(numbers, pushes=talk.is_written_to), asked])


def _hearing(talk: Talk, area: Area | None) -> list[Hearing]:
    """The congresses that collect proposals for a place now; ends the conversation, kept as a draft, without any."""
    found: list[Hearing] = []
    closed: Phrase | None = None
    for congress, cycle in talk.store.congresses.with_cycles(area):
        if cycle and cycle.hears(congress.today(talk.now)):
            found.append((congress, cycle))
        elif cycle and closed is None:
            closed = texts.not_collecting(congress.name, cycle.collecting_from, cycle.collecting_to)
    if not found:
        talk.end(closed or texts.NOBODY_COLLECTS, keep=True)
    return found


def _chosen(talk: Talk, hearing: list[Hearing], *, several: bool) -> list[Hearing]:
    """Those of the congresses that are to get it; asked where there is a choice, or was one."""
    if len(hearing) == 1 and "congress" not in talk.state.answers:
        return hearing
    options = [Option(str(congress.id), Phrase(congress.name)) for congress, _ in hearing]
    if several and len(hearing) > 1:
        options.append(Option("both", texts.BOTH))
    to = talk.ask("congress", Choice(options, strict=True), texts.SUGGEST_CONGRESS)
    return [one for one in hearing if to in ("both", str(one[0].id))]


def _add(talk: Talk, what: str, where: Located, chosen: Sequence[Hearing], resident: Resident | None) -> list[int]:
    author = talk.store.people.add(resident.name, resident.telephone) if resident else talk.person.id
    numbers = [
        talk.store.proposals.add(
            New(
                congress_id=congress.id,
                cycle_id=cycle.id,
                body=what,
                category=guess(what),
                cell_id=where.cell.id if where.cell else None,
                located_how=where.how,
                source=resident.source if resident else Source.CHAT,
                authors=(author,),
                brought_by=talk.person.id if resident else None,
                latitude=where.place.latitude if where.place else None,
                longitude=where.place.longitude if where.place else None,
            )
        )
        for congress, cycle in chosen
    ]
    for one in numbers:
        talk.store.links.add(talk.heard_messages, Target.PROPOSAL, one, How.STATED)
    if where.cell:
        talk.store.links.add(talk.heard_messages, Target.CELL, where.cell.id, How(where.how))
    return numbers


# --- said in passing


@dataclass(frozen=True, slots=True)
class _IsIt(Choice):
    """Yes or no. What else is said meanwhile belongs to the same matter, unless it is polite or there already."""

    prompt: Phrase = texts.UNPROMPTED

    def read(self, heard: Heard, asked: Asked, talk: Talk, /) -> Answered | Again:
        if heard.option is not None or number(heard.text) is not None:
            return Choice.read(self, heard, asked, talk)
        known = talk.arguments
        is_new = heard.text not in known["text"] and plain(heard.text) not in GREETINGS | THANKS
        if not is_new and heard.kind in (Kind.TEXT, Kind.UNKNOWN):
            return Again(self.options)
        whole = "\n".join(filter(None, [known["text"], heard.text if is_new else ""]))
        if len(whole) > LONGEST_TEXT:
            raise Misfit(questions.too_long(LONGEST_TEXT))
        known["text"] = whole
        known["voice"] = known["voice"] or heard.kind is Kind.VOICE
        if heard.place:
            known["place"] = [heard.place.latitude, heard.place.longitude]
        return Again(self.options, lines([texts.ADDED, self.prompt]), silent=heard.of_album(talk.state))


@conversation("unprompted")
def unprompted(talk: Talk) -> Reply:
    """Something was said outside any conversation: ask whether it is a proposal. It is kept in any case."""
    known = talk.arguments
    text, voice, first = known["text"], known["voice"], talk.heard_messages[:1]
    prompt = lines([right_office(text), texts.UNPROMPTED if text else texts.UNPROMPTED_FILE])
    answer = talk.ask("is", _IsIt([Option("yes", YES), Option("no", NO)], prompt=prompt), prompt)
    if answer == "no":
        for message_id in talk.heard_messages[len(first) :]:
            link_unprompted(talk.store, message_id, text)
        return Reply(texts.KEPT)
    what = text or (questions.VOICE.said(talk.person.language) if voice else "")
    return Reply(Phrase(""), then=Start("suggest", _about(talk, what), talk.heard_messages, talk.state.files))


def _about(talk: Talk, what: str) -> dict[str, Any]:
    """What is known of the proposal: the words, and the place that was sent, if it is one of ours."""
    place = talk.arguments["place"]
    where = located_at(Place(*place), talk) if place else None
    return {name: value for name, value in (("text", what), ("where", where)) if value}
