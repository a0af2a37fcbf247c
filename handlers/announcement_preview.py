"""An announcement as its readers will see it, shown to whoever writes it or agrees to it, and to readers themselves."""

from dataclasses import asdict

from handlers.announcement_messages import AnnouncementMessages, preview
from handlers.messages import LEAST, KeptFile
from handlers.talk import Talk
from handlers.texts import announcements_office as texts
from storage.announcements import Announcement
from storage.arrivals import Letter
from storage.domain.announcements import has_variables
from storage.domain.roles import Role
from storage.feeding import Reader


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
    """To oneself: what is sent on each channel that is set up and that it is for, those alike together, below a line
    that names them."""
    congress, reader = talk.store.congresses.get(one.congress_id), reader_of(talk, one.congress_id)
    language, only = talk.person.language, one.content.audience.channels
    channels = [name for name in talk.store.channels if not only or name in only]
    looks: dict[tuple[str, bool, bool], tuple[list[list[str]] | None, list[str]]] = {}
    for name in channels:
        shows = talk.capabilities.get(name, LEAST)
        text, choices = preview(one, congress.name, shows, language, reader)
        looks.setdefault((text, shows.buttons, shows.pushes), (choices, []))[1].append(name)
    found = []
    for (text, _, pushes), (choices, names) in looks.items():
        found.append(to_self(talk, texts.preview_head(names, pushes=pushes).said(language)))
        found.append(to_self(talk, text, choices, one.content.files[:1]))
    masses = [name for name in channels if talk.capabilities.get(name, LEAST).masses]
    if masses and not has_variables(one.content.title + one.content.text):
        words = AnnouncementMessages(talk.capabilities, talk.store.paces, talk.store.address)
        found.append(to_self(talk, texts.preview_by_mass(masses).said(language)))
        found.append(to_self(talk, words.to_all(one, congress.name)))
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
