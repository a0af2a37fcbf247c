"""Periods open, people are told step by step, and one prompt waits for each of them."""

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import islice

import pytest
from sqlalchemy import Engine, select, update

from storage import charged, rounds, telling
from storage.calendar import published
from storage.coming_round import go_on
from storage.database import reading, transaction
from storage.domain.cadence import DEFAULTS, Cadence, Duty, Owed
from storage.domain.roles import Role
from storage.liaisons import Left
from storage.tables import duties, projects
from storage.tables import rounds as rounds_table
from tests.settlement import on
from tests.storage.ticking import AUGUST, OPENING, Office

ESCALATION = datetime(2026, 9, 28, 1, tzinfo=UTC)  # 25 and 26 are free for the Mid-autumn Festival, 27 is a Sunday


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
    monthly = replace(DEFAULTS[Duty.DISPATCH], months=(9,), opens_day=1, due_months_later=0, reminders=(5,))
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


def test_who_is_charged_is_found_for_nobody_too(office: Office) -> None:
    with office.store() as store:
        found = charged.Charged(store.unit)
        assert not found.deputies([])
        assert not found.bodies([])
        assert not found.holders([], [Role.DEPUTY])


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
