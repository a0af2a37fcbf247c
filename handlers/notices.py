"""What a message of ours is about, for a platform that lets us tell somebody no more than that it waits."""

from dataclasses import dataclass
from datetime import date

from handlers.messages import Notice, NoticeKind
from handlers.texts import notices as texts
from handlers.texts.phrase import Phrase
from handlers.texts.words import excerpt

MOST = 20  # characters in a line: what every platform has room for
_NOTHING = Phrase("")


@dataclass(frozen=True, slots=True)
class Matter:
    """A Notice in both languages: what came about, what with, and until when something is owed.

    It holds nothing that a resident wrote, and neither reasons nor answers: only what things are called.
    """

    kind: NoticeKind
    what: Phrase
    about: Phrase = _NOTHING
    until: date | None = None

    def notice(self, language: str) -> Notice:
        """As its reader gets it, each part on one line and not longer than `MOST`."""
        until = self.until.isoformat() if self.until else ""
        return Notice(self.kind, _short(self.what, language), _short(self.about, language), until)


def duty(what: Phrase, about: Phrase = _NOTHING) -> Matter:
    """Something that somebody owes or has to look at."""
    return Matter(NoticeKind.DUTY, what, about)


def of_proposal(what: Phrase, number: int = 0) -> Matter:
    """How a proposal stands, for its authors. Its number may be said later."""
    return Matter(NoticeKind.PROPOSAL, what, texts.proposal(number) if number else _NOTHING)


def _short(phrase: Phrase, language: str) -> str:
    said = phrase.said(language)
    return excerpt(said, MOST) if said else ""
