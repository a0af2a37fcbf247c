"""What is announced, who has agreed to it, and whom it is for."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0006"
down_revision = "0005"

# As the database knows them at this step, whatever the program makes of them later.
Identity = sa.BigInteger().with_variant(sa.Integer, "sqlite")
Instant = sa.BigInteger().with_variant(sa.DateTime(timezone=True), "postgresql")
Document = sa.JSON().with_variant(JSONB, "postgresql")


def upgrade() -> None:
    for create in (_announcements, _versions, _texts, _reviews, _recipients):
        create()


def downgrade() -> None:
    for table in ("recipients", "reviews", "texts", "versions"):
        op.drop_table(f"announcement_{table}")
    op.drop_table("announcements")


def _refers(name: str, target: str, *, nullable: bool = False, index: bool = False) -> sa.Column[int]:
    return sa.Column(name, Identity, sa.ForeignKey(target), nullable=nullable, index=index)


def _partial(name: str, table: str, columns: list[str], condition: str) -> None:
    where = sa.text(condition)
    op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)


def _announcements() -> None:
    op.create_table(
        "announcements",
        sa.Column("id", Identity, primary_key=True),
        _refers("congress_id", "congresses.id", index=True),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        _refers("author_id", "people.id", index=True),
        sa.Column("created_at", Instant, nullable=False),
        _refers("corrects_id", "announcements.id", nullable=True, index=True),
        sa.Column("correction", sa.String(16), nullable=False, server_default=""),
        sa.Column("send_at", Instant),
        sa.Column("started_at", Instant),
        sa.Column("ended_at", Instant),
        sa.Column("prepared_to", Identity),
        sa.Column("last_person", Identity),
        _refers("progress_id", "messages.id", nullable=True),
        sa.Column("progress", Document),
        sa.Column("progress_at", Instant),
    )
    active = "state IN ('scheduled', 'preparing', 'sending', 'paused', 'stopping')"
    _partial("ix_announcements_progress_at", "announcements", ["progress_at"], "progress_at IS NOT NULL")
    _partial("ix_announcements_active", "announcements", ["state", "send_at"], active)


def _versions() -> None:
    op.create_table(
        "announcement_versions",
        sa.Column("announcement_id", Identity, sa.ForeignKey("announcements.id"), primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("kind", sa.String(16), nullable=False),
        _refers("title_id", "texts.id"),
        _refers("text_id", "texts.id"),
        sa.Column("link", sa.String(400), nullable=False, server_default=""),
        sa.Column("button", sa.String(24), nullable=False, server_default=""),
        sa.Column("files", Document, nullable=False),
        sa.Column("audience", Document, nullable=False),
        sa.Column("reach", Document),
        sa.Column("on_board", sa.Boolean, nullable=False, server_default=sa.text("true")),
        sa.Column("send_at", Instant),
        _refers("urgent_id", "texts.id", nullable=True),
        _refers("written_by", "people.id", index=True),
        sa.Column("at", Instant, nullable=False),
    )
    table = "announcement_versions"
    _partial(f"ix_{table}_uncounted", table, ["announcement_id", "version"], "reach IS NULL")


def _texts() -> None:
    op.create_table(
        "announcement_texts",
        sa.Column("announcement_id", Identity, sa.ForeignKey("announcements.id"), primary_key=True),
        sa.Column("digest", sa.String(64), primary_key=True),
        _refers("text_id", "texts.id"),
    )


def _reviews() -> None:
    op.create_table(
        "announcement_reviews",
        sa.Column("id", Identity, primary_key=True),
        _refers("announcement_id", "announcements.id"),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("step", sa.String(16), nullable=False),
        _refers("person_id", "people.id", index=True),
        _refers("text_id", "texts.id", nullable=True),
        _refers("message_id", "messages.id", nullable=True),
        sa.Column("at", Instant, nullable=False),
        sa.UniqueConstraint("announcement_id", "version", "step"),
    )


def _recipients() -> None:
    op.create_table(
        "announcement_recipients",
        sa.Column("announcement_id", Identity, primary_key=True, autoincrement=False),
        sa.Column("person_id", Identity, primary_key=True, autoincrement=False, index=True),
        sa.Column("account_id", Identity),
        sa.Column("channel", sa.String(16), nullable=False, server_default=""),
        sa.Column("cell_id", Identity),
        sa.Column("skipped", sa.String(16), nullable=False, server_default=""),
        sa.Column("message_id", Identity),
        sa.Column("edits_id", Identity),
        sa.Column("opened_at", Instant),
    )
    table = "announcement_recipients"
    waiting = "message_id IS NULL AND skipped = ''"
    _partial(f"ix_{table}_waiting", table, ["announcement_id", "channel", "person_id"], waiting)
    counted = ["announcement_id", "channel", "cell_id"]
    _partial(f"ix_{table}_skipped", table, ["announcement_id", "skipped", *counted[1:]], "skipped != ''")
    _partial(f"ix_{table}_opened", table, counted, "opened_at IS NOT NULL")
