"""Who has answered and who has not, what is late and what is open: as the office reads it."""

from datetime import date, timedelta

import pytest
from sqlalchemy import Engine

from storage.domain.areas import Level
from storage.domain.cadence import Duty
from storage.domain.project_stages import Stage
from storage.domain.rectification_stages import Severity
from storage.domain.rectification_stages import Stage as Handling
from storage.domain.roles import Role
from storage.liaisons import Left
from storage.notes import Standing
from storage.projects import Why
from storage.store import Store
from storage.supervision import Round
from storage.supervision_counts import NO_CELL
from storage.supervision_tallies import PAGE, Tally
from tests.conversing import NOW
from tests.settlement import Settlement, enrolled, on, second_congress
from tests.storage.test_people import storing
from tests.storage.test_projects import a_project
from tests.supervised import a_duty, a_problem, a_round, answers, of_body

TODAY = date(2026, 9, 1)
AFTER = date(2026, 9, 26)  # the day behind the one on which everything is due


@pytest.fixture
def place(engine: Engine) -> Settlement:
    return on(engine)


def three_projects(store: Store, place: Settlement) -> list[int]:
    """Charged with the first two is 李强; the third has no cell and nobody."""
    numbers = [
        a_project(store, place, title="道路硬化"),
        a_project(store, place, title="路灯安装", body="镇供电所", cells=(place.willow.id, place.bridge.id)),
        a_project(store, place, title="敬老院", cells=()),
    ]
    for number in numbers[:2]:
        store.liaisons.assign(number, [place.deputy])
    return numbers


def inspected(store: Store, place: Settlement, numbers: list[int]) -> dict[int, int]:
    round_id = a_round(store, place.congress)
    return {number: a_duty(store, round_id, number) for number in numbers}


# --- at a glance


def test_an_overview_counts_projects_reports_and_problems(engine: Engine, place: Settlement) -> None:
    with storing(engine) as store:
        numbers = three_projects(store, place)
        duties = inspected(store, place, numbers)
        dispatch = a_round(store, place.congress, Duty.DISPATCH, due_on=date(2026, 10, 10))
        a_duty(store, dispatch, numbers[0])
        old = a_round(store, place.congress, period="2026-08", due_on=date(2026, 8, 25), closed=NOW)
        a_duty(store, old, numbers[0])
        answers(store, place.congress, numbers[0], place.deputy, NOW, duties[numbers[0]])
        a_problem(store, place.congress, numbers[0], due_on=date(2026, 9, 10))
        a_problem(store, place.congress, numbers[1], closed=date(2026, 9, 2))
    with storing(engine) as store:
        found = store.supervision.overview(place.congress, AFTER)
    assert (found.projects, found.supervised) == (3, 3)
    assert found.rounds == [
        Round(Duty.INSPECTION, "2026-09", date(2026, 9, 25), 3, 1, 2),
        Round(Duty.DISPATCH, "2026-09", date(2026, 10, 10), 1, 0, 0),
    ]
    assert (found.owed, found.answered, found.late) == (4, 1, 2)
    assert (found.problems, found.overdue) == (1, 1)


def test_a_congress_without_projects_has_nothing_to_show(engine: Engine, place: Settlement) -> None:
    with storing(engine) as store:
        county = second_congress(store, place)
        inspected(store, place, three_projects(store, place))
        found = store.supervision.overview(county, TODAY)
        assert (found.projects, found.owed, found.problems, list(found.rounds)) == (0, 0, 0, [])
        counts = store.supervision.counts
        lists = (
            store.supervision.missing(county),
            store.supervision.findings.problems(county),
            store.supervision.findings.unable(county),
            store.nudges.unreached(county),
            store.nudges.debtors(county),
            counts.by_project(county, TODAY),
            counts.by_deputy(county, TODAY),
            counts.by_cell(county, TODAY),
            counts.by_body(county, TODAY),
        )
    assert all(found == [] for found in lists)


# --- what is missing


def test_what_is_missing_stands_with_its_reports_and_deputies(engine: Engine, place: Settlement) -> None:
    with storing(engine) as store:
        numbers = three_projects(store, place)
        duties = inspected(store, place, numbers)
        asked = a_round(store, place.congress, Duty.QUESTIONS, due_on=date(2026, 9, 20))
        a_duty(store, asked, numbers[0])
        answers(store, place.congress, numbers[1], place.deputy, NOW, duties[numbers[1]])
    with storing(engine) as store:
        first, second = store.supervision.missing(place.congress)
        assert (first.number, first.title, first.deputies) == (numbers[0], "道路硬化", ["李强"])
        assert [(kind, due) for kind, _, due in first.reports] == [
            (Duty.QUESTIONS, date(2026, 9, 20)),
            (Duty.INSPECTION, date(2026, 9, 25)),
        ]
        assert (second.number, second.deputies) == (numbers[2], [])
        late = store.supervision.missing(place.congress, due_before=date(2026, 9, 21))
        assert [(one.number, [kind for kind, *_ in one.reports]) for one in late] == [(numbers[0], [Duty.QUESTIONS])]
        assert store.shown == {place.deputy}


def test_where_each_owes_only_those_stand_who_have_not_reported(engine: Engine, place: Settlement) -> None:
    with storing(engine) as store:
        number, *_ = three_projects(store, place)
        other, _ = enrolled(store, "other deputy", "白桦", place.congress, Role.DEPUTY)
        store.liaisons.assign(number, [other])
        round_id = a_round(store, place.congress)
        mine, _ = (a_duty(store, round_id, number, person) for person in (place.deputy, other))
        answers(store, place.congress, number, place.deputy, NOW, mine)
    with storing(engine) as store:
        (found,) = store.supervision.missing(place.congress)
        assert (len(found.reports), found.deputies) == (1, ["白桦"])


def test_a_thousand_projects_come_in_pages_each_once(engine: Engine, place: Settlement) -> None:
    with storing(engine) as store:
        round_id = a_round(store, place.congress)
        numbers = [a_project(store, place, title=f"项目{at}", body=f"单位{at:04}") for at in range(1_000)]
        for number in numbers:
            a_duty(store, round_id, number)
            a_problem(store, place.congress, number)
    with storing(engine) as store:
        listed: list[int] = []
        while page := store.supervision.missing(place.congress, listed[-1] if listed else 0):
            assert len(page) <= PAGE
            listed += [one.number for one in page]
        assert listed == numbers
        bodies: list[str] = []
        while named := store.supervision.counts.by_body(place.congress, TODAY, bodies[-1] if bodies else ""):
            bodies += [one.body for one in named]
        assert bodies == [f"单位{at:04}" for at in range(1_000)]
        problems = store.supervision.findings.problems(place.congress)
        assert [one.project for one in problems] == numbers[:PAGE]
        (cell,) = store.supervision.counts.by_cell(place.congress, AFTER)
        assert cell == (place.willow.id, Tally(1_000, 1_000, 0, 1_000, 1_000, 0))


# --- counted


def test_deputies_are_counted_by_what_their_groups_and_they_themselves_owe(engine: Engine, place: Settlement) -> None:
    with storing(engine) as store:
        numbers = three_projects(store, place)
        duties = inspected(store, place, numbers)
        idle, _ = enrolled(store, "idle", "白桦", place.congress, Role.DEPUTY)
        reception = a_round(store, place.congress, Duty.RECEPTION, due_on=date(2026, 9, 15))
        for person in (place.deputy, idle):
            a_duty(store, reception, None, person)
        a_duty(store, a_round(store, place.congress, Duty.DISPATCH), numbers[0])  # owed by the body
        answers(store, place.congress, numbers[0], place.deputy, NOW, duties[numbers[0]])
        a_problem(store, place.congress, numbers[1], due_on=date(2026, 9, 5))
    with storing(engine) as store:
        busy, other = store.supervision.counts.by_deputy(place.congress, date(2026, 9, 16))
        assert (busy.name, busy.tally) == ("李强", Tally(2, 3, 1, 1, 1, 1))
        assert (other.name, other.tally) == ("白桦", Tally(owed=1, late=1))
        assert busy.tally.missing == 2
        assert store.supervision.counts.by_deputy(place.congress, TODAY, after=other.person) == []


def test_a_deputy_who_left_owes_nothing_of_it(engine: Engine, place: Settlement) -> None:
    with storing(engine) as store:
        numbers = three_projects(store, place)
        inspected(store, place, numbers)
        each = a_round(store, place.congress, Duty.QUESTIONS)
        a_duty(store, each, numbers[0], place.deputy)
        store.liaisons.leave(numbers[0], place.deputy, Left.DECLINED, "搬走了")
    with storing(engine) as store:
        (found,) = store.supervision.counts.by_deputy(place.congress, AFTER)
        assert found.tally == Tally(1, 1, 0, 1, 0, 0)
        assert [one.deputies for one in store.supervision.missing(place.congress)] == [[], ["李强"], []]
        held = store.people.holding(place.deputy_role)
        assert held
        store.people.revoke(held)
    with storing(engine) as store:
        assert store.supervision.counts.by_deputy(place.congress, AFTER) == []
        assert store.nudges.debtors(place.congress) == []


def test_cells_are_counted_by_their_projects_and_those_without_come_first(engine: Engine, place: Settlement) -> None:
    with storing(engine) as store:
        numbers = three_projects(store, place)
        inspected(store, place, numbers)
        a_problem(store, place.congress, numbers[1])
    with storing(engine) as store:
        found = store.supervision.counts.by_cell(place.congress, AFTER)
        assert found == [
            (NO_CELL, Tally(1, 1, 0, 1, 0, 0)),
            (place.willow.id, Tally(2, 2, 0, 2, 1, 0)),
            (place.bridge.id, Tally(1, 1, 0, 1, 1, 0)),
        ]
        assert store.supervision.counts.by_cell(place.congress, AFTER, after=NO_CELL) == found[1:]
        assert store.supervision.counts.by_cell(place.congress, AFTER, limit=1) == found[:1]


def test_bodies_are_counted_by_what_they_owe_themselves(engine: Engine, place: Settlement) -> None:
    with storing(engine) as store:
        numbers = three_projects(store, place)
        inspected(store, place, numbers)
        dispatch = a_round(store, place.congress, Duty.DISPATCH)
        for number in numbers:
            a_duty(store, dispatch, number)
        of_body(store, place)
    with storing(engine) as store:
        found = {one.body: one for one in store.supervision.counts.by_body(place.congress, TODAY)}
        assert found["镇村镇建设办"].tally == Tally(2, 2, 0, 0, 0, 0)
        assert (found["镇村镇建设办"].people, found["镇供电所"].people) == (1, 0)


# --- what was found


def test_projects_are_counted_one_by_one_while_they_are_watched(engine: Engine, place: Settlement) -> None:
    with storing(engine) as store:
        numbers = three_projects(store, place)
        inspected(store, place, numbers)
        store.projects.move(numbers[2], Stage.FINISHED, Why(), Level.TOWNSHIP, TODAY)
        counts = store.supervision.counts
        found = counts.by_project(place.congress, AFTER)
        assert [one.number for one in found] == numbers[:2]
        assert [one.tally.projects for one in found] == [1, 1]
        assert counts.by_project(place.congress, AFTER, limit=1) == found[:1]
        assert counts.by_project(place.congress, AFTER, after=numbers[0]) == found[1:]


def test_open_problems_stand_with_their_project_and_what_was_written(engine: Engine, place: Settlement) -> None:
    with storing(engine) as store:
        numbers = three_projects(store, place)
        a_problem(store, place.congress, numbers[0], closed=date(2026, 9, 2))
        number = a_problem(
            store, place.congress, numbers[1], "电线裸露", raised_by=place.deputy, severity=Severity.URGENT
        )
    with storing(engine) as store:
        (found,) = store.supervision.findings.problems(place.congress)
        assert (found.number, found.project, found.title) == (number, numbers[1], "路灯安装")
        assert (found.severity, found.stage, found.text) == (Severity.URGENT, Handling.HANDED, "电线裸露")
        assert store.shown == {place.deputy}


def test_who_could_see_nothing_says_why(engine: Engine, place: Settlement) -> None:
    with storing(engine) as store:
        numbers = three_projects(store, place)
        duties = inspected(store, place, numbers)
        both = a_duty(store, a_round(store, place.congress, Duty.QUESTIONS), numbers[0])
        unable = Standing.UNABLE
        answers(
            store, place.congress, numbers[0], place.deputy, NOW, duties[numbers[0]], both, standing=unable, text="封路"
        )
        answers(store, place.congress, numbers[1], place.deputy, NOW, duties[numbers[1]])
        past = a_round(store, place.congress, period="2026-08", closed=NOW)
        gone = NOW - timedelta(days=20)
        answers(store, place.congress, numbers[1], place.deputy, gone, a_duty(store, past, numbers[1]), standing=unable)
    with storing(engine) as store:
        (found,) = store.supervision.findings.unable(place.congress)
        assert (found.project, found.title, found.name, found.reason) == (numbers[0], "道路硬化", "李强", "封路")
        assert store.supervision.findings.unable(place.congress, after=found.note) == []
