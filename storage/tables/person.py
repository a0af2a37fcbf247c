"""Human beings, how they reach us, and what they are in a congress."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, String, Table, UniqueConstraint, text

from storage.tables.columns import Identity, Instant, PartialIndex, identity, metadata, refers

people = Table(
    "people",
    metadata,
    identity(),
    Column("name", String(100), nullable=False, server_default=""),
    Column("telephone", String(40), nullable=False, server_default=""),
    Column("language", String(8), nullable=False, server_default="zh"),
    refers("cell_id", "areas.id", nullable=True, index=True),
    Column("notices", Boolean, nullable=False, server_default=text("true")),
    Column("consented_at", Instant),
    Column("created_at", Instant, nullable=False),
    Column("forgotten_at", Instant),
    refers("merged_into", "people.id", nullable=True),
)
for _column in (people.c.forgotten_at, people.c.merged_into):  # which few have
    _there = _column.is_not(None)
    PartialIndex(f"ix_people_{_column.name}", _column, where=_there)

accounts = Table(
    "accounts",
    metadata,
    identity(),
    Column("channel", String(16), nullable=False),
    Column("external_id", String(128), nullable=False),
    Column("address", String(128), nullable=False),
    refers("person_id", "people.id", index=True),
    Column("seen_at", Instant, nullable=False),
    Column("unreachable_since", Instant),
    Column("unreachable_reason", String(40), nullable=False, server_default=""),
    UniqueConstraint("channel", "external_id"),
)

roles = Table(
    "roles",
    metadata,
    identity(),
    refers("person_id", "people.id", index=True),
    refers("congress_id", "congresses.id"),
    Column("role", String(24), nullable=False),
    Column("group_name", String(100), nullable=False, server_default=""),
    Column("trade", String(100), nullable=False, server_default=""),
    Column("granted_at", Instant, nullable=False),
    Column("revoked_at", Instant),
    Index("ix_roles_congress_id_role", "congress_id", "role"),
)

role_areas = Table(
    "role_areas",
    metadata,
    Column("role_id", Identity, ForeignKey("roles.id"), primary_key=True),
    Column("area_id", Identity, ForeignKey("areas.id"), primary_key=True, index=True),
)

# Only the hash of a code is kept: who reads the database cannot enrol as somebody else.
invites = Table(
    "invites",
    metadata,
    identity(),
    Column("code_hash", String(64), nullable=False, unique=True),
    refers("person_id", "people.id", index=True),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant),
    refers("used_by_account_id", "accounts.id", nullable=True),
)
