"""Every kind of file that we make, and every kind that we read."""

from collections.abc import Callable, Mapping
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

from sqlalchemy import Engine

from bot.recipes.source import Source
from storage.area_index import AreaIndex
from storage.database import Clock, Unit, reading

Maker = Callable[[Source, Mapping[str, Any], Path], None]
Reader = Callable[[Path], dict[str, Any]]

# By name, and taken in when one is wanted: what draws and what writes sheets takes more memory than all else here.
MAKERS = {
    "announcement_poster": "bot.recipes.announcement_poster:write_announcement_poster",
    "announcement_card": "bot.recipes.announcement_card:write_announcement_card",
    "announcement_report": "bot.recipes.announcement_report:write_announcement_report",
    "cell_map": "bot.recipes.cell_map:write_cell_map",
    "ledger": "bot.recipes.ledger_writing:write_ledger",
    "my_data": "bot.recipes.my_data:write_my_data",
    "project_card": "bot.recipes.project_card:write_project_card",
    "proposal": "bot.recipes.texts:write_proposal",
    "supervision_report": "bot.recipes.supervision_report:write_supervision_report",
    "text": "bot.recipes.texts:write_text",
}
READERS = {"ledger": "bot.recipes.ledger_reading:read_ledger"}


class Recipes:
    """Works in the thread that calls, however long it takes. `address` is where people reach this server."""

    def __init__(self, engine: Engine, areas: Callable[[Unit], AreaIndex], clock: Clock, address: str = "") -> None:
        self._engine, self._areas, self._clock, self._address = engine, areas, clock, address

    def make(self, recipe: Mapping[str, Any], path: Path) -> None:
        """Write the file of a `handlers.messages.Recipe` to `path`. Raises KeyError for a kind that is unknown."""
        maker: Maker = resolve_name(MAKERS[recipe["kind"]])
        with reading(self._engine) as unit:
            maker(Source(unit, self._areas(unit), self._clock(), self._address), recipe["arguments"], path)

    def read(self, expected: Mapping[str, Any] | None, path: Path) -> dict[str, Any] | None:
        """The arguments of the conversation that expects this file (`Attachments.expect`); None where none does."""
        if expected is None:
            return None
        reader: Reader = resolve_name(READERS[expected["kind"]])
        return {**expected["arguments"], **reader(path)}
