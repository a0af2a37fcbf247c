"""Problems as tests want them: handed to a body with people to hear of it, done, and whom their steps tell."""

from collections.abc import Sequence
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, select

from storage.domain.rectification_stages import Move, Part, Severity, Stage
from storage.domain.roles import Role
from storage.rectifications import NewRectification, Rectification
from storage.store import Store
from storage.tables import prompts
from tests.conversing import NOW, Town
from tests.settlement import Settlement
from tests.storage.test_people import storing

BODY = "镇村镇建设办"


def a_problem(store: Store, place: Settlement, project: int, severity: Severity = Severity.SERIOUS) -> int:
    new = NewRectification(place.congress, project, None, severity, "路面有裂缝", place.deputy)
    return store.rectifications.raise_(new)


def builder(store: Store, place: Settlement, account: str = "builder", body: str = BODY) -> int:
    """Somebody of the implementing body, with an account."""
    person = store.people.add("马强")
    store.people.add_account(person, "tap", account, account)
    store.people.grant(person, place.congress, Role.IMPLEMENTING_BODY, group_name=body)
    return person


def found(store: Store, number: int) -> Rectification:
    one = store.rectifications.get(number)
    assert one is not None
    return one


def done(store: Store, number: int) -> None:
    store.rectifications.move(number, Move(Stage.DONE, Part.BODY, "裂缝已修补"))


def waiting(store: Store) -> list[tuple[int, str]]:
    """Who is prompted for what; and what they were prompted for is over."""
    rows = store.unit.read(select(prompts.c.person_id, prompts.c.conversation).order_by(prompts.c.id)).all()
    store.unit.write(prompts.delete())
    return sorted((person, conversation) for person, conversation in rows)


def told(engine: Engine, on_day: date, hour: int = 9) -> list[tuple[int, str]]:
    """Whom the steps tell that are due at that hour there."""
    after = datetime.combine(on_day, time(hour), ZoneInfo("Asia/Shanghai")) - NOW
    with storing(engine, after=after) as store:
        store.rectifications.steps.tell_all(20)
        return waiting(store)


def tell(town: Town) -> None:
    """What is due is told, as the jobs do it."""
    with town.store() as store:
        _, people = store.rectifications.steps.tell_all(50)
    begun(town, sorted(people))


def begun(town: Town, people: Sequence[int]) -> None:
    with town.store() as store:
        town.dispatcher.begin_prompts(store.unit, people)


def stored(town: Town, number: int) -> Rectification:
    with town.store() as store:
        return found(store, number)
