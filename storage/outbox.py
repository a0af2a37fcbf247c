"""The one way out: rows that wait, who may send them, and what became of each.

A chat is leased as a whole, so its messages keep their order and two replicas never write to it at once. With
the lease come the moments at which each row may leave: they are drawn from the channel's own clock in the
database, so that a platform's limit holds for all replicas together.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from storage.database import AnyRow, Unit
from storage.tables import accounts, attachments, leases, messages, outbox, paces

ROWS_A_CLAIM = 8  # of one chat; the rest waits for the next claim, behind what is more urgent by then


@dataclass(frozen=True, slots=True)
class Claimed:
    """One row to be sent not before `at`, under the lease `token`."""

    id: int
    message_id: int
    account_id: int
    channel: str
    address: str
    text: str
    choices: list[list[str]] | None
    attachment_id: int | None
    attempts: int
    at: datetime
    token: str


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of a claimed row.

    `state` is sent, waiting (again at `due_at`), held (until the person writes) or failed.
    """

    row: Claimed
    state: str
    due_at: datetime | None = None
    platform_id: str = ""
    failure: str = ""


_WAITING = (
    select(
        outbox.c.id,
        outbox.c.message_id,
        outbox.c.account_id,
        outbox.c.channel,
        accounts.c.address,
        messages.c.text,
        messages.c.choices,
        attachments.c.id,
        outbox.c.attempts,
        outbox.c.due_at,
    )
    .join(messages, messages.c.id == outbox.c.message_id)
    .join(accounts, accounts.c.id == outbox.c.account_id)
    .outerjoin(attachments, and_(attachments.c.message_id == messages.c.id, attachments.c.recipe.is_not(None)))
    .where(outbox.c.state == "waiting", outbox.c.account_id.in_(bindparam("accounts", expanding=True)))
    .order_by(outbox.c.account_id, outbox.c.priority, outbox.c.id)
)
_SETTLE = (
    update(outbox)
    .where(
        outbox.c.id == bindparam("row"),
        # Under the claim's token only: who lost the lease no longer decides.
        select(leases.c.token)
        .where(leases.c.account_id == bindparam("account"), leases.c.token == bindparam("lease"))
        .exists(),
    )
    .values(
        state=bindparam("new_state"),
        due_at=func.coalesce(bindparam("due", type_=outbox.c.due_at.type), outbox.c.due_at),
        attempts=outbox.c.attempts + 1,
        settled_at=bindparam("settled", type_=outbox.c.settled_at.type),
        platform_id=bindparam("platform"),
        failure=bindparam("why"),
    )
)


class Outbox:
    def __init__(self, unit: Unit, now: datetime) -> None:
        self._unit, self._now = unit, now

    def claim(self, account_ids: Sequence[int], lease: timedelta, interval: dict[str, float]) -> list[Claimed]:
        """Lease those chats that nobody else has, and give what may be sent to them, most urgent first.

        `interval` is the least time in seconds between two messages of a channel. A chat without a row due is
        not leased for long: `release` it like the others.
        """
        token = str(uuid.uuid4())
        held = self._lease(account_ids, token, lease)
        if not held:
            return []
        rows: list[Any] = []
        counts: dict[int, int] = {}
        blocked: set[int] = set()
        for row in self._unit.read(_WAITING, {"accounts": held}):
            account = row[2]
            # A row that waits for its next try keeps the later ones of its chat behind it.
            if account in blocked or counts.get(account, 0) >= ROWS_A_CLAIM:
                continue
            if row[9] > self._now:
                blocked.add(account)
                continue
            counts[account] = counts.get(account, 0) + 1
            rows.append(row)
        if idle := [account for account in held if account not in counts]:
            self.release([(account, token) for account in idle])
        moments = self._moments(rows, interval)
        return [_claimed(row, moment, token) for row, moment in zip(rows, moments, strict=True)]

    def _lease(self, account_ids: Sequence[int], token: str, lease: timedelta) -> list[int]:
        dialect = sqlite if self._unit.dialect == "sqlite" else postgresql
        statement = dialect.insert(leases)
        statement = statement.on_conflict_do_update(
            index_elements=["account_id"],
            set_={"token": statement.excluded.token, "until": statement.excluded.until},
            where=leases.c.until < self._now,
        ).returning(leases.c.account_id)
        until = self._now + lease
        rows = [{"account_id": one, "token": token, "until": until} for one in sorted(set(account_ids))]
        return list(self._unit.write(statement, rows).scalars()) if rows else []

    def _moments(self, rows: Sequence[Any], interval: dict[str, float]) -> list[datetime]:
        """When each row may leave: one after another at the channel's pace, never before its pause is over."""
        starts: dict[str, datetime] = {}
        for channel in sorted({row[3] for row in rows}):
            count = sum(row[3] == channel for row in rows)
            starts[channel] = self._reserve(channel, count, interval.get(channel, 0.0))
        moments = []
        for row in rows:
            moments.append(starts[row[3]])
            starts[row[3]] += timedelta(seconds=interval.get(row[3], 0.0))
        return moments

    def _reserve(self, channel: str, count: int, interval: float) -> datetime:
        """Take `count` moments of a channel and give the first."""
        if not interval:
            return self._now
        row = self._unit.read(
            select(paces.c.next_at, paces.c.paused_until).where(paces.c.channel == channel).with_for_update()
        ).first()
        first: datetime = max(filter(None, (self._now, *(row or ()))))
        self._pace(channel, next_at=first + timedelta(seconds=interval * count))
        return first

    def pause(self, channel: str, until: datetime, fault: str = "") -> None:
        """Nothing leaves by this channel until then, from no replica."""
        self._pace(channel, paused_until=until, fault=fault)

    def _pace(self, channel: str, **values: Any) -> None:
        dialect = sqlite if self._unit.dialect == "sqlite" else postgresql
        self._unit.write(
            dialect.insert(paces)
            .values({"channel": channel, "next_at": self._now, **values})
            .on_conflict_do_update(index_elements=["channel"], set_=values)
        )

    def settle(self, settled: Sequence[Settled]) -> None:
        """Record outcomes. A row whose lease was lost in the meantime stays as the new holder has it."""
        if settled:
            self._unit.write(_SETTLE, [self._outcome(one) for one in settled])

    def _outcome(self, one: Settled) -> dict[str, Any]:
        return {
            "row": one.row.id,
            "account": one.row.account_id,
            "lease": one.row.token,
            "new_state": one.state,
            "due": one.due_at,
            "settled": self._now if one.state in ("sent", "failed") else None,
            "platform": one.platform_id,
            "why": one.failure,
        }

    def hold(self, account_id: int, failure: str) -> None:
        """Keep everything for a chat until its person writes again."""
        self._unit.write(
            update(outbox)
            .where(outbox.c.account_id == account_id, outbox.c.state == "waiting")
            .values(state="held", failure=failure)
        )

    def revive(self, channel: str, external_ids: Sequence[str]) -> list[tuple[str, int]]:
        """Let go what was held for these people because they were absent; gives (channel, account id)."""
        theirs = select(accounts.c.id).where(accounts.c.channel == channel, accounts.c.external_id.in_(external_ids))
        held = self._unit.read(
            select(outbox.c.account_id).where(outbox.c.state == "held", outbox.c.account_id.in_(theirs)).distinct()
        ).scalars()
        found = sorted(held)
        if found:
            self._unit.write(
                update(outbox)
                .where(outbox.c.account_id.in_(found), outbox.c.state == "held")
                .values(state="waiting", due_at=self._now, failure="")
            )
        return [(channel, account) for account in found]

    def release(self, held: Sequence[tuple[int, str]]) -> None:
        """Give chats back: (account id, token)."""
        if held:
            statement = delete(leases).where(
                leases.c.account_id == bindparam("account"), leases.c.token == bindparam("lease")
            )
            self._unit.write(statement, [{"account": account, "lease": token} for account, token in held])

    def due(self, channels: Sequence[str], limit: int) -> list[tuple[str, int]]:
        """Chats with something due and without a live lease, the most urgent first: (channel, account id)."""
        free: ColumnElement[bool] = (
            ~select(leases.c.account_id)
            .where(leases.c.account_id == outbox.c.account_id, leases.c.until >= self._now)
            .exists()
        )
        rows = self._unit.read(
            select(outbox.c.channel, outbox.c.account_id)
            .where(outbox.c.state == "waiting", outbox.c.channel.in_(channels), outbox.c.due_at <= self._now, free)
            .order_by(outbox.c.priority, outbox.c.due_at)
            .limit(limit)
        )
        return list(dict.fromkeys((channel, account) for channel, account in rows))


def _claimed(row: AnyRow, at: datetime, token: str) -> Claimed:
    row_id, message_id, account_id, channel, address, words, choices, attachment_id, attempts, _ = row
    return Claimed(
        row_id, message_id, account_id, channel, address, words, choices, attachment_id, attempts, at, token
    )
