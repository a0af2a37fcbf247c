"""Whatever staff, readers and processes do, in whatever order: everybody gets it once, or the report says why not."""

from collections.abc import Callable
from contextlib import suppress
from random import Random
from typing import Any, ClassVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select, update

from storage.announcements import NotAllowed
from storage.database import reading, transaction
from storage.domain.announcements import SILENT, State
from storage.outbox import Claimed
from storage.tables import accounts, leases, outbox
from tests.announced import Office
from tests.settlement import Settlement, Template, on

RESIDENTS = 12


class World:
    """Two announcements, and whatever may happen to them; what happens is chosen by a name and a number."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.people = office.residents(RESIDENTS)
        self.numbers = [office.announces(), office.announces()]
        self.in_hand: list[Claimed] = []

    def does(self, what: str, which: int) -> None:
        self.acts[what](self, which)
        self.looks()

    def _step(self, which: int) -> None:
        self.office.step(ahead=(which % 3) * 20)

    def _claim(self, which: int) -> None:
        states = self._states()
        rows = self.office.claim(limit=1 + which % 5)
        with reading(self.office.engine) as unit:
            query = select(outbox.c.announcement_id).where(outbox.c.message_id.in_([row.message_id for row in rows]))
            claimed = set(unit.read(query).scalars())
        assert not [number for number in claimed if states.get(number) in SILENT], "it was paused or stopped"
        self.in_hand += rows

    def _settle(self, which: int, state: str = "sent") -> None:
        count = which % 4
        rows, self.in_hand = self.in_hand[:count], self.in_hand[count:]
        self.office.settle(rows, state)

    def _retry(self, which: int) -> None:
        self._settle(which, "waiting")

    def _hold(self, which: int) -> None:
        self._settle(which, "held")

    def _die(self, _: int) -> None:
        """Whoever had rows in hand is gone before they left; others wait until the leases have run out."""
        self.in_hand.clear()
        self.office.passes(31)

    def _pass(self, which: int) -> None:
        self.office.passes(which % 7)

    def _revive(self, which: int) -> None:
        person = self.people[which % RESIDENTS]
        self.office.comes_back(person)
        self._reach(person, is_reachable=True)

    def _vanish(self, which: int) -> None:
        self._reach(self.people[which % RESIDENTS], is_reachable=False)

    def _reach(self, person: int, *, is_reachable: bool) -> None:
        values = {"unreachable_since": None if is_reachable else self.office.now}
        with transaction(self.office.engine) as unit:
            unit.write(update(accounts).where(accounts.c.person_id == person).values(**values))

    def _opt(self, which: int) -> None:
        self.office.sets(self.people[which % RESIDENTS], notices=which % 2 == 0)

    def _forget(self, which: int) -> None:
        if which % 5 == 0:
            with self.office.storing() as store:
                store.people.forget(self.people[which % RESIDENTS])

    def _staff(self, which: int, name: str) -> None:
        with suppress(NotAllowed):
            self.office.does(lambda broadcasting: getattr(broadcasting, name)(self.numbers[which % 2]))

    acts: ClassVar[dict[str, Callable[["World", int], None]]] = {
        "step": _step,
        "claim": _claim,
        "settle": _settle,
        "retry": _retry,
        "hold": _hold,
        "die": _die,
        "pass": _pass,
        "revive": _revive,
        "vanish": _vanish,
        "opt": _opt,
        "forget": _forget,
        "pause": lambda world, which: world._staff(which, "pause"),
        "resume": lambda world, which: world._staff(which, "resume"),
        "stop": lambda world, which: world._staff(which, "stop") if which % 4 == 0 else None,
    }

    # --- what must hold

    def _states(self) -> dict[Any, State]:
        return {number: self.office.state(number) for number in self.numbers}

    def looks(self) -> None:
        for number in self.numbers:
            self.office.readers(number)
            self.office.totals(number)
            fed = [row.person_id for row in self.office.rows(number)]
            assert len(fed) == len(set(fed)), "nobody is written to twice"

    def ends(self) -> None:
        """Everything goes on, everybody comes back, and all of it comes to its end."""
        for number in self.numbers:
            self._staff(self.numbers.index(number), "resume")
        self._die(0)
        self.office.passes(60)  # some clocks were ahead
        self.office.sends_all()
        place = self.office.place
        for person in (*self.people, place.staff, place.deputy, place.worker):
            self.office.comes_back(person)
        self.office.sends_all()
        self.looks()
        for number in self.numbers:
            totals, state = self.office.totals(number), self.office.state(number)
            assert state in (State.FINISHED, State.STOPPED)
            assert (totals.waiting, totals.held) == (0, 0)
            assert totals.sent == len(self.office.readers(number))
            if state is State.FINISHED:
                assert set(totals.failed) <= {"forgotten"}
                assert set(totals.skipped) <= {"left", "muted"}
                assert totals.sent + sum(totals.failed.values()) + sum(totals.skipped.values()) == totals.audience
        with reading(self.office.engine) as unit:
            assert unit.read(select(leases).where(leases.c.until > self.office.now)).all() == []


OFTEN = ["step", "step", "step", "claim", "claim", "settle", "settle"]
EVENTS = st.lists(st.tuples(st.sampled_from([*World.acts, *OFTEN]), st.integers(0, 59)), max_size=60)


@given(EVENTS)
@settings(max_examples=25)
def test_in_whatever_order_things_happen(template: Template, events: list[tuple[str, int]]) -> None:
    with template.lent() as engine:
        world = World(Office(engine, template.place))
        for what, which in events:
            world.does(what, which)
        world.ends()


@pytest.mark.parametrize("seed", range(3))
def test_so_it_is_on_every_database(engine: Engine, seed: int) -> None:
    place: Settlement = on(engine)
    world, random = World(Office(engine, place)), Random(seed)
    for _ in range(80):
        world.does(random.choice([*World.acts, *OFTEN]), random.randrange(60))
    world.ends()
