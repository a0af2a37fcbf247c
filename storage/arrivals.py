"""The statements by which a batch of messages is taken in: one each for the whole batch, however many messages.

That is what makes a durable turn cheap (decision 0003, group commit).
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Insert, bindparam, insert, select, text, update

from storage.among import among
from storage.attachments import State
from storage.conflicts import insert_or_else
from storage.database import Unit
from storage.links import How, Target
from storage.outbox_states import AWAITS_CONTACT, KEPT, REVIVED
from storage.people import Person
from storage.push_windows import Opened, PushWindows
from storage.tables import accounts, attachments, conversations, links, messages, outbox, people, prompts

SEEN_EVERY = timedelta(hours=1)  # how stale `accounts.seen_at` may be before it is written again


@dataclass(slots=True)
class Guest:
    """Who writes, and what is open with them. `heard_at` is None for a person who never wrote before."""

    account_id: int
    address: str
    reachable: bool
    seen_at: datetime
    person: Person
    state: dict[str, Any] | None = None
    heard_at: datetime | None = None
    window_from: datetime | None = None
    window_count: int = 0
    strikes: int = 0
    quiet_until: datetime | None = None
    is_prompted: bool = False  # a conversation that we begin waits for them
    why_not: str = ""  # nothing is pushed to them


class Letter(NamedTuple):
    """One message of ours to be stored and sent. `priority` 0 reply, 1 prompt, 2 announcement.

    `shows`: whose words or names are in it, other than its reader's. `edits`: the message, sent to the same chat
    before, whose place it takes. `notice`: what may be told of it while it itself cannot be pushed.
    """

    channel: str
    account_id: int
    person_id: int
    text: str
    choices: list[list[str]] | None = None
    file: Mapping[str, Any] | None = None  # a Recipe or a KeptFile of handlers.messages
    in_reply_to: int | None = None
    priority: int = 0
    shows: frozenset[int] = frozenset()
    edits: int | None = None
    notice: Mapping[str, Any] | None = None  # a Notice of handlers.messages


_GUEST = (
    accounts.c.channel,
    accounts.c.external_id,
    accounts.c.id,
    accounts.c.address,
    accounts.c.unreachable_since,
    accounts.c.seen_at,
    people.c.id,
    people.c.name,
    people.c.telephone,
    people.c.language,
    people.c.cell_id,
    people.c.notices,
    people.c.consented_at,
    conversations.c.state,
    conversations.c.heard_at,
    conversations.c.window_from,
    conversations.c.window_count,
    conversations.c.strikes,
    conversations.c.quiet_until,
    select(prompts.c.id).where(prompts.c.person_id == people.c.id).exists(),
    accounts.c.unreachable_reason,
)
_GUESTS = (
    select(*_GUEST)
    .join(people, people.c.id == accounts.c.person_id)
    .outerjoin(conversations, conversations.c.person_id == people.c.id)
)
_ADDRESSED = (
    among(accounts.c.channel, "channels"),
    among(accounts.c.external_id, "external_ids"),
)
_BY_ACCOUNT = _GUESTS.where(*_ADDRESSED)
_BY_PERSON = _GUESTS.where(among(people.c.id, "people")).order_by(
    accounts.c.unreachable_since.is_not(None).desc(), accounts.c.seen_at
)
_STORED = select(messages.c.channel, messages.c.platform_key).where(
    among(messages.c.channel, "channels"), among(messages.c.platform_key, "keys")
)
_STORE, _STORE_OURS = insert(messages), insert(messages)
_ATTACH, _ATTACH_OURS = insert(attachments), insert(attachments)
_SEND, _SHOW = insert(outbox), insert(links)
_TRY_LOCKS = text("SELECT k, pg_try_advisory_xact_lock(k) FROM unnest(CAST(:keys AS bigint[])) AS k ORDER BY k")
# 0: somebody else has the account; 1: we have it, but nobody behind it; 2: and the person.
_TRY_GUESTS = text(
    "SELECT k, person_id, CASE WHEN NOT pg_try_advisory_xact_lock(k) THEN 0"
    " WHEN pg_try_advisory_xact_lock(person_id) THEN 2 ELSE 1 END"
    " FROM unnest(CAST(:keys AS bigint[]), CAST(:channels AS text[]), CAST(:external_ids AS text[]))"
    " AS wanted (k, channel, external_id) LEFT JOIN accounts USING (channel, external_id) ORDER BY k"
)
_SEEN = (
    update(accounts)
    .where(accounts.c.id == bindparam("account"))
    .values(seen_at=bindparam("seen", type_=accounts.c.seen_at.type))
)
_REVIVE = (
    update(accounts).where(accounts.c.id == bindparam("account")).values(unreachable_since=None, unreachable_reason="")
)
_RELEASE = (
    update(outbox)
    .where(outbox.c.account_id == bindparam("account"), KEPT)
    .values(**REVIVED, due_at=bindparam("due", type_=outbox.c.due_at.type))
)


# What is stored of a guest's conversation.
_OPEN = ("state", "heard_at", "window_from", "window_count", "strikes", "quiet_until")


@cache
def _save(dialect: str) -> Insert:
    statement = insert_or_else(conversations, dialect)
    changed = {name: statement.excluded[name] for name in _OPEN}
    return statement.on_conflict_do_update(index_elements=["person_id"], set_=changed)


def lock_key(channel: str, external_id: str) -> int:
    """The key of an account among PostgreSQL's advisory locks, 64 bits."""
    digest = hashlib.blake2b(f"{channel}\0{external_id}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


class Arrivals:
    def __init__(self, unit: Unit, now: datetime) -> None:
        self._unit, self._now = unit, now

    def try_guests(self, addresses: Sequence[tuple[str, str]]) -> tuple[set[tuple[str, str]], set[int] | None]:
        """Take accounts until the commit, known ones or not, and the people behind them, without waiting; gives the
        accounts that were free, and those people of theirs who were, None for all: on SQLite there is one writer.

        Before they are read: what another replica has just committed for one of them must be seen. Whoever acts for a
        person holds the lock whose key is their number.
        """
        if self._unit.dialect == "sqlite":
            return set(addresses), None
        keys = {lock_key(*address): address for address in addresses}
        channels, external_ids = zip(*keys.values(), strict=True)
        named = {"keys": list(keys), "channels": list(channels), "external_ids": list(external_ids)}
        taken = self._unit.read(_TRY_GUESTS, named).all()
        return {keys[key] for key, _, much in taken if much}, {person for _, person, much in taken if much == 2}

    def try_people(self, person_ids: Iterable[int]) -> set[int]:
        """Likewise of people."""
        if self._unit.dialect == "sqlite":
            return set(person_ids)
        locks = self._unit.read(_TRY_LOCKS, {"keys": sorted(person_ids)})
        return {person_id for person_id, taken in locks if taken}

    def guests(self, addresses: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Guest]:
        """Who is behind (channel, external id), for those that are known."""
        rows = self._unit.read(_BY_ACCOUNT, _named(addresses))
        wanted = set(addresses)
        return {(row[0], row[1]): _guest(row) for row in rows if (row[0], row[1]) in wanted}

    def guests_of(self, person_ids: Sequence[int], channels: Collection[str]) -> dict[int, tuple[str, Guest]]:
        """The channel and the account that a person is best reached by, one of these `channels` first; of those that
        nothing is pushed to, one where they read it when they write again."""
        rows = self._unit.read(_BY_PERSON, {"people": list(person_ids)})
        rising = sorted(rows, key=lambda row: (row[0] in channels, row[4] is None, row[20] == AWAITS_CONTACT))
        return {row[6]: (row[0], _guest(row)) for row in rising}

    def record(self, rows: Sequence[dict[str, Any]]) -> dict[tuple[str, str], int]:
        """Store incoming messages; gives (channel, platform key) to id for those that were not there before.

        Who calls has taken their accounts, so that nobody else stores them meanwhile.
        """
        named: dict[tuple[str, str], dict[str, Any]] = {}
        for row in rows:
            named.setdefault((row["channel"], row["platform_key"]), row)
        channels, keys = zip(*named, strict=True)
        stored = self._unit.read(_STORED, {"channels": list(set(channels)), "keys": list(keys)})
        for channel, key in stored:
            named.pop((channel, key), None)
        self._unit.expect(messages, 2 * len(named))  # since most get one reply
        ids = dict(zip(named, self._unit.numbers(messages, len(named)), strict=True))
        self._unit.later(_STORE, *({"id": ids[name], **row} for name, row in named.items()))
        return ids

    def attach(self, rows: Sequence[dict[str, Any]]) -> None:
        """Store what came with messages, to be fetched right after the commit."""
        self._unit.later(_ATTACH, *({**row, "state": "wanted", "due_at": self._now} for row in rows))

    def open(self, windows: Sequence[Opened]) -> None:
        """Who writes opens windows through which we may push messages to them."""
        PushWindows(self._unit, self._now).open(windows)

    def fault(self, message_id: int, what: str) -> None:
        self._unit.write(update(messages).where(messages.c.id == message_id).values(fault=what[:200]))

    def save(self, guests: Sequence[Guest]) -> None:
        """Store what is open with each guest, when they were seen, and that they can be reached again.

        Of somebody without `heard_at`, who has not written yet or wants to be forgotten, nothing is open.
        """
        open_with = [guest for guest in guests if guest.heard_at]
        rows = [{"person_id": guest.person.id} | {name: getattr(guest, name) for name in _OPEN} for guest in open_with]
        self._unit.later(_save(self._unit.dialect), *sorted(rows, key=lambda row: row["person_id"]))
        seen = [guest for guest in guests if self._now - guest.seen_at > SEEN_EVERY]
        self._unit.later(_SEEN, *({"account": guest.account_id, "seen": self._now} for guest in seen))
        self._revive([guest.account_id for guest in guests if not guest.reachable])

    def _revive(self, account_ids: Sequence[int]) -> None:
        """Who writes can be written to again: what was held for them goes out."""
        self._unit.later(_REVIVE, *({"account": account} for account in account_ids))
        self._unit.later(_RELEASE, *({"account": account, "due": self._now} for account in account_ids))

    def post(self, letters: Sequence[Letter]) -> list[int]:
        """Store our messages and put them into the outbox, in order; gives their ids."""
        posted = list(zip(self._unit.numbers(messages, len(letters)), letters, strict=True))
        self._unit.later(_STORE_OURS, *({"id": id_, **self._row(letter)} for id_, letter in posted))
        self._unit.later(_ATTACH_OURS, *(self._file(id_, letter.file) for id_, letter in posted if letter.file))
        self._unit.later(_SHOW, *(self._link(id_, person) for id_, letter in posted for person in letter.shows))
        self._unit.later(_SEND, *(self._send(id_, letter) for id_, letter in posted))
        return [id_ for id_, _ in posted]

    def _send(self, message_id: int, letter: Letter) -> dict[str, Any]:
        return {
            "message_id": message_id,
            "account_id": letter.account_id,
            "channel": letter.channel,
            "priority": letter.priority,
            "state": "waiting",
            "due_at": self._now,
            "created_at": self._now,
            "notice": letter.notice,
        }

    def _link(self, message_id: int, person_id: int) -> dict[str, Any]:
        shown = {"target": Target.PERSON, "target_id": person_id, "how": How.SHOWN}
        return {"message_id": message_id, **shown, "linked_at": self._now}

    def _file(self, message_id: int, file: Mapping[str, Any]) -> dict[str, Any]:
        """What goes along with a message of ours: to be made, or kept already."""
        digest = file.get("digest")
        return {
            "message_id": message_id,
            "kind": "document",
            "recipe": None if digest else dict(file),
            "digest": digest,
            "name": file["name"],
            "media_type": file["media_type"],
            "state": State.STORED if digest else State.WANTED,
            "due_at": self._now,
        }

    def _row(self, letter: Letter) -> dict[str, Any]:
        return {
            "direction": "out",
            "channel": letter.channel,
            "account_id": letter.account_id,
            "person_id": letter.person_id,
            "kind": "text",
            "text": letter.text,
            "choices": letter.choices,
            "at": self._now,
            "stored_at": self._now,
            "in_reply_to": letter.in_reply_to,
            "edits_id": letter.edits,
        }


def _named(addresses: Sequence[tuple[str, str]]) -> dict[str, list[str]]:
    return {
        "channels": list({channel for channel, _ in addresses}),
        "external_ids": list({external_id for _, external_id in addresses}),
    }


def _guest(row: Sequence[Any]) -> Guest:
    return Guest(
        account_id=row[2],
        address=row[3],
        reachable=row[4] is None,
        seen_at=row[5],
        person=Person(*row[6:13]),
        state=row[13],
        heard_at=row[14],
        window_from=row[15],
        window_count=row[16] or 0,
        strikes=row[17] or 0,
        quiet_until=row[18],
        is_prompted=bool(row[19]),
        why_not=row[20],
    )
