"""What residents ask for, and what became of it."""

from sqlalchemy import Column, Float, ForeignKey, Index, Integer, String, Table, Text

from storage.tables.columns import Identity, Instant, PartialIndex, identity, metadata, refers

# A text never changes: a correction is a new row. "Forget me" blanks the body.
texts = Table(
    "texts",
    metadata,
    identity(),
    Column("body", Text, nullable=False),
    refers("written_by", "people.id", nullable=True, index=True),
    Column("written_at", Instant, nullable=False),
    Column("blanked_at", Instant),
)

proposals = Table(
    "proposals",
    metadata,
    identity(),  # is the number that people know it by
    refers("congress_id", "congresses.id"),
    refers("cycle_id", "cycles.id", index=True),
    refers("text_id", "texts.id"),
    Column("category", String(24), nullable=False),
    refers("cell_id", "areas.id", nullable=True),
    Column("located_how", String(16), nullable=False),  # location, text, choice, link, staff, open
    Column("latitude", Float),
    Column("longitude", Float),
    Column("status", String(16), nullable=False),
    Column("source", String(16), nullable=False),  # chat, deputy, paper, file
    Column("cleared_at", Instant),  # staff allow that neighbours read it
    Column("supporters", Integer, nullable=False, server_default="0"),
    Column("created_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    refers("merged_into", "proposals.id", nullable=True, index=True),
    Index("ix_proposals_congress_id_status_id", "congress_id", "status", "id"),
    Index("ix_proposals_congress_id_cell_id_id", "congress_id", "cell_id", "id"),
    Index("ix_proposals_congress_id_category_id", "congress_id", "category", "id"),
    Index("ix_proposals_congress_id_id", "congress_id", "id"),
    Index("ix_proposals_cell_id_id", "cell_id", "id"),
    Index("ix_proposals_created_at_id", "created_at", "id"),
)
PartialIndex(
    "ix_proposals_cleared",
    proposals.c.cell_id,
    proposals.c.id,
    proposals.c.status,
    where=proposals.c.cleared_at.is_not(None),
)

PartialIndex(
    "ix_proposals_unlocated",
    proposals.c.congress_id,
    proposals.c.id,
    where=proposals.c.cell_id.is_(None),
)

proposal_history = Table(
    "proposal_history",
    metadata,
    identity(),
    refers("proposal_id", "proposals.id", index=True),
    Column("kind", String(16), nullable=False),
    Column("status", String(16)),  # the status it led to, where it changed
    Column("reason", String(24), nullable=False, server_default=""),  # of the negative list
    refers("text_id", "texts.id", nullable=True),
    refers("message_id", "messages.id", nullable=True),
    refers("person_id", "people.id", nullable=True),
    Column("at", Instant, nullable=False),
)

proposal_authors = Table(
    "proposal_authors",
    metadata,
    Column("proposal_id", Identity, ForeignKey("proposals.id"), primary_key=True),
    Column("person_id", Identity, ForeignKey("people.id"), primary_key=True, index=True),
    # Who brought it in for the author: a deputy, a grid worker.
    refers("brought_by", "people.id", nullable=True, index=True),
)

proposal_supporters = Table(
    "proposal_supporters",
    metadata,
    Column("proposal_id", Identity, ForeignKey("proposals.id"), primary_key=True),
    Column("person_id", Identity, ForeignKey("people.id"), primary_key=True, index=True),
    Column("at", Instant, nullable=False),
)
