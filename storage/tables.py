"""Every table, on SQLite and PostgreSQL alike.

Times are aware UTC datetimes (`Instant`). What people wrote stands in `messages` and `texts` only; every
other record refers to it, so that "forget me" blanks two columns and the log stays true.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    and_,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeEngine

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

metadata = MetaData(naming_convention=NAMING)

Identity = BigInteger().with_variant(Integer, "sqlite")
# JSON that keeps the order of its keys: a conversation's answers are taken back in the order they were given.
OrderedDocument = JSON(none_as_null=True)
Document = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


class Instant(TypeDecorator[datetime]):
    """A moment: `timestamptz` on PostgreSQL, whole microseconds since 1970 on SQLite.

    SQLite has no type for moments; as integers they compare, sort and load without being parsed.
    """

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(DateTime(timezone=True))
        return dialect.type_descriptor(BigInteger())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None or dialect.name == "postgresql":
            return value
        whole = int(value.replace(microsecond=0).timestamp())
        return whole * 1_000_000 + value.microsecond

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if dialect.name == "postgresql":
            moment: datetime = value
            return moment.astimezone(UTC)
        seconds, microseconds = divmod(value, 1_000_000)
        return datetime.fromtimestamp(seconds, UTC).replace(microsecond=microseconds)


def _identity() -> Column[Any]:
    return Column("id", Identity, primary_key=True, autoincrement=True)


def _refers(name: str, target: str, *, nullable: bool = False, index: bool = False) -> Column[Any]:
    return Column(name, Identity, ForeignKey(target), nullable=nullable, index=index)


# --- places -----------------------------------------------------------------------------------------------

areas = Table(
    "areas",
    metadata,
    _identity(),
    _refers("parent_id", "areas.id", nullable=True, index=True),
    Column("level", String(16), nullable=False),
    Column("code", String(64), nullable=False, unique=True),
    Column("name", String(200), nullable=False),
    # The ids from the root down to this area, "/1/4/9/": one prefix finds everything below a node.
    Column("path", String(400), nullable=False, index=True),
    Column("aliases", Document, nullable=False),
    Column("polygon", LargeBinary),  # WKB, longitude then latitude, WGS 84
    Column("retired_at", Instant),
)

stations = Table(
    "stations",
    metadata,
    _identity(),
    _refers("area_id", "areas.id", index=True),
    Column("code", String(64), nullable=False, unique=True),
    Column("name", String(200), nullable=False),
    Column("address", String(400), nullable=False, server_default=""),
)

# What other replicas hold in memory is read again when its number here has moved.
revisions = Table(
    "revisions",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("number", BigInteger, nullable=False),
)

# --- congresses and people --------------------------------------------------------------------------------

congresses = Table(
    "congresses",
    metadata,
    _identity(),
    Column("name", String(200), nullable=False),
    Column("level", String(16), nullable=False),
    _refers("area_id", "areas.id", index=True),
    Column("timezone", String(64), nullable=False),
    Column("rules", Document, nullable=False),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("area_id", "level"),
)

cycles = Table(
    "cycles",
    metadata,
    _identity(),
    _refers("congress_id", "congresses.id"),
    Column("year", Integer, nullable=False),
    Column("stage", String(16), nullable=False),
    Column("collecting_from", Date, nullable=False),
    Column("collecting_to", Date, nullable=False),
    Column("closed_at", Instant),
    UniqueConstraint("congress_id", "year"),
)

people = Table(
    "people",
    metadata,
    _identity(),
    Column("name", String(100), nullable=False, server_default=""),
    Column("telephone", String(40), nullable=False, server_default=""),
    Column("language", String(8), nullable=False, server_default="zh"),
    _refers("cell_id", "areas.id", nullable=True, index=True),
    Column("notices", Boolean, nullable=False, server_default=text("true")),
    Column("consented_at", Instant),
    Column("created_at", Instant, nullable=False),
    Column("forgotten_at", Instant),
    _refers("merged_into", "people.id", nullable=True),
)

accounts = Table(
    "accounts",
    metadata,
    _identity(),
    Column("channel", String(16), nullable=False),
    Column("external_id", String(128), nullable=False),
    Column("address", String(128), nullable=False),
    _refers("person_id", "people.id", index=True),
    Column("seen_at", Instant, nullable=False),
    Column("unreachable_since", Instant),
    Column("unreachable_reason", String(40), nullable=False, server_default=""),
    UniqueConstraint("channel", "external_id"),
)

roles = Table(
    "roles",
    metadata,
    _identity(),
    _refers("person_id", "people.id", index=True),
    _refers("congress_id", "congresses.id"),
    Column("role", String(24), nullable=False),
    Column("group_name", String(100), nullable=False, server_default=""),
    Column("trade", String(100), nullable=False, server_default=""),
    Column("granted_at", Instant, nullable=False),
    Column("revoked_at", Instant),
    Index("ix_roles_congress_id_role", "congress_id", "role"),
)

role_areas = Table(
    "role_areas",
    metadata,
    Column("role_id", Identity, ForeignKey("roles.id"), primary_key=True),
    Column("area_id", Identity, ForeignKey("areas.id"), primary_key=True, index=True),
)

# Only the hash of a code is kept: who reads the database cannot enrol as somebody else.
invites = Table(
    "invites",
    metadata,
    _identity(),
    Column("code_hash", String(64), nullable=False, unique=True),
    _refers("person_id", "people.id", index=True),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant),
    _refers("used_by_account_id", "accounts.id", nullable=True),
)

# --- messages ---------------------------------------------------------------------------------------------

messages = Table(
    "messages",
    metadata,
    _identity(),
    Column("direction", String(3), nullable=False),  # in, out
    Column("channel", String(16), nullable=False),
    _refers("account_id", "accounts.id", nullable=True),
    _refers("person_id", "people.id", nullable=True),
    Column("kind", String(16), nullable=False),
    Column("text", Text, nullable=False, server_default=""),
    Column("choices", Document),  # out: the buttons, [[value, label], …]; in: null
    Column("latitude", Float),
    Column("longitude", Float),
    Column("at", Instant, nullable=False),  # by the platform's clock
    Column("stored_at", Instant, nullable=False),
    # What the platform keeps stable about an incoming message (see Inbound.key); null for what we write.
    Column("platform_key", String(200)),
    _refers("in_reply_to", "messages.id", nullable=True),
    Column("fault", String(200)),  # the kind and place of an error while it was acted on, never its text
    UniqueConstraint("channel", "platform_key"),
    Index("ix_messages_account_id_id", "account_id", "id"),
    Index("ix_messages_person_id_id", "person_id", "id"),
    Index("ix_messages_in_reply_to", "in_reply_to"),
)

attachments = Table(
    "attachments",
    metadata,
    _identity(),
    _refers("message_id", "messages.id", index=True),
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
Index(
    "ix_attachments_wanted",
    attachments.c.due_at,
    sqlite_where=attachments.c.state == "wanted",
    postgresql_where=attachments.c.state == "wanted",
)
Index(
    "ix_attachments_digest",
    attachments.c.digest,
    sqlite_where=attachments.c.digest.is_not(None),
    postgresql_where=attachments.c.digest.is_not(None),
)
Index(
    "ix_attachments_with_recipe",
    attachments.c.id,
    sqlite_where=and_(attachments.c.recipe.is_not(None), attachments.c.state == "stored"),
    postgresql_where=and_(attachments.c.recipe.is_not(None), attachments.c.state == "stored"),
)

links = Table(
    "links",
    metadata,
    _identity(),
    _refers("message_id", "messages.id", index=True),
    Column("target", String(16), nullable=False),  # proposal, project, cell
    Column("target_id", Identity, nullable=False),
    Column("how", String(16), nullable=False),
    _refers("linked_by", "people.id", nullable=True),
    Column("linked_at", Instant, nullable=False),
    Column("replaced_at", Instant),
    Index("ix_links_target_target_id_id", "target", "target_id", "id"),
)

# --- proposals --------------------------------------------------------------------------------------------

# A text never changes: a correction is a new row. "Forget me" blanks the body.
texts = Table(
    "texts",
    metadata,
    _identity(),
    Column("body", Text, nullable=False),
    _refers("written_by", "people.id", nullable=True, index=True),
    Column("written_at", Instant, nullable=False),
    Column("blanked_at", Instant),
)

proposals = Table(
    "proposals",
    metadata,
    _identity(),  # is the number that people know it by
    _refers("congress_id", "congresses.id"),
    _refers("cycle_id", "cycles.id", index=True),
    _refers("text_id", "texts.id"),
    Column("category", String(24), nullable=False),
    _refers("cell_id", "areas.id", nullable=True),
    Column("located_how", String(16), nullable=False),  # location, text, choice, link, staff, open
    Column("latitude", Float),
    Column("longitude", Float),
    Column("status", String(16), nullable=False),
    Column("source", String(16), nullable=False),  # chat, deputy, paper, file
    Column("cleared_at", Instant),  # staff allow that neighbours read it
    Column("supporters", Integer, nullable=False, server_default="0"),
    Column("created_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    _refers("merged_into", "proposals.id", nullable=True, index=True),
    Index("ix_proposals_congress_id_status_id", "congress_id", "status", "id"),
    Index("ix_proposals_congress_id_cell_id_id", "congress_id", "cell_id", "id"),
    Index("ix_proposals_congress_id_category_id", "congress_id", "category", "id"),
    Index("ix_proposals_congress_id_id", "congress_id", "id"),
    Index("ix_proposals_cell_id_id", "cell_id", "id"),
)

proposal_history = Table(
    "proposal_history",
    metadata,
    _identity(),
    _refers("proposal_id", "proposals.id", index=True),
    Column("kind", String(16), nullable=False),
    Column("status", String(16)),  # the status it led to, where it changed
    Column("reason", String(24), nullable=False, server_default=""),  # of the negative list
    _refers("text_id", "texts.id", nullable=True),
    _refers("message_id", "messages.id", nullable=True),
    _refers("person_id", "people.id", nullable=True),
    Column("at", Instant, nullable=False),
)

proposal_authors = Table(
    "proposal_authors",
    metadata,
    Column("proposal_id", Identity, ForeignKey("proposals.id"), primary_key=True),
    Column("person_id", Identity, ForeignKey("people.id"), primary_key=True, index=True),
    # Who brought it in for the author: a deputy, a grid worker.
    _refers("brought_by", "people.id", nullable=True),
)

proposal_supporters = Table(
    "proposal_supporters",
    metadata,
    Column("proposal_id", Identity, ForeignKey("proposals.id"), primary_key=True),
    Column("person_id", Identity, ForeignKey("people.id"), primary_key=True, index=True),
    Column("at", Instant, nullable=False),
)

# --- conversations ----------------------------------------------------------------------------------------

# One row a person: the open conversation and what the rate of messages is judged by.
conversations = Table(
    "conversations",
    metadata,
    Column("person_id", Identity, ForeignKey("people.id"), primary_key=True),
    Column("state", OrderedDocument),  # see handlers.talk.State; null while no conversation is open
    Column("heard_at", Instant, nullable=False),
    Column("window_from", Instant, nullable=False),
    Column("window_count", Integer, nullable=False),
    Column("strikes", Integer, nullable=False),
    Column("quiet_until", Instant),
)
Index(
    "ix_conversations_open",
    conversations.c.heard_at,
    sqlite_where=conversations.c.state.is_not(None),
    postgresql_where=conversations.c.state.is_not(None),
)

drafts = Table(
    "drafts",
    metadata,
    _identity(),
    _refers("person_id", "people.id", index=True),
    Column("state", OrderedDocument, nullable=False),
    Column("saved_at", Instant, nullable=False),
)

# Conversations that we begin: each waits until its person is free.
prompts = Table(
    "prompts",
    metadata,
    _identity(),
    _refers("person_id", "people.id", index=True),
    Column("conversation", String(40), nullable=False),
    Column("arguments", Document, nullable=False),
    Column("created_at", Instant, nullable=False),
)

# --- the way out ------------------------------------------------------------------------------------------

outbox = Table(
    "outbox",
    metadata,
    _identity(),
    _refers("message_id", "messages.id", index=True),
    _refers("account_id", "accounts.id"),
    Column("channel", String(16), nullable=False),
    Column("priority", Integer, nullable=False),  # 0 reply, 1 prompt, 2 announcement
    Column("state", String(16), nullable=False),  # waiting, held, sent, failed
    Column("due_at", Instant, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("created_at", Instant, nullable=False),
    Column("settled_at", Instant),
    Column("platform_id", String(100), nullable=False, server_default=""),
    Column("failure", String(40), nullable=False, server_default=""),
)
Index(
    "ix_outbox_waiting",
    outbox.c.channel,
    outbox.c.priority,
    outbox.c.due_at,
    sqlite_where=outbox.c.state == "waiting",
    postgresql_where=outbox.c.state == "waiting",
)
Index(
    "ix_outbox_unsettled",
    outbox.c.account_id,
    outbox.c.priority,
    outbox.c.id,
    sqlite_where=outbox.c.state.in_(("waiting", "held")),
    postgresql_where=outbox.c.state.in_(("waiting", "held")),
)

# A chat in the hands of one sender until then.
leases = Table(
    "leases",
    metadata,
    Column("account_id", Identity, ForeignKey("accounts.id"), primary_key=True),
    Column("token", String(36), nullable=False),
    Column("until", Instant, nullable=False),
)

# When a channel may send next, for all replicas together.
paces = Table(
    "paces",
    metadata,
    Column("channel", String(16), primary_key=True),
    Column("next_at", Instant, nullable=False),
    Column("paused_until", Instant),
    Column("fault", String(60), nullable=False, server_default=""),
)

# What only one replica does at a time (polling a platform), as long as it keeps saying so.
locks = Table(
    "locks",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("token", String(36), nullable=False),
    Column("until", Instant, nullable=False),
)

# --- the log and the clock --------------------------------------------------------------------------------

audit = Table(
    "audit",
    metadata,
    _identity(),
    Column("at", Instant, nullable=False),
    _refers("person_id", "people.id", nullable=True),
    _refers("message_id", "messages.id", nullable=True),
    Column("action", String(40), nullable=False),
    Column("record", String(24), nullable=False),
    Column("record_id", Identity, nullable=False),
    Column("before", Document),
    Column("after", Document),
    Index("ix_audit_record_record_id_id", "record", "record_id", "id"),
)

job_runs = Table(
    "job_runs",
    metadata,
    Column("job", String(40), primary_key=True),
    Column("scheduled_at", Instant, primary_key=True),
    Column("started_at", Instant, nullable=False),
    Column("finished_at", Instant),
)
