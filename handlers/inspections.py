"""Those charged with projects see all that they owe, and begin to report; deputies also without being asked."""

from dataclasses import dataclass

from handlers import access
from handlers.notices import duty
from handlers.noting import beginning
from handlers.questions import Listed
from handlers.reading import is_yes
from handlers.routes import conversation
from handlers.state import Asked, Heard
from handlers.talk import Again, Answered, Misfit, Option, Reply, Start, Talk
from handlers.texts import inspections as texts
from handlers.texts import notices
from handlers.texts import projects as project_texts
from handlers.texts.phrase import Phrase
from storage.domain.cadence import BY_BODY
from storage.domain.roles import Role
from storage.duties import Owed
from storage.projects import Project
from storage.store import Store

PAGE = 30  # duties in one message


@dataclass(frozen=True, slots=True)
class _Due(Listed):
    """One of the duties that were shown, whatever became of it since."""

    def read(self, heard: Heard, asked: Asked, talk: Talk, /) -> Answered | Again:
        try:
            return Listed.read(self, heard, asked, talk)
        except Misfit:
            agrees = is_yes(heard.text)
            raise Misfit(texts.WHEN_YOU_LIKE if agrees else texts.choose_due(len(asked.options))) from None

    def load(self, stored: object, _talk: Talk, /) -> str:
        return str(stored)


def _owes(store: Store, person_id: int) -> bool:
    return bool(store.duties.owed_by(person_id))


@conversation(
    "duties",
    starts=("督查", "我的督查", "/duties", "duties"),
    menu=texts.MENU,
    allowed=access.may_report,
    due=_owes,
    notice=duty(notices.REPORTS),
)
def duties(talk: Talk) -> Reply:
    """All that is owed now, in one message. After each report the rest is shown again."""
    owed = talk.store.duties.owed_by(talk.person.id)
    if not owed:
        none = texts.NOTHING_OWED if access.is_deputy(talk.holdings) else texts.NOTHING_OWED_BY_BODY
        return Reply(texts.NOTHING_LEFT if talk.state.asked else none)
    titles = {one.number: one.description.title for one in _projects(talk, owed)}
    options = [Option(str(one.id), _line(talk, one, titles.get(one.project or 0))) for one in owed]
    about = notices.reports([_name(talk, one, titles.get(one.project or 0)) for one in owed])
    talk.concerns(about, until=min(one.due_on for one in owed))
    chosen = talk.ask("which", _Due(options, at_once=PAGE), texts.owed_head(len(owed)))
    meant = next((one for one in owed if str(one.id) == chosen), None)
    if meant is None:
        return Reply(texts.ANSWERED_MEANWHILE, then=Start("duties"))
    return Reply(Phrase(""), then=beginning(talk, meant.congress_id, meant.project, meant))


def _projects(talk: Talk, owed: list[Owed]) -> list[Project]:
    return talk.store.projects.many(one.project for one in owed if one.project)


def _name(talk: Talk, one: Owed, title: str | None) -> str:
    return title or talk.store.congresses.get(one.congress_id).name


def _line(talk: Talk, one: Owed, title: str | None) -> Phrase:
    congress = talk.store.congresses.get(one.congress_id)
    return texts.owed(_name(talk, one, title), texts.report(one.duty, one.period), one.due_on, congress.today(talk.now))


@conversation("write_note", starts=("写督查", "/inspect", "inspect"), allowed=access.is_deputy)
def write_note(talk: Talk) -> Reply:
    """A note that nobody asked for: of one's own projects, or of any other of the congress."""
    mine = talk.store.projects.many(talk.store.liaisons.projects_of(talk.person.id))
    options = [Option(str(one.number), project_texts.option(one)) for one in mine]
    others = _others(talk, {one.number for one in mine})
    if not options and not others:
        return Reply(texts.NO_PROJECTS)
    chosen = "others"
    if options:
        more = [Option("others", texts.OTHER_PROJECTS)] if others else []
        chosen = talk.ask("which", Listed([*options, *more]), texts.WHICH_PROJECT)
    if chosen == "others":
        listed = [Option(str(one.number), project_texts.option(one)) for one in others]
        chosen = talk.ask("other", Listed(listed), texts.WHICH_PROJECT)
    return Reply(Phrase(""), then=of_project(talk, next(one for one in [*mine, *others] if str(one.number) == chosen)))


def _others(talk: Talk, mine: set[int]) -> list[Project]:
    found = [
        one
        for congress_id in access.congresses_of(talk.holdings, Role.DEPUTY)
        for one in talk.store.projects.of_congress(congress_id, limit=None)
    ]
    return [one for one in found if one.is_supervised and one.number not in mine]


def of_project(talk: Talk, one: Project) -> Start:
    """A deputy's note about a project, for what they owe of it if they owe anything."""
    owed = talk.store.duties.owed_by(talk.person.id)
    theirs = (duty for duty in owed if duty.project == one.number and duty.duty not in BY_BODY)
    return beginning(talk, one.congress_id, one.number, next(theirs, None))
