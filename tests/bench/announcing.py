"""What it costs to announce something to a county of a million people, before the first is sent to and after the last.

Measured are the counting of its audience, the writing down of its recipients with the longest single transaction and
what the process holds more meanwhile, and the report when most of it was sent.
"""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from os import getpid
from statistics import median
from time import perf_counter
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Engine,
    String,
    and_,
    case,
    cast,
    false,
    func,
    insert,
    literal,
    null,
    select,
    true,
    update,
)

from storage.announcements import Announcement, Content
from storage.area_index import AreaIndex
from storage.areas import add_area
from storage.audit import Actor
from storage.database import Unit, open_database, reading, transaction
from storage.domain.announcements import Kind
from storage.domain.areas import Level
from storage.domain.audience import Audience, Groups
from storage.domain.roles import Role
from storage.domain.rules import Rules
from storage.recipients import Recipients
from storage.store import Store
from storage.tables import (
    accounts,
    announcement_recipients,
    areas,
    messages,
    outbox,
    people,
    proposal_authors,
    proposal_supporters,
    proposals,
    roles,
    texts,
)
from tests.bench.scale_rows import SMALL, Filling
from tests.bench.scale_store import count_on, in_a_hurry
from tests.bench.starting import megabytes

PEOPLE = 1_000_000
CELL = 50  # people
NOW = datetime(2026, 9, 1, 1, tzinfo=UTC)
DEPUTIES = 300
EVERYBODY = Audience(everybody=True, without=Groups(roles=(Role.IMPLEMENTING_BODY,)))


def fill(url: str, count: int = PEOPLE) -> int:
    """Fill a migrated, empty database with so many people; gives the number of an announcement to everybody.

    Of a hundred, one has no account and three want no notices; of two hundred, one is not reached any more. Each tenth
    has proposed something, each third supports something.
    """
    engine = open_database(url)
    with transaction(engine) as unit:
        store = Store(unit, NOW, AreaIndex(()))
        county = add_area(unit, store.audit, None, Level.COUNTY, "c", "示例县")
        congress = store.congresses.add("示例县人大", Level.COUNTY, county.id, rules=Rules())
        cycle = store.congresses.begin_cycle(congress, 2026, NOW.date(), NOW.date() + timedelta(days=99)).id
        staff = store.people.add("示例")
        written = store.on_behalf_of(Actor(person_id=staff)).announcements
        number = written.add(congress, Content(Kind.OTHER, "示例公告", "示例", EVERYBODY))
        text = unit.insert(insert(texts).values(body="示例", written_at=NOW))
    engine.dispose()
    engine = in_a_hurry(url)
    with engine.begin() as connection:
        filling = Filling(connection, SMALL, 0)
        for table, rows_of, rows in _tables(count, congress, cycle, text, county.path):
            filling.add(table, rows_of, rows)
        count_on(connection)
    _settle(engine)
    return number


def _settle(engine: Engine) -> None:
    """What PostgreSQL's own housekeeping does in time."""
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("CHECKPOINT")  # of what is not yet on disk, nothing is marked as seen by all
            connection.exec_driver_sql("VACUUM ANALYZE")
    engine.dispose()


_Rows = Callable[[ColumnElement[int]], dict[str, Any]]


def _tables(count: int, congress: int, cycle: int, text: int, path: str) -> Iterator[tuple[Any, int, _Rows]]:
    """Each table with the number of its rows, and a row by its number. Residents have the numbers from 2 on."""
    cells = count // CELL
    moment = literal(NOW, people.c.created_at.type)
    yield (
        areas,
        cells,
        lambda n: {
            "id": n + 2,
            "parent_id": literal(1),
            "level": literal(Level.CELL.value),
            "code": literal("c") + cast(n, String),
            "name": literal("示例网格") + cast(n, String),
            "path": literal(path) + cast(n + 2, String) + literal("/"),
            "aliases": literal([], areas.c.aliases.type),
        },
    )
    yield (
        people,
        count,
        lambda n: {
            "id": n + 2,
            "name": literal("居民") + cast(n, String),
            "cell_id": n * 7_919 % cells + 2,
            "notices": case((n % 100 < 3, false()), else_=true()),
            "created_at": moment,
        },
    )
    yield (
        accounts,
        count,
        lambda n: {
            "channel": case((n % 2 == 0, literal("web")), else_=literal("tap")),
            "external_id": literal("r") + cast(n, String),
            "address": literal("r") + cast(n, String),
            # Of each hundred, one has the account of the one before them.
            "person_id": case((n % 100 == 99, n + 1), else_=n + 2),
            "seen_at": moment,
            "unreachable_since": case((n % 200 == 7, moment), else_=null()),
        },
    )
    yield (
        roles,
        DEPUTIES,
        lambda n: {
            "person_id": n * 3 + 2,
            "congress_id": literal(congress),
            "role": literal(Role.DEPUTY.value),
            "granted_at": moment,
        },
    )
    yield (
        proposals,
        count // 20,
        lambda n: {
            "id": n + 1,
            "congress_id": literal(congress),
            "cycle_id": literal(cycle),
            "text_id": literal(text),
            "category": literal("roads"),
            "cell_id": n % cells + 2,
            "located_how": literal("text"),
            "status": literal("received"),
            "source": literal("chat"),
            "created_at": moment,
            "changed_at": moment,
        },
    )
    yield proposal_authors, count // 10, lambda n: {"proposal_id": n // 2 + 1, "person_id": n * 10 + 2}
    yield proposal_supporters, count // 3, lambda n: {"proposal_id": n // 7 + 1, "person_id": n * 3 + 2, "at": moment}


def measure(name: str, url: str, count: int = PEOPLE) -> dict[str, float]:
    """Announce something in a migrated, empty database; figures by name."""
    number = fill(url, count)
    engine = open_database(url)
    one = _announcement(engine, number)
    with _taking() as counting, reading(engine) as unit:
        reach = Store(unit, NOW, AreaIndex(())).audiences.reach(one.congress_id, EVERYBODY)
    figures = {"counting_seconds": counting[0]} | _prepare(engine, one, reach.people)
    engine.dispose()  # in a hurry, nobody else may have it open
    _send(url, number)
    with _taking() as reporting, reading(engine) as unit:
        reports = Store(unit, NOW, AreaIndex(())).announcement_reports
        totals, cells, channels = reports.totals(number), reports.by_cell(number), reports.by_channel(number)
    with _taking() as telephoning, reading(engine) as unit:
        Store(unit, NOW, AreaIndex(())).announcement_reports.telephones(number)
    engine.dispose()
    if not totals.sums_up or totals.audience != reach.people or min(len(cells), len(channels)) < 2:
        raise RuntimeError(f"{totals} of {reach}")
    figures |= {"report_seconds": reporting[0], "telephones_seconds": telephoning[0]}
    return {f"announcing_{name}_{figure}": value for figure, value in figures.items()}


def _announcement(engine: Engine, number: int) -> Announcement:
    with reading(engine) as unit:
        one = Store(unit, NOW, AreaIndex(())).announcements.get(number)
    assert one
    return one


@contextmanager
def _taking() -> Iterator[list[float]]:
    """Seconds by the clock, once it is over."""
    found: list[float] = []
    began = perf_counter()
    yield found
    found.append(perf_counter() - began)


def _prepare(engine: Engine, one: Announcement, expected: int) -> dict[str, float]:
    chunks: list[float] = []
    gc.collect()
    gc.freeze()  # as the program does at its start
    held = most = megabytes(getpid())
    with _taking() as whole:
        with transaction(engine) as unit:
            _recipients(unit).begin(one)
        goes_on = True
        while goes_on:
            with _taking() as chunk, transaction(engine) as unit:
                goes_on = _recipients(unit).prepare(one)
            chunks += chunk
            most = max(most, megabytes(getpid()))
    with reading(engine) as unit:
        found = unit.read(select(func.count()).select_from(announcement_recipients)).scalar_one()
    if found != expected:
        raise RuntimeError(f"{found} recipients, not {expected}")
    return {
        "ready_seconds": whole[0],
        "ready_transaction_milliseconds": median(chunks) * 1000,
        "ready_longest_transaction_milliseconds": max(chunks) * 1000,
        "ready_megabytes_more": most - held,
    }


def _recipients(unit: Unit) -> Recipients:
    return Recipients(unit, NOW, Store(unit, NOW, AreaIndex(())).audiences)


def _send(url: str, number: int) -> None:
    """Most of it, as if hours had gone by: of a hundred, one fails, one is held and one is on its way."""
    engine = in_a_hurry(url)
    moment, person = literal(NOW, outbox.c.due_at.type), announcement_recipients.c.person_id
    state = case(
        *((person % 100 == at, literal(one)) for at, one in enumerate(("failed", "held", "waiting"))), else_="sent"
    )
    of_each: dict[Any, dict[str, Any]] = {
        messages: {
            "id": person,
            "direction": literal("out"),
            "channel": announcement_recipients.c.channel,
            "account_id": announcement_recipients.c.account_id,
            "person_id": person,
            "kind": literal("text"),
            "at": moment,
            "stored_at": moment,
        },
        outbox: {
            "message_id": person,
            "account_id": announcement_recipients.c.account_id,
            "channel": announcement_recipients.c.channel,
            "priority": literal(2),
            "state": state,
            "due_at": moment,
            "created_at": moment,
            "failure": case((person % 100 < 2, literal("blocked")), else_=""),
            "announcement_id": literal(number),
            "cell_id": announcement_recipients.c.cell_id,
        },
    }
    with engine.begin() as connection:
        theirs = and_(announcement_recipients.c.announcement_id == number, announcement_recipients.c.skipped == "")
        for table, values in of_each.items():
            connection.execute(insert(table).from_select(list(values), select(*values.values()).where(theirs)))
        opened = case((person % 3 == 0, moment), else_=null())
        connection.execute(update(announcement_recipients).where(theirs).values(message_id=person, opened_at=opened))
        count_on(connection)
    _settle(engine)
