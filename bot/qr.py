"""QR codes that open the chat at a place or with a deputy, and the poster that hangs there."""

from io import BytesIO
from itertools import pairwise

import segno
from PIL import Image, ImageDraw
from PIL.ImageFont import FreeTypeFont

from bot.fonts import BOLD, REGULAR, font

PAGE = (1240, 1754)  # pixels: A4 upright at 150 dots per inch
DOTS_PER_INCH = 150

_QUIET = 4  # modules of white around a code (ISO/IEC 18004)
_PICTURE = 600  # pixels, at least
_ON_POSTER = 920  # pixels, at most
_MARGIN = 100
_INK = (32, 33, 36)
_RED = (178, 34, 34)
_GREY = (110, 112, 116)
_NEVER_FIRST = frozenset(" ,.;:!?)，。、；：！？）」》…")


def qr_png(link: str) -> bytes:
    """The code alone, at least 600 pixels wide, white margin included.

    Raises ValueError for a link that is empty or longer than a code can hold.
    """
    code = _code(link)
    return _png(_drawn(code, -(-_PICTURE // _modules(code))))


def code_rows(link: str) -> list[list[bool]]:
    """The modules of the code, without its margin: whether each is dark, row by row. Raises ValueError as `qr_png`
    does."""
    return [[bool(module) for module in row] for row in _code(link).matrix]


def poster_png(link: str, title: str, instruction: str) -> bytes:
    """A page of A4 to print: the place's name, the code, one line that says what it is for, and the link in small.

    Long names and lines shrink and break. Raises ValueError as `qr_png` does.
    """
    code = _code(link)
    page = Image.new("RGB", PAGE, "white")
    draw = ImageDraw.Draw(page)
    draw.rectangle((0, 0, PAGE[0], 28), fill=_RED)
    _write(draw, title, middle=240, height=300, size=108, weight=BOLD, colour=_RED)
    picture = _drawn(code, _ON_POSTER // _modules(code))
    page.paste(picture, ((PAGE[0] - picture.width) // 2, 850 - picture.height // 2))
    _write(draw, instruction, middle=1430, height=220, size=72, weight=BOLD, colour=_INK)
    _write(draw, link, middle=1620, height=90, size=26, weight=REGULAR, colour=_GREY)
    draw.rectangle((0, PAGE[1] - 28, PAGE[0], PAGE[1]), fill=_RED)
    return _png(page)


def _code(link: str) -> segno.QRCode:
    if not link:
        raise ValueError("a QR code needs a link")
    # Level Q still reads with a quarter of the code worn off or dirty.
    return segno.make_qr(link, error="q")


def _modules(code: segno.QRCode) -> int:
    """How many modules a code is wide, with its margin."""
    return len(code.matrix) + 2 * _QUIET


def _drawn(code: segno.QRCode, scale: int) -> Image.Image:
    """The code in black and white, `scale` pixels a module."""
    stream = BytesIO()
    code.save(stream, kind="png", scale=max(scale, 1), border=_QUIET)
    stream.seek(0)
    return Image.open(stream).convert("RGB")


def _png(picture: Image.Image) -> bytes:
    stream = BytesIO()
    picture.save(stream, "PNG", optimize=True, dpi=(DOTS_PER_INCH, DOTS_PER_INCH))
    return stream.getvalue()


def _write(
    draw: ImageDraw.ImageDraw,
    text: str,
    *,
    middle: int,
    height: int,
    size: int,
    weight: int,
    colour: tuple[int, int, int],
) -> None:
    """Centre a text around the line `middle`, as large as `size` and the `height` allow."""
    face, lines = _fitted(text, PAGE[0] - 2 * _MARGIN, height, size, weight)
    step = _line_height(face)
    top = middle - step * len(lines) / 2
    for number, line in enumerate(lines):
        draw.text((PAGE[0] / 2, top + step * (number + 0.5)), line, font=face, fill=colour, anchor="mm")


def _fitted(text: str, width: int, height: int, size: int, weight: int) -> tuple[FreeTypeFont, list[str]]:
    """The largest face up to `size` in which a text fits, and its lines."""
    face = font(size, weight)
    lines = _broken(text, face, width)
    while _line_height(face) * len(lines) > height and face.size > 12:
        face = font(int(face.size * 0.9), weight)
        lines = _broken(text, face, width)
    return face, lines


def _line_height(face: FreeTypeFont) -> float:
    return face.size * 1.35


def _broken(text: str, face: FreeTypeFont, width: int) -> list[str]:
    """Lines as even as can be, none wider than `width`; Chinese may break behind any character."""
    for count in range(1, len(text)):
        lines = _even(text, count)
        if all(face.getlength(line) <= width for line in lines):
            return lines
    return list(text)


def _even(text: str, count: int) -> list[str]:
    """About `count` lines, parted at a space near by where there is one; none begins with a closing mark."""
    breaks = [0, *(_break(text, len(text) * number // count) for number in range(1, count)), len(text)]
    lines = (text[start:end].strip() for start, end in pairwise(breaks))
    return [line for line in lines if line]


def _break(text: str, place: int) -> int:
    for near in (place, place - 1, place + 1, place - 2, place + 2):
        if text[near : near + 1] == " ":
            return near
    while place < len(text) and text[place] in _NEVER_FIRST:
        place += 1
    return place
