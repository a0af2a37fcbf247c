"""Where people live, which congress hears them, and who they are."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None

# As the database knows them at this step, whatever the program makes of them later.
Identity = sa.BigInteger().with_variant(sa.Integer, "sqlite")
Instant = sa.BigInteger().with_variant(sa.DateTime(timezone=True), "postgresql")
Document = sa.JSON().with_variant(JSONB, "postgresql")
Path = sa.String(400).with_variant(sa.String(400, collation="C"), "postgresql")


def upgrade() -> None:
    for create in (
        _areas,
        _stations,
        _revisions,
        _congresses,
        _cycles,
        _people,
        _accounts,
        _roles,
        _role_areas,
        _invites,
    ):
        create()


def downgrade() -> None:
    for table in (
        "invites",
        "role_areas",
        "roles",
        "accounts",
        "people",
        "cycles",
        "congresses",
        "revisions",
        "stations",
        "areas",
    ):
        op.drop_table(table)


def _areas() -> None:
    op.create_table(
        "areas",
        sa.Column("id", Identity, primary_key=True),
        sa.Column("parent_id", Identity, sa.ForeignKey("areas.id"), index=True),
        sa.Column("level", sa.String(16), nullable=False),
        sa.Column("code", sa.String(64), nullable=False, unique=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("path", Path, nullable=False, index=True),
        sa.Column("aliases", Document, nullable=False),
        sa.Column("polygon", sa.LargeBinary),
        sa.Column("retired_at", Instant),
    )


def _stations() -> None:
    op.create_table(
        "stations",
        sa.Column("id", Identity, primary_key=True),
        sa.Column("area_id", Identity, sa.ForeignKey("areas.id"), nullable=False, index=True),
        sa.Column("code", sa.String(64), nullable=False, unique=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("address", sa.String(400), nullable=False, server_default=""),
    )


def _revisions() -> None:
    op.create_table(
        "revisions",
        sa.Column("name", sa.String(40), primary_key=True),
        sa.Column("number", sa.BigInteger, nullable=False),
    )


def _congresses() -> None:
    op.create_table(
        "congresses",
        sa.Column("id", Identity, primary_key=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("level", sa.String(16), nullable=False),
        sa.Column("area_id", Identity, sa.ForeignKey("areas.id"), nullable=False, index=True),
        sa.Column("timezone", sa.String(64), nullable=False),
        sa.Column("rules", Document, nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.UniqueConstraint("area_id", "level"),
    )


def _cycles() -> None:
    op.create_table(
        "cycles",
        sa.Column("id", Identity, primary_key=True),
        sa.Column("congress_id", Identity, sa.ForeignKey("congresses.id"), nullable=False),
        sa.Column("year", sa.Integer, nullable=False),
        sa.Column("stage", sa.String(16), nullable=False),
        sa.Column("collecting_from", sa.Date, nullable=False),
        sa.Column("collecting_to", sa.Date, nullable=False),
        sa.Column("closed_at", Instant),
        sa.UniqueConstraint("congress_id", "year"),
    )


def _people() -> None:
    op.create_table(
        "people",
        sa.Column("id", Identity, primary_key=True),
        sa.Column("name", sa.String(100), nullable=False, server_default=""),
        sa.Column("telephone", sa.String(40), nullable=False, server_default=""),
        sa.Column("language", sa.String(8), nullable=False, server_default="zh"),
        sa.Column("cell_id", Identity, sa.ForeignKey("areas.id"), index=True),
        sa.Column("notices", sa.Boolean, nullable=False, server_default=sa.text("true")),
        sa.Column("consented_at", Instant),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("forgotten_at", Instant),
        sa.Column("merged_into", Identity, sa.ForeignKey("people.id")),
    )
    for column in ("forgotten_at", "merged_into"):
        there = sa.text(f"{column} IS NOT NULL")
        op.create_index(f"ix_people_{column}", "people", [column], sqlite_where=there, postgresql_where=there)


def _accounts() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", Identity, primary_key=True),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("external_id", sa.String(128), nullable=False),
        sa.Column("address", sa.String(128), nullable=False),
        sa.Column("person_id", Identity, sa.ForeignKey("people.id"), nullable=False, index=True),
        sa.Column("seen_at", Instant, nullable=False),
        sa.Column("unreachable_since", Instant),
        sa.Column("unreachable_reason", sa.String(40), nullable=False, server_default=""),
        sa.UniqueConstraint("channel", "external_id"),
    )


def _roles() -> None:
    op.create_table(
        "roles",
        sa.Column("id", Identity, primary_key=True),
        sa.Column("person_id", Identity, sa.ForeignKey("people.id"), nullable=False, index=True),
        sa.Column("congress_id", Identity, sa.ForeignKey("congresses.id"), nullable=False),
        sa.Column("role", sa.String(24), nullable=False),
        sa.Column("group_name", sa.String(100), nullable=False, server_default=""),
        sa.Column("trade", sa.String(100), nullable=False, server_default=""),
        sa.Column("granted_at", Instant, nullable=False),
        sa.Column("revoked_at", Instant),
        sa.Index("ix_roles_congress_id_role", "congress_id", "role"),
    )


def _role_areas() -> None:
    op.create_table(
        "role_areas",
        sa.Column("role_id", Identity, sa.ForeignKey("roles.id"), primary_key=True),
        sa.Column("area_id", Identity, sa.ForeignKey("areas.id"), primary_key=True, index=True),
    )


def _invites() -> None:
    op.create_table(
        "invites",
        sa.Column("id", Identity, primary_key=True),
        sa.Column("code_hash", sa.String(64), nullable=False, unique=True),
        sa.Column("person_id", Identity, sa.ForeignKey("people.id"), nullable=False, index=True),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("expires_at", Instant, nullable=False),
        sa.Column("used_at", Instant),
        sa.Column("used_by_account_id", Identity, sa.ForeignKey("accounts.id")),
    )
