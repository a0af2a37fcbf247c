import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.domain.areas import Area, Level
from storage.domain.place_names import EVERYDAY, names_of, short_name, spell

DIGITS = "零一二三四五六七八九"


def in_chinese(number: int) -> str:
    """1 to 999 as a careful clerk writes it."""
    hundreds, tens, ones = number // 100, number // 10 % 10, number % 10
    if hundreds == 0 and tens == 1:
        return "十" + DIGITS[ones].strip("零")
    middle = DIGITS[tens] + "十" if tens else "零" if hundreds and ones else ""
    return (DIGITS[hundreds] + "百" if hundreds else "") + middle + DIGITS[ones].strip("零")


@pytest.mark.parametrize(
    "written",
    [
        "第三网格",
        "第3网格",
        "第３网格",
        "3网格",
        "三网格",
        "第 3 网格",
        "第三号网格",
        "3号网格",
        "03网格",
        "网格3",
        "网格03",
        "网格三",
        "第叁网格",
    ],
)
def test_a_numbered_cell_has_one_spelling(written: str) -> None:
    assert spell(written).text == "3网格"


@pytest.mark.parametrize(
    "written", ["十二组", "12组", "第十二组", "12村民小组", "十二小组", "12队", "第12生产队", "十二社", "012 组"]
)
def test_a_numbered_group_has_one_spelling(written: str) -> None:
    assert spell(written).text == "12组"


@given(st.integers(1, 199), st.sampled_from(["组", "网格"]))
def test_chinese_and_arabic_numbers_are_spelled_alike(number: int, unit: str) -> None:
    assert spell(f"第{in_chinese(number)}{unit}").text == spell(f"{number}{unit}").text == f"{number}{unit}"


@pytest.mark.parametrize(
    ("written", "spelled"),
    [
        ("", ""),
        ("杨柳村 第三网格", "杨柳村3网格"),
        ("ＡＢＣ小区", "abc小区"),
        ("Happy  Valley 小区", "happy valley小区"),
        ("3社区", "3社区"),
        ("电话 138 9000", "电话138 9000"),
        ("2019年03月", "2019年3月"),
        ("网格3组", "网格3组"),
        ("000", "0"),
    ],
)
def test_spelling(written: str, spelled: str) -> None:
    assert spell(written).text == spelled


alphabet = st.sampled_from("杨柳村第三十百网格组小号队社 　\n０１２3450aBＺ，(")


@given(st.text(alphabet))
def test_places_in_the_spelling_lead_back_into_the_text_in_order(text: str) -> None:
    spelling = spell(text)
    length = len(spelling.text)
    spans = [spelling.written(place, place + 1) for place in range(length)]
    assert all(0 <= start <= len(text) and 0 <= end <= len(text) for start, end in spans)
    assert [start for start, _ in spans] == sorted(start for start, _ in spans)
    if length:
        assert spell(text[slice(*spelling.written(0, length))]).text == spelling.text


@given(st.text(alphabet, max_size=8), st.text(alphabet, max_size=8))
def test_a_name_between_brackets_is_found_where_it_was_written(before: str, after: str) -> None:
    text = f"{before}「青岩村」{after}"
    spelling = spell(text)
    start = spelling.text.index("青岩村")
    assert text[slice(*spelling.written(start, start + 3))] == "青岩村"


@pytest.mark.parametrize(
    ("name", "level", "short"),
    [
        ("杨柳村", Level.VILLAGE, "杨柳"),
        ("云溪社区居委会", Level.VILLAGE, "云溪社区"),
        ("云溪镇(演示)", Level.TOWNSHIP, "云溪"),
        ("云溪镇（演示）", Level.TOWNSHIP, "云溪"),
        ("城关街道", Level.TOWNSHIP, "城关"),
        ("演示县", Level.COUNTY, "演示"),
        ("柳树湾网格", Level.CELL, "柳树湾"),
        ("第三网格", Level.CELL, None),
        ("李村", Level.VILLAGE, None),
        ("阳光小区", Level.CELL, None),
        ("杨柳村", Level.TOWNSHIP, None),
    ],
)
def test_a_short_name_drops_the_word_for_the_level(name: str, level: Level, short: str | None) -> None:
    assert short_name(name, level) == short


def names(area: Area, parent: Area | None = None) -> dict[str, bool]:
    return {name.text: name.certain for name in names_of(area, parent)}


def village(name: str, *aliases: str) -> Area:
    return Area(1, None, Level.VILLAGE, "v", name, "/1/", aliases)


def test_a_village_is_known_with_and_without_its_suffix() -> None:
    assert names(village("杨柳村", "柳村")) == {"杨柳村": True, "杨柳": True, "柳村": True}


def test_a_word_of_every_day_names_a_village_only_in_company() -> None:
    assert "和平" in EVERYDAY
    assert names(village("和平村")) == {"和平村": True, "和平": False}


def test_staff_may_make_a_word_of_every_day_an_alias() -> None:
    assert names(village("和平村", "和平")) == {"和平村": True, "和平": True}


def test_names_of_one_character_and_bare_numbers_count_for_nothing() -> None:
    assert names(village("杨柳村", "柳", "12", "　", "")) == {"杨柳村": True, "杨柳": True}


def test_a_cell_called_after_its_village_is_known_by_the_rest_alone() -> None:
    cell = Area(2, 1, Level.CELL, "c", "杨柳村第三网格", "/1/2/")
    assert names(cell, village("杨柳村")) == {"3网格": True}


def test_a_rest_that_is_too_short_keeps_the_name_of_the_village() -> None:
    cell = Area(2, 1, Level.CELL, "c", "杨柳村东", "/1/2/")
    assert names(cell, village("杨柳村")) == {"杨柳村东": True}


def test_a_cell_called_by_a_word_of_every_day_needs_company() -> None:
    cell = Area(2, 1, Level.CELL, "c", "杨柳村中心网格", "/1/2/")
    assert names(cell, village("杨柳村")) == {"中心网格": True, "中心": False}
