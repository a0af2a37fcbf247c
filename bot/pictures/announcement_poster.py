"""The poster of an announcement, to be forwarded to groups: how it begins, and the code that leads to all of it."""

from dataclasses import dataclass
from datetime import date

from PIL.ImageFont import FreeTypeFont

from bot.fonts import BOLD, font
from bot.pictures.canvas import INNER, MARGIN, SIZE, Canvas, Colour
from bot.pictures.heading import BAND, band
from bot.pictures.wrapping import one_line, wrapped
from bot.qr import code_rows
from handlers.texts import pictures as texts
from handlers.texts.phrase import Phrase

FOOT = 340  # pixels from the bottom: the code, and what it is for

_CODE = 280  # pixels at most, its white margin included
_QUIET = 4  # modules of white around it (ISO/IEC 18004)
_GAP = 44
_TEXT = 44  # pixels: about 22 characters in a line
_STEP = 68
_LONGEST = 300  # characters of a paragraph that are looked at: see bot.pictures.wrapping
_TITLES = ((88, 2), (72, 3), (60, 4))  # size in pixels, and in how many lines it may need that


@dataclass(frozen=True, slots=True)
class AnnouncementPoster:
    """Words in the language of the poster. `address` is what the code holds, `invitation` says what that is for."""

    congress: str
    kind: str
    title: str
    text: str
    day: date
    address: str
    invitation: Phrase


def announcement_poster(poster: AnnouncementPoster, language: str = "zh") -> bytes:
    """A PNG of `SIZE`; the same poster gives the same bytes. What is too long ends in …

    Raises ValueError for an address that is empty or longer than a code can hold.
    """
    canvas = Canvas()
    band(canvas, poster.congress, poster.kind)
    top = _draw_title(canvas, poster.title, BAND + _GAP)
    _draw_text(canvas, poster.text, top + _GAP // 2)
    _draw_foot(canvas, poster, language)
    return canvas.png()


def _draw_title(canvas: Canvas, title: str, top: int) -> int:
    """As large as it can be; where it ends."""
    face, lines = _fitted(title)
    step = int(face.size * 1.32)
    for position, line in enumerate(lines):
        canvas.write(line, MARGIN, top + step * position + step // 2, face, Colour.RED, Colour.PAPER)
    return top + step * len(lines)


def _fitted(title: str) -> tuple[FreeTypeFont, list[str]]:
    for size, most in _TITLES:
        lines = wrapped(title, font(size, BOLD), INNER, most + 1)
        if len(lines) <= most:
            return font(size, BOLD), lines
    size, most = _TITLES[-1]
    return font(size, BOLD), wrapped(title, font(size, BOLD), INNER, most)


def _draw_text(canvas: Canvas, text: str, top: int) -> None:
    """Paragraph by paragraph, as far as there is room."""
    room = (SIZE[1] - FOOT - _GAP // 2 - top) // _STEP
    for position, line in enumerate(_beginning(text, font(_TEXT), room)):
        canvas.write(line, MARGIN, top + _STEP * position + _STEP // 2, font(_TEXT), Colour.INK, Colour.PAPER)


def _beginning(text: str, face: FreeTypeFont, room: int) -> list[str]:
    lines: list[str] = []
    for paragraph in filter(str.strip, text.splitlines()):
        if len(lines) == room:
            return [*lines[:-1], _going_on(lines[-1], face)]
        lines += wrapped(paragraph[:_LONGEST], face, INNER, room - len(lines))
        if lines and len(paragraph) > _LONGEST:
            return [*lines[:-1], _going_on(lines[-1], face)]
    return lines


def _going_on(line: str, face: FreeTypeFont) -> str:
    return line if line.endswith("…") else one_line(f"{line}…", face, INNER)


def _draw_foot(canvas: Canvas, poster: AnnouncementPoster, language: str) -> None:
    top = SIZE[1] - FOOT
    canvas.rectangle((0, top, SIZE[0], FOOT), Colour.PALE)
    width = _draw_code(canvas, poster.address, top)
    left = MARGIN + width + _GAP
    said = poster.invitation.said(language), poster.congress, texts.calendar_day(poster.day).said(language)
    rows = zip(
        said, (font(56, BOLD), font(40), font(40)), (Colour.RED, Colour.INK, Colour.GREY), (-78, 8, 74), strict=True
    )
    for words, face, colour, below in rows:
        shown = one_line(words, face, SIZE[0] - MARGIN - left)
        canvas.write(shown, left, top + FOOT // 2 + below, face, colour, Colour.PALE)


def _draw_code(canvas: Canvas, address: str, top: int) -> int:
    """How wide its white square is; whole pixels a module, so that every camera reads it."""
    rows = code_rows(address)
    scale = max(_CODE // (len(rows) + 2 * _QUIET), 2)
    width = max((len(rows) + 2 * _QUIET) * scale, _CODE)
    above = top + (FOOT - width) // 2
    canvas.rectangle((MARGIN, above, width, width), Colour.PAPER)
    indent = (width - len(rows) * scale) // 2
    for down, row in enumerate(rows):
        for across, is_dark in enumerate(row):
            if is_dark:
                at = MARGIN + indent + across * scale, above + indent + down * scale
                canvas.rectangle((*at, scale, scale), Colour.INK)
    return width
