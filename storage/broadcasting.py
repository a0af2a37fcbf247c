"""How an announcement goes out: begun when it is due, its recipients written down, then put into the outbox little by
little, at any moment paused, gone on with or stopped.

All of that is done step by step, each a transaction that leaves behind where the next one goes on; whichever process
takes a step has locked what it is about, so that of several none does the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from math import inf
from typing import Any

from sqlalchemy import ColumnElement, bindparam, func, literal, literal_column, or_, select, update

from storage.announcement_mail import IS_URGENT, AnnouncementMail, quiet_until
from storage.announcement_progress import Progress, progress_as_told
from storage.announcements import Announcement, Announcements, NotAllowed
from storage.area_index import AreaIndex
from storage.audiences import Audiences
from storage.audit import Audit
from storage.database import AnyRow, Unit
from storage.domain.announcements import ACTIVE, RUNNING, Refusal, State, has_variables, may_follow
from storage.feeding import Feeding, Words
from storage.mass_gathering import Closed, MassGathering
from storage.mass_sends import LET_GO, SENT, UNSURE, tell_author
from storage.recipients import Recipients
from storage.tables import announcement_recipients, announcements, congresses

WINDOW = 20.0  # seconds of a channel's pace that wait in the outbox, of all announcements together
FEWEST, MOST = 100, 2_000  # that wait of one announcement on one channel
CHUNK = 200  # people a step
ROWS = 1_000  # of the outbox that a step sets back, lets go or crosses out
HELD_FOR = timedelta(days=14)  # then who is not there does not get it any more
AT_MOST = timedelta(seconds=1)  # between two looks at what goes on
AT_LEAST = timedelta(seconds=0.1)


@dataclass(frozen=True, slots=True)
class Stepped:
    """What came of a step. `again_at`: when there is more to do, so far as time alone brings it; None: not before
    somebody does something. `mail`: (channel, account id) for which something may leave now."""

    again_at: datetime | None
    mail: frozenset[tuple[str, int]] = frozenset()


_STATES: list[ColumnElement[str]] = [
    literal_column(f"'{state}'") for state in ("scheduled", "preparing", "sending", "paused", "stopping")
]
# Written out as in the condition of its index.
_IS_ACTIVE = announcements.c.state.in_(_STATES)
_ROW = (
    announcements.c.id,
    announcements.c.state,
    announcements.c.congress_id,
    announcements.c.started_at,
    announcements.c.prepared_to,
    announcements.c.corrects_id,
    congresses.c.name,
    congresses.c.timezone,
    congresses.c.rules,
    IS_URGENT.label("is_urgent"),
)
_GOING_ON = (
    select(*_ROW)
    .join(congresses, congresses.c.id == announcements.c.congress_id)
    .where(_IS_ACTIVE)
    .where(
        or_(
            announcements.c.state != State.SCHEDULED,
            announcements.c.send_at <= bindparam("now", type_=announcements.c.send_at.type),
        )
    )
    .order_by(announcements.c.id)
    .with_for_update(of=announcements, skip_locked=True)
)
_ONE = select(*_ROW).join(congresses, congresses.c.id == announcements.c.congress_id)
_NEXT_AT = select(func.min(announcements.c.send_at)).where(
    _IS_ACTIVE, announcements.c.state == literal_column("'scheduled'")
)
_IS_ANY_GOING_ON = (
    select(announcements.c.id).where(_IS_ACTIVE, announcements.c.state != literal_column("'scheduled'")).limit(1)
)


class Broadcasting:
    """Pausing, resuming and stopping raise NotAllowed where the state does not allow them."""

    def __init__(
        self,
        unit: Unit,
        now: datetime,
        records: Announcements,
        audiences: Audiences,
        audit: Audit,
        areas: AreaIndex,
        chunk: int = CHUNK,
    ) -> None:
        self._unit, self._now, self._records, self._audit, self._chunk = unit, now, records, audit, chunk
        self._recipients = Recipients(unit, now, audiences)
        self._feeding = Feeding(unit, now, audiences, areas)
        self._mail = AnnouncementMail(unit, now)
        self._masses = MassGathering(unit, now, audiences)

    # --- step by step

    def step(self, words: Words, channels: Mapping[str, float]) -> Stepped:
        """Do a little of whatever is due. `channels` are those that are set up, each with how many messages a second
        it takes."""
        going_on = self._unit.read(_GOING_ON, {"now": self._now}).all()
        in_state = {state: [one for one in going_on if one.state == state] for state in ACTIVE}
        sending, stopping = in_state[State.SENDING], in_state[State.STOPPING]
        if (
            any(map(self._start, in_state[State.SCHEDULED]))
            or any(map(self._set_back, in_state[State.PAUSED]))
            or any(map(self._let_go, sending))
        ):
            return Stepped(self._now)
        if (mail := self._feed(sending, words, channels)) is not None:
            return Stepped(self._now, mail)
        if (mail := self._mass(going_on, words, channels)) is not None:
            return Stepped(self._now, mail)
        if (
            any(map(self._cross_out, stopping))
            or any(map(self._prepare, in_state[State.PREPARING]))
            or any(self._finish(one, channels) for one in sending)
            or self._mail.expire(self._now - HELD_FOR, ROWS)
        ):
            return Stepped(self._now)
        return Stepped(self._again_at(channels))

    def _again_at(self, channels: Mapping[str, float]) -> datetime | None:
        """Also while another process is about it: it may die. Until the next chunk fits in."""
        if self._unit.read(_IS_ANY_GOING_ON).first() is None:
            return self._unit.read(_NEXT_AT).scalar()
        pace = max(channels.values(), default=1.0)
        return self._now + min(max(timedelta(seconds=self._chunk / pace / 2), AT_LEAST), AT_MOST)

    def _start(self, row: AnyRow) -> bool:
        """Its moment has come. What it corrects is stopped first."""
        one = self._whole(row.id)
        if one.corrects is not None:
            self._stop_corrected(one.corrects)
        self._recipients.begin(one)
        self._set(one.number, State.SCHEDULED, State.PREPARING, started_at=self._now, progress_at=None)
        return True

    def _stop_corrected(self, number: int) -> None:
        before = self._records.locked(number).state
        if before in RUNNING | {State.PAUSED, State.SCHEDULED} or self._mail.has(number, "waiting", "held", "paused"):
            self._set(number, before, State.STOPPING)

    def _prepare(self, row: AnyRow) -> bool:
        """Write some recipients down; of a correction only when it is known who got what it corrects."""
        if row.corrects_id is not None:
            corrected = select(announcements.c.state).where(announcements.c.id == row.corrects_id)
            if self._unit.read(corrected).scalar() == State.STOPPING:
                return False
        if not self._recipients.prepare(self._whole(row.id)):
            self._set(row.id, State.PREPARING, State.SENDING)
        return True

    def _let_go(self, row: AnyRow) -> bool:
        """While it is quiet what waits is set back; when that is over, let go."""
        change = self._mail.set_back if self._quiet_until(row) else self._mail.let_go
        return change(row.id, ROWS) > 0

    def _set_back(self, row: AnyRow) -> bool:
        return self._mail.set_back(row.id, ROWS) > 0

    def _cross_out(self, row: AnyRow) -> bool:
        if self._masses.let_go(row.id) or self._mail.cross_out(row.id, ROWS):
            return True
        # In somebody's hands, or in the platform's.
        if self._mail.has(row.id, "waiting", "held", "paused") or self._masses.is_open(row.id):
            return False
        at = literal(self._now, announcements.c.ended_at.type)
        self._set(row.id, State.STOPPING, State.STOPPED, ended_at=func.coalesce(announcements.c.ended_at, at))
        return True

    # --- feeding

    def _feed(
        self, sending: Sequence[AnyRow], words: Words, channels: Mapping[str, float]
    ) -> frozenset[tuple[str, int]] | None:
        """Give the announcement that has least in the outbox some more; None where all have enough, or nobody is left.

        So several take turns, however many people each is for.
        """
        missing: list[tuple[float, int, AnyRow, str]] = []
        awake = [one for one in sending if not self._quiet_until(one)]
        for one in awake:
            waiting = self._mail.waiting(one.id)
            for channel in self._feeding.channels(one.id):
                window = _window(channels.get(channel, 0.0), len(awake))
                room = window - waiting.get(channel, 0)
                if room >= min(self._chunk, max(1, window // 4)):
                    missing.append((-room / window, room, one, channel))
        for _, room, one, channel in sorted(missing, key=lambda found: (found[0], found[2].id, found[3])):
            fed = self._feeding.feed(self._whole(one.id), one.name, channel, min(room, self._chunk), words)
            if fed.people:
                return frozenset() if fed.account_id is None else frozenset({(channel, fed.account_id)})
        return None

    def _finish(self, row: AnyRow, channels: Mapping[str, float]) -> bool:
        """It has come to its end when everybody had their turn, and nothing waits but for people who are not there."""
        is_over = self._feeding.is_done(row.id) and not self._mail.has(row.id, "waiting", "paused")
        if is_over and not self._masses.is_open(row.id):
            self._set(row.id, State.SENDING, State.FINISHED, ended_at=self._now)
            return True
        return row.started_at < self._now - HELD_FOR and self._give_up(row.id, channels)

    def _give_up(self, number: int, channels: Mapping[str, float]) -> bool:
        """Nobody waits for ever for a channel that is not set up any more."""
        gone = [channel for channel in self._feeding.channels(number) if channel not in channels]
        if any(self._feeding.give_up(number, channel, self._chunk) for channel in gone):
            return True
        waiting = [channel for channel in self._mail.waiting(number) if channel not in channels]
        return any(self._mail.give_up(number, channel, ROWS) for channel in waiting)

    # --- to many at once

    def _mass(
        self, going_on: Sequence[AnyRow], words: Words, channels: Mapping[str, float]
    ) -> frozenset[tuple[str, int]] | None:
        """Put together, of what one waits with for people who are not there, what may go to many by one call; let go of
        what may not any more; tell what became of it. None: there is nothing to do."""
        for one in going_on:
            if closed := self._masses.settle(one.id, ROWS, is_stopping=one.state == State.STOPPING):
                return self._tell(one, closed, words, channels) if isinstance(closed, Closed) else frozenset()
            if one.state == State.SENDING and (self._no_more_masses(one, words) or self._gather(one, words)):
                return frozenset()
        return None

    def _no_more_masses(self, row: AnyRow, words: Words) -> bool:
        """Nobody waits for ever for what is not called for."""
        is_late = row.started_at < self._now - HELD_FOR
        return self._masses.let_go(row.id, *(() if is_late else words.masses))

    def _gather(self, row: AnyRow, words: Words) -> bool:
        """When everybody on a channel has had their turn; of one that says the same to all."""
        left = self._feeding.channels(row.id) if words.masses else ()
        for channel in words.masses:
            if channel in left or self._mail.has(row.id, "waiting", "paused", channel=channel):
                continue
            one = self._whole(row.id)
            if has_variables(one.content.title + one.content.text):
                return False
            if self._masses.gather(row.id, one.congress_id, channel, partial(words.to_all, one, row.name)):
                return True
        return False

    def _tell(
        self, row: AnyRow, closed: Closed, words: Words, channels: Mapping[str, float]
    ) -> frozenset[tuple[str, int]]:
        """Its author, why people wait on; of one that is stopped nobody does."""
        is_stopping = row.state == State.STOPPING and closed.became != UNSURE
        if closed.became in (SENT, LET_GO) or not closed.is_first or is_stopping:
            return frozenset()
        one = self._whole(row.id)
        told = tell_author(
            self._unit, self._now, row.id, channels, lambda language: words.not_massed(one, *closed[:2], language)
        )
        return frozenset(told)

    def beyond_recall(self, number: int) -> int:
        """How many people it goes to though it is stopped, as the platform has it already."""
        return self._masses.called(number)

    # --- what staff do

    def pause(self, number: int) -> None:
        """Nothing of it leaves any more, but for what is being sent in this moment, until it goes on."""
        before = self._records.locked(number).state
        self._check(may_follow(before, State.PAUSED))
        self._set(number, before, State.PAUSED)
        self._mail.set_back(number, ROWS)

    def resume(self, number: int) -> None:
        """Go on where it was paused."""
        self._check(self._records.locked(number).state is State.PAUSED)
        row = self._unit.read(_ONE.where(announcements.c.id == number)).one()
        self._set(number, State.PAUSED, State.SENDING if row.prepared_to is None else State.PREPARING)
        if not self._quiet_until(row):
            self._mail.let_go(number, ROWS)

    def stop(self, number: int) -> None:
        """Nothing of it leaves any more, but for what is being sent in this moment, ever."""
        before = self._records.locked(number).state
        self._check(may_follow(before, State.STOPPING))
        self._set(number, before, State.STOPPING)
        self._mail.cross_out(number, ROWS)

    def _check(self, is_allowed: bool) -> None:
        if not is_allowed:
            raise NotAllowed(Refusal.NOT_NOW)

    # --- what readers do

    def opened(self, number: int, person_id: int) -> bool:
        """Note that somebody looked into it; False where they had before, or it is not for them."""
        mine = announcement_recipients.c.announcement_id == number, announcement_recipients.c.person_id == person_id
        fresh = announcement_recipients.c.opened_at.is_(None)
        marked = update(announcement_recipients).where(*mine, fresh).values(opened_at=self._now)
        return self._unit.write(marked).rowcount > 0

    # --- what is known

    def progress(self, number: int) -> Progress:
        """How far it is; of one for very many, as its author was told last."""
        return progress_as_told(self._unit, number)

    def _whole(self, number: int) -> Announcement:
        found = self._records.get(number)
        assert found is not None  # noqa: S101  # its row is locked
        return found

    def _quiet_until(self, row: AnyRow) -> datetime | None:
        """When it may leave again; None: now."""
        return quiet_until(row, self._now)

    def _set(self, number: int, before: State, then: State, **values: Any) -> None:
        is_told = then is not State.STOPPING  # but of having stopped, as soon as nothing is in anybody's hands
        told = {"progress_at": self._now} if is_told else {}
        changed = update(announcements).where(announcements.c.id == number)
        self._unit.write(changed.values(state=then, **(told | values)))
        self._audit.record(then, "announcement", number, {"state": before}, {"state": then})


def _window(pace: float, running: int) -> int:
    """How many of one announcement may wait on a channel of which several draw; none on one that is not set up."""
    if not pace:
        return 0
    return max(FEWEST, int(min(pace * WINDOW, MOST) / running)) if pace != inf else MOST
