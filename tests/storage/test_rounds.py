"""Periods open, people are told step by step, and one prompt waits for each of them."""

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import Any

import pytest
from sqlalchemy import Engine, func, insert, select, update

from storage import charged, rounds, telling
from storage.area_index import AreaIndex
from storage.audit import Actor
from storage.calendar import published
from storage.coming_round import go_on
from storage.database import reading, transaction
from storage.domain.cadence import DEFAULTS, Cadence, Duty, Owed, QuietHours
from storage.domain.roles import Role
from storage.domain.working_days import WorkingDays
from storage.liaisons import Left
from storage.store import Store
from storage.tables import cadences, duties, notes, projects, prompts, reminders
from storage.tables import rounds as rounds_table
from tests.settlement import Settlement, enrolled, on
from tests.storage.test_projects import a_project

AUGUST = datetime(2026, 8, 20, 1, tzinfo=UTC)
OPENING = datetime(2026, 9, 1, 1, tzinfo=UTC)  # 09:00 in China, a Tuesday
DUE = datetime(2026, 9, 25, 1, tzinfo=UTC)
ESCALATION = datetime(2026, 9, 28, 1, tzinfo=UTC)  # 25 and 26 are free for the Mid-autumn Festival, 27 is a Sunday


class Office:
    """A congress whose time passes."""

    def __init__(self, engine: Engine, place: Settlement) -> None:
        self.engine, self.place, self.now = engine, place, AUGUST

    def store(self) -> Any:
        return _opened(self)

    def project(self, *group: int, begun_on: date = date(2026, 8, 1), body: str = "") -> int:
        with self.store() as store:
            number = a_project(store, self.place)
            described = {"body": body} if body else {}
            changed = update(projects).where(projects.c.id == number)
            store.unit.write(changed.values(begun_on=begun_on, **described))
            store.liaisons.assign(number, group)
        return int(number)

    def deputy(self, name: str) -> int:
        with self.store() as store:
            return int(enrolled(store, name, name, self.place.congress, Role.DEPUTY)[0])

    def set(self, duty: Duty, cadence: Cadence) -> None:
        with self.store() as store:
            store.cadences.set(self.place.congress, duty, cadence)
            store.cadences.turn_on(self.place.congress, duty)

    def tick(self, now: datetime | None = None) -> int:
        """Everything that is due; how many chunks it took."""
        self.now = now or self.now
        for count in range(1_000):
            with transaction(self.engine) as unit:
                if not go_on(unit, self.now, published):
                    return count
        raise AssertionError("it never ends")

    def told(self) -> list[tuple[str, int, int]]:
        """(period, step, person), in order."""
        with reading(self.engine) as unit:
            rows = unit.read(
                select(rounds_table.c.period, reminders.c.step, reminders.c.person_id)
                .join(rounds_table)
                .order_by(rounds_table.c.id, reminders.c.step, reminders.c.person_id)
            )
            return [tuple(row) for row in rows]

    def begins(self) -> list[tuple[int, str]]:
        """The prompts that wait since the last time, which begin now."""
        with transaction(self.engine) as unit:
            rows = unit.read(select(prompts.c.person_id, prompts.c.conversation).order_by(prompts.c.person_id)).all()
            unit.write(prompts.delete())
        return [tuple(row) for row in rows]

    def answer(self, project: int | None, *people: int, kind: Duty = Duty.INSPECTION) -> list[int]:
        with self.store() as store:
            note = {"congress_id": self.place.congress, "project_id": project, "kind": "inspection"}
            by = {"author_id": people[0], "standing": "on_plan", "at": self.now}
            note_id = store.unit.insert(insert(notes).values(**note, **by))
            return list(store.duties.answered(note_id, kind, project, people))

    def owed(self, person: int) -> list[tuple[Duty, str, int | None]]:
        with self.store() as store:
            return [(one.duty, one.period, one.project) for one in store.duties.owed_by(person)]


class _opened:  # noqa: N801  # it is called like a function
    def __init__(self, office: Office) -> None:
        self._office, self._transaction = office, transaction(office.engine)

    def __enter__(self) -> Store:
        office = self._office
        return Store(self._transaction.__enter__(), office.now, AreaIndex(()), Actor(office.place.staff))

    def __exit__(self, *error: object) -> None:
        self._transaction.__exit__(*error)  # type: ignore[arg-type]  # as they came


@pytest.fixture
def office(engine: Engine) -> Office:
    return Office(engine, on(engine, AUGUST))


# --- a month


def test_a_month_as_most_places_have_it(office: Office) -> None:
    one, two = office.deputy("d1"), office.deputy("d2")
    office.project(one, two)
    assert office.tick(OPENING - timedelta(minutes=1)) == 0
    assert office.tick(OPENING) > 0
    assert office.begins() == [(one, "duties"), (two, "duties")]
    assert office.tick() == 0, "it is done"
    office.tick(datetime(2026, 9, 8, 1, tzinfo=UTC))
    assert office.begins() == [(one, "duties"), (two, "duties")], "five working days later"
    office.tick(datetime(2026, 9, 15, 1, tzinfo=UTC))
    office.begins()
    office.tick(datetime(2026, 9, 29, 0, 59, tzinfo=UTC))
    assert office.begins() == []
    office.tick(datetime(2026, 9, 29, 1, tzinfo=UTC))
    assert office.begins() == [(office.place.staff, "overdue")], "due on the 28th, after the holiday"
    assert [step for _, step, _ in office.told()] == [0, 0, 1, 1, 2, 2, 3]


def test_whoever_answers_answers_for_all_and_nobody_hears_of_it_again(office: Office) -> None:
    one, two = office.deputy("d1"), office.deputy("d2")
    number, other = office.project(one, two), office.project(two)
    office.tick(OPENING)
    assert office.begins() == [(one, "duties"), (two, "duties")], "one message for both projects"
    assert office.owed(two) == [(Duty.INSPECTION, "2026-09", number), (Duty.INSPECTION, "2026-09", other)]
    assert len(office.answer(number, two)) == 1
    assert office.owed(one) == []
    assert office.owed(two) == [(Duty.INSPECTION, "2026-09", other)]
    office.tick(datetime(2026, 9, 8, 1, tzinfo=UTC))
    assert office.begins() == [(two, "duties")]
    office.answer(other, two)
    office.tick(datetime(2026, 9, 29, 1, tzinfo=UTC))
    assert office.begins() == []


def test_who_joins_hears_of_what_the_group_still_owes_and_who_left_does_not(office: Office) -> None:
    one, two = office.deputy("d1"), office.deputy("d2")
    number, empty = office.project(one), office.project()
    office.tick(OPENING)
    office.begins()
    with office.store() as store:
        store.liaisons.leave(number, one, Left.DECLINED, "出差")
        store.liaisons.assign(number, [two])
        store.liaisons.assign(empty, [two])
    office.tick(datetime(2026, 9, 8, 1, tzinfo=UTC))
    assert office.begins() == [(two, "duties")]
    assert office.owed(one) == []
    assert len(office.owed(two)) == 2


def test_a_project_owes_what_opens_while_it_is_supervised(office: Office) -> None:
    one = office.deputy("d1")
    begins, ended, ends = (office.project(one, begun_on=date(2026, 9, day)) for day in (2, 1, 1))
    with office.store() as store:
        for number, day in ((ended, date(2026, 8, 31)), (ends, date(2026, 9, 1))):
            store.unit.write(update(projects).where(projects.c.id == number).values(ended_on=day, stage="finished"))
    office.tick(OPENING)
    assert [number for _, _, number in office.owed(one)] == [ends]
    office.tick(datetime(2026, 10, 9, 1, tzinfo=UTC))
    assert [number for _, _, number in office.owed(one)] == [begins], "October opens after the holiday"


# --- by whom


def test_each_or_by_turns(office: Office) -> None:
    one, two = office.deputy("d1"), office.deputy("d2")
    number = office.project(one, two)
    office.set(Duty.INSPECTION, replace(DEFAULTS[Duty.INSPECTION], owed=Owed.EACH))
    office.set(Duty.QUESTIONS, Cadence(months=(9, 10), owed=Owed.TURNS))
    office.tick(OPENING)
    by_turns = [person for person in (one, two) if (Duty.QUESTIONS, "2026-09", number) in office.owed(person)]
    assert len(by_turns) == 1
    assert office.begins() == [(one, "duties"), (two, "duties")], "one message for both duties"
    office.answer(number, one)
    assert (Duty.INSPECTION, "2026-09", number) in office.owed(two)
    with office.store() as store:
        store.liaisons.leave(number, two, Left.RELEASED)
    assert office.owed(two) == []
    office.tick(datetime(2026, 10, 9, 1, tzinfo=UTC))
    with reading(office.engine) as unit:
        owing = unit.read(select(duties.c.person_id).join(rounds_table).where(rounds_table.c.period == "2026-10"))
        assert owing.scalars().all() == [one, one]


def test_bodies_report_and_any_of_their_people_does(office: Office) -> None:
    with office.store() as store:
        builder, other, boss = (store.people.add(name) for name in ("陈工", "别人", "主席"))
        for person, group in ((builder, "交通局"), (builder, "交通局"), (other, "水利局")):
            store.people.grant(person, office.place.congress, Role.IMPLEMENTING_BODY, group_name=group)
        store.people.grant(boss, office.place.congress, Role.PRESIDIUM)
    number = office.project(office.deputy("d1"), body="交通局")
    monthly = replace(DEFAULTS[Duty.DISPATCH], months=(9,), opens_day=1, due_months_later=0)
    office.set(Duty.DISPATCH, replace(monthly, escalates_to=Role.PRESIDIUM))
    with office.store() as store:
        store.cadences.turn_off(office.place.congress, Duty.INSPECTION)
    office.tick(OPENING)
    assert office.begins() == [(builder, "duties")]
    assert office.owed(builder) == [(Duty.DISPATCH, "2026-09", number)]
    assert office.owed(other) == []
    office.tick(ESCALATION)
    assert office.begins() == [(boss, "overdue")]


def test_deputies_receive_residents_each(office: Office) -> None:
    one = office.deputy("d1")
    with office.store() as store:
        store.people.grant(one, office.place.congress, Role.DEPUTY)  # entered twice
    office.set(Duty.RECEPTION, DEFAULTS[Duty.RECEPTION])
    office.tick(datetime(2026, 9, 8, 1, tzinfo=UTC))
    assert office.begins() == [(office.place.deputy, "duties"), (one, "duties")]
    assert office.owed(one) == [(Duty.RECEPTION, "2026-09", None)]
    assert len(office.answer(None, one, kind=Duty.RECEPTION)) == 1
    assert office.owed(one) == []
    assert office.owed(office.place.deputy) == [(Duty.RECEPTION, "2026-09", None)]
    with office.store() as store:
        for held in store.people.holdings(office.place.deputy):
            store.people.revoke(held)
    assert office.owed(office.place.deputy) == []


def test_what_was_finished_half_a_year_ago_is_looked_back_at(office: Office) -> None:
    one = office.deputy("d1")
    numbers = [office.project(one) for _ in range(4)]
    days = date(2026, 2, 28), date(2026, 3, 1), date(2026, 3, 31), date(2026, 4, 1)
    with office.store() as store:
        for number, day in zip(numbers, days, strict=True):
            store.unit.write(update(projects).where(projects.c.id == number).values(ended_on=day, stage="finished"))
        store.unit.write(update(projects).where(projects.c.id == numbers[2]).values(stage="stopped"))
    office.set(Duty.LOOK_BACK, DEFAULTS[Duty.LOOK_BACK])
    office.tick(OPENING)
    assert office.owed(one) == [(Duty.LOOK_BACK, "2026-09", numbers[1])]


# --- time is not what it should be


def test_after_downtime_only_the_latest_period_opens_and_only_its_latest_step_is_told(office: Office) -> None:
    one = office.deputy("d1")
    number = office.project(one)
    office.tick(OPENING)
    office.begins()
    office.tick(datetime(2026, 12, 10, 3, tzinfo=UTC))
    assert office.begins() == [(office.place.staff, "overdue"), (one, "duties")], "September is overdue, too"
    assert office.owed(one) == [(Duty.PRE_ASSESSMENT, "2026-12", number), (Duty.INSPECTION, "2026-12", number)]
    assert [told for told in office.told() if told[0] == "2026-12"] == [("2026-12", 1, one)] * 2
    office.tick(datetime(2026, 12, 15, 1, tzinfo=UTC))
    assert office.begins() == [(one, "duties")]


def test_a_clock_that_is_set_back_tells_nobody_twice(office: Office) -> None:
    office.project(office.deputy("d1"))
    office.tick(OPENING)
    told = office.told()
    for minutes in (-60, -30, 0, 30):
        office.tick(OPENING + timedelta(minutes=minutes))
    assert office.told() == told
    assert len(office.begins()) == 1


def test_nobody_is_prompted_in_quiet_hours(office: Office) -> None:
    one = office.deputy("d1")
    office.project(one)
    office.tick(datetime(2026, 9, 1, 14, tzinfo=UTC))  # 22:00, the program was down during the day
    assert office.begins() == []
    assert len(office.owed(one)) == 1, "it is open all the same"
    office.tick(datetime(2026, 9, 1, 23, 59, tzinfo=UTC))
    assert office.begins() == []
    office.tick(datetime(2026, 9, 2, 0, 0, tzinfo=UTC))
    assert office.begins() == [(one, "duties")]


def test_what_was_told_but_not_prompted_when_the_quiet_hours_began_waits_for_their_end(office: Office) -> None:
    one = office.deputy("d1")
    office.project(one)
    office.tick(OPENING)
    with transaction(office.engine) as unit:
        unit.write(prompts.delete())
        unit.write(update(reminders).values(prompt_at=OPENING))
    office.tick(datetime(2026, 9, 1, 15, tzinfo=UTC))
    assert office.begins() == []
    office.tick(datetime(2026, 9, 2, 0, tzinfo=UTC))
    assert office.begins() == [(one, "duties")]


def test_a_prompt_that_waits_already_serves_for_what_comes_next(office: Office) -> None:
    one = office.deputy("d1")
    office.project(one)
    office.tick(OPENING)
    office.tick(datetime(2026, 9, 8, 1, tzinfo=UTC))
    assert office.begins() == [(one, "duties")]
    assert len(office.told()) == 2


# --- staff change their mind


def test_a_round_that_is_open_keeps_its_steps_and_the_next_one_is_planned_anew(office: Office) -> None:
    one = office.deputy("d1")
    office.project(one)
    office.tick(OPENING)
    office.begins()
    office.set(Duty.INSPECTION, replace(DEFAULTS[Duty.INSPECTION], opens_day=12, due_day=28, reminders=()))
    office.tick(datetime(2026, 9, 8, 1, tzinfo=UTC))
    assert office.begins() == [(one, "duties")], "the reminder of the round that is open"
    office.tick(datetime(2026, 10, 11, 23, tzinfo=UTC))
    assert {period for period, _, _ in office.told()} == {"2026-09"}
    office.tick(datetime(2026, 10, 12, 1, tzinfo=UTC))
    assert {period for period, _, _ in office.told()} == {"2026-09", "2026-10"}


def test_what_is_turned_off_by_mistake_goes_on_and_what_is_turned_off_is_not_heard_of(office: Office) -> None:
    one = office.deputy("d1")
    office.project(one)
    office.tick(OPENING)
    office.begins()
    with office.store() as store:
        store.cadences.turn_off(office.place.congress, Duty.INSPECTION)
    assert office.owed(one) == []
    office.tick(datetime(2026, 9, 9, 1, tzinfo=UTC))
    assert office.begins() == []
    with office.store() as store:
        store.cadences.turn_on(office.place.congress, Duty.INSPECTION)
    assert len(office.owed(one)) == 1
    office.tick()
    assert office.begins() == [(one, "duties")], "the reminder of the day before"
    with office.store() as store:
        store.cadences.turn_off(office.place.congress, Duty.INSPECTION)
    office.now = datetime(2026, 10, 20, 1, tzinfo=UTC)
    with office.store() as store:
        store.cadences.turn_on(office.place.congress, Duty.INSPECTION)
    office.tick(datetime(2026, 10, 30, 1, tzinfo=UTC))
    assert office.owed(one) == [], "September is over, and October was to open before"
    office.tick(datetime(2026, 11, 2, 1, tzinfo=UTC))
    assert [period for _, period, _ in office.owed(one)] == ["2026-11"]


def test_of_a_period_that_is_closed_only_the_escalation_is_still_told(office: Office) -> None:
    office.project(one := office.deputy("d1"))
    slow = replace(DEFAULTS[Duty.INSPECTION], due_day=15, reminders=(5,), escalates_after=30)
    office.set(Duty.INSPECTION, slow)
    office.tick(OPENING)
    office.begins()
    office.tick(datetime(2026, 10, 9, 1, tzinfo=UTC))  # as if nobody had looked in between
    assert office.begins() == [(one, "duties")]
    assert [told[:2] for told in office.told()] == [("2026-09", 0), ("2026-10", 0)]
    office.tick(datetime(2026, 11, 6, 1, tzinfo=UTC))
    assert (office.place.staff, "overdue") in office.begins()


def test_a_period_is_not_closed_on_the_day_it_is_due(office: Office) -> None:
    one = office.deputy("d1")
    number = office.project(one)
    # Saturday, 31 October, gives way to Monday, 2 November, on which the next one opens.
    office.set(Duty.INSPECTION, replace(DEFAULTS[Duty.INSPECTION], due_day=31))
    office.tick(datetime(2026, 10, 9, 1, tzinfo=UTC))
    office.tick(datetime(2026, 11, 2, 1, tzinfo=UTC))
    assert [period for _, period, _ in office.owed(one)] == ["2026-10", "2026-11"]
    assert len(office.answer(number, one)) == 2, "one note answers both"


def test_whom_it_escalates_to_may_not_be_there(office: Office) -> None:
    office.project(office.deputy("d1"))
    office.set(Duty.INSPECTION, replace(DEFAULTS[Duty.INSPECTION], escalates_to=Role.PRESIDIUM))
    office.tick(OPENING)
    office.begins()
    office.tick(datetime(2026, 9, 29, 1, tzinfo=UTC))
    assert office.begins() == [(office.place.staff, "overdue")]


def test_a_cadence_that_cannot_be_read_holds_up_nobody(office: Office) -> None:
    one = office.deputy("d1")
    office.project(one)
    with transaction(office.engine) as unit:
        unit.write(update(cadences).values(rule={"due_day": 99}))
    office.tick(OPENING)
    assert office.begins() == [(one, "duties")]


def test_a_day_that_turns_out_to_be_free_is_waited_for(office: Office) -> None:
    office.project(office.deputy("d1"))
    office.now = datetime(2026, 12, 20, 1, tzinfo=UTC)
    with office.store() as store:
        store.cadences.set(office.place.congress, Duty.INSPECTION, DEFAULTS[Duty.INSPECTION])
    known = published()
    free = WorkingDays(known.free | {date(2027, 1, 1)}, known.worked, known.published | {2027})
    for day, opens in ((1, False), (3, False), (4, True)):
        with transaction(office.engine) as unit:
            while go_on(unit, datetime(2027, 1, day, 1, tzinfo=UTC), lambda: free):
                pass
            found = select(func.count()).where(rounds_table.c.period == "2027-01").select_from(rounds_table)
            assert bool(unit.read(found).scalar()) == opens


def test_two_records_of_one_person_owe_once_and_what_one_answered_is_answered(office: Office) -> None:
    one, two = office.deputy("d1"), office.deputy("d2")
    shared, alone, answered = office.project(one, two), office.project(one), office.project(one, two)
    office.set(Duty.INSPECTION, replace(DEFAULTS[Duty.INSPECTION], owed=Owed.EACH))
    office.set(Duty.RECEPTION, Cadence(owed=Owed.EACH))
    office.tick(OPENING)
    office.answer(answered, one)
    with office.store() as store:
        store.people.merge(one, two)
    assert office.begins() == [(office.place.deputy, "duties"), (two, "duties")]
    inspected = [number for duty, _, number in office.owed(two) if duty is Duty.INSPECTION]
    assert inspected == [shared, alone]
    assert office.owed(two).count((Duty.RECEPTION, "2026-09", None)) == 1
    assert [told for told in office.told() if told[2] == one] == []
    assert office.owed(one) == []


# --- chunks


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything goes in the smallest pieces."""
    for statement, module in (("_DUE", rounds), ("_UNFINISHED", rounds), ("_DUE", telling), ("_FIRST", telling)):
        monkeypatch.setattr(module, statement, getattr(module, statement).limit(1))
    monkeypatch.setattr(rounds, "_CANDIDATES", rounds._CANDIDATES.limit(2))
    monkeypatch.setattr(rounds, "PROJECTS", 2)
    monkeypatch.setattr(telling, "_UNANSWERED", telling._UNANSWERED.limit(2))
    monkeypatch.setattr(telling, "DUTIES", 2)


@pytest.mark.usefixtures("tiny")
@pytest.mark.parametrize("owed", list(Owed))
def test_whatever_the_pieces_everybody_owes_once_and_is_prompted_once(office: Office, owed: Owed) -> None:
    people = [office.deputy(f"d{at}") for at in range(4)]
    numbers = [office.project(*islice(people, at % 3, 4)) for at in range(7)]
    for duty in (Duty.INSPECTION, Duty.QUESTIONS):
        office.set(duty, Cadence(owed=owed))
    office.set(Duty.RECEPTION, Cadence(owed=Owed.EACH))
    assert office.tick(OPENING) > 20
    with reading(office.engine) as unit:
        rows = unit.read(select(duties.c.round_id, duties.c.project_id, duties.c.person_id)).all()
    assert len(rows) == len(set(rows))
    per_round = {Owed.GROUP: 7, Owed.TURNS: 7, Owed.EACH: sum(4 - at % 3 for at in range(7))}[owed]
    assert len([row for row in rows if row.project_id in numbers]) == 2 * per_round
    begun = office.begins()
    assert len(begun) == len(set(begun))
    assert {person for person, _ in begun} == {*people, office.place.deputy}
    assert office.tick(OPENING + timedelta(days=1)) == 0


@pytest.mark.usefixtures("tiny")
def test_a_process_may_die_between_and_within_any_two_pieces(office: Office) -> None:
    people = [office.deputy(f"d{at}") for at in range(3)]
    for at in range(5):
        office.project(*people[at % 2 :])
    for count in range(1_000):
        with suppress(KeyboardInterrupt), transaction(office.engine) as unit:
            go_on(unit, OPENING + timedelta(minutes=count), published)
            raise KeyboardInterrupt
        with transaction(office.engine) as unit:
            if not go_on(unit, OPENING + timedelta(minutes=count), published):
                break
    assert [person for person, _ in office.begins()] == sorted(people)
    assert office.told() == [("2026-09", 0, person) for person in sorted(people)]


def test_a_tick_with_nothing_due_reads_four_times(office: Office) -> None:
    office.project(office.deputy("d1"))
    office.tick(OPENING)
    with transaction(office.engine) as unit:
        assert not go_on(unit, OPENING + timedelta(hours=1), published)
        assert unit.writes == 0


def test_quiet_hours_of_two_congresses_are_their_own(office: Office) -> None:
    quiet = replace(DEFAULTS[Duty.INSPECTION], at=time(12), quiet=QuietHours(time(22, 30), time(10)))
    office.project(one := office.deputy("d1"))
    office.set(Duty.INSPECTION, quiet)
    office.tick(datetime(2026, 9, 1, 14, tzinfo=UTC))  # 22:00
    assert office.begins() == [(one, "duties")]


def test_who_is_charged_is_found_for_nobody_too(office: Office) -> None:
    with office.store() as store:
        found = charged.Charged(store.unit)
        assert not found.deputies([])
        assert not found.bodies([])
        assert not found.holders([], [Role.DEPUTY])
