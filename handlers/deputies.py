"""Deputies and grid workers: proposals on a resident's behalf, paper forms, and what is said in their cells."""

from datetime import timedelta

from handlers import access
from handlers.places import place_name
from handlers.questions import Text
from handlers.routes import conversation
from handlers.suggesting import Resident, propose
from handlers.talk import Reply, Talk
from handlers.texts import staff as texts
from handlers.texts.phrase import lines
from handlers.texts.words import day
from storage.proposals import Source

WEEK = timedelta(days=7)
LISTED = 20


@conversation(
    "on_behalf",
    starts=("代提", "代居民提建议", "/behalf"),
    menu=texts.MENU_ON_BEHALF,
    draft=texts.MENU_ON_BEHALF,
    allowed=access.is_deputy,
    proposes=True,
)
def on_behalf(talk: Talk) -> Reply:
    """A deputy submits for a resident, and is told what becomes of it."""
    return _for_resident(talk, Source.DEPUTY)


@conversation(
    "paper",
    starts=("录入", "录入纸质表", "/paper"),
    menu=texts.MENU_PAPER,
    draft=texts.MENU_PAPER,
    allowed=access.is_grid_worker,
    proposes=True,
)
def paper(talk: Talk) -> Reply:
    """A grid worker enters a paper form, one message per field."""
    return _for_resident(talk, Source.PAPER)


def _for_resident(talk: Talk, source: Source) -> Reply:
    name = talk.ask("name", Text(default="", at_most=50), texts.RESIDENT_NAME)
    telephone = talk.ask("telephone", Text(default="", at_most=40), texts.RESIDENT_TELEPHONE)
    return propose(talk, texts.RESIDENT_WHAT, Resident(source, name, telephone))


@conversation("my_cells", starts=("我的网格留言", "/cells"), menu=texts.MENU_MY_CELLS, allowed=access.has_cells)
def my_cells(talk: Talk) -> Reply:
    """What was proposed and said this week in the cells of a deputy or grid worker."""
    own = [talk.store.areas.area(area) for holding in talk.holdings for area in holding.areas]
    paths = sorted({area.path for area in own if area})
    if not paths:
        return Reply(texts.NO_CELLS)
    zone = talk.store.congresses.get(next(holding.congress_id for holding in talk.holdings if holding.areas)).timezone
    since = talk.now - WEEK
    told = [
        texts.proposal_line(
            one.number, place_name(talk, one.cell_id), access.masked(one.body), day(one.created_at, zone)
        )
        for one in talk.store.proposals.in_areas(paths, since, LISTED)
    ]
    told += [
        texts.message_line(place_name(talk, row[3]), access.masked(row.text), day(row.at, zone))
        for row in talk.store.links.messages_in(paths, since, LISTED)
    ]
    return Reply(lines([texts.week(len(told)), *told]) if told else texts.NO_MESSAGES_THIS_WEEK)
