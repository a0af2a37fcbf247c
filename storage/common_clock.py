"""One clock for several replicas: the database's. A lease is over when that says so, whatever the clocks of their
machines say."""

import time
from datetime import datetime, timedelta

from sqlalchemy import Engine, func, select

from storage.database import Clock, reading


class CommonClock:
    """PostgreSQL's clock; between two questions `own` goes on. On SQLite all processes are on one machine."""

    def __init__(self, own: Clock, engine: Engine) -> None:
        self._own, self._engine = own, engine
        self._behind = timedelta()

    def __call__(self) -> datetime:
        return self._own() + self._behind

    def ask(self) -> None:
        """Find out by how much the own clock is behind. What it cannot tell is half of how long the answer took."""
        if self._engine.dialect.name == "sqlite":
            return
        with reading(self._engine) as unit:
            unit.read(select(1))  # connected: what is measured is one journey
            began, at = time.monotonic(), self._own()
            there: datetime = unit.read(select(func.clock_timestamp())).scalar_one()
            took = timedelta(seconds=time.monotonic() - began)
        self._behind = there - at - took / 2
