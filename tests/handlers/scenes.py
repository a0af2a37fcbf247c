"""Somebody with an open question, what they answer, and what must follow from it."""

from collections.abc import Callable
from dataclasses import dataclass

from handlers.state import Asked, State
from storage.arrivals import Arrivals
from storage.database import reading
from storage.people import Person as Record
from storage.projects import Project
from storage.proposals import Proposal
from tests.conversing import Person, Town
from tests.settlement import Settlement

WORLD = "resident", "staff", "deputy", "other"


@dataclass(frozen=True)
class Label:
    """The number that stands before this option."""

    holds: str


@dataclass
class Scene:
    """A case on the way: somebody with an open question, and what they were told at last."""

    town: Town
    place: Settlement
    person: Person
    told: str = ""

    @property
    def state(self) -> State:
        with reading(self.town.engine) as unit:
            (guest,) = Arrivals(unit, self.town.now).guests([("tap", self.person.account)]).values()
        return State.load(guest.state) if guest.state else State("", 0)

    @property
    def asked(self) -> Asked:
        asked = self.state.asked
        assert asked is not None
        return asked

    @property
    def record(self) -> Record:
        with reading(self.town.engine) as unit:
            (guest,) = Arrivals(unit, self.town.now).guests([("tap", self.person.account)]).values()
        return guest.person

    def proposal(self, number: int) -> Proposal:
        with self.town.store() as store:
            found = store.proposals.get(number)
        assert found is not None
        return found

    def project(self, number: int) -> Project:
        with self.town.store() as store:
            found = store.projects.get(number)
        assert found is not None
        return found

    def group(self, number: int) -> list[int]:
        with self.town.store() as store:
            return store.liaisons.group(number)

    def number_of(self, label: Label) -> str:
        return next(str(at) for at, (_, shown) in enumerate(self.asked.options, 1) if label.holds in shown)


Check = Callable[[Scene], bool]


@dataclass(frozen=True)
class Case:
    """How `who` comes to the question, what they answer, and what must follow from it."""

    who: str
    begin: tuple[str, ...] | Callable[[Scene], None]
    answer: str | Label | Callable[[Scene], list[str]]
    follows: str | Check
    before: Callable[[Scene], None] | None = None


def prompted(conversation: str, **arguments: object) -> Callable[[Scene], None]:
    def begin(scene: Scene) -> None:
        someone = scene.record.id
        with scene.town.store() as store:
            store.conversations.prompt(someone, conversation, arguments)
        with scene.town.store() as store:
            scene.town.dispatcher.begin_prompts(store.unit, [someone])

    return begin
