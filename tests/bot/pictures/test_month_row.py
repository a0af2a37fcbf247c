from io import BytesIO
from itertools import combinations

import pytest
from PIL import Image, ImageChops

from bot.pictures.canvas import INNER, MARGIN, SIZE, Canvas
from bot.pictures.month_row import MOST_MONTHS, Month, MonthMark, MonthRow

DOT = (MARGIN, 64, MARGIN + INNER // 6, 128)  # of the first month, below the heading


def drawn(row: MonthRow) -> Image.Image:
    canvas = Canvas()
    row.draw(canvas, 0)
    return Image.open(BytesIO(canvas.png()))


def shape(month: Month) -> Image.Image:
    """The dot of a month without its colours: what is neither its ground nor its main colour is white."""
    seen = drawn(MonthRow([MonthMark("", month)], "zh")).convert("L").crop(DOT)
    main = max(range(250), key=seen.histogram().__getitem__)
    return seen.point([255 if shade == main else 0 for shade in range(256)])


@pytest.mark.parametrize(("one", "other"), list(combinations(Month, 2)))
def test_months_differ_by_shape_and_not_only_by_colour(one: Month, other: Month) -> None:
    differing = ImageChops.difference(shape(one), shape(other)).histogram()[255]
    assert differing > 200  # pixels, of the 4096 around a dot


@pytest.mark.parametrize("count", range(MOST_MONTHS + 1))
def test_a_row_keeps_within_the_height_that_it_tells(count: int) -> None:
    row = MonthRow([MonthMark(f"{number}月", list(Month)[number % 6]) for number in range(count)], "zh")
    image = drawn(row).convert("L")
    assert image.crop((0, row.height, *SIZE)).getextrema() == (255, 255)
    assert image.crop((0, 0, SIZE[0], row.height)).getextrema() != (255, 255)
