"""What goes to many people of a platform by one call, and what the platform tells of it."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

# As the database knows them at this step, whatever the program makes of them later.
Identity = sa.BigInteger().with_variant(sa.Integer, "sqlite")
Instant = sa.BigInteger().with_variant(sa.DateTime(timezone=True), "postgresql")


def upgrade() -> None:
    op.create_table(
        "mass_sends",
        sa.Column("id", Identity, primary_key=True),
        _refers("announcement_id", "announcements.id", index=True),
        sa.Column("channel", sa.String(16), nullable=False),
        _refers("text_id", "texts.id"),
        sa.Column("key", sa.String(32), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("became", sa.String(40), nullable=False, server_default=""),
        sa.Column("people", sa.Integer, nullable=False, server_default="0"),
        sa.Column("upto", Identity, nullable=False, server_default="0"),
        sa.Column("month", sa.String(7), nullable=False, server_default=""),
        sa.Column("number", sa.String(32), nullable=False, server_default="", index=True),
        sa.Column("due_at", Instant, nullable=False),
        sa.Column("called_at", Instant),
        sa.Column("tries", sa.Integer, nullable=False, server_default="0"),
        sa.Column("token", sa.String(36), nullable=False, server_default=""),
        sa.Column("until", Instant),
    )
    where = sa.text("state IN ('ready', 'calling', 'asked')")
    index = "ix_mass_sends_open", "mass_sends", ["state", "due_at"]
    op.create_index(*index, sqlite_where=where, postgresql_where=where)
    op.create_table(
        "mass_send_rows",
        sa.Column("message_id", Identity, sa.ForeignKey("messages.id"), primary_key=True, autoincrement=False),
        _refers("mass_send_id", "mass_sends.id", index=True),
        _refers("account_id", "accounts.id", index=True),
    )
    op.create_table(
        "mass_results",
        sa.Column("channel", sa.String(16), primary_key=True),
        sa.Column("number", sa.String(32), primary_key=True),
        sa.Column("became", sa.String(40), nullable=False),
        *(sa.Column(name, sa.Integer, nullable=False) for name in ("total", "filtered", "sent", "failed")),
        sa.Column("at", Instant, nullable=False),
    )


def downgrade() -> None:
    for table in ("mass_results", "mass_send_rows", "mass_sends"):
        op.drop_table(table)


def _refers(name: str, target: str, *, index: bool = False) -> sa.Column[int]:
    return sa.Column(name, Identity, sa.ForeignKey(target), nullable=False, index=index)
