"""What follows from a report that is complete: it is kept, linked, answers what was owed, and those concerned hear."""

from collections.abc import Iterable
from dataclasses import dataclass

from handlers.handing_over import hand_over
from handlers.note_questions import Problem
from handlers.notices import duty
from handlers.talk import Reply, Start, Talk
from handlers.texts import inspections as texts
from handlers.texts import notices
from handlers.texts.phrase import Phrase, lines
from storage.domain.roles import Role
from storage.late_projects import SEVERITY
from storage.links import How, Target
from storage.notes import New, Note, Standing
from storage.projects import Project
from storage.rectifications import Kind, NewRectification

LATE = frozenset({Standing.SLOW, Standing.STOPPED})


@dataclass(frozen=True, slots=True)
class Filed:
    """A report and its project. `counts`: its progress was asked for as the project's."""

    new: New
    project: Project | None = None
    problems: tuple[Problem, ...] = ()
    counts: bool = False


def file(talk: Talk, one: Filed) -> Reply:
    """Keep a report. What its author still owes is shown behind the thanks."""
    new, store = one.new, talk.store
    note_id = store.notes.add(new)
    link(talk, note_id, one.project)
    answered = store.duties.answered(note_id, new.kind, new.project, present(new))
    if one.project and one.project.is_supervised and new.progress is not None:
        store.projects.report(one.project.number, new.progress)
    raise_all(talk, note_id, one)
    tell_office(talk, one.project, new)
    tell_company(talk, one.project, present(new))
    owed, asked_for = store.duties.owed_by(talk.person.id), talk.arguments.get("duty")
    said = [
        texts.thanks(one.project, new),
        texts.NO_LONGER_OWED if asked_for and asked_for not in answered else Phrase(""),
        texts.ended_meanwhile(one.project)
        if one.project and one.counts and not one.project.is_supervised
        else Phrase(""),
        texts.handed_over(len(one.problems)),
        texts.CORRECTABLE,
        texts.ALL_REPORTED if asked_for and not owed else Phrase(""),
    ]
    return Reply(lines(said), then=Start("duties") if owed else None)


def present(new: New) -> list[int]:
    """Everybody we know who took part."""
    return [new.author, *(other.person for other in new.people if other.person)]


def link(talk: Talk, note_id: int, project: Project | None) -> None:
    """Say of every message of the exchange what it is about."""
    links, exchange = talk.store.links, talk.exchange
    links.add(exchange, Target.NOTE, note_id, How.STATED)
    if project:
        links.add(exchange, Target.PROJECT, project.number, How.STATED)
        for cell in project.description.cells:
            links.add(exchange, Target.CELL, cell, How.STATED)


def raise_all(talk: Talk, note_id: int, one: Filed) -> None:
    """Hand each problem to the implementing body. A project that is slow or stands still owes an explanation, too."""
    if not one.new.project:
        return
    about = one.new.congress_id, one.new.project, note_id
    for severity, text in one.problems:
        hand_over(talk, NewRectification(*about, severity, text, talk.person.id))
    if one.new.standing in LATE and one.project and one.project.is_supervised:
        hand_over(talk, NewRectification(*about, SEVERITY, one.new.text, talk.person.id, Kind.LATE))


def tell_office(talk: Talk, project: Project | None, new: New, before: Note | None = None) -> None:
    """The office hears at once what it may have to act on: that nobody could go, and that all is said to be done."""
    told = {Standing.UNABLE, Standing.FINISHED}
    if new.standing not in told and (before is None or before.standing not in told):
        return
    notice = duty(notices.REPORTED, Phrase(project.description.title if project else ""))
    for holding in talk.store.people.holders(new.congress_id, Role.STAFF):
        words = texts.to_office(talk.person.name, project, new)
        talk.tell(holding.person_id, words, asked_for=True, own_words=True, notice=notice)


def tell_company(talk: Talk, project: Project | None, people: Iterable[int]) -> None:
    """Who is said to have been there hears of it."""
    for person in people:
        if project and person != talk.person.id:
            talk.tell(person, texts.named(talk.person.name, project), asked_for=True, own_words=True)
