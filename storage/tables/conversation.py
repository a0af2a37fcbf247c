"""Conversations that are open, left unfinished, or wait to be begun."""

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table

from storage.tables.columns import (
    Document,
    Identity,
    Instant,
    OrderedDocument,
    PartialIndex,
    identity,
    metadata,
    refers,
)

# One row a person: the open conversation and what the rate of messages is judged by.
conversations = Table(
    "conversations",
    metadata,
    Column("person_id", Identity, ForeignKey("people.id"), primary_key=True),
    Column("state", OrderedDocument),  # see handlers.state.State; null while no conversation is open
    Column("heard_at", Instant, nullable=False),
    Column("window_from", Instant, nullable=False),
    Column("window_count", Integer, nullable=False),
    Column("strikes", Integer, nullable=False),
    Column("quiet_until", Instant),
)
PartialIndex(
    "ix_conversations_open",
    conversations.c.heard_at,
    where=conversations.c.state.is_not(None),
)

drafts = Table(
    "drafts",
    metadata,
    identity(),
    refers("person_id", "people.id"),
    Column("state", OrderedDocument, nullable=False),
    Column("saved_at", Instant, nullable=False),
    Index("ix_drafts_person_id_id", "person_id", "id"),
)

# Conversations that we begin: each waits until its person is free.
prompts = Table(
    "prompts",
    metadata,
    identity(),
    refers("person_id", "people.id", index=True),
    Column("conversation", String(40), nullable=False),
    Column("arguments", Document, nullable=False),
    Column("created_at", Instant, nullable=False),
)
