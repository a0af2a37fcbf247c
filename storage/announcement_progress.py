"""How far an announcement is, and the message that tells its author so and changes as it goes on."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, ColumnElement, func, literal_column, select, update

from storage.announcements import Announcement, Announcements
from storage.arrivals import Arrivals, Guest, Letter
from storage.database import Unit
from storage.domain.announcements import RUNNING, State
from storage.mass_sends import LET_GO, SENT
from storage.mass_sends import State as MassState
from storage.tables import announcement_recipients as recipients
from storage.tables import announcements, mass_sends, messages, outbox

EVERY = timedelta(seconds=10)
SOON = timedelta(seconds=1)
COUNTED_AT_ONCE = 10_000  # people; of more nobody waits for the count
PRIORITY = 1  # before the announcement that it tells of


@dataclass(frozen=True, slots=True)
class Progress:
    """How many people. `left`: by channel, who have not had their turn; `held`: for whom it waits until they are there
    again; `massed`: to whom it goes by one call, for which `asked` of them the platform has already; `failed` and
    `skipped`: by reason. `not_massed`: for whom such a call was in vain, by what it became; they are among the
    others."""

    number: int
    state: State
    sent: int = 0
    left: Mapping[str, int] = field(default_factory=dict)
    held: int = 0
    failed: Mapping[str, int] = field(default_factory=dict)
    skipped: Mapping[str, int] = field(default_factory=dict)
    massed: int = 0
    asked: int = 0
    not_massed: Mapping[str, int] = field(default_factory=dict)

    @property
    def waiting(self) -> int:
        return sum(self.left.values())

    @property
    def audience(self) -> int:
        """As far as it is written down."""
        known = self.sent + self.waiting + self.held + self.massed
        return known + sum(self.failed.values()) + sum(self.skipped.values())

    @property
    def is_running(self) -> bool:
        return self.state in RUNNING

    def seconds_left(self, channels: Mapping[str, float]) -> float | None:
        """Until everybody has had their turn, at so many messages a second on each channel; None: one is gone."""
        if not self.left.keys() <= channels.keys():
            return None
        return max((count / channels[channel] for channel, count in self.left.items()), default=0.0)

    def dump(self) -> dict[str, Any]:
        """As plain JSON, without what it is about."""
        kept = asdict(self)
        return {name: kept[name] for name in _COUNTS}


_COUNTS = ("sent", "left", "held", "failed", "skipped", "massed", "asked", "not_massed")

# What is said of it in a language.
Tell = Callable[[Announcement, Progress, str], str]

# Written out, not bound: only so does SQLite use the partial indexes.
_NOTHING: ColumnElement[str] = literal_column("''")
_IS_TO_COME = recipients.c.message_id.is_(None), recipients.c.skipped == _NOTHING


def progress_of(unit: Unit, number: int) -> Progress:
    """Counts all that there is: of a large audience to be asked beside the writer."""
    query = select(announcements.c.state).where(announcements.c.id == number)
    state = State(unit.read(query).scalar_one())
    mine, reason = outbox.c.announcement_id == number, (outbox.c.state, outbox.c.channel, outbox.c.failure)
    sent, held, massed, left, failed = 0, 0, 0, Counter[str](), Counter[str]()
    for became, channel, why, count in unit.read(select(*reason, func.count()).where(mine).group_by(*reason)):
        match became:
            case "sent":
                sent += count
            case "held":
                held += count
            case "massed":
                massed += count
            case "failed":
                failed[why] += count
            case _:
                left[channel] += count
    to_come = _counted(unit, number, recipients.c.channel, *_IS_TO_COME)
    if state in (State.STOPPING, State.STOPPED):
        failed.update({"stopped": sum(to_come.values())} if to_come else {})
    else:
        left.update(to_come)
    skipped = _counted(unit, number, recipients.c.skipped, recipients.c.skipped != _NOTHING)
    asked, in_vain = _masses(unit, number)
    return Progress(number, state, sent, dict(left), held, dict(failed), skipped, massed, asked, in_vain)


def progress_as_told(unit: Unit, number: int) -> Progress:
    """As it was told last, where that is known and it is for many; else counted."""
    query = select(announcements.c.state, announcements.c.progress).where(announcements.c.id == number)
    state, stored = unit.read(query).one()
    told = Progress(number, State(state), **(stored or {}))
    return told if told.audience > COUNTED_AT_ONCE else progress_of(unit, number)


def _masses(unit: Unit, number: int) -> tuple[int, dict[str, int]]:
    """How many people are in those that a platform has, and in those that were in vain."""
    its = mass_sends.c.state, mass_sends.c.became
    counted = select(*its, func.sum(mass_sends.c.people)).where(mass_sends.c.announcement_id == number).group_by(*its)
    rows = [tuple(row) for row in unit.read(counted)]
    asked = sum(people for state, _, people in rows if state in (MassState.CALLING, MassState.ASKED))
    return asked, {
        became: people for state, became, people in rows if state == MassState.CLOSED and became not in (SENT, LET_GO)
    }


def _counted(unit: Unit, number: int, by: Column[str], *conditions: ColumnElement[bool]) -> dict[str, int]:
    counted = select(by, func.count()).where(recipients.c.announcement_id == number, *conditions)
    return {row[0]: row[1] for row in unit.read(counted.group_by(by))}


class ProgressMessages:
    """One message to the author, that takes its own place as things go on, where its channel can change what was sent;
    elsewhere one when it begins, and one when it pauses or comes to its end."""

    def __init__(self, unit: Unit, now: datetime, records: Announcements) -> None:
        self._unit, self._now, self._records = unit, now, records

    def due(self) -> list[int]:
        """Of which announcements the author is to be told now."""
        is_due = announcements.c.progress_at.is_not(None), announcements.c.progress_at <= self._now
        return list(self._unit.read(select(announcements.c.id).where(*is_due)).scalars())

    def next_at(self) -> datetime | None:
        """When there is something to tell next."""
        is_wanted = announcements.c.progress_at.is_not(None)
        return self._unit.read(select(func.min(announcements.c.progress_at)).where(is_wanted)).scalar()

    def tell(self, of: Progress, tell: Tell, channels: Mapping[str, bool]) -> set[tuple[str, int]]:
        """Tell the author, unless another process just did; gives the (channel, account id) for which something waits
        now. `channels` are those that are set up, each with whether what was sent there can be changed."""
        mine = announcements.c.id == of.number
        still_due = announcements.c.progress_at <= self._now
        columns = announcements.c.state, announcements.c.progress_id
        query = select(*columns).where(mine, still_due).with_for_update(skip_locked=True)
        if (row := self._unit.read(query).first()) is None or (one := self._records.get(of.number)) is None:
            return set()
        goes_on = State(row.state) in RUNNING
        self._unit.write(update(announcements).where(mine).values(progress=of.dump()))
        found = Arrivals(self._unit, self._now).guests_of([one.author], channels).get(one.author)
        if found is None or found[0] not in channels:
            self._next(of.number, None)
            return set()
        channel, guest = found
        text = tell(one, of, guest.person.language)
        again = self._now + EVERY if goes_on and channels[channel] else None
        if row.progress_id is not None and channels[channel]:
            sent = outbox.c.message_id == row.progress_id, outbox.c.account_id == guest.account_id
            state = self._unit.read(select(outbox.c.state).where(*sent)).scalar()
            if state == "waiting":  # perhaps in somebody's hands: what it says now is changed when it was said
                self._next(of.number, self._now + SOON)
                return set()
            if state == "sent":
                self._next(of.number, again)
                return self._say_instead(row.progress_id, text, channel, guest)
        self._next(of.number, again, self._say(text, channel, guest))
        return {(channel, guest.account_id)}

    def _say(self, text: str, channel: str, guest: Guest) -> int:
        letter = Letter(channel, guest.account_id, guest.person.id, text, priority=PRIORITY)
        (message_id,) = Arrivals(self._unit, self._now).post([letter])
        return message_id

    def _say_instead(self, message_id: int, text: str, channel: str, guest: Guest) -> set[tuple[str, int]]:
        """The message takes its own place."""
        mine = messages.c.id == message_id, messages.c.text != text
        if not self._unit.write(update(messages).where(*mine).values(text=text, edits_id=message_id)).rowcount:
            return set()
        again = {"state": "waiting", "due_at": self._now, "attempts": 0, "failure": ""}
        self._unit.write(update(outbox).where(outbox.c.message_id == message_id).values(**again))
        return {(channel, guest.account_id)}

    def _next(self, number: int, at: datetime | None, message_id: int | None = None) -> None:
        told = {"progress_at": at} | ({} if message_id is None else {"progress_id": message_id})
        self._unit.write(update(announcements).where(announcements.c.id == number).values(**told))
