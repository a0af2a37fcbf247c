"""A page of few colours, 1080 pixels wide, that becomes a small PNG fast.

Every pixel is a number in a palette. What is smooth (type, round signs) blends over ten steps between two colours
that are known when it is drawn, so that nothing has to be counted or quantized at the end.
"""

from collections.abc import Mapping
from enum import IntEnum
from functools import lru_cache
from io import BytesIO
from math import ceil

from PIL import Image, ImageDraw
from PIL.ImageFont import FreeTypeFont

from bot.pictures.patterns import Pattern, surface

Box = tuple[int, int, int, int]  # left, top, width, height, in pixels

SIZE = (1080, 1440)  # pixels: three to four, as wide as a telephone's screen
MARGIN = 56
INNER = SIZE[0] - 2 * MARGIN

_STEPS = 10  # between two colours
_OVERHANG = 2  # pixels that a letter may stand out at either side


class Colour(IntEnum):
    """A place in the palette. Blue and orange differ for every kind of eye; red only frames, and tells nothing."""

    PAPER = 0
    INK = 1
    GREY = 2
    PALE = 3
    RED = 4
    BLUE = 5
    SKY = 6
    NAVY = 7
    AMBER = 8
    BROWN = 9
    ORANGE = 10


RGB: Mapping[Colour, tuple[int, int, int]] = {
    Colour.PAPER: (255, 255, 255),
    Colour.INK: (32, 33, 36),
    Colour.GREY: (92, 95, 100),
    Colour.PALE: (240, 241, 243),
    Colour.RED: (178, 34, 34),
    Colour.BLUE: (0, 94, 162),
    Colour.SKY: (122, 184, 232),
    Colour.NAVY: (0, 52, 96),
    Colour.AMBER: (250, 200, 75),
    Colour.BROWN: (140, 92, 0),
    Colour.ORANGE: (200, 80, 0),
}


class Canvas:
    """Draws at whole pixels, counted from the upper left corner. What stands out of the page is cut off."""

    def __init__(self) -> None:
        self.image = Image.new("L", SIZE, Colour.PAPER)
        self._draw = ImageDraw.Draw(self.image)
        self._colours = [RGB[colour] for colour in Colour]
        self._ramps: dict[tuple[Colour, Colour], list[int]] = {}
        self._tables: dict[tuple[Colour, Colour], bytes] = {}

    def rectangle(self, box: Box, colour: Colour) -> None:
        left, top, width, height = box
        if width > 0 and height > 0:
            self._draw.rectangle((left, top, left + width - 1, top + height - 1), fill=colour)

    def frame(self, box: Box, colour: Colour, thickness: int) -> None:
        left, top, width, height = box
        self._draw.rectangle((left, top, left + width - 1, top + height - 1), outline=colour, width=thickness)

    def fill(self, box: Box, pattern: Pattern, colour: Colour, on: Colour, mask: Image.Image | None = None) -> None:
        """Cover a box with a pattern of two colours; with a mask, only where that is not 0."""
        left, top, width, height = box
        if width > 0 and height > 0:
            self.image.paste(surface(width, height, pattern, self.ramp(on, colour)), (left, top), mask)

    def line(self, points: list[tuple[int, int]], colour: Colour, thickness: int) -> None:
        self._draw.line(points, fill=colour, width=thickness)

    def polygon(self, points: list[tuple[int, int]], colour: Colour) -> None:
        self._draw.polygon(points, fill=colour)

    def write(self, text: str, left: int, middle: int, face: FreeTypeFont, colour: Colour, on: Colour) -> None:
        """One line of type whose middle is at the height `middle`, upon a ground that is all of one colour."""
        mask, indent, rise = _typed(text, face)
        self.stamp(mask, left + indent, middle - rise, colour, on)

    @staticmethod
    def width(text: str, face: FreeTypeFont) -> int:
        """Of a line of type, in pixels."""
        return _width(text, face)

    def stamp(self, mask: Image.Image, left: int, top: int, colour: Colour, on: Colour) -> None:
        """Put a mask's shape down in one colour: 0 is the ground, 255 the colour, between them they blend."""
        shades = mask.tobytes().translate(self._table(on, colour))
        self.image.paste(Image.frombytes("L", mask.size, shades), (left, top))

    def _table(self, ground: Colour, colour: Colour) -> bytes:
        """For each shade of a mask its place in the palette."""
        found = self._tables.get((ground, colour))
        if found is None:
            ramp = self.ramp(ground, colour)
            last = len(ramp) - 1
            found = bytes(ramp[(shade * last + 127) // 255] for shade in range(256))
            self._tables[ground, colour] = found
        return found

    def ramp(self, ground: Colour, colour: Colour) -> list[int]:
        """Places in the palette that lead from the ground to the colour, both included."""
        found = self._ramps.get((ground, colour))
        if found is None:
            first = len(self._colours)
            blends = [_blend(RGB[ground], RGB[colour], step / (_STEPS + 1)) for step in range(1, _STEPS + 1)]
            self._colours.extend(blends)
            found = [ground, *range(first, first + _STEPS), colour]
            self._ramps[ground, colour] = found
        return found

    def png(self) -> bytes:
        """The same drawing gives the same bytes."""
        picture = self.image.copy()
        picture.putpalette([part for colour in self._colours for part in colour])
        stream = BytesIO()
        picture.save(stream, "PNG", compress_level=2)
        return stream.getvalue()


@lru_cache(maxsize=256)
def _width(text: str, face: FreeTypeFont) -> int:
    return ceil(face.getlength(text)) + 1 if text else 0


@lru_cache(maxsize=64)  # labels, names of months and of the congress: half of the time goes into type
def _typed(text: str, face: FreeTypeFont) -> tuple[Image.Image, int, int]:
    """A line of type as a mask without any margin, and how far it begins right of its left end and above its middle."""
    size = (min(Canvas.width(text, face), SIZE[0]) + 2 * _OVERHANG, int(face.size * 1.4))
    whole = Image.new("L", size)
    ImageDraw.Draw(whole).text((_OVERHANG, size[1] // 2), text, font=face, fill=255, anchor="lm")
    box = whole.getbbox() or (0, 0, 0, 0)
    return whole.crop(box), box[0] - _OVERHANG, size[1] // 2 - box[1]


def _blend(first: tuple[int, int, int], second: tuple[int, int, int], share: float) -> tuple[int, int, int]:
    red, green, blue = (round(one + (other - one) * share) for one, other in zip(first, second, strict=True))
    return red, green, blue
