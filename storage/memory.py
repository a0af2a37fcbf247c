"""What every process keeps in memory, since it is asked at every message and seldom changes."""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from threading import Lock, Thread

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from storage.area_index import AreaIndex
from storage.areas import has_at_least, load_index
from storage.congresses import CongressIndex, load_congresses
from storage.database import Unit, reading
from storage.revisions import Revised, numbers

LARGE = 1_000  # areas; a smaller tree is read within 0.1 s, and nobody hears an answer from the one before
TURNS_OF_A_THREAD = 0.0005  # seconds that one computes while others wait, during a load; else Python's 5 ms


@dataclass(frozen=True, slots=True)
class Remembered:
    """The tree of areas, and the congresses with their cycles, as of one transaction."""

    areas: AreaIndex
    congresses: CongressIndex


class Memory:
    """Gives what is remembered; what any replica has changed since is read again.

    With an `engine` a large tree of areas that has changed is loaded in a thread beside, and the one before serves
    until then: that of a county takes over a second, and a transaction may take a tenth.
    """

    def __init__(self, engine: Engine | None = None) -> None:
        self._engine = engine
        self._areas: AreaIndex | None = None
        self._congresses: CongressIndex | None = None
        self._lock = Lock()
        self._loading: Thread | None = None

    def __call__(self, unit: Unit) -> Remembered:
        at = numbers(unit)
        areas, congresses = self._areas, self._congresses
        if areas is None or areas.revision != at.get(Revised.AREAS, 0):
            areas = self._changed(unit, areas)
        if congresses is None or congresses.revision != at.get(Revised.CONGRESSES, 0):
            congresses = self._congresses = load_congresses(unit)
        return Remembered(areas, congresses)

    def areas(self, unit: Unit) -> AreaIndex:
        return self(unit).areas

    def close(self) -> None:
        """Wait for what is being loaded."""
        if loading := self._loading:
            loading.join()

    def _changed(self, unit: Unit, before: AreaIndex | None) -> AreaIndex:
        if before is None or self._engine is None or not has_at_least(unit, LARGE):
            self._areas = load_index(unit)
            return self._areas
        with self._lock:
            if self._loading is None:
                self._loading = Thread(target=self._load, args=(self._engine,), name="areas", daemon=True)
                self._loading.start()
        return before

    def _load(self, engine: Engine) -> None:
        # Where the database is at fault, the next transaction finds again that the revision has moved.
        with suppress(DBAPIError), _unobtrusively(), reading(engine) as unit:
            self._areas = load_index(unit)
        self._loading = None


@contextmanager
def _unobtrusively() -> Iterator[None]:
    """Let other threads compute in between, and no search for garbage go through all that is being made."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(TURNS_OF_A_THREAD)
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()  # what is held until the next change is never looked through
        gc.enable()
        sys.setswitchinterval(interval)
