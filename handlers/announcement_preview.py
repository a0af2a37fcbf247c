"""An announcement as its readers will see it, shown to whoever writes it or agrees to it, and to readers themselves."""

from dataclasses import asdict

from handlers.announcement_messages import preview
from handlers.messages import LEAST, Capabilities, KeptFile
from handlers.talk import Talk
from handlers.texts import announcements_office as texts
from storage.announcements import Announcement
from storage.arrivals import Letter
from storage.domain.roles import Role
from storage.feeding import Reader

WITH_BUTTONS = Capabilities(buttons=True, text_limit=4096)


def reader_of(talk: Talk, congress_id: int) -> Reader:
    """What the variables of an announcement are to the person who talks."""
    cell_id = talk.person.cell_id
    cell = talk.store.areas.area(cell_id) if cell_id else None
    if cell is None:
        return Reader(talk.person.name)
    deputies = talk.store.people.holders(congress_id, Role.DEPUTY)
    theirs = [held.person_id for held in deputies if cell.id in held.areas]
    talk.store.shown.update(theirs)
    names = [name for person in theirs if (name := talk.store.people.get(person).name)]
    return Reader(talk.person.name, talk.store.areas.title(cell), "、".join(names))


def previews(talk: Talk, one: Announcement) -> list[Letter]:
    """To oneself: what is sent on channels with buttons, and what on those without, each below a line that says so."""
    congress, reader = talk.store.congresses.get(one.congress_id), reader_of(talk, one.congress_id)
    found = []
    for shows in (WITH_BUTTONS, LEAST):
        text, buttons = preview(one, congress.name, shows, talk.person.language, reader)
        found.append(to_self(talk, texts.preview_head(buttons=shows.buttons).said(talk.person.language)))
        found.append(to_self(talk, text, buttons, one.content.files[:1]))
    return found


def to_self(
    talk: Talk,
    text: str,
    buttons: list[list[str]] | None = None,
    files: tuple[tuple[str, str, str], ...] = (),
) -> Letter:
    """A message of its own to the person who talks, before what is said next."""
    file = asdict(KeptFile(*files[0])) if files else None
    shows = frozenset(talk.store.shown) - {talk.person.id}
    replied = talk.store.actor.message_id
    return Letter(talk.channel, talk.account_id, talk.person.id, text, buttons, file, replied, shows=shows)
