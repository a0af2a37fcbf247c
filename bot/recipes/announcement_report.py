"""Proof that an announcement was delivered: who agreed to it, whom it reached, and whom somebody has to call."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from operator import itemgetter
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bot.recipes.report_sections import Column, Row, Say, Section
from bot.recipes.source import Source
from bot.recipes.workbook import write_workbook
from handlers.announcement_audience import in_words
from handlers.texts import announcement_reports as texts
from handlers.texts import mass_sends
from handlers.texts.announcements import KIND, STATE, STEP
from handlers.texts.announcements_audience import channel
from handlers.texts.phrase import Phrase
from storage.announcement_reports import MassSend, Totals
from storage.announcements import Announcement
from storage.area_index import AreaIndex
from storage.congresses import Congress
from storage.store import Store

TELEPHONES = 5_000  # people; who has more to call needs another way

_Columns = Sequence[tuple[Phrase, int]]
_COUNTS: _Columns = (
    (texts.AUDIENCE, 10),
    (texts.SENT, 10),
    (texts.OPENED, 10),
    (texts.WAITING, 10),
    (mass_sends.MASSED, 10),
    (texts.HELD, 12),
    (texts.FAILED, 10),
    (texts.SKIPPED, 10),
)


def write_announcement_report(source: Source, arguments: Mapping[str, Any], path: Path) -> None:
    """Write the report of the announcement that `arguments` name as XLSX to `path`, in their language. Raises KeyError
    for one that is not there."""
    store = Store(source.unit, source.now, source.areas)
    one = store.announcements.get(arguments["announcement"])
    if one is None:
        raise KeyError(arguments["announcement"])
    language = arguments.get("language", "zh")

    def say(phrase: Phrase) -> str:
        return phrase.said(language)

    sections = _Sections(store, one, say).all()
    write_workbook(say(texts.heading(one.number, one.content.title)), sections, path)


class _Sections:
    """Only counts are read, whatever the size of the audience, and the first of those whom somebody has to call."""

    def __init__(self, store: Store, one: Announcement, say: Say) -> None:
        self._store, self._one, self._say = store, one, say
        self._congress: Congress = store.congresses.get(one.congress_id)
        self._zone = ZoneInfo(self._congress.timezone)

    def all(self) -> list[Section]:
        reports, number = self._store.announcement_reports, self._one.number
        totals = reports.totals(number)
        return [
            self._overall(totals),
            self._channels(reports.by_channel(number)),
            self._cells(reports.by_cell(number)),
            self._reasons(totals),
            *self._masses(reports.mass_sends(number)),
            self._reviews(),
            self._telephones(),
        ]

    def _section(self, title: Phrase, columns: _Columns, rows: Iterable[Row]) -> Section:
        named = [Column(self._say(heading), width) for heading, width in columns]
        return Section(self._say(title), named, list(rows), range(len(named)))

    def _overall(self, totals: Totals) -> Section:
        one, say = self._one, self._say
        rows: list[Row] = [
            (say(texts.CONGRESS), self._congress.name),
            (say(texts.NUMBER), one.number),
            (say(texts.TITLE), one.content.title),
            (say(texts.KIND), say(KIND[one.content.kind])),
            (say(texts.STATE), say(STATE[one.state])),
            (say(texts.VERSION), one.version),
            (say(texts.FOR), say(in_words(self._store, one.content.audience))),
            (say(texts.STARTED), self._time(one.started_at)),
            (say(texts.ENDED), self._time(one.ended_at)),
            (say(texts.AS_OF), self._time(self._store.now)),
            *((say(heading), count) for (heading, _), count in zip(_COUNTS, _counts(totals), strict=True)),
            (say(texts.SUM), say(texts.sums(parts(totals), totals.audience))),
        ]
        return self._section(texts.TOTALS, [(texts.ITEM, 26), (texts.VALUE, 60)], rows)

    def _channels(self, found: Mapping[str, Totals]) -> Section:
        rows: list[Row] = [
            (self._say(channel(name) if name else texts.NO_CHANNEL), *_counts(totals))
            for name, totals in sorted(found.items())
        ]
        return self._section(texts.CHANNELS, [(texts.CHANNEL, 16), *_COUNTS], rows)

    def _cells(self, found: Mapping[int | None, Totals]) -> Section:
        named = [(*self._cell(self._store.areas, cell), totals) for cell, totals in found.items()]
        rows: list[Row] = [(name, *_counts(totals)) for _, name, totals in sorted(named, key=itemgetter(0, 1))]
        return self._section(texts.CELLS, [(texts.CELL, 30), *_COUNTS], rows)

    def _cell(self, areas: AreaIndex, cell: int | None) -> tuple[str, str]:
        """By what it is sorted, and its name; who lives in none comes last."""
        area = areas.area(cell) if cell is not None else None
        return (area.code, areas.title(area)) if area else ("\uffff", self._say(texts.NO_CELL))

    def _reasons(self, totals: Totals) -> Section:
        rows: list[Row] = [
            (self._say(became), self._say(reason), count)
            for became, why in ((texts.FAILED, totals.failed), (texts.SKIPPED, totals.skipped))
            for reason, count in reasons(why)
        ]
        return self._section(texts.REASONS, [(texts.BECAME, 12), (texts.REASON, 34), (texts.PEOPLE, 10)], rows)

    def _masses(self, found: Sequence[MassSend]) -> Iterator[Section]:
        """What went to many by one call, where anything did; the platform tells how many got it, not who."""
        counts = [
            (heading, 14) for heading in (mass_sends.TOTAL, mass_sends.FILTERED, mass_sends.REACHED, mass_sends.FAILED)
        ]
        columns = [(mass_sends.CALLED, 18), (texts.PEOPLE, 10), (mass_sends.BECAME, 34), *counts]
        rows: list[Row] = [
            (self._time(one.called_at), one.people, self._say(mass_sends.became(one)), *(_told(one))) for one in found
        ]
        if rows:
            yield self._section(mass_sends.TITLE, columns, rows)

    def _reviews(self) -> Section:
        columns = [(texts.VERSION, 8), (texts.STEP, 14), (texts.NAME, 14), (texts.AT, 18), (texts.REASON, 50)]
        rows: list[Row] = [
            (done.version, self._say(STEP[done.step]), done.name, self._time(done.at), done.reason)
            for done in self._store.announcements.signed(self._one.number)
        ]
        return self._section(texts.REVIEWS, columns, rows)

    def _telephones(self) -> Section:
        found = self._store.announcement_reports.telephones(self._one.number, limit=TELEPHONES + 1)
        rows: list[Row] = [(one.name, one.telephone, self._say(texts.why(one.why))) for one in found[:TELEPHONES]]
        if len(found) > TELEPHONES:
            rows.append((self._say(texts.more(TELEPHONES)), None, None))
        return self._section(texts.TELEPHONES, [(texts.NAME, 14), (texts.TELEPHONE, 20), (texts.REASON, 34)], rows)

    def _time(self, at: datetime | None) -> str | None:
        return f"{at.astimezone(self._zone):%Y-%m-%d %H:%M}" if at else None


def parts(totals: Totals) -> int:
    """Everybody of whom we know what became of it."""
    return sum(_counts(totals)[1:]) - totals.opened


def reasons(found: Mapping[str, int]) -> list[tuple[Phrase, int]]:
    """By reason, the most frequent first; what a platform says besides does not tell them apart."""
    counts: dict[Phrase, int] = {}
    for code, count in found.items():
        counts[texts.why(code)] = counts.get(texts.why(code), 0) + count
    return sorted(counts.items(), key=lambda one: (-one[1], one[0].zh))


def _counts(totals: Totals) -> tuple[int, ...]:
    """As the columns have them."""
    failed, skipped = sum(totals.failed.values()), sum(totals.skipped.values())
    return totals.audience, totals.sent, totals.opened, totals.waiting, totals.massed, totals.held, failed, skipped


def _told(one: MassSend) -> tuple[int | None, ...]:
    """What the platform says of one, where it has said how many."""
    return (one.total, one.filtered, one.sent, one.failed) if one.total else (None,) * 4
