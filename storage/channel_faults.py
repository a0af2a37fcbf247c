"""Channels by which nothing leaves for a while, and that staff are told of it, once for each time that this happens.

A channel fails from its first send that is to be tried again until one goes through (bot.settling notes both). What is
over within minutes is told to nobody; what needs the administrator, at once.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import bindparam, literal_column, or_, select, update

from storage.arrivals import Arrivals, Letter
from storage.database import AnyRow, Unit
from storage.domain.roles import Role
from storage.mass_sends import MassSends, kind_of
from storage.paces import FORGOTTEN
from storage.tables import congresses, outbox, paces, roles

PATIENCE = timedelta(minutes=5)
AGAIN = timedelta(hours=1)  # at the earliest: a channel that comes and goes is not told of each time
TOLD_AT_ONCE = 100  # people of staff

# What is told of a channel: by its name, since when, in which time zone, and in which language.
Words = Callable[[str, datetime, str, str], str]


@dataclass(slots=True)
class Told:
    """`mail` are the (channel, account id) for which something waits now; `goes_on`: there are more to be told."""

    mail: set[tuple[str, int]] = field(default_factory=set)
    goes_on: bool = False


_OF = paces.c.channel == bindparam("of")
_HEALTH = select(paces).where(_OF)
_WORKS = (
    update(paces)
    .where(_OF, paces.c.failing_since.is_not(None))
    # What was in flight when the platform said that it takes no more says nothing of that.
    .where(or_(paces.c.paused_until.is_(None), paces.c.paused_until <= bindparam("now", type_=paces.c.failed_at.type)))
    .values(failing_since=None, fault="")
)
_FAILING = (
    select(paces)
    .where(or_(paces.c.failing_since.is_not(None), paces.c.told_to.is_not(None)))
    .order_by(paces.c.channel)
    .with_for_update(skip_locked=True)
)
_WAITS = (
    select(outbox.c.message_id)
    .where(outbox.c.channel == bindparam("of"), outbox.c.state == literal_column("'waiting'"))
    .limit(1)
)
_STAFF = (
    select(roles.c.person_id, congresses.c.timezone)
    .join(congresses, congresses.c.id == roles.c.congress_id)
    .where(roles.c.role == Role.STAFF, roles.c.revoked_at.is_(None), roles.c.person_id > bindparam("behind"))
    .order_by(roles.c.person_id, roles.c.id)
    .limit(TOLD_AT_ONCE)
)


class ChannelFaults:
    def __init__(self, unit: Unit, now: datetime) -> None:
        self._unit, self._now = unit, now

    def works(self, channel: str) -> None:
        """Something went through."""
        self._unit.later(_WORKS, {"of": channel, "now": self._now})

    def fails(self, channel: str) -> None:
        """Something is to be tried again."""
        row = self._unit.read(_HEALTH.with_for_update(), {"of": channel}).first()
        if row is None:
            return  # nothing that has a pace was ever sent by it
        lasts = row.failing_since is not None and self._now - _last(row) < FORGOTTEN
        since = row.failing_since if lasts else self._now
        self._note(channel, failing_since=since, failed_at=self._now)

    def tell(self, words: Words, channels: Collection[str]) -> Told:
        """Tell some of the staff of channels that fail; of `channels`, those that are set up, by one that works, where
        they have any such."""
        told = Told()
        rows = self._unit.read(_FAILING).all()
        working = set(channels) - {row.channel for row in rows if row.failing_since is not None}
        for row in rows:
            behind = self._behind(row)
            if behind is not None:
                behind = self._tell(row, behind, words, working, told)
                told.goes_on = told.goes_on or behind is not None
            if behind != row.told_to:
                self._note(row.channel, told_to=behind)
        return told

    def _behind(self, row: AnyRow) -> int | None:
        """The person behind whom to go on to tell of a channel; None where there is nothing to be told."""
        if row.failing_since is None:
            return None
        if row.told_to is not None:
            return int(row.told_to)
        lasts = row.fault or _last(row) - row.failing_since >= PATIENCE
        is_new = row.told_at is None or (row.told_at < row.failing_since and self._now - row.told_at >= AGAIN)
        if not (lasts and is_new) or not self._is_any_waiting(row.channel):
            return None
        self._note(row.channel, told_at=self._now)
        return 0

    def _is_any_waiting(self, channel: str) -> bool:
        name, _, kind = channel.partition(" ")
        if channel == kind_of(name):
            return MassSends(self._unit, self._now).is_any_waiting(name)
        # What one kind could not tell of, another may have told of: then it is held, and waits no more.
        return bool(kind) or self._unit.read(_WAITS, {"of": name}).first() is not None

    def _tell(self, row: AnyRow, behind: int, words: Words, working: Collection[str], told: Told) -> int | None:
        """Tell those who come next; gives the last one, or None when there are no more."""
        staff = self._unit.read(_STAFF, {"behind": behind}).all()
        zones = {one.person_id: one.timezone for one in reversed(staff)}
        arrivals, letters = Arrivals(self._unit, self._now), list[Letter]()
        for person_id, (channel, guest) in arrivals.guests_of(sorted(zones), working).items():
            text = words(row.channel, row.failing_since, zones[person_id], guest.person.language)
            letters.append(Letter(channel, guest.account_id, person_id, text, priority=1))
        arrivals.post(letters)
        told.mail |= {(letter.channel, letter.account_id) for letter in letters}
        return staff[-1].person_id if len(staff) == TOLD_AT_ONCE else None

    def _note(self, channel: str, **values: datetime | int | None) -> None:
        self._unit.write(update(paces).where(_OF).values(**values), {"of": channel})


def _last(row: AnyRow) -> datetime:
    """Until when a channel failed for certain."""
    known: Sequence[datetime | None] = (row.failing_since, row.failed_at, row.paused_until)
    return max(moment for moment in known if moment is not None)
