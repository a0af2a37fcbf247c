"""Deputies and grid workers: proposals on a resident's behalf, paper forms, and what is said in their cells."""

from datetime import timedelta

from handlers import access
from handlers.proposals import place_name
from handlers.questions import Text
from handlers.routes import conversation
from handlers.talk import Reply, Start, Talk
from handlers.texts import staff as texts
from handlers.texts.phrase import Phrase, lines
from storage.proposals import Source

WEEK = timedelta(days=7)
LISTED = 20


@conversation("on_behalf", starts=("代提", "代居民提建议", "/behalf"), menu=texts.MENU_ON_BEHALF, allowed=access.is_deputy)
def on_behalf(talk: Talk) -> Reply:
    """A deputy submits for a resident; both are told what becomes of it."""
    return _for_resident(talk, Source.DEPUTY)


@conversation("paper", starts=("录入", "录入纸质表", "/paper"), menu=texts.MENU_PAPER, allowed=access.is_grid_worker)
def paper(talk: Talk) -> Reply:
    """A grid worker enters a paper form, one message per field."""
    return _for_resident(talk, Source.PAPER)


def _for_resident(talk: Talk, source: Source) -> Reply:
    name = talk.ask("name", Text(default=""), texts.RESIDENT_NAME)
    telephone = talk.ask("telephone", Text(default=""), texts.RESIDENT_TELEPHONE)
    known = {"source": source, "name": name, "telephone": telephone}
    return Reply(Phrase(""), then=Start("suggest", known, heard=talk.heard_messages))


@conversation("my_cells", starts=("我的网格留言", "/cells"), menu=texts.MENU_MY_CELLS, allowed=access.has_cells)
def my_cells(talk: Talk) -> Reply:
    """What was said this week about the cells of a deputy or grid worker."""
    own = [talk.store.areas.area(area) for holding in talk.holdings for area in holding.areas]
    paths = sorted({area.path for area in own if area})
    if not paths:
        return Reply(texts.NO_CELLS)
    rows = talk.store.links.messages_in(paths, talk.now - WEEK, LISTED)
    told = [
        texts.message_line(place_name(talk, talk.store.areas.area(row[3])).zh, access.masked(row.text), f"{row.at:%m-%d}")
        for row in rows
    ]
    return Reply(lines([texts.week(len(rows)), *told]) if told else texts.NO_MESSAGES)
