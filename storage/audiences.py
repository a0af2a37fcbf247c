"""Whom an announcement is for, found by the database.

Each group of people is a query that gives their ids. Where an audience is small, the queries find its people by
indexes, whatever else is stored; where it may be everybody, people are gone through by their ids, so many at a time,
and each is asked about once (see `Audiences.belongs`).
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    CompoundSelect,
    ScalarSelect,
    Select,
    Table,
    and_,
    case,
    false,
    func,
    literal,
    or_,
    select,
    true,
    union,
    union_all,
)

from storage.areas import lie_in
from storage.database import Unit
from storage.domain.audience import Audience, Groups, Reached
from storage.domain.roles import Role
from storage.outbox_states import AWAITS_CONTACT
from storage.tables import (
    accounts,
    announcement_recipients,
    announcement_reviews,
    announcement_versions,
    announcements,
    areas,
    congresses,
    outbox,
    people,
    project_cells,
    projects,
    proposal_authors,
    proposal_supporters,
    proposals,
    roles,
)

EXAMPLES_AMONG = 5_000

_residents, _above = people.alias("residents"), areas.alias("above")
_best, _own = accounts.alias("best"), accounts.alias("own")
_told, _sent = announcement_recipients.alias("told"), outbox.alias("reached")
# Two records that turned out to be one person are one; who was forgotten is nobody.
_IS_SOMEBODY = people.c.merged_into.is_(None), people.c.forgotten_at.is_(None)


@dataclass(frozen=True, slots=True)
class _Group:
    """`ids`: of its people, in a column "person"; some come more than once. `has`: somebody in `people`."""

    ids: Select[int]
    has: ColumnElement[bool]


@dataclass(frozen=True, slots=True)
class Reach:
    """How many people an audience is.

    `channels`: how many would be written to by each; `reachable`: how many of these at once, as far as we know.
    `muted`: who wants no notices, and has no role for which they are due; `nowhere`: who has no account; `no_cell`: who
    has not said where they live.
    """

    people: int
    channels: dict[str, int]
    reachable: int
    muted: int
    nowhere: int
    no_cell: int = 0  # not counted in what was stored by earlier versions

    def dump(self) -> dict[str, Any]:
        """As plain JSON."""
        return asdict(self)

    @classmethod
    def load(cls, stored: Mapping[str, Any]) -> "Reach":
        """From `dump`."""
        return cls(**{**stored, "channels": dict(stored["channels"])})


@dataclass(frozen=True, slots=True)
class Example:
    """One of an audience. `channel`: by which they would be written to; empty: by none."""

    person: int
    name: str
    cell_id: int | None
    channel: str


class Audiences:
    """`channels` are those that are set up; by another one nobody can be reached. Default: all are.

    What is named and does not exist, or belongs to another congress, is nobody: no office reaches people beyond its
    area. An area that was retired is as good as any, as long as people live there. `without` and `channels` leave
    people out also of those whom another announcement was for. Whose names are read is noted in `shown`.
    """

    def __init__(self, unit: Unit, channels: Collection[str] | None = None, shown: set[int] | None = None) -> None:
        self._unit, self._channels = unit, channels
        self._paths: dict[int, str] = {}
        self._shown = set() if shown is None else shown

    # --- who belongs

    def members(self, congress_id: int, audience: Audience) -> ColumnElement[bool]:
        """Whether somebody in `people` belongs, for a statement that finds them by this."""
        groups = [group.ids for group in self._groups(congress_id, audience)]
        return and_(people.c.id.in_(union(*groups)), *self._limits(congress_id, audience)) if groups else false()

    def belongs(self, congress_id: int, audience: Audience) -> ColumnElement[bool]:
        """The same, for a statement that has found people by other means, such as their ids."""
        groups = [group.has for group in self._groups(congress_id, audience)]
        return and_(or_(*groups), *self._limits(congress_id, audience)) if groups else false()

    def _groups(self, congress_id: int, audience: Audience) -> list[_Group]:
        if audience.of_announcement is not None:
            return [_reached(congress_id, audience.of_announcement, audience.reached)]
        if audience.everybody and self._is_only(congress_id):
            return [_Group(select(_residents.c.id.label("person")), true())]
        path = self._path(congress_id)
        everybody = _everybody(congress_id, path) if audience.everybody else ()
        return [*everybody, *_several(congress_id, path, audience.those)]

    def _limits(self, congress_id: int, audience: Audience) -> Iterator[ColumnElement[bool]]:
        yield from _IS_SOMEBODY
        for group in _several(congress_id, self._path(congress_id), audience.without):
            yield ~group.has
        if audience.channels:
            theirs = select(_own.c.id).where(_own.c.person_id == people.c.id, _own.c.channel.in_(audience.channels))
            yield _there_is(theirs)

    def _is_only(self, congress_id: int) -> bool:
        """Whether there is no other congress that somebody who has not said where they live could belong to."""
        return self._unit.read(select(congresses.c.id).limit(2)).scalars().all() == [congress_id]

    def _path(self, congress_id: int) -> str:
        """Of the congress's area; that of none where there is no such congress."""
        if congress_id not in self._paths:
            own = select(areas.c.path).join(congresses, congresses.c.area_id == areas.c.id)
            self._paths[congress_id] = self._unit.read(own.where(congresses.c.id == congress_id)).scalar() or "/0/"
        return self._paths[congress_id]

    # --- how they are reached

    def best_account(self, audience: Audience, corrects: int | None = None) -> ScalarSelect[int]:
        """The id of the account by which somebody in `people` is written to: one that can be reached first, then one
        where they read it when they write again, then the one that got the announcement `corrects`, then the one seen
        last."""
        is_away = _best.c.unreachable_since.is_not(None), _best.c.unreachable_reason != AWAITS_CONTACT
        order: list[ColumnElement[Any]] = [*is_away, _best.c.seen_at.desc(), _best.c.id.desc()]
        theirs = select(_best.c.id).where(_best.c.person_id == people.c.id)
        if corrects is not None:
            told = and_(_told.c.announcement_id == corrects, _told.c.person_id == _best.c.person_id)
            sent = and_(_sent.c.message_id == _told.c.message_id, _sent.c.state == "sent")
            # Joined here: by what stands outside, SQLite does not sort what stands inside.
            theirs = theirs.outerjoin(_told, told).outerjoin(_sent, and_(sent, _sent.c.account_id == _best.c.id))
            order.insert(2, _sent.c.message_id.is_(None))
        for allowed in (self._channels, audience.channels or None):
            if allowed is not None:
                theirs = theirs.where(_best.c.channel.in_(sorted(allowed)))
        return theirs.order_by(*order).limit(1).correlate(people).scalar_subquery()

    def skipped(self, congress_id: int, corrects: int | None = None) -> ColumnElement[str]:
        """Why nothing is sent to somebody in `people` whose best account, or none, is joined from `accounts`.

        Who holds a role in the congress is told what is official, whatever they have set; and who got what was wrong
        (`corrects`) hears so, though they have opted out since.
        """
        held = select(roles.c.id).where(roles.c.person_id == people.c.id, *_in_force(congress_id))
        is_muted = and_(people.c.notices.is_(False), ~_there_is(held))
        if corrects is not None:
            is_muted = and_(is_muted, ~_reached(congress_id, corrects, Reached.SENT).has)
        return case((is_muted, "muted"), (accounts.c.id.is_(None), "nowhere"), else_="")

    # --- counting

    def reach(self, congress_id: int, audience: Audience, corrects: int | None = None) -> Reach:
        """How many they are, and how they are reached."""
        skipped = self.skipped(congress_id, corrects).label("skipped")
        can_be = accounts.c.unreachable_since.is_(None).label("can_be")
        no_cell = people.c.cell_id.is_(None).label("no_cell")
        found = (
            select(skipped, accounts.c.channel, can_be, no_cell)
            .select_from(people.outerjoin(accounts, accounts.c.id == self.best_account(audience)))
            .where(self.members(congress_id, audience))
            .subquery()
        )
        counted = select(*found.c, func.count()).group_by(*found.c)
        rows = self._unit.read(counted).all()
        channels: dict[str, int] = {}
        for why, channel, *_, count in rows:
            if not why:
                channels[channel] = channels.get(channel, 0) + count
        return Reach(
            people=sum(count for *_, count in rows),
            channels=dict(sorted(channels.items())),
            reachable=sum(count for why, _, can_be, _, count in rows if not why and can_be),
            muted=sum(count for why, *_, count in rows if why == "muted"),
            nowhere=sum(count for why, *_, count in rows if why == "nowhere"),
            no_cell=sum(count for *_, no_cell, count in rows if no_cell),
        )

    def small_reach(
        self, congress_id: int, audience: Audience, at_most: int = 5_000, corrects: int | None = None
    ) -> Reach | None:
        """The same; None where more people than that would have to be looked at, be it only to leave them out."""
        return self.reach(congress_id, audience, corrects) if self.is_small(congress_id, audience, at_most) else None

    def is_small(self, congress_id: int, audience: Audience, at_most: int) -> bool:
        """Whether the groups of an audience together have no more people than that, those to be left out included."""
        groups = self._groups(congress_id, audience)
        counted = [
            select(func.count()).select_from(group.ids.limit(at_most + 1).subquery("counted")) for group in groups
        ]
        return not groups or sum(self._unit.read(union_all(*counted)).scalars()) <= at_most

    def examples(self, congress_id: int, audience: Audience, limit: int = 10) -> list[Example]:
        """Some of them, from among the first thousands of each group."""
        firsts = [group.ids.limit(EXAMPLES_AMONG).subquery("page") for group in self._groups(congress_id, audience)]
        if not firsts:
            return []
        rows = self._unit.read(
            select(people.c.id, people.c.name, people.c.cell_id, func.coalesce(accounts.c.channel, ""))
            .select_from(people.outerjoin(accounts, accounts.c.id == self.best_account(audience)))
            .where(people.c.id.in_(union(*(select(first.c.person) for first in firsts))))
            .where(*self._limits(congress_id, audience))
            .order_by(people.c.id)
            .limit(limit)
        ).all()
        self._shown.update(row.id for row in rows)
        return [Example(*row) for row in rows]


# --- groups of people


def _there_is(rows: Select[Any]) -> ColumnElement[bool]:
    # Not EXISTS: of several, joined by OR, PostgreSQL would find all that there are, to ask about some.
    return rows.correlate(people).limit(1).scalar_subquery().is_not(None)


def _in_force(congress_id: int) -> tuple[ColumnElement[bool], ...]:
    return roles.c.congress_id == congress_id, roles.c.revoked_at.is_(None)


def _everybody(congress_id: int, path: str) -> Iterator[_Group]:
    """Those who live there first, for that they are most."""
    yield _living(path)
    yield _holding(congress_id)
    for part in (proposal_authors, proposal_supporters):
        yield _having_part(part, proposals.c.congress_id == congress_id)


def _several(congress_id: int, path: str, named: Groups) -> Iterator[_Group]:
    if named.areas:
        yield _living(path, named.areas)
    if named.roles:
        yield _holding(congress_id, roles.c.role.in_(named.roles))
    if named.groups:
        yield _holding(congress_id, roles.c.role == Role.DEPUTY, roles.c.group_name.in_(named.groups))
    if named.projects:
        yield _living_by(congress_id, named.projects)
    if named.proposals:
        these = proposals.c.congress_id == congress_id, proposals.c.id.in_(named.proposals)
        for part in (proposal_authors, proposal_supporters):
            yield _having_part(part, *these)


def _living(path: str, named: Sequence[int] = ()) -> _Group:
    """Who lives at or below a path; where areas are named, at or below one of them, too."""
    cells = select(areas.c.id).where(lie_in([path]))
    if named:
        behind = func.substr(_above.c.path, 1, func.length(_above.c.path) - 1) + literal("0")  # as in `lie_in`
        is_below = and_(areas.c.path >= _above.c.path, areas.c.path < behind)
        cells = cells.join(_above, is_below).where(_above.c.id.in_(named))
    return _in_cells(cells, areas.c.id)


def _living_by(congress_id: int, named: Sequence[int]) -> _Group:
    """Who lives in a cell of one of these projects."""
    cells = (
        select(project_cells.c.area_id)
        .join(projects, projects.c.id == project_cells.c.project_id)
        .where(projects.c.congress_id == congress_id, project_cells.c.project_id.in_(named))
    )
    return _in_cells(cells, project_cells.c.area_id)


def _in_cells(cells: Select[int], cell: Column[int]) -> _Group:
    ids = cells.with_only_columns(_residents.c.id.label("person")).join(_residents, _residents.c.cell_id == cell)
    return _Group(ids, _there_is(cells.where(cell == people.c.cell_id)))


def _holding(congress_id: int, *conditions: ColumnElement[bool]) -> _Group:
    return _standing(select(roles.c.person_id.label("person")).where(*_in_force(congress_id), *conditions))


def _having_part(part: Table, *conditions: ColumnElement[bool]) -> _Group:
    """Who is an author or a supporter of some proposals."""
    found = select(part.c.person_id.label("person")).join(proposals, proposals.c.id == part.c.proposal_id)
    return _standing(found.where(*conditions))


def _reached(congress_id: int, number: int, reached: Reached) -> _Group:
    """Whom an announcement of the congress was for, or who got it."""
    found = (
        select(announcement_recipients.c.person_id.label("person"))
        .join(announcements, announcements.c.id == announcement_recipients.c.announcement_id)
        .where(announcement_recipients.c.announcement_id == number, announcements.c.congress_id == congress_id)
    )
    if reached is not Reached.ALL:
        found = found.join(outbox, outbox.c.message_id == announcement_recipients.c.message_id)
        found = found.where(outbox.c.state == "sent")
    if reached is Reached.UNOPENED:
        of_office = announcement_recipients.c.person_id.in_(_had_part(number))
        found = found.where(announcement_recipients.c.opened_at.is_(None), ~of_office)
    return _standing(found)


def _had_part(number: int) -> CompoundSelect[int]:
    """Who wrote any version of an announcement, agreed to one or sent it back: they know what it says."""
    wrote = select(announcement_versions.c.written_by).where(announcement_versions.c.announcement_id == number)
    signed = select(announcement_reviews.c.person_id).where(announcement_reviews.c.announcement_id == number)
    return union(wrote, signed)


def _standing(ids: Select[int]) -> _Group:
    """Those who stand somewhere by their own ids."""
    (person,) = ids.selected_columns
    return _Group(ids, _there_is(ids.where(person == people.c.id)))
