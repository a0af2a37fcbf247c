"""How much CPU it takes to find the cell of a location, and the places that a text names, in a whole province."""

import time
from collections.abc import Callable, Sequence
from random import Random
from statistics import median
from typing import TypeVar

from shapely import box

from storage.area_index import AreaIndex
from storage.domain.areas import Area, Level

T = TypeVar("T")
VILLAGES, CELLS = 5_000, 20  # of each village: 100,000 polygons, and as many aliases
CALLS, ROUNDS = 1_000, 7
_SIZE = 0.01  # degrees
_COLUMNS = 500  # of cells, from west to east
_CHARACTERS = "东西南北上下前后大小金木水火土石云竹松梅兰荷柳枫桃李杏桥塘湾坪岭溪泉井林田沙坝洲"
_TEXT = (
    "村口这一段坑洼不平，下雨天积水很深，老人孩子走路不方便，晚上又没有路灯，骑车的人常常摔倒，去年就有两位老人摔伤住了医院，"
    "大家说了很多次，一直没有人来看。希望能够先把最坏的一段修一修，再装几盏路灯，离学校近的地方最好加一道护栏，孩子们上学放学也安全一些。"
    "如果今年的钱不够，可以先修从{}到学校门口的那一段，其余的明年再说，我们几户人家也愿意出工。谢谢。"
)


def measure() -> dict[str, float]:
    """Microseconds of CPU for one location, and for one text of 200 characters that names a place."""
    index = _province()
    chance = Random(1)
    points = [(chance.uniform(0, 2), chance.uniform(0, 5)) for _ in range(CALLS)]
    texts = [_TEXT.format(_alias(chance.randrange(VILLAGES * CELLS))).ljust(200, "好")[:200] for _ in range(CALLS)]
    assert all(index.locate(*point) for point in points)
    assert all(index.mentioned(text) for text in texts)
    return {
        "place_of_location_microseconds": _microseconds(lambda point: index.locate(*point), points),
        "places_of_text_microseconds": _microseconds(index.mentioned, texts),
    }


def _microseconds(look: Callable[[T], object], wanted: Sequence[T]) -> float:
    return median(_round(look, wanted) for _ in range(ROUNDS)) / len(wanted) * 1e6


def _round(look: Callable[[T], object], wanted: Sequence[T]) -> float:
    began = time.process_time()
    for one in wanted:
        look(one)
    return time.process_time() - began


def _alias(number: int) -> str:
    """Three characters, and one that tells that they are a place's name."""
    count = len(_CHARACTERS)
    first, second, third = number // count // count % count, number // count % count, number % count
    return f"{_CHARACTERS[first]}{_CHARACTERS[second]}{_CHARACTERS[third]}{'湾庄'[number // count**3 % 2]}"


def _province() -> AreaIndex:
    areas = [Area(1, None, Level.COUNTY, "c", "云川县", "/1/"), Area(2, 1, Level.TOWNSHIP, "t", "云坪镇", "/1/2/")]
    polygons: dict[int, bytes] = {}
    for village in range(VILLAGES):
        own = 3 + village
        areas.append(Area(own, 2, Level.VILLAGE, f"v{village}", f"第{village}村", f"/1/2/{own}/"))
        for cell in range(CELLS):
            number = village * CELLS + cell
            identity = 3 + VILLAGES + number
            path = f"/1/2/{own}/{identity}/"
            names = (_alias(number),)
            areas.append(Area(identity, own, Level.CELL, f"v{village}-{cell}", f"第{cell + 1}网格", path, names))
            north, east = divmod(number, _COLUMNS)
            polygons[identity] = box(east * _SIZE, north * _SIZE, (east + 1) * _SIZE, (north + 1) * _SIZE).wkb
    return AreaIndex(areas, polygons)
