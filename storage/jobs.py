"""What only one replica does: runs of jobs, and locks that are held as long as their holder says so."""

from datetime import datetime, timedelta

from sqlalchemy import delete, update
from sqlalchemy.dialects import postgresql, sqlite

from storage.database import Unit
from storage.tables import job_runs, locks


class Jobs:
    def __init__(self, unit: Unit, now: datetime) -> None:
        self._unit, self._now = unit, now
        self._dialect = sqlite if unit.dialect == "sqlite" else postgresql

    def claim_run(self, job: str, scheduled_at: datetime) -> bool:
        """Take one run of a job; False when any replica took it before."""
        statement = self._dialect.insert(job_runs).values(job=job, scheduled_at=scheduled_at, started_at=self._now)
        return self._unit.write(statement.on_conflict_do_nothing()).rowcount == 1

    def finish_run(self, job: str, scheduled_at: datetime) -> None:
        run = job_runs.c.job == job, job_runs.c.scheduled_at == scheduled_at
        self._unit.write(update(job_runs).where(*run).values(finished_at=self._now))

    def forget_runs(self, before: datetime) -> None:
        self._unit.write(delete(job_runs).where(job_runs.c.scheduled_at < before))

    def hold(self, name: str, token: str, lasting: timedelta) -> bool:
        """Take a lock, or keep it; False while another token holds it."""
        statement = self._dialect.insert(locks).values(name=name, token=token, until=self._now + lasting)
        statement = statement.on_conflict_do_update(
            index_elements=["name"],
            set_={"token": token, "until": self._now + lasting},
            where=(locks.c.token == token) | (locks.c.until < self._now),
        )
        return self._unit.write(statement).rowcount == 1

    def let_go(self, name: str, token: str) -> None:
        self._unit.write(delete(locks).where(locks.c.name == name, locks.c.token == token))
