"""What tests of reports want: a deputy on either channel, duties that are open, and the records as they stand."""

from collections.abc import Sequence
from datetime import date

from handlers.texts import inspections as texts
from storage.domain.cadence import Duty
from storage.domain.roles import Role
from storage.notes import Note
from storage.projects import Project
from tests.conversing import Person, Town
from tests.settlement import Settlement, enrolled
from tests.storage.test_projects import a_project
from tests.supervised import a_duty, a_round

ROAD, KITCHEN = "柳树湾道路硬化", "第一中心小学食堂"
INSIDE, NEAR, FAR = (30.005, 120.005), (30.0135, 120.005), (30.03, 120.005)


def a_colleague(town: Town, place: Settlement, account: str = "colleague", name: str = "孙丽") -> int:
    """Another deputy of the congress."""
    with town.store() as store:
        return enrolled(store, account, name, place.congress, Role.DEPUTY)[0]


def watched(town: Town, place: Settlement, title: str = ROAD, *people: int) -> int:
    """A project, with the deputy and others charged with it."""
    with town.store() as store:
        number = a_project(store, place, title=title)
        store.liaisons.assign(number, [place.deputy, *people])
    return number


def owes(
    town: Town,
    place: Settlement,
    *numbers: int | None,
    duty: Duty = Duty.INSPECTION,
    period: str = "2026-09",
    due_on: date = date(2026, 9, 25),
    people: Sequence[int | None] = (None,),
) -> int:
    """A report of each of these projects is owed, by its group or by each of these people; gives the round."""
    with town.store() as store:
        opened = a_round(store, place.congress, duty, period, due_on)
        for number in numbers:
            for person in people:
                a_duty(store, opened, number, person)
    return opened


def reception(town: Town, place: Settlement) -> None:
    """The deputy is to receive residents on a reception day."""
    owes(town, place, None, duty=Duty.RECEPTION, due_on=date(2026, 9, 15), people=[place.deputy])


def prompt(town: Town, *people: int) -> None:
    """What the scheduler does on a day when something is due."""
    with town.store() as store:
        for person in people:
            store.conversations.prompt(person, "duties", {})
    with town.store() as store:
        town.dispatcher.begin_prompts(store.unit, list(people))


def reports(town: Town, number: int) -> list[Note]:
    """Of a project, newest first."""
    with town.store() as store:
        return store.notes.of_project(number)


def report(town: Town, number: int) -> Note:
    """The only one of a project."""
    (one,) = reports(town, number)
    return one


def project(town: Town, number: int) -> Project:
    with town.store() as store:
        found = store.projects.get(number)
    assert found
    return found


def owed(town: Town, person: int) -> list[int | None]:
    """The projects of which somebody owes a report."""
    with town.store() as store:
        return [one.project for one in store.duties.owed_by(person)]


def begins(person: Person, *answers: str) -> list[str]:
    """An inspection of the only project that is due, with these answers."""
    return person.says("督查", "1", *answers)


TO_PLACE = ("按计划进行", "35", "路基做好了", "没有照片")
TO_END = (*TO_PLACE, "不发位置", "没有问题", "满意")
WHOLE = (*TO_END, "提交")
TOGETHER = texts.TOGETHER.zh
