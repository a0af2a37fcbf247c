"""Since when nothing leaves by a channel, and whether staff have been told."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

# As the database knows them at this step, whatever the program makes of them later.
Identity = sa.BigInteger().with_variant(sa.Integer, "sqlite")
Instant = sa.BigInteger().with_variant(sa.DateTime(timezone=True), "postgresql")


def upgrade() -> None:
    op.add_column("paces", sa.Column("failing_since", Instant))
    op.add_column("paces", sa.Column("failed_at", Instant))
    op.add_column("paces", sa.Column("told_at", Instant))
    op.add_column("paces", sa.Column("told_to", Identity))


def downgrade() -> None:
    for column in ("told_to", "told_at", "failed_at", "failing_since"):
        op.drop_column("paces", column)
