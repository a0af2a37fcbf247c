"""Months as dots: what came of each month's inspection, by colour and by shape, and how many of each there are."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.fonts import BOLD, REGULAR, font
from bot.pictures.canvas import INNER, MARGIN, Canvas, Colour
from bot.pictures.signs import BAR, CHECK, CROSS, HANDS, Strokes, disc, ring
from bot.pictures.wrapping import one_line
from handlers.texts import pictures as texts

MOST_MONTHS = 24  # the last ones are shown

_HEADING = 64
_DOT = 64
_ROW = 118
_LEGEND_LINE = 54
_LEGEND_DOT = 36
_GAP = 28


class Month(StrEnum):
    """What came of the inspection that was owed for a month."""

    ANSWERED = "answered"
    LATE = "late"  # answered after the day it was due
    MISSED = "missed"
    OPEN = "open"  # may still be answered in time
    NOT_DUE = "not_due"
    EXCUSED = "excused"  # could not be inspected, with a reason


@dataclass(frozen=True, slots=True)
class MonthMark:
    """A month, with the label that stands under its dot."""

    label: str
    month: Month


_WORDS = {
    Month.ANSWERED: texts.ANSWERED,
    Month.LATE: texts.LATE,
    Month.MISSED: texts.MISSED,
    Month.OPEN: texts.OPEN,
    Month.NOT_DUE: texts.NOT_DUE,
    Month.EXCUSED: texts.EXCUSED,
}
# The colour of the dot, the strokes in it, and their colour.
_LOOKS: dict[Month, tuple[Colour, Strokes, Colour]] = {
    Month.ANSWERED: (Colour.BLUE, CHECK, Colour.PAPER),
    Month.LATE: (Colour.AMBER, HANDS, Colour.INK),
    Month.MISSED: (Colour.ORANGE, CROSS, Colour.PAPER),
    Month.EXCUSED: (Colour.GREY, BAR, Colour.PAPER),
}


class MonthRow:
    """Up to six months stand in a row, more than twelve in rows of twelve."""

    def __init__(self, months: Sequence[MonthMark], language: str) -> None:
        self._months = list(months)[-MOST_MONTHS:]
        self._language = language
        self._columns = 6 if len(self._months) <= 12 else 12
        self._legend = self._laid_out()

    @property
    def height(self) -> int:
        if not self._months:
            return _HEADING
        return _HEADING + _ROW * -(-len(self._months) // self._columns) + _LEGEND_LINE * len(self._legend)

    def draw(self, canvas: Canvas, top: int) -> None:
        heading = (texts.MONTHS if self._months else texts.NO_MONTHS).said(self._language)
        canvas.write(heading, MARGIN, top + _HEADING // 2 - 8, font(40, BOLD), Colour.INK, Colour.PAPER)
        top += _HEADING
        for position, mark in enumerate(self._months):
            row, column = divmod(position, self._columns)
            self._draw_month(canvas, mark, column, top + row * _ROW)
        if self._months:
            self._draw_legend(canvas, top + _ROW * -(-len(self._months) // self._columns))

    def _draw_month(self, canvas: Canvas, mark: MonthMark, column: int, top: int) -> None:
        width = INNER // self._columns
        middle = MARGIN + column * width + width // 2
        _dot(canvas, mark.month, middle - _DOT // 2, top, _DOT)
        face = font(36 if self._columns == 6 else 30, REGULAR)
        label = one_line(mark.label, face, width - 4)
        left = middle - canvas.width(label, face) // 2
        canvas.write(label, left, top + _DOT + 24, face, Colour.INK, Colour.PAPER)

    def _laid_out(self) -> list[list[tuple[Month, str, int]]]:
        """Lines of the legend: months, their words, and where they begin."""
        counted = Counter(mark.month for mark in self._months)
        lines: list[list[tuple[Month, str, int]]] = []
        left = INNER
        for month in Month:
            if month in counted:
                word = f"{_WORDS[month].said(self._language)} {counted[month]}"
                width = _LEGEND_DOT + 12 + int(font(36).getlength(word)) + _GAP
                if left + width - _GAP > INNER:
                    lines.append([])
                    left = 0
                lines[-1].append((month, word, left))
                left += width
        return lines

    def _draw_legend(self, canvas: Canvas, top: int) -> None:
        for row, line in enumerate(self._legend):
            for month, word, left in line:
                middle = top + row * _LEGEND_LINE + _LEGEND_LINE // 2
                _dot(canvas, month, MARGIN + left, middle - _LEGEND_DOT // 2, _LEGEND_DOT)
                word_left = MARGIN + left + _LEGEND_DOT + 12
                canvas.write(word, word_left, middle, font(36), Colour.INK, Colour.PAPER)


def _dot(canvas: Canvas, month: Month, left: int, top: int, size: int) -> None:
    if month is Month.OPEN:
        ring(canvas, left, top, size, Colour.BLUE, Colour.PAPER)
    elif month is Month.NOT_DUE:
        small = size * 3 // 8
        edge = (size - small) // 2
        disc(canvas, left + edge, top + edge, small, Colour.GREY, (), Colour.PAPER, Colour.PAPER)
    else:
        colour, strokes, stroke = _LOOKS[month]
        disc(canvas, left, top, size, colour, strokes, stroke, Colour.PAPER)
