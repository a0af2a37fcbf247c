"""Reports about projects: kept with who took part, corrected for a day with a trace, merged and forgotten."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from storage.audit import Actor
from storage.domain.cadence import Duty
from storage.links import How, Target
from storage.my_data import MyData
from storage.notes import (
    CORRECTED_WITHIN,
    NEAR,
    Nearness,
    New,
    Note,
    Part,
    Standing,
    TookPart,
    TooLate,
    nearness,
)
from storage.store import Store
from storage.tables import attachments, audit, texts
from tests.conversing import NOW
from tests.settlement import Settlement, on
from tests.storage.test_links import a_message
from tests.storage.test_people import storing
from tests.storage.test_projects import a_project

SAW = "路基做好了"


@pytest.fixture
def place(engine: Engine) -> Settlement:
    return on(engine)


@pytest.fixture
def number(engine: Engine, place: Settlement) -> int:
    with storing(engine) as store:
        return a_project(store, place)


def inspected(place: Settlement, number: int, **values: Any) -> New:
    """By the deputy, together with the grid worker and with two whom nobody knows."""
    company = (
        TookPart(Part.LED, place.worker),
        TookPart(Part.CAME, None, "张三"),
        TookPart(Part.EXPERT, None, "王工"),
    )
    known = {
        "congress_id": place.congress,
        "project": number,
        "kind": Duty.INSPECTION,
        "author": place.deputy,
        "standing": Standing.ON_PLAN,
        "progress": 35,
        "planned": 40,
        "text": SAW,
        "latitude": 30.005,
        "longitude": 120.005,
        "nearness": Nearness.INSIDE,
        "satisfied": True,
        "people": company,
    }
    return New(**{**known, **values})


def found(store: Store, note: int) -> Note:
    one = store.notes.get(note)
    assert one is not None
    return one


def logged(store: Store, action: str) -> list[Any]:
    query = select(audit.c.before, audit.c.after, audit.c.person_id).where(audit.c.record == "note")
    return [tuple(row) for row in store.unit.read(query.where(audit.c.action == action).order_by(audit.c.id))]


def test_a_report_stands_as_it_was_made(engine: Engine, place: Settlement, number: int) -> None:
    new = inspected(place, number)
    with storing(engine, actor=Actor(place.deputy)) as store:
        note = store.notes.add(new)
    with storing(engine) as store:
        one = found(store, note)
        worker = TookPart(Part.LED, place.worker, "赵敏")
        assert New(**{name: getattr(one, name) for name in New.__dataclass_fields__}) == replace(
            new, people=(worker, *new.people[1:])
        )
        assert (one.at, one.corrected_at) == (NOW, None)
        assert store.shown == {place.deputy, place.worker}
        assert store.notes.get(note + 1) is None
        (text,) = store.unit.read(select(texts.c.id).where(texts.c.body == SAW)).scalars()
        after = {"kind": "inspection", "standing": "on_plan", "progress": 35, "text": text}
        assert logged(store, "add") == [(None, after, place.deputy)]


def test_a_reception_day_has_no_project_and_a_report_may_say_next_to_nothing(
    engine: Engine, place: Settlement, number: int
) -> None:
    held = New(
        congress_id=place.congress,
        project=None,
        kind=Duty.RECEPTION,
        author=place.deputy,
        standing=None,
        received=0,
    )
    unable = replace(held, project=number, kind=Duty.INSPECTION, standing=Standing.UNABLE, received=None)
    with storing(engine) as store:
        notes = [store.notes.add(held), store.notes.add(unable)]
    with storing(engine) as store:
        first, second = (found(store, note) for note in notes)
        assert (first.project, first.standing, first.received, first.text) == (None, None, 0, "")
        assert (second.project, second.standing, second.received) == (number, Standing.UNABLE, None)


def test_reports_are_listed_newest_first_by_project_congress_and_author(
    engine: Engine, place: Settlement, number: int
) -> None:
    with storing(engine) as store:
        other = a_project(store, place, title="第一中心小学食堂")
        notes = [store.notes.add(inspected(place, one)) for one in (number, other, number)]
        notes.append(store.notes.add(inspected(place, other, author=place.worker, people=())))
    with storing(engine) as store:
        assert [one.id for one in store.notes.of_project(number)] == [notes[2], notes[0]]
        assert [one.id for one in store.notes.of_congress(place.congress, limit=3)] == notes[:0:-1]
        assert [one.id for one in store.notes.of_author(place.deputy, below=notes[2])] == [notes[1], notes[0]]
        assert [len(one.people) for one in store.notes.of_project(other)] == [0, 3]
        assert store.notes.of_project(other + 1) == []


# --- corrections


def test_a_correction_keeps_what_stood_there_before(engine: Engine, place: Settlement, number: int) -> None:
    with storing(engine) as store:
        note = store.notes.add(inspected(place, number))
    alone = (TookPart(Part.CAME, None, "李四"),)
    with storing(engine, after=timedelta(hours=23), actor=Actor(place.deputy)) as store:
        changed = store.notes.correct(note, text="路面也做好了", progress=60, people=alone, satisfied=True)
        assert changed == ["people", "progress", "text"]
    with storing(engine) as store:
        one = found(store, note)
        assert (one.text, one.progress, one.people, one.satisfied) == ("路面也做好了", 60, alone, True)
        assert one.corrected_at == NOW + timedelta(hours=23)
        kept = {row.body: row.id for row in store.unit.read(select(texts.c.body, texts.c.id))}
        company = [["led", place.worker], ["came", None], ["expert", None]]
        before = {"people": company, "progress": 35, "text": kept[SAW]}
        after = {"people": [["came", None]], "progress": 60, "text": kept["路面也做好了"]}
        assert logged(store, "correct") == [(before, after, place.deputy)]


def test_what_is_the_same_changes_nothing(engine: Engine, place: Settlement, number: int) -> None:
    new = inspected(place, number)
    with storing(engine) as store:
        note = store.notes.add(new)
        assert store.notes.correct(note, text=SAW, people=new.people, standing=Standing.ON_PLAN) == []
        assert found(store, note).corrected_at is None
        assert logged(store, "correct") == []


def test_after_a_day_and_of_nothing_there_is_no_correction(engine: Engine, place: Settlement, number: int) -> None:
    with storing(engine) as store:
        note = store.notes.add(inspected(place, number))
    with storing(engine, after=CORRECTED_WITHIN) as store:
        for one in (note, note + 1):
            with pytest.raises(TooLate):
                store.notes.correct(one, progress=60)
        assert found(store, note).progress == 35
        assert not found(store, note).may_be_corrected(store.now)


# --- whose they are


def test_reports_of_two_records_become_one_persons(engine: Engine, place: Settlement, number: int) -> None:
    with storing(engine) as store:
        old = store.people.add("老记录")
        own = store.notes.add(inspected(place, number, author=old, people=(TookPart(Part.CAME, place.worker),)))
        both = store.notes.add(
            inspected(place, number, people=(TookPart(Part.LED, old), TookPart(Part.CAME, None, "张三")))
        )
        elsewhere = store.notes.add(inspected(place, number, author=place.worker, people=(TookPart(Part.CAME, old),)))
    with storing(engine) as store:
        store.people.merge(old, into=place.deputy)
    with storing(engine) as store:
        assert [one.id for one in store.notes.of_author(place.deputy)] == [both, own]
        assert [one.part for one in found(store, both).people] == [Part.CAME], "nobody came with themselves"
        assert found(store, elsewhere).people == (TookPart(Part.CAME, place.deputy, "李强"),)


def test_who_is_forgotten_leaves_the_figures_and_no_word_and_no_place(
    engine: Engine, place: Settlement, number: int
) -> None:
    with storing(engine) as store:
        note = store.notes.add(inspected(place, number, people=(TookPart(Part.CAME, None, "张三"),)))
        other = store.notes.add(
            inspected(place, number, author=place.worker, people=(TookPart(Part.CAME, place.deputy),))
        )
    with storing(engine) as store:
        store.people.forget(place.deputy)
    with storing(engine) as store:
        one = found(store, note)
        assert (one.text, one.latitude, one.longitude) == ("", None, None)
        assert [person.name for person in one.people] == [""]
        assert (one.progress, one.standing, one.nearness) == (35, Standing.ON_PLAN, Nearness.INSIDE)
        assert (found(store, other).text, found(store, other).latitude) == (SAW, 30.005)
        assert found(store, other).people == (TookPart(Part.CAME, place.deputy, ""),)


def test_everybody_can_read_what_is_kept_of_their_reports(engine: Engine, place: Settlement, number: int) -> None:
    with storing(engine) as store:
        store.notes.add(inspected(place, number))
    with storing(engine) as store:
        (row,) = MyData(store.unit, place.deputy).notes()
        assert (row.number, row.kind, row.progress, row.latitude) == (number, "inspection", 35, 30.005)
        assert [one.body for one in MyData(store.unit, place.deputy).texts()] == [SAW]
        (row,) = MyData(store.unit, place.worker).company()
        assert (row.number, row.part, row.at) == (number, "led", NOW)
        assert MyData(store.unit, place.worker).notes() == MyData(store.unit, place.deputy).company() == []


def test_the_photos_of_a_report_are_found_by_it(engine: Engine, place: Settlement, number: int) -> None:
    with storing(engine) as store:
        note = store.notes.add(inspected(place, number))
        message = a_message(store, place, "", "photo")
        row = {"message_id": message, "kind": "photo", "digest": "0" * 64, "name": "路.jpg", "media_type": "image/jpeg"}
        store.unit.write(attachments.insert().values(**row, state="stored", due_at=NOW))
        store.links.add([message], Target.NOTE, note, How.STATED)
    with storing(engine) as store:
        assert store.attachments.about(Target.NOTE, note) == [("0" * 64, "路.jpg", "image/jpeg")]
        assert store.attachments.about(Target.NOTE, note + 1) == []


# --- how near


@given(st.floats(0, 1e7))
def test_a_place_is_inside_near_or_far(metres: float) -> None:
    expected = Nearness.INSIDE if metres == 0 else Nearness.FAR if metres > NEAR else Nearness.NEAR
    assert nearness(metres) is expected
    assert nearness(None) is None
