"""What became of an announcement: for everybody together, by cell and by channel; and who is left to be telephoned.

What is in the outbox tells of itself; who was passed over, and who has not had their turn yet, stand among the
recipients. So the parts always sum to the audience.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Column, ColumnElement, and_, func, literal_column, select, union_all

from storage.database import Rows, Unit
from storage.domain.announcements import State
from storage.mass_sends import LET_GO
from storage.mass_sends import State as MassState
from storage.tables import announcement_recipients as recipients
from storage.tables import announcements, mass_results, mass_sends, messages, outbox, people

_Key = TypeVar("_Key")

# Written out, not bound: only so does SQLite use the partial indexes.
_NOTHING: ColumnElement[str] = literal_column("''")
_IS_SKIPPED = recipients.c.skipped != _NOTHING
_IS_TO_COME = recipients.c.message_id.is_(None) & (recipients.c.skipped == _NOTHING)
_IS_OPENED = recipients.c.opened_at.is_not(None)
_NOT_REACHED = ("held", "failed")
_MEANT = ("stopped", "forgotten", "merged")  # failures that nobody wants to be made up for


@dataclass(slots=True)
class Totals:
    """How many people. `waiting`: it is on its way; `massed`: by one call to many; `held`: until they are there again;
    `failed` and `skipped`: by reason. `opened`, of all of these: who looked into it, as far as we can tell."""

    audience: int = 0
    sent: int = 0
    opened: int = 0
    waiting: int = 0
    held: int = 0
    failed: dict[str, int] = field(default_factory=dict)
    skipped: dict[str, int] = field(default_factory=dict)
    massed: int = 0

    @property
    def sums_up(self) -> bool:
        """Whether each of the audience is in one of the parts."""
        parts = self.sent + self.waiting + self.massed + self.held
        return parts + sum(self.failed.values()) + sum(self.skipped.values()) == self.audience


class Telephone(NamedTuple):
    """Who is to be called, as it did not reach them. `why` is a failure of the outbox, or "nowhere"."""

    person: int
    name: str
    telephone: str
    why: str


class MassSend(NamedTuple):
    """One call to many people: what became of it, and how many the platform says it reached; None where it has not said
    so."""

    people: int
    state: MassState
    became: str
    called_at: datetime | None
    total: int | None
    filtered: int | None
    sent: int | None
    failed: int | None


class _Count(NamedTuple):
    """`became` is a state of the outbox, skipped or opened; `why`: what failed, or why it was skipped."""

    channel: str
    cell_id: int | None
    became: str
    why: str
    people: int


class AnnouncementReports:
    """Whose names are read is noted in `shown`."""

    def __init__(self, unit: Unit, shown: set[int] | None = None) -> None:
        self._unit = unit
        self._shown = set() if shown is None else shown

    def totals(self, number: int) -> Totals:
        """Of everybody; the audience is counted by itself."""
        totals = self._summed(number, lambda _: None).get(None, Totals())
        whole = select(func.count()).select_from(recipients).where(recipients.c.announcement_id == number)
        totals.audience = self._unit.read(whole).scalar_one()
        return totals

    def by_cell(self, number: int) -> dict[int | None, Totals]:
        """By the cell in which people lived when it began; None: in no cell."""
        return self._summed(number, lambda count: count.cell_id)

    def by_channel(self, number: int) -> dict[str, Totals]:
        """By channel; the empty one: nowhere."""
        return self._summed(number, lambda count: count.channel)

    def _summed(self, number: int, key: Callable[[_Count], _Key]) -> dict[_Key, Totals]:
        found: dict[_Key, Totals] = {}
        for count in self._counts(number):
            _add(found.setdefault(key(count), Totals()), count)
        return found

    def _counts(self, number: int) -> Iterator[_Count]:
        """Ordered as the indexes are, so that nothing is sorted."""
        mine, place = outbox.c.announcement_id == number, (outbox.c.channel, outbox.c.cell_id)
        sent = select(*place, outbox.c.state, outbox.c.failure, func.count()).where(mine)
        yield from (_Count(*row) for row in self._unit.read(sent.group_by(outbox.c.state, *place, outbox.c.failure)))
        to_come = ("failed", "stopped") if self._is_stopped(number) else ("waiting", "")
        for channel, cell, count in self._among(number, _IS_TO_COME):
            yield _Count(channel, cell, *to_come, count)
        for why, channel, cell, count in self._among(number, _IS_SKIPPED, recipients.c.skipped):
            yield _Count(channel, cell, "skipped", why, count)
        for channel, cell, count in self._among(number, _IS_OPENED):
            yield _Count(channel, cell, "opened", "", count)

    def _among(self, number: int, condition: ColumnElement[bool], *more: Column[Any]) -> Rows:
        columns = (*more, recipients.c.channel, recipients.c.cell_id)
        counted = select(*columns, func.count()).where(recipients.c.announcement_id == number, condition)
        return self._unit.read(counted.group_by(*columns))

    def _is_stopped(self, number: int) -> bool:
        state = select(announcements.c.state).where(announcements.c.id == number)
        return self._unit.read(state).scalar() in (State.STOPPING, State.STOPPED)

    def mass_sends(self, number: int) -> list[MassSend]:
        """Those that were called for, or are to be, in order."""
        told = mass_results.c.total, mass_results.c.filtered, mass_results.c.sent, mass_results.c.failed
        its = mass_sends.c.people, mass_sends.c.state, mass_sends.c.became, mass_sends.c.called_at
        known = and_(mass_results.c.number == mass_sends.c.number, mass_results.c.channel == mass_sends.c.channel)
        found = select(*its, *told).outerjoin(mass_results, known).where(mass_sends.c.became != LET_GO)
        rows = self._unit.read(found.where(mass_sends.c.announcement_id == number).order_by(mass_sends.c.id))
        return [MassSend(row[0], MassState(row[1]), *row[2:]) for row in rows]

    # --- who is left

    def telephones(self, number: int, after: int = 0, limit: int = 1_000) -> list[Telephone]:
        """Those whom it was to reach and did not, in the order of their ids, from behind the person `after` on.

        Who wants no notices is left alone, and so is everybody where it was stopped.
        """
        nowhere = (
            select(recipients.c.person_id, recipients.c.skipped.label("why"))
            .where(recipients.c.announcement_id == number, recipients.c.person_id > after)
            .where(_IS_SKIPPED, recipients.c.skipped == "nowhere")
        )
        in_vain = (
            select(messages.c.person_id, outbox.c.failure)
            .join(messages, messages.c.id == outbox.c.message_id)
            .where(outbox.c.announcement_id == number, messages.c.person_id > after)
            .where(outbox.c.state.in_(_NOT_REACHED), outbox.c.failure.not_in(_MEANT))
        )
        left = union_all(nowhere, in_vain).order_by("person_id").limit(limit).subquery("page")
        rows = self._unit.read(
            select(left.c.person_id, people.c.name, people.c.telephone, left.c.why)
            .join(people, people.c.id == left.c.person_id)
            .order_by(left.c.person_id)
        ).all()
        self._shown.update(row.person_id for row in rows)
        return [Telephone(*row) for row in rows]


def _add(totals: Totals, count: _Count) -> None:
    if count.became == "opened":  # they are among the others, too
        totals.opened += count.people
        return
    totals.audience += count.people
    match count.became:
        case "sent":
            totals.sent += count.people
        case "held":
            totals.held += count.people
        case "massed":
            totals.massed += count.people
        case "failed":
            totals.failed[count.why] = totals.failed.get(count.why, 0) + count.people
        case "skipped":
            totals.skipped[count.why] = totals.skipped.get(count.why, 0) + count.people
        case _:  # waiting or paused
            totals.waiting += count.people
