"""What a deputy did in a year, and what came of supervision in a period."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine

from storage.deputy_records import DeputyRecord
from storage.domain.cadence import Duty
from storage.domain.report_period import read
from storage.domain.roles import Role
from storage.liaisons import Left
from storage.notes import Standing
from storage.rectifications import Kind
from storage.store import Store
from storage.supervision_totals import Problems, Reports, SupervisionTotals, Totals
from tests.conversing import NOW
from tests.settlement import Settlement, enrolled, on
from tests.storage.test_people import storing
from tests.storage.test_projects import a_project
from tests.supervised import CHINA, a_duty, a_problem, a_round, answers, at, told

YEAR = read("2026")
SEPTEMBER = read("2026-09")
TODAY = date(2026, 10, 10)
NOTHING = DeputyRecord(0, 0, 0, None, 0, 0, 0, [])


@pytest.fixture
def place(engine: Engine) -> Settlement:
    return on(engine)


def records(store: Store, place: Settlement, *people: int, period: str = "2026") -> list[DeputyRecord]:
    congress = store.congresses.get(place.congress)
    return list(store.supervision.records(congress, read(period), people).values())


def totals(store: Store, place: Settlement, period: str = "2026-09", today: date = TODAY) -> Totals:
    return store.supervision.totals(store.congresses.get(place.congress), read(period), today)


# --- deputies


def test_a_year_tells_prompts_answers_days_problems_and_projects(engine: Engine, place: Settlement) -> None:
    with storing(engine) as store:
        number = a_project(store, place, title="道路硬化")
        store.liaisons.assign(number, [place.deputy])
        for month, day in ((9, 3), (10, 9), (11, 5)):
            one = a_round(store, place.congress, period=f"2026-{month:02}")
            told(store, one, place.deputy, date(2026, month, 1), *([date(2026, month, 8)] if month == 10 else []))
            answers(store, place.congress, number, place.deputy, at(date(2026, month, day)), a_duty(store, one, number))
        unanswered = a_round(store, place.congress, period="2026-12")
        told(store, unanswered, place.deputy, date(2026, 12, 1))
        a_problem(store, place.congress, number, raised_by=place.deputy, closed=date(2026, 9, 20))
        a_problem(store, place.congress, number, raised_by=place.deputy)
    with storing(engine) as store:
        (found,) = records(store, place, place.deputy)
        assert found == DeputyRecord(4, 1, 3, 4, 3, 2, 1, [(number, "道路硬化")])
        (october,) = records(store, place, place.deputy, period="2026-10")
        assert (october.prompted, october.reminded, october.answered, october.days) == (1, 1, 1, 8)
        assert records(store, place, place.deputy, period="2025") == [NOTHING]


def test_who_came_along_answered_too_and_who_did_not_has_nothing(engine: Engine, place: Settlement) -> None:
    with storing(engine) as store:
        number = a_project(store, place)
        came, _ = enrolled(store, "d2", "白桦", place.congress, Role.DEPUTY)
        idle, _ = enrolled(store, "d3", "丁一", place.congress, Role.DEPUTY)
        store.liaisons.assign(number, [place.deputy, came])
        one = a_round(store, place.congress)
        for person in (place.deputy, came):
            told(store, one, person, date(2026, 9, 1))
        answers(
            store, place.congress, number, place.deputy, at(date(2026, 9, 2)), a_duty(store, one, number), came=came
        )
        told(store, one, idle, *[date(2026, 9, 1)] * 4)  # the last is told to whom it escalates
    with storing(engine) as store:
        wrote, took_part, other = records(store, place, place.deputy, came, idle)
        assert (wrote.answered, took_part.answered, other.answered) == (1, 1, 0)
        assert (wrote.days, took_part.days, other.days) == (1, 1, None)
        assert (other.prompted, other.reminded) == (1, 2)


def test_a_project_that_was_given_up_counts_until_then(engine: Engine, place: Settlement) -> None:
    with storing(engine) as store:
        number = a_project(store, place)
        store.liaisons.assign(number, [place.deputy])
    with storing(engine, after=timedelta(days=10)) as store:
        store.liaisons.leave(number, place.deputy, Left.DECLINED, "搬走了")
        assert len(records(store, place, place.deputy)[0].projects) == 1
        assert records(store, place, place.deputy, period="2026-10")[0].projects == []


def test_days_are_those_of_the_congress(engine: Engine, place: Settlement) -> None:
    with storing(engine) as store:
        number = a_project(store, place)
        one = a_round(store, place.congress)
        told(store, one, place.deputy, date(2026, 9, 1))
        answered = datetime(2026, 9, 2, 0, 30, tzinfo=CHINA)  # still the first in London
        answers(store, place.congress, number, place.deputy, answered, a_duty(store, one, number))
        assert records(store, place, place.deputy)[0].days == 1


# --- totals


def test_reports_are_in_time_late_missing_or_may_still_come(engine: Engine, place: Settlement) -> None:
    with storing(engine) as store:
        numbers = [a_project(store, place, title=f"项目{at}") for at in range(4)]
        one = a_round(store, place.congress, due_on=date(2026, 9, 25))
        duties = [a_duty(store, one, number) for number in numbers]
        last_moment = datetime(2026, 9, 25, 23, 59, tzinfo=CHINA)
        answers(store, place.congress, numbers[0], place.deputy, last_moment, duties[0])
        answers(
            store,
            place.congress,
            numbers[1],
            place.deputy,
            last_moment + timedelta(minutes=1),
            duties[1],
            standing=Standing.UNABLE,
            text="封路",
        )
        dispatch = a_round(store, place.congress, Duty.DISPATCH, due_on=date(2026, 10, 10))
        a_duty(store, dispatch, numbers[0])
        reception = a_round(store, place.congress, Duty.RECEPTION, due_on=date(2026, 9, 15))
        held = a_duty(store, reception, None, place.deputy)
        answers(store, place.congress, None, place.deputy, at(date(2026, 9, 15)), held, standing=None, received=7)
    with storing(engine) as store:
        found = totals(store, place)
        assert found.reports == {
            Duty.INSPECTION: Reports(owed=4, in_time=1, late=1, missing=2, unable=1),
            Duty.DISPATCH: Reports(owed=1),
            Duty.RECEPTION: Reports(owed=1, in_time=1),
        }
        assert found.all_reports == Reports(6, 2, 1, 2, 1)
        assert (found.all_reports.answered, found.notes, found.received) == (3, 3, 7)
        assert totals(store, place, "2026-Q3").all_reports == found.all_reports
        assert totals(store, place, "2026-08").all_reports == Reports()
        of_projects = SupervisionTotals(store.unit, place.congress, SEPTEMBER, ZoneInfo("Asia/Shanghai"), TODAY)
        assert of_projects.reports_of_projects() == {
            numbers[0]: Reports(2, 1),
            numbers[1]: Reports(1, 0, 1, 0, 1),
            numbers[2]: Reports(1, missing=1),
            numbers[3]: Reports(1, missing=1),
        }
        assert of_projects.last_notes()[numbers[0]] == last_moment


def test_problems_are_counted_when_they_were_found_and_closed(engine: Engine, place: Settlement) -> None:
    with storing(engine) as store:
        number = a_project(store, place)
        a_problem(store, place.congress, number, found=date(2026, 8, 20), closed=date(2026, 9, 2))
        a_problem(store, place.congress, number, found=date(2026, 9, 5), due_on=date(2026, 9, 30))
        a_problem(store, place.congress, number, found=date(2026, 9, 30), due_on=date(2026, 10, 30))
        a_problem(store, place.congress, number, found=date(2026, 9, 6), kind=Kind.LATE)
    with storing(engine) as store:
        found = totals(store, place)
        assert found.problems == Problems(found=2, closed=1, unsolved=2, overdue=1)
        assert found.explanations == 1
        assert totals(store, place, "2026-10").problems == Problems(0, 0, 2, 1)


def test_a_congress_without_anything_has_totals_of_nothing(engine: Engine, place: Settlement) -> None:
    with storing(engine) as store:
        assert totals(store, place) == Totals({}, 0, 0, Problems(), 0)
        assert NOW.year == YEAR.year
