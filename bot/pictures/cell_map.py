"""The map of an area's grid cells: how things stand in each, and where the projects are."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from bot.fonts import BOLD, font
from bot.pictures.canvas import INNER, MARGIN, SIZE, Box, Canvas, Colour
from bot.pictures.heading import BAND, Title, band
from bot.pictures.markers import Markers, Spot
from bot.pictures.projection import Boundary, Bounds, Frame, Outlines
from bot.pictures.surfaces import Standing, fill, paint
from bot.pictures.wrapping import one_line
from handlers.texts import pictures as texts
from handlers.texts.phrase import Phrase

MOST_NAMES = 40  # on a map of more cells there are none: half of them with names would look like an error

_SIDE = 32  # pixels beside the map
_GAP = 24
_LEGEND_LINE = 64
_MARGIN_SHARE = 0.02  # of the area's width and height, around it
_SWATCH = (64, 44)


@dataclass(frozen=True, slots=True)
class Cell:
    """A grid cell; without a polygon that can be drawn it is only counted."""

    name: str
    polygon: Boundary
    standing: Standing


@dataclass(frozen=True, slots=True)
class Marker:
    """A project's number and its place, in degrees."""

    number: int
    longitude: float
    latitude: float


@dataclass(frozen=True, slots=True)
class CellMap:
    """What a map tells. `legend` has the words for standings, in the language that the map is drawn in."""

    congress: str
    title: str
    cells: Sequence[Cell]
    legend: Mapping[Standing, str]
    markers: Sequence[Marker]
    as_of: date


def cell_map(drawn: CellMap, language: str = "zh") -> bytes:
    """A PNG of `SIZE`; the same map gives the same bytes. No polygon is refused: what cannot be drawn is counted."""
    return _Drawing(drawn, language).png()


class _Drawing:
    def __init__(self, drawn: CellMap, language: str) -> None:
        self._map, self._language = drawn, language
        self._canvas = Canvas()
        self._title = Title.of(drawn.title)
        self._outlines = Outlines([cell.polygon for cell in drawn.cells])
        self._bounds = _with_margin(self._outlines.bounds())
        self._shown = [one for one in drawn.markers if self._bounds and _within(one, self._bounds)]

    def png(self) -> bytes:
        band(self._canvas, self._map.congress, self._say(texts.as_of(self._map.as_of)))
        self._title.draw(self._canvas, BAND + _GAP)
        legend, notes = self._legend(), self._notes()
        legend_height = _LEGEND_LINE * (-(-len(legend) // 2) + len(notes))
        top = BAND + _GAP + self._title.height + _GAP
        box = (_SIDE, top, SIZE[0] - 2 * _SIDE, SIZE[1] - top - legend_height - 2 * _GAP)
        self._draw_map(box)
        self._draw_legend(legend, notes, SIZE[1] - legend_height - _GAP)
        return self._canvas.png()

    def _say(self, phrase: Phrase) -> str:
        return phrase.said(self._language)

    def _draw_map(self, box: Box) -> None:
        left, top, width, height = box
        if self._bounds is None:
            words = self._say(texts.NO_BOUNDARIES)
            middle = (SIZE[0] - self._canvas.width(words, font(44))) // 2
            self._canvas.write(words, middle, top + height // 2, font(44), Colour.GREY, Colour.PAPER)
            return
        frame = Frame.around(self._bounds, width, height)
        paint(self._canvas, box, self._outlines.rings(frame), [cell.standing for cell in self._map.cells])
        markers = Markers(self._canvas, box)
        markers.numbers([self._marker(one, frame, left, top) for one in self._shown])
        if len(self._map.cells) <= MOST_NAMES:
            markers.names(self._names(frame, left, top))

    @staticmethod
    def _marker(marker: Marker, frame: Frame, left: int, top: int) -> Spot:
        x, y = frame.place(marker.longitude, marker.latitude)
        return Spot(str(marker.number), left + round(x), top + round(y))

    def _names(self, frame: Frame, left: int, top: int) -> list[Spot]:
        return [
            Spot(self._map.cells[cell].name, left + round(x), top + round(y), int(width), int(height))
            for cell, (x, y, width, height) in self._outlines.labels(frame).items()
        ]

    def _legend(self) -> list[tuple[Standing | None, str]]:
        """Standings with their words and how many cells have them, and None for what projects' numbers look like."""
        counted = Counter(cell.standing for cell in self._map.cells)
        entries: list[tuple[Standing | None, str]] = [
            (standing, f"{self._map.legend[standing]} {self._say(texts.cells(counted[standing]))}")
            for standing in Standing
            if standing in self._map.legend
        ]
        return [*entries, (None, self._say(texts.PROJECT))] if self._shown else entries

    def _notes(self) -> list[str]:
        missing = len(self._map.cells) - len(self._outlines.cells)
        off = len(self._map.markers) - len(self._shown)
        counted = (missing, texts.without_boundary(missing)), (off, texts.off_the_map(off))
        return [self._say(note) for count, note in counted if count]

    def _draw_legend(self, legend: Sequence[tuple[Standing | None, str]], notes: Sequence[str], top: int) -> None:
        for position, (standing, words) in enumerate(legend):
            row, column = divmod(position, 2)
            self._entry(standing, words, MARGIN + column * (INNER // 2), top + row * _LEGEND_LINE)
        top += _LEGEND_LINE * -(-len(legend) // 2)
        for row, note in enumerate(notes):
            middle = top + row * _LEGEND_LINE + _LEGEND_LINE // 2
            self._canvas.write(one_line(note, font(36), INNER), MARGIN, middle, font(36), Colour.GREY, Colour.PAPER)

    def _entry(self, standing: Standing | None, words: str, left: int, top: int) -> None:
        width, height = _SWATCH
        middle = top + _LEGEND_LINE // 2
        if standing is None:
            self._canvas.rectangle((left + (width - height) // 2, middle - height // 2, height, height), Colour.INK)
            self._canvas.write("1", left + width // 2 - 9, middle, font(32, BOLD), Colour.PAPER, Colour.INK)
        else:
            box = (left, middle - height // 2, width, height)
            fill(self._canvas, box, standing)
            self._canvas.frame(box, Colour.INK, 2)
        shown = one_line(words, font(38), INNER // 2 - width - 36)
        self._canvas.write(shown, left + width + 18, middle, font(38), Colour.INK, Colour.PAPER)


def _with_margin(bounds: Bounds | None) -> Bounds | None:
    if bounds is None:
        return None
    west, south, east, north = bounds
    across, down = (east - west) * _MARGIN_SHARE, (north - south) * _MARGIN_SHARE
    return west - across, south - down, east + across, north + down


def _within(marker: Marker, bounds: Bounds) -> bool:
    west, south, east, north = bounds
    return west <= marker.longitude <= east and south <= marker.latitude <= north
