"""One digest for each congress, month and person, on the first working day, whoever runs and however often."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, insert, select, update

from handlers.dispatch import Dispatched
from handlers.messages import Notice, NoticeKind
from scheduler.jobs.begin_prompts import begin_prompts
from scheduler.jobs.digest_to_staff import digest_to_staff
from scheduler.runner import Job, Runner
from storage import digests
from storage.calendar import published
from storage.database import Unit, transaction
from storage.domain.roles import Role
from storage.domain.rules import Rules
from storage.tables import congresses, job_runs, prompts
from tests.conversing import Town, joined
from tests.handlers.test_notices import notices
from tests.settlement import COLLECTING, Settlement, enrolled, on, second_congress
from tests.storage.test_projects import a_project, described

DIGEST = "柳河镇人大2026年9月督查小结"
OPENING = datetime(2026, 10, 8, 1, 0, tzinfo=UTC)  # nine o'clock in China, on the first day after the holidays


@pytest.fixture
def place(engine: Engine) -> Settlement:
    """With a project; 王芳 and 陈静 are staff, of whom 陈静 has no account."""
    return on(engine)


@pytest.fixture
def town(engine: Engine, place: Settlement) -> Town:
    town = Town(engine)
    with town.store() as store:
        a_project(store, place)
        store.people.grant(store.people.add("陈静"), place.congress, Role.STAFF)
    return town


class Replica:
    """Jobs with what they remember between their runs."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self._done: list[Dispatched] = []
        self._jobs: list[Job] = [digest_to_staff(published), begin_prompts(town.dispatcher, self._done.append)]

    async def _do(self, work: Callable[[Unit], bool]) -> bool:
        with transaction(self.town.engine) as unit:
            return work(unit)

    def ticks(self, at: datetime) -> None:
        self.town.now = at
        asyncio.run(self._tick())

    async def _tick(self) -> None:
        await Runner(self._jobs, self._do, lambda: self.town.now).tick()


@pytest.fixture
def replica(town: Town) -> Replica:
    town.person("staff").says("取消")
    town.person("staff").reads()
    return Replica(town)


def digests_told(town: Town, account: str = "staff", words: str = "督查小结") -> int:
    return joined(text for text, _ in town.person(account).told_lately(200)).count(words)


def test_staff_hear_of_the_last_month_on_its_first_working_day(town: Town, replica: Replica) -> None:
    for early in (OPENING - timedelta(days=5), OPENING - timedelta(minutes=1)):
        replica.ticks(early)
        assert digests_told(town) == 0
    replica.ticks(OPENING + timedelta(minutes=2))
    assert digests_told(town, words=DIGEST) == 1
    assert notices(town, "staff") == [Notice(NoticeKind.DUTY, "督查月报", "柳河镇人大")]
    assert "已经逾期的" in town.person("staff").screen()
    for later in range(1, 60):
        replica.ticks(OPENING + timedelta(hours=9 * later))
    assert digests_told(town) == 1


def test_each_month_has_its_own(town: Town, replica: Replica) -> None:
    day = OPENING
    while day < datetime(2027, 1, 31, tzinfo=UTC):
        replica.ticks(day + timedelta(minutes=2))
        day += timedelta(days=1)
    for month in range(9, 13):
        assert digests_told(town, words=f"人大2026年{month}月督查小结") == 1
    assert digests_told(town) == 4


def test_two_replicas_a_tick_again_and_a_clock_set_back_change_nothing(town: Town, replica: Replica) -> None:
    other = Replica(town)
    at = OPENING + timedelta(minutes=2)
    for one in (replica, other, replica, other, Replica(town)):
        one.ticks(at)
    for minutes in (30, -60, 0, 60, 24 * 60):
        other.ticks(at + timedelta(minutes=minutes))
    assert digests_told(town) == 1


def test_what_was_missed_is_made_up_for_within_the_month(town: Town, replica: Replica) -> None:
    replica.ticks(OPENING + timedelta(days=15))
    assert digests_told(town, words=DIGEST) == 1
    replica.ticks(datetime(2026, 12, 20, tzinfo=UTC))
    assert digests_told(town) == 2
    assert digests_told(town, words="2026年11月督查小结") == 1


def test_who_was_away_hears_of_the_last_one_only(town: Town, replica: Replica) -> None:
    staff = town.person("staff")
    staff.says("提建议", "村口要修路")

    def busy(at: datetime) -> None:
        town.now = at
        staff.says("村口要修路")

    for month in (10, 11, 12):
        at = datetime(2026, month, 20, 1, 0, tzinfo=UTC)
        busy(at)
        replica.ticks(at + timedelta(minutes=5))
        with town.store() as store:
            waiting = store.unit.read(select(prompts.c.arguments).where(prompts.c.conversation == "supervision")).all()
        assert [row.arguments["digest"] for row in waiting] == [f"2026-{month - 1:02}"]


def test_a_congress_without_projects_or_younger_than_the_month_is_left_in_peace(
    town: Town, place: Settlement, replica: Replica
) -> None:
    with town.store() as store:
        county = second_congress(store, place)
        enrolled(store, "county", "赵静", county, Role.STAFF)
        store.unit.write(update(congresses).where(congresses.c.id == place.congress).values(created_at=OPENING))
    town.person("county").says("取消")
    replica.ticks(OPENING + timedelta(minutes=2))
    assert digests_told(town) == digests_told(town, "county") == 0
    replica.ticks(datetime(2026, 11, 2, 1, 5, tzinfo=UTC))
    assert (digests_told(town), digests_told(town, "county")) == (1, 0)


def test_many_congresses_come_in_chunks_each_in_its_own_time(
    town: Town, place: Settlement, replica: Replica, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(digests, "LOOKED_AT", 3)
    monkeypatch.setattr(digests, "TOLD", 2)
    old = OPENING - timedelta(days=90)
    with town.store() as store:
        for number in range(8):
            zone = "Asia/Shanghai" if number % 2 else "America/New_York"
            values = {"name": f"第{number}人大", "level": f"level{number}", "area_id": place.township.id}
            more = {"timezone": zone, "rules": Rules().dump(), "created_at": old}
            congress = store.unit.insert(insert(congresses).values(**values, **more))
            enrolled(store, f"s{number}", "职员", congress, Role.STAFF)
            cycle = store.congresses.begin_cycle(congress, 2026, *COLLECTING)
            store.projects.add(congress, cycle.id, described(place), [], OPENING.date())
    replica.ticks(OPENING + timedelta(minutes=2))
    assert congresses_told(town) == {1, 3, 5, 7, 9}
    replica.ticks(OPENING + timedelta(hours=13))
    assert congresses_told(town) == set(range(1, 10))


def congresses_told(town: Town) -> set[int]:
    with town.store() as store:
        names = store.unit.read(select(job_runs.c.job).where(job_runs.c.job.startswith("digest "))).scalars()
        return {int(name.split()[1]) for name in names}
