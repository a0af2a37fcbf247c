"""An office that announces something to invented people, step by step, and what the channels make of it."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import Engine, insert, select, update

from handlers.announcement_messages import AnnouncementMessages
from storage.announcement_reports import Totals
from storage.announcements import Announcement, Content
from storage.area_index import AreaIndex
from storage.areas import load_index
from storage.arrivals import Arrivals, Letter
from storage.audit import Actor
from storage.broadcasting import Broadcasting, Stepped
from storage.database import reading, transaction
from storage.domain.announcements import Correction, Kind, Levels, State, Step
from storage.domain.audience import Audience
from storage.domain.rules import Rules
from storage.outbox import Claimed, Outbox, Settled
from storage.store import Store
from storage.tables import accounts, messages, outbox, people
from storage.texts import SAID
from tests.conversing import BUTTONS, NOW, TEXT_ONLY
from tests.settlement import Settlement

OFFICIALS = 3  # staff, a deputy, a grid worker
ONE = Rules(announcement_reviews=Levels.ONE)
EVERYBODY = Audience(everybody=True)
PACES: Mapping[str, float] = {"tap": 10.0, "plain": 10.0}
LEASE = timedelta(seconds=30)
CAPABILITIES = {"tap": BUTTONS, "plain": TEXT_ONLY}


def acts(name: str, number: int) -> Callable[[Broadcasting], object]:
    """What staff do to an announcement."""
    return lambda broadcasting: getattr(broadcasting, name)(number)


@dataclass
class Office:
    """王芳 announces; who was sent what is counted in `got`, by (announcement, person); `now` moves as a test says."""

    engine: Engine
    place: Settlement
    chunk: int = 5
    now: Any = NOW
    paces: Mapping[str, float] = field(default_factory=lambda: PACES)
    got: Counter[tuple[int | None, int]] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        with reading(self.engine) as unit:
            self.areas: AreaIndex = load_index(unit)

    @contextmanager
    def storing(self, actor: Actor | None = None, ahead: float = 0.0) -> Iterator[Store]:
        """`ahead`: seconds by which the clock is wrong."""
        with transaction(self.engine) as unit:
            yield Store(unit, self.now + timedelta(seconds=ahead), self.areas, actor, channels=self.paces)

    def residents(self, count: int, channel: str = "tap", **values: Any) -> list[int]:
        """People who live in 柳树湾, each with an account of the channel."""
        with self.storing() as store:
            ids = store.unit.numbers(people, count)
            cell = {"cell_id": self.place.willow.id, "created_at": NOW}
            store.unit.later(insert(people), *({"id": one, "name": f"居民{one}", **cell, **values} for one in ids))
            for one in ids:
                store.people.add_account(one, channel, f"r{one}", f"r{one}")
        return ids

    def announces(
        self, audience: Audience = EVERYBODY, *, corrects: int | None = None, how: Correction | None = None, **more: Any
    ) -> int:
        """One that nobody else has to agree to; gives its number."""
        with self.storing(Actor(self.place.staff)) as store:
            content = Content(Kind.OTHER, more.pop("title", "通知"), more.pop("text", "明天停水。"), audience, **more)
            number = store.announcements.add(self.place.congress, content, corrects=corrects, correction=how)
            store.announcements.sign(number, 1, Step.SUBMIT, ONE)
        return number

    # --- the way out

    def step(self, ahead: float = 0.0) -> Stepped:
        with self.storing(ahead=ahead) as store:
            return self.broadcasting(store).step(self.words, self.paces)

    @property
    def words(self) -> AnnouncementMessages:
        return AnnouncementMessages(CAPABILITIES, self.paces)

    def broadcasting(self, store: Store) -> Broadcasting:
        """With smaller chunks than the program has."""
        records, audiences = store.announcements, store.audiences
        return Broadcasting(store.unit, store.now, records, audiences, store.audit, store.areas, self.chunk)

    def steps(self, ahead: float = 0.0) -> None:
        """As long as there is something to do at once."""
        now = self.now + timedelta(seconds=ahead)
        while (again_at := self.step(ahead).again_at) is not None and again_at <= now:
            pass

    def does(self, act: Callable[[Broadcasting], Any]) -> Any:
        with self.storing(Actor(self.place.staff)) as store:
            return act(store.broadcasting)

    def claim(self, channel: str = "tap", limit: int = 100, ahead: float = 0.0) -> list[Claimed]:
        with transaction(self.engine) as unit:
            return Outbox(unit, self.now + timedelta(seconds=ahead)).claim(channel, limit, LEASE).rows

    def settle(self, rows: list[Claimed], state: str = "sent") -> None:
        """What became of claimed rows; a retry is due at once."""
        with transaction(self.engine) as unit:
            due_at = self.now if state == "waiting" else None
            box = Outbox(unit, self.now)
            box.settle([Settled(row, state, due_at, f"p{row.message_id}" if state == "sent" else "") for row in rows])
            box.release(rows)
            if state == "sent":
                self._count([row.message_id for row in rows], unit)

    def _count(self, message_ids: list[int], unit: Any) -> None:
        query = select(outbox.c.announcement_id, messages.c.person_id)
        query = query.join(messages, messages.c.id == outbox.c.message_id).where(messages.c.id.in_(message_ids))
        self.got.update((number, person) for number, person in unit.read(query))

    def sends(self, channel: str = "tap", limit: int = 100) -> int:
        """Claim and send once; gives how many."""
        rows = self.claim(channel, limit)
        self.settle(rows)
        return len(rows)

    def sends_all(self, seconds: float = 1.0) -> None:
        """Until nothing is left to do or to send."""
        while True:
            self.steps()
            if not sum(self.sends(channel) for channel in self.paces):
                return
            self.passes(seconds)

    def passes(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    # --- people

    def sets(self, person: int, **values: Any) -> None:
        with self.storing() as store:
            store.people.change(person, **values)

    def is_gone(self, person: int) -> None:
        """No push reaches somebody any more."""
        with self.storing() as store:
            where = accounts.c.person_id == person
            store.unit.write(update(accounts).where(where).values(unreachable_since=NOW, unreachable_reason="blocked"))

    def comes_back(self, person: int, channel: str = "tap") -> None:
        """Whatever was held for somebody is let go."""
        with transaction(self.engine) as unit:
            theirs = select(accounts.c.external_id).where(accounts.c.person_id == person)
            Outbox(unit, self.now).revive(channel, list(unit.read(theirs).scalars()))

    def replies(self, person: int, text: str, priority: int = 0) -> None:
        with transaction(self.engine) as unit:
            theirs = select(accounts.c.id, accounts.c.channel).where(accounts.c.person_id == person)
            account, channel = unit.read(theirs).one()
            Arrivals(unit, self.now).post([Letter(channel, account, person, text, priority=priority)])

    # --- looking

    def one(self, number: int) -> Announcement:
        with self.storing() as store:
            found = store.announcements.get(number)
        assert found
        return found

    def state(self, number: int) -> State:
        return self.one(number).state

    def totals(self, number: int) -> Totals:
        with self.storing() as store:
            totals = store.announcement_reports.totals(number)
        assert totals.sums_up, totals
        return totals

    def rows(self, number: int) -> list[Any]:
        """(person_id, channel, text, text_id, choices, edits_id, message_id, state, failure) of its messages."""
        with reading(self.engine) as unit:
            columns = (
                messages.c.person_id,
                messages.c.channel,
                SAID,
                messages.c.text_id,
                messages.c.choices,
                messages.c.edits_id,
                outbox.c.message_id,
                outbox.c.state,
                outbox.c.failure,
            )
            query = select(*columns).join(outbox, outbox.c.message_id == messages.c.id)
            return list(unit.read(query.where(outbox.c.announcement_id == number).order_by(messages.c.id)))

    def states(self, number: int) -> Counter[str]:
        return Counter(row.state for row in self.rows(number))

    def readers(self, number: int) -> set[int]:
        """Who got it; nobody twice."""
        counts = {person: count for (one, person), count in self.got.items() if one == number}
        assert set(counts.values()) <= {1}, counts
        return set(counts)
