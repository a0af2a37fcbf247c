"""The invented township as plain data: places, stations, two congresses and the people who hold a role."""

from collections.abc import Iterator
from dataclasses import dataclass

from bot.demo.places import COUNTY, TOWNSHIP, VILLAGES, cells_of, demo_areas
from storage.area_row import AreaRow
from storage.domain.areas import Level
from storage.domain.roles import Role


@dataclass(frozen=True, slots=True)
class DemoCongress:
    """A congress, known by the code of its area."""

    area: str
    name: str
    level: Level


@dataclass(frozen=True, slots=True)
class DemoStation:
    code: str
    area: str
    name: str
    address: str


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """Somebody with one role. `congress` is the code of its area, `cells` are codes."""

    name: str
    telephone: str
    role: Role
    congress: str
    group: str = ""
    trade: str = ""
    cells: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DemoTownship:
    areas: tuple[AreaRow, ...]
    stations: tuple[DemoStation, ...]
    congresses: tuple[DemoCongress, ...]
    people: tuple[DemoPerson, ...]

    def of(self, role: Role) -> tuple[DemoPerson, ...]:
        return tuple(person for person in self.people if person.role is role)


BODIES = ("镇村镇建设办公室", "镇农业农村办公室", "镇民政办公室")  # that build what was chosen

_TOWNSHIP_DEPUTIES = 60
_COUNTY_DEPUTIES = 8
_FAMILIES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨"
# The beginning of the Thousand Character Classic: everybody gets another character, and nobody is really called so.
_GIVEN = (
    "天地玄黄宇宙洪荒日月盈昃辰宿列张寒来暑往秋收冬藏闰余成岁律吕调阳"
    "云腾致雨露结为霜金生丽水玉出昆冈剑号巨阙珠称夜光果珍李柰菜重芥姜"
    "海咸河淡鳞潜羽翔龙师火帝鸟官人皇"
)
_TRADES = ("种植", "养殖", "教育", "医疗卫生", "村务", "商贸", "运输", "建筑", "退休", "社区服务")
_GROUPS = ("第一代表小组", "第二代表小组", "第三代表小组", "第四代表小组", "第五代表小组")


def demo_township() -> DemoTownship:
    """云溪镇(演示): 96 cells in ten villages, 68 deputies, 3 staff, 5 grid workers, 3 offices that build; the same at
    every call."""
    return DemoTownship(
        areas=demo_areas(),
        stations=(
            DemoStation("yunxi", TOWNSHIP, "云溪镇人大代表之家（演示）", "云溪镇老街1号（演示）"),
            DemoStation("yangliu", f"{TOWNSHIP}201", "杨柳村人大代表联络站（演示）", "杨柳村村委会一楼（演示）"),
        ),
        congresses=(
            DemoCongress(TOWNSHIP, "云溪镇人大（演示）", Level.TOWNSHIP),
            DemoCongress(COUNTY, "演示县人大（演示）", Level.COUNTY),
        ),
        people=tuple(_people()),
    )


def _people() -> Iterator[DemoPerson]:
    roles = (*_township_deputies(), *_county_deputies(), *_staff(), *_grid_workers(), *_builders(), *_presidium())
    for number, (role, congress, group, trade, cells) in enumerate(roles):
        name = f"{_FAMILIES[number % len(_FAMILIES)]}演{_GIVEN[number]}"
        # No number of China's telephone networks begins like this.
        yield DemoPerson(name, f"000{number:08}", role, congress, group, trade, cells)


_Holding = tuple[Role, str, str, str, tuple[str, ...]]


def _township_deputies() -> Iterator[_Holding]:
    """Six for each village, who share its cells; two neighbouring villages make a group."""
    for number in range(_TOWNSHIP_DEPUTIES):
        village, seat = divmod(number, 6)
        yield Role.DEPUTY, TOWNSHIP, _GROUPS[village // 2], _TRADES[number % len(_TRADES)], cells_of(village)[seat::6]


def _county_deputies() -> Iterator[_Holding]:
    """Every village has one of its own; the first two have two villages each."""
    for number in range(_COUNTY_DEPUTIES):
        villages = range(number, len(VILLAGES), _COUNTY_DEPUTIES)
        cells = tuple(code for village in villages for code in cells_of(village))
        yield Role.DEPUTY, COUNTY, "云溪代表小组", _TRADES[(number * 3) % len(_TRADES)], cells


def _staff() -> Iterator[_Holding]:
    yield Role.STAFF, TOWNSHIP, "镇人大办公室", "", ()
    yield Role.STAFF, TOWNSHIP, "镇人大办公室", "", ()
    yield Role.STAFF, COUNTY, "县人大办公室", "", ()


def _grid_workers() -> Iterator[_Holding]:
    """One for two villages."""
    for first in range(0, len(VILLAGES), 2):
        yield Role.GRID_WORKER, TOWNSHIP, "", "", (*cells_of(first), *cells_of(first + 1))


def _builders() -> Iterator[_Holding]:
    """One for each office."""
    for body in BODIES:
        yield Role.IMPLEMENTING_BODY, TOWNSHIP, body, "", ()


def _presidium() -> Iterator[_Holding]:
    """Who agrees to what the office announces."""
    yield Role.PRESIDIUM, TOWNSHIP, "", "", ()
