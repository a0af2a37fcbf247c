"""Proposals: what residents ask for, what became of each, and who stands behind it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import func, insert, select, union_all, update

from storage.audit import Actor, Audit
from storage.conflicts import insert_or_else
from storage.database import AnyRow, Unit
from storage.domain.categories import Category
from storage.domain.proposal_status import OPEN, Reason, Status, may_follow
from storage.proposal_filter import Filter, first_since, lies_in, matches
from storage.tables import people, proposal_authors, proposal_history, proposal_supporters, proposals, texts
from storage.texts import keep_text

PAGE = 20
COUNTED = 500  # proposals; where there are more, nobody counts on
LONGEST_TEXT = 200_000  # characters; more than any channel takes in one message
LISTED = 1_000  # characters of a text, as lists have it


class Source(StrEnum):
    CHAT = "chat"
    DEPUTY = "deputy"  # a deputy on a resident's behalf
    PAPER = "paper"  # a paper form entered by a grid worker
    FILE = "file"


class Event(StrEnum):
    """What a line of a proposal's history tells."""

    STATUS = "status"
    REMARK = "remark"  # the author adds something
    QUESTION = "question"  # staff ask back
    ANSWER = "answer"  # staff answer the author
    CORRECTION = "correction"  # staff correct cell or category


class NotAllowed(Exception):
    """A status may not follow the present one. `now` is the present one."""

    def __init__(self, now: Status) -> None:
        super().__init__(now)
        self.now = now


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposal as it stands; `body` is its present text, in a list the beginning of it."""

    number: int
    congress_id: int
    cycle_id: int
    body: str
    category: Category
    cell_id: int | None
    located_how: str
    status: Status
    cleared_at: datetime | None
    supporters: int
    created_at: datetime
    changed_at: datetime
    merged_into: int | None


@dataclass(frozen=True, slots=True)
class New:
    """A proposal to be added. `authors` may be empty (a paper form without a name)."""

    congress_id: int
    cycle_id: int
    body: str
    category: Category
    cell_id: int | None
    located_how: str
    source: Source
    authors: tuple[int, ...] = ()
    brought_by: int | None = None
    latitude: float | None = None
    longitude: float | None = None


_PROPOSAL = (
    proposals.c.id,
    proposals.c.congress_id,
    proposals.c.cycle_id,
    texts.c.body,
    proposals.c.category,
    proposals.c.cell_id,
    proposals.c.located_how,
    proposals.c.status,
    proposals.c.cleared_at,
    proposals.c.supporters,
    proposals.c.created_at,
    proposals.c.changed_at,
    proposals.c.merged_into,
    texts.c.written_by,
)
_ADD, _ADD_AUTHOR = insert(proposals), insert(proposal_authors)
_ADD_EVENT = insert(proposal_history)
_SELECT = select(*_PROPOSAL).join(texts, texts.c.id == proposals.c.text_id)
_BEGINNING = func.substr(texts.c.body, 1, LISTED).label("body")
_LIST = select(*(_BEGINNING if column is texts.c.body else column for column in _PROPOSAL)).join(
    texts, texts.c.id == proposals.c.text_id
)


def _proposal(row: Any) -> Proposal:
    number, congress_id, cycle_id, body, category, cell_id, how, status, *rest, _ = row
    return Proposal(number, congress_id, cycle_id, body, Category(category), cell_id, how, Status(status), *rest)


class Proposals:
    """Whose words and names are read is noted in `shown`."""

    def __init__(self, unit: Unit, now: datetime, actor: Actor, audit: Audit, shown: set[int] | None = None) -> None:
        self._unit, self._now, self._actor, self._audit = unit, now, actor, audit
        self._shown = set() if shown is None else shown

    # --- writing

    def expect(self, count: int) -> None:
        """About so many will be added in this transaction."""
        self._unit.expect(proposals, count)

    def add(self, new: New) -> int:
        """Store a proposal and give its number."""
        text_id = keep_text(self._unit, self._now, new.body, new.authors[0] if new.authors else self._actor.person_id)
        (number,) = self._unit.numbers(proposals, 1)
        self._unit.later(
            _ADD,
            {
                "id": number,
                "congress_id": new.congress_id,
                "cycle_id": new.cycle_id,
                "text_id": text_id,
                "category": new.category,
                "cell_id": new.cell_id,
                "located_how": new.located_how,
                "latitude": new.latitude,
                "longitude": new.longitude,
                "status": Status.RECEIVED,
                "source": new.source,
                "created_at": self._now,
                "changed_at": self._now,
            },
        )
        for author in new.authors:
            self._unit.later(_ADD_AUTHOR, {"proposal_id": number, "person_id": author, "brought_by": new.brought_by})
        self._remember(number, Event.STATUS, status=Status.RECEIVED, text_id=text_id)
        self._audit.record("add", "proposal", number, None, {"status": Status.RECEIVED, "text": text_id})
        return number

    def change_status(
        self, number: int, status: Status, *, reason: Reason | None = None, body: str = "", into: int | None = None
    ) -> None:
        """Move a proposal on. `body` is what the author is told, `into` the proposal it was merged into.

        Raises NotAllowed when that status may not follow the present one.
        """
        now = Status(
            self._unit.read(select(proposals.c.status).where(proposals.c.id == number).with_for_update()).scalar_one()
        )
        if not may_follow(now, status):
            raise NotAllowed(now)
        self._unit.write(
            update(proposals)
            .where(proposals.c.id == number)
            .values(status=status, changed_at=self._now, merged_into=into)
        )
        text_id = keep_text(self._unit, self._now, body, None) if body else None
        self._remember(number, Event.STATUS, status=status, text_id=text_id, reason=reason)
        self._audit.record("status", "proposal", number, {"status": now}, {"status": status, "reason": reason})

    def say(self, number: int, event: Event, body: str) -> None:
        """Add a remark, a question or an answer to the history."""
        text_id = keep_text(self._unit, self._now, body, self._actor.person_id if event is Event.REMARK else None)
        self._touch(number)
        self._remember(number, event, text_id=text_id)
        self._audit.record(event, "proposal", number, None, {"text": text_id})

    def rewrite(self, number: int, body: str) -> None:
        """The author's text in a new version; the one before stays in the log."""
        before = self._unit.read(select(proposals.c.text_id).where(proposals.c.id == number)).scalar_one()
        text_id = keep_text(self._unit, self._now, body, self._actor.person_id)
        self._unit.write(update(proposals).where(proposals.c.id == number).values(text_id=text_id))
        self._touch(number)
        self._audit.record("rewrite", "proposal", number, {"text": before}, {"text": text_id})

    def correct(self, number: int, **values: Any) -> None:
        """Correct `cell_id` or `category`, or clear for showing (`cleared_at`)."""
        names = sorted(values)
        before = self._unit.read(select(*(proposals.c[name] for name in names)).where(proposals.c.id == number)).one()
        if "cell_id" in values:
            values["located_how"] = "staff"
        self._unit.write(update(proposals).where(proposals.c.id == number).values(**values))
        self._touch(number)
        self._remember(number, Event.CORRECTION)
        after = {name: _plain(values[name]) for name in names}
        self._audit.record("correct", "proposal", number, {n: _plain(v) for n, v in before._mapping.items()}, after)

    def support(self, number: int, person_id: int) -> bool:
        """One more neighbour wants it; False when this person said so before."""
        added = self._unit.write(
            insert_or_else(proposal_supporters, self._unit.dialect)
            .values(proposal_id=number, person_id=person_id, at=self._now)
            .on_conflict_do_nothing()
            # Not by the count of rows: PostgreSQL's driver gives none for an insert.
            .returning(proposal_supporters.c.person_id)
        )
        if added.first() is None:
            return False
        self._unit.write(
            update(proposals).where(proposals.c.id == number).values(supporters=proposals.c.supporters + 1)
        )
        self._audit.record("support", "proposal", number, None, None)
        return True

    def _touch(self, number: int) -> None:
        self._unit.write(update(proposals).where(proposals.c.id == number).values(changed_at=self._now))

    def _remember(
        self,
        number: int,
        kind: Event,
        *,
        status: Status | None = None,
        text_id: int | None = None,
        reason: Reason | None = None,
    ) -> None:
        self._unit.later(
            _ADD_EVENT,
            {
                "proposal_id": number,
                "kind": kind,
                "status": status,
                "reason": reason or "",
                "text_id": text_id,
                "message_id": self._actor.message_id,
                "person_id": self._actor.person_id,
                "at": self._now,
            },
        )

    # --- reading

    def get(self, number: int) -> Proposal | None:
        row = self._unit.read(_SELECT.where(proposals.c.id == number)).first()
        return _proposal(*self._seen([row])) if row else None

    def concerned(self, number: int) -> list[int]:
        """Everybody who is told what becomes of it: the authors, and who brought it in for them."""
        rows = self._unit.read(
            select(proposal_authors.c.person_id, proposal_authors.c.brought_by).where(
                proposal_authors.c.proposal_id == number
            )
        )
        return sorted({person_id for row in rows for person_id in row if person_id})

    def authors(self, number: int) -> list[int]:
        rows = self._unit.read(
            select(proposal_authors.c.person_id)
            .where(proposal_authors.c.proposal_id == number)
            .order_by(proposal_authors.c.person_id)
        )
        return list(rows.scalars())

    def author_names(self, number: int) -> Sequence[AnyRow]:
        """(name, telephone, who brought it in) of each author."""
        self._shown.update(self.authors(number))
        return self._unit.read(
            select(people.c.name, people.c.telephone, proposal_authors.c.brought_by)
            .join(proposal_authors, proposal_authors.c.person_id == people.c.id)
            .where(proposal_authors.c.proposal_id == number)
        ).all()

    def history(self, number: int, latest: int | None = None) -> Sequence[AnyRow]:
        """(kind, status, reason, body, person_id, at, written_by), oldest first; of the `latest` ones the beginning of
        the body."""
        lines = (
            select(
                proposal_history.c.kind,
                proposal_history.c.status,
                proposal_history.c.reason,
                _BEGINNING if latest else texts.c.body,
                proposal_history.c.person_id,
                proposal_history.c.at,
                texts.c.written_by,
            )
            .outerjoin(texts, texts.c.id == proposal_history.c.text_id)
            .where(proposal_history.c.proposal_id == number)
            .order_by(proposal_history.c.id.desc())
            .limit(latest)
        )
        return self._seen(self._unit.read(lines).all()[::-1])

    def of_author(self, person_id: int, below: int | None = None, limit: int | None = PAGE) -> list[Proposal]:
        """A person's own, newest first, with numbers under `below`; without a limit all, and whole.

        For themselves, or to compare with.
        """
        own = proposal_authors.c.person_id == person_id
        query = (_LIST if limit else _SELECT).join(proposal_authors, proposal_authors.c.proposal_id == proposals.c.id)
        return self._page(query.where(own), below, limit, compared=True)

    def in_cell(self, cell_id: int, limit: int) -> list[Proposal]:
        """What was proposed for one cell, newest first; to compare with, not to show."""
        return self._page(_LIST.where(proposals.c.cell_id == cell_id), None, limit, compared=True)

    def of_concerned(self, person_id: int, below: int | None = None, limit: int | None = PAGE) -> list[Proposal]:
        """A person's own, and what they brought in for others; as `of_author`."""
        numbers = select(proposal_authors.c.proposal_id)
        own, brought = (proposal_authors.c[name] == person_id for name in ("person_id", "brought_by"))
        theirs = union_all(numbers.where(own), numbers.where(brought))
        return self._page(_LIST.where(proposals.c.id.in_(theirs)), below, limit)

    def in_areas(self, area_paths: Iterable[str], since: datetime, limit: int) -> list[Proposal]:
        """What was proposed since then for cells in these areas, newest first."""
        lately = proposals.c.id >= first_since(since)
        return self._page(_LIST.where(lies_in(*area_paths), lately), None, limit)

    def shown_near(self, area_path: str, below: int | None = None, limit: int = PAGE) -> list[Proposal]:
        """What staff cleared for neighbours to read, newest first, in the area and below it."""
        shown = proposals.c.cleared_at.is_not(None), proposals.c.status.in_(OPEN)
        return self._page(_LIST.where(lies_in(area_path), *shown), below, limit)

    def ledger(self, congress_id: int, wanted: Filter, below: int | None = None, limit: int = PAGE) -> list[Proposal]:
        """The proposals of a congress, newest first."""
        return self._page(_LIST.where(matches(congress_id, wanted)), below, limit)

    def count(self, congress_id: int, wanted: Filter) -> int:
        """How many there are; one more than `COUNTED` stands for any number above it."""
        found = select(proposals.c.id).where(matches(congress_id, wanted)).limit(COUNTED + 1).subquery("counted")
        return int(self._unit.read(select(func.count()).select_from(found)).scalar_one())

    def _page(self, query: Any, below: int | None, limit: int | None, *, compared: bool = False) -> list[Proposal]:
        if below is not None:
            query = query.where(proposals.c.id < below)
        rows = self._unit.read(query.order_by(proposals.c.id.desc()).limit(limit)).all()
        return [_proposal(row) for row in (rows if compared else self._seen(rows))]

    def _seen(self, rows: Sequence[AnyRow]) -> Sequence[AnyRow]:
        self._shown.update(row.written_by for row in rows if row.written_by)
        return rows


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
