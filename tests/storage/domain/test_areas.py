import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.domain.areas import Area, Level, path_below


def test_each_level_may_contain_every_level_below_it_and_no_other() -> None:
    levels = list(Level)
    for upper in levels:
        assert [lower for lower in levels if upper.may_contain(lower)] == levels[upper.rank + 1 :]


@pytest.mark.parametrize(
    ("name", "level"),
    [
        ("village", Level.VILLAGE),
        (" Township ", Level.TOWNSHIP),
        ("grid_cell", Level.CELL),
        ("省", Level.PROVINCE),
        ("地级市", Level.CITY),
        ("县", Level.COUNTY),
        ("乡镇", Level.TOWNSHIP),
        ("街道", Level.TOWNSHIP),
        ("社区", Level.VILLAGE),
        ("网格", Level.CELL),
        ("国家", None),
        ("", None),
    ],
)
def test_a_level_is_known_by_its_english_and_chinese_names(name: str, level: Level | None) -> None:
    assert Level.named(name) is level


def test_every_level_is_known_by_the_names_it_gives_itself() -> None:
    assert [Level.named(level.chinese) for level in Level] == list(Level)
    assert [Level.named(level) for level in Level] == list(Level)


def test_villages_and_cells_need_a_parent() -> None:
    assert [level for level in Level if not level.may_stand_alone] == [Level.VILLAGE, Level.CELL]


def area(path: str) -> Area:
    ids = [int(part) for part in path.strip("/").split("/")]
    return Area(ids[-1], ids[-2] if len(ids) > 1 else None, Level.VILLAGE, path, path, path)


@given(st.lists(st.integers(1, 10**12), min_size=1, max_size=6))
def test_a_path_holds_the_ids_from_the_root(ids: list[int]) -> None:
    path: str | None = None
    for identity in ids:
        path = path_below(path, identity)
    assert path is not None
    assert area(path).ids == tuple(ids)


def test_an_area_lies_in_itself_and_in_all_above_it() -> None:
    assert area("/1/4/9/").lies_in(area("/1/4/9/"))
    assert area("/1/4/9/").lies_in(area("/1/"))
    assert not area("/1/4/").lies_in(area("/1/4/9/"))


def test_ids_that_begin_alike_are_not_mixed_up() -> None:
    assert not area("/1/45/").lies_in(area("/1/4/"))
    assert not area("/11/").lies_in(area("/1/"))
