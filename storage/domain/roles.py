"""Who a person is to a congress. One person may hold several roles in several congresses."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    DEPUTY = "deputy"
    STAFF = "staff"
    PRESIDIUM = "presidium"
    IMPLEMENTING_BODY = "implementing_body"
    GRID_WORKER = "grid_worker"
    TELLER = "teller"
    EXPERT = "expert"
    ADMINISTRATOR = "administrator"


@dataclass(frozen=True, slots=True)
class Holding:
    """One role of one person. `areas` are the ids of a deputy's or a grid worker's own cells."""

    id: int
    person_id: int
    congress_id: int
    role: Role
    group_name: str = ""
    trade: str = ""
    areas: tuple[int, ...] = ()
