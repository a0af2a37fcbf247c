"""Rows of supervision as tests want them: rounds, duties, answers, prompts and problems, whatever made them."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import insert, update

from storage.domain.cadence import Duty
from storage.domain.rectification_stages import Severity, Stage
from storage.domain.roles import Role
from storage.notes import Standing
from storage.rectifications import Kind
from storage.store import Store
from storage.tables import duties, note_people, notes, rectifications, reminders, rounds
from storage.texts import keep_text
from tests.settlement import Settlement

CHINA = ZoneInfo("Asia/Shanghai")


def at(day: date, hour: int = 10) -> datetime:
    """A moment of a day in China."""
    return datetime(day.year, day.month, day.day, hour, tzinfo=CHINA)


def a_round(
    store: Store,
    congress: int,
    duty: Duty = Duty.INSPECTION,
    period: str = "2026-09",
    due_on: date = date(2026, 9, 25),
    *,
    closed: datetime | None = None,
) -> int:
    """An open period with four steps, of which the last escalates."""
    opens_on = date.fromisoformat(f"{period}-01")
    values = {"congress_id": congress, "duty": duty, "period": period, "opens_on": opens_on, "due_on": due_on}
    steps = [at(opens_on + timedelta(days=ahead)).isoformat() for ahead in (0, 7, 14, 28)]
    return store.unit.insert(insert(rounds).values(**values, steps=steps, step=1, closed_at=closed))


def a_duty(store: Store, round_id: int, project: int | None, person: int | None = None) -> int:
    return store.unit.insert(insert(duties).values(round_id=round_id, project_id=project, person_id=person))


def told(store: Store, round_id: int, person: int, *days: date) -> None:
    """Somebody heard of each step of a round, from its opening on; the fourth escalates it to them."""
    for step, day in enumerate(days):
        row = {"round_id": round_id, "step": step, "person_id": person, "at": at(day), "escalates": step == 3}
        store.unit.write(insert(reminders).values(**row))


def answers(
    store: Store,
    congress: int,
    project: int | None,
    author: int,
    moment: datetime,
    *duty_ids: int,
    standing: Standing | None = Standing.ON_PLAN,
    text: str = "",
    came: int | None = None,
    received: int | None = None,
) -> int:
    """A note, which answers these duties."""
    text_id = keep_text(store.unit, moment, text, author) if text else None
    values = {"congress_id": congress, "project_id": project, "kind": Duty.INSPECTION, "author_id": author}
    found = {"standing": standing, "text_id": text_id, "received": received, "at": moment}
    store.unit.flush()
    note = store.unit.insert(insert(notes).values(**values, **found))
    if came:
        store.unit.write(insert(note_people).values(note_id=note, position=1, part="came", person_id=came))
    store.unit.write(update(duties).where(duties.c.id.in_(duty_ids)).values(answered_at=moment, note_id=note))
    return note


def a_problem(
    store: Store,
    congress: int,
    project: int,
    text: str = "护栏松动",
    *,
    raised_by: int | None = None,
    severity: Severity = Severity.MINOR,
    found: date = date(2026, 9, 1),
    due_on: date = date(2026, 9, 30),
    closed: date | None = None,
    kind: Kind = Kind.PROBLEM,
) -> int:
    text_id = keep_text(store.unit, at(found), text, raised_by)
    store.unit.flush()
    values = {"congress_id": congress, "project_id": project, "kind": kind, "severity": severity, "text_id": text_id}
    where = {"stage": Stage.CLOSED if closed else Stage.HANDED, "raised_by": raised_by, "due_on": due_on, "step": 0}
    moments = {"created_at": at(found), "changed_at": at(found), "closed_at": at(closed) if closed else None}
    return store.unit.insert(insert(rectifications).values(**values, **where, **moments))


def of_body(store: Store, place: Settlement, body: str = "镇村镇建设办", account: str = "builder") -> int:
    """Somebody of an implementing body; without an account for an empty one."""
    person = store.people.add("陈工", "13700000000")
    if account:
        store.people.add_account(person, "tap", account, account)
    store.people.grant(person, place.congress, Role.IMPLEMENTING_BODY, group_name=body)
    return person
