"""Everybody whom a problem concerns hears of each step of it once, by day, whoever they are by then."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import Engine

from storage.audit import Actor
from storage.domain.areas import Level
from storage.domain.project_stages import Approval, Approver
from storage.domain.project_stages import Stage as ProjectStage
from storage.domain.rectification_stages import OPEN, Refusal
from storage.domain.roles import Role
from storage.projects import Why
from storage.rectification_steps import _COMING
from storage.rectifications import NotAllowed
from storage.tables import prompts
from tests.rectified import BODY, a_problem, builder, done, found, told, waiting
from tests.settlement import Settlement, enrolled, on
from tests.storage.test_people import storing
from tests.storage.test_projects import TODAY, a_project

STOPPED = Why("征地未成", Approval(Approver.CONGRESS, TODAY, "柳河人大〔2026〕3号"))


@pytest.fixture
def place(engine: Engine) -> Settlement:
    return on(engine)


def test_a_body_hears_of_it_when_it_is_handed_over_before_it_is_due_then_and_after(
    engine: Engine, place: Settlement
) -> None:
    with storing(engine) as store:
        a_problem(store, place, a_project(store, place))
        one, other = builder(store, place), builder(store, place, "colleague")
        builder(store, place, "elsewhere", "县交通局")
    both = [(one, "rectify"), (other, "rectify")]
    days = [TODAY + timedelta(days=ahead) for ahead in range(40)]
    heard = {day: who for day in days if (who := told(engine, day))}
    assert heard == {
        TODAY: both,
        date(2026, 9, 11): both,
        date(2026, 9, 15): both,
        date(2026, 9, 16): both,
        date(2026, 9, 18): sorted([*both, (place.staff, "pressing")]),
    }


def test_several_that_are_due_are_one_prompt(engine: Engine, place: Settlement) -> None:
    with storing(engine) as store:
        project = a_project(store, place)
        for _ in range(3):
            a_problem(store, place, project)
        person = builder(store, place)
    assert told(engine, TODAY) == [(person, "rectify")]


def test_after_downtime_each_hears_once_what_is_due_then(engine: Engine, place: Settlement) -> None:
    with storing(engine) as store:
        a_problem(store, place, a_project(store, place))
        person = builder(store, place)
    assert told(engine, date(2026, 9, 17)) == [(person, "rectify")]
    assert told(engine, date(2026, 9, 17)) == []
    assert told(engine, date(2026, 9, 18)) == sorted([(person, "rectify"), (place.staff, "pressing")])


def test_nobody_is_told_at_night(engine: Engine, place: Settlement) -> None:
    with storing(engine, after=timedelta(hours=13)) as store:  # ten in the evening
        a_problem(store, place, a_project(store, place))
        person = builder(store, place)
    assert told(engine, TODAY, hour=22) == []
    assert told(engine, TODAY + timedelta(days=1), hour=8) == [(person, "rectify")]
    assert told(engine, date(2026, 9, 11), hour=23) == [], "after downtime, too"
    assert told(engine, date(2026, 9, 12), hour=7) == []
    assert told(engine, date(2026, 9, 12), hour=8) == [(person, "rectify")]


def test_the_office_hears_of_a_body_that_nobody_can_write_to(engine: Engine, place: Settlement) -> None:
    with storing(engine) as store:
        a_problem(store, place, a_project(store, place))
        silent = store.people.add("没有账号")
        store.people.grant(silent, place.congress, Role.IMPLEMENTING_BODY, group_name=BODY)
    assert told(engine, TODAY) == [(place.staff, "pressing")]


def test_the_finder_is_asked_to_confirm_or_else_the_group_or_else_the_office(engine: Engine, place: Settlement) -> None:
    with storing(engine) as store:
        project = a_project(store, place)
        number = a_problem(store, place, project)
        done(store, number)
        assert store.rectifications.steps.tell(number) == {place.deputy}
        assert waiting(store) == [(place.deputy, "confirm_done")]
        other, role = enrolled(store, "d2", "孙丽", place.congress, Role.DEPUTY)
        store.liaisons.assign(project, [other])
        held = store.people.holding(place.deputy_role)
        assert held
        store.people.revoke(held)
    assert told(engine, date(2026, 9, 4)) == [(other, "confirm_done")]
    with storing(engine) as store:
        held = store.people.holding(role)
        assert held
        store.people.revoke(held)
    assert told(engine, date(2026, 9, 8)) == [(place.staff, "pressing")]
    assert told(engine, date(2026, 12, 1)) == []


def test_a_body_that_was_renamed_hands_over_to_those_of_the_new_name(engine: Engine, place: Settlement) -> None:
    with storing(engine) as store:
        project = a_project(store, place)
        number = a_problem(store, place, project)
        old, new = builder(store, place), builder(store, place, "new", "镇建设中心")
        store.rectifications.steps.tell(number)
        assert waiting(store) == [(old, "rectify")]
        before = store.projects.get(project)
        assert before
        renamed = replace(before.description, body="镇建设中心")
        store.projects.change(project, renamed, STOPPED, Level.TOWNSHIP, TODAY)
        assert [one.number for one in store.rectifications.of_bodies([(place.congress, "镇建设中心")])] == [number]
    assert told(engine, date(2026, 9, 11)) == [(new, "rectify")]


def test_what_is_stopped_is_not_pressed_and_goes_on_with_the_project(engine: Engine, place: Settlement) -> None:
    with storing(engine) as store:
        project = a_project(store, place)
        number = a_problem(store, place, project)
        person = builder(store, place)
        store.projects.move(project, ProjectStage.STOPPED, STOPPED, Level.TOWNSHIP, TODAY)
    assert told(engine, TODAY) == told(engine, date(2026, 9, 11)) == []
    with storing(engine) as store:
        assert found(store, number).stage in OPEN
        store.projects.move(project, ProjectStage.BUILDING, Why("恢复建设"), Level.TOWNSHIP, TODAY)
    assert told(engine, date(2026, 9, 15)) == [(person, "rectify")]


def test_two_replicas_that_see_a_step_at_once_tell_of_it_once(engine: Engine, place: Settlement) -> None:
    with storing(engine) as store:
        number = a_problem(store, place, a_project(store, place))
        person = builder(store, place)
    with storing(engine) as store:
        slow = store.rectifications.steps._due(_COMING)
    with storing(engine) as store:
        assert store.rectifications.steps.tell(number) == {person}
    with storing(engine) as store:
        store.unit.write(prompts.delete())
        assert store.rectifications.steps._tell(slow) == set()
        assert waiting(store) == []


def test_a_run_goes_through_all_in_chunks(engine: Engine, place: Settlement) -> None:
    with storing(engine) as store:
        project = a_project(store, place)
        for _ in range(5):
            a_problem(store, place, project)
        builder(store, place)
        counted = [store.rectifications.steps.tell_all(2)[0] for _ in range(4)]
        assert counted == [2, 2, 1, 0]


# --- another due date


def test_another_due_date_moves_what_is_told(engine: Engine, place: Settlement) -> None:
    with storing(engine, actor=Actor(place.staff)) as store:
        number = a_problem(store, place, a_project(store, place))
        person = builder(store, place)
        with pytest.raises(NotAllowed) as refused:
            store.rectifications.change_due(number, date(2026, 9, 30), " ")
        assert refused.value.why is Refusal.NO_WORDS
        assert store.rectifications.steps.tell(number) == {person}
        waiting(store)
        store.rectifications.change_due(number, date(2026, 9, 30), "雨季")
        assert found(store, number).due_on == date(2026, 9, 30)
        assert store.rectifications.history(number)[-1].due_on == date(2026, 9, 30)
    assert told(engine, date(2026, 9, 16)) == []
    assert told(engine, date(2026, 9, 28)) == [(person, "rectify")]


def test_what_was_escalated_is_reminded_of_again_before_its_new_due_date(engine: Engine, place: Settlement) -> None:
    with storing(engine) as store:
        number = a_problem(store, place, a_project(store, place))
        person = builder(store, place)
    assert told(engine, date(2026, 9, 18)) == sorted([(person, "rectify"), (place.staff, "pressing")])
    with storing(engine, after=timedelta(days=18)) as store:
        store.rectifications.change_due(number, date(2026, 10, 15), "雨季")
    assert told(engine, date(2026, 9, 21)) == []
    assert told(engine, date(2026, 10, 13)) == [(person, "rectify")]
