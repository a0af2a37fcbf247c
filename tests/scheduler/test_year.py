"""A year of a county, with all that goes wrong in it, prompts exactly whom a plain loop over days says."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from threading import Barrier
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, delete, event, insert, select, update

from storage import rounds as opening
from storage import telling
from storage.area_index import AreaIndex
from storage.areas import add_area
from storage.calendar import published
from storage.coming_round import go_on
from storage.database import open_database, reading, transaction
from storage.domain.areas import Level
from storage.domain.cadence import Cadence, Duty, Owed
from storage.domain.roles import Role
from storage.domain.rules import Rules
from storage.store import Store
from storage.tables import cycles, liaisons, notes, people, projects, prompts, reminders, roles, rounds
from tests.databases import hurry_sqlite
from tests.scheduler.county_year import DOWN, FIRST, LAST, County, Event, Rule, invented
from tests.scheduler.expected_year import Loop

CHINA = ZoneInfo("Asia/Shanghai")
FOUNDED = datetime(2025, 12, 31, 12, tzinfo=UTC)


class Killed(BaseException):
    """A replica died before its commit."""


@dataclass
class Replicas:
    """Two of them on one database, which tick at the same instant."""

    engines: list[Engine]
    threads: ThreadPoolExecutor

    def tick(self, now: datetime, *, killed_at: int | None = None) -> int:
        """All that is due; how many pieces it took. One replica dies in the middle of the piece `killed_at`."""
        if killed_at is not None:
            self._dies(self.engines[0], now, killed_at)
        together = Barrier(len(self.engines))

        def run(engine: Engine) -> int:
            together.wait()
            return _run(engine, now)

        return sum(self.threads.map(run, self.engines))

    def _dies(self, engine: Engine, now: datetime, at: int) -> None:
        for count in range(at + 1):
            try:
                with transaction(engine) as unit:
                    goes_on = go_on(unit, now, published)
                    if count == at:
                        unit.flush()
                        raise Killed
            except Killed:
                return
            if not goes_on:
                return


def _run(engine: Engine, now: datetime) -> int:
    count = 0
    while _goes_on(engine, now):
        count += 1
    return count


def _goes_on(engine: Engine, now: datetime) -> bool:
    with transaction(engine) as unit:
        return go_on(unit, now, published)


@pytest.fixture
def replicas(database_url: str) -> Iterator[Replicas]:
    engines = [open_database(database_url) for _ in range(2)]
    if database_url.startswith("sqlite"):
        for engine in engines:
            event.listen(engine, "connect", hurry_sqlite)
    with ThreadPoolExecutor(2) as threads:
        yield Replicas(engines, threads)
    for engine in engines:
        engine.dispose()


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small enough that a month of one county takes many."""
    monkeypatch.setattr(opening, "_CANDIDATES", opening._CANDIDATES.limit(30))
    monkeypatch.setattr(opening, "PROJECTS", 30)
    monkeypatch.setattr(telling, "_UNANSWERED", telling._UNANSWERED.limit(60))
    monkeypatch.setattr(telling, "DUTIES", 60)
    monkeypatch.setattr(telling, "_FIRST", telling._FIRST.limit(90))


# --- the county, in the program's words


def found(engine: Engine, county: County) -> None:
    with transaction(engine) as unit:
        store = Store(unit, FOUNDED, AreaIndex(()))
        above = add_area(unit, store.audit, None, Level.COUNTY, "c", "示例县")
        names = [
            *(person for one in county.townships for person in (*one.deputies, one.staff, *one.builders)),
            *(one.chair for one in county.townships if one.chair),
        ]
        unit.write(insert(people), [{"id": one, "name": f"示例{one}", "created_at": FOUNDED} for one in sorted(names)])
        for one in county.townships:
            area = add_area(unit, store.audit, above, Level.TOWNSHIP, f"t{one.number}", f"示例镇{one.number}")
            assert store.congresses.add(f"示例镇{one.number}人大", Level.TOWNSHIP, area.id, rules=Rules()) == one.number
            store.congresses.begin_cycle(one.number, 2025, date(2025, 7, 1), date(2025, 12, 1))
            held = [(person, Role.DEPUTY) for person in one.deputies] + [(one.staff, Role.STAFF)]
            held += [(one.chair, Role.PRESIDIUM)] if one.chair else []
            held += [(person, Role.IMPLEMENTING_BODY) for person in one.builders]
            _grant(store, one.number, held)
            for duty in (Duty.INSPECTION, Duty.PRE_ASSESSMENT):
                store.cadences.turn_off(one.number, duty)
            for rule in one.rules:
                store.cadences.set(one.number, Duty(rule.duty), _cadence(rule))
                store.cadences.turn_on(one.number, Duty(rule.duty))
        _add_projects(store, county)


def _cadence(rule: Rule) -> Cadence:
    return Cadence(
        months=rule.months,
        opens_day=rule.opens,
        due_day=rule.due,
        due_months_later=rule.months_later,
        notice=rule.notice,
        reminders=rule.reminders,
        escalates_after=rule.escalates_after,
        escalates_to=Role.PRESIDIUM if rule.to_presidium else Role.STAFF,
        owed=Owed(rule.owed),
    )


def _grant(store: Store, congress: int, held: list[tuple[int, Role]]) -> None:
    rows = [
        {"person_id": person, "congress_id": congress, "role": role, "granted_at": FOUNDED, "group_name": "建设办"}
        for person, role in held
    ]
    store.unit.write(insert(roles), rows)


def _add_projects(store: Store, county: County) -> None:
    of_congress = dict(tuple(row) for row in store.unit.read(select(cycles.c.congress_id, cycles.c.id)))
    about = {
        "title": "示例",
        "content": "",
        "body": "建设办",
        "leader": "",
        "effect": "",
        "deadline": LAST,
    }
    moments = {"created_at": FOUNDED, "changed_at": FOUNDED, "stage": "building"}
    for one in county.projects:
        belongs = {"congress_id": one.township, "cycle_id": of_congress[one.township], "begun_on": one.begun_on}
        store.unit.write(insert(projects).values(id=one.number, **belongs, **about, **moments))
        for person in one.group:
            charged = {"project_id": one.number, "person_id": person, "assigned_at": FOUNDED}
            store.unit.write(insert(liaisons).values(**charged))


def happens(engine: Engine, now: datetime, events: list[Event]) -> None:
    """What people do in an afternoon."""
    if not events:
        return
    with transaction(engine) as unit:
        store = Store(unit, now, AreaIndex(()))
        written = iter(_notes(store, now, [one for one in events if one.what == "answers"]))
        for one in events:
            if one.what == "answers":
                store.duties.answered(next(written), Duty(one.duty), one.project or None, [one.person])
            else:
                _MOVES[one.what](store, now, one)


def _notes(store: Store, now: datetime, answers: list[Event]) -> list[int]:
    ids = store.unit.numbers(notes, len(answers))
    rows = [
        {
            "id": number,
            "congress_id": one.township,
            "project_id": one.project or None,
            "kind": one.duty,
            "author_id": one.person,
            "standing": "on_plan",
            "at": now,
        }
        for number, one in zip(ids, answers, strict=True)
    ]
    if rows:
        store.unit.later(insert(notes), *rows)
    return ids


def _leaves(store: Store, now: datetime, one: Event) -> None:
    theirs = liaisons.c.project_id == one.project, liaisons.c.person_id == one.person, liaisons.c.left_at.is_(None)
    if store.unit.write(update(liaisons).where(*theirs).values(left_at=now, left_how="released")).rowcount:
        store.liaisons.assign(one.project, [one.successor])


def _finishes(store: Store, now: datetime, one: Event) -> None:
    ended_on = now.astimezone(CHINA).date()
    going_on = projects.c.id == one.project, projects.c.ended_on.is_(None)
    store.unit.write(update(projects).where(*going_on).values(ended_on=ended_on, stage="finished"))


_MOVES: dict[str, Callable[[Store, datetime, Event], None]] = {"leaves": _leaves, "finishes": _finishes}


def begun(engine: Engine) -> list[tuple[int, str]]:
    """The conversations that wait, which begin now."""
    with transaction(engine) as unit:
        rows = unit.read(select(prompts.c.person_id, prompts.c.conversation)).all()
        if rows:
            unit.write(delete(prompts))
    return sorted((person, name) for person, name in rows)


def at(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, CHINA).astimezone(UTC)


# --- the year


@pytest.mark.usefixtures("small_pieces")
def test_a_year_of_a_county_prompts_exactly_whom_the_rules_say(replicas: Replicas) -> None:
    county = invented()
    first = replicas.engines[0]
    found(first, county)
    loop = Loop(invented())
    told = 0
    for day, expected in loop.days():
        nine = at(day, time(9))
        if day - timedelta(days=1) in DOWN and day not in DOWN:  # it comes up in the night, when nobody is prompted
            night = at(day - timedelta(days=1), time(22, 30))
            replicas.tick(night)
            assert begun(first) == []
        if day.day % 7 == 0:
            assert replicas.tick(nine - timedelta(minutes=1)) == 0, f"{day}: nothing is due before nine"
        replicas.tick(nine, killed_at=day.month if day.day == 1 else None)
        assert begun(first) == sorted(expected), day
        told += len(expected)
        if day.day % 5 == 0:  # the clock is set back an hour, and somebody ticks by hand
            for minutes in (-60, 0):
                replicas.tick(nine + timedelta(minutes=minutes))
            assert begun(first) == [], day
        happens(first, at(day, time(15)), county.events.get(day, []))
    assert told > 5_000
    with reading(first) as unit:
        rows = unit.read(
            select(rounds.c.congress_id, rounds.c.duty, rounds.c.period, reminders.c.step, reminders.c.person_id).join(
                reminders, reminders.c.round_id == rounds.c.id
            )
        )
        assert {tuple(row) for row in rows} == loop.told


def test_two_replicas_that_tick_at_the_same_instant_a_hundred_times_open_and_prompt_once(replicas: Replicas) -> None:
    county = invented()
    first = replicas.engines[0]
    found(first, county)
    for number in range(100):
        now = at(FIRST, time(9)) + timedelta(days=31 * number)
        replicas.tick(now)
        prompted = begun(first)
        assert len(prompted) == len(set(prompted)), now
    with reading(first) as unit:
        opened = unit.read(select(rounds.c.congress_id, rounds.c.duty, rounds.c.period)).all()
        assert len(opened) == len(set(opened)) > 500
