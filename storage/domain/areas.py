"""The tree of areas: province > city > county > township > village > grid cell."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self


class Level(StrEnum):
    """What an area is in the tree, from the province down to the grid cell."""

    PROVINCE = "province"
    CITY = "city"
    COUNTY = "county"
    TOWNSHIP = "township"
    VILLAGE = "village"
    CELL = "cell"

    @classmethod
    def named(cls, name: str) -> Self | None:
        """The level that people call `name`, in English or Chinese; None for a name that is none."""
        known = _NAMES.get(name.strip().lower().replace("_", " "))
        return None if known is None else cls(known)

    @property
    def rank(self) -> int:
        """0 for a province, one more for each level below it."""
        return _RANKS[self]

    @property
    def chinese(self) -> str:
        """As people call it: 乡镇, 村, 网格."""
        return _CHINESE[self]

    def may_contain(self, other: "Level") -> bool:
        """Whether an area of this level may be the parent of one of `other`; levels may be skipped."""
        return self.rank < other.rank

    @property
    def may_stand_alone(self) -> bool:
        """Whether an area of this level may have no parent: a village or cell has a congress only through one."""
        return self.rank <= Level.TOWNSHIP.rank


_RANKS = {level.value: rank for rank, level in enumerate(Level)}
_CHINESE = dict(zip(Level, ("省", "市", "县", "乡镇", "村", "网格"), strict=True))
_ALSO_CALLED = {
    Level.PROVINCE: "省级 自治区 直辖市 province",
    Level.CITY: "市级 地级市 地区 州 盟 city prefecture",
    Level.COUNTY: "县级 区 区县 县区 市辖区 县级市 旗 county district",
    Level.TOWNSHIP: "乡镇级 乡 镇 街道 乡镇街道 township town",
    Level.VILLAGE: "村级 行政村 社区 村社区 居委会 village community",
    Level.CELL: "网格级 单元网格 cell grid",
}
_NAMES: dict[str, Level] = {
    **{level.chinese: level for level in Level},
    **{name: level for level, names in _ALSO_CALLED.items() for name in names.split()},
    "grid cell": Level.CELL,
}


@dataclass(frozen=True, slots=True)
class Area:
    """A node of the tree. `path` holds the ids from the root to this area: "/1/4/9/".

    A retired area is still known by its id, for the records that refer to it, and is offered to nobody.
    """

    id: int
    parent_id: int | None
    level: Level
    code: str
    name: str
    path: str
    aliases: tuple[str, ...] = ()
    retired: bool = False

    def lies_in(self, other: "Area") -> bool:
        """Whether this area is `other` or somewhere below it."""
        return self.path.startswith(other.path)

    @property
    def ids(self) -> tuple[int, ...]:
        """The ids from the root down to this area."""
        return tuple(int(part) for part in self.path.strip("/").split("/"))


def path_below(parent: str | None, identity: int) -> str:
    """The path of the area `identity` under a parent with the path `parent`, or of a root."""
    return f"{parent or '/'}{identity}/"


@dataclass(frozen=True, slots=True)
class Station:
    """A place where deputies receive residents (代表联络站). `code` stands in its QR code."""

    id: int
    area_id: int
    code: str
    name: str
    address: str = ""
