"""The poster of an announcement, from what is stored of it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bot.board import titled
from bot.pictures.announcement_poster import AnnouncementPoster, announcement_poster
from bot.recipes.drawings import Drawings
from bot.recipes.source import Source
from handlers.texts import board as texts
from handlers.texts.announcement_contents import to_anybody
from handlers.texts.announcements import KIND
from storage.store import Store

_kept = Drawings()


def write_announcement_poster(source: Source, arguments: Mapping[str, Any], path: Path) -> None:
    """Write the picture of the announcement that `arguments` name, also of one that is still to be sent, to `path`.
    Raises KeyError for one that is not there."""
    shown = _poster(source, arguments["announcement"]), arguments.get("language", "zh")
    path.write_bytes(_kept.drawn(shown, lambda: announcement_poster(*shown)))


def _poster(source: Source, number: int) -> AnnouncementPoster:
    store = Store(source.unit, source.now, source.areas)
    one = store.announcements.get(number)
    if one is None:
        raise KeyError(number)
    congress = store.congresses.get(one.congress_id)
    # What does not stand on the board can be asked for in the chat.
    path, invitation = "/chat", texts.SCAN_CHAT
    if one.content.on_board:
        path, invitation = f"/board/{congress.id}/{number}", texts.SCAN_ALL
    return AnnouncementPoster(
        congress=congress.name,
        kind=KIND[one.content.kind].zh,
        title=titled(one, "zh"),
        text=to_anybody(one.content.text, "zh"),
        day=congress.today(one.started_at or one.send_at or source.now),
        address=source.address + path,
        invitation=invitation,
    )
