"""What becomes of the recipients of announcements when two records turn out to be one person, or one is forgotten."""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, or_, select, update

from storage.database import AnyRow, Unit
from storage.tables import announcement_recipients as recipients
from storage.tables import outbox

_UNSETTLED = ("waiting", "paused", "held", "massed")
_COLUMNS = recipients.c.announcement_id, recipients.c.person_id, recipients.c.message_id, recipients.c.opened_at


def merge(unit: Unit, now: datetime, person_id: int, into: int) -> None:
    """Who was to hear the same under both records hears it once, and counts once: as the one whom it reached, or
    reaches sooner. What was meant for the other does not leave any more."""
    twice = _announced_to_both(unit, person_id, into)
    spare = [row for rows in twice for row in rows[1:]]
    for kept, other in twice:
        if other.opened_at and (not kept.opened_at or other.opened_at < kept.opened_at):
            unit.write(update(recipients).where(_is(kept)).values(opened_at=other.opened_at))
    if spare:
        unit.write(delete(recipients).where(or_(*(_is(row) for row in spare))))
        theirs = outbox.c.message_id.in_([row.message_id for row in spare if row.message_id])
        unit.write(update(outbox).where(theirs).values(announcement_id=None, cell_id=None))
        gone = {"state": "failed", "failure": "merged", "settled_at": now}
        unit.write(update(outbox).where(theirs, outbox.c.state.in_(_UNSETTLED)).values(gone))
    unit.write(update(recipients).where(recipients.c.person_id == person_id).values(person_id=into))


def _announced_to_both(unit: Unit, person_id: int, into: int) -> list[list[AnyRow]]:
    """Of each announcement that both are recipients of, both rows, the one to be kept first."""
    others = recipients.alias("others")
    both = select(others.c.announcement_id).where(others.c.person_id == person_id)
    rows = unit.read(
        select(*_COLUMNS, recipients.c.skipped, outbox.c.state)
        .outerjoin(outbox, outbox.c.message_id == recipients.c.message_id)
        .where(recipients.c.person_id.in_((person_id, into)), recipients.c.announcement_id.in_(both))
        .order_by(recipients.c.announcement_id)
    ).all()
    found: dict[int, list[AnyRow]] = {}
    for row in sorted(rows, key=_rank):
        found.setdefault(row.announcement_id, []).append(row)
    return [pair for pair in found.values() if len(pair) > 1]


def _rank(row: AnyRow) -> int:
    """The better off, the smaller: who got it, gets it soon, has a turn to come, is waited for, never gets it."""
    if row.message_id is None:
        return 5 if row.skipped else 2
    return {"sent": 0, "waiting": 1, "paused": 1, "massed": 1, "held": 3}.get(row.state, 4)


def _is(row: AnyRow) -> ColumnElement[bool]:
    return and_(recipients.c.announcement_id == row.announcement_id, recipients.c.person_id == row.person_id)


def forget(unit: Unit, person_id: int) -> None:
    """Nothing more is sent, and nobody knows where they lived; that they were among the recipients stays."""
    mine = recipients.c.person_id == person_id
    to_come = recipients.c.message_id.is_(None), recipients.c.skipped == ""
    unit.write(update(recipients).where(mine, *to_come).values(skipped="left"))
    unit.write(update(recipients).where(mine).values(cell_id=None))
    theirs = select(recipients.c.message_id).where(mine, recipients.c.message_id.is_not(None))
    unit.write(update(outbox).where(outbox.c.message_id.in_(theirs)).values(cell_id=None))
