"""What is owed about projects, what was reported, and what became of the problems."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0005"
down_revision = "0004"

# As the database knows them at this step, whatever the program makes of them later.
Identity = sa.BigInteger().with_variant(sa.Integer, "sqlite")
Instant = sa.BigInteger().with_variant(sa.DateTime(timezone=True), "postgresql")
Document = sa.JSON().with_variant(JSONB, "postgresql")


def upgrade() -> None:
    for create in (
        _cadences,
        _rounds,
        _notes,
        _note_people,
        _duties,
        _reminders,
        _rectifications,
        _rectification_history,
        _observations,
    ):
        create()


def downgrade() -> None:
    for table in (
        "observations",
        "rectification_history",
        "rectifications",
        "reminders",
        "duties",
        "note_people",
        "notes",
        "rounds",
        "cadences",
    ):
        op.drop_table(table)


def _refers(name: str, target: str, *, nullable: bool = False, index: bool = False) -> sa.Column[int]:
    return sa.Column(name, Identity, sa.ForeignKey(target), nullable=nullable, index=index)


def _partial(name: str, table: str, columns: list[str], condition: str, *, unique: bool = False) -> None:
    where = sa.text(condition)
    op.create_index(name, table, columns, unique=unique, sqlite_where=where, postgresql_where=where)


def _cadences() -> None:
    op.create_table(
        "cadences",
        sa.Column("id", Identity, primary_key=True),
        _refers("congress_id", "congresses.id"),
        sa.Column("duty", sa.String(16), nullable=False),
        sa.Column("rule", Document, nullable=False),
        sa.Column("next_period", sa.Integer, nullable=False),
        sa.Column("next_at", Instant),
        sa.UniqueConstraint("congress_id", "duty"),
    )
    _partial("ix_cadences_next_at_id", "cadences", ["next_at", "id"], "next_at IS NOT NULL")


def _rounds() -> None:
    op.create_table(
        "rounds",
        sa.Column("id", Identity, primary_key=True),
        _refers("congress_id", "congresses.id"),
        sa.Column("duty", sa.String(16), nullable=False),
        sa.Column("period", sa.String(7), nullable=False),
        sa.Column("opens_on", sa.Date, nullable=False),
        sa.Column("due_on", sa.Date, nullable=False),
        sa.Column("steps", Document, nullable=False),
        sa.Column("step", sa.Integer, nullable=False),
        sa.Column("next_at", Instant),
        sa.Column("owed", sa.String(8), nullable=False, server_default="group"),
        sa.Column("opened_to", Identity),
        sa.Column("told_to", Identity),
        sa.Column("closed_at", Instant),
        sa.UniqueConstraint("congress_id", "duty", "period"),
    )
    _partial("ix_rounds_next_at_id", "rounds", ["next_at", "id"], "next_at IS NOT NULL")
    _partial("ix_rounds_open_congress_id", "rounds", ["congress_id"], "closed_at IS NULL")
    _partial("ix_rounds_opened_to_id", "rounds", ["opened_to", "id"], "opened_to IS NOT NULL")


def _notes() -> None:
    op.create_table(
        "notes",
        sa.Column("id", Identity, primary_key=True),
        _refers("congress_id", "congresses.id"),
        _refers("project_id", "projects.id", nullable=True),
        sa.Column("kind", sa.String(16), nullable=False),
        _refers("author_id", "people.id"),
        sa.Column("standing", sa.String(16)),
        sa.Column("progress", sa.Integer),
        sa.Column("planned", sa.Integer),
        _refers("text_id", "texts.id", nullable=True),
        sa.Column("latitude", sa.Float),
        sa.Column("longitude", sa.Float),
        sa.Column("nearness", sa.String(8)),
        sa.Column("satisfied", sa.Boolean),
        sa.Column("received", sa.Integer),
        sa.Column("at", Instant, nullable=False),
        sa.Column("corrected_at", Instant),
        sa.Index("ix_notes_project_id_id", "project_id", "id"),
        sa.Index("ix_notes_congress_id_id", "congress_id", "id"),
        sa.Index("ix_notes_author_id_id", "author_id", "id"),
    )


def _note_people() -> None:
    op.create_table(
        "note_people",
        sa.Column("note_id", Identity, sa.ForeignKey("notes.id"), primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("part", sa.String(8), nullable=False),
        _refers("person_id", "people.id", nullable=True, index=True),
        sa.Column("name", sa.String(100), nullable=False, server_default=""),
    )


def _duties() -> None:
    op.create_table(
        "duties",
        sa.Column("id", Identity, primary_key=True),
        _refers("round_id", "rounds.id"),
        _refers("project_id", "projects.id", nullable=True),
        _refers("person_id", "people.id", nullable=True),
        sa.Column("answered_at", Instant),
        _refers("note_id", "notes.id", nullable=True),
        sa.UniqueConstraint("round_id", "project_id", "person_id"),
    )
    _partial("ix_duties_note_id", "duties", ["note_id"], "note_id IS NOT NULL")
    _partial("uq_duties_of_group", "duties", ["round_id", "project_id"], "person_id IS NULL", unique=True)
    _partial("uq_duties_without_project", "duties", ["round_id", "person_id"], "project_id IS NULL", unique=True)
    _partial("ix_duties_open_project_id", "duties", ["project_id"], "answered_at IS NULL")
    _partial("ix_duties_open_person_id", "duties", ["person_id"], "answered_at IS NULL AND person_id IS NOT NULL")


def _reminders() -> None:
    op.create_table(
        "reminders",
        sa.Column("round_id", Identity, sa.ForeignKey("rounds.id"), primary_key=True),
        sa.Column("step", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("person_id", Identity, sa.ForeignKey("people.id"), primary_key=True, index=True),
        sa.Column("at", Instant, nullable=False),
        sa.Column("escalates", sa.Boolean, nullable=False, server_default=sa.text("false")),
        sa.Column("prompt_at", Instant),
    )
    columns = ["prompt_at", "person_id"]
    _partial("ix_reminders_prompt_at_person_id", "reminders", columns, "prompt_at IS NOT NULL")


def _rectifications() -> None:
    op.create_table(
        "rectifications",
        sa.Column("id", Identity, primary_key=True),
        _refers("congress_id", "congresses.id"),
        _refers("project_id", "projects.id"),
        _refers("note_id", "notes.id", nullable=True, index=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("severity", sa.String(8), nullable=False),
        _refers("text_id", "texts.id"),
        sa.Column("stage", sa.String(16), nullable=False),
        _refers("raised_by", "people.id", nullable=True, index=True),
        sa.Column("due_on", sa.Date, nullable=False),
        sa.Column("planned_on", sa.Date),
        sa.Column("step", sa.Integer, nullable=False),
        sa.Column("next_at", Instant),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("changed_at", Instant, nullable=False),
        sa.Column("closed_at", Instant),
        sa.Index("ix_rectifications_project_id_id", "project_id", "id"),
        sa.Index("ix_rectifications_congress_id_stage_id", "congress_id", "stage", "id"),
    )
    _partial("ix_rectifications_next_at", "rectifications", ["next_at"], "next_at IS NOT NULL")


def _rectification_history() -> None:
    op.create_table(
        "rectification_history",
        sa.Column("id", Identity, primary_key=True),
        _refers("rectification_id", "rectifications.id", index=True),
        sa.Column("stage", sa.String(16), nullable=False),
        _refers("text_id", "texts.id", nullable=True),
        sa.Column("planned_on", sa.Date),
        sa.Column("due_on", sa.Date),
        _refers("message_id", "messages.id", nullable=True),
        _refers("person_id", "people.id", nullable=True, index=True),
        sa.Column("at", Instant, nullable=False),
    )


def _observations() -> None:
    op.create_table(
        "observations",
        sa.Column("id", Identity, primary_key=True),
        _refers("congress_id", "congresses.id"),
        _refers("project_id", "projects.id"),
        _refers("author_id", "people.id", index=True),
        _refers("text_id", "texts.id"),
        _refers("cell_id", "areas.id", nullable=True),
        sa.Column("latitude", sa.Float),
        sa.Column("longitude", sa.Float),
        sa.Column("at", Instant, nullable=False),
        _refers("answer_id", "texts.id", nullable=True),
        _refers("answered_by", "people.id", nullable=True, index=True),
        sa.Column("answered_at", Instant),
        sa.Column("told_at", Instant),
        sa.Index("ix_observations_project_id_id", "project_id", "id"),
        sa.Index("ix_observations_congress_id_id", "congress_id", "id"),
    )
    _partial("ix_observations_unanswered", "observations", ["congress_id", "id"], "answered_at IS NULL")
    _partial("ix_observations_untold", "observations", ["congress_id", "at"], "told_at IS NULL")
