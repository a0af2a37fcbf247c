"""What only one replica does: runs of jobs, and locks that are held as long as their holder says so."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, select, update

from storage.conflicts import insert_or_else
from storage.database import Unit
from storage.tables import job_runs, locks

CUT_OFF_AFTER = timedelta(minutes=2)  # a run that said nothing for so long has died with its process


class Jobs:
    def __init__(self, unit: Unit, now: datetime) -> None:
        self._unit, self._now = unit, now

    def claim_run(self, job: str, scheduled_at: datetime) -> bool:
        """Take one run of a job, or take over one that was cut off; False when it is another replica's, or done."""
        statement = insert_or_else(job_runs, self._unit.dialect).values(
            job=job, scheduled_at=scheduled_at, started_at=self._now
        )
        statement = statement.on_conflict_do_update(
            index_elements=["job", "scheduled_at"],
            set_={"started_at": self._now},
            where=job_runs.c.finished_at.is_(None) & (job_runs.c.started_at < self._now - CUT_OFF_AFTER),
        )
        return self._unit.write(statement.returning(job_runs.c.job)).first() is not None

    def keep_run(self, job: str, scheduled_at: datetime) -> None:
        """Say that a run goes on."""
        self._unit.write(update(job_runs).where(*_run(job, scheduled_at)).values(started_at=self._now))

    def finish_run(self, job: str, scheduled_at: datetime) -> None:
        self._unit.write(update(job_runs).where(*_run(job, scheduled_at)).values(finished_at=self._now))

    def forget_runs(self, before: datetime, limit: int) -> bool:
        """Drop the record of about `limit` older runs; whether there are more."""
        older = select(job_runs.c.scheduled_at).where(job_runs.c.scheduled_at < before)
        moments = self._unit.read(older.order_by(job_runs.c.scheduled_at).limit(limit)).scalars().all()
        if moments:
            self._unit.write(delete(job_runs).where(job_runs.c.scheduled_at <= moments[-1]))
        return len(moments) == limit

    def hold(self, name: str, token: str, lasting: timedelta) -> bool:
        """Take a lock, or keep it; False while another token holds it."""
        statement = insert_or_else(locks, self._unit.dialect).values(name=name, token=token, until=self._now + lasting)
        statement = statement.on_conflict_do_update(
            index_elements=["name"],
            set_={"token": token, "until": self._now + lasting},
            where=(locks.c.token == token) | (locks.c.until < self._now),
        )
        return self._unit.write(statement.returning(locks.c.name)).first() is not None

    def let_go(self, name: str, token: str) -> None:
        self._unit.write(delete(locks).where(locks.c.name == name, locks.c.token == token))


def _run(job: str, scheduled_at: datetime) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return job_runs.c.job == job, job_runs.c.scheduled_at == scheduled_at
