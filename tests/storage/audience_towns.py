"""Small towns drawn by chance, and in plain Python who of them an audience is."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st
from sqlalchemy import insert, update

from storage.announcements import Content
from storage.area_index import AreaIndex
from storage.areas import all_areas
from storage.audit import Actor
from storage.database import Unit
from storage.domain.announcements import Kind, Step
from storage.domain.audience import Audience, Groups, Reached
from storage.domain.categories import Category
from storage.domain.roles import Role
from storage.projects import Description
from storage.proposals import New, Source
from storage.store import Store
from storage.tables import (
    accounts,
    announcement_recipients,
    announcement_reviews,
    areas,
    messages,
    outbox,
    people,
    proposal_authors,
    proposal_supporters,
    roles,
)
from tests.conversing import NOW
from tests.settlement import Settlement, second_congress

CHANNELS = ("plain", "tap", "web")
GROUPS = ("", "一组", "二组")
Fate = tuple[str, str]  # a state and a failure of the outbox; or "skipped" and why; or "to come"
NOBODYS = 987_654  # an id of nothing


@dataclass(frozen=True)
class Held:
    """A role; `here`: in the congress that announces, not in the county's."""

    role: Role
    group: str
    here: bool
    is_revoked: bool

    @property
    def counts(self) -> bool:
        return self.here and not self.is_revoked


@dataclass(frozen=True)
class Drawn:
    """Somebody. `cell` and `proposals` are positions in the lists of a Town; `accounts` are (channel, reachable), each
    seen later than the one before; `told`: what became of an earlier announcement, empty where they were not among its
    recipients, "agreed" where they got it and had agreed to it before."""

    cell: int | None
    held: tuple[Held, ...]
    accounts: tuple[tuple[str, bool], ...]
    authored: frozenset[int]
    supported: frozenset[int]
    notices: bool
    told: str
    fate: str

    @property
    def was_told(self) -> str:
        """Nothing can be sent to who has no account."""
        return self.told if self.accounts or not self.told else "skipped"


_HELD = st.builds(
    Held, st.sampled_from((Role.DEPUTY, Role.EXPERT)), st.sampled_from(GROUPS), st.booleans(), st.booleans()
)
_ACCOUNTS = st.lists(st.tuples(st.sampled_from(CHANNELS), st.booleans()), max_size=3).map(tuple)
_SOME = st.frozensets(st.integers(0, 2), max_size=2)
PEOPLE = st.lists(
    st.builds(
        Drawn,
        cell=st.none() | st.integers(0, 3),
        held=st.lists(_HELD, max_size=2).map(tuple),
        accounts=_ACCOUNTS,
        authored=_SOME,
        supported=_SOME,
        notices=st.booleans(),
        told=st.sampled_from(("", "skipped", "held", "sent", "opened", "agreed")),
        fate=st.sampled_from(("", "", "", "", "merged", "gone")),
    ),
    max_size=7,
)


def _official(role: Role) -> Drawn:
    """As the settlement has them."""
    held = Held(role, "", here=True, is_revoked=False)
    nothing: frozenset[int] = frozenset()
    return Drawn(None, (held,), (("tap", True),), nothing, nothing, notices=True, told="", fate="")


_OFFICE = (Role.STAFF, Role.DEPUTY, Role.GRID_WORKER)


class Town:
    """The settlement with some more people, its congress, an announcement that was made before, and what people and
    audiences refer to by position, each with something of elsewhere and something that does not exist."""

    def __init__(self, unit: Unit, place: Settlement, drawn: Iterable[Drawn]) -> None:
        self.unit, self.place = unit, place
        self.store = Store(unit, NOW, AreaIndex(()), Actor(place.staff))
        self.county = second_congress(self.store, place)
        found = {area.code: area for area in all_areas(unit)}
        self.parents = {area.id: area.parent_id for area in found.values()}
        unit.write(update(areas).where(areas.c.code == "lh901").values(retired_at=NOW))
        self.cells = [place.willow.id, place.bridge.id, found["sq1-1"].id, found["lh901"].id]
        self.areas = [*self.cells, place.village.id, place.township.id, place.county.id, NOBODYS]
        self.proposals = [*(self._proposal(one) for one in (place.congress, place.congress, self.county)), NOBODYS]
        self.projects = [self._project(place.congress, self.cells[:2]), self._project(self.county, self.cells), NOBODYS]
        self.earlier = self.store.announcements.add(place.congress, a_content(Audience(everybody=True)))
        office = zip((place.staff, place.deputy, place.worker), _OFFICE, strict=True)
        self.people = {person: _official(role) for person, role in office}
        self.accounts: dict[int, list[int]] = {}
        self.messages: dict[int, int] = {}  # by which the earlier announcement was sent
        for one in drawn:
            self._settle(one)

    def _proposal(self, congress: int) -> int:
        cycle = self.store.congresses.current_cycle(congress)
        assert cycle
        return self.store.proposals.add(New(congress, cycle.id, "修路", Category.ROADS, None, "open", Source.CHAT, ()))

    def _project(self, congress: int, cells: Iterable[int]) -> int:
        cycle = self.store.congresses.current_cycle(congress)
        assert cycle
        about = Description("修路", "一公里", 1, "镇建设办", "周平", date(2026, 11, 30), "", tuple(cells))
        return self.store.projects.add(congress, cycle.id, about, [], date(2026, 9, 1))

    def _settle(self, one: Drawn) -> None:
        cell = None if one.cell is None else self.cells[one.cell]
        person = max(self.people) + 1  # in each town the same, though PostgreSQL counts on after a rollback
        self.unit.write(insert(people).values(id=person, created_at=NOW, notices=one.notices, cell_id=cell))
        self.people[person] = one
        self.accounts[person] = [self._account(person, at, *account) for at, account in enumerate(one.accounts)]
        for held in one.held:
            self._grant(person, held)
        for at in one.authored:
            self.unit.write(insert(proposal_authors).values(proposal_id=self.proposals[at], person_id=person))
        for at in one.supported:
            row = {"proposal_id": self.proposals[at], "person_id": person, "at": NOW}
            self.unit.write(insert(proposal_supporters).values(row))
        if one.told:
            self._tell(person, one)
        fates: dict[str, dict[str, Any]] = {"merged": {"merged_into": self.place.staff}, "gone": {"forgotten_at": NOW}}
        if one.fate:
            self.unit.write(update(people).where(people.c.id == person).values(**fates[one.fate]))

    def _account(self, person: int, at: int, channel: str, reachable: bool) -> int:
        name = f"{person}-{at}"
        row = {"channel": channel, "external_id": name, "address": name, "person_id": person}
        since = None if reachable else NOW
        seen = NOW + timedelta(minutes=at)
        return self.unit.insert(insert(accounts).values(**row, seen_at=seen, unreachable_since=since))

    def _grant(self, person: int, held: Held) -> None:
        congress = self.place.congress if held.here else self.county
        row = {"person_id": person, "congress_id": congress, "role": held.role, "group_name": held.group}
        revoked = NOW if held.is_revoked else None
        self.unit.write(insert(roles).values(**row, granted_at=NOW, revoked_at=revoked))

    def _tell(self, person: int, one: Drawn) -> None:
        """Of the earlier announcement, by their first account."""
        row: dict[str, Any] = {"announcement_id": self.earlier, "person_id": person}
        if one.was_told in ("held", "sent", "opened", "agreed"):
            account = self.accounts[person][0]
            message = a_message(self.unit, person, account, self.earlier, "held" if one.told == "held" else "sent")
            self.messages[person] = message
            row |= {"account_id": account, "message_id": message}
            row |= {"opened_at": NOW} if one.told == "opened" else {}
            if one.told == "agreed":
                done = {"announcement_id": self.earlier, "version": person, "step": Step.REVIEW, "person_id": person}
                self.unit.write(insert(announcement_reviews).values(**done, at=NOW))
        else:
            row |= {"skipped": "muted"}
        self.unit.write(insert(announcement_recipients).values(row))

    # --- whom an audience is

    def expected(self, audience: Audience) -> set[int]:
        return {person for person, one in self.people.items() if self._belongs(one, audience)}

    def _belongs(self, one: Drawn, audience: Audience) -> bool:
        if one.fate or self._is_among(one, audience.without):
            return False
        if audience.channels and not any(channel in audience.channels for channel, _ in one.accounts):
            return False
        if audience.of_announcement is not None:
            got = {
                Reached.ALL: ("skipped", "held", "sent", "opened", "agreed"),
                Reached.SENT: ("sent", "opened", "agreed"),
                Reached.UNOPENED: ("sent",),
            }
            return audience.of_announcement == self.earlier and one.was_told in got[audience.reached]
        return (audience.everybody and self._is_of_here(one)) or self._is_among(one, audience.those)

    def _is_of_here(self, one: Drawn) -> bool:
        lives_here = self.place.township.id in self._above(one)
        return (
            lives_here or any(held.counts for held in one.held) or not {0, 1}.isdisjoint(one.authored | one.supported)
        )

    def _is_among(self, one: Drawn, groups: Groups) -> bool:
        above = self._above(one)
        lives_here = self.place.township.id in above
        return (
            any(held.counts and held.role in groups.roles for held in one.held)
            or any(held.counts and held.role is Role.DEPUTY and held.group in groups.groups for held in one.held)
            or (lives_here and not above.isdisjoint(groups.areas))
            or (self.projects[0] in groups.projects and one.cell in (0, 1))
            or any(self.proposals[at] in groups.proposals for at in (one.authored | one.supported) & {0, 1})
        )

    def _above(self, one: Drawn) -> set[int]:
        """The cell where they live and all that it lies in."""
        at = None if one.cell is None else self.cells[one.cell]
        found = set()
        while at is not None:
            found.add(at)
            at = self.parents[at]
        return found

    def best_account(
        self, person: int, audience: Audience, channels: Collection[str] | None, rather: int | None = None
    ) -> int | None:
        """The position among their accounts of the one by which they are written to."""
        allowed = [
            (reachable, at == rather, at)
            for at, (channel, reachable) in enumerate(self.people[person].accounts)
            if (channels is None or channel in channels) and (not audience.channels or channel in audience.channels)
        ]
        return max(allowed)[-1] if allowed else None

    def is_muted(self, person: int) -> bool:
        one = self.people[person]
        return not one.notices and not any(held.counts for held in one.held)


def a_content(audience: Audience) -> Content:
    return Content(Kind.OTHER, "停水通知", "明天停水", audience)


def a_message(
    unit: Unit, person: int, account: int, number: int, state: str, failure: str = "", cell: int | None = None
) -> int:
    """One of ours in the outbox, of an announcement."""
    about = {"direction": "out", "channel": "tap", "kind": "text", "at": NOW, "stored_at": NOW}
    message = unit.insert(insert(messages).values(account_id=account, person_id=person, **about))
    sending = {"account_id": account, "channel": "tap", "priority": 2, "due_at": NOW, "created_at": NOW}
    row = {"message_id": message, "state": state, "failure": failure, "announcement_id": number, "cell_id": cell}
    unit.write(insert(outbox).values({**row, **sending}))
    return message


def told(store: Store, number: int, fate: Fate, cell: int | None = None, *, opened: bool = False) -> int:
    """Somebody new whom it was for, and what became of that."""
    state, why = fate
    person = store.people.add("居民", "13900000000")
    row: dict[str, Any] = {"announcement_id": number, "person_id": person, "cell_id": cell}
    row["opened_at"] = NOW if opened else None
    if fate == ("skipped", "nowhere"):
        store.unit.write(insert(announcement_recipients).values(**row, skipped="nowhere"))
        return person
    account = store.people.add_account(person, "tap", f"a{person}", f"a{person}")
    row |= {"account_id": account, "channel": "tap"}
    if state == "skipped":
        row["skipped"] = why
    elif state != "to come":
        row["message_id"] = a_message(store.unit, person, account, number, state, why, cell)
    store.unit.write(insert(announcement_recipients).values(row))
    return person


def audiences(town: Town) -> st.SearchStrategy[Audience]:
    """Of all kinds; most name what there is, some what does not exist or belongs to others."""
    groups = st.builds(
        Groups,
        roles=_some((Role.DEPUTY, Role.EXPERT, Role.STAFF, Role.TELLER)),
        areas=_some(town.areas),
        groups=_some((*GROUPS, "三组")),
        projects=_some(town.projects),
        proposals=_some(town.proposals),
    )
    return st.builds(
        Audience,
        everybody=st.booleans(),
        those=groups,
        without=st.just(Groups()) | groups,
        channels=st.just(()) | _some(CHANNELS),
        of_announcement=st.none() | st.sampled_from((town.earlier, NOBODYS)),
        reached=st.sampled_from(Reached),
    )


def _some(choices: Sequence[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(st.sampled_from(choices), max_size=2, unique=True).map(tuple)
