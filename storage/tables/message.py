"""What came in and what goes out, what hangs on it, and what it speaks of."""

from sqlalchemy import BigInteger, Column, Float, Index, Integer, String, Table, Text, UniqueConstraint, and_

from storage.tables.columns import Document, Identity, Instant, PartialIndex, identity, metadata, refers

messages = Table(
    "messages",
    metadata,
    identity(),
    Column("direction", String(3), nullable=False),  # in, out
    Column("channel", String(16), nullable=False),
    refers("account_id", "accounts.id", nullable=True),
    refers("person_id", "people.id", nullable=True),
    Column("kind", String(16), nullable=False),
    Column("text", Text, nullable=False, server_default=""),
    refers("text_id", "texts.id", nullable=True),  # out: a text that many get, instead of `text`
    Column("choices", Document),  # out: the buttons, [[value, label], …]; in: null
    Column("latitude", Float),
    Column("longitude", Float),
    Column("at", Instant, nullable=False),  # by the platform's clock
    Column("stored_at", Instant, nullable=False),
    # What the platform keeps stable about an incoming message (see Inbound.key); null for what we write.
    Column("platform_key", String(200)),
    refers("in_reply_to", "messages.id", nullable=True),
    Column("response", Document),  # in: which of our messages travelled in the response to it; see storage.responses
    refers("edits_id", "messages.id", nullable=True),  # out: a message of ours that this one takes the place of
    Column("fault", String(200)),  # the kind and place of an error while it was acted on, never its text
    UniqueConstraint("channel", "platform_key"),
    Index("ix_messages_account_id_id", "account_id", "id"),
    Index("ix_messages_person_id_id", "person_id", "id"),
    Index("ix_messages_in_reply_to", "in_reply_to"),
)

attachments = Table(
    "attachments",
    metadata,
    identity(),
    refers("message_id", "messages.id", index=True),
    Column("kind", String(16), nullable=False),
    Column("platform_id", String(400)),  # in: what the platform calls it
    # Out: what to draw or write, see handlers.messages.Recipe; in: what is made of it, see Attachments.expect.
    Column("recipe", Document),
    Column("name", String(200), nullable=False, server_default=""),
    Column("media_type", String(100), nullable=False, server_default=""),
    Column("size", BigInteger),
    Column("digest", String(64)),  # SHA-256 of the content, its name in DATA_DIR
    Column("state", String(16), nullable=False),  # see storage.attachments.State
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("due_at", Instant, nullable=False),
    Column("lease_until", Instant),
    Column("failure", String(60), nullable=False, server_default=""),
)
PartialIndex(
    "ix_attachments_wanted",
    attachments.c.due_at,
    where=attachments.c.state == "wanted",
)
PartialIndex(
    "ix_attachments_digest",
    attachments.c.digest,
    where=attachments.c.digest.is_not(None),
)
PartialIndex(
    "ix_attachments_with_recipe",
    attachments.c.id,
    where=and_(attachments.c.recipe.is_not(None), attachments.c.state == "stored"),
)

links = Table(
    "links",
    metadata,
    identity(),
    refers("message_id", "messages.id", index=True),
    Column("target", String(16), nullable=False),  # see storage.links.Target
    Column("target_id", Identity, nullable=False),
    Column("how", String(16), nullable=False),
    refers("linked_by", "people.id", nullable=True),
    Column("linked_at", Instant, nullable=False),
    Column("replaced_at", Instant),
    Index("ix_links_target_target_id_linked_at_id", "target", "target_id", "linked_at", "id"),
)
