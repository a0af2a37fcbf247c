"""Announcements that fill themselves from what is stored, and the short text that people forward."""

from handlers.texts import announcement_contents as texts
from handlers.texts.announcements import MARK
from handlers.texts.phrase import Phrase
from storage import announcement_contents as facts
from storage.announcements import Announcement
from storage.congresses import Congress
from storage.domain.announcements import Kind
from storage.store import Store


def suggested(store: Store, congress: Congress, kind: Kind, language: str = "zh") -> tuple[str, str]:
    """Title and text for an announcement, within their limits; two empty ones where only staff know what to say. What
    the store does not know is `storage.announcement_contents.BLANK`."""
    title, text = _words(store, congress, kind)
    return title.said(language), text.said(language)


def _words(store: Store, congress: Congress, kind: Kind) -> texts.Words:
    today = congress.today(store.now)
    match kind:
        case Kind.COLLECTING:
            return texts.collecting(congress.name, facts.collected(store, congress), today)
        case Kind.CANDIDATES:
            return texts.candidates(congress.name, facts.collected(store, congress))
        case Kind.VOTE_RESULT:
            return texts.vote_result(congress.name, facts.chosen(store, congress))
        case Kind.PROGRESS:
            return texts.progress(congress.name, facts.progressed(store, congress, today), today)
        case Kind.RECEPTION:
            return texts.reception(congress.name, facts.reception_day(store, congress, today))
        case Kind.OTHER:
            return Phrase(""), Phrase("")


def is_empty(store: Store, congress_id: int, kind: Kind) -> bool:
    """Whether there is nothing that an announcement of the kind could tell of: progress, where there is no project."""
    return kind is Kind.PROGRESS and not store.projects.of_congress(congress_id, limit=1)


def group_text(announcement: Announcement, address: str, language: str = "zh") -> str:
    """What staff forward to groups, at most `GROUP_LIMIT` characters; it ends with the address of the board, which is
    to be shorter than that."""
    content = announcement.content
    mark = MARK[announcement.correction].said(language) if announcement.correction else ""
    return texts.group_text(f"{mark}{content.title}", content.text, address).said(language)
