"""What people open for us by writing, and what travelled in the response to what they wrote."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0007"
down_revision = "0006"

# As the database knows them at this step, whatever the program makes of them later.
Identity = sa.BigInteger().with_variant(sa.Integer, "sqlite")
Instant = sa.BigInteger().with_variant(sa.DateTime(timezone=True), "postgresql")
Document = sa.JSON().with_variant(JSONB, "postgresql")


def upgrade() -> None:
    op.create_table(
        "push_windows",
        sa.Column("account_id", Identity, sa.ForeignKey("accounts.id"), primary_key=True),
        sa.Column("name", sa.String(16), primary_key=True),
        sa.Column("room", sa.Integer, nullable=False),
        sa.Column("until", Instant, nullable=False),
    )
    op.add_column("messages", sa.Column("response", Document))


def downgrade() -> None:
    op.drop_column("messages", "response")
    op.drop_table("push_windows")
