"""Patterns that tell surfaces apart where colours do not: stripes, crossed stripes, dots."""

from collections.abc import Sequence
from math import hypot

from PIL import Image

Pattern = tuple[tuple[float, ...], ...]  # what is repeated: for each pixel how much there is of the second colour

_SIDE = 14  # pixels from one stripe or dot to the next
_STRIPE = (0, 0, 0, 0, 0, 0, 0.4, 0.9, 1, 1, 1, 1, 0.9, 0.4)
_THIN = (0, 0, 0, 0, 0, 0, 0, 0, 0.4, 1, 1, 1, 0.4, 0)
_RADIUS = 3.4

PLAIN: Pattern = ((0,),)
STRIPES: Pattern = tuple(tuple(_STRIPE[(x + y) % _SIDE] for x in range(_SIDE)) for y in range(_SIDE))
CROSSED: Pattern = tuple(
    tuple(max(_THIN[(x + y) % _SIDE], _THIN[(x - y) % _SIDE]) for x in range(_SIDE)) for y in range(_SIDE)
)
DOTS: Pattern = tuple(
    tuple(min(max(_RADIUS + 0.5 - hypot(x - 6.5, y - 6.5), 0), 1) for x in range(_SIDE)) for y in range(_SIDE)
)


def surface(width: int, height: int, pattern: Pattern, ramp: Sequence[int]) -> Image.Image:
    """A box of a pattern, between the first and the last place of a ramp of the palette."""
    last = len(ramp) - 1
    rows = (bytes(ramp[round(last * share)] for share in row) for row in pattern)
    block = b"".join((row * (width // len(row) + 1))[:width] for row in rows)
    return Image.frombytes("L", (width, height), (block * (height // len(pattern) + 1))[: width * height])
