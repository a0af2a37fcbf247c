"""A deputy's own year (履职记录); how others stand beside them is only told where their congress wants it."""

from handlers import access
from handlers.questions import Choice
from handlers.routes import conversation
from handlers.talk import Option, Reply, Start, Talk
from handlers.texts import supervision as texts
from handlers.texts.phrase import Phrase, lines
from handlers.texts.staff import WHICH_CONGRESS
from handlers.texts.titles import TO_MENU
from storage.congresses import Congress
from storage.domain.deputy_ranking import Reported, places
from storage.domain.report_period import ReportPeriod, Span, holding
from storage.domain.roles import Role


@conversation(
    "my_year", starts=("我的履职", "履职记录", "/my_year", "my year"), menu=texts.MENU_MY_YEAR, allowed=access.is_deputy
)
def my_year(talk: Talk) -> Reply:
    """This year's record, or that of the one before; `years_ago` tells which."""
    congress = _own(talk)
    now = holding(congress.today(talk.now), Span.YEAR)
    years_ago = talk.arguments.get("years_ago", 0)
    shown = now.before if years_ago else now
    other = Option("this", texts.THIS_YEAR) if years_ago else Option("last", texts.LAST_YEAR)
    if talk.ask("filter", Choice([other, Option("menu", TO_MENU)]), _told(talk, congress, shown)) == "menu":
        return Reply(Phrase(""), then=Start("menu"))
    return Reply(Phrase(""), then=Start("my_year", {"congress": congress.id, "years_ago": 0 if years_ago else 1}))


def _own(talk: Talk) -> Congress:
    """The congress that they are a deputy of; asked only where there are several. Raises Denied."""
    ids = access.congresses_of(talk.holdings, Role.DEPUTY)
    named = talk.arguments.get("congress")
    if named is None:
        options = [Option(str(one), Phrase(talk.store.congresses.get(one).name)) for one in ids]
        named = int(talk.ask("congress", Choice(options, only=True, strict=True), WHICH_CONGRESS))
    access.check_can_see_own_year(talk.holdings, named)
    return talk.store.congresses.get(named)


def _told(talk: Talk, congress: Congress, period: ReportPeriod) -> Phrase:
    records = talk.store.supervision.records(congress, period, [talk.person.id])
    told = texts.record(congress.name, period, records[talk.person.id])
    if not access.may_see_places(talk.holdings, congress.id, congress.rules):
        return told
    peers = [held.person_id for held in talk.store.people.holders(congress.id, Role.DEPUTY)]
    all_records = talk.store.supervision.records(congress, period, peers)
    found = places({person: Reported(one.answered, one.days) for person, one in all_records.items()})
    return lines([told, texts.place(found[talk.person.id], len(found))])
