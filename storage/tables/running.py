"""What replicas tell one another, what jobs did, and the log of every change."""

from sqlalchemy import BigInteger, Column, Index, String, Table

from storage.tables.columns import Document, Identity, Instant, identity, metadata, refers

# What other replicas hold in memory is read again when its number here has moved.
revisions = Table(
    "revisions",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("number", BigInteger, nullable=False),
)

# What only one replica does at a time (polling a platform), as long as it keeps saying so; and what all of them do only
# so often (storage/token_refreshes.py).
locks = Table(
    "locks",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("token", String(36), nullable=False),
    Column("until", Instant, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    identity(),
    Column("at", Instant, nullable=False),
    refers("person_id", "people.id", nullable=True),
    refers("message_id", "messages.id", nullable=True),
    Column("action", String(40), nullable=False),
    Column("record", String(24), nullable=False),
    Column("record_id", Identity, nullable=False),
    Column("before", Document),
    Column("after", Document),
    Index("ix_audit_record_record_id_id", "record", "record_id", "id"),
)

job_runs = Table(
    "job_runs",
    metadata,
    Column("scheduled_at", Instant, primary_key=True),
    Column("job", String(40), primary_key=True),
    Column("started_at", Instant, nullable=False),
    Column("finished_at", Instant),
)
