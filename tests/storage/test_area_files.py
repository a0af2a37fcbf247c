import json
from contextlib import suppress
from pathlib import Path
from string import Formatter
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely import from_wkb

from storage.area_faults import SENTENCES, AreaFileRefused, Fault, Unit
from storage.area_files import AreaFile, Fields, read_areas
from storage.area_row import CODE_LIMIT, NAME_LIMIT, AreaRow
from storage.domain.areas import Level

CHINESE = "编码,名称,上级编码,级别,别名\n99,演示县,,县,\n9901,云溪镇,99,乡镇,云溪集镇；街上\n"
ENGLISH = "code,name,parent code,level,aliases\n99,演示县,,county,\n9901,云溪镇,99,township,云溪集镇;街上\n"
ROWS = (
    AreaRow(place=2, code="99", name="演示县", level=Level.COUNTY, aliases=()),
    AreaRow(place=3, code="9901", name="云溪镇", parent="99", level=Level.TOWNSHIP, aliases=("云溪集镇", "街上")),
)
SQUARE = [[124.0, 29.0], [124.1, 29.0], [124.1, 29.1], [124.0, 29.1], [124.0, 29.0]]


def read(folder: Path, content: str | bytes, fields: Fields | None = None) -> AreaFile:
    path = folder / "areas"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_areas(path, fields)


def refusal(folder: Path, content: str | bytes, fields: Fields | None = None) -> list[str]:
    """The kinds of what is wrong with a file as a whole."""
    with pytest.raises(AreaFileRefused) as refused:
        read(folder, content, fields)
    return [fault.kind for fault in refused.value.faults]


def faults(file: AreaFile) -> list[tuple[str, int | None]]:
    return [(fault.kind, fault.place) for fault in file.faults]


# --- CSV


@pytest.mark.parametrize("table", [CHINESE, ENGLISH])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_a_table_is_read_in_both_languages_and_every_usual_encoding(
    tmp_path: Path, table: str, encoding: str, newline: str
) -> None:
    assert read(tmp_path, table.replace("\n", newline).encode(encoding)).rows == ROWS


def test_a_table_may_be_parted_by_tabs_and_hold_other_columns(tmp_path: Path) -> None:
    file = read(tmp_path, "序号\t名称\t编码\n1\t演示县\t99\n")
    assert file.rows == (AreaRow(place=2, code="99", name="演示县"),)
    assert file.rows[0].aliases is None


def test_lines_are_counted_as_an_editor_counts_them(tmp_path: Path) -> None:
    table = '编码,名称,别名\n1,甲,\n\n,,\n2,"乙\n乙",\n3,丙\n4,,\n'
    file = read(tmp_path, table)
    assert [(row.place, row.name, row.aliases) for row in file.rows] == [
        (2, "甲", ()),
        (5, "乙 乙", ()),
        (7, "丙", None),
    ]
    assert faults(file) == [("name_missing", 8)]


def test_columns_may_be_named_and_one_level_given_for_all(tmp_path: Path) -> None:
    fields = Fields(code="ID", name="title", parent="up", level=Level.CELL)
    file = read(tmp_path, "code,id,title,up,级别\nx,1,甲,9,\ny,2,乙,9,村\n", fields)
    assert [(row.code, row.name, row.parent, row.level) for row in file.rows] == [
        ("1", "甲", "9", Level.CELL),
        ("2", "乙", "9", Level.VILLAGE),
    ]


@pytest.mark.parametrize(
    ("content", "kinds"),
    [
        (b"", ["empty"]),
        (b"\n\n", ["empty"]),
        ("编码,名称\n", ["empty"]),
        ("名称,上级编码\n甲,1\n", ["column_missing"]),
        ("随便,什么\n1,2\n", ["column_missing", "column_missing"]),
        (b"PK\x03\x04rest", ["excel"]),
        (b"\xd0\xcf\x11\xe0rest", ["excel"]),
        ("编码,名称\n".encode("utf-16"), ["encoding"]),
        (b"\xff\xff\xff", ["encoding"]),
        ('编码,名称\n1,"甲\n', ["not_csv"]),
        ('编码,名称\n1,"甲"乙\n', ["not_csv"]),
        ("编码,名称\n1," + "甲" * 2_000_000, ["not_csv"]),
        ("{", ["not_json"]),
        ("[" * 100_000, ["not_json"]),
        ("[]", ["not_geojson"]),
        ('{"type": "FeatureCollection"}', ["not_geojson"]),
        ('{"features": []}', ["empty"]),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_the_reason(
    tmp_path: Path, content: str | bytes, kinds: list[str]
) -> None:
    assert refusal(tmp_path, content) == kinds


def test_a_column_that_was_named_and_is_not_there_is_told(tmp_path: Path) -> None:
    assert refusal(tmp_path, CHINESE, Fields(code="nope")) == ["column_missing"]


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AreaFileRefused, match="文件打不开"):
        read_areas(tmp_path / "none")
    with pytest.raises(AreaFileRefused, match="文件打不开"):
        read_areas(tmp_path)


# --- one row


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"code": ""}, "code_missing"),
        ({"code": None}, "code_missing"),
        ({"code": " \u200b\t"}, "code_missing"),
        ({"code": "x" * (CODE_LIMIT + 1)}, "code_too_long"),
        ({"code": "3.2E+11"}, "code_rounded"),
        ({"code": "32 01"}, "code_spaced"),
        ({"name": ""}, "name_missing"),
        ({"name": "甲" * (NAME_LIMIT + 1)}, "name_too_long"),
        ({"aliases": "乙;" + "甲" * (NAME_LIMIT + 1)}, "name_too_long"),
        ({"level": "国家"}, "level_unknown"),
    ],
)
def test_a_row_is_refused_with_the_reason(tmp_path: Path, fields: dict[str, Any], kind: str) -> None:
    feature = {"properties": {"code": "1", "name": "甲", **fields}, "geometry": None}
    file = read(tmp_path, json.dumps({"features": [feature]}))
    assert faults(file) == [(kind, 1)]
    assert file.unit is Unit.FEATURE


def test_all_that_is_wrong_with_a_row_is_told_and_its_code_remembered(tmp_path: Path) -> None:
    file = read(tmp_path, "编码,名称,级别\n 77 ,,国家\n78,乙,村\n")
    assert faults(file) == [("name_missing", 2), ("level_unknown", 2)]
    assert [row.code for row in file.rows] == ["78"]
    assert file.broken == {"77"}


def test_names_are_tidied_and_repeated_aliases_dropped(tmp_path: Path) -> None:
    file = read(tmp_path, "编码,名称,别名\n1, 云\u200b溪\u202e  社区 , 甲 ;；乙; 甲;\n")
    assert (file.rows[0].name, file.rows[0].aliases) == ("云溪 社区", ("甲", "乙"))


def test_aliases_in_json_may_be_a_list_or_nothing(tmp_path: Path) -> None:
    features = [{"properties": {"code": "1", "name": "甲", "aliases": aliases}} for aliases in (["乙", " ", 7], None)]
    file = read(tmp_path, json.dumps({"features": features}))
    assert [row.aliases for row in file.rows] == [("乙", "7"), None]


def test_numbers_in_json_are_codes_too(tmp_path: Path) -> None:
    features = [{"properties": {"code": code, "name": "甲"}} for code in (320601, 320602.0, "0320603")]
    file = read(tmp_path, json.dumps({"features": features}))
    assert [row.code for row in file.rows] == ["320601", "320602", "0320603"]


@pytest.mark.parametrize("feature", [None, 3, {}, {"properties": None}, {"properties": {"code": ["1"], "name": {}}}])
def test_a_feature_that_says_nothing_is_told(tmp_path: Path, feature: object) -> None:
    file = read(tmp_path, json.dumps({"features": [feature]}))
    assert faults(file) == [("code_missing", 1), ("name_missing", 1)]


# --- borders


def border(folder: Path, geometry: object) -> AreaFile:
    feature = {"type": "Feature", "properties": {"code": "1", "name": "甲"}, "geometry": geometry}
    return read(folder, json.dumps({"type": "FeatureCollection", "features": [feature]}))


def polygon(*points: tuple[float, float]) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": [[*points, points[0]]]}


def test_polygons_and_multipolygons_are_taken_with_their_holes(tmp_path: Path) -> None:
    hole = [[124.02, 29.02], [124.04, 29.02], [124.04, 29.04], [124.02, 29.02]]
    one = border(tmp_path, {"type": "Polygon", "coordinates": [SQUARE, hole]})
    two = border(tmp_path, {"type": "MultiPolygon", "coordinates": [[SQUARE, hole]]})
    areas = [from_wkb(file.rows[0].polygon or b"").area for file in (one, two)]
    assert areas == pytest.approx([0.0098, 0.0098])


def test_heights_are_dropped(tmp_path: Path) -> None:
    high = border(tmp_path, {"type": "Polygon", "coordinates": [[[*point, 7.0] for point in SQUARE]]})
    assert high.rows == border(tmp_path, {"type": "Polygon", "coordinates": [SQUARE]}).rows


@pytest.mark.parametrize(
    ("geometry", "kind"),
    [
        ({"type": "Point", "coordinates": [124, 29]}, "geometry_kind"),
        ("POLYGON EMPTY", "geometry_kind"),
        ({"type": "Polygon"}, "geometry_broken"),
        ({"type": "Polygon", "coordinates": []}, "geometry_broken"),
        ({"type": "Polygon", "coordinates": [["a"]]}, "geometry_broken"),
        ({"type": "Polygon", "coordinates": [SQUARE[:2]]}, "geometry_broken"),
        ({"type": "Polygon", "coordinates": [SQUARE[:4]]}, "geometry_broken"),
        ({"type": "Polygon", "coordinates": [[[float("nan"), 29.0], *SQUARE[1:]]]}, "geometry_broken"),
        (polygon((124, 29), (124.1, 29.1), (124.1, 29), (124, 29.1)), "geometry_crossing"),
        (polygon((124, 29), (125, 29), (124.5, 29)), "geometry_crossing"),
        (
            {"type": "Polygon", "coordinates": [SQUARE, [[120, 20], [120.1, 20], [120.1, 20.1], [120, 20]]]},
            "geometry_invalid",
        ),
        (polygon((29, 124), (29.1, 124), (29.1, 124.1)), "coordinates_swapped"),
        (polygon((40, 75.5), (40.1, 75.5), (40.1, 75.6)), "coordinates_swapped"),
        (polygon((40500000, 3200000), (40500100, 3200000), (40500100, 3200100)), "coordinates_projected"),
        (polygon((200, 29), (200.1, 29), (200.1, 29.1)), "coordinates_range"),
        (polygon((124, -95), (124.1, -95), (124.1, -94)), "coordinates_range"),
    ],
)
def test_a_border_that_cannot_be_is_refused_with_the_reason(tmp_path: Path, geometry: object, kind: str) -> None:
    assert faults(border(tmp_path, geometry)) == [(kind, 1)]


def test_a_crossing_is_told_with_its_place(tmp_path: Path) -> None:
    crossed = border(tmp_path, polygon((124, 29), (124.2, 29.2), (124.2, 29), (124, 29.2)))
    assert crossed.faults[0].chinese == "第 1 个图形：边界在 124.1 29.1 处与自己相交"
    assert crossed.faults[0].english == "feature 1: the border crosses itself at 124.1 29.1"


nested: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["type", "coordinates", "x"]), inner),
    max_leaves=12,
)
geometries = st.fixed_dictionaries({"type": st.sampled_from(["Polygon", "MultiPolygon", "x"]), "coordinates": nested})


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(nested | st.fixed_dictionaries({"properties": nested, "geometry": nested | geometries}), min_size=1))
def test_whatever_json_holds_is_taken_or_told(tmp_path: Path, features: list[Any]) -> None:
    file = read(tmp_path, json.dumps({"features": features}))
    assert len(file.rows) + len({fault.place for fault in file.faults}) == len(features)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=60) | st.text(st.sampled_from('编码,名称\n\r"\t;{[1甲'), max_size=60).map(str.encode))
def test_whatever_a_file_holds_is_read_or_refused(tmp_path: Path, content: bytes) -> None:
    with suppress(AreaFileRefused):
        file = read(tmp_path, content)
        assert file.rows or file.faults


# --- what is said


def test_every_sentence_is_there_in_both_languages_with_the_same_details() -> None:
    names = {name for chinese, _ in SENTENCES.values() for _, name, _, _ in Formatter().parse(chinese) if name}
    names |= {"level_name", "upper_name"}
    details = {name: 7 if name == "first" else "x" for name in names}
    for kind in SENTENCES:
        fault = Fault(kind, 3, Unit.LINE, details)
        assert fault.chinese.startswith("第 3 行：")
        assert fault.english.startswith("line 3: ")
        assert not {"{", "}"} & set(str(fault))


def test_a_fault_of_the_whole_file_names_no_line() -> None:
    assert str(Fault("empty")) == "文件里没有任何地区（the file holds no areas）"
