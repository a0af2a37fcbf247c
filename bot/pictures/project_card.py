"""The card of one project: how far it is against its plan, what came of each month, what is open."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bot.fonts import BOLD, font
from bot.pictures.canvas import INNER, MARGIN, SIZE, Canvas, Colour
from bot.pictures.heading import BAND, Title, band
from bot.pictures.month_row import MonthMark, MonthRow
from bot.pictures.patterns import STRIPES
from bot.pictures.signs import CALL, CHECK, disc
from bot.pictures.wrapping import one_line, wrapped
from handlers.texts import pictures as texts
from handlers.texts.phrase import Phrase

BAR_HEIGHT = 60

_STAGE = 72
_PROGRESS = 250
_BAR_TOP = 130  # below the top of the part about progress
_PROBLEMS = 104
_FACT = 58
_WHOLE = 100  # per cent


@dataclass(frozen=True, slots=True)
class ProjectCard:
    """What a card tells, its words in the language that the card is drawn in.

    `investment` is in yuan, `progress` and `planned` in per cent of the whole; beyond 100 they fill the bar.
    `stage` is a word, and so is `worst`, how grave the worst of the open problems is; it may be empty.
    """

    congress: str
    number: int
    title: str
    stage: str
    body: str
    leader: str
    deadline: date
    investment: int | None
    progress: int
    planned: int
    months: Sequence[MonthMark]
    open_problems: int
    worst: str
    as_of: date


def project_card(card: ProjectCard, language: str = "zh") -> bytes:
    """A PNG of `SIZE`; the same card gives the same bytes. No text or figure is refused: what is too long ends in …"""
    return _Drawing(card, language).png()


class _Drawing:
    """Parts one under the other; what height they leave is shared among the gaps between them."""

    def __init__(self, card: ProjectCard, language: str) -> None:
        self._card, self._language = card, language
        self._canvas = Canvas()
        self._title = Title.of(card.title)
        self._months = MonthRow(card.months, language)
        self._bodies = wrapped(card.body, font(38), INNER - self._label_width, 2)

    def png(self) -> bytes:
        band(self._canvas, self._card.congress, self._say(texts.number(self._card.number)))
        parts = (
            (self._title.height, self._draw_title),
            (_STAGE, self._draw_stage),
            (_PROGRESS, self._draw_progress),
            (self._months.height, self._draw_months),
            (_PROBLEMS, self._draw_problems),
            (_FACT * (2 + max(len(self._bodies), 1)), self._draw_facts),
        )
        gap = (SIZE[1] - BAND - sum(height for height, _ in parts)) // (len(parts) + 1)
        top = BAND + gap
        for height, draw in parts:
            draw(top)
            top += height + gap
        return self._canvas.png()

    def _say(self, phrase: Phrase) -> str:
        return phrase.said(self._language)

    def _draw_title(self, top: int) -> None:
        self._title.draw(self._canvas, top)

    def _draw_stage(self, top: int) -> None:
        face = font(38, BOLD)
        word = one_line(self._card.stage, face, INNER // 2)
        width = self._canvas.width(word, face) + 48
        if word:
            self._canvas.frame((MARGIN, top, width, _STAGE), Colour.NAVY, 3)
            self._canvas.write(word, MARGIN + 24, top + _STAGE // 2, face, Colour.NAVY, Colour.PAPER)
        self._write_right(self._say(texts.as_of(self._card.as_of)), top + _STAGE // 2, 36, Colour.GREY)

    def _draw_progress(self, top: int) -> None:
        card, behind = self._card, self._card.progress < self._card.planned
        colour = Colour.ORANGE if behind else Colour.BLUE
        label = self._say(texts.PROGRESS)
        self._write(label, MARGIN, top + 66, 40, Colour.INK)
        left = MARGIN + self._canvas.width(label, font(40)) + 20
        right = self._write_right(self._say(texts.compared(card.progress, card.planned)), top + 66, 40, colour)
        share = one_line(f"{card.progress}%", font(108, BOLD), right - left - 24)
        self._canvas.write(share, left, top + 52, font(108, BOLD), colour, Colour.PAPER)
        self._draw_bar(top + _BAR_TOP)

    def _draw_bar(self, top: int) -> None:
        """What is done is full, what should be done but is not is striped, the plan has a pointer with its figure."""
        done, planned = _pixels(self._card.progress), _pixels(self._card.planned)
        self._canvas.rectangle((MARGIN, top, INNER, BAR_HEIGHT), Colour.PALE)
        self._canvas.fill((MARGIN + done, top, planned - done, BAR_HEIGHT), STRIPES, Colour.ORANGE, Colour.PALE)
        self._canvas.rectangle((MARGIN, top, done, BAR_HEIGHT), Colour.BLUE)
        self._canvas.frame((MARGIN, top, INNER, BAR_HEIGHT), Colour.GREY, 2)
        at, below = MARGIN + planned, top + BAR_HEIGHT
        self._canvas.rectangle((at - 3, top - 10, 6, BAR_HEIGHT + 14), Colour.INK)
        self._canvas.polygon([(at, below), (at - 16, below + 20), (at + 16, below + 20)], Colour.INK)
        words = one_line(f"{self._say(texts.PLANNED)} {self._card.planned}%", font(36), INNER)
        width = self._canvas.width(words, font(36))
        left = min(max(at - width // 2, MARGIN), SIZE[0] - MARGIN - width)
        self._write(words, left, below + 46, 36, Colour.INK)

    def _draw_months(self, top: int) -> None:
        self._months.draw(self._canvas, top)

    def _draw_problems(self, top: int) -> None:
        some = self._card.open_problems > 0
        colour = Colour.ORANGE if some else Colour.BLUE
        said = texts.problems(self._card.open_problems, self._card.worst) if some else texts.NO_PROBLEMS
        self._canvas.rectangle((MARGIN, top, INNER, _PROBLEMS), Colour.PALE)
        self._canvas.rectangle((MARGIN, top, 12, _PROBLEMS), colour)
        middle = top + _PROBLEMS // 2
        disc(self._canvas, MARGIN + 36, middle - 28, 56, colour, CALL if some else CHECK, Colour.PAPER, Colour.PALE)
        words = one_line(self._say(said), font(40, BOLD), INNER - 140)
        self._canvas.write(words, MARGIN + 116, middle, font(40, BOLD), Colour.INK, Colour.PALE)

    def _draw_facts(self, top: int) -> None:
        card = self._card
        none = self._say(texts.NOT_GIVEN)
        money = none if card.investment is None else self._say(texts.money(card.investment))
        for row, line in enumerate(self._bodies or [none]):
            self._fact(texts.BODY if row == 0 else None, line, MARGIN, top + row * _FACT, INNER)
        top += _FACT * max(len(self._bodies), 1)
        half = INNER // 2
        self._fact(texts.LEADER, card.leader or none, MARGIN, top, INNER)
        self._fact(texts.DEADLINE, self._say(texts.calendar_day(card.deadline)), MARGIN, top + _FACT, half)
        self._fact(texts.INVESTMENT, money, MARGIN + half + 60, top + _FACT, half - 60)

    def _fact(self, label: Phrase | None, value: str, left: int, top: int, width: int) -> None:
        """A grey label and what it is about, within a width."""
        middle = top + _FACT // 2
        words = self._say(label) if label else ""
        self._write(words, left, middle, 38, Colour.GREY)
        indent = self._label_width if width >= INNER // 2 else self._canvas.width(words, font(38)) + 20
        self._write(one_line(value, font(38), width - indent), left + indent, middle, 38, Colour.INK)

    @property
    def _label_width(self) -> int:
        """Of the longest label that begins a line."""
        return int(max(font(38).getlength(self._say(one)) for one in (texts.BODY, texts.LEADER, texts.DEADLINE))) + 28

    def _write(self, words: str, left: int, middle: int, size: int, colour: Colour) -> None:
        self._canvas.write(words, left, middle, font(size), colour, Colour.PAPER)

    def _write_right(self, words: str, middle: int, size: int, colour: Colour) -> int:
        """Write up to the right margin; where that begins."""
        shown = one_line(words, font(size), INNER // 2)
        left = SIZE[0] - MARGIN - self._canvas.width(shown, font(size))
        self._write(shown, left, middle, size, colour)
        return left


def _pixels(share: int) -> int:
    """How long a share of the bar is."""
    return INNER * min(max(share, 0), _WHOLE) // _WHOLE
