"""Announcements as people read them: the board, one of them by its number or a tap, and how to hear less or more."""

from handlers import access
from handlers.announcement_messages import values_of
from handlers.announcement_preview import reader_of
from handlers.messages import KeptFile
from handlers.questions import Choice, Pick
from handlers.routes import conversation
from handlers.talk import Option, Reply, Start, Talk
from handlers.texts import announcements_reading as texts
from handlers.texts.announcements import BUTTON
from handlers.texts.phrase import Phrase, lines
from handlers.texts.titles import TO_MENU
from storage.announcements import Announcement
from storage.domain.announcements import Correction, filled_in

_GO_ON = Phrase("")
_MENU = Option("menu", TO_MENU)


@conversation("board", starts=("公告", "看公告", "公告榜", "/board", "board", "announcements"), menu=texts.MENU)
def board(talk: Talk) -> Reply:
    """What is public where somebody lives or holds a role, newest first."""
    area = talk.store.areas.area(talk.person.cell_id) if talk.person.cell_id else None
    zones = {one.id: one.timezone for one in talk.store.congresses.of_area(area)}
    zones |= {held.congress_id: talk.store.congresses.get(held.congress_id).timezone for held in talk.holdings}
    found = Pick(
        lambda below, limit: talk.store.announcements.on_board(zones, below, limit),
        lambda one: texts.option(one, zones[one.congress_id]),
        lambda _: texts.LIST,
        texts.LIST_NONE,
        [_MENU],
        only=True,
    )
    chosen = talk.ask("which", found, texts.LIST)
    if chosen == "menu":
        return Reply(_GO_ON, then=Start("menu"))
    return Reply(_GO_ON, then=Start("read_announcement", {"number": int(chosen), "what": "read"}))


@conversation("read_announcement")
def read_announcement(talk: Talk) -> Reply:
    """One of them: all of it, its files, or what its button begins (`what`). `open`: something else goes on then."""
    number, what = talk.arguments["number"], talk.arguments["what"]
    store = talk.store
    was_for = store.announcements.was_for(number, talk.person.id)
    one = access.check_can_read(talk.holdings, store.announcements.get(number), was_sent=was_for)
    store.broadcasting.opened(number, talk.person.id)
    if what == "go" and one.content.button in BUTTON:
        return Reply(_GO_ON, then=Start(one.content.button))
    files = [KeptFile(*file) for file in one.content.files]
    if what == "files":
        return Reply(texts.files_of(number) if files else texts.NO_FILES, files)
    return _read(talk, one)


def _read(talk: Talk, one: Announcement) -> Reply:
    """All of it, or of what took its place."""
    newer = talk.store.announcements.corrected_by(one.number)
    head = texts.corrected(one.number, newer) if newer else _GO_ON
    one = newer or one
    congress = talk.store.congresses.get(one.congress_id)
    said = texts.whole(one, *said_to(talk, one), congress.name)
    leads_on = one.content.button in BUTTON and one.correction is not Correction.RECALL
    goes_on = leads_on and not talk.arguments.get("open")
    then = Start("after_announcement", {"number": one.number}) if goes_on else None
    return Reply(lines([head, said]), [KeptFile(*file) for file in one.content.files], then)


def said_to(talk: Talk, one: Announcement) -> tuple[str, str]:
    """Title and text as somebody reads them."""
    values = values_of(reader_of(talk, one.congress_id), talk.person.language)
    return filled_in(one.content.title, values), filled_in(one.content.text, values)


@conversation("after_announcement", gives_way=True)
def after_announcement(talk: Talk) -> Reply:
    """What the button of an announcement begins, for those who have just read it."""
    one = talk.store.announcements.get(talk.arguments["number"])
    if one is None or one.content.button not in BUTTON:
        return Reply(_GO_ON, then=Start("board"))
    options = [Option("go", BUTTON[one.content.button]), Option("list", texts.TO_LIST), _MENU]
    match talk.ask("action", Choice(options), texts.WHAT_NEXT):
        case "go":
            return Reply(_GO_ON, then=Start("read_announcement", {"number": one.number, "what": "go"}))
        case "list":
            return Reply(_GO_ON, then=Start("board"))
    return Reply(_GO_ON, then=Start("menu"))


# --- hearing less, or more


@conversation("unsubscribe", starts=("退订", "我要退订", "退订公告", "取消订阅", "td", "/unsubscribe", "unsubscribe"))
def unsubscribe(talk: Talk) -> Reply:
    """No notices, but what somebody's office brings with it."""
    return Reply(set_notices(talk, wanted=False))


@conversation("subscribe", starts=("订阅", "我要订阅", "重新订阅", "/subscribe", "subscribe"))
def subscribe(talk: Talk) -> Reply:
    return Reply(set_notices(talk, wanted=True))


def set_notices(talk: Talk, *, wanted: bool) -> Phrase:
    """Turn notices on or off; what is said of it."""
    talk.store.people.change(talk.person.id, notices=wanted)
    talk.person = talk.store.people.get(talk.person.id)
    if wanted:
        return texts.SUBSCRIBED
    return lines([texts.UNSUBSCRIBED, texts.OFFICIAL if talk.holdings else Phrase("")])
