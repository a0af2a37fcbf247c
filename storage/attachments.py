"""Files that came with messages and files that go out: what is to be fetched, and what became of each.

A row that is fetched is leased; its outcome counts only while that very lease stands, which `Wanted.lease_until` tells.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, case, func, literal_column, or_, select, update

from storage.database import Unit
from storage.links import Target
from storage.tables import attachments, links, messages

ATTEMPTS = 8
FIRST_PAUSE = timedelta(seconds=10)
LONGEST_PAUSE = timedelta(hours=6)


class State(StrEnum):
    WANTED = "wanted"  # in: to be fetched; out: to be made when it is sent
    STORED = "stored"
    REFUSED = "refused"  # not what it says, too large, gone: `failure` says why
    FAILED = "failed"  # tried often enough
    EXPIRED = "expired"  # of use for some days only; what goes out can be made anew
    FORGOTTEN = "forgotten"  # its person wanted to be forgotten


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file to be fetched, leased until then. `recipe`: what is to be made of it, see `Attachments.expect`."""

    lease_until: datetime
    id: int
    message_id: int
    channel: str
    account_id: int | None
    person_id: int | None
    kind: str
    platform_id: str
    name: str
    media_type: str
    size: int | None
    attempts: int
    recipe: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Kept:
    """A file as it stands. `recipe` is what it is made from, or what is to be made of it."""

    state: State
    id: int
    message_id: int
    kind: str
    recipe: Mapping[str, Any] | None
    name: str
    media_type: str
    size: int | None
    digest: str | None
    failure: str

    @property
    def is_made(self) -> bool:
        """Whether it is one of ours, made from a `handlers.messages.Recipe`."""
        return self.recipe is not None and "conversation" not in self.recipe


_WANTED = (
    attachments.c.id,
    attachments.c.message_id,
    messages.c.channel,
    messages.c.account_id,
    messages.c.person_id,
    attachments.c.kind,
    attachments.c.platform_id,
    attachments.c.name,
    attachments.c.media_type,
    attachments.c.size,
    attachments.c.attempts,
    attachments.c.recipe,
)
_KEPT = (
    attachments.c.state,
    attachments.c.id,
    attachments.c.message_id,
    attachments.c.kind,
    attachments.c.recipe,
    attachments.c.name,
    attachments.c.media_type,
    attachments.c.size,
    attachments.c.digest,
    attachments.c.failure,
)


# Written out, not bound: only so do partial indexes serve.
_IS_WANTED = attachments.c.state == literal_column("'wanted'")
_IS_STORED = attachments.c.state == literal_column("'stored'")


def _kept(row: Any) -> Kept:
    return Kept(State(row[0]), *row[1:])


def pause_after(attempts: int) -> timedelta | None:
    """How long to wait after so many tries; None when that was the last one (after some ten hours in all)."""
    return None if attempts >= ATTEMPTS else min(FIRST_PAUSE * 4 ** (attempts - 1), LONGEST_PAUSE)


class Attachments:
    def __init__(self, unit: Unit, now: datetime) -> None:
        self._unit, self._now = unit, now

    # --- fetching

    def claim(self, channels: Collection[str], lease: timedelta, limit: int) -> list[Wanted]:
        """Lease what is due to be fetched through these channels, the longest waiting first."""
        rows = self._unit.read(
            select(*_WANTED)
            .join(messages, messages.c.id == attachments.c.message_id)
            .where(*_to_fetch(channels), attachments.c.due_at <= self._now)
            .where(or_(attachments.c.lease_until.is_(None), attachments.c.lease_until <= self._now))
            .order_by(attachments.c.due_at, attachments.c.id)
            .limit(limit)
            .with_for_update(of=attachments, skip_locked=True)
        ).all()
        until = self._now + lease
        if rows:
            mine = attachments.c.id.in_([row.id for row in rows])
            self._unit.write(update(attachments).where(mine).values(lease_until=until))
        return [Wanted(until, *row) for row in rows]

    def next_due(self, channels: Collection[str]) -> datetime | None:
        """When the next file is to be fetched, or the lease on one ends."""
        leased = attachments.c.lease_until > attachments.c.due_at
        moment: datetime | None = self._unit.read(
            select(func.min(case((leased, attachments.c.lease_until), else_=attachments.c.due_at)))
            .join(messages, messages.c.id == attachments.c.message_id)
            .where(*_to_fetch(channels))
        ).scalar()
        return moment

    def stored(self, wanted: Wanted, digest: str, size: int, name: str, media_type: str) -> bool:
        """The content is kept; False when the row is no longer this lease's."""
        return self._settle(wanted, state=State.STORED, digest=digest, size=size, name=name, media_type=media_type)

    def refused(self, wanted: Wanted, failure: str) -> bool:
        """It will never be taken; False when the row is no longer this lease's."""
        return self._settle(wanted, state=State.REFUSED, failure=failure[:60])

    def missed(self, wanted: Wanted, failure: str) -> bool:
        """It could not be had: it is tried again later, or was tried often enough (True)."""
        attempts = wanted.attempts + 1
        pause = pause_after(attempts)
        values = {"attempts": attempts, "failure": failure[:60]}
        if pause is None:
            return self._settle(wanted, state=State.FAILED, **values)
        self._settle(wanted, due_at=self._now + pause, **values)
        return False

    def give_back(self, wanted: Wanted) -> None:
        """Let others fetch it: the program stops."""
        self._settle(wanted)

    def _settle(self, wanted: Wanted, **values: Any) -> bool:
        row = attachments.c.id == wanted.id, attachments.c.lease_until == wanted.lease_until, _IS_WANTED
        statement = update(attachments).where(*row)
        return self._unit.write(statement.values(lease_until=None, **values)).rowcount == 1

    def expect(self, message_id: int, kind: str, conversation: str, arguments: dict[str, Any]) -> None:
        """Once the file of a message is there, read it as a `kind`, and begin a conversation with its person about it.

        The conversation's arguments are these, and what was read.
        """
        recipe = {"kind": kind, "conversation": conversation, "arguments": arguments}
        self._unit.write(update(attachments).where(attachments.c.message_id == message_id).values(recipe=recipe))

    # --- making

    def made(self, attachment_id: int, digest: str, size: int) -> None:
        """A file that goes out has been made."""
        row = attachments.c.id == attachment_id, attachments.c.recipe.is_not(None)
        values = {"state": State.STORED, "digest": digest, "size": size}
        self._unit.write(update(attachments).where(*row).values(**values))

    def expire(self, before: datetime, limit: int) -> int:
        """Let go of the content of files with a recipe whose messages are older; gives how many, at most `limit`.

        Ledgers hold many people's data, and a ledger or export can be made anew.
        """
        old = (
            select(attachments.c.id)
            .join(messages, messages.c.id == attachments.c.message_id)
            .where(attachments.c.recipe.is_not(None), _IS_STORED)
            .where(messages.c.stored_at < before)
            .limit(limit)
        )
        ids = self._unit.read(old).scalars().all()
        if ids:
            values = {"state": State.EXPIRED, "digest": None}
            self._unit.write(update(attachments).where(attachments.c.id.in_(ids)).values(**values))
        return len(ids)

    # --- reading

    def get(self, attachment_id: int) -> Kept | None:
        row = self._unit.read(select(*_KEPT).where(attachments.c.id == attachment_id)).first()
        return _kept(row) if row else None

    def of_message(self, message_id: int) -> list[Kept]:
        mine = attachments.c.message_id == message_id
        return [_kept(row) for row in self._unit.read(select(*_KEPT).where(mine).order_by(attachments.c.id))]

    def about(self, target: Target, target_id: int) -> list[tuple[str, str, str]]:
        """(digest, name, media type) of the files kept that came with the messages about a record, oldest first."""
        rows = self._unit.read(
            select(attachments.c.id, attachments.c.digest, attachments.c.name, attachments.c.media_type)
            .join(links, links.c.message_id == attachments.c.message_id)
            .where(links.c.target == target, links.c.target_id == target_id, links.c.replaced_at.is_(None), _IS_STORED)
            .distinct()
            .order_by(attachments.c.id)
        )
        return [(digest, name, media_type) for _, digest, name, media_type in rows]

    def unused(self, digests: Sequence[str]) -> list[str]:
        """Those of these digests that no file has any more: their content may go."""
        used = self._unit.read(select(attachments.c.digest).where(attachments.c.digest.in_(digests))).scalars()
        return sorted(set(digests) - set(used))


def _to_fetch(channels: Collection[str]) -> tuple[ColumnElement[bool], ...]:
    return _IS_WANTED, attachments.c.platform_id.is_not(None), messages.c.channel.in_(channels)
