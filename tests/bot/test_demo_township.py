from collections import Counter

import pytest
from shapely import Polygon, from_wkb, union_all

from bot.demo.township import BODIES, DemoPerson, DemoTownship, demo_township
from storage.area_files import AreaFile
from storage.area_import import plan_changes
from storage.area_index import AreaIndex
from storage.domain.areas import Area, Level, path_below
from storage.domain.roles import Role


@pytest.fixture(scope="module")
def township() -> DemoTownship:
    return demo_township()


@pytest.fixture(scope="module")
def index(township: DemoTownship) -> AreaIndex:
    """The demo's areas as memory would hold them; ids in the order of the rows."""
    areas: dict[str, Area] = {}
    for at, row in enumerate(township.areas, start=1):
        above = areas.get(row.parent)
        path = path_below(above.path if above else None, at)
        assert row.level
        parent_id = above.id if above else None
        areas[row.code] = Area(at, parent_id, row.level, row.code, row.name, path, row.aliases or ())
    return AreaIndex(areas.values(), {areas[row.code].id: row.polygon for row in township.areas if row.polygon})


def test_the_township_makes_a_tree_that_the_import_takes(township: DemoTownship) -> None:
    plan = plan_changes(AreaFile(township.areas), [])
    assert Counter(change.wanted.level for change in plan.changes) == {
        Level.PROVINCE: 1,
        Level.CITY: 1,
        Level.COUNTY: 1,
        Level.TOWNSHIP: 1,
        Level.VILLAGE: 10,
        Level.CELL: 96,
    }


def test_it_is_plainly_invented(township: DemoTownship) -> None:
    assert all(row.code.startswith("99") for row in township.areas)
    assert all("演示" in row.name for row in township.areas if row.level and row.level.may_stand_alone)
    assert all("演示" in station.name for station in township.stations)
    assert all("演示" in congress.name for congress in township.congresses)
    assert all(person.name[1] == "演" and person.telephone.startswith("000") for person in township.people)


def test_it_is_the_same_at_every_start(township: DemoTownship) -> None:
    assert demo_township() == township


def test_the_cells_tile_the_township(township: DemoTownship) -> None:
    cells = [from_wkb(row.polygon) for row in township.areas if row.polygon]
    assert len(cells) == 96
    assert all(cell.is_valid for cell in cells)
    whole = union_all(cells)
    assert isinstance(whole, Polygon)
    assert not list(whole.interiors)
    assert whole.area == pytest.approx(sum(cell.area for cell in cells))


def test_a_place_in_each_cell_is_found_in_it(township: DemoTownship, index: AreaIndex) -> None:
    for row in township.areas:
        if row.polygon:
            inside = from_wkb(row.polygon).representative_point()
            assert [cell.code for cell in index.locate(inside.y, inside.x)] == [row.code]


def test_every_cell_has_one_to_three_aliases_and_some_are_shared_by_villages(
    township: DemoTownship, index: AreaIndex
) -> None:
    cells = [row for row in township.areas if row.level is Level.CELL]
    assert {len(row.aliases or ()) for row in cells} == {1, 2, 3}
    assert [index.title(cell) for cell in index.cells_mentioned("王家湾的路灯坏了")] == ["杨柳村 第一网格"]
    assert len({cell.parent_id for cell in index.cells_mentioned("老桥头的路灯坏了")}) > 1
    assert [index.title(cell) for cell in index.cells_mentioned("青岩村老桥头")] == ["青岩村 第七网格"]


def test_every_cell_is_known_by_its_village_and_group_or_number(index: AreaIndex) -> None:
    assert [index.title(cell) for cell in index.cells_mentioned("杨柳村3组")] == ["杨柳村 第三网格"]
    assert [index.title(cell) for cell in index.cells_mentioned("青岩第12网格")] == ["青岩村 第十二网格"]


def deputies(township: DemoTownship, congress: str) -> list[DemoPerson]:
    return [person for person in township.of(Role.DEPUTY) if person.congress == congress]


def test_the_people_of_the_congresses(township: DemoTownship) -> None:
    of_township, of_county = (congress.area for congress in township.congresses)
    assert len(township.of(Role.DEPUTY)) == 68
    assert (len(deputies(township, of_township)), len(deputies(township, of_county))) == (60, 8)
    assert len(township.of(Role.STAFF)) == 3
    assert len(township.of(Role.GRID_WORKER)) == 5
    assert [person.group for person in township.of(Role.IMPLEMENTING_BODY)] == list(BODIES)
    assert len({person.name for person in township.people}) == len(township.people)
    assert all(person.group and person.trade and person.cells for person in township.of(Role.DEPUTY))


def test_every_cell_has_a_deputy_of_both_levels_and_a_grid_worker(township: DemoTownship) -> None:
    cells = {row.code for row in township.areas if row.level is Level.CELL}
    of_township, of_county = (deputies(township, congress.area) for congress in township.congresses)
    for people in (of_township, of_county, township.of(Role.GRID_WORKER)):
        assert {code for person in people for code in person.cells} == cells


def test_stations_and_congresses_stand_in_areas_of_the_township(township: DemoTownship) -> None:
    codes = {row.code for row in township.areas}
    assert len(township.stations) == 2
    assert {station.area for station in township.stations} <= codes
    assert {congress.area for congress in township.congresses} <= codes
