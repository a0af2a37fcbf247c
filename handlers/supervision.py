"""The office sees where supervision stands: at a glance, then list by list, and as files."""

from collections.abc import Mapping

from handlers import access
from handlers.messages import Recipe
from handlers.notices import duty
from handlers.questions import Choice
from handlers.routes import conversation
from handlers.staff import own_congress
from handlers.supervision_lists import LISTS
from handlers.talk import Option, Reply, Start, Talk
from handlers.texts import notices
from handlers.texts import supervision as texts
from handlers.texts.phrase import Phrase, lines
from handlers.texts.titles import TO_MENU
from storage.congresses import Congress
from storage.domain.report_period import read

PICTURE = "image/png"

_VIEWS: Mapping[str, Phrase] = {
    "missing": texts.MISSING,
    "late": texts.LATE,
    "project": texts.BY_PROJECT,
    "deputy": texts.BY_DEPUTY,
    "cell": texts.BY_CELL,
    "body": texts.BY_BODY,
    "problems": texts.PROBLEMS,
    "unable": texts.UNABLE,
    "telephones": texts.TELEPHONES,
    "nudge": texts.NUDGE,
    "reports": texts.REPORTS,
    "map": texts.MAP,
    "menu": TO_MENU,
}


@conversation(
    "supervision",
    starts=("督查情况", "/supervision", "supervision"),
    menu=texts.MENU,
    allowed=access.is_staff,
    notice=duty(notices.DIGEST),
)
def supervision(talk: Talk) -> Reply:
    """An overview, and from there every list. `digest` names the month whose totals stand above it."""
    congress = own(talk)
    talk.concerns(Phrase(congress.name))
    options = [Option(name, label) for name, label in _VIEWS.items()]
    view = talk.ask("filter", Choice(options), _head(talk, congress))
    match view:
        case "menu":
            return Reply(Phrase(""), then=Start("menu"))
        case "nudge" | "reports":
            return Reply(Phrase(""), then=Start(view, {"congress": congress.id}))
        case "map":
            return Reply(texts.MAP_SENT, files=[map_of(talk, congress)])
    chosen = talk.ask("which", LISTS[view](talk, congress), texts.PROJECT_CHOSEN)
    if chosen == "back":
        return Reply(Phrase(""), then=Start("supervision", {"congress": congress.id}))
    opened = "problem" if view == "problems" else "project"
    return Reply(Phrase(""), then=Start(opened, {"number": int(chosen)}))


def own(talk: Talk) -> Congress:
    """The congress that a conversation of the office is about. Raises Denied."""
    named = talk.arguments.get("congress")
    congress_id = own_congress(talk) if named is None else int(named)
    access.check_can_supervise(talk.holdings, congress_id)
    return talk.store.congresses.get(congress_id)


def map_of(talk: Talk, congress: Congress) -> Recipe:
    today = congress.today(talk.now)
    arguments = {"congress": congress.id, "as_of": today.isoformat(), "language": talk.person.language}
    return Recipe("cell_map", f"{texts.MAP_FILE.said(talk.person.language)}-{today:%Y%m%d}.png", PICTURE, arguments)


def _head(talk: Talk, congress: Congress) -> Phrase:
    today = congress.today(talk.now)
    found = texts.overview(congress.name, today, talk.store.supervision.overview(congress.id, today))
    if "digest" not in talk.arguments:
        return found
    period = read(talk.arguments["digest"])
    return lines([texts.digest(congress.name, period, talk.store.supervision.totals(congress, period, today)), found])
