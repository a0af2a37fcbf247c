"""How much CPU it takes to draw a project's card, and a map of 900 cells, from plain values to PNG."""

import time
from collections.abc import Callable, Sequence
from datetime import date
from random import Random
from statistics import median
from typing import TypeVar

from shapely import Polygon

from bot.pictures.cell_map import Cell, CellMap, Marker, cell_map
from bot.pictures.month_row import Month, MonthMark
from bot.pictures.project_card import ProjectCard, project_card
from bot.pictures.surfaces import Standing

T = TypeVar("T")
ROUNDS = 15
ROWS, CORNERS, MARKERS = 30, 60, 12  # cells a side of the map, corners of a cell
_STEP = 0.01  # degrees
_DAY = date(2026, 9, 1)
_CHARACTERS = "杨柳石桥东塘南坪梅岭云溪井湾大坝村道路硬化护栏安装卫生院门诊楼改造供水管网延伸照明工程养老服务中心"
_LEGEND = dict(zip(Standing, ("按计划推进", "进度偏慢", "已停工", "已完工", "没有项目"), strict=True))


def measure() -> dict[str, float]:
    """Milliseconds of CPU, the median of several; each card and map has other words and figures than the one before."""
    cards, maps = [_card(number) for number in range(ROUNDS + 1)], [_map(number) for number in range(ROUNDS + 1)]
    return {
        "project_card_milliseconds": _milliseconds(project_card, cards),
        "cell_map_milliseconds": _milliseconds(cell_map, maps),
    }


def _milliseconds(draw: Callable[[T], bytes], wanted: Sequence[T]) -> float:
    """Without the first, which reads the font."""
    draw(wanted[0])
    return median(_once(draw, one) for one in wanted[1:]) * 1000


def _once(draw: Callable[[T], bytes], wanted: T) -> float:
    began = time.process_time()
    draw(wanted)
    return time.process_time() - began


def _card(number: int) -> ProjectCard:
    chance = Random(number)
    months = list(Month)
    return ProjectCard(
        congress="云坪镇人民代表大会（演示）",
        number=number,
        title=_words(chance, 22),
        stage="实施中",
        body=_words(chance, 14),
        leader=_words(chance, 3),
        deadline=date(2026, 10, 31),
        investment=chance.randrange(100_000, 9_000_000),
        progress=chance.randrange(101),
        planned=chance.randrange(101),
        months=[MonthMark(f"{month}月", chance.choice(months)) for month in range(1, 13)],
        open_problems=chance.randrange(9),
        worst="严重",
        as_of=_DAY,
    )


def _map(number: int) -> CellMap:
    chance = Random(number)
    standings = list(Standing)
    places = [(column, row) for column in range(ROWS) for row in range(ROWS)]
    return CellMap(
        congress="云坪镇人民代表大会（演示）",
        title=_words(chance, 12),
        cells=[Cell(_words(chance, 4), _polygon(chance, *place), chance.choice(standings)) for place in places],
        legend=_LEGEND,
        markers=[Marker(one, 110 + chance.random() * 0.3, 34 + chance.random() * 0.3) for one in range(MARKERS)],
        as_of=_DAY,
    )


def _polygon(chance: Random, column: int, row: int) -> bytes:
    """A square with winding sides, as a cell along streams and paths has."""
    side = CORNERS // 4
    turns = ((0, 0, 1, 0), (1, 0, 0, 1), (1, 1, -1, 0), (0, 1, 0, -1))
    corners = [(x + dx * at / side, y + dy * at / side) for x, y, dx, dy in turns for at in range(side)]
    winding = [(x + chance.uniform(-0.05, 0.05), y + chance.uniform(-0.05, 0.05)) for x, y in corners]
    return Polygon([(110 + (column + x) * _STEP, 34 + (row + y) * _STEP) for x, y in winding]).wkb


def _words(chance: Random, count: int) -> str:
    return "".join(chance.choice(_CHARACTERS) for _ in range(count))
