"""Surfaces of a map: each in the colour and the pattern of how things stand there, with thin borders between."""

from collections.abc import Mapping, Sequence
from enum import StrEnum

from PIL import Image, ImageChops, ImageDraw

from bot.pictures.canvas import Box, Canvas, Colour
from bot.pictures.patterns import CROSSED, DOTS, PLAIN, STRIPES, Pattern
from bot.pictures.projection import FINER, Ring


class Standing(StrEnum):
    """How the projects of a cell stand against their plans."""

    ON_PLAN = "on_plan"
    SLOW = "slow"
    STOPPED = "stopped"
    FINISHED = "finished"
    NONE = "none"  # no project


# The colour, the pattern on it, and the pattern's colour. They differ in lightness too, for those who see no colours.
LOOKS: Mapping[Standing, tuple[Colour, Pattern, Colour]] = {
    Standing.ON_PLAN: (Colour.SKY, PLAIN, Colour.SKY),
    Standing.SLOW: (Colour.AMBER, STRIPES, Colour.BROWN),
    Standing.STOPPED: (Colour.ORANGE, CROSSED, Colour.PAPER),
    Standing.FINISHED: (Colour.NAVY, DOTS, Colour.SKY),
    Standing.NONE: (Colour.PALE, PLAIN, Colour.PALE),
}
_STANDINGS = tuple(Standing)


def fill(canvas: Canvas, box: Box, standing: Standing) -> None:
    """Cover a box as the surfaces of a standing look."""
    colour, pattern, second = LOOKS[standing]
    canvas.fill(box, pattern, second, colour)


def paint(canvas: Canvas, box: Box, rings: Sequence[Ring], standings: Sequence[Standing]) -> None:
    """Draw rings, whose pixels count from the corner of `box`; `standings` are those of the cells by position."""
    left, top, width, height = box
    kinds = Image.new("L", (width, height))  # 0 for the ground, else one more than the standing's position
    draw = ImageDraw.Draw(kinds)
    for ring in rings:
        kind = 0 if ring.hole else _STANDINGS.index(standings[ring.cell]) + 1
        draw.polygon(ring.points, fill=kind)
    canvas.image.paste(
        kinds.point(_lookup([Colour.PAPER, *(LOOKS[standing][0] for standing in _STANDINGS)])), (left, top)
    )
    for kind, standing in enumerate(_STANDINGS, start=1):
        colour, pattern, second = LOOKS[standing]
        if standing in standings and pattern is not PLAIN:
            canvas.fill(box, pattern, second, colour, kinds.point(_lookup([0] * kind + [255])))
    _draw_borders(canvas, box, rings, kinds)


def _draw_borders(canvas: Canvas, box: Box, rings: Sequence[Ring], kinds: Image.Image) -> None:
    """Put borders down, which blend into the ground or the colour beside them."""
    left, top, width, height = box
    fine = Image.new("L", (width * FINER, height * FINER))
    draw = ImageDraw.Draw(fine)
    for ring in rings:
        draw.line(ring.finer, fill=255)
    grounds = [Colour.PAPER, *(LOOKS[standing][0] for standing in _STANDINGS)]
    ramps = [canvas.ramp(ground, Colour.INK) for ground in grounds]
    last = len(ramps[0]) - 1
    # A line of one fine pixel covers half a pixel of the picture: at twice its strength it is a whole one.
    strengths = [min(shade * FINER * last // 255, last) for shade in range(256)]
    strength = fine.reduce(FINER).point(strengths)
    both = ImageChops.add(strength, kinds.point(_lookup([kind * (last + 1) for kind in range(len(ramps))])))
    places = [place for ramp in ramps for place in ramp]
    blended = both.point(_lookup(places))
    canvas.image.paste(blended, (left, top), strength.point([0] + [255] * 255))


def _lookup(values: Sequence[int]) -> list[int]:
    """What becomes of each shade of an image; of those that do not occur, nothing."""
    return [*values, *([0] * (256 - len(values)))]
