"""Time: what wakes when. APScheduler wakes every replica; the store decides which of them does the run."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from storage.database import Clock, Unit
from storage.jobs import Jobs

Do = Callable[[Callable[[Unit], bool]], Awaitable[bool]]

# How long ago a run may have been due that is still made up for, the nearest looked at first: it is mostly enough.
LOOKS_BACK = (timedelta(hours=1), timedelta(days=2))
MAKE_UP_EVERY = timedelta(minutes=5)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Job:
    """Something to be done at times. `step` does one chunk, of at most some ten milliseconds, and says whether
    there is more; `afterwards` is called when it is committed. `times` are the fields of a cron line, as `CronTrigger`
    names them."""

    name: str
    times: dict[str, str]
    step: Callable[[Unit, datetime], bool]
    afterwards: Callable[[], None] = lambda: None

    @property
    def trigger(self) -> CronTrigger:
        return CronTrigger(**self.times, timezone=UTC)

    def last_due(self, now: datetime) -> datetime | None:
        """The latest moment until now at which it was to run."""
        return next(filter(None, (self._last_since(now - back, now) for back in LOOKS_BACK)), None)

    def _last_since(self, since: datetime, now: datetime) -> datetime | None:
        last: datetime | None = None
        due = self.trigger.get_next_fire_time(None, since)
        while due is not None and due <= now:
            last = due
            due = self.trigger.get_next_fire_time(due, due + timedelta(microseconds=1))
        return last


@dataclass(slots=True)
class _Run:
    """One run of a job. `wrote`: there was something to do."""

    job: Job
    scheduled_at: datetime
    wrote: bool = False

    def step(self, unit: Unit, now: datetime) -> bool:
        """One chunk, and in the same transaction that the run goes on or is finished."""
        writes = unit.writes
        goes_on = self.job.step(unit, now)
        self.wrote = self.wrote or unit.writes > writes
        runs = Jobs(unit, now)
        (runs.keep_run if goes_on else runs.finish_run)(self.job.name, self.scheduled_at)
        return goes_on


class Runner:
    """Runs jobs at their times, each run in one replica only. `do` is the writer's."""

    def __init__(self, jobs: Sequence[Job], do: Do, clock: Clock) -> None:
        self._jobs, self._do, self._clock = jobs, do, clock
        self._scheduler = AsyncIOScheduler(timezone=UTC)

    def start(self) -> None:
        """Run jobs from now on, and what was missed or cut off while nobody ran."""
        for job in self._jobs:
            # Kept in memory, and without a grace time: a late run is better than none.
            self._scheduler.add_job(
                self.run, job.trigger, [job], id=job.name, misfire_grace_time=None, coalesce=True, max_instances=1
            )
        make_up = IntervalTrigger(seconds=int(MAKE_UP_EVERY.total_seconds()), timezone=UTC)
        self._scheduler.add_job(self.tick, make_up, next_run_time=datetime.now(UTC), misfire_grace_time=None)
        self._scheduler.start()

    def stop(self) -> None:
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    async def tick(self) -> list[str]:
        """Do what is due now and was not done; gives the names of the jobs that ran."""
        return [job.name for job in self._jobs if await self.run(job)]

    async def run(self, job: Job) -> bool:
        """One run of a job, unless it was done for that moment before, or another replica is about it."""
        scheduled_at = job.last_due(self._clock())
        if scheduled_at is None:
            return False
        run = _Run(job, scheduled_at)
        try:
            if not await self._do(lambda unit: Jobs(unit, self._clock()).claim_run(job.name, scheduled_at)):
                return False
            while await self._do(lambda unit: run.step(unit, self._clock())):
                job.afterwards()
            job.afterwards()
        except Exception as error:  # noqa: BLE001  # whatever one job does, the others are done; it is made up for
            log.error("job_fault", job=job.name, kind=type(error).__name__)
            return False
        (log.info if run.wrote else log.debug)("job_done", job=job.name)
        return True
