"""What the durable baseline stores, as SQLAlchemy ORM classes, and its engine."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

from sqlalchemy import BigInteger, DateTime, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.pool import ConnectionPoolEntry

ASYNC_DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+psycopg"}


class Base(DeclarativeBase):
    """Tables of their own names, so that a database shared with the project's keeps both."""


class StoredMessage(Base):
    """A message that came in."""

    __tablename__ = "baseline_messages"

    id: Mapped[int] = mapped_column(primary_key=True)
    person: Mapped[int] = mapped_column(BigInteger, index=True)
    message_id: Mapped[int]
    kind: Mapped[str]
    sent_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    text: Mapped[str | None]
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    photo: Mapped[str | None]


class Proposal(Base):
    """What a confirmed conversation leaves."""

    __tablename__ = "baseline_proposals"

    id: Mapped[int] = mapped_column(primary_key=True)
    person: Mapped[int] = mapped_column(BigInteger, index=True)
    topic: Mapped[str]
    text: Mapped[str]
    latitude: Mapped[float]
    longitude: Mapped[float]
    photo: Mapped[str]


@asynccontextmanager
async def fresh_database(database_url: str, parallel: int) -> AsyncIterator[AsyncEngine]:
    """An engine on empty baseline tables, its pool as large as `parallel` people can use.

    SQLite has one writer, and every turn writes: one connection is faster there than several that wait for its lock.
    """
    url = make_url(database_url)
    url = url.set(drivername=ASYNC_DRIVERS[url.get_backend_name()])
    on_sqlite = url.get_backend_name() == "sqlite"
    engine = create_async_engine(url, pool_size=1 if on_sqlite else parallel, max_overflow=0)
    if on_sqlite:
        event.listen(engine.sync_engine, "connect", make_durable)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    try:
        yield engine
    finally:
        await engine.dispose()


def make_durable(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    """On SQLite a commit returns when it is on the disk."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.close()
