"""Whoever made a report puts it right, for a day: any answer of it."""

from collections.abc import Mapping
from typing import Any

from handlers import access
from handlers.filing import Filed, link, present, raise_all, tell_company, tell_office
from handlers.note_questions import Problems, Progress, Spot
from handlers.noting import SATISFIED, check_received, company, names, standings
from handlers.questions import Choice, Number, Photos, Text
from handlers.routes import conversation
from handlers.talk import Option, Reply, Start, Talk
from handlers.texts import inspections as inspection_texts
from handlers.texts import note_corrections as texts
from handlers.texts.phrase import Phrase
from handlers.texts.titles import NO, YES
from storage.domain.cadence import BY_BODY, Duty
from storage.domain.roles import Role
from storage.links import Target
from storage.notes import PAGE, Note, Standing, TooLate
from storage.projects import Project

_OF_BODIES = ("standing", "progress", "text", "photos")
_OF_DEPUTIES = (*_OF_BODIES, "where", "problems", "satisfied", "people")
_OF_RECEPTION = ("received", "text", "photos")


@conversation("correct_note", starts=("改督查", "/correct", "correct"), allowed=access.may_report)
def correct_note(talk: Talk) -> Reply:
    """One answer after another, until all is right."""
    note = _own(talk)
    project = _checked(talk, note)
    options = [Option(name, texts.FIELD[name]) for name in _fields(note)]
    shown = texts.card(project, note, names(talk, note.people))
    field = talk.ask("field", Choice([Option("done", texts.ALL_RIGHT), *options]), shown)
    if field == "done":
        return Reply(texts.KEPT)
    values = _values(talk, note, project, field)
    try:
        changed = talk.store.notes.correct(note.id, **values)
    except TooLate:
        return Reply(_too_late(talk, note))
    _follow(talk, note, project, changed)
    return Reply(texts.CORRECTED, then=Start("correct_note", {"note": note.id}))


def offer(talk: Talk, message_id: int, words: str) -> Reply | None:
    """To whoever rewrote a message of theirs by which a report was made: to put the report right, as long as they may.

    None where it belongs to no report, or to one that says so already.
    """
    notes = [talk.store.notes.get(number) for number in talk.store.links.records_of(message_id, Target.NOTE)]
    note = next((one for one in notes if one and one.author == talk.person.id), None)
    if note is None or words == note.text:
        return None
    if talk.arguments["open"] and note.may_be_corrected(talk.now):
        return Reply(texts.EDIT_NOTED_OPEN)
    said = talk.store.links.text_of(message_id)
    if said and f"{note.text}\n".startswith(f"{said}\n"):  # a reason for less progress may stand below it
        whole = words + note.text[len(said) :]
        return Reply(Phrase(""), then=Start("correct_text", {"note": note.id, "text": whole}, talk.heard_messages))
    return Reply(Phrase(""), then=Start("correct_note", {"note": note.id}))


@conversation("correct_text", allowed=access.may_report)
def correct_text(talk: Talk) -> Reply:
    """The words of a report as somebody has rewritten them in their own message, if they mean the report."""
    note, words = _own(talk), str(talk.arguments["text"])
    project = _checked(talk, note)
    again = Start("correct_note", {"note": note.id})
    if talk.ask("sure", Choice([Option("yes", YES), Option("no", NO)]), texts.edited(project, note, words)) == "no":
        return Reply(Phrase(""), then=again)
    try:
        changed = talk.store.notes.correct(note.id, text=words)
    except TooLate:
        return Reply(_too_late(talk, note))
    _follow(talk, note, project, changed)
    return Reply(texts.CORRECTED, then=again)


def _own(talk: Talk) -> Note:
    """The report that is meant, as long as it may still be corrected."""
    lately = talk.store.notes.of_author(talk.person.id, limit=PAGE)
    open_ones = [one for one in lately if one.may_be_corrected(talk.now)]
    known = talk.arguments.get("note")
    meant = [one for one in lately if one.id == known] or open_ones
    if not lately:
        talk.end(texts.NO_NOTES)
    if not meant or not meant[0].may_be_corrected(talk.now):
        talk.end(_too_late(talk, lately[0]))
    if known is not None:
        return meant[0]
    about = {one.number: one for one in talk.store.projects.many(one.project for one in open_ones if one.project)}
    options = [Option(str(one.id), texts.option(about.get(one.project or 0), one)) for one in open_ones]
    chosen = talk.ask("which", Choice(options, only=True), texts.WHICH)
    return next((one for one in open_ones if str(one.id) == chosen), open_ones[0])


def _too_late(talk: Talk, note: Note) -> Phrase:
    office = talk.store.people.roster(note.congress_id, Role.STAFF)
    return texts.too_late([row.name for row in office])


def _checked(talk: Talk, note: Note) -> Project | None:
    """The project of a report, if its author may still report of it. Raises Denied."""
    if note.project is None:
        access.check_can_receive(talk.holdings, note.congress_id)
        return None
    project = talk.store.projects.get(note.project)
    if note.kind in BY_BODY:
        return access.check_can_report(talk.holdings, project)
    group = talk.store.liaisons.group(note.project)
    return access.check_can_inspect(talk.person.id, talk.holdings, group, project)


def _fields(note: Note) -> tuple[str, ...]:
    if note.standing is Standing.UNABLE:
        return ("text",) if note.kind is Duty.RECEPTION else ("standing", "text")
    if note.kind is Duty.RECEPTION:
        return _OF_RECEPTION
    return _OF_BODIES if note.kind in BY_BODY else _OF_DEPUTIES


def _values(talk: Talk, note: Note, project: Project | None, field: str) -> Mapping[str, Any]:
    """What a report says from now on."""
    prompt = texts.new_value(field)
    match field:
        case "standing":
            return _standing(talk, note, project)
        case "progress":
            return {"progress": talk.ask("progress", Progress(), prompt)[0]}
        case "text":
            return {"text": talk.ask("what", Text(), prompt)}
        case "received":
            return {"received": talk.ask("received", Number(check_received, figure=True), prompt)}
        case "satisfied":
            return {"satisfied": talk.ask("satisfied", Choice(SATISFIED), prompt) == "yes"}
        case "photos":
            talk.ask("photos", Photos(), prompt)
    return _of_place(talk, note, project, field) if project else {}


def _of_place(talk: Talk, note: Note, project: Project, field: str) -> Mapping[str, Any]:
    match field:
        case "where":
            where = talk.ask("place", Spot(project.description.cells), texts.new_value(field))
            return {"latitude": where.latitude, "longitude": where.longitude, "nearness": where.nearness}
        case "people":
            return {"people": tuple(company(talk, project, note.kind))}
        case "problems":
            problems = talk.ask("problems", Problems(), texts.new_value(field))
            raise_all(talk, note.id, Filed(note, project, tuple(problems)))
    return {}


def _standing(talk: Talk, note: Note, project: Project | None) -> Mapping[str, Any]:
    """How the project stands; what is finished is done by 100 per cent, and what is not, by less."""
    prompt = inspection_texts.how(note.kind)
    standing = Standing(talk.ask("standing", Choice(standings(note.kind)), prompt))
    if project is None or not project.is_supervised:
        return {"standing": standing}
    if standing is Standing.FINISHED:
        return {"standing": standing, "progress": 100}
    if note.standing is not Standing.FINISHED:
        return {"standing": standing}
    return {"standing": standing, "progress": talk.ask("progress", Progress(), texts.new_value("progress"))[0]}


def _follow(talk: Talk, before: Note, project: Project | None, changed: list[str]) -> None:
    link(talk, before.id, project)
    note = talk.store.notes.get(before.id)
    if note is None or project is None:
        return
    if "progress" in changed and note.progress is not None and project.is_supervised and _is_newest(talk, note):
        talk.store.projects.report(project.number, note.progress)
    if "people" in changed:
        talk.store.duties.answered(note.id, note.kind, note.project, present(note))
        tell_company(talk, project, set(present(note)) - set(present(before)))
    if "standing" in changed:
        raise_all(talk, note.id, Filed(note, project))
        tell_office(talk, project, note, before)


def _is_newest(talk: Talk, note: Note) -> bool:
    """Whether nobody has told the progress of the project after this report."""
    lately = talk.store.notes.of_project(note.project or 0, limit=PAGE)
    return next((one.id for one in lately if one.progress is not None), None) == note.id
