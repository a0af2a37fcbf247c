"""The card of one announcement: how many it reached, who opened it, what waits, and why it did not reach the others."""

from collections.abc import Sequence
from dataclasses import dataclass

from PIL.ImageFont import FreeTypeFont

from bot.fonts import BOLD, font
from bot.pictures.canvas import INNER, MARGIN, SIZE, Canvas, Colour
from bot.pictures.heading import BAND, Title, band
from bot.pictures.patterns import DOTS, PLAIN, STRIPES, Pattern
from bot.pictures.signs import CALL, CHECK, disc
from bot.pictures.wrapping import one_line
from handlers.texts import announcement_reports as texts
from handlers.texts.phrase import Phrase

BAR_HEIGHT = 60
MOST_REASONS = 4

_STATE = 72
_REACHED = 210
_BAR_TOP = 140  # below the top of the part about whom it reached
_ROW = 66
_REASON = 58
_SUM = 104
_SWATCH = 36
_Surface = tuple[Colour, Pattern, Colour]  # the colour in front, its pattern, the colour behind


@dataclass(frozen=True, slots=True)
class AnnouncementCard:
    """What a card tells, its words in the language that the card is drawn in.

    All figures are people. `opened` are some of those whom it reached, `parts` is what all other figures sum to;
    `reasons` are why it did not reach people, with how many each, the most frequent first.
    """

    congress: str
    number: int
    title: str
    state: str
    as_of: str
    audience: int
    sent: int
    opened: int
    waiting: int
    held: int
    failed: int
    skipped: int
    parts: int
    reasons: Sequence[tuple[str, int]]


_BLUE: _Surface = (Colour.BLUE, PLAIN, Colour.BLUE)
_WAITING: _Surface = (Colour.SKY, PLAIN, Colour.SKY)
_HELD: _Surface = (Colour.NAVY, DOTS, Colour.SKY)
_FAILED: _Surface = (Colour.ORANGE, STRIPES, Colour.PALE)
_SKIPPED: _Surface = (Colour.PALE, PLAIN, Colour.PALE)


def announcement_card(card: AnnouncementCard, language: str = "zh") -> bytes:
    """A PNG of `SIZE`; the same card gives the same bytes. No text or figure is refused: what is too long ends in …"""
    return _Drawing(card, language).png()


class _Drawing:
    """Parts one under the other; what height they leave is shared among the gaps between them."""

    def __init__(self, card: AnnouncementCard, language: str) -> None:
        self._card, self._language = card, language
        self._canvas = Canvas()
        self._title = Title.of(card.title)
        self._rows: Sequence[tuple[Phrase, int, _Surface]] = (
            (texts.SENT, card.sent, _BLUE),
            (texts.WAITING, card.waiting, _WAITING),
            (texts.HELD, card.held, _HELD),
            (texts.FAILED, card.failed, _FAILED),
            (texts.SKIPPED, card.skipped, _SKIPPED),
        )
        self._reasons = self._with_the_rest(card.reasons)

    def png(self) -> bytes:
        band(self._canvas, self._card.congress, self._say(texts.numbered(self._card.number)))
        drawn = (
            (self._title.height, self._title_below),
            (_STATE, self._draw_state),
            (_REACHED, self._draw_reached),
            (_ROW * (len(self._rows) + 1), self._draw_rows),
            (_REASON * (1 + len(self._reasons)), self._draw_reasons),
            (_SUM, self._draw_sum),
        )
        gap = (SIZE[1] - BAND - sum(height for height, _ in drawn)) // (len(drawn) + 1)
        top = BAND + gap
        for height, draw in drawn:
            draw(top)
            top += height + gap
        return self._canvas.png()

    def _say(self, phrase: Phrase) -> str:
        return phrase.said(self._language)

    def _with_the_rest(self, reasons: Sequence[tuple[str, int]]) -> list[tuple[str, int]]:
        """As many as there is room for; the last line sums up the others."""
        if len(reasons) <= MOST_REASONS:
            return list(reasons)
        kept, rest = reasons[: MOST_REASONS - 1], reasons[MOST_REASONS - 1 :]
        return [*kept, (self._say(texts.further(len(rest))), sum(count for _, count in rest))]

    def _title_below(self, top: int) -> None:
        self._title.draw(self._canvas, top)

    def _draw_state(self, top: int) -> None:
        face, middle = font(38, BOLD), top + _STATE // 2
        word = one_line(self._card.state, face, INNER // 2)
        if word:
            width = self._canvas.width(word, face) + 48
            self._canvas.frame((MARGIN, top, width, _STATE), Colour.NAVY, 3)
            self._canvas.write(word, MARGIN + 24, middle, face, Colour.NAVY, Colour.PAPER)
        self._write_right(self._card.as_of, middle, font(36), Colour.GREY)

    def _draw_reached(self, top: int) -> None:
        card = self._card
        label = self._say(texts.REACHED_SHARE)
        self._write(label, MARGIN, top + 66, font(40), Colour.INK)
        left = MARGIN + self._canvas.width(label, font(40)) + 20
        of = self._say(texts.of_audience(card.sent, card.audience))
        right = self._write_right(of, top + 66, font(40), Colour.INK)
        share = one_line(_share(card.sent, card.audience), font(108, BOLD), right - left - 24)
        self._write(share, left, top + 52, font(108, BOLD), Colour.BLUE)
        self._draw_bar(top + _BAR_TOP)

    def _draw_bar(self, top: int) -> None:
        """Everybody, by what became of it."""
        self._canvas.rectangle((MARGIN, top, INNER, BAR_HEIGHT), Colour.PALE)
        before = 0
        for _, count, surface in self._rows:
            first, last = (_pixels(people, self._card.audience) for people in (before, before + count))
            self._fill((MARGIN + first, top, last - first, BAR_HEIGHT), surface)
            before += max(count, 0)
        self._canvas.frame((MARGIN, top, INNER, BAR_HEIGHT), Colour.GREY, 2)

    def _draw_rows(self, top: int) -> None:
        """What the surfaces of the bar stand for; who opened it stands below those whom it reached."""
        for phrase, count, surface in self._rows:
            swatch = (MARGIN, top + (_ROW - _SWATCH) // 2, _SWATCH, _SWATCH)
            self._fill(swatch, surface)
            self._canvas.frame(swatch, Colour.GREY, 2)
            self._counted(self._say(phrase), count, top, _ROW, bold=True)
            top += _ROW
            if phrase is texts.SENT:
                self._counted(self._say(texts.OPENED), self._card.opened, top, _ROW)
                top += _ROW

    def _draw_reasons(self, top: int) -> None:
        heading = texts.WHY_NOT if self._reasons else texts.EVERYBODY_REACHED
        self._write(self._say(heading), MARGIN, top + _REASON // 2, font(38), Colour.GREY)
        for reason, count in self._reasons:
            top += _REASON
            self._counted(reason, count, top, _REASON)

    def _draw_sum(self, top: int) -> None:
        card, middle = self._card, top + _SUM // 2
        is_right = card.parts == card.audience
        colour = Colour.BLUE if is_right else Colour.ORANGE
        self._canvas.rectangle((MARGIN, top, INNER, _SUM), Colour.PALE)
        self._canvas.rectangle((MARGIN, top, 12, _SUM), colour)
        sign = CHECK if is_right else CALL
        disc(self._canvas, MARGIN + 36, middle - 28, 56, colour, sign, Colour.PAPER, Colour.PALE)
        said = f"{self._say(texts.SUM)} {self._say(texts.sums(card.parts, card.audience))}"
        words = one_line(said, font(38, BOLD), INNER - 140)
        self._canvas.write(words, MARGIN + 116, middle, font(38, BOLD), Colour.INK, Colour.PALE)

    def _counted(self, words: str, count: int, top: int, height: int, *, bold: bool = False) -> None:
        """Words at the left, how many people at the right."""
        face = font(38, BOLD) if bold else font(38)
        left = MARGIN + _SWATCH + 24
        right = self._write_right(f"{count:,}", top + height // 2, face, Colour.INK)
        self._write(one_line(words, face, right - left - 24), left, top + height // 2, face, Colour.INK)

    def _fill(self, box: tuple[int, int, int, int], surface: _Surface) -> None:
        front, pattern, behind = surface
        if pattern is PLAIN:
            self._canvas.rectangle(box, front)
        else:
            self._canvas.fill(box, pattern, front, behind)

    def _write(self, words: str, left: int, middle: int, face: FreeTypeFont, colour: Colour) -> None:
        self._canvas.write(words, left, middle, face, colour, Colour.PAPER)

    def _write_right(self, words: str, middle: int, face: FreeTypeFont, colour: Colour) -> int:
        """Write up to the right margin; where that begins."""
        shown = one_line(words, face, INNER // 2)
        left = SIZE[0] - MARGIN - self._canvas.width(shown, face)
        self._write(shown, left, middle, face, colour)
        return left


def _share(count: int, whole: int) -> str:
    """In per cent, with a tenth; 100 is all of them, and 0 nobody."""
    if whole <= 0 or count <= 0:
        return "0%"
    if count >= whole:
        return "100%"
    return f"{min(max(count * 1000 // whole, 1), 999) / 10:g}%"


def _pixels(count: int, whole: int) -> int:
    """How much of the bar some people are."""
    return INNER * min(max(count, 0), whole) // whole if whole > 0 else 0
