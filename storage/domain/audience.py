"""Whom an announcement is for: several groups of people together, without some others."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from enum import StrEnum
from typing import Any

from storage.domain.roles import Role


class Reached(StrEnum):
    """Which of those whom another announcement was for."""

    ALL = "all"
    SENT = "sent"  # got it
    UNOPENED = "unopened"  # got it and have not opened it, and had no part in writing or agreeing to it


@dataclass(frozen=True, slots=True)
class Groups:
    """People who belong to any of these. Areas, projects and proposals are named by their ids.

    `areas`: who lives in or below one. `groups`: deputies of these groups. `projects`: who lives in their cells.
    `proposals`: their authors and supporters.
    """

    roles: tuple[Role, ...] = ()
    areas: tuple[int, ...] = ()
    groups: tuple[str, ...] = ()
    projects: tuple[int, ...] = ()
    proposals: tuple[int, ...] = ()

    def __bool__(self) -> bool:
        return any(getattr(self, name) for name in self.__slots__)


@dataclass(frozen=True, slots=True)
class Audience:
    """`everybody`: who lives in the congress's area, holds a role in it, or proposed or supported anything there; where
    it is the only congress, whoever has ever written to us.

    `channels`: only who is reached by one of these; empty: by any. `of_announcement`: instead of all that, those whom
    another announcement was for.
    """

    everybody: bool = False
    those: Groups = field(default_factory=Groups)
    without: Groups = field(default_factory=Groups)
    channels: tuple[str, ...] = ()
    of_announcement: int | None = None
    reached: Reached = Reached.ALL

    @property
    def is_empty(self) -> bool:
        """Whether nobody was named."""
        return not (self.everybody or self.those or self.of_announcement)

    def dump(self) -> dict[str, Any]:
        """As plain JSON."""
        return asdict(self)

    @classmethod
    def load(cls, stored: Mapping[str, Any]) -> "Audience":
        """From `dump`. Raises ValueError, TypeError or KeyError for anything else."""
        values = {**stored, "those": _groups(stored["those"]), "without": _groups(stored["without"])}
        channels, reached = tuple(stored["channels"]), Reached(stored["reached"])
        return cls(**{**values, "channels": channels, "reached": reached})


def _groups(stored: Mapping[str, Any]) -> Groups:
    values = {one.name: tuple(stored[one.name]) for one in fields(Groups)}
    return Groups(**{**values, "roles": tuple(Role(role) for role in values["roles"])})
