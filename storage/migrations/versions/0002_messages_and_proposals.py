"""What was said, and what was proposed by it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0002"
down_revision = "0001"

# As the database knows them at this step, whatever the program makes of them later.
Identity = sa.BigInteger().with_variant(sa.Integer, "sqlite")
Instant = sa.BigInteger().with_variant(sa.DateTime(timezone=True), "postgresql")
Document = sa.JSON().with_variant(JSONB, "postgresql")


def upgrade() -> None:
    for create in (
        _texts,
        _messages,
        _attachments,
        _links,
        _proposals,
        _proposal_history,
        _proposal_authors,
        _proposal_supporters,
    ):
        create()


def downgrade() -> None:
    for table in (
        "proposal_supporters",
        "proposal_authors",
        "proposal_history",
        "proposals",
        "links",
        "attachments",
        "messages",
        "texts",
    ):
        op.drop_table(table)


def _messages() -> None:
    op.create_table(
        "messages",
        sa.Column("id", Identity, primary_key=True),
        sa.Column("direction", sa.String(3), nullable=False),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("account_id", Identity, sa.ForeignKey("accounts.id")),
        sa.Column("person_id", Identity, sa.ForeignKey("people.id")),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("text", sa.Text, nullable=False, server_default=""),
        sa.Column("text_id", Identity, sa.ForeignKey("texts.id")),
        sa.Column("choices", Document),
        sa.Column("latitude", sa.Float),
        sa.Column("longitude", sa.Float),
        sa.Column("at", Instant, nullable=False),
        sa.Column("stored_at", Instant, nullable=False),
        sa.Column("platform_key", sa.String(200)),
        sa.Column("in_reply_to", Identity, sa.ForeignKey("messages.id")),
        sa.Column("edits_id", Identity, sa.ForeignKey("messages.id")),
        sa.Column("fault", sa.String(200)),
        sa.UniqueConstraint("channel", "platform_key"),
        sa.Index("ix_messages_account_id_id", "account_id", "id"),
        sa.Index("ix_messages_in_reply_to", "in_reply_to"),
        sa.Index("ix_messages_person_id_id", "person_id", "id"),
    )


def _attachments() -> None:
    op.create_table(
        "attachments",
        sa.Column("id", Identity, primary_key=True),
        sa.Column("message_id", Identity, sa.ForeignKey("messages.id"), nullable=False, index=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("platform_id", sa.String(400)),
        sa.Column("recipe", Document),
        sa.Column("name", sa.String(200), nullable=False, server_default=""),
        sa.Column("media_type", sa.String(100), nullable=False, server_default=""),
        sa.Column("size", sa.BigInteger),
        sa.Column("digest", sa.String(64)),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("due_at", Instant, nullable=False),
        sa.Column("lease_until", Instant),
        sa.Column("failure", sa.String(60), nullable=False, server_default=""),
    )
    _partial_index("ix_attachments_wanted", "attachments", ["due_at"], "state = 'wanted'")
    _partial_index("ix_attachments_digest", "attachments", ["digest"], "digest IS NOT NULL")
    _partial_index("ix_attachments_with_recipe", "attachments", ["id"], "recipe IS NOT NULL AND state = 'stored'")


def _links() -> None:
    op.create_table(
        "links",
        sa.Column("id", Identity, primary_key=True),
        sa.Column("message_id", Identity, sa.ForeignKey("messages.id"), nullable=False, index=True),
        sa.Column("target", sa.String(16), nullable=False),
        sa.Column("target_id", Identity, nullable=False),
        sa.Column("how", sa.String(16), nullable=False),
        sa.Column("linked_by", Identity, sa.ForeignKey("people.id")),
        sa.Column("linked_at", Instant, nullable=False),
        sa.Column("replaced_at", Instant),
        sa.Index("ix_links_target_target_id_linked_at_id", "target", "target_id", "linked_at", "id"),
    )


def _texts() -> None:
    op.create_table(
        "texts",
        sa.Column("id", Identity, primary_key=True),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("written_by", Identity, sa.ForeignKey("people.id"), index=True),
        sa.Column("written_at", Instant, nullable=False),
        sa.Column("blanked_at", Instant),
    )


def _proposals() -> None:
    op.create_table(
        "proposals",
        sa.Column("id", Identity, primary_key=True),
        sa.Column("congress_id", Identity, sa.ForeignKey("congresses.id"), nullable=False),
        sa.Column("cycle_id", Identity, sa.ForeignKey("cycles.id"), nullable=False, index=True),
        sa.Column("text_id", Identity, sa.ForeignKey("texts.id"), nullable=False),
        sa.Column("category", sa.String(24), nullable=False),
        sa.Column("cell_id", Identity, sa.ForeignKey("areas.id")),
        sa.Column("located_how", sa.String(16), nullable=False),
        sa.Column("latitude", sa.Float),
        sa.Column("longitude", sa.Float),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("source", sa.String(16), nullable=False),
        sa.Column("cleared_at", Instant),
        sa.Column("supporters", sa.Integer, nullable=False, server_default="0"),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("changed_at", Instant, nullable=False),
        sa.Column("merged_into", Identity, sa.ForeignKey("proposals.id"), index=True),
        sa.Index("ix_proposals_cell_id_id", "cell_id", "id"),
        sa.Index("ix_proposals_congress_id_category_id", "congress_id", "category", "id"),
        sa.Index("ix_proposals_congress_id_cell_id_id", "congress_id", "cell_id", "id"),
        sa.Index("ix_proposals_congress_id_id", "congress_id", "id"),
        sa.Index("ix_proposals_congress_id_status_id", "congress_id", "status", "id"),
        sa.Index("ix_proposals_created_at_id", "created_at", "id"),
    )
    cleared = sa.text("cleared_at IS NOT NULL")
    columns = ["cell_id", "id", "status"]
    op.create_index("ix_proposals_cleared", "proposals", columns, sqlite_where=cleared, postgresql_where=cleared)
    open_ = sa.text("cell_id IS NULL")
    columns = ["congress_id", "id"]
    op.create_index("ix_proposals_unlocated", "proposals", columns, sqlite_where=open_, postgresql_where=open_)


def _proposal_history() -> None:
    op.create_table(
        "proposal_history",
        sa.Column("id", Identity, primary_key=True),
        sa.Column("proposal_id", Identity, sa.ForeignKey("proposals.id"), nullable=False, index=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("status", sa.String(16)),
        sa.Column("reason", sa.String(24), nullable=False, server_default=""),
        sa.Column("text_id", Identity, sa.ForeignKey("texts.id")),
        sa.Column("message_id", Identity, sa.ForeignKey("messages.id")),
        sa.Column("person_id", Identity, sa.ForeignKey("people.id")),
        sa.Column("at", Instant, nullable=False),
    )


def _proposal_authors() -> None:
    op.create_table(
        "proposal_authors",
        sa.Column("proposal_id", Identity, sa.ForeignKey("proposals.id"), primary_key=True),
        sa.Column("person_id", Identity, sa.ForeignKey("people.id"), primary_key=True, index=True),
        sa.Column("brought_by", Identity, sa.ForeignKey("people.id"), index=True),
    )


def _proposal_supporters() -> None:
    op.create_table(
        "proposal_supporters",
        sa.Column("proposal_id", Identity, sa.ForeignKey("proposals.id"), primary_key=True),
        sa.Column("person_id", Identity, sa.ForeignKey("people.id"), primary_key=True, index=True),
        sa.Column("at", Instant, nullable=False),
    )


def _partial_index(name: str, table: str, columns: list[str], condition: str) -> None:
    where = sa.text(condition)
    op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)
