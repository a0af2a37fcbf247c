"""What is on its way out, and who may send when."""

from sqlalchemy import Column, ForeignKey, Integer, String, Table, and_

from storage.tables.columns import Document, Identity, Instant, PartialIndex, metadata, refers

outbox = Table(
    "outbox",
    metadata,
    Column("message_id", Identity, ForeignKey("messages.id"), primary_key=True, autoincrement=False),
    refers("account_id", "accounts.id"),
    Column("channel", String(16), nullable=False),
    Column("priority", Integer, nullable=False),  # 0 reply, 1 prompt, 2 announcement
    Column("state", String(16), nullable=False),  # waiting, held, sent, failed; of announcements: paused, massed
    Column("due_at", Instant, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("created_at", Instant, nullable=False),
    Column("settled_at", Instant),
    Column("platform_id", String(100), nullable=False, server_default=""),
    Column("failure", String(40), nullable=False, server_default=""),
    Column("announcement_id", Identity),  # by which its recipients and its report are found
    Column("cell_id", Identity),  # of an announcement: where its reader lived then
    # What may be told of it while it itself cannot be pushed (see handlers.messages.Notice); none when that was tried.
    Column("notice", Document),
)
PartialIndex(
    "ix_outbox_announcement",
    outbox.c.announcement_id,
    outbox.c.state,
    outbox.c.channel,
    outbox.c.cell_id,
    outbox.c.failure,
    where=outbox.c.announcement_id.is_not(None),
)
PartialIndex(
    "ix_outbox_announcement_held",
    outbox.c.created_at,
    where=and_(outbox.c.state == "held", outbox.c.announcement_id.is_not(None)),
)
PartialIndex(
    "ix_outbox_waiting",
    outbox.c.channel,
    outbox.c.priority,
    outbox.c.due_at,
    where=outbox.c.state == "waiting",
)
PartialIndex(
    "ix_outbox_unsettled",
    outbox.c.account_id,
    outbox.c.priority,
    outbox.c.message_id,
    where=outbox.c.state.in_(("waiting", "held")),
)

# A chat in the hands of one sender until then.
leases = Table(
    "leases",
    metadata,
    Column("account_id", Identity, ForeignKey("accounts.id"), primary_key=True),
    Column("token", String(36), nullable=False),
    Column("until", Instant, nullable=False),
)

# What somebody has opened by writing or tapping: so many messages may be pushed to them until then.
push_windows = Table(
    "push_windows",
    metadata,
    Column("account_id", Identity, ForeignKey("accounts.id"), primary_key=True),
    Column("name", String(16), primary_key=True),
    Column("room", Integer, nullable=False),
    Column("until", Instant, nullable=False),
)

# How many notices of a template somebody still lets us push to them, outside all windows.
consents = Table(
    "consents",
    metadata,
    Column("account_id", Identity, ForeignKey("accounts.id"), primary_key=True),
    Column("template", String(64), primary_key=True),
    Column("room", Integer, nullable=False),
)

# When a channel may send next, for all replicas together, and how it has fared (see storage.channel_faults).
paces = Table(
    "paces",
    metadata,
    Column("channel", String(16), primary_key=True),
    Column("next_at", Instant, nullable=False),
    Column("paused_until", Instant),
    Column("fault", String(60), nullable=False, server_default=""),
    Column("failing_since", Instant),
    Column("failed_at", Instant),
    Column("told_at", Instant),
    Column("told_to", Identity),  # the last person who was told, while others are still to be
)
