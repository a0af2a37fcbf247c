"""Projects: added, moved, changed and planned, every move with who and why."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select

from storage.audit import Actor
from storage.domain.areas import Level
from storage.domain.project_plan import BadPlan, Milestone
from storage.domain.project_stages import Approval, Approver, Refusal, Stage
from storage.projects import Description, Event, NotAllowed, Project, Why
from storage.store import Store
from storage.tables import audit, texts
from tests.conversing import NOW
from tests.settlement import Settlement, on
from tests.storage.test_people import storing

TODAY = date(2026, 9, 1)
PLAN = (Milestone("路基", date(2026, 10, 1), 40), Milestone("路面", date(2026, 11, 1), 90))
APPROVED = Why("雨季延误", Approval(Approver.CONGRESS, date(2026, 8, 30), "柳河人大〔2026〕3号"))


@pytest.fixture
def place(engine: Engine) -> Settlement:
    return on(engine)


def described(place: Settlement, **values: Any) -> Description:
    return Description(
        **{
            "title": "柳树湾道路硬化",
            "content": "硬化道路 1.2 公里",
            "investment": 460_000,
            "body": "镇村镇建设办",
            "leader": "周平",
            "deadline": date(2026, 11, 30),
            "effect": "方便 300 人出行",
            "cells": (place.willow.id,),
            **values,
        }
    )


def a_project(store: Store, place: Settlement, **values: Any) -> int:
    cycle = store.congresses.current_cycle(place.congress)
    assert cycle
    return store.projects.add(place.congress, cycle.id, described(place, **values), PLAN, TODAY)


def found(store: Store, number: int) -> Project:
    project = store.projects.get(number)
    assert project is not None
    return project


def test_a_project_stands_as_it_was_chosen(engine: Engine, place: Settlement) -> None:
    with storing(engine, actor=Actor(place.staff)) as store:
        number = a_project(store, place, cells=(place.bridge.id, place.willow.id))
    with storing(engine) as store:
        project = found(store, number)
        assert project.description == described(place, cells=(place.willow.id, place.bridge.id))
        assert (project.stage, project.progress, project.begun_on, project.ended_on) == (Stage.CHOSEN, 0, TODAY, None)
        assert project.is_supervised
        assert store.projects.plan(number) == [(PLAN[0], None), (PLAN[1], None)]
        assert store.projects.planned(project, date(2026, 10, 1)) == 40
        (event,) = store.projects.history(number)
        assert (event.at, event.kind, event.stage, event.person_id) == (NOW, Event.ADDED, Stage.CHOSEN, place.staff)
        assert store.projects.get(number + 1) is None


def test_a_plan_that_goes_back_is_refused_and_nothing_is_stored(engine: Engine, place: Settlement) -> None:
    with storing(engine) as store:
        number = a_project(store, place)
        with pytest.raises(BadPlan):
            store.projects.set_plan(number, PLAN[::-1], Why())
        assert store.projects.plan(number) == [(PLAN[0], None), (PLAN[1], None)]


def test_what_was_reached_stays_reached_in_a_new_plan(engine: Engine, place: Settlement) -> None:
    with storing(engine) as store:
        number = a_project(store, place)
        store.projects.reach(number, 1, date(2026, 10, 3))
        later = Milestone("路面", date(2026, 11, 20), 90)
        store.projects.set_plan(number, [PLAN[0], Milestone("排水", date(2026, 10, 20), 60), later], Why("雨季延误"))
        assert [(one.title, day) for one, day in store.projects.plan(number)] == [
            ("路基", date(2026, 10, 3)),
            ("排水", None),
            ("路面", None),
        ]
        assert store.projects.history(number)[-1].body == "雨季延误"


def test_a_project_goes_on_and_ends_and_begins_again(engine: Engine, place: Settlement) -> None:
    with storing(engine) as store:
        number = a_project(store, place)
        store.projects.move(number, Stage.BUILDING, Why(), Level.TOWNSHIP, TODAY)
        store.projects.report(number, 70)
        store.projects.move(number, Stage.FINISHED, Why(), Level.TOWNSHIP, TODAY + timedelta(days=60))
        finished = found(store, number)
        assert (finished.stage, finished.progress, finished.ended_on) == (Stage.FINISHED, 100, date(2026, 10, 31))
        with pytest.raises(NotAllowed) as refused:
            store.projects.move(number, Stage.BUILDING, Why(" "), Level.TOWNSHIP, TODAY)
        assert refused.value.why is Refusal.NO_REASON
        store.projects.move(number, Stage.BUILDING, Why("排水沟没有做"), Level.TOWNSHIP, TODAY)
        assert (found(store, number).is_supervised, found(store, number).ended_on) == (True, None)
        stages = [event.stage for event in store.projects.history(number)]
        assert stages == [Stage.CHOSEN, Stage.BUILDING, Stage.FINISHED, Stage.BUILDING]


def test_what_was_voted_on_changes_with_an_approval_that_is_kept(engine: Engine, place: Settlement) -> None:
    with storing(engine, actor=Actor(place.staff)) as store:
        number = a_project(store, place)
        later = described(place, deadline=date(2026, 12, 20), cells=(place.bridge.id,))
        with pytest.raises(NotAllowed) as refused:
            store.projects.change(number, later, Why("雨季延误"), Level.TOWNSHIP, TODAY)
        assert refused.value.why is Refusal.NO_APPROVAL
        with pytest.raises(NotAllowed) as refused:
            store.projects.change(number, later, APPROVED, Level.COUNTY, TODAY)
        assert refused.value.why is Refusal.WRONG_APPROVER
        assert found(store, number).description == described(place)
        store.projects.change(number, later, APPROVED, Level.TOWNSHIP, TODAY)
    with storing(engine) as store:
        assert found(store, number).description == later
        event = store.projects.history(number)[-1]
        assert (event.changed, event.body) == (["deadline", "cells"], "雨季延误")
        assert (event.approver, event.decided_on, event.document) == (
            Approver.CONGRESS,
            date(2026, 8, 30),
            "柳河人大〔2026〕3号",
        )
        assert store.unit.read(select(texts.c.written_by).where(texts.c.body == "雨季延误")).scalars().all() == [None]
        assert store.unit.read(select(audit.c.after).where(audit.c.action == Event.CHANGE)).scalar_one() == {
            "changed": ["deadline", "cells"]
        }


def test_another_leader_needs_no_approval_and_the_same_words_change_nothing(engine: Engine, place: Settlement) -> None:
    with storing(engine) as store:
        number = a_project(store, place)
        store.projects.change(number, described(place), Why(), Level.TOWNSHIP, TODAY)
        store.projects.change(number, described(place, leader="吴敏"), Why(), Level.TOWNSHIP, TODAY)
        assert [event.kind for event in store.projects.history(number)] == [Event.ADDED, Event.CHANGE]


def test_lists_by_congress_and_by_number(engine: Engine, place: Settlement) -> None:
    with storing(engine) as store:
        numbers = [a_project(store, place, title=f"第{at}项") for at in range(3)]
        elsewhere = a_project(store, place, cells=(place.bridge.id,))
        newest_first = [elsewhere, *reversed(numbers)]
        assert [one.number for one in store.projects.of_congress(place.congress)] == newest_first
        assert [one.number for one in store.projects.of_congress(place.congress, below=numbers[1])] == [numbers[0]]
        assert [one.number for one in store.projects.many([numbers[0], elsewhere, 99])] == [elsewhere, numbers[0]]
