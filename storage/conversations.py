"""What is open between us and each person: the conversation, drafts, and prompts that wait their turn."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update

from storage.database import Unit
from storage.tables import conversations, drafts, prompts

DRAFTS_KEPT = 5


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


class Conversations:
    def __init__(self, unit: Unit, now: datetime) -> None:
        self._unit, self._now = unit, now

    # --- drafts

    def save_draft(self, person_id: int, state: dict[str, Any]) -> None:
        """Keep an unfinished conversation; the oldest beyond a few are dropped."""
        self._unit.write(insert(drafts).values(person_id=person_id, state=state, saved_at=self._now))
        kept = select(drafts.c.id).where(drafts.c.person_id == person_id).order_by(drafts.c.id.desc()).limit(DRAFTS_KEPT)
        ids = [row.id for row in self._unit.read(kept)]
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

    def expire(self, before: datetime, limit: int) -> int:
        """Turn conversations unheard since then into drafts; at most `limit` at a time. Gives how many."""
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
            if closed.rowcount:
                self.save_draft(person_id, state)
        return len(rows)

    # --- prompts

    def prompt(self, person_id: int, conversation: str, arguments: dict[str, Any]) -> None:
        self._unit.write(
            insert(prompts).values(
                person_id=person_id, conversation=conversation, arguments=arguments, created_at=self._now
            )
        )

    def next_prompt(self, person_id: int) -> Prompt | None:
        row = self._unit.look(_NEXT_PROMPT, {"person": person_id}).first()
        return Prompt(*row) if row else None

    def drop_prompt(self, prompt_id: int) -> None:
        self._unit.write(delete(prompts).where(prompts.c.id == prompt_id))

    def prompted(self, limit: int) -> list[int]:
        """People for whom a prompt waits, the longest waiting first."""
        rows = self._unit.read(
            select(prompts.c.person_id).group_by(prompts.c.person_id).order_by(prompts.c.person_id).limit(limit)
        )
        return [row.person_id for row in rows]
