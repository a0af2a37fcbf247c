"""What a congress has chosen, its plan, what became of it, and who watches over it."""

from sqlalchemy import BigInteger, Column, Date, ForeignKey, Index, Integer, String, Table, Text, text

from storage.tables.columns import Document, Identity, Instant, PartialIndex, identity, metadata, refers

projects = Table(
    "projects",
    metadata,
    identity(),  # is the number that people know it by
    refers("congress_id", "congresses.id"),
    refers("cycle_id", "cycles.id", index=True),
    Column("title", String(200), nullable=False),
    Column("content", Text, nullable=False),
    Column("investment", BigInteger),  # yuan
    Column("body", String(100), nullable=False),  # its people have this group_name in their role
    Column("leader", String(100), nullable=False),
    Column("deadline", Date, nullable=False),
    Column("effect", Text, nullable=False),
    Column("stage", String(16), nullable=False),
    Column("progress", Integer, nullable=False, server_default=text("0")),  # per cent, as reported last
    Column("begun_on", Date, nullable=False),  # supervised from that day
    Column("ended_on", Date),  # finished or stopped
    Column("created_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Index("ix_projects_congress_id_id", "congress_id", "id"),
    Index("ix_projects_congress_id_stage_id", "congress_id", "stage", "id"),
)

project_cells = Table(
    "project_cells",
    metadata,
    Column("project_id", Identity, ForeignKey("projects.id"), primary_key=True),
    Column("area_id", Identity, ForeignKey("areas.id"), primary_key=True, index=True),
)

milestones = Table(
    "milestones",
    metadata,
    Column("project_id", Identity, ForeignKey("projects.id"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("title", String(200), nullable=False),
    Column("planned_on", Date, nullable=False),
    Column("share", Integer, nullable=False),  # per cent of the whole that is done then
    Column("reached_on", Date),
)

project_history = Table(
    "project_history",
    metadata,
    identity(),
    refers("project_id", "projects.id", index=True),
    Column("kind", String(16), nullable=False),
    Column("stage", String(16)),  # the stage it led to, where it changed
    Column("changed", Document),  # [field, …]
    refers("text_id", "texts.id", nullable=True),  # why
    Column("approver", String(24)),
    Column("decided_on", Date),
    Column("document", String(200), nullable=False, server_default=""),
    refers("message_id", "messages.id", nullable=True),
    refers("person_id", "people.id", nullable=True),
    Column("at", Instant, nullable=False),
)

# Who watches over a project, and who did: a row stays when its person leaves the group.
liaisons = Table(
    "liaisons",
    metadata,
    identity(),
    refers("project_id", "projects.id", index=True),
    refers("person_id", "people.id", index=True),
    refers("assigned_by", "people.id", nullable=True),
    Column("assigned_at", Instant, nullable=False),
    Column("left_at", Instant),
    Column("left_how", String(16)),  # see storage.liaisons.Left
    refers("text_id", "texts.id", nullable=True),  # why they declined
)
PartialIndex(
    "uq_liaisons_present",
    liaisons.c.project_id,
    liaisons.c.person_id,
    unique=True,
    where=liaisons.c.left_at.is_(None),
)
