"""Problems are handed to a body, put right and confirmed; late projects owe an explanation."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import Engine, select

from storage.area_index import AreaIndex
from storage.audit import Actor
from storage.calendar import published
from storage.database import transaction
from storage.domain.areas import Level
from storage.domain.project_stages import Approval, Approver
from storage.domain.project_stages import Stage as ProjectStage
from storage.domain.rectification_stages import Move, Part, Refusal, Severity, Stage
from storage.domain.roles import Role
from storage.late_projects import LateProjects
from storage.projects import Why
from storage.rectifications import Kind, NewRectification, NotAllowed, Only, Rectification
from storage.store import Store
from storage.tables import audit, texts
from tests.conversing import NOW
from tests.rectified import BODY, a_problem, builder, done, found
from tests.settlement import Settlement, enrolled, on, second_congress
from tests.storage.test_people import storing
from tests.storage.test_projects import TODAY, a_project

STOPPED = Why("征地未成", Approval(Approver.CONGRESS, TODAY, "柳河人大〔2026〕3号"))


@pytest.fixture
def place(engine: Engine) -> Settlement:
    return on(engine)


def test_a_problem_is_put_right_and_confirmed_with_its_history(engine: Engine, place: Settlement) -> None:
    with storing(engine, actor=Actor(place.deputy)) as store:
        number = a_problem(store, place, a_project(store, place))
        person = builder(store, place)
    with storing(engine, actor=Actor(person)) as store:
        one = found(store, number)
        assert (one.stage, one.title, one.body, one.text) == (Stage.HANDED, "柳树湾道路硬化", BODY, "路面有裂缝")
        assert (one.due_on, one.planned_on, one.raised_by) == (date(2026, 9, 15), None, place.deputy)
        store.rectifications.move(number, Move(Stage.ACCEPTED, Part.BODY))
        store.rectifications.move(number, Move(Stage.PLANNED, Part.BODY, planned_on=date(2026, 9, 10)))
        done(store, number)
        assert place.deputy in store.shown
    with storing(engine, actor=Actor(place.deputy)) as store:
        store.rectifications.move(number, Move(Stage.SENT_BACK, Part.DEPUTY, "还有一处"))
        assert found(store, number).planned_on is None
        done(store, number)
        store.rectifications.move(number, Move(Stage.CLOSED, Part.DEPUTY))
    with storing(engine) as store:
        assert found(store, number).stage is Stage.CLOSED
        assert [(row.stage, row.words, row.planned_on, row.due_on) for row in store.rectifications.history(number)] == [
            (Stage.HANDED, None, None, date(2026, 9, 15)),
            (Stage.ACCEPTED, None, None, None),
            (Stage.PLANNED, None, date(2026, 9, 10), None),
            (Stage.DONE, "裂缝已修补", None, None),
            (Stage.SENT_BACK, "还有一处", None, None),
            (Stage.DONE, "裂缝已修补", None, None),
            (Stage.CLOSED, None, None, None),
        ]
        assert {place.deputy, person} <= store.shown
        actions = store.unit.read(select(audit.c.action).where(audit.c.record == "rectification")).scalars().all()
        assert len(actions) == 7


def test_what_the_office_records_for_others_is_theirs_by_name_and_the_offices_by_words(
    engine: Engine, place: Settlement
) -> None:
    with storing(engine, actor=Actor(place.staff)) as store:
        number = a_problem(store, place, a_project(store, place))
        store.rectifications.move(number, Move(Stage.DONE, Part.STAFF, "电话告知已修补"))
        with pytest.raises(NotAllowed) as refused:
            store.rectifications.move(number, Move(Stage.CLOSED, Part.STAFF))
        assert refused.value.why is Refusal.NO_DEPUTY
        store.rectifications.move(number, Move(Stage.CLOSED, Part.STAFF, deputy=place.deputy))
        assert [row.person for row in store.rectifications.history(number)][1:] == [place.staff, place.deputy]
        kept = select(texts.c.written_by).where(texts.c.body == "电话告知已修补")
        assert store.unit.read(kept).scalars().all() == [None]


def test_of_two_who_press_at_once_the_second_is_refused(engine: Engine, place: Settlement) -> None:
    with storing(engine) as store:
        number = a_problem(store, place, a_project(store, place))
        done(store, number)
    with transaction(engine) as unit, pytest.raises(NotAllowed) as refused:
        done(Store(unit, NOW, AreaIndex(())), number)
    assert refused.value.why is Refusal.NO_SUCH_MOVE


def test_what_is_sent_back_late_leaves_time(engine: Engine, place: Settlement) -> None:
    with storing(engine) as store:
        number = a_problem(store, place, a_project(store, place))
        done(store, number)
    with storing(engine, after=timedelta(days=20)) as store:
        store.rectifications.move(number, Move(Stage.SENT_BACK, Part.DEPUTY, "还有一处"))
        assert found(store, number).due_on == date(2026, 9, 24)
        assert store.rectifications.history(number)[-1].due_on == date(2026, 9, 24)


# --- lists


def test_lists_are_by_congress_project_body_and_due_date(engine: Engine, place: Settlement) -> None:
    with storing(engine) as store:
        road, canteen = a_project(store, place), a_project(store, place, title="食堂", body="镇民政办")
        first, second = a_problem(store, place, road), a_problem(store, place, canteen, Severity.URGENT)
        closed = a_problem(store, place, road)
        done(store, closed)
        store.rectifications.move(closed, Move(Stage.CLOSED, Part.DEPUTY))

        def numbers(only: Only, below: int | None = None) -> list[int]:
            return [one.number for one in store.rectifications.of_congress(place.congress, only, below)]

        assert numbers(Only()) == [second, first]
        assert numbers(Only(), below=second) == [first]
        assert numbers(Only(project=road)) == numbers(Only(body=BODY)) == [first]
        assert numbers(Only(due_before=date(2026, 9, 5))) == [second]
        assert numbers(Only(frozenset({Stage.CLOSED}))) == [closed]
        both = store.rectifications.of_bodies([(place.congress, BODY), (place.congress, "镇民政办")])
        assert [one.number for one in both] == [second, first], "the soonest due first"
        assert found(store, second).is_overdue(date(2026, 9, 5))
        assert not found(store, second).is_overdue(date(2026, 9, 4))


def test_a_deputy_confirms_what_they_found_and_what_they_are_charged_with(engine: Engine, place: Settlement) -> None:
    with storing(engine) as store:
        project = a_project(store, place)
        number = a_problem(store, place, project)
        charged, _ = enrolled(store, "d2", "孙丽", place.congress, Role.DEPUTY)
        other, _ = enrolled(store, "d3", "白桦", place.congress, Role.DEPUTY)
        store.liaisons.assign(project, [charged])
        assert store.rectifications.unconfirmed(place.deputy, [place.congress]) == []
        done(store, number)

        def numbers(person: int, congress: int = place.congress) -> list[int]:
            return [one.number for one in store.rectifications.unconfirmed(person, [congress])]

        assert numbers(place.deputy) == numbers(charged) == [number]
        assert numbers(other) == numbers(charged, congress=99) == []


# --- late projects


def explanations(store: Store, place: Settlement) -> list[Rectification]:
    return [one for one in store.rectifications.of_congress(place.congress, Only()) if one.kind is Kind.LATE]


def owe(engine: Engine, day: date) -> None:
    with storing(engine, after=timedelta(days=(day - TODAY).days)) as store:
        assert LateProjects(store.unit, store.now, published).owe_explanations(0) is None


def test_a_project_past_its_deadline_owes_one_explanation_for_it(engine: Engine, place: Settlement) -> None:
    with storing(engine) as store:
        late = a_project(store, place)
        ready, finished, later = (a_project(store, place, title=f"第{at}项") for at in range(3))
        store.projects.report(ready, 100)
        store.projects.move(finished, ProjectStage.FINISHED, Why(), Level.TOWNSHIP, TODAY)
        before = store.projects.get(later)
        assert before
        store.projects.change(
            later, replace(before.description, deadline=date(2026, 12, 31)), STOPPED, Level.TOWNSHIP, TODAY
        )
    owe(engine, date(2026, 11, 30))
    with storing(engine) as store:
        assert explanations(store, place) == [], "the deadline itself is in time"
    owe(engine, date(2026, 12, 1))
    owe(engine, date(2026, 12, 2))
    with storing(engine, after=timedelta(days=100)) as store:
        (one,) = explanations(store, place)
        assert (one.project, one.raised_by, one.note_id) == (late, None, None)
        done(store, one.number)
        store.rectifications.move(one.number, Move(Stage.CLOSED, Part.DEPUTY))
    owe(engine, date(2026, 12, 20))
    with storing(engine) as store:
        assert explanations(store, place) == [], "it was asked for that deadline before"


def test_whoever_finds_a_project_late_asks_once_while_it_is_open(engine: Engine, place: Settlement) -> None:
    with storing(engine) as store:
        new = NewRectification(
            place.congress, a_project(store, place), None, Severity.SERIOUS, "进度慢", place.deputy, Kind.LATE
        )
        number = store.rectifications.owe_explanation(new)
        assert number
        assert store.rectifications.owe_explanation(new) is None
        done(store, number)
        assert store.rectifications.owe_explanation(new) is None
        store.rectifications.move(number, Move(Stage.CLOSED, Part.DEPUTY))
        assert store.rectifications.owe_explanation(new) == number + 1


def test_congresses_and_their_projects_are_gone_through_in_chunks(
    engine: Engine, place: Settlement, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.late_projects.CONGRESSES", 1)
    monkeypatch.setattr("storage.late_projects.PROJECTS", 2)
    with storing(engine) as store:
        asked, *_ = [a_project(store, place, title=f"第{at}项") for at in range(4)]
        new = NewRectification(place.congress, asked, None, Severity.SERIOUS, "慢", place.deputy, Kind.LATE)
        store.rectifications.owe_explanation(new)
        second_congress(store, place)
    with storing(engine, after=timedelta(days=100)) as store:
        late, reached, counted = LateProjects(store.unit, store.now, published), 0, list[int]()
        for _ in range(3):
            reached = late.owe_explanations(reached) or 0
            counted.append(len(explanations(store, place)))
        assert counted == [3, 4, 4], "what was asked before, and two, and the last one"
        assert reached == place.congress + 1
        assert late.owe_explanations(reached) is None


# --- people


def test_two_records_of_a_person_are_one_finder(engine: Engine, place: Settlement) -> None:
    with storing(engine, actor=Actor(place.deputy)) as store:
        number = a_problem(store, place, a_project(store, place))
        done(store, number)
        other, _ = enrolled(store, "d2", "李强", place.congress, Role.DEPUTY)
        store.people.merge(place.deputy, other)
        assert found(store, number).raised_by == other
        assert {row.person for row in store.rectifications.history(number)} == {other}
        assert store.rectifications.steps.tell(number) == {other}


def test_a_finder_who_is_forgotten_leaves_the_problem_without_their_words(engine: Engine, place: Settlement) -> None:
    with storing(engine) as store:
        number = a_problem(store, place, a_project(store, place))
        store.people.forget(place.deputy)
        assert (found(store, number).text, found(store, number).stage) == ("", Stage.HANDED)
