"""What the first of a month costs a province: 12,107 congresses, 120,000 projects, 300,000 duties of 150,000 deputies.

All open at one moment, each deputy owes for two projects, in two congresses. Measured are the opening until everybody's
prompt waits, the longest single transaction of it, what the process holds before and after, a tick with nothing due
amid all that is open, and, apart from that, how fast the prompts themselves are begun.
"""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from os import getpid
from statistics import median
from time import perf_counter, process_time
from typing import Any

from sqlalchemy import ColumnElement, Engine, String, case, cast, func, literal, null, select

from handlers.catalogue import ROUTES
from handlers.dispatch import Dispatcher
from handlers.flood import Flood
from scheduler.jobs.begin_prompts import CHUNK, begin_prompts
from storage.calendar import published
from storage.coming_round import go_on
from storage.database import open_database, reading, transaction
from storage.domain.areas import Level
from storage.domain.cadence import DEFAULTS, Duty, Owed, number_of
from storage.domain.project_stages import Stage
from storage.domain.roles import Role
from storage.domain.rules import Rules
from storage.memory import Memory
from storage.tables import (
    accounts,
    areas,
    cadences,
    congresses,
    cycles,
    duties,
    liaisons,
    people,
    projects,
    prompts,
    roles,
)
from tests.bench.scale_rows import SMALL, Filling
from tests.bench.scale_store import count_on, in_a_hurry
from tests.bench.starting import megabytes
from tests.conversing import BUTTONS

OPENING = datetime(2026, 9, 1, 1, tzinfo=UTC)  # 09:00 in China
BEFORE = OPENING - timedelta(days=30)
IDLE_TICKS = 201


@dataclass(frozen=True, slots=True)
class Province:
    """How many there are. Five duties stand for two projects, and every deputy owes two."""

    congresses: int
    projects: int

    @property
    def duties(self) -> int:
        return self.projects * 5 // 2

    @property
    def deputies(self) -> int:
        return self.duties // 2


WHOLE = Province(congresses=12_107, projects=120_000)


def province_of(congresses: int) -> Province:
    """One of that many congresses, the rest in proportion."""
    return Province(congresses, congresses * WHOLE.projects // WHOLE.congresses // 4 * 4)


def fill(url: str, size: Province = WHOLE) -> None:
    """Fill a migrated, empty database."""
    engine = in_a_hurry(url)
    with engine.begin() as connection:
        filling = Filling(connection, SMALL, 0)
        for table, count, rows in _tables(size):
            filling.add(table, count, rows)
        count_on(connection)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("VACUUM")  # what its own housekeeping does in time: of pages filled just now
            connection.exec_driver_sql("VACUUM ANALYZE")  # most are marked as visible to all by the second round only
    engine.dispose()


def _tables(size: Province) -> Iterator[tuple[Any, int, Callable[[ColumnElement[int]], dict[str, Any]]]]:
    """Each table with the number of its rows, and a row by its number."""
    rule = DEFAULTS[Duty.INSPECTION].dump() | {"owed": Owed.EACH}
    staff = size.deputies  # have the numbers after the deputies
    yield (
        areas,
        size.congresses,
        lambda n: {
            "id": n + 1,
            "level": literal(Level.TOWNSHIP.value),
            "code": literal("t") + cast(n, String),
            "name": literal("示例镇") + cast(n, String),
            "path": literal("/") + cast(n + 1, String) + literal("/"),
            "aliases": literal([], areas.c.aliases.type),
        },
    )
    yield (
        congresses,
        size.congresses,
        lambda n: {
            "id": n + 1,
            "name": literal("示例人大") + cast(n, String),
            "level": literal(Level.TOWNSHIP.value),
            "area_id": n + 1,
            "timezone": literal("Asia/Shanghai"),
            "rules": literal(Rules().dump(), congresses.c.rules.type),
            "created_at": literal(BEFORE, congresses.c.created_at.type),
        },
    )
    yield (
        cycles,
        size.congresses,
        lambda n: {
            "id": n + 1,
            "congress_id": n + 1,
            "year": literal(2026),
            "stage": literal("supervision"),
            "collecting_from": literal(date(2025, 7, 1)),
            "collecting_to": literal(date(2025, 12, 31)),
        },
    )
    yield (
        cadences,
        size.congresses,
        lambda n: {
            "congress_id": n + 1,
            "duty": literal(Duty.INSPECTION.value),
            "rule": literal(rule, cadences.c.rule.type),
            "next_period": literal(number_of(2026, 9)),
            "next_at": literal(OPENING, cadences.c.next_at.type),
        },
    )
    yield (
        people,
        size.deputies + size.congresses,
        lambda n: {
            "id": n + 1,
            "name": literal("代表") + cast(n, String),
            "telephone": literal("13900000000"),
            "consented_at": literal(BEFORE, people.c.consented_at.type),
            "created_at": literal(BEFORE, people.c.created_at.type),
        },
    )
    yield (
        accounts,
        size.deputies + size.congresses,
        lambda n: {
            "channel": literal("tap"),
            "external_id": literal("d") + cast(n, String),
            "address": literal("d") + cast(n, String),
            "person_id": n + 1,
            "seen_at": literal(BEFORE, accounts.c.seen_at.type),
            "unreachable_since": null(),
        },
    )
    yield (
        roles,
        size.deputies + size.congresses,
        lambda n: {
            "person_id": n + 1,
            "congress_id": case((n < staff, n * 2 // 5 % size.congresses), else_=n - staff) + 1,
            "role": case((n < staff, literal(Role.DEPUTY.value)), else_=literal(Role.STAFF.value)),
            "granted_at": literal(BEFORE, roles.c.granted_at.type),
        },
    )
    yield (
        projects,
        size.projects,
        lambda n: {
            "id": n + 1,
            "congress_id": n % size.congresses + 1,
            "cycle_id": n % size.congresses + 1,
            "title": literal("示例道路硬化") + cast(n, String),
            "content": literal("硬化道路 1.2 公里"),
            "body": literal("镇交通办"),
            "leader": literal("示例"),
            "deadline": literal(date(2026, 11, 30)),
            "effect": literal("方便出行"),
            "stage": literal(Stage.BUILDING.value),
            "begun_on": literal(date(2026, 1, 1)),
            "created_at": literal(BEFORE, projects.c.created_at.type),
            "changed_at": literal(BEFORE, projects.c.changed_at.type),
        },
    )
    # Of two projects one has two deputies, the other three.
    yield (
        liaisons,
        size.duties,
        lambda n: {
            "project_id": n * 2 // 5 + 1,
            "person_id": n % size.deputies + 1,
            "assigned_at": literal(BEFORE, liaisons.c.assigned_at.type),
        },
    )


def measure(name: str, url: str, size: Province = WHOLE, prompts_at_most: int = 6_000) -> dict[str, float]:
    """Open a month in a filled database, and begin the first so many prompts; figures by name."""
    engine = open_database(url)
    chunks: list[float] = []
    gc.collect()
    gc.freeze()  # as the program does at its start
    held = megabytes(getpid())
    most = held
    with _stopped() as whole:
        while _step(engine, OPENING, chunks):
            most = max(most, megabytes(getpid()))
    _check(engine, size)
    idle: list[float] = []
    for number in range(IDLE_TICKS):
        _step(engine, OPENING + timedelta(minutes=1, seconds=number), idle)
    begun = _begin(engine, prompts_at_most)
    engine.dispose()
    return {
        f"province_{name}_opening_seconds": whole[0],
        f"province_{name}_opening_cpu_seconds": whole[1],
        f"province_{name}_transaction_milliseconds": median(chunks) * 1000,
        f"province_{name}_longest_transaction_milliseconds": max(chunks) * 1000,
        f"province_{name}_megabytes_before": held,
        f"province_{name}_megabytes_more_at_most": most - held,
        f"province_{name}_idle_tick_milliseconds": median(idle) * 1000,
        f"province_{name}_prompts_per_second": len(begun) * CHUNK / sum(begun),
        f"province_{name}_prompts_longest_transaction_milliseconds": max(begun) * 1000,
    }


def _step(engine: Engine, now: datetime, seconds: list[float]) -> bool:
    began = perf_counter()
    with transaction(engine) as unit:
        goes_on = go_on(unit, now, published)
    seconds.append(perf_counter() - began)
    return goes_on


@contextmanager
def _stopped() -> Iterator[list[float]]:
    """Seconds by the clock, and of this process's CPU, once it is over."""
    found: list[float] = []
    began, cpu = perf_counter(), process_time()
    yield found
    found += [perf_counter() - began, process_time() - cpu]


def _check(engine: Engine, size: Province) -> None:
    with reading(engine) as unit:
        found = tuple(unit.read(select(func.count()).select_from(table)).scalar_one() for table in (duties, prompts))
    if found != (size.duties, size.deputies):
        raise RuntimeError(f"{found} duties and prompts")


def _begin(engine: Engine, at_most: int) -> list[float]:
    """Begin prompts that wait, as the job does; the seconds of each chunk."""
    now = OPENING + timedelta(minutes=5)
    memory = Memory()
    with reading(engine) as unit:
        memory(unit)  # as the program does at its start
    dispatcher = Dispatcher(
        clock=lambda: now,
        routes=ROUTES,
        memory=memory,
        capabilities={"tap": BUTTONS},
        flood=Flood(60),
        on_fault=_fail,
    )
    job = begin_prompts(dispatcher, lambda _: None)
    seconds: list[float] = []
    goes_on = True
    while goes_on and len(seconds) * CHUNK < at_most:
        began = perf_counter()
        with transaction(engine) as unit:
            goes_on = job.step(unit, now)
        seconds.append(perf_counter() - began)
    return seconds


def _fail(_: str, error: BaseException) -> None:
    raise error
