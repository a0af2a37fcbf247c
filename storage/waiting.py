"""What waits for somebody, in the order in which it leaves."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, func, literal_column, or_, select

from storage.among import among
from storage.database import Unit
from storage.outbox_states import IS_UNSETTLED, PROMPT, is_in, may_leave
from storage.tables import attachments, messages, outbox
from storage.texts import SAID

MOST = 50  # messages that are looked at for one that carries several


@dataclass(frozen=True, slots=True)
class Carried:
    """A message of ours; `file` is the name of what came with it, if anything."""

    message_id: int
    text: str
    choices: list[list[str]] | None
    file: str


# An announcement may be for the morning; what else is set back failed before, and goes to who is there now.
_IS_HERE = or_(
    is_in("held"),
    outbox.c.priority <= literal_column(str(PROMPT)),
    outbox.c.due_at <= bindparam("now", type_=outbox.c.due_at.type),
)
_WAITING = (
    select(outbox.c.account_id, outbox.c.message_id)
    .where(IS_UNSETTLED, _IS_HERE, may_leave(), among(outbox.c.account_id, "accounts"))
    .order_by(outbox.c.account_id, outbox.c.priority, outbox.c.message_id)
)
CARRIED = (
    select(messages.c.id, SAID, messages.c.choices, func.coalesce(attachments.c.name, ""))
    .outerjoin(attachments, attachments.c.message_id == messages.c.id)
    .where(among(messages.c.id, "messages"))
)


def waiting(unit: Unit, now: datetime, account_ids: Collection[int]) -> dict[int, list[int]]:
    """The numbers of what waits for each of these accounts."""
    found: dict[int, list[int]] = {account: [] for account in account_ids}
    if found:
        for account, number in unit.read(_WAITING, {"accounts": sorted(found), "now": now}):
            found[account].append(number)
    return found


def carried(unit: Unit, numbers: Iterable[int]) -> dict[int, Carried]:
    """Those messages, by number."""
    wanted = sorted(set(numbers))
    return {row[0]: Carried(*row) for row in unit.read(CARRIED, {"messages": wanted})} if wanted else {}
