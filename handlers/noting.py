"""A report comes about: an inspection by deputies, what an implementing body reports, and a reception day."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Any

from handlers import access
from handlers.filing import Filed, file
from handlers.note_questions import Company, Problems, Progress, Spot, name_of
from handlers.questions import Choice, Number, Photos, Text
from handlers.routes import conversation
from handlers.talk import Misfit, Option, Reply, Start, Talk
from handlers.texts import inspections as texts
from handlers.texts.phrase import Phrase, lines
from storage.domain.cadence import BY_BODY, Duty
from storage.domain.roles import Role
from storage.duties import Owed
from storage.notes import New, Part, Standing, TookPart
from storage.projects import Project

RECEIVED_AT_MOST = 10_000
SENTENCE = 500  # characters
SATISFIED = (Option("yes", texts.ARE_SATISFIED), Option("no", texts.NOT_SATISFIED))
_HELD = (Option("yes", texts.HELD), Option("nobody", texts.NOBODY_CAME), Option("unable", texts.NOT_HELD))


@dataclass(frozen=True, slots=True)
class Basis:
    """How a project stood when somebody began to report of it. In per cent; `last` is what was reported last."""

    is_supervised: bool
    planned: int
    last: int


def beginning(talk: Talk, congress_id: int, number: int | None, owed: Owed | None) -> Start:
    """The conversation by which a report is made: of what is owed, else an inspection. What was begun goes on."""
    kind = owed.duty if owed else Duty.INSPECTION
    known: dict[str, Any] = {"congress": congress_id, "project": number, "kind": kind}
    if owed:
        known |= {"duty": owed.id, "period": owed.period, "due": owed.due_on.isoformat()}
    name = "reception" if kind is Duty.RECEPTION else "body_report" if kind in BY_BODY else "inspect"
    for draft in talk.store.conversations.drafts(talk.person.id):
        if draft.state["conversation"] == name and draft.state.get("arguments") == known:
            talk.store.conversations.drop_draft(draft.id)
            return Start(name, draft=draft.state)
    return Start(name, known)


def _chosen_from(given: dict[str, Any]) -> Start:
    """What a report was chosen from: what is owed, or all projects."""
    return Start("duties" if "duty" in given else "write_note")


# --- deputies


@conversation("inspect", draft=texts.DRAFT, behind=_chosen_from)
def inspect(talk: Talk) -> Reply:
    """On plan or not, how far, what was seen, photos, place, problems, satisfied: eight taps and a sentence at most."""
    number = talk.arguments["project"]
    group = talk.store.liaisons.group(number)
    one = access.check_can_inspect(talk.person.id, talk.holdings, group, talk.store.projects.get(number))
    basis = _basis(talk, one)
    standing, people = _standing(talk, one)
    new = _new(talk, one, basis, standing=standing, people=tuple(people))
    if standing is Standing.UNABLE:
        why = talk.ask("why", Text(at_most=SENTENCE), texts.UNABLE_WHY)
        return file(talk, Filed(replace(new, text=why), one))
    progress, less = _progress(talk, basis, standing)
    what = talk.ask("what", Text(spoken=True), texts.what(new.kind, talk.arguments.get("period", "")))
    photos = talk.ask("photos", Photos(), texts.PHOTOS)
    where = talk.ask("place", Spot(one.description.cells), texts.WHERE)
    problems = talk.ask("problems", Problems(), lines([texts.near(where.nearness), texts.PROBLEMS]))
    satisfied = talk.ask("satisfied", Choice(SATISFIED), texts.SATISFIED) == "yes"
    place: dict[str, Any] = {"latitude": where.latitude, "longitude": where.longitude, "nearness": where.nearness}
    new = replace(new, progress=progress, text=_said(talk, what, less), satisfied=satisfied, **place)
    talk.confirm(texts.summary(one, new, photos, problems, names(talk, people)))
    return file(talk, Filed(new, one, tuple(problems), counts=basis.is_supervised))


def _basis(talk: Talk, one: Project) -> Basis:
    def now() -> list[Any]:
        today = talk.store.congresses.get(one.congress_id).today(talk.now)
        return [one.is_supervised, talk.store.projects.planned(one, today), one.progress]

    return Basis(*talk.remember("basis", now))


def _new(talk: Talk, one: Project, basis: Basis, **values: Any) -> New:
    kind = Duty(talk.arguments["kind"])
    planned = basis.planned if basis.is_supervised else None
    return New(
        congress_id=one.congress_id, project=one.number, kind=kind, author=talk.person.id, planned=planned, **values
    )


def _head(talk: Talk, one: Project, basis: Basis) -> Phrase:
    """What a report is about, above its first question."""
    due, kind = talk.arguments.get("due"), Duty(talk.arguments["kind"])
    name = texts.report(kind, talk.arguments.get("period", ""))
    far = texts.far(basis.planned, basis.last) if basis.is_supervised else Phrase("")
    return lines([texts.about(one, name, date.fromisoformat(due) if due else None), far, texts.how(kind)])


def _standing(talk: Talk, one: Project) -> tuple[Standing, list[TookPart]]:
    """How the project stands; on the way there, who else took part."""
    kind, head = Duty(talk.arguments["kind"]), _head(talk, one, _basis(talk, one))
    options = standings(kind)
    chosen = talk.ask("standing", Choice([*options, Option("together", texts.TOGETHER)]), head)
    if chosen != "together":
        return Standing(chosen), []
    people = company(talk, one, kind)
    return Standing(talk.ask("how", Choice(options), texts.how(kind))), people


def standings(kind: Duty) -> list[Option]:
    return [Option(standing, label) for standing, label in texts.standings(kind).items()]


def company(talk: Talk, one: Project, kind: Duty) -> list[TookPart]:
    """Who else took part, and who led."""
    members = [person for person in talk.store.liaisons.group(one.number) if person != talk.person.id]
    experts = [held.person_id for held in talk.store.people.holders(one.congress_id, Role.EXPERT)]
    listed = [(person, Part.CAME) for person in members]
    if kind is Duty.PRE_ASSESSMENT:
        listed += [(person, Part.EXPERT) for person in experts if person not in members]
    find = partial(_known, talk, one.congress_id, frozenset(experts))
    came = talk.ask("company", Company(listed, find), texts.COMPANY)
    leaders = [(str(at), person) for at, person in enumerate(came) if person.part is not Part.EXPERT]
    if not leaders:
        return came
    options = [Option(at, Phrase(shown_name(talk, person))) for at, person in leaders]
    led = talk.ask("led", Choice([Option("me", texts.I_LED), *options]), texts.WHO_LED)
    return [replace(person, part=Part.LED) if str(at) == led else person for at, person in enumerate(came)]


def _known(talk: Talk, congress_id: int, experts: frozenset[int], name: str) -> tuple[int, Part] | None:
    """The only person of that name with a role in the congress, and what their part would be."""
    found = talk.store.people.named(congress_id, name)
    return (found[0], Part.EXPERT if found[0] in experts else Part.CAME) if len(found) == 1 else None


def shown_name(talk: Talk, person: TookPart) -> str:
    return person.name if person.person is None else name_of(talk, person.person)


def names(talk: Talk, people: Sequence[TookPart]) -> list[tuple[Part, str]]:
    return [(one.part, shown_name(talk, one)) for one in people]


def _progress(talk: Talk, basis: Basis, standing: Standing) -> tuple[int | None, str]:
    """How far the project is, and why that is less than it was; not asked of one that is over."""
    if not basis.is_supervised:
        return None, ""
    if standing is Standing.FINISHED:
        return 100, ""
    return talk.ask("progress", Progress(basis.last), texts.progress(basis.planned, basis.last))


# --- implementing bodies


@conversation("body_report", draft=texts.DRAFT, behind=_chosen_from)
def body_report(talk: Talk) -> Reply:
    """What the implementing body's people report: on plan, progress, words, photos."""
    one = access.check_can_report(talk.holdings, talk.store.projects.get(talk.arguments["project"]))
    basis = _basis(talk, one)
    kind = Duty(talk.arguments["kind"])
    standing = Standing(talk.ask("standing", Choice(standings(kind)), _head(talk, one, basis)))
    progress, less = _progress(talk, basis, standing)
    what = talk.ask("what", Text(spoken=True), texts.what(kind, talk.arguments.get("period", "")))
    photos = talk.ask("photos", Photos(), texts.PHOTOS)
    new = _new(talk, one, basis, standing=standing, progress=progress, text=_said(talk, what, less))
    talk.confirm(texts.summary(one, new, photos, [], []))
    return file(talk, Filed(new, one, counts=basis.is_supervised))


def _said(talk: Talk, what: str, less: str) -> str:
    return texts.with_reason(what, less).said(talk.person.language)


# --- reception days


@conversation("reception", draft=texts.DRAFT, behind=_chosen_from)
def reception(talk: Talk) -> Reply:
    """How many residents a deputy received, and what they said."""
    congress_id = talk.arguments["congress"]
    access.check_can_receive(talk.holdings, congress_id)
    name = talk.store.congresses.get(congress_id).name
    head = texts.reception(name, texts.report(Duty.RECEPTION, talk.arguments.get("period", "")))
    new = New(congress_id=congress_id, project=None, kind=Duty.RECEPTION, author=talk.person.id, standing=None)
    held = talk.ask("held", Choice(_HELD), head)
    if held == "unable":
        why = talk.ask("why", Text(at_most=SENTENCE), texts.UNABLE_WHY)
        return file(talk, Filed(replace(new, standing=Standing.UNABLE, text=why)))
    received = talk.ask("received", Number(check_received, figure=True), texts.RECEIVED) if held == "yes" else 0
    what = talk.ask("what", Text(spoken=True), texts.what(Duty.RECEPTION, "")) if received else ""
    photos = talk.ask("photos", Photos(), texts.PHOTOS)
    new = replace(new, received=received, text=what)
    talk.confirm(texts.summary(None, new, photos, [], []))
    return file(talk, Filed(new))


def check_received(count: int) -> None:
    if count > RECEIVED_AT_MOST:
        raise Misfit(texts.TOO_MANY_RECEIVED)
