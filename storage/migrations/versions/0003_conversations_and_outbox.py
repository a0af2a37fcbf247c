"""What is being said: open conversations and the way out; the log of changes and of jobs."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0003"
down_revision = "0002"

# As the database knows them at this step, whatever the program makes of them later.
Identity = sa.BigInteger().with_variant(sa.Integer, "sqlite")
Instant = sa.BigInteger().with_variant(sa.DateTime(timezone=True), "postgresql")
Document = sa.JSON().with_variant(JSONB, "postgresql")
OrderedDocument = sa.JSON()


def upgrade() -> None:
    for create in (_conversations, _drafts, _prompts, _outbox, _leases, _paces, _locks, _audit, _job_runs):
        create()


def downgrade() -> None:
    for table in ("job_runs", "audit", "locks", "paces", "leases", "outbox", "prompts", "drafts", "conversations"):
        op.drop_table(table)


def _conversations() -> None:
    op.create_table(
        "conversations",
        sa.Column("person_id", Identity, sa.ForeignKey("people.id"), primary_key=True),
        sa.Column("state", OrderedDocument),
        sa.Column("heard_at", Instant, nullable=False),
        sa.Column("window_from", Instant, nullable=False),
        sa.Column("window_count", sa.Integer, nullable=False),
        sa.Column("strikes", sa.Integer, nullable=False),
        sa.Column("quiet_until", Instant),
    )
    _partial_index("ix_conversations_open", "conversations", ["heard_at"], "state IS NOT NULL")


def _drafts() -> None:
    op.create_table(
        "drafts",
        sa.Column("id", Identity, primary_key=True),
        sa.Column("person_id", Identity, sa.ForeignKey("people.id"), nullable=False),
        sa.Column("state", OrderedDocument, nullable=False),
        sa.Column("saved_at", Instant, nullable=False),
        sa.Index("ix_drafts_person_id_id", "person_id", "id"),
    )


def _prompts() -> None:
    op.create_table(
        "prompts",
        sa.Column("id", Identity, primary_key=True),
        sa.Column("person_id", Identity, sa.ForeignKey("people.id"), nullable=False, index=True),
        sa.Column("conversation", sa.String(40), nullable=False),
        sa.Column("arguments", Document, nullable=False),
        sa.Column("created_at", Instant, nullable=False),
    )


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("message_id", Identity, sa.ForeignKey("messages.id"), primary_key=True, autoincrement=False),
        sa.Column("account_id", Identity, sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("priority", sa.Integer, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("due_at", Instant, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("settled_at", Instant),
        sa.Column("platform_id", sa.String(100), nullable=False, server_default=""),
        sa.Column("failure", sa.String(40), nullable=False, server_default=""),
        sa.Column("announcement_id", Identity),
        sa.Column("cell_id", Identity),
    )
    columns = ["announcement_id", "state", "channel", "cell_id", "failure"]
    _partial_index("ix_outbox_announcement", "outbox", columns, "announcement_id IS NOT NULL")
    held = "state = 'held' AND announcement_id IS NOT NULL"
    _partial_index("ix_outbox_announcement_held", "outbox", ["created_at"], held)
    _partial_index(
        "ix_outbox_unsettled", "outbox", ["account_id", "priority", "message_id"], "state IN ('waiting', 'held')"
    )
    _partial_index("ix_outbox_waiting", "outbox", ["channel", "priority", "due_at"], "state = 'waiting'")


def _leases() -> None:
    op.create_table(
        "leases",
        sa.Column("account_id", Identity, sa.ForeignKey("accounts.id"), primary_key=True),
        sa.Column("token", sa.String(36), nullable=False),
        sa.Column("until", Instant, nullable=False),
    )


def _paces() -> None:
    op.create_table(
        "paces",
        sa.Column("channel", sa.String(16), primary_key=True),
        sa.Column("next_at", Instant, nullable=False),
        sa.Column("paused_until", Instant),
        sa.Column("fault", sa.String(60), nullable=False, server_default=""),
    )


def _locks() -> None:
    op.create_table(
        "locks",
        sa.Column("name", sa.String(40), primary_key=True),
        sa.Column("token", sa.String(36), nullable=False),
        sa.Column("until", Instant, nullable=False),
    )


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("id", Identity, primary_key=True),
        sa.Column("at", Instant, nullable=False),
        sa.Column("person_id", Identity, sa.ForeignKey("people.id")),
        sa.Column("message_id", Identity, sa.ForeignKey("messages.id")),
        sa.Column("action", sa.String(40), nullable=False),
        sa.Column("record", sa.String(24), nullable=False),
        sa.Column("record_id", Identity, nullable=False),
        sa.Column("before", Document),
        sa.Column("after", Document),
        sa.Index("ix_audit_record_record_id_id", "record", "record_id", "id"),
    )


def _job_runs() -> None:
    op.create_table(
        "job_runs",
        sa.Column("scheduled_at", Instant, primary_key=True),
        sa.Column("job", sa.String(40), primary_key=True),
        sa.Column("started_at", Instant, nullable=False),
        sa.Column("finished_at", Instant),
    )


def _partial_index(name: str, table: str, columns: list[str], condition: str) -> None:
    where = sa.text(condition)
    op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)
