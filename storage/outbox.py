"""The one way out: rows that wait, who may send them, and what became of each.

A chat is leased as a whole, and one row of it at a time is claimed: so its messages keep their order, two replicas
never write to it at once, and what is urgent overtakes at every step. With the lease comes the moment at which the
row may leave: it is drawn from the channel's own clock in the database, so that a platform's limit holds for all
replicas together.
"""

import sys
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import chain
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    ScalarSelect,
    and_,
    bindparam,
    case,
    func,
    literal_column,
    null,
    or_,
    select,
    update,
)

from storage.among import among
from storage.chat_leases import OF_CLAIM, RELEASE, is_leased, lease_chats
from storage.consents import Consents
from storage.database import AnyRow, Unit
from storage.holders import new_token
from storage.outbox_states import (
    AWAITS_CONTACT,
    IS_UNSETTLED,
    KEPT,
    PROMPT,
    REVIVED,
    WAITING,
    is_in,
    is_unsettled,
    may_leave,
)
from storage.paces import Paces
from storage.push_windows import Opened, PushWindows
from storage.tables import accounts, attachments, leases, messages, outbox
from storage.texts import SAID
from storage.waiting import MOST, Carried, carried, waiting

# Moments are drawn no earlier, so that what is urgent never waits behind many drawn before.
AHEAD = timedelta(seconds=2)


class Edited(NamedTuple):
    """A message of ours whose place another one takes: the platform's name of it, and whether a file came with it."""

    message_id: int
    platform_id: str
    has_file: bool


@dataclass(frozen=True, slots=True)
class Held:
    """A row that is in somebody's hands, under the lease `token`."""

    message_id: int
    account_id: int
    token: str


@dataclass(frozen=True, slots=True)
class Claimed(Held):
    """One row to be sent not before `at`; through a `window`, on a channel that has such and where one is open.

    `notice`: what may be told of it where it cannot be pushed, `consents` the templates for which that is allowed.
    `following`: what waits behind it, where that is more than the window has room for.
    """

    channel: str
    external_id: str
    address: str
    text: str
    choices: list[list[str]] | None
    attachment_id: int | None
    attempts: int
    at: datetime
    edits: Edited | None = None
    notice: Mapping[str, Any] | None = None
    window: Opened | None = None
    consents: Collection[str] = ()
    following: tuple[Carried, ...] = ()


@dataclass(frozen=True, slots=True)
class Claim:
    """The most urgent row of each chat that was leased. `again_at`: when there may be more to claim; None: not before
    something happens. `is_paused`: the channel pauses until then."""

    rows: list[Claimed]
    again_at: datetime | None
    is_paused: bool = False


class Settled(NamedTuple):
    """What became of a claimed row.

    `state` is sent, waiting (again at `due_at`), held (until the person is there again) or failed. `used`: so many of
    the row's window.
    """

    row: Held
    state: str
    due_at: datetime | None = None
    platform_id: str = ""
    failure: str = ""
    used: int = 0


_its, _earlier = outbox.alias("its"), outbox.alias("earlier")


def _first_of_chat(*conditions: ColumnElement[bool]) -> ScalarSelect[int]:
    return (
        select(_its.c.message_id)
        .where(_its.c.account_id == outbox.c.account_id, is_unsettled(_its), may_leave(_its), *conditions)
        .order_by(_its.c.priority, _its.c.message_id)
        .limit(1)
        .scalar_subquery()
    )


# What a chat is claimed for. A row that waits for its next try keeps the later ones of its chat behind it. Not said as
# "waiting", lest PostgreSQL take the index of all that waits in place of the chat's own.
_FIRST_WAITING = _first_of_chat(_its.c.state != literal_column("'held'"))
# What is sent then: what was held before goes first, if its person is there now. Else all is held again.
_FIRST_OF_CHAT = _first_of_chat()
# On a channel with windows, only through one of these. To whom none is open, of what waits may be told.
_FIRST_THROUGH_WINDOWS = case((among(outbox.c.account_id, "opened"), _FIRST_OF_CHAT), else_=_FIRST_WAITING)
_IS_DUE = outbox.c.due_at <= bindparam("now", type_=outbox.c.due_at.type)
_URGENCY = (outbox.c.priority, outbox.c.due_at)  # as the index has them, so that a large audience is not sorted
_DUE = (
    select(outbox.c.account_id)
    .where(
        is_in("waiting"),
        outbox.c.channel == bindparam("channel"),
        _IS_DUE,
        ~is_leased(outbox.c.account_id),
        outbox.c.message_id == _FIRST_WAITING,
    )
    .order_by(*_URGENCY)
    .limit(bindparam("limit"))
)
_OF_CHATS = (
    select(
        outbox.c.message_id,
        outbox.c.account_id,
        outbox.c.channel,
        accounts.c.external_id,
        accounts.c.address,
        SAID,
        messages.c.choices,
        attachments.c.id,
        outbox.c.attempts,
        messages.c.edits_id,
        _earlier.c.platform_id,
        outbox.c.notice,
    )
    .join(messages, messages.c.id == outbox.c.message_id)
    .join(accounts, accounts.c.id == outbox.c.account_id)
    .outerjoin(attachments, attachments.c.message_id == messages.c.id)
    .outerjoin(_earlier, _earlier.c.message_id == messages.c.edits_id)
    .join(leases, (leases.c.account_id == outbox.c.account_id) & (leases.c.token == bindparam("lease")))
    .where(IS_UNSETTLED, among(outbox.c.account_id, "accounts"))
    .where(or_(is_in("held"), _IS_DUE))
    .order_by(*_URGENCY, outbox.c.message_id)  # of what fell due at one moment, the older first
)
_ROWS = _OF_CHATS.where(outbox.c.message_id == _FIRST_OF_CHAT)
_ROWS_THROUGH_WINDOWS = _OF_CHATS.where(outbox.c.message_id == _FIRST_THROUGH_WINDOWS)
_WITH_FILES = select(attachments.c.message_id).where(among(attachments.c.message_id, "messages"))
_new_state = bindparam("new_state", type_=outbox.c.state.type)
_why = bindparam("why", type_=outbox.c.failure.type)
_platform_id = bindparam("platform", type_=outbox.c.platform_id.type)
# What was in hand while its announcement was paused or stopped, or its person forgotten, does not wait again.
_STAYS = or_(
    and_(outbox.c.state == literal_column("'failed'"), _new_state != literal_column("'sent'")),
    and_(outbox.c.state == literal_column("'paused'"), _new_state == literal_column("'waiting'")),
)
_SETTLE = (
    update(outbox)
    # Under the claim's token only: who lost the lease no longer decides.
    .where(outbox.c.message_id == bindparam("row"), select(leases.c.token).where(*OF_CLAIM).exists())
    .values(
        state=case((_STAYS, outbox.c.state), else_=_new_state),
        due_at=func.coalesce(bindparam("due", type_=outbox.c.due_at.type), outbox.c.due_at),
        attempts=outbox.c.attempts + 1,
        settled_at=case((_STAYS, outbox.c.settled_at), else_=bindparam("settled", type_=outbox.c.settled_at.type)),
        platform_id=func.coalesce(func.nullif(_platform_id, ""), outbox.c.platform_id),  # what was edited keeps its own
        failure=case((_STAYS, outbox.c.failure), else_=_why),
        notice=case((_new_state == literal_column("'waiting'"), outbox.c.notice), else_=null()),
    )
)
_REST = update(leases).where(*OF_CLAIM).values(until=bindparam("rests_until", type_=leases.c.until.type))


class Outbox:
    def __init__(self, unit: Unit, now: datetime) -> None:
        self._unit, self.now = unit, now

    # --- claiming

    def claim(
        self,
        channel: str,
        limit: int,
        lease: timedelta,
        interval: float = 0.0,
        holder: str = "",
        *,
        windows: bool = False,
    ) -> Claim:
        """Lease chats of a channel that nobody else has, the most urgent first, and give what is to be sent to each.

        `interval` is the least time in seconds between two messages of the channel, `holder` who claims (see
        storage.holders); `windows`: what is sent leaves through windows (see storage.push_windows).
        """
        token = new_token(holder)
        leased = self._lease(channel, limit, token, lease)
        if not leased:
            return Claim([], None)
        opened = PushWindows(self._unit, self.now).of(leased) if windows else {}
        statement, through = (_ROWS_THROUGH_WINDOWS, {"opened": sorted(opened)}) if windows else (_ROWS, {})
        given = {"accounts": list(leased), "lease": token, "now": self.now}
        rows = self._unit.read(statement, {**given, **through}).all()
        with_files = self._with_files({row[9] for row in rows if row[9] is not None})
        step = timedelta(seconds=interval)
        paces = Paces(self._unit, self.now)
        first, paused_until = paces.of(channel) if step else (self.now, self.now)
        fitting = min(len(rows), self._fitting(first, paused_until, step))
        if idle := set(leased) - {row[1] for row in rows[:fitting]}:
            self._unit.later(RELEASE, *({"account": account, "lease": token} for account in sorted(idle)))
        claimed = [
            _claimed(row, first + step * position, token, with_files, next(iter(opened.get(row[1], ())), None))
            for position, row in enumerate(rows[:fitting])
        ]
        if windows:
            claimed = self._with_following(self._with_consents(claimed), opened)
        if paused_until > self.now:
            return Claim([], paused_until, is_paused=True)
        following = first + step * fitting
        if step and fitting:
            paces.go_on(channel, following)
        if fitting < len(rows):
            return Claim(claimed, following - AHEAD)
        return Claim(claimed, None if len(rows) == len(leased) < limit else self.now)

    def _lease(self, channel: str, limit: int, token: str, lease: timedelta) -> Sequence[int]:
        """Chats that have something to be sent, and are now ours."""
        taken = {"channel": channel, "limit": limit, "lease": token, "until": self.now + lease, "now": self.now}
        return self._unit.write(lease_chats(self._unit.dialect, _DUE), taken).scalars().all()

    def _with_consents(self, rows: Sequence[Claimed]) -> list[Claimed]:
        consents = Consents(self._unit).of([row.account_id for row in rows if row.notice])
        return [replace(row, consents=consents[row.account_id]) if row.account_id in consents else row for row in rows]

    def _with_following(self, rows: Sequence[Claimed], opened: Mapping[int, Sequence[Opened]]) -> list[Claimed]:
        """Where more waits for somebody than all of their windows have room for."""
        waits = waiting(self._unit, self.now, [row.account_id for row in rows if row.window])
        behind = {
            row.message_id: [number for number in waits[row.account_id] if number != row.message_id][: MOST - 1]
            for row in rows
            if row.window and len(waits[row.account_id]) > sum(one.room for one in opened[row.account_id])
        }
        said = carried(self._unit, chain.from_iterable(behind.values()))
        return [
            replace(row, following=tuple(said[number] for number in behind.get(row.message_id, ()))) for row in rows
        ]

    def _with_files(self, message_ids: Collection[int]) -> set[int]:
        """Those of messages that a file came with."""
        if not message_ids:
            return set()
        given = {"messages": sorted(message_ids)}
        return set(self._unit.read(_WITH_FILES, given).scalars())

    def _fitting(self, first: datetime, paused_until: datetime, step: timedelta) -> int:
        """How many moments there are from the first one on."""
        if paused_until > self.now:
            return 0
        ahead = self.now + AHEAD - first
        return max(0, ahead // step + 1) if step else sys.maxsize

    # --- settling

    def holds(self, row: Claimed) -> bool:
        """Whether the chat is still leased by the row's claim."""
        mine = leases.c.account_id == row.account_id, leases.c.token == row.token
        return self._unit.read(select(leases.c.token).where(*mine)).first() is not None

    def settle(self, settled: Sequence[Settled]) -> None:
        """Record outcomes. A row whose lease was lost in the meantime stays as the new holder has it."""
        self._unit.later(_SETTLE, *(self._outcome(one) for one in settled))
        through = [(one.row.window, one.used) for one in settled if isinstance(one.row, Claimed) and one.used]
        PushWindows(self._unit, self.now).use([(window, used) for window, used in through if window])

    def _outcome(self, one: Settled) -> dict[str, Any]:
        return {
            "row": one.row.message_id,
            "account": one.row.account_id,
            "lease": one.row.token,
            "new_state": one.state,
            "due": one.due_at,
            "settled": self.now if one.state in ("sent", "failed") else None,
            "platform": one.platform_id[:100],
            "why": one.failure[:40],
        }

    def release(self, rows: Sequence[Held]) -> None:
        """Give the chats of claimed rows back."""
        self._unit.later(RELEASE, *(_lease_of(row) for row in rows))

    def rest(self, rows: Sequence[tuple[Claimed, datetime]]) -> None:
        """Give the chats of claimed rows back at a later moment; nobody writes to them until then."""
        self._unit.later(_REST, *({**_lease_of(row), "rests_until": until} for row, until in rows))

    # --- holding

    def keeps(self, account_id: int) -> list[list[list[str]] | None]:
        """What is kept until its person is there, other than announcements: the choices of each, None: it has none."""
        kept = select(messages.c.choices).join(outbox, outbox.c.message_id == messages.c.id)
        mine = kept.where(outbox.c.account_id == account_id, KEPT, outbox.c.priority <= PROMPT)
        return list(self._unit.read(mine).scalars())

    def hold(self, account_id: int, failure: str) -> None:
        """Keep everything for a chat until its person is there again; what may be told of before is still tried, if
        that is what the person is awaited for."""
        rows = update(outbox).where(outbox.c.account_id == account_id, WAITING)
        if failure == AWAITS_CONTACT:
            rows = rows.where(outbox.c.notice.is_(None))
        self._unit.write(rows.values(state="held", failure=failure[:40]))

    def revive(self, channel: str, external_ids: Sequence[str]) -> list[tuple[str, int]]:
        """Let go what was held for these people, or was to be told of later; gives (channel, account id)."""
        theirs = select(accounts.c.id).where(accounts.c.channel == channel, accounts.c.external_id.in_(external_ids))
        held = self._unit.read(select(outbox.c.account_id).where(outbox.c.account_id.in_(theirs), KEPT).distinct())
        found = sorted(held.scalars())
        if found:
            revived = update(outbox).where(outbox.c.account_id.in_(found), KEPT)
            self._unit.write(revived.values(**REVIVED, due_at=self.now))
        return [(channel, account) for account in found]


def _lease_of(row: Held) -> dict[str, Any]:
    return {"account": row.account_id, "lease": row.token}


def _claimed(row: AnyRow, at: datetime, token: str, with_files: Collection[int], window: Opened | None) -> Claimed:
    message_id, account_id, channel, external_id, address, words, choices, file, attempts, *about, notice = row
    edits, platform_id = about
    edited = None if edits is None else Edited(edits, platform_id or "", edits in with_files)
    sent = message_id, account_id, token, channel, external_id, address, words, choices, file, attempts, at, edited
    return Claimed(*sent, notice, window)
