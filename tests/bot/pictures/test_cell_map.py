from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import combinations
from math import cos, isfinite, radians
from random import Random
from struct import pack
from typing import Any

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import GeometryCollection, LineString, Point, Polygon, affinity, box
from shapely.geometry.base import BaseGeometry

from bot.pictures.canvas import RGB, SIZE, Colour
from bot.pictures.cell_map import MOST_NAMES, Cell, CellMap, Marker, cell_map
from bot.pictures.markers import MOST_NUMBERS
from bot.pictures.projection import Boundary
from bot.pictures.surfaces import LOOKS, Standing
from tests.bot.pictures.looking import edges_are_empty, only, patches, picture, share

UNHEARD = (
    "ignore:(invalid value|overflow) encountered:RuntimeWarning"  # how shapely says that a corner is not on any map
)
WEST, SOUTH, STEP = 110.0, 34.0, 0.01
LEGEND = {
    Standing.ON_PLAN: "按计划推进",
    Standing.SLOW: "进度偏慢",
    Standing.STOPPED: "已停工",
    Standing.FINISHED: "已完工",
    Standing.NONE: "没有项目",
}


def square(column: float, row: float, size: float = 1) -> BaseGeometry:
    """A cell so many steps east and north of the corner."""
    west, south = WEST + column * STEP, SOUTH + row * STEP
    return box(west, south, west + size * STEP, south + size * STEP)


def written(corners: Sequence[tuple[float, float]]) -> bytes:
    """A polygon as WKB, whatever its corners are."""
    return pack("<BIII", 1, 3, 1, len(corners)) + b"".join(pack("<dd", *corner) for corner in corners)


def mapped(cells: Sequence[tuple[Boundary, Standing]], *, legend: bool = False, **others: Any) -> CellMap:
    return CellMap(
        congress="云溪镇人民代表大会（演示）",
        title="云溪镇民生实事项目进展",
        cells=[Cell("", polygon, standing) for polygon, standing in cells],
        legend=LEGEND if legend else {},
        markers=others.pop("markers", ()),
        as_of=date(2026, 9, 1),
        **others,
    )


def extent(drawn: CellMap, colour: Colour) -> tuple[int, int, int, int]:
    found = only(picture(cell_map(drawn)), colour).getbbox()
    assert found
    return found


@pytest.mark.parametrize("standing", Standing)
@pytest.mark.parametrize("count", [1, 5, 30])
def test_the_middle_of_every_cell_has_the_colour_of_its_standing(standing: Standing, count: int) -> None:
    other = Standing.ON_PLAN if standing is not Standing.ON_PLAN else Standing.NONE
    cells: list[tuple[Boundary, Standing]] = [
        (square(column, row).wkb, standing if (column + row) % 2 == 0 else other)
        for row in range(count)
        for column in range(count)
    ]
    image = picture(cell_map(mapped(cells)))
    drawn = {colour for one in (standing, other) for colour in (LOOKS[one][0], LOOKS[one][2])}
    # The map is as wide and high as the colours on it.
    boxes = [only(image, colour).getbbox() for colour in drawn if colour is not Colour.PAPER]
    left, top = min(found[0] for found in boxes if found), min(found[1] for found in boxes if found)
    right, bottom = max(found[2] for found in boxes if found), max(found[3] for found in boxes if found)
    wide, high = (right - left) / count, (bottom - top) / count
    for column, row in ((0, 0), (count // 2, count // 2), (count - 1, 0), (0, count - 1)):
        middle = left + (column + 0.5) * wide, bottom - (row + 0.5) * high
        half = min(wide, high) / 3
        seen = image.crop((int(middle[0] - half), int(middle[1] - half), int(middle[0] + half), int(middle[1] + half)))
        colour, _, second = LOOKS[standing if (column + row) % 2 == 0 else other]
        assert share(seen, colour) > 0.25
        assert share(seen, colour) + (0 if second is colour else share(seen, second)) > 0.4


@pytest.mark.parametrize("latitude", [0.0, 34.0, 60.0, -45.0, 89.0])
def test_what_is_square_on_the_earth_is_square_on_the_map(latitude: float) -> None:
    degree = affinity.scale(box(-0.01, -0.01, 0.01, 0.01), xfact=1 / cos(radians(latitude)))
    cell = affinity.translate(degree, 100, latitude)
    left, top, right, bottom = extent(mapped([(cell, Standing.ON_PLAN)]), Colour.SKY)
    assert right - left == pytest.approx(bottom - top, abs=4)


@pytest.mark.parametrize(("columns", "rows"), [(60, 1), (1, 60), (400, 1), (3, 3)])
def test_areas_of_any_shape_fit_the_same_page(columns: int, rows: int) -> None:
    cells = [(square(column, row), Standing.ON_PLAN) for column in range(columns) for row in range(rows)]
    drawn = mapped(cells, legend=True)
    left, top, right, bottom = extent(replace(drawn, legend={}), Colour.SKY)
    assert max((right - left) / 1016, (bottom - top) / 1200) > 0.75
    assert edges_are_empty(picture(cell_map(drawn)))


@pytest.mark.parametrize("turned", [False, True])
def test_a_cell_in_the_hole_of_another_is_seen(turned: bool) -> None:
    around = square(0, 0, 3).difference(square(1, 1)), Standing.SLOW
    cells = [around, (square(1, 1), Standing.ON_PLAN)]
    left, top, right, bottom = extent(mapped(cells[::-1] if turned else cells), Colour.AMBER)
    middle = (left + right) // 2, (top + bottom) // 2
    seen = picture(cell_map(mapped(cells[::-1] if turned else cells)))
    assert seen.getpixel(middle) == RGB[Colour.SKY]
    assert picture(cell_map(mapped([around]))).getpixel(middle) == RGB[Colour.PAPER]


def test_a_cell_of_several_parts_has_its_colour_in_each() -> None:
    parts = shapely.union(square(0, 0), square(2, 2))
    between = (square(1, 1), Standing.NONE)
    assert patches(picture(cell_map(mapped([(parts, Standing.ON_PLAN), between]))), Colour.SKY) == 2


WITHOUT_SURFACE: list[Boundary] = [
    None,
    b"",
    b"no polygon",
    square(0, 0).wkb[:40],
    Polygon().wkb,
    Polygon(),
    Point(WEST, SOUTH),
    LineString([(WEST, SOUTH), (WEST + 1, SOUTH + 1)]),
    Polygon([(WEST, SOUTH), (WEST, SOUTH + 1), (WEST, SOUTH)]),
    written([(WEST, SOUTH), (float("nan"), SOUTH + 1), (WEST + 1, SOUTH), (WEST, SOUTH)]),
    written([(WEST, SOUTH), (float("inf"), SOUTH + 1), (WEST + 1, SOUTH), (WEST, SOUTH)]),
    written([(WEST, SOUTH), (WEST, SOUTH + 1), (WEST + 1, SOUTH)]),  # open
    written([]),
    box(WEST, SOUTH, WEST + 1, 91),
    box(500_000, 3_700_000, 500_100, 3_700_100),  # metres of a survey
    GeometryCollection([Point(WEST, SOUTH)]),
]


@pytest.mark.filterwarnings(UNHEARD)
@pytest.mark.parametrize("polygon", WITHOUT_SURFACE, ids=lambda polygon: str(polygon)[:30])
def test_a_cell_that_cannot_be_drawn_is_counted_below(polygon: Boundary) -> None:
    whole = [(square(0, 0), Standing.ON_PLAN)]
    told = cell_map(mapped([*whole, (polygon, Standing.ON_PLAN)]))
    assert told == cell_map(mapped([*whole, (None, Standing.ON_PLAN)]))
    below = (0, 1440 - 24 - 64, *SIZE)
    assert share(picture(told).crop(below), Colour.GREY) > 0
    assert share(picture(cell_map(mapped(whole))).crop(below), Colour.GREY) == 0


def test_without_any_boundary_the_map_says_so() -> None:
    nothing = cell_map(mapped([]))
    assert share(picture(nothing), Colour.GREY) > 0
    assert nothing != cell_map(mapped([(None, Standing.NONE)]))


def test_surfaces_in_collections_are_drawn() -> None:
    nested = GeometryCollection([Point(WEST, SOUTH), shapely.union(square(0, 0), square(2, 2))])
    drawn = picture(cell_map(mapped([(nested.wkb, Standing.ON_PLAN), (square(1, 1), Standing.NONE)])))
    assert patches(drawn, Colour.SKY) == 2


def test_a_cell_smaller_than_a_pixel_leaves_a_trace() -> None:
    large = [(square(0, 0, 300), Standing.ON_PLAN)]
    tiny = square(150, 150, 0.001)
    assert cell_map(mapped([*large, (tiny, Standing.STOPPED)])) != cell_map(mapped(large))


def test_a_marker_points_at_its_place() -> None:
    cells = [(square(0, 0, 10), Standing.ON_PLAN)]
    drawn = mapped(cells, markers=[Marker(7, WEST + 7.5 * STEP, SOUTH + 5 * STEP)])
    left, top, right, bottom = extent(drawn, Colour.SKY)
    found = only(picture(cell_map(drawn)).crop((left + 4, top + 4, right - 4, bottom - 4)), Colour.INK).getbbox()
    assert found
    assert (found[0] + found[2]) / 2 == pytest.approx(0.75 * (right - left), abs=8)
    assert found[3] == pytest.approx(0.5 * (bottom - top), abs=12)


def test_numbers_at_one_place_stand_beside_one_another() -> None:
    cells = [(square(0, 0, 10), Standing.ON_PLAN)]
    place = WEST + 5 * STEP, SOUTH + 5 * STEP
    one, four = (
        share(picture(cell_map(mapped(cells, markers=[Marker(1, *place)] * count))), Colour.INK) for count in (1, 4)
    )
    assert (four - one) * SIZE[0] * SIZE[1] > 3 * 2000  # pixels of a dark box with a number in it


def test_a_marker_off_the_map_is_counted_below() -> None:
    cells = [(square(0, 0), Standing.ON_PLAN)]
    seen = {
        cell_map(mapped(cells, markers=[Marker(1, *place)]))
        for place in ((WEST - 1, SOUTH), (WEST, SOUTH + 9), (float("nan"), SOUTH), (WEST, float("inf")))
    }
    assert len(seen) == 1
    assert seen != {cell_map(mapped(cells))}


def test_any_number_of_markers_fits() -> None:
    chance = Random(1)
    places = [(WEST + chance.random() * STEP, SOUTH + chance.random() * STEP) for _ in range(3 * MOST_NUMBERS)]
    markers = [Marker(number, *place) for number, place in enumerate(places)]
    assert edges_are_empty(picture(cell_map(mapped([(square(0, 0), Standing.SLOW)], markers=markers, legend=True))))


@pytest.mark.parametrize(("count", "named"), [(1, True), (MOST_NAMES, True), (MOST_NAMES + 1, False)])
def test_names_stand_on_maps_of_few_cells(count: int, named: bool) -> None:
    plain = mapped([(square(number % 7, number // 7), Standing.NONE) for number in range(count)])
    with_names = replace(plain, cells=[replace(cell, name="东塘") for cell in plain.cells])
    assert (cell_map(with_names) != cell_map(plain)) is named


def test_the_legend_says_the_words_that_it_is_given() -> None:
    drawn = mapped([(square(0, 0), Standing.ON_PLAN)], legend=True)
    words = [*LEGEND.values(), "", "很长的说明" * 20]
    seen = {word: cell_map(replace(drawn, legend={**LEGEND, Standing.SLOW: word})) for word in words}
    assert len(set(seen.values())) == len(words)
    assert all(edges_are_empty(picture(png)) for png in seen.values())
    # Each surface in it looks as it does on the map.
    low = picture(cell_map(drawn)).crop((0, 1100, *SIZE))
    assert all(share(low, LOOKS[standing][0]) > 0.001 for standing in Standing)


def test_surfaces_differ_for_those_who_see_no_colours() -> None:
    light = {standing: sum(RGB[LOOKS[standing][0]]) for standing in Standing}
    for one, other in combinations(Standing, 2):
        assert LOOKS[one][1] is not LOOKS[other][1] or abs(light[one] - light[other]) > 150


def test_the_same_map_is_the_same_bytes() -> None:
    cells = [(square(column, row), Standing.SLOW) for column in range(9) for row in range(9)]
    drawn = mapped(cells, legend=True, markers=[Marker(3, WEST + STEP, SOUTH + STEP)])
    written = replace(
        drawn, cells=[replace(cell, polygon=square(n // 9, n % 9).wkb) for n, cell in enumerate(drawn.cells)]
    )
    assert cell_map(drawn) == cell_map(written) == cell_map(replace(drawn))
    assert cell_map(drawn) != cell_map(drawn, "en")


DEGREES = st.one_of(st.floats(109.9, 110.1), st.floats(), st.sampled_from([0.0, 110.0, 110.0 + 1e-12, 180.0, -180.0]))
NORTH = st.one_of(st.floats(33.9, 34.1), st.floats(), st.just(90.0))
CORNERS = st.lists(st.tuples(DEGREES, NORTH), min_size=3, max_size=8)
FINITE = CORNERS.filter(lambda corners: all(isfinite(value) for corner in corners for value in corner))
POLYGONS: st.SearchStrategy[Boundary] = st.one_of(
    FINITE.map(Polygon),
    FINITE.map(LineString),
    CORNERS.map(lambda corners: written([*corners, corners[0]])),
    st.binary(max_size=60),
    st.none(),
)


@pytest.mark.filterwarnings(UNHEARD)
@settings(max_examples=60, deadline=None)
@given(
    cells=st.lists(
        st.builds(Cell, name=st.text(max_size=8), polygon=POLYGONS, standing=st.sampled_from(Standing)), max_size=8
    ),
    markers=st.lists(st.builds(Marker, number=st.integers(), longitude=DEGREES, latitude=DEGREES), max_size=4),
    title=st.text(max_size=300),
)
def test_no_polygon_breaks_a_map(cells: list[Cell], markers: list[Marker], title: str) -> None:
    drawn = mapped([(square(0, 0), Standing.ON_PLAN)], legend=True, markers=markers)
    assert edges_are_empty(picture(cell_map(replace(drawn, title=title, cells=cells))))
    assert edges_are_empty(picture(cell_map(replace(drawn, cells=[*drawn.cells, *cells]))))
