"""What stands at the top of every picture: a band with the name of the congress, and the title."""

from dataclasses import dataclass

from PIL.ImageFont import FreeTypeFont

from bot.fonts import BOLD, font
from bot.pictures.canvas import INNER, MARGIN, SIZE, Canvas, Colour
from bot.pictures.wrapping import one_line, wrapped

BAND = 108  # pixels high

_LARGE, _SMALLER = 60, 48
_GAP = 32


def band(canvas: Canvas, left: str, right: str = "") -> None:
    """White type on a red band across the page; `left` gives way to `right`."""
    face = font(42, BOLD)
    canvas.rectangle((0, 0, SIZE[0], BAND), Colour.RED)
    shown = one_line(right, face, INNER // 2)
    width = canvas.width(shown, face)
    canvas.write(shown, SIZE[0] - MARGIN - width, BAND // 2, face, Colour.PAPER, Colour.RED)
    room = INNER - width - (_GAP if shown else 0)
    canvas.write(one_line(left, face, room), MARGIN, BAND // 2, face, Colour.PAPER, Colour.RED)


@dataclass(frozen=True, slots=True)
class Title:
    """A title in the largest type in which it needs no more than two lines, else in three lines of smaller type."""

    face: FreeTypeFont
    lines: list[str]

    @classmethod
    def of(cls, text: str) -> "Title":
        large = wrapped(text, font(_LARGE, BOLD), INNER, 3)
        if len(large) <= 2:
            return cls(font(_LARGE, BOLD), large)
        return cls(font(_SMALLER, BOLD), wrapped(text, font(_SMALLER, BOLD), INNER, 3))

    @property
    def height(self) -> int:
        return self._step * len(self.lines)

    def draw(self, canvas: Canvas, top: int) -> None:
        for position, line in enumerate(self.lines):
            middle = top + self._step * position + self._step // 2
            canvas.write(line, MARGIN, middle, self.face, Colour.INK, Colour.PAPER)

    @property
    def _step(self) -> int:
        return int(self.face.size * 1.35)
