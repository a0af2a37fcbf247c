"""What becomes of two records that turn out to be one person: everything of the one becomes the other's."""

from datetime import datetime

from sqlalchemy import Select, Table, and_, delete, func, select, update

from storage import duties, liaisons, recipient_changes
from storage.database import Unit
from storage.tables import (
    accounts,
    announcement_reviews,
    announcement_versions,
    announcements,
    conversations,
    drafts,
    messages,
    note_people,
    notes,
    observations,
    people,
    prompts,
    proposal_authors,
    proposal_supporters,
    proposals,
    rectification_history,
    rectifications,
    roles,
    texts,
)

# Whoever stands there is the other one from then on.
_NAMING = (
    texts.c.written_by,
    proposal_authors.c.brought_by,
    notes.c.author_id,
    note_people.c.person_id,
    rectifications.c.raised_by,
    rectification_history.c.person_id,
    observations.c.author_id,
    observations.c.answered_by,
    announcements.c.author_id,
    announcement_versions.c.written_by,
    announcement_reviews.c.person_id,
)


def merge(unit: Unit, now: datetime, person_id: int, into: int) -> None:
    """But for what is open with `person_id`, which is dropped: who calls keeps it as a draft before."""
    for table in (accounts, roles, messages, drafts, prompts):
        unit.write(update(table).where(table.c.person_id == person_id).values(person_id=into))
    _leave_own_company(unit, person_id, into)
    for column in _NAMING:
        unit.write(update(column.table).where(column == person_id).values({column.name: into}))
    liaisons.merge(unit, now, person_id, into)
    duties.merge(unit, person_id, into)
    recipient_changes.merge(unit, now, person_id, into)
    _give_up_supports(unit, person_id, into)
    twice = proposal_authors.c.proposal_id.in_(_theirs(proposal_authors, into))
    unit.write(delete(proposal_authors).where(proposal_authors.c.person_id == person_id, twice))
    for table in (proposal_authors, proposal_supporters):
        unit.write(update(table).where(table.c.person_id == person_id).values(person_id=into))
    unit.write(delete(conversations).where(conversations.c.person_id == person_id))
    _keep_the_best(unit, person_id, into)
    unit.write(update(people).where(people.c.id == person_id).values(merged_into=into))


def _leave_own_company(unit: Unit, person_id: int, into: int) -> None:
    """Who inspected something together with their other record was there once, as its author."""
    either = [person_id, into]
    own = note_people.c.note_id.in_(select(notes.c.id).where(notes.c.author_id.in_(either)))
    unit.write(delete(note_people).where(note_people.c.person_id.in_(either), own))


def _give_up_supports(unit: Unit, person_id: int, into: int) -> None:
    """Who supported a proposal under both records is one supporter, and nobody supports their own."""
    either = [person_id, into]
    own = select(proposal_authors.c.proposal_id).where(proposal_authors.c.person_id.in_(either))
    again = proposal_supporters.c.proposal_id.in_(_theirs(proposal_supporters, into))
    for given_up in (
        and_(proposal_supporters.c.person_id.in_(either), proposal_supporters.c.proposal_id.in_(own)),
        and_(proposal_supporters.c.person_id == person_id, again),
    ):
        count = select(func.count()).where(proposal_supporters.c.proposal_id == proposals.c.id, given_up)
        supported = proposals.c.id.in_(select(proposal_supporters.c.proposal_id).where(given_up))
        fewer = proposals.c.supporters - count.scalar_subquery()
        unit.write(update(proposals).where(supported).values(supporters=fewer))
        unit.write(delete(proposal_supporters).where(given_up))


def _keep_the_best(unit: Unit, person_id: int, into: int) -> None:
    """The language that was used last, and whatever only one of the two records knows."""
    known = select(people.c.id, people.c.consented_at, people.c.cell_id, people.c.language)
    rows = {row.id: row for row in unit.read(known.where(people.c.id.in_([person_id, into])))}
    before, after = rows[person_id], rows[into]
    values = {
        "consented_at": after.consented_at or before.consented_at,
        "cell_id": after.cell_id or before.cell_id,
        "language": before.language,
    }
    unit.write(update(people).where(people.c.id == into).values(values))


def _theirs(table: Table, person_id: int) -> Select[int]:
    return select(table.c.proposal_id).where(table.c.person_id == person_id)
