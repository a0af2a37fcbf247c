"""What goes to many people of a platform by one call, and what the platform tells of it."""

from sqlalchemy import Column, ForeignKey, Integer, String, Table

from storage.tables.columns import Identity, Instant, PartialIndex, identity, metadata, refers

mass_sends = Table(
    "mass_sends",
    metadata,
    identity(),
    refers("announcement_id", "announcements.id", index=True),
    Column("channel", String(16), nullable=False),
    refers("text_id", "texts.id"),
    Column("key", String(32), nullable=False),  # by which the platform refuses it a second time
    Column("state", String(16), nullable=False),  # see storage.mass_sends.State
    Column("became", String(40), nullable=False, server_default=""),  # when that is known
    Column("people", Integer, nullable=False, server_default="0"),
    Column(
        "upto", Identity, nullable=False, server_default="0"
    ),  # the last person, then the last message, that was looked at
    Column(
        "month", String(7), nullable=False, server_default=""
    ),  # in which it counts for its readers, such as 2026-09
    Column("number", String(32), nullable=False, server_default="", index=True),  # the platform's
    Column("due_at", Instant, nullable=False),
    Column("called_at", Instant),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("token", String(36), nullable=False, server_default=""),  # of who calls for it, until then
    Column("until", Instant),
)
PartialIndex(
    "ix_mass_sends_open",
    mass_sends.c.state,
    mass_sends.c.due_at,
    where=mass_sends.c.state.in_(("ready", "calling", "asked")),
)

# A message of ours that is in one; no message is in two.
mass_send_rows = Table(
    "mass_send_rows",
    metadata,
    Column("message_id", Identity, ForeignKey("messages.id"), primary_key=True, autoincrement=False),
    refers("mass_send_id", "mass_sends.id", index=True),
    refers("account_id", "accounts.id", index=True),
)

# By the platform's number: it may tell what became of one before we know that it took it.
mass_results = Table(
    "mass_results",
    metadata,
    Column("channel", String(16), primary_key=True),
    Column("number", String(32), primary_key=True),
    Column("became", String(40), nullable=False),
    Column("total", Integer, nullable=False),  # people; these four are 0 where it only tells that it was sent
    Column("filtered", Integer, nullable=False),
    Column("sent", Integer, nullable=False),
    Column("failed", Integer, nullable=False),
    Column("at", Instant, nullable=False),
)
