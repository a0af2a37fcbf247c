"""Which proposals a list shows: conditions for which an index serves, however many there are."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, ScalarSelect, and_, select

from storage.areas import lie_in
from storage.domain.categories import Category
from storage.domain.proposal_status import Status
from storage.tables import areas, proposals


@dataclass(frozen=True, slots=True)
class Filter:
    """What of the ledger is wanted; None means all."""

    cell_id: int | None = None
    unlocated: bool = False
    category: Category | None = None
    status: Status | None = None
    since: datetime | None = None
    before: datetime | None = None


def lies_in(*area_paths: str) -> ColumnElement[bool]:
    """Whether a proposal is for a cell in these areas."""
    return proposals.c.cell_id.in_(select(areas.c.id).where(lie_in(area_paths)))


def first_since(moment: datetime) -> ScalarSelect[int]:
    """The number of the first proposal since then: numbers rise with time, and lists are read by numbers."""
    in_time = proposals.alias()
    later = select(in_time.c.id).where(in_time.c.created_at >= moment)
    return later.order_by(in_time.c.created_at, in_time.c.id).limit(1).scalar_subquery()


def _last_before(moment: datetime) -> ScalarSelect[int]:
    in_time = proposals.alias()
    earlier = select(in_time.c.id).where(in_time.c.created_at < moment)
    return earlier.order_by(in_time.c.created_at.desc(), in_time.c.id.desc()).limit(1).scalar_subquery()


def matches(congress_id: int, wanted: Filter) -> ColumnElement[bool]:
    """Whether a proposal is one of the congress's that are wanted."""
    conditions: list[ColumnElement[bool]] = [proposals.c.congress_id == congress_id]
    if wanted.cell_id:
        conditions.append(proposals.c.cell_id == wanted.cell_id)
    if wanted.unlocated:
        conditions.append(proposals.c.cell_id.is_(None))
    if wanted.category:
        conditions.append(proposals.c.category == wanted.category)
    if wanted.status:
        conditions.append(proposals.c.status == wanted.status)
    if wanted.since:
        conditions.append(proposals.c.id >= first_since(wanted.since))
    if wanted.before:
        conditions.append(proposals.c.id <= _last_before(wanted.before))
    return and_(*conditions)
