"""Who a person is to a congress. One person may hold several roles in several congresses."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self


class Role(StrEnum):
    """What a person is to a congress; whoever has none is a resident."""

    DEPUTY = "deputy"
    STAFF = "staff"
    PRESIDIUM = "presidium"
    IMPLEMENTING_BODY = "implementing_body"
    GRID_WORKER = "grid_worker"
    TELLER = "teller"
    EXPERT = "expert"
    ADMINISTRATOR = "administrator"

    @classmethod
    def named(cls, name: str) -> Self | None:
        """The role that people call `name`, in English or Chinese; None for a name that is none."""
        known = _NAMES.get("".join(name.split()).replace("_", "").casefold())
        return None if known is None else cls(known)


_CALLED = {
    Role.DEPUTY: "代表 人大代表 deputy",
    Role.STAFF: "工作人员 人大工作人员 办公室人员 人大办公室 staff clerk",
    Role.PRESIDIUM: "主席团 主席团成员 presidium",
    Role.IMPLEMENTING_BODY: "实施主体 承办单位 承办单位人员 implementingbody",
    Role.GRID_WORKER: "网格员 网格长 专职网格员 gridworker",
    Role.TELLER: "监票人 计票人 监票计票人 teller",
    Role.EXPERT: "专家 评估小组 评估小组成员 panelexpert expert",
    Role.ADMINISTRATOR: "管理员 administrator admin",
}
_NAMES: dict[str, str] = {name: role.value for role, names in _CALLED.items() for name in names.split()}


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
