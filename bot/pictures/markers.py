"""Numbers and names on a map, each where nothing else is written."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from PIL.ImageFont import FreeTypeFont

from bot.fonts import BOLD, font
from bot.pictures.canvas import Box, Canvas, Colour
from bot.pictures.wrapping import plain

MOST_NUMBERS = 60  # of more places only the marks are drawn: the map would lie hidden under numbers

_HIGH = 52  # pixels, of a number's box
_MARK = 9  # half of the square that marks a place
_POINTER = 22  # between a number's box and its place
_EDGE = 3
_AROUND = ((0, -1), (1, 0), (-1, 0), (0, 1), (1, -1), (-1, -1), (1, 1), (-1, 1))  # where else a box may stand
_FARTHEST = 3  # times its own size
_INSIDE = 0.9  # of a surface's greatest width, which it seldom has everywhere
_NAMES = (36, 30)  # sizes of type for names: the first that fits


@dataclass(frozen=True, slots=True)
class Spot:
    """Something to write at a place of the picture, in pixels, where it has so much room."""

    words: str
    x: int
    y: int
    width: int = 0
    height: int = 0


class Markers:
    """Writes within a box of the canvas. What comes first stays where it belongs; what comes after gives way."""

    def __init__(self, canvas: Canvas, within: Box) -> None:
        self._canvas, self._within = canvas, within
        self._taken: list[Box] = []

    def numbers(self, spots: Sequence[Spot]) -> None:
        """Dark boxes that point at their places, from farther off where it is crowded.

        A place that is too crowded for its number keeps its mark, and so does any after the first `MOST_NUMBERS`.
        """
        face = font(36, BOLD)
        self._taken.extend((spot.x - _MARK, spot.y - _MARK, 2 * _MARK, 2 * _MARK) for spot in spots)
        placed = [(spot, self._free(self._number_box(spot, face))) for spot in spots[:MOST_NUMBERS]]
        for spot in spots[MOST_NUMBERS:]:
            self._point(spot, None)
        for spot, box in placed:
            self._point(spot, box)
        for spot, box in placed:
            if box:
                self._canvas.rectangle(_grown(box, _EDGE), Colour.PAPER)
                self._canvas.rectangle(box, Colour.INK)
                self._write(spot.words, box, face, Colour.PAPER, Colour.INK)

    def names(self, spots: Sequence[Spot]) -> None:
        """Names of surfaces, on white; left out where the surface or the space between numbers is too small."""
        for spot in spots:
            words = plain(spot.words)
            for face in (font(size) for size in _NAMES):
                width, height = self._canvas.width(words, face) + 12, int(face.size * 1.25)
                if words and width <= spot.width * _INSIDE and height <= spot.height:
                    self._name(words, (spot.x - width // 2, spot.y - height // 2, width, height), face)
                    break

    def _name(self, words: str, box: Box, face: FreeTypeFont) -> None:
        free = next((moved for moved in _rows(box) if self._is_free(moved)), None)
        if free is not None:
            self._taken.append(free)
            self._canvas.rectangle(free, Colour.PAPER)
            self._write(words, free, face, Colour.INK, Colour.PAPER)

    def _number_box(self, spot: Spot, face: FreeTypeFont) -> Box:
        width = max(self._canvas.width(spot.words, face) + 24, _HIGH)
        return spot.x - width // 2, spot.y - _POINTER - _HIGH, width, _HIGH

    def _free(self, box: Box) -> Box | None:
        free = next((moved for moved in _moved(box) if self._is_free(_grown(moved, 2 * _EDGE))), None)
        if free is not None:
            self._taken.append(_grown(free, _EDGE))
        return free

    def _is_free(self, box: Box) -> bool:
        left, top, right, bottom = box[0], box[1], box[0] + box[2], box[1] + box[3]
        page_left, page_top, page_width, page_height = self._within
        inside = page_left <= left and right <= page_left + page_width
        inside = inside and page_top <= top and bottom <= page_top + page_height
        # Written out: of a county's map these are asked some ten thousand times.
        return inside and not any(
            left < other_left + width and other_left < right and top < other_top + height and other_top < bottom
            for other_left, other_top, width, height in self._taken
        )

    def _point(self, spot: Spot, box: Box | None) -> None:
        place = spot.x, spot.y
        if box:
            foot = box[0] + box[2] // 2, box[1] + box[3] // 2
            self._canvas.line([foot, place], Colour.PAPER, 9)
            self._canvas.line([foot, place], Colour.INK, 4)
        mark = (spot.x - _MARK + _EDGE, spot.y - _MARK + _EDGE, 2 * (_MARK - _EDGE), 2 * (_MARK - _EDGE))
        self._canvas.rectangle(_grown(mark, _EDGE), Colour.PAPER)
        self._canvas.rectangle(mark, Colour.INK)

    def _write(self, words: str, box: Box, face: FreeTypeFont, colour: Colour, on: Colour) -> None:
        left, top, width, height = box
        start = left + (width - self._canvas.width(words, face)) // 2
        self._canvas.write(words, start, top + height // 2, face, colour, on)


def _moved(box: Box) -> Iterator[Box]:
    """The box where it belongs, then around there, ever farther away."""
    left, top, width, height = box
    yield box
    for times in range(1, _FARTHEST + 1):
        for across, down in _AROUND:
            yield left + across * times * (width + 16), top + down * times * (height + 16), width, height


def _rows(box: Box) -> Iterator[Box]:
    """The box, and a line higher or lower."""
    left, top, width, height = box
    for down in (0, height, -height):
        yield left, top + down, width, height


def _grown(box: Box, edge: int) -> Box:
    left, top, width, height = box
    return left - edge, top - edge, width + 2 * edge, height + 2 * edge
