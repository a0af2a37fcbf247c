"""What becomes of everything about a person who wants to be forgotten.

Records, numbers, results and the log stay; words, files and names go, also where they were shown to others: each
message of ours that shows what somebody wrote, or who they are, is linked to that person. What somebody said for the
office is the office's, and stays.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, and_, delete, select, update

from storage import recipient_changes
from storage.attachments import Attachments, State
from storage.database import Unit
from storage.links import Target
from storage.tables import (
    accounts,
    attachments,
    consents,
    conversations,
    drafts,
    links,
    messages,
    note_people,
    notes,
    observations,
    outbox,
    people,
    prompts,
    proposal_authors,
    proposals,
    texts,
)

RECIPES_AT_ONCE = 1_000
_NO_FILE = {"name": "", "digest": None, "platform_id": None, "recipe": None, "lease_until": None}


class Forgetting:
    def __init__(self, unit: Unit, now: datetime) -> None:
        self._unit, self._now = unit, now

    def forget(self, person_id: int) -> None:
        """Blank what a person wrote and who they are, here and where it was shown to others."""
        self._files(person_id)
        self._messages(select(messages.c.id).where(messages.c.person_id == person_id))
        self._texts(person_id)
        recipient_changes.forget(self._unit, person_id)
        self.blank_shown(person_id)
        for table in (drafts, prompts, conversations):
            self._unit.write(delete(table).where(table.c.person_id == person_id))
        theirs = select(accounts.c.id).where(accounts.c.person_id == person_id)
        self._unit.write(delete(consents).where(consents.c.account_id.in_(theirs)))
        self._unit.write(
            update(people)
            .where(people.c.id == person_id)
            .values(name="", telephone="", cell_id=None, forgotten_at=self._now, consented_at=None)
        )

    def blank_shown(self, person_id: int) -> None:
        """Blank what others were shown of a person: messages, the questions that are open with them, what waits."""
        known = self._known_as(person_id)
        shown = select(links.c.message_id).where(links.c.target == Target.PERSON, links.c.target_id.in_(known))
        self._unit.write(delete(prompts).where(prompts.c.arguments["person"].as_integer().in_(known)))
        self._conversations(known, shown)
        self._forget_files(attachments.c.message_id.in_(shown))
        self._messages(shown)
        # A ledger that was made before can be made anew, without the words.
        Attachments(self._unit, self._now).expire(self._now + timedelta(seconds=1), RECIPES_AT_ONCE)

    def _known_as(self, person_id: int) -> set[int]:
        """The records that turned out to be this person."""
        known = fresh = {person_id}
        while fresh:
            fresh = set(self._unit.read(select(people.c.id).where(people.c.merged_into.in_(fresh))).scalars())
            known |= fresh
        return known

    def _messages(self, chosen: Select[int]) -> None:
        """Blank messages; those of ours that have not left yet never will."""
        unsent = outbox.c.message_id.in_(chosen), outbox.c.state.in_(("waiting", "held", "paused", "massed"))
        gone = {"state": "failed", "failure": "forgotten", "settled_at": self._now, "notice": None}
        self._unit.write(update(outbox).where(*unsent).values(**gone))
        nothing: dict[str, Any] = {"text": "", "text_id": None, "choices": None, "latitude": None, "longitude": None}
        self._unit.write(update(messages).where(messages.c.id.in_(chosen)).values(**nothing))

    def _texts(self, person_id: int) -> None:
        theirs = select(proposal_authors.c.proposal_id).where(proposal_authors.c.person_id == person_id)
        nowhere: dict[str, Any] = {"latitude": None, "longitude": None}
        self._unit.write(update(proposals).where(proposals.c.id.in_(theirs)).values(**nowhere))
        for table in (notes, observations):
            self._unit.write(update(table).where(table.c.author_id == person_id).values(**nowhere))
        # Whoever came along and is known by name only, as the author wrote it.
        own_notes = select(notes.c.id).where(notes.c.author_id == person_id)
        self._unit.write(update(note_people).where(note_people.c.note_id.in_(own_notes)).values(name=""))
        own = texts.c.written_by == person_id, texts.c.blanked_at.is_(None)
        self._unit.write(update(texts).where(*own).values(body="", blanked_at=self._now))

    def _conversations(self, known: set[int], shown: Select[int]) -> None:
        """What is open with those who were shown something: about the person, it ends; else it is asked anew."""
        readers = select(messages.c.person_id).where(messages.c.id.in_(shown))
        rows = self._unit.read(
            select(conversations.c.person_id, conversations.c.state)
            .where(conversations.c.person_id.in_(readers), conversations.c.state.is_not(None))
            .order_by(conversations.c.person_id)
        ).all()
        for reader, state in rows:
            if _is_about(state, known):
                left = None
            elif not known.isdisjoint(state.get("shows", ())):
                left = {name: value for name, value in state.items() if name not in ("asked", "shows")}
            else:
                continue
            mine = conversations.c.person_id == reader
            self._unit.write(update(conversations).where(mine).values(state=left))
        kept = self._unit.read(select(drafts.c.id, drafts.c.state).where(drafts.c.person_id.in_(readers))).all()
        about = [draft for draft, state in kept if _is_about(state, known)]
        if about:
            self._unit.write(delete(drafts).where(drafts.c.id.in_(about)))

    def _files(self, person_id: int) -> None:
        """Those that somebody sent, wherever they were shown, and those that were sent to them. What they sent to be
        announced is the office's."""
        is_official = (
            select(links.c.id)
            .where(links.c.message_id == messages.c.id, links.c.target == Target.ANNOUNCEMENT)
            .exists()
        )
        own = select(messages.c.id).where(messages.c.person_id == person_id, ~is_official)
        sent = select(attachments.c.digest).where(
            attachments.c.message_id.in_(own.where(messages.c.direction == "in")), attachments.c.digest.is_not(None)
        )
        to_somebody = messages.c.id == attachments.c.message_id, messages.c.direction == "out"
        copies = and_(attachments.c.digest.in_(sent), select(messages.c.id).where(*to_somebody).exists())
        # The copies that were shown to others first, while it is known whose they are.
        for theirs in (copies, attachments.c.message_id.in_(own)):
            self._forget_files(theirs)

    def _forget_files(self, chosen: Any) -> None:
        """What no other row has the digest of is removed by a job (scheduler.jobs.tidy_files)."""
        self._unit.write(update(attachments).where(chosen).values(state=State.FORGOTTEN, **_NO_FILE))


def _is_about(state: Mapping[str, Any], known: set[int]) -> bool:
    return state.get("arguments", {}).get("person") in known


def forgotten(unit: Unit, since: datetime) -> list[int]:
    """Who was forgotten since then."""
    return list(unit.read(select(people.c.id).where(people.c.forgotten_at >= since)).scalars())
