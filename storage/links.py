"""What each message speaks of: proposals, projects, notes and cells, how that is known, and who said so."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import func, insert, select, update

from storage.areas import lie_in
from storage.audit import Actor, Audit
from storage.database import AnyRow, Unit
from storage.tables import areas, attachments, links, messages
from storage.texts import SAID


class Target(StrEnum):
    PROPOSAL = "proposal"
    PROJECT = "project"
    RECTIFICATION = "rectification"
    OBSERVATION = "observation"
    CELL = "cell"
    NOTE = "note"
    ANNOUNCEMENT = "announcement"
    PERSON = "person"  # a message of ours shows what they wrote, or who they are


class How(StrEnum):
    """How a link is known."""

    STATED = "stated"  # said in the conversation about that very record
    LOCATION = "location"
    TEXT = "text"  # a name or a number in the text
    CHOICE = "choice"
    LINK = "link"  # a deep link or QR code
    SIMILAR = "similar"  # the text resembles the record's
    STAFF = "staff"
    SHOWN = "shown"  # in a message of ours


_ADD = insert(links)
LISTED = 1_000  # characters of a message, as lists have it
_BEGINNING = func.substr(SAID.element, 1, LISTED).label("text")


class Links:
    """Whose words are read from a message is noted in `shown`."""

    def __init__(self, unit: Unit, now: datetime, actor: Actor, audit: Audit, shown: set[int] | None = None) -> None:
        self._unit, self._now, self._actor, self._audit = unit, now, actor, audit
        self._shown = set() if shown is None else shown
        self._added: set[tuple[int, Target, int]] = set()

    def add(self, message_ids: Iterable[int], target: Target, target_id: int, how: How) -> None:
        """Say what messages speak of. What follows from one turn in several ways is said once."""
        for message_id in message_ids:
            link = message_id, target, target_id
            if link in self._added:
                continue
            self._added.add(link)
            self._unit.later(
                _ADD,
                {
                    "message_id": message_id,
                    "target": target,
                    "target_id": target_id,
                    "how": how,
                    "linked_by": self._actor.person_id,
                    "linked_at": self._now,
                },
            )

    def move(self, message_id: int, target: Target, target_id: int) -> None:
        """Staff say what a message really speaks of; the links of that kind before are kept as replaced."""
        old = links.c.message_id == message_id, links.c.target == target, links.c.replaced_at.is_(None)
        before = self._unit.read(select(links.c.target_id).where(*old)).scalars().all()
        self._unit.write(update(links).where(*old).values(replaced_at=self._now))
        self._added.discard((message_id, target, target_id))
        self.add([message_id], target, target_id, How.STAFF)
        self._audit.record("relink", "message", message_id, {target: list(before)}, {target: [target_id]})

    def messages_about(self, target: Target, target_id: int, limit: int) -> Sequence[AnyRow]:
        """(id, at, kind, beginning of the text, direction, person_id) of the latest messages linked to a record, oldest
        first."""
        latest = (
            select(
                messages.c.id,
                messages.c.at,
                messages.c.kind,
                _BEGINNING,
                messages.c.direction,
                messages.c.person_id,
            )
            .join(links, links.c.message_id == messages.c.id)
            .where(links.c.target == target, links.c.target_id == target_id, links.c.replaced_at.is_(None))
            .order_by(links.c.linked_at.desc(), links.c.id.desc())
            .limit(limit)
        )
        return self._seen(self._unit.read(latest).all()[::-1])

    def text_of(self, message_id: int) -> str:
        """The whole text of a message."""
        query = select(SAID, messages.c.person_id).where(messages.c.id == message_id)
        ((text, _),) = self._seen(self._unit.read(query).all())
        return str(text)

    def _seen(self, rows: Sequence[AnyRow]) -> Sequence[AnyRow]:
        self._shown.update(row.person_id for row in rows if row.person_id)
        return rows

    def message_of(self, channel: str, platform_key: str) -> int | None:
        """The message that a platform knows by that key."""
        query = select(messages.c.id).where(messages.c.channel == channel, messages.c.platform_key == platform_key)
        return self._unit.read(query).scalar()

    def proposals_of(self, message_id: int) -> list[int]:
        return self.records_of(message_id, Target.PROPOSAL)

    def records_of(self, message_id: int, target: Target) -> list[int]:
        """What a message speaks of, of one kind, as it was said."""
        rows = self._unit.read(
            select(links.c.target_id)
            .where(links.c.message_id == message_id, links.c.target == target, links.c.replaced_at.is_(None))
            .order_by(links.c.id)
        )
        return list(rows.scalars())

    def messages_in(self, area_paths: Iterable[str], since: datetime, limit: int) -> Sequence[AnyRow]:
        """(id, at, beginning of the text, cell id, person id) of the messages since then about cells in these areas.

        Newest first, without those by which a proposal was made.
        """
        of_proposal = links.alias()
        proposed = (
            select(of_proposal.c.id)
            .where(of_proposal.c.message_id == messages.c.id, of_proposal.c.target == Target.PROPOSAL)
            .where(of_proposal.c.how == How.STATED)
            .exists()
        )
        rows = self._unit.read(
            select(messages.c.id, messages.c.at, _BEGINNING, links.c.target_id, messages.c.person_id)
            .join(links, links.c.message_id == messages.c.id)
            .where(links.c.target == Target.CELL, links.c.replaced_at.is_(None), links.c.linked_at >= since)
            .where(links.c.target_id.in_(select(areas.c.id).where(lie_in(area_paths))))
            .where(messages.c.direction == "in", messages.c.text != "", ~proposed)
            .order_by(links.c.linked_at.desc(), links.c.id.desc())
            .limit(limit)
        ).all()
        return self._seen(rows)

    def files_about(self, target: Target, target_id: int) -> Sequence[AnyRow]:
        """(name, kind, state, failure) of the files that came with the messages about a record."""
        return self._unit.read(
            select(attachments.c.name, attachments.c.kind, attachments.c.state, attachments.c.failure)
            .join(links, links.c.message_id == attachments.c.message_id)
            .where(links.c.target == target, links.c.target_id == target_id, links.c.replaced_at.is_(None))
            .order_by(attachments.c.id)
        ).all()
