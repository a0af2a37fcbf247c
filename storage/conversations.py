"""What is open between us and each person: the conversation, drafts, and prompts that wait their turn."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update

from storage.among import among
from storage.database import Unit
from storage.tables import accounts, conversations, drafts, prompts

DRAFTS_KEPT = 5
PROMPTS_AT_ONCE = 100  # looked through, mostly for a few


@dataclass(frozen=True, slots=True)
class Draft:
    id: int
    state: dict[str, Any]
    saved_at: datetime


@dataclass(frozen=True, slots=True)
class Prompt:
    id: int
    conversation: str
    arguments: dict[str, Any]


_NEXT_PROMPT = (
    select(prompts.c.id, prompts.c.conversation, prompts.c.arguments)
    .where(prompts.c.person_id == bindparam("person"))
    .order_by(prompts.c.id)
    .limit(1)
)

_WAITING = (
    select(prompts.c.id, prompts.c.person_id)
    .where(prompts.c.id > bindparam("last", type_=prompts.c.id.type))
    .order_by(prompts.c.id)
    .limit(PROMPTS_AT_ONCE)
)
_WITH_ACCOUNT = select(accounts.c.person_id).where(among(accounts.c.person_id, "people"))
_BUSY = select(conversations.c.person_id).where(
    among(conversations.c.person_id, "people"),
    conversations.c.state.is_not(None),
    conversations.c.heard_at > bindparam("since", type_=conversations.c.heard_at.type),
)


class Conversations:
    def __init__(self, unit: Unit, now: datetime) -> None:
        self._unit, self._now = unit, now

    def opened(self, person_id: int) -> dict[str, Any] | None:
        """What is open with a person, as it was stored last."""
        theirs = select(conversations.c.state).where(conversations.c.person_id == person_id)
        state: dict[str, Any] | None = self._unit.read(theirs).scalar()
        return state

    # --- drafts

    def save_draft(self, person_id: int, state: dict[str, Any]) -> None:
        """Keep an unfinished conversation, without the question as shown; the oldest beyond a few are dropped."""
        state = {name: value for name, value in state.items() if name not in ("asked", "shows")}
        self._unit.write(insert(drafts).values(person_id=person_id, state=state, saved_at=self._now))
        theirs = select(drafts.c.id).where(drafts.c.person_id == person_id)
        ids = [row.id for row in self._unit.read(theirs.order_by(drafts.c.id.desc()).limit(DRAFTS_KEPT))]
        self._unit.write(delete(drafts).where(drafts.c.person_id == person_id, drafts.c.id.not_in(ids)))

    def drafts(self, person_id: int) -> list[Draft]:
        """Newest first."""
        rows = self._unit.read(
            select(drafts.c.id, drafts.c.state, drafts.c.saved_at)
            .where(drafts.c.person_id == person_id)
            .order_by(drafts.c.id.desc())
        )
        return [Draft(*row) for row in rows]

    def drop_draft(self, draft_id: int) -> None:
        self._unit.write(delete(drafts).where(drafts.c.id == draft_id))

    def expire(self, before: datetime, limit: int, is_kept: Callable[[Mapping[str, Any]], bool]) -> int:
        """Close conversations unheard since then, at most `limit` at a time; those that are kept become drafts.

        Gives how many there were.
        """
        rows = self._unit.read(
            select(conversations.c.person_id, conversations.c.state, conversations.c.heard_at)
            .where(conversations.c.state.is_not(None), conversations.c.heard_at < before)
            .order_by(conversations.c.heard_at)
            .limit(limit)
        ).all()
        for person_id, state, heard_at in rows:
            # Unless the person wrote in the meantime (another replica may just be hearing them).
            closed = self._unit.write(
                update(conversations)
                .where(conversations.c.person_id == person_id, conversations.c.heard_at == heard_at)
                .values(state=None)
            )
            if closed.rowcount and is_kept(state):
                self.save_draft(person_id, state)
        return len(rows)

    # --- prompts

    def prompt(self, person_id: int, conversation: str, arguments: dict[str, Any]) -> None:
        self._unit.write(
            insert(prompts).values(
                person_id=person_id, conversation=conversation, arguments=arguments, created_at=self._now
            )
        )

    def prompt_once(self, person_ids: Collection[int], conversation: str) -> None:
        """Begin a conversation that needs no arguments with each of them, unless it waits for them already."""
        if not person_ids:
            return
        waiting = select(prompts.c.person_id).where(
            prompts.c.person_id.in_(sorted(person_ids)), prompts.c.conversation == conversation
        )
        fresh = sorted(set(person_ids).difference(self._unit.read(waiting).scalars()))
        about = {"conversation": conversation, "arguments": {}, "created_at": self._now}
        if fresh:
            self._unit.write(insert(prompts), [{"person_id": person_id, **about} for person_id in fresh])

    def next_prompt(self, person_id: int) -> Prompt | None:
        row = self._unit.look(_NEXT_PROMPT, {"person": person_id}).first()
        return Prompt(*row) if row else None

    def drop_prompt(self, prompt_id: int) -> None:
        self._unit.write(delete(prompts).where(prompts.c.id == prompt_id))

    def prompted(self, limit: int, idle_since: datetime | None = None) -> list[int]:
        """People for whom a prompt waits and who may be prompted, the longest waiting first.

        That is: they have an account, and nothing open that they went on with after `idle_since` (default: now).
        """
        return self.prompted_after(0, limit, idle_since)[0]

    def prompted_after(self, last: int, limit: int, idle_since: datetime | None = None) -> tuple[list[int], int | None]:
        """As `prompted`, of the prompts that come after the one with that id, and where to go on; None: there are no
        more. However many wait whom nobody can prompt, this takes as long."""
        rows = self._unit.read(_WAITING, {"last": last}).all()
        free = self._free({person_id for _, person_id in rows}, idle_since or self._now) if rows else set()
        found: dict[int, None] = {}
        for prompt_id, person_id in rows:
            if person_id in free:
                found[person_id] = None
            if len(found) == limit:
                return list(found), prompt_id
        return list(found), rows[-1][0] if len(rows) == PROMPTS_AT_ONCE else None

    def _free(self, people: Collection[int], idle_since: datetime) -> set[int]:
        given = {"people": sorted(people)}
        busy = self._unit.read(_BUSY, {**given, "since": idle_since}).scalars()
        return set(self._unit.read(_WITH_ACCOUNT, given).scalars()).difference(busy)
