"""What may be told of a message that cannot be pushed, and how many such notices people let us push."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0009"
down_revision = "0008"

# As the database knows them at this step, whatever the program makes of them later.
Identity = sa.BigInteger().with_variant(sa.Integer, "sqlite")
Document = sa.JSON().with_variant(JSONB, "postgresql")


def upgrade() -> None:
    op.create_table(
        "consents",
        sa.Column("account_id", Identity, sa.ForeignKey("accounts.id"), primary_key=True),
        sa.Column("template", sa.String(64), primary_key=True),
        sa.Column("room", sa.Integer, nullable=False),
    )
    op.add_column("outbox", sa.Column("notice", Document))


def downgrade() -> None:
    op.drop_column("outbox", "notice")
    op.drop_table("consents")
