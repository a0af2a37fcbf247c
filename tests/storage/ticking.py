"""A congress whose time passes: everything that is due is done when the clock says so."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime

from sqlalchemy import Engine, insert, select, update

from storage.area_index import AreaIndex
from storage.audit import Actor
from storage.calendar import published
from storage.coming_round import go_on
from storage.database import reading, transaction
from storage.domain.cadence import Cadence, Duty
from storage.domain.roles import Role
from storage.store import Store
from storage.tables import notes, projects, prompts, reminders
from storage.tables import rounds as rounds_table
from tests.settlement import Settlement, enrolled
from tests.storage.test_projects import a_project

AUGUST = datetime(2026, 8, 20, 1, tzinfo=UTC)
OPENING = datetime(2026, 9, 1, 1, tzinfo=UTC)  # 09:00 in China, a Tuesday


class Office:
    """A congress, its clock, and what its people are told and owe."""

    def __init__(self, engine: Engine, place: Settlement) -> None:
        self.engine, self.place, self.now = engine, place, AUGUST

    @contextmanager
    def store(self) -> Iterator[Store]:
        with transaction(self.engine) as unit:
            yield Store(unit, self.now, AreaIndex(()), Actor(self.place.staff))

    def project(self, *group: int, begun_on: date = date(2026, 8, 1), body: str = "") -> int:
        with self.store() as store:
            number = a_project(store, self.place)
            described = {"body": body} if body else {}
            changed = update(projects).where(projects.c.id == number)
            store.unit.write(changed.values(begun_on=begun_on, **described))
            store.liaisons.assign(number, group)
        return number

    def deputy(self, name: str) -> int:
        with self.store() as store:
            return enrolled(store, name, name, self.place.congress, Role.DEPUTY)[0]

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
