"""What readers see of an announcement, as their channel can show it.

Its buttons carry marks of their own, so that what is open with a reader goes on, and a number means what it meant.
"""

from collections.abc import Mapping
from dataclasses import replace

from handlers.messages import LEAST, Capabilities
from handlers.rendering import fits, parts
from handlers.texts import announcement_progress, mass_sends
from handlers.texts.announcements import BUTTON, FILES, MARK, READ, reply_hint
from handlers.texts.mass_sends import page as page_of
from handlers.texts.phrase import Phrase
from storage.announcement_progress import Progress
from storage.announcements import Announcement
from storage.domain.announcements import Correction, filled_in, has_variables
from storage.feeding import Reader, Wording

# What stands for a variable whose value is not known.
DEFAULT: Mapping[str, Phrase] = {
    "姓名": Phrase("居民朋友", "neighbour"),
    "网格": Phrase("本网格", "your grid cell"),
    "代表": Phrase("本网格代表", "the deputies of your grid cell"),
}
_GOES_ON = "……"
# A text to many by one call: the console takes 600 characters of a mass send (群发).
BY_MASS = Capabilities(buttons=False, text_limit=600)


class AnnouncementMessages:
    """The words of what is sent, for storage.broadcasting. `capabilities` are those of the channels that are known,
    `channels` how many messages a second those take that are set up; `address` is how people reach our pages."""

    def __init__(
        self, capabilities: Mapping[str, Capabilities], channels: Mapping[str, float], address: str = ""
    ) -> None:
        self._capabilities, self._channels, self._address = capabilities, channels, address

    @property
    def masses(self) -> list[str]:
        """The channels on which one call reaches many."""
        return sorted(name for name in self._channels if self._capabilities.get(name, LEAST).masses)

    def wording(self, one: Announcement, congress: str, channel: str, language: str) -> Wording:
        """What is said, to everybody alike or to each reader, and the buttons below it."""
        shows = self._capabilities.get(channel, LEAST)
        return Wording(
            said=lambda reader: said(one, congress, shows, language, reader),
            is_personal=has_variables(one.content.title + one.content.text),
            choices=buttons(one, language) if shows.buttons else None,
        )

    def to_all(self, one: Announcement, congress: str) -> str:
        """What such a call says to all alike; pictures and files are found on the board."""
        page = f"{self._address}/board/{one.congress_id}/{one.number}"
        is_found = self._address and one.content.on_board
        return said(one, congress, BY_MASS, "zh", Reader(), page_of(page).zh if is_found else "")

    def massed(self, one: Announcement, people: int, language: str) -> str:
        """What its author is told when the platform has it."""
        return mass_sends.asked(one, people).said(language)

    def not_massed(self, one: Announcement, became: str, people: int, language: str) -> str:
        """What they are told when it reached nobody, or perhaps did."""
        return mass_sends.in_vain(one, became, people).said(language)

    def progress(self, one: Announcement, progress: Progress, language: str) -> str:
        """What its author is told of how far it is."""
        return announcement_progress.progress(one, progress, progress.seconds_left(self._channels)).said(language)


def preview(
    one: Announcement, congress: str, shows: Capabilities, language: str = "zh", reader: Reader | None = None
) -> tuple[str, list[list[str]] | None]:
    """What a message of it says on a channel, and the values and labels of its buttons; None where there are none."""
    text = said(one, congress, shows, language, reader or Reader())
    return text, buttons(one, language) if shows.buttons else None


def said(one: Announcement, congress: str, shows: Capabilities, language: str, reader: Reader, page: str = "") -> str:
    """All of its words in one message; of what is too long for that, the beginning. `page`: a line that tells where it
    stands."""
    values = values_of(reader, language)
    title, text = filled_in(one.content.title, values), filled_in(one.content.text, values)
    mark = MARK[one.correction].said("zh") if one.correction else ""
    head = f"{mark}\u3010{title}\u3011"
    tail = [one.content.link, page, f"—— {congress}", "" if shows.buttons else reply_hint(one.number).said(language)]
    whole = _joined(head, text, *tail)
    if fits(whole, shows):
        return whole
    around = _joined(head, _GOES_ON, *tail)
    room = shows.text_limit - (len(around.encode()) if shows.limit_in_bytes else len(around)) - 1
    beginning = parts(text, replace(shows, text_limit=max(room, 1)))[0]
    return _joined(head, beginning + _GOES_ON, *tail)


def _joined(*lines: str) -> str:
    return "\n".join(filter(None, lines))


def values_of(reader: Reader, language: str = "zh") -> dict[str, str]:
    """What stands for each variable."""
    known = {"姓名": reader.name, "网格": reader.cell, "代表": reader.deputies}
    return {name: value or DEFAULT[name].said(language) for name, value in known.items()}


def buttons(one: Announcement, language: str) -> list[list[str]]:
    """Values and labels (see handlers.reading.tapped_announcement)."""
    offered = {"read": READ}
    if one.correction is not Correction.RECALL:
        if one.content.button in BUTTON:
            offered["go"] = BUTTON[one.content.button]
        if len(one.content.files) > 1:
            offered["files"] = FILES
    return [[f"a{one.number}.{what}", label.said(language)] for what, label in offered.items()]
