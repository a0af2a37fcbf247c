"""Time: what wakes when. APScheduler wakes every replica; the store decides which of them does the run."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger

from storage.database import Clock, Unit
from storage.jobs import Jobs

Do = Callable[[Callable[[Unit], bool]], Awaitable[bool]]

LOOK_BACK = timedelta(days=2)  # how long ago a run may have been due that `tick` still makes up for

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Job:
    """Something to be done at times. `step` does one chunk, of at most some ten milliseconds, and says whether
    there is more. `times` are the fields of a cron line, as `CronTrigger` names them."""

    name: str
    times: dict[str, str]
    step: Callable[[Unit, datetime], bool]

    @property
    def trigger(self) -> CronTrigger:
        return CronTrigger(**self.times, timezone=UTC)

    def last_due(self, now: datetime) -> datetime | None:
        """The latest moment until now at which it was to run."""
        last: datetime | None = None
        due = self.trigger.get_next_fire_time(None, now - LOOK_BACK)
        while due is not None and due <= now:
            last = due
            due = self.trigger.get_next_fire_time(due, due + timedelta(microseconds=1))
        return last


class Runner:
    """Runs jobs at their times, each run in one replica only. `do` is the writer's."""

    def __init__(self, jobs: Sequence[Job], do: Do, clock: Clock) -> None:
        self._jobs, self._do, self._clock = jobs, do, clock
        self._scheduler = AsyncIOScheduler(timezone=UTC)

    def start(self) -> None:
        for job in self._jobs:
            # Kept in memory, and without a grace time: a late run is better than none.
            self._scheduler.add_job(
                self.run, job.trigger, [job], id=job.name, misfire_grace_time=None, coalesce=True, max_instances=1
            )
        self._scheduler.start()

    def stop(self) -> None:
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    async def tick(self) -> list[str]:
        """Do what is due now and was not done; gives the names of the jobs that ran."""
        return [job.name for job in self._jobs if await self.run(job)]

    async def run(self, job: Job) -> bool:
        """One run of a job, unless it was done for that moment before."""
        scheduled_at = job.last_due(self._clock())
        if scheduled_at is None:
            return False
        if not await self._do(lambda unit: Jobs(unit, self._clock()).claim_run(job.name, scheduled_at)):
            return False
        while await self._do(lambda unit: job.step(unit, self._clock())):
            pass
        await self._do(lambda unit: self._finish(unit, job, scheduled_at))
        log.info("job_done", job=job.name)
        return True

    def _finish(self, unit: Unit, job: Job, scheduled_at: datetime) -> bool:
        Jobs(unit, self._clock()).finish_run(job.name, scheduled_at)
        return True
