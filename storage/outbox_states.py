"""The states of what waits in the outbox, as conditions on its rows.

A row is waiting, to be sent once it is due, or held until its person is there; sent, failed, or paused with its
announcement.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, FromClause, and_, case, literal_column, or_, select

from storage.domain.announcements import SILENT
from storage.tables import announcements, outbox

AWAITS_CONTACT = "window_closed"  # why nothing is pushed to somebody: not before they write to us again
REPLY, PROMPT = 0, 1  # priorities, and after them 2: announcements (see storage.feeding)


def is_in(state: str, table: FromClause = outbox) -> ColumnElement[bool]:
    """Whether a row is in a state."""
    # Written out, not bound, and with the very words of its condition: only so does SQLite use a partial index.
    return table.c.state == literal_column(f"'{state}'")


def is_unsettled(table: FromClause = outbox) -> ColumnElement[bool]:
    """Whether a row is still to be sent, be it now or when its person is there."""
    return table.c.state.in_((literal_column("'waiting'"), literal_column("'held'")))


IS_UNSETTLED = is_unsettled()
WAITING = and_(IS_UNSETTLED, is_in("waiting"))
# Until its person is there.
KEPT = and_(IS_UNSETTLED, or_(is_in("held"), outbox.c.notice.is_not(None)))
# And then. What we have said by ourselves comes before what answers them now: numbers choose from what is shown last.
_risen = case((outbox.c.priority == PROMPT, REPLY), else_=outbox.c.priority)
REVIVED: Mapping[str, Any] = {"state": "waiting", "failure": "", "priority": _risen}


def may_leave(table: FromClause = outbox) -> ColumnElement[bool]:
    """Whether a row is of no announcement, or of one that goes on. What comes back for another try, or is revived, asks
    this, too."""
    # Not EXISTS, for which PostgreSQL would look at all announcements that there are.
    is_silent = (
        select(announcements.c.id)
        .where(announcements.c.id == table.c.announcement_id)
        .where(announcements.c.state.in_([literal_column(f"'{state}'") for state in sorted(SILENT)]))
        .limit(1)
        .scalar_subquery()
    )
    return or_(table.c.announcement_id.is_(None), is_silent.is_(None))
