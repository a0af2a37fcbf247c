"""What is announced, who has agreed to it, and whom it is for."""

from sqlalchemy import Boolean, Column, ForeignKey, Integer, String, Table, UniqueConstraint, and_, text

from storage.tables.columns import Document, Identity, Instant, PartialIndex, identity, metadata, refers

announcements = Table(
    "announcements",
    metadata,
    identity(),
    refers("congress_id", "congresses.id", index=True),
    Column("state", String(16), nullable=False),  # see storage.domain.announcements.State
    Column("version", Integer, nullable=False),  # the one that counts; reviews of earlier ones are void
    refers("author_id", "people.id", index=True),
    Column("created_at", Instant, nullable=False),
    # Of a correction: the announcement that it corrects or takes back.
    refers("corrects_id", "announcements.id", nullable=True, index=True),
    Column("correction", String(16), nullable=False, server_default=""),
    Column("send_at", Instant),  # when everybody has agreed: the moment from which on it is sent
    Column("started_at", Instant),
    Column("ended_at", Instant),
    # How far its recipients have been written down: people with higher ids, up to `last_person`, are still to come.
    # Null when all are.
    Column("prepared_to", Identity),
    Column("last_person", Identity),
    refers("progress_id", "messages.id", nullable=True),  # the message that tells its author how far it is
    Column("progress", Document),  # what was told last, see storage.announcement_progress.Progress
    Column("progress_at", Instant),  # when it is told next; null: there is nothing new to tell
)
PartialIndex(
    "ix_announcements_progress_at", announcements.c.progress_at, where=announcements.c.progress_at.is_not(None)
)
PartialIndex(
    "ix_announcements_active",
    announcements.c.state,
    announcements.c.send_at,
    where=announcements.c.state.in_(("scheduled", "preparing", "sending", "paused", "stopping")),
)

# What was to be announced, as it was shown to those who agreed to it. Never changed: who changes it, adds a version.
announcement_versions = Table(
    "announcement_versions",
    metadata,
    Column("announcement_id", Identity, ForeignKey("announcements.id"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("kind", String(16), nullable=False),
    refers("title_id", "texts.id"),
    refers("text_id", "texts.id"),
    Column("link", String(400), nullable=False, server_default=""),
    Column("button", String(24), nullable=False, server_default=""),
    Column("files", Document, nullable=False),  # [[digest, name, media type], …]
    Column("audience", Document, nullable=False),
    Column("reach", Document),  # how many people that is, see storage.audiences.Reach; null until they are counted
    Column("on_board", Boolean, nullable=False, server_default=text("true")),
    Column("send_at", Instant),  # null: at once
    refers("urgent_id", "texts.id", nullable=True),  # why it cannot wait for all reviews
    refers("written_by", "people.id", index=True),
    Column("at", Instant, nullable=False),
)

PartialIndex(
    "ix_announcement_versions_uncounted",
    announcement_versions.c.announcement_id,
    announcement_versions.c.version,
    where=announcement_versions.c.reach.is_(None),
)

# What is said in its messages, once for all who read the same words.
announcement_texts = Table(
    "announcement_texts",
    metadata,
    Column("announcement_id", Identity, ForeignKey("announcements.id"), primary_key=True),
    Column("digest", String(64), primary_key=True),  # SHA-256 of the words
    refers("text_id", "texts.id"),
)

announcement_reviews = Table(
    "announcement_reviews",
    metadata,
    identity(),
    Column("announcement_id", Identity, ForeignKey("announcements.id"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("step", String(16), nullable=False),  # see storage.domain.announcements.Step
    refers("person_id", "people.id", index=True),
    refers("text_id", "texts.id", nullable=True),  # why it was sent back
    Column("message_id", Identity, ForeignKey("messages.id")),
    Column("at", Instant, nullable=False),
    # Of two who agree at once one is first.
    UniqueConstraint("announcement_id", "version", "step"),
)

# A small row for each person, before the first is sent to. What it names is not looked at for being there: nothing of
# that is ever deleted, and for a million it would take longer than all else.
announcement_recipients = Table(
    "announcement_recipients",
    metadata,
    Column("announcement_id", Identity, primary_key=True, autoincrement=False),
    Column("person_id", Identity, primary_key=True, autoincrement=False, index=True),
    Column("account_id", Identity),  # null: nowhere
    Column("channel", String(16), nullable=False, server_default=""),
    Column("cell_id", Identity),  # where they lived then
    Column("skipped", String(16), nullable=False, server_default=""),  # why nothing is sent: muted, nowhere, left
    Column("message_id", Identity),  # once it is in the outbox
    Column("edits_id", Identity),  # the message of theirs that it corrects
    Column("opened_at", Instant),
)
PartialIndex(
    "ix_announcement_recipients_waiting",
    announcement_recipients.c.announcement_id,
    announcement_recipients.c.channel,
    announcement_recipients.c.person_id,
    where=and_(announcement_recipients.c.message_id.is_(None), announcement_recipients.c.skipped == ""),
)
PartialIndex(
    "ix_announcement_recipients_skipped",
    announcement_recipients.c.announcement_id,
    announcement_recipients.c.skipped,
    announcement_recipients.c.channel,
    announcement_recipients.c.cell_id,
    where=announcement_recipients.c.skipped != "",
)
PartialIndex(
    "ix_announcement_recipients_opened",
    announcement_recipients.c.announcement_id,
    announcement_recipients.c.channel,
    announcement_recipients.c.cell_id,
    where=announcement_recipients.c.opened_at.is_not(None),
)
