"""Every kind of file that we make, and every kind that we read."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from bot.recipes.cell_map import write_cell_map
from bot.recipes.ledger_reading import read_ledger
from bot.recipes.ledger_writing import write_ledger
from bot.recipes.my_data import write_my_data
from bot.recipes.project_card import write_project_card
from bot.recipes.source import Source
from bot.recipes.supervision_report import write_supervision_report
from bot.recipes.texts import write_proposal, write_text
from storage.area_index import AreaIndex
from storage.database import Clock, Unit, reading

Maker = Callable[[Source, Mapping[str, Any], Path], None]
Reader = Callable[[Path], dict[str, Any]]

MAKERS: dict[str, Maker] = {
    "cell_map": write_cell_map,
    "ledger": write_ledger,
    "my_data": write_my_data,
    "project_card": write_project_card,
    "proposal": write_proposal,
    "supervision_report": write_supervision_report,
    "text": write_text,
}
READERS: dict[str, Reader] = {"ledger": read_ledger}


class Recipes:
    """Works in the thread that calls, however long it takes."""

    def __init__(self, engine: Engine, areas: Callable[[Unit], AreaIndex], clock: Clock) -> None:
        self._engine, self._areas, self._clock = engine, areas, clock

    def make(self, recipe: Mapping[str, Any], path: Path) -> None:
        """Write the file of a `handlers.messages.Recipe` to `path`. Raises KeyError for a kind that is unknown."""
        maker = MAKERS[recipe["kind"]]
        with reading(self._engine) as unit:
            maker(Source(unit, self._areas(unit), self._clock()), recipe["arguments"], path)

    def read(self, expected: Mapping[str, Any] | None, path: Path) -> dict[str, Any] | None:
        """The arguments of the conversation that expects this file (`Attachments.expect`); None where none does."""
        if expected is None:
            return None
        return {**expected["arguments"], **READERS[expected["kind"]](path)}
