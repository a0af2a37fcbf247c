"""What somebody writes into a table for a place finds its cell, or is said to be unknown or unclear."""

import pytest

from storage.area_index import AreaIndex
from storage.cell_finding import AreaFinder, CellFinder, CellUnclear, CellUnknown
from tests.storage.trees import called, numbered, tree

AREAS = tree(
    {
        "云川县": {
            "柳河镇": {
                "杨柳村": [("第一网格", "柳树湾"), ("第二网格", "老桥头")],
                "青石村": [("第一网格", "老桥头"), ("磨坊网格",)],
                "大塘村": numbered(3),
            },
            "石桥镇": {"河口村": [("渡口网格", "渡口")]},
        }
    }
)
INDEX = AreaIndex(AREAS)
TOWNSHIP = next(called(AREAS, "柳河镇"))
FINDER = CellFinder(INDEX, TOWNSHIP)


def code(*names: str) -> str:
    return next(called(AREAS, *names)).code


@pytest.mark.parametrize(
    "written", ["磨坊网格", "磨坊 网格", "柳树湾", "杨柳村 第一网格", "杨柳村第1网格", "杨柳村柳树湾"]
)
def test_a_name_that_stands_for_one_cell_finds_it(written: str) -> None:
    expected = code("磨坊网格") if "磨坊" in written else code("柳树湾")
    assert FINDER.find(written).code == expected


def test_a_code_finds_its_cell_and_may_stand_for_a_name() -> None:
    assert FINDER.find(code("柳树湾")).name == FINDER.find_code(code("柳树湾")).name == "第一网格"


@pytest.mark.parametrize("written", ["老桥头", "第一网格", "大塘村"])
def test_a_name_of_several_cells_is_unclear(written: str) -> None:
    with pytest.raises(CellUnclear, match=written):
        FINDER.find(written)


@pytest.mark.parametrize("written", ["天上", "渡口", "河口村 渡口网格", "x1"])
def test_a_name_that_no_cell_here_has_is_unknown(written: str) -> None:
    with pytest.raises(CellUnknown, match=written):
        FINDER.find(written)


@pytest.mark.parametrize("name", ["杨柳村", "渡口网格"])
def test_the_code_of_what_is_no_cell_here_is_unknown(name: str) -> None:
    with pytest.raises(CellUnknown):
        FINDER.find_code(code(name))
    assert FINDER.by_code("") is None


# --- cells and villages


@pytest.mark.parametrize("written", ["大塘村", "柳河镇大塘村", code("大塘村")])
def test_a_village_is_found_where_villages_count(written: str) -> None:
    assert AreaFinder(INDEX, TOWNSHIP).find(written).name == "大塘村"


def test_cells_are_found_among_them() -> None:
    finder = AreaFinder(INDEX, TOWNSHIP)
    assert finder.find("柳树湾").code == finder.find(code("柳树湾")).code == code("柳树湾")
    with pytest.raises(CellUnclear):
        finder.find("老桥头")


@pytest.mark.parametrize("written", ["河口村", "渡口", code("渡口网格"), ""])
def test_what_lies_elsewhere_is_unknown(written: str) -> None:
    with pytest.raises(CellUnknown):
        AreaFinder(INDEX, TOWNSHIP).find(written)
    with pytest.raises(CellUnknown):
        AreaFinder(INDEX, None).find(written)
