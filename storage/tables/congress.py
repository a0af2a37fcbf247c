"""The bodies that decide, and their years of work."""

from sqlalchemy import Column, Date, Integer, String, Table, UniqueConstraint

from storage.tables.columns import Document, Instant, identity, metadata, refers

congresses = Table(
    "congresses",
    metadata,
    identity(),
    Column("name", String(200), nullable=False),
    Column("level", String(16), nullable=False),
    refers("area_id", "areas.id", index=True),
    Column("timezone", String(64), nullable=False),
    Column("rules", Document, nullable=False),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("area_id", "level"),
)

cycles = Table(
    "cycles",
    metadata,
    identity(),
    refers("congress_id", "congresses.id"),
    Column("year", Integer, nullable=False),
    Column("stage", String(16), nullable=False),
    Column("collecting_from", Date, nullable=False),
    Column("collecting_to", Date, nullable=False),
    Column("closed_at", Instant),
    UniqueConstraint("congress_id", "year"),
)
