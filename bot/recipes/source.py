"""What a maker of files reads from."""

from dataclasses import dataclass
from datetime import datetime

from storage.area_index import AreaIndex
from storage.database import Unit


@dataclass(frozen=True, slots=True)
class Source:
    """A transaction that only reads, what memory holds of the tree of areas, and the moment it is made at. `address` is
    where people reach this server."""

    unit: Unit
    areas: AreaIndex
    now: datetime
    address: str = ""
