"""What was chosen: projects, their plans and history, and who watches over them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0004"
down_revision = "0003"

# As the database knows them at this step, whatever the program makes of them later.
Identity = sa.BigInteger().with_variant(sa.Integer, "sqlite")
Instant = sa.BigInteger().with_variant(sa.DateTime(timezone=True), "postgresql")
Document = sa.JSON().with_variant(JSONB, "postgresql")


def upgrade() -> None:
    for create in (_projects, _project_cells, _milestones, _project_history, _liaisons):
        create()


def downgrade() -> None:
    for table in ("liaisons", "project_history", "milestones", "project_cells", "projects"):
        op.drop_table(table)


def _projects() -> None:
    op.create_table(
        "projects",
        sa.Column("id", Identity, primary_key=True),
        sa.Column("congress_id", Identity, sa.ForeignKey("congresses.id"), nullable=False),
        sa.Column("cycle_id", Identity, sa.ForeignKey("cycles.id"), nullable=False, index=True),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("investment", sa.BigInteger),
        sa.Column("body", sa.String(100), nullable=False),
        sa.Column("leader", sa.String(100), nullable=False),
        sa.Column("deadline", sa.Date, nullable=False),
        sa.Column("effect", sa.Text, nullable=False),
        sa.Column("stage", sa.String(16), nullable=False),
        sa.Column("progress", sa.Integer, nullable=False, server_default=sa.text("0")),
        sa.Column("begun_on", sa.Date, nullable=False),
        sa.Column("ended_on", sa.Date),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("changed_at", Instant, nullable=False),
        sa.Index("ix_projects_congress_id_id", "congress_id", "id"),
        sa.Index("ix_projects_congress_id_stage_id", "congress_id", "stage", "id"),
    )


def _project_cells() -> None:
    op.create_table(
        "project_cells",
        sa.Column("project_id", Identity, sa.ForeignKey("projects.id"), primary_key=True),
        sa.Column("area_id", Identity, sa.ForeignKey("areas.id"), primary_key=True, index=True),
    )


def _milestones() -> None:
    op.create_table(
        "milestones",
        sa.Column("project_id", Identity, sa.ForeignKey("projects.id"), primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("planned_on", sa.Date, nullable=False),
        sa.Column("share", sa.Integer, nullable=False),
        sa.Column("reached_on", sa.Date),
    )


def _project_history() -> None:
    op.create_table(
        "project_history",
        sa.Column("id", Identity, primary_key=True),
        sa.Column("project_id", Identity, sa.ForeignKey("projects.id"), nullable=False, index=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("stage", sa.String(16)),
        sa.Column("changed", Document),
        sa.Column("text_id", Identity, sa.ForeignKey("texts.id")),
        sa.Column("approver", sa.String(24)),
        sa.Column("decided_on", sa.Date),
        sa.Column("document", sa.String(200), nullable=False, server_default=""),
        sa.Column("message_id", Identity, sa.ForeignKey("messages.id")),
        sa.Column("person_id", Identity, sa.ForeignKey("people.id")),
        sa.Column("at", Instant, nullable=False),
    )


def _liaisons() -> None:
    op.create_table(
        "liaisons",
        sa.Column("id", Identity, primary_key=True),
        sa.Column("project_id", Identity, sa.ForeignKey("projects.id"), nullable=False, index=True),
        sa.Column("person_id", Identity, sa.ForeignKey("people.id"), nullable=False, index=True),
        sa.Column("assigned_by", Identity, sa.ForeignKey("people.id")),
        sa.Column("assigned_at", Instant, nullable=False),
        sa.Column("left_at", Instant),
        sa.Column("left_how", sa.String(16)),
        sa.Column("text_id", Identity, sa.ForeignKey("texts.id")),
    )
    present = sa.text("left_at IS NULL")
    op.create_index(
        "uq_liaisons_present",
        "liaisons",
        ["project_id", "person_id"],
        unique=True,
        sqlite_where=present,
        postgresql_where=present,
    )
