"""Small round signs, each told from the others by its shape as well as by its colour."""

from functools import lru_cache

from PIL import Image, ImageDraw

from bot.pictures.canvas import Canvas, Colour

_FINER = 4  # drawn so many times larger, then reduced, so that edges are smooth

# Strokes on a square of 100 by 100.
CHECK = (((14, 54), (40, 80), (88, 22)),)
CROSS = (((18, 18), (82, 82)), ((82, 18), (18, 82)))
HANDS = (((50, 6), (50, 54), (84, 74)),)  # of a clock
BAR = (((12, 50), (88, 50)),)
CALL = (((50, 4), (50, 60)), ((50, 84), (50, 90)))  # an exclamation mark
Strokes = tuple[tuple[tuple[int, int], ...], ...]


def disc(
    canvas: Canvas, left: int, top: int, size: int, colour: Colour, strokes: Strokes, stroke: Colour, on: Colour
) -> None:
    """A filled circle of `size` pixels, with strokes in it."""
    canvas.stamp(_round(size, 0), left, top, colour, on)
    if strokes:
        inner = size * 6 // 10
        edge = (size - inner) // 2
        canvas.stamp(_stroked(inner, strokes), left + edge, top + edge, stroke, colour)


def ring(canvas: Canvas, left: int, top: int, size: int, colour: Colour, on: Colour) -> None:
    """A circle with nothing in it."""
    canvas.stamp(_round(size, max(size // 10, 3)), left, top, colour, on)


@lru_cache(maxsize=32)
def _round(size: int, thickness: int) -> Image.Image:
    """A circle: filled, or with `thickness` a ring."""
    mask = Image.new("L", (size * _FINER, size * _FINER))
    inside = None if thickness else 255
    last = size * _FINER - 1
    ImageDraw.Draw(mask).ellipse((0, 0, last, last), fill=inside or 255)
    if thickness:
        edge = thickness * _FINER
        ImageDraw.Draw(mask).ellipse((edge, edge, last - edge, last - edge), fill=0)
    return mask.reduce(_FINER)


@lru_cache(maxsize=32)
def _stroked(size: int, strokes: Strokes) -> Image.Image:
    whole = size * _FINER
    mask = Image.new("L", (whole, whole))
    draw = ImageDraw.Draw(mask)
    width = whole * 17 // 100
    for stroke in strokes:
        points = [(x * whole / 100, y * whole / 100) for x, y in stroke]
        draw.line(points, fill=255, width=width, joint="curve")
        for x, y in points:
            draw.ellipse((x - width / 2, y - width / 2, x + width / 2, y + width / 2), fill=255)
    return mask.reduce(_FINER)
