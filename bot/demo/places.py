"""The invented township's map: ten villages with 96 grid cells, in the open sea where no real place is meant.

Everything follows from rules, so it is the same at every start.
"""

from collections.abc import Iterator

import shapely

from storage.area_row import AreaRow
from storage.domain.areas import Level

TOWNSHIP = "990101100"
COUNTY = "990101"

# No real province has a code above 82 (GB/T 2260).
_ABOVE = (
    ("99", "演示省", Level.PROVINCE, ""),
    ("9901", "演示市", Level.CITY, "99"),
    (COUNTY, "演示县", Level.COUNTY, "9901"),
    (TOWNSHIP, "云溪镇（演示）", Level.TOWNSHIP, COUNTY),
)
# As they lie: two rows of five, the middle ones wider.
VILLAGES = ("杨柳村", "石桥村", "青岩村", "白鹭村", "松岭村", "梨坪村", "荷塘村", "枫树村", "竹山村", "桂苑社区")
_WIDTHS = (3, 3, 4, 3, 3)
_HEIGHT = 3

_WEST, _SOUTH = 124.0, 29.0
_WIDE, _HIGH = 0.006, 0.0055  # of a cell, in degrees: some 600 metres each way

_NUMERALS = ("一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二")
_FAMILIES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢"
_LANDS = ("湾", "坡", "塘", "岭", "院子", "坝", "冲")
# These are found in several villages, so that the bot has to ask.
_COMMON = ("老桥头", "大塘边", "新屋场", "祠堂边")
_ESTATES = (
    "桂苑小区",
    "云溪花园",
    "溪畔雅居",
    "云溪嘉园",
    "云溪镇政府家属院",
    "云溪农贸市场",
    "云溪中学",
    "云溪老街",
    "云溪汽车站",
)


def demo_areas() -> tuple[AreaRow, ...]:
    """Province to grid cells, parents before their children."""
    return tuple(AreaRow.model_validate({"place": at, **area}) for at, area in enumerate(_areas(), start=1))


def cells_of(village: int) -> tuple[str, ...]:
    """The codes of the cells of a village, counted from 0."""
    return tuple(f"{_village_code(village)}{cell:03}" for cell in range(1, _HEIGHT * _WIDTHS[village % 5] + 1))


def _areas() -> Iterator[dict[str, object]]:
    for code, name, level, parent in _ABOVE:
        yield {"code": code, "name": name, "level": level, "parent": parent}
    for village, name in enumerate(VILLAGES):
        yield {"code": _village_code(village), "name": name, "level": Level.VILLAGE, "parent": TOWNSHIP}
    for village in range(len(VILLAGES)):
        for cell, code in enumerate(cells_of(village)):
            yield {
                "code": code,
                "name": f"第{_NUMERALS[cell]}网格",
                "level": Level.CELL,
                "parent": _village_code(village),
                "aliases": _aliases(village, cell),
                "polygon": _polygon(village, cell),
            }


def _village_code(village: int) -> str:
    return f"{TOWNSHIP}{village + 201}"


def _aliases(village: int, cell: int) -> tuple[str, ...]:
    """The group of villagers, a name after a family and the lie of the land, and one that other villages have too."""
    if VILLAGES[village].endswith("社区"):
        return (_ESTATES[cell],)
    group = f"{_NUMERALS[cell]}组"
    nth = village * 12 + cell
    family = f"{_FAMILIES[nth % len(_FAMILIES)]}家{_LANDS[nth % len(_LANDS)]}"
    match cell % 3:
        case 0:
            return group, family, _COMMON[(village + cell // 3) % len(_COMMON)]
        case 1:
            return group, family
        case _:
            return (group,)


# --- the map: a grid whose corners and edges are shifted a little, the same way for both neighbours


def _polygon(village: int, cell: int) -> bytes:
    column, row = village % 5, village // 5
    width = _WIDTHS[column]
    x = sum(_WIDTHS[:column]) + cell % width
    y = row * _HEIGHT + cell // width
    # Around the cell in half steps, so that every edge has a bend in the middle.
    around = ((0, 0), (1, 0), (2, 0), (2, 1), (2, 2), (1, 2), (0, 2), (0, 1))
    return shapely.Polygon([_corner(2 * x + east, 2 * y + north) for east, north in around]).wkb


def _corner(east: int, north: int) -> tuple[float, float]:
    """Longitude and latitude of a point of the grid, counted in half cells."""
    shift_east = (east * 37 + north * 101) % 17 / 16 - 0.5
    shift_north = (east * 59 + north * 83) % 19 / 18 - 0.5
    longitude = _WEST + (east + 0.4 * shift_east) * _WIDE / 2
    latitude = _SOUTH + (north + 0.4 * shift_north) * _HIGH / 2
    return round(longitude, 6), round(latitude, 6)
