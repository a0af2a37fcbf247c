"""What a text names, seen through the index as conversations use it."""

from collections.abc import Iterable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.area_index import NAMED, AreaIndex
from storage.area_names import READ
from storage.domain.areas import Area, Level
from storage.domain.place_names import names_of, spell
from tests.storage.trees import called, numbered, tree

AREAS = tree(
    {
        "演示县": {
            "云溪镇(演示)": {
                "杨柳村": [
                    ("第一网格", "柳树湾", "老桥头", "1组"),
                    ("第二网格", "大塘边", "2组"),
                    ("第三网格", "王家坡", "3组"),
                ],
                "石桥村": [("第一网格", "老桥头", "1组"), ("第二网格", "新桥头", "2组"), ("第十三网格", "13组")],
                "和平村": numbered(3),
                "青岩社区": [("云溪花园一期",), ("云溪花园二期",), ("中心网格", "镇政府")],
            },
            "白鹭乡": {"杨柳村": [("杨柳村01网格", "鹭湾"), ("杨柳村02网格",)], "松岭村": numbered(2, "组")},
        },
    }
)
INDEX = AreaIndex(AREAS)


def titles(areas: Iterable[Area]) -> list[str]:
    return [INDEX.title(area) for area in areas]


def cell(village: str, name: str, township: str = "云溪镇(演示)") -> Area:
    return next(
        area
        for area in called(AREAS, name)
        if [above.name for above in INDEX.ancestors(area.id)][-2:] == [township, village]
    )


def mentioned(text: str) -> list[tuple[str, list[str]]]:
    return [(text[one.start : one.end], titles(one.areas)) for one in INDEX.mentioned(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("路灯坏了", []),
        ("", []),
        ("柳树湾的路灯坏了", [("柳树湾", ["杨柳村 第一网格"])]),
        ("青岩那边停水", [("青岩", ["青岩社区"])]),
        ("云溪镇的街道", [("云溪镇", ["云溪镇(演示)"])]),
        ("老桥头要修", [("老桥头", ["杨柳村 第一网格", "石桥村 第一网格"])]),
        ("从柳树湾到 大塘边", [("柳树湾", ["杨柳村 第一网格"]), ("大塘边", ["杨柳村 第二网格"])]),
        ("云溪花园一期漏水", [("云溪花园一期", ["云溪花园一期"])]),
    ],
)
def test_names_are_found_where_they_stand(text: str, expected: list[tuple[str, list[str]]]) -> None:
    assert [(name, [one.removeprefix("青岩社区 ") for one in found]) for name, found in mentioned(text)] == expected


def test_the_longest_name_wins_where_two_overlap() -> None:
    # 云溪 is the township, 云溪花园二期 a cell.
    assert [name for name, _ in mentioned("住云溪花园2期,在云溪")] == ["云溪花园2期", "云溪"]


@pytest.mark.parametrize("text", ["这里很和平", "石桥坏了", "中心思想", "13组", "第十三组"])
def test_words_of_every_day_name_no_village(text: str) -> None:
    assert not [area for one in INDEX.mentioned(text) for area in one.areas if area.level is Level.VILLAGE]


@pytest.mark.parametrize(
    ("text", "written", "expected"),
    [
        ("住杨柳村3组的人", "杨柳村3组", ["杨柳村 第三网格"]),
        ("石桥村 第二网格", "石桥村 第二网格", ["石桥村 第二网格"]),
        ("石桥村２号网格", "石桥村２号网格", ["石桥村 第二网格"]),
        ("石桥一组没水", "石桥一组", ["石桥村 第一网格"]),
        ("和平村第三网格", "和平村第三网格", ["和平村 第三网格"]),
        ("和平三组", "和平三组", ["和平村 第三网格"]),
        ("松岭村二组", "松岭村二组", ["松岭村 第二组"]),
        ("松岭村第2网格", "松岭村第2网格", ["松岭村 第二组"]),
        ("石桥村的老桥头", "石桥村的老桥头", ["石桥村 第一网格"]),
        ("石桥村(老桥头)", "石桥村(老桥头", ["石桥村 第一网格"]),
        ("白鹭乡杨柳村1网格", "白鹭乡杨柳村1网格", ["杨柳村01网格"]),
    ],
)
def test_a_place_right_behind_the_one_it_lies_in_is_one_mention(text: str, written: str, expected: list[str]) -> None:
    assert mentioned(text) == [(written, expected)]


def test_a_group_is_not_taken_for_a_grid_cell_where_groups_are_known() -> None:
    # 杨柳村 knows its groups 1 to 3, so group 2 is theirs, and there is no group 9.
    assert titles(INDEX.cells_mentioned("云溪镇杨柳村2组")) == ["杨柳村 第二网格"]
    assert mentioned("石桥村9组")[0][0] == "石桥村"


def test_a_number_is_not_torn_apart() -> None:
    assert titles(INDEX.cells_mentioned("石桥村13组")) == ["石桥村 第十三网格"]
    assert [name for name, _ in mentioned("石桥村113组")] == ["石桥村"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("柳树湾", ["杨柳村 第一网格"]),
        ("老桥头", ["杨柳村 第一网格", "石桥村 第一网格"]),
        ("老桥头在石桥村", ["石桥村 第一网格"]),
        ("石桥村那个大家都走的老桥头", ["石桥村 第一网格"]),
        ("石桥村", ["石桥村 第一网格", "石桥村 第二网格", "石桥村 第十三网格"]),
        ("石桥村和王家坡", ["杨柳村 第三网格", "石桥村 第一网格", "石桥村 第二网格", "石桥村 第十三网格"]),
        ("和平村老桥头", ["和平村 第一网格", "和平村 第二网格", "和平村 第三网格"]),
        ("柳树湾(老桥头)", ["杨柳村 第一网格"]),
        ("白鹭乡的杨柳村", ["杨柳村01网格", "杨柳村02网格"]),
        ("白鹭乡那边,杨柳一组", ["杨柳村01网格"]),
        ("演示县", []),
        ("哪里都不是", []),
    ],
)
def test_candidates(text: str, expected: list[str]) -> None:
    assert titles(INDEX.cells_mentioned(text)) == expected


def test_a_township_narrows_to_its_cells_only_where_there_are_others() -> None:
    township = next(called(AREAS, "白鹭乡"))
    assert len(INDEX.cells_mentioned("白鹭乡的路")) == 4
    assert INDEX.cells_mentioned("白鹭乡的路", township) == ()


def test_places_outside_are_passed_over() -> None:
    township = next(called(AREAS, "云溪镇(演示)"))
    assert titles(INDEX.cells_mentioned("杨柳村1组", township)) == ["杨柳村 第一网格"]
    assert INDEX.cells_mentioned("鹭湾", township) == ()


def test_an_ambiguous_village_is_asked_about() -> None:
    villages = INDEX.places_mentioned("杨柳村")
    assert [INDEX.ancestors(village.id)[-1].name for village in villages] == ["云溪镇(演示)", "白鹭乡"]
    assert titles(INDEX.cells_mentioned("杨柳村1组")) == ["杨柳村 第一网格", "杨柳村01网格"]


def test_a_village_that_shares_a_name_with_its_own_cell_is_named_once() -> None:
    areas = tree({"演示县": {"云溪镇": {"竹林村": [("竹林",), ("第二网格",)]}}})
    index = AreaIndex(areas)
    assert [area.name for area in index.cells_mentioned("竹林二组")] == ["第二网格"]
    assert [area.name for area in index.cells_mentioned("竹林")] == ["竹林", "第二网格"]


CELLS = [area for area in AREAS if area.level is Level.CELL]
filler = st.text("的在住坏了,。 \n修路灯", max_size=12)


@given(st.data(), filler, filler)
def test_every_name_of_every_area_is_found_in_any_text(data: st.DataObject, before: str, after: str) -> None:
    area = data.draw(st.sampled_from(AREAS), label="area")
    name = data.draw(st.sampled_from([area.name.removesuffix("(演示)"), *area.aliases]), label="name")
    text = f"{before}。{name}。{after}"
    assert any(area in one.areas and text[one.start : one.end] == name for one in INDEX.mentioned(text))


@given(st.data(), filler, filler)
def test_a_cell_behind_its_village_and_township_is_located(data: st.DataObject, before: str, after: str) -> None:
    area = data.draw(st.sampled_from(CELLS), label="cell")
    village, township = INDEX.ancestors(area.id)[:-3:-1]
    name = data.draw(st.sampled_from([area.name, *area.aliases]), label="name")
    joint = data.draw(st.sampled_from(["", "的", " ", ","]), label="joint")
    text = f"{before}{township.name.removesuffix('(演示)')}{village.name}{joint}{name}。{after}"
    assert INDEX.cells_mentioned(text) == (area,)


names = st.sampled_from([name for area in AREAS for name in (area.name, *area.aliases)])


@given(st.lists(st.one_of(names, filler, st.sampled_from(["第", "3", "十", "组", "和平", "的"]))))
def test_mentions_stand_in_order_and_apart_and_read_as_a_name(pieces: list[str]) -> None:
    text = "".join(pieces)
    found = INDEX.mentioned(text)
    assert all(one.areas and one.start < one.end for one in found)
    assert all(before.end <= after.start for before, after in pairwise(found))
    for one in found:
        spelled = spell(text[one.start : one.end]).text
        for area in one.areas:
            line = [*INDEX.ancestors(area.id), area]
            known = {name.text for at in line for name in names_of(at, INDEX.area(at.parent_id or 0))}
            assert any(
                spelled.endswith(name) for name in known | {f"{n}{u}" for n in range(10) for u in ("组", "网格")}
            )


def test_of_a_long_text_only_the_beginning_is_read() -> None:
    assert mentioned("。" * (READ - 3) + "柳树湾") == [("柳树湾", ["杨柳村 第一网格"])]
    assert mentioned("。" * (READ - 2) + "柳树湾") == []


def test_who_names_place_after_place_is_not_followed_to_the_end() -> None:
    assert titles(INDEX.places_mentioned("柳树湾。" * NAMED + "大塘边")) == ["杨柳村 第一网格"]
