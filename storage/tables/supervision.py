"""What deputies and bodies owe, what they reported, and what became of the problems they found."""

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
    text,
)

from storage.tables.columns import Document, Identity, Instant, PartialIndex, identity, metadata, refers

# How a duty comes round in a congress, and the period of it that opens next.
cadences = Table(
    "cadences",
    metadata,
    identity(),
    refers("congress_id", "congresses.id"),
    Column("duty", String(16), nullable=False),
    Column("rule", Document, nullable=False),  # see storage.domain.cadence.Cadence
    Column("next_period", Integer, nullable=False),  # its number
    Column("next_at", Instant),  # when it opens; null while the duty is turned off
    UniqueConstraint("congress_id", "duty"),
)
PartialIndex(
    "ix_cadences_next_at_id",
    cadences.c.next_at,
    cadences.c.id,
    where=cadences.c.next_at.is_not(None),
)

# A period that has opened. Its steps are fixed then, whatever the cadence or the calendar says later.
rounds = Table(
    "rounds",
    metadata,
    identity(),
    refers("congress_id", "congresses.id"),
    Column("duty", String(16), nullable=False),
    Column("period", String(7), nullable=False),  # 2026-03
    Column("opens_on", Date, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("steps", Document, nullable=False),  # the moment of each, in order; the last one escalates
    Column("step", Integer, nullable=False),  # that comes next
    Column("next_at", Instant),  # when; null after the last
    Column("owed", String(8), nullable=False, server_default="group"),  # see storage.domain.cadence.Owed
    Column("opened_to", Identity),  # the last project, or person, whose duty is made; null once all are
    Column("told_to", Identity),  # the last duty of which the present step was told
    Column("closed_at", Instant),  # the next period has opened, or the duty was turned off
    UniqueConstraint("congress_id", "duty", "period"),
)
PartialIndex(
    "ix_rounds_next_at_id",
    rounds.c.next_at,
    rounds.c.id,
    where=rounds.c.next_at.is_not(None),
)
PartialIndex(
    "ix_rounds_opened_to_id",
    rounds.c.opened_to,
    rounds.c.id,
    where=rounds.c.opened_to.is_not(None),
)

PartialIndex("ix_rounds_open_congress_id", rounds.c.congress_id, where=rounds.c.closed_at.is_(None))

notes = Table(
    "notes",
    metadata,
    identity(),
    refers("congress_id", "congresses.id"),
    refers("project_id", "projects.id", nullable=True),  # none on a reception day
    Column("kind", String(16), nullable=False),  # see storage.domain.cadence.Duty
    refers("author_id", "people.id"),
    Column("standing", String(16)),  # see storage.notes.Standing; none on a reception day that was held
    Column("progress", Integer),  # per cent
    Column("planned", Integer),  # per cent that the plan demanded on that day
    refers("text_id", "texts.id", nullable=True),  # what they saw, or why they could not go
    Column("latitude", Float),
    Column("longitude", Float),
    Column("nearness", String(8)),  # see storage.notes.Nearness
    Column("satisfied", Boolean),
    Column("received", Integer),  # residents, on a reception day
    Column("at", Instant, nullable=False),
    Column("corrected_at", Instant),
    Index("ix_notes_project_id_id", "project_id", "id"),
    Index("ix_notes_congress_id_id", "congress_id", "id"),
    Index("ix_notes_author_id_id", "author_id", "id"),
)

# Who took part besides the author. Who is unknown to us has a name only.
note_people = Table(
    "note_people",
    metadata,
    Column("note_id", Identity, ForeignKey("notes.id"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("part", String(8), nullable=False),  # led, came, expert
    refers("person_id", "people.id", nullable=True, index=True),
    Column("name", String(100), nullable=False, server_default=""),
)

# One report that is owed for one period: by whoever is charged with the project, or by one person.
duties = Table(
    "duties",
    metadata,
    identity(),
    refers("round_id", "rounds.id"),
    refers("project_id", "projects.id", nullable=True),
    refers("person_id", "people.id", nullable=True),
    Column("answered_at", Instant),
    refers("note_id", "notes.id", nullable=True),
    UniqueConstraint("round_id", "project_id", "person_id"),
)
PartialIndex("ix_duties_note_id", duties.c.note_id, where=duties.c.note_id.is_not(None))
# Where one of the three is null, a constraint over all of them sees no double.
PartialIndex(
    "uq_duties_of_group",
    duties.c.round_id,
    duties.c.project_id,
    unique=True,
    where=duties.c.person_id.is_(None),
)
PartialIndex(
    "uq_duties_without_project",
    duties.c.round_id,
    duties.c.person_id,
    unique=True,
    where=duties.c.project_id.is_(None),
)
PartialIndex(
    "ix_duties_open_project_id",
    duties.c.project_id,
    where=duties.c.answered_at.is_(None),
)
PartialIndex(
    "ix_duties_open_person_id",
    duties.c.person_id,
    where=duties.c.answered_at.is_(None) & duties.c.person_id.is_not(None),
)

# Whom a step of a period was told to: each once, which the key sees to.
reminders = Table(
    "reminders",
    metadata,
    Column("round_id", Identity, ForeignKey("rounds.id"), primary_key=True),
    Column("step", Integer, primary_key=True, autoincrement=False),
    Column("person_id", Identity, ForeignKey("people.id"), primary_key=True, index=True),
    Column("at", Instant, nullable=False),
    Column("escalates", Boolean, nullable=False, server_default=text("false")),
    Column("prompt_at", Instant),  # when their conversation is to begin; null once that waits for them
)
PartialIndex(
    "ix_reminders_prompt_at_person_id",
    reminders.c.prompt_at,
    reminders.c.person_id,
    where=reminders.c.prompt_at.is_not(None),
)

rectifications = Table(
    "rectifications",
    metadata,
    identity(),  # is the number that people know it by
    refers("congress_id", "congresses.id"),
    refers("project_id", "projects.id"),
    refers("note_id", "notes.id", nullable=True, index=True),
    Column("kind", String(16), nullable=False),  # a problem, or an explanation that a late project owes
    Column("severity", String(8), nullable=False),
    refers("text_id", "texts.id"),
    Column("stage", String(16), nullable=False),  # see storage.domain.rectification_stages
    refers("raised_by", "people.id", nullable=True, index=True),
    Column("due_on", Date, nullable=False),
    Column("planned_on", Date),  # the day that the body gave
    Column("step", Integer, nullable=False),
    Column("next_at", Instant),  # when its people hear of it again
    Column("created_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("closed_at", Instant),
    Index("ix_rectifications_project_id_id", "project_id", "id"),
    Index("ix_rectifications_congress_id_stage_id", "congress_id", "stage", "id"),
)
PartialIndex(
    "ix_rectifications_next_at",
    rectifications.c.next_at,
    where=rectifications.c.next_at.is_not(None),
)

rectification_history = Table(
    "rectification_history",
    metadata,
    identity(),
    refers("rectification_id", "rectifications.id", index=True),
    Column("stage", String(16), nullable=False),  # it led to
    refers("text_id", "texts.id", nullable=True),
    Column("planned_on", Date),
    Column("due_on", Date),  # from then on, where that changed
    refers("message_id", "messages.id", nullable=True),
    refers("person_id", "people.id", nullable=True, index=True),
    Column("at", Instant, nullable=False),
)

# What residents say they see of a project.
observations = Table(
    "observations",
    metadata,
    identity(),
    refers("congress_id", "congresses.id"),
    refers("project_id", "projects.id"),
    refers("author_id", "people.id", index=True),
    refers("text_id", "texts.id"),
    refers("cell_id", "areas.id", nullable=True),
    Column("latitude", Float),
    Column("longitude", Float),
    Column("at", Instant, nullable=False),
    refers("answer_id", "texts.id", nullable=True),
    refers("answered_by", "people.id", nullable=True, index=True),
    Column("answered_at", Instant),
    Column("told_at", Instant),  # in a weekly summary
    Index("ix_observations_project_id_id", "project_id", "id"),
    Index("ix_observations_congress_id_id", "congress_id", "id"),
)
PartialIndex(
    "ix_observations_unanswered",
    observations.c.congress_id,
    observations.c.id,
    where=observations.c.answered_at.is_(None),
)
PartialIndex(
    "ix_observations_untold",
    observations.c.congress_id,
    observations.c.at,
    where=observations.c.told_at.is_(None),
)
