"""The card of an announcement, from what is stored of whom it reached."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bot.pictures.announcement_card import AnnouncementCard, announcement_card
from bot.recipes.announcement_report import parts, reasons
from bot.recipes.drawings import Drawings
from bot.recipes.source import Source
from handlers.texts.announcements import STATE
from storage.store import Store

_kept = Drawings()


def write_announcement_card(source: Source, arguments: Mapping[str, Any], path: Path) -> None:
    """Write the picture of the announcement that `arguments` name, as it stands, to `path`. Raises KeyError for one
    that is not there."""
    language = arguments.get("language", "zh")
    shown = _card(source, arguments["announcement"], language), language
    path.write_bytes(_kept.drawn(shown, lambda: announcement_card(*shown)))


def _card(source: Source, number: int, language: str) -> AnnouncementCard:
    store = Store(source.unit, source.now, source.areas)
    one = store.announcements.get(number)
    if one is None:
        raise KeyError(number)
    congress, totals = store.congresses.get(one.congress_id), store.announcement_reports.totals(number)
    not_reached = {**totals.skipped, **totals.failed}
    return AnnouncementCard(
        congress=congress.name,
        number=number,
        title=one.content.title,
        state=STATE[one.state].said(language),
        as_of=f"{source.now.astimezone(ZoneInfo(congress.timezone)):%Y-%m-%d %H:%M}",
        audience=totals.audience,
        sent=totals.sent,
        opened=totals.opened,
        waiting=totals.waiting + totals.massed,
        held=totals.held,
        failed=sum(totals.failed.values()),
        skipped=sum(totals.skipped.values()),
        parts=parts(totals),
        reasons=tuple((reason.said(language), count) for reason, count in reasons(not_reached)),
    )
