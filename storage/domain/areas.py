"""The tree of areas: province > city > county > township > village > grid cell."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    PROVINCE = "province"
    CITY = "city"
    COUNTY = "county"
    TOWNSHIP = "township"
    VILLAGE = "village"
    CELL = "cell"

    def may_contain(self, other: "Level") -> bool:
        """Whether an area of this level may be the parent of one of `other`; levels may be skipped."""
        order = list(Level)
        return order.index(self) < order.index(other)


@dataclass(frozen=True, slots=True)
class Area:
    """A node of the tree. `path` holds the ids from the root to this area: "/1/4/9/"."""

    id: int
    parent_id: int | None
    level: Level
    code: str
    name: str
    path: str
    aliases: tuple[str, ...] = ()

    def lies_in(self, other: "Area") -> bool:
        """Whether this area is `other` or somewhere below it."""
        return self.path.startswith(other.path)
