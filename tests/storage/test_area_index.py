from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import Point, Polygon, box
from shapely.geometry.base import BaseGeometry

from storage.area_index import AreaIndex
from storage.domain.areas import Area, Level
from tests.storage.trees import called, numbered, tree

AREAS = tree(
    {
        "演示县": {
            "云溪镇": {"杨柳村": numbered(3), "石桥村": numbered(2)},
            "白鹭乡": {"松岭村": [("松岭村中心网格",)]},
        }
    }
)
INDEX = AreaIndex(AREAS, revision=7)


def only(name: str) -> Area:
    return next(called(AREAS, name))


def names(areas: list[Area]) -> list[str]:
    return [area.name for area in areas]


def test_the_tree_is_walked_down_and_up() -> None:
    assert names(INDEX.roots) == ["演示县"]
    assert names(INDEX.children(only("演示县").id)) == ["云溪镇", "白鹭乡"]
    assert names(INDEX.children(only("松岭村中心网格").id)) == []
    assert names(INDEX.ancestors(only("松岭村中心网格").id)) == ["演示县", "白鹭乡", "松岭村"]
    assert names(INDEX.cells_in(only("杨柳村").id)) == ["第一网格", "第二网格", "第三网格"]
    assert len(INDEX.cells_in(only("演示县").id)) == 6
    assert INDEX.revision == 7


def test_areas_are_found_by_id_and_code() -> None:
    village = only("石桥村")
    assert INDEX.area(village.id) == village == INDEX.by_code(village.code)


def test_what_is_not_there_is_told_as_nothing() -> None:
    assert INDEX.area(999) is None
    assert INDEX.by_code("nowhere") is None
    assert INDEX.children(999) == INDEX.ancestors(999) == INDEX.cells_in(999) == []


def test_children_come_in_the_order_of_their_codes() -> None:
    shuffled = AreaIndex(reversed(AREAS))
    assert names(shuffled.children(only("杨柳村").id)) == ["第一网格", "第二网格", "第三网格"]


def test_a_title_names_the_village_once() -> None:
    assert INDEX.title(INDEX.cells_in(only("杨柳村").id)[0]) == "杨柳村 第一网格"
    assert INDEX.title(only("松岭村中心网格")) == "松岭村中心网格"
    assert INDEX.title(only("杨柳村")) == "杨柳村"
    assert INDEX.title(only("演示县")) == "演示县"


def test_a_retired_area_is_known_to_records_and_offered_to_nobody() -> None:
    gone = replace(only("石桥村"), retired=True)
    cell = INDEX.cells_in(gone.id)[0]
    areas = [gone if area.id == gone.id else replace(area, retired=area.id == cell.id) for area in AREAS]
    index = AreaIndex(areas, {cell.id: box(0, 0, 1, 1).wkb})
    assert index.area(gone.id) == gone
    assert index.title(cell) == "石桥村 第一网格"
    assert "石桥村" not in names(index.children(only("云溪镇").id))
    assert index.by_code(gone.code) is None
    assert index.mentioned("石桥村") == []
    assert index.locate(0.5, 0.5) == []


def test_nothing_at_all_is_an_index_too() -> None:
    index = AreaIndex(())
    assert (index.roots, index.locate(29, 124), index.mentioned("杨柳村"), index.cells_mentioned("")) == (
        [],
        [],
        [],
        (),
    )


def index_of(**polygons: BaseGeometry) -> AreaIndex:
    """An index of cells with these codes; a point is (latitude, longitude), a polygon (longitude, latitude)."""
    cells = [Area(at, None, Level.CELL, code, code, f"/{at}/") for at, code in enumerate(polygons, start=1)]
    return AreaIndex(cells, {cell.id: polygons[cell.code].wkb for cell in cells})


def located(index: AreaIndex, latitude: float, longitude: float) -> list[str]:
    return [cell.code for cell in index.locate(latitude, longitude)]


def test_a_point_lies_in_the_cell_around_it() -> None:
    index = index_of(west=box(120, 30, 121, 31), east=box(121, 30, 122, 31))
    assert located(index, 30.5, 120.5) == ["west"]
    assert located(index, 30.5, 121.5) == ["east"]
    assert located(index, 31.5, 120.5) == []


def test_a_point_on_a_border_belongs_to_the_lowest_code_first() -> None:
    index = index_of(b=box(120, 30, 121, 31), a=box(121, 30, 125, 31), c=box(120, 31, 121, 32))
    assert located(index, 30.5, 121) == ["a", "b"]
    assert located(index, 31, 121) == ["a", "b", "c"]


def test_a_hole_is_outside_and_its_rim_a_border() -> None:
    ring = Polygon([(0, 0), (9, 0), (9, 9), (0, 9)], [[(3, 3), (6, 3), (6, 6), (3, 6)]])
    index = index_of(b=ring, a=box(3, 3, 6, 6))
    assert located(index, 4, 4) == ["a"]
    assert located(index, 1, 1) == ["b"]
    assert located(index, 3, 4) == ["a", "b"]
    assert located(index_of(b=ring), 4, 4) == []


def test_the_smallest_of_nested_and_overlapping_cells_comes_first() -> None:
    index = index_of(a=box(0, 0, 9, 9), b=box(1, 1, 3, 3), c=box(2, 2, 8, 8))
    assert located(index, 2.5, 2.5) == ["b", "c", "a"]
    assert located(index, 1, 1.5) == ["a", "b"]


def test_a_cell_of_several_parts_is_one_cell() -> None:
    index = index_of(a=box(0, 0, 1, 1).union(box(5, 5, 6, 6)))
    assert located(index, 0.5, 0.5) == located(index, 5.5, 5.5) == ["a"]
    assert located(index, 3, 3) == []


@pytest.mark.parametrize("wrong", [float("nan"), float("inf"), 1e300, -91.0])
def test_a_point_that_is_nowhere_lies_in_no_cell(wrong: float) -> None:
    index = index_of(a=box(0, 0, 1, 1))
    assert located(index, wrong, 0.5) == located(index, 0.5, wrong) == []


def test_cells_without_a_polygon_and_polygons_without_a_cell_do_no_harm() -> None:
    index = AreaIndex(AREAS, {only("杨柳村").id: box(0, 0, 1, 1).wkb})
    assert index.locate(0.5, 0.5) == []


corner = st.tuples(st.integers(0, 8), st.integers(0, 8))


@given(st.lists(st.tuples(corner, st.integers(1, 4), st.integers(1, 4)), max_size=8), corner)
def test_the_index_agrees_with_looking_at_every_cell(
    boxes: list[tuple[tuple[int, int], int, int]], point: tuple[int, int]
) -> None:
    shapes = [box(x, y, x + width, y + height) for (x, y), width, height in boxes]
    index = index_of(**{f"c{at}": shape for at, shape in enumerate(shapes)})
    at = Point(point)
    found = index.locate(point[1], point[0])
    assert {cell.code for cell in found} == {
        f"c{number}" for number, shape in enumerate(shapes) if shape.intersects(at)
    }
    inside = [shapes[cell.id - 1] for cell in found if shapes[cell.id - 1].contains(at)]
    assert [shape.area for shape in inside] == sorted(shape.area for shape in inside)
    assert [cell.code for cell in found[len(inside) :]] == sorted(cell.code for cell in found[len(inside) :])


# --- how far


def test_a_point_is_as_far_as_the_nearest_cell_of_an_area() -> None:
    first, second, third = INDEX.cells_in(only("杨柳村").id)
    squares = {first.id: box(120, 30, 120.01, 30.01).wkb, second.id: box(120.02, 30, 120.03, 30.01).wkb}
    index = AreaIndex(AREAS, squares)
    village = [only("杨柳村").id]
    assert index.metres_to(village, 30.005, 120.005) == index.metres_to([second.id], 30.01, 120.02) == 0
    assert index.metres_to(village, 30.0145, 120.005) == pytest.approx(501, abs=2)  # 0.0045 degrees to the north
    assert index.metres_to(village, 30.005, 120.015) == pytest.approx(482, abs=2)  # cos 30° makes it less
    assert index.metres_to([first.id], 30.005, 120.025) == pytest.approx(1446, abs=3)
    assert index.metres_to([third.id], 30.005, 120.005) is None
    assert index.metres_to([], 30.005, 120.005) is None
    assert index.metres_to(village, float("nan"), 120.005) is None
