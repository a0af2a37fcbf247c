"""Baseline: the conversation in idiomatic aiogram, durable, with Redis and SQLAlchemy's asyncio ORM.

One message is one transaction, opened and committed by a middleware around its handler, so that a reply leaves just
before the commit. It is spared what a production bot would add: no isolation of events (one person's updates are fed
in order), no table of people, no search for duplicates, no record of what was sent.
"""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from aiogram import BaseMiddleware, Bot, Dispatcher
from aiogram.fsm.context import FSMContext
from aiogram.fsm.storage.redis import RedisStorage
from aiogram.types import Message, ReplyKeyboardRemove, TelegramObject
from redis.asyncio import Redis
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from tests.bench import questions
from tests.bench.baseline_tables import Proposal, StoredMessage, fresh_database
from tests.bench.feeding import feed
from tests.bench.figures import Figures
from tests.bench.stub_session import TOKEN, StubSession


class StoreMessage(BaseMiddleware):
    """Opens a session for each message, stores the message, and commits when its handler is done."""

    def __init__(self, sessions: async_sessionmaker[AsyncSession]) -> None:
        self.sessions = sessions

    async def __call__(
        self,
        handler: Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]],
        event: TelegramObject,
        data: dict[str, Any],
    ) -> Any:
        assert isinstance(event, Message)
        async with self.sessions.begin() as session:
            session.add(to_store(event))
            data["session"] = session
            return await handler(event, data)


def to_store(message: Message) -> StoredMessage:
    return StoredMessage(
        person=message.chat.id,
        message_id=message.message_id,
        kind=message.content_type,
        sent_at=message.date,
        text=message.text,
        latitude=message.location.latitude if message.location else None,
        longitude=message.location.longitude if message.location else None,
        photo=message.photo[-1].file_id if message.photo else None,
    )


async def confirm(message: Message, state: FSMContext, session: AsyncSession) -> None:
    proposal = Proposal(person=message.chat.id, **await state.get_data())
    session.add(proposal)
    await session.flush()
    await state.clear()
    thanks = f"谢谢!您的建议编号是 {proposal.id}。"
    await message.answer(thanks, reply_markup=ReplyKeyboardRemove())


async def run(
    updates: Sequence[bytes], parallel: int, database_url: str | None, redis_url: str | None, untimed: int = 0
) -> Figures:
    """Handle `updates`, `parallel` people at a time, on a new SQLite file where no database is named.

    The baseline's tables start empty. Raises ValueError without a Redis.
    """
    if redis_url is None:
        raise ValueError("the durable baseline keeps its conversations in Redis: name one")
    with TemporaryDirectory() as folder:
        database_url = database_url or f"sqlite:///{Path(folder, 'baseline.sqlite3')}"
        async with (
            fresh_database(database_url, parallel) as engine,
            Redis.from_url(redis_url) as client,
            Bot(TOKEN, session=StubSession()) as bot,
        ):
            turn = partial(questions.take_update, dispatcher(client, engine), bot)
            watch = await feed(updates, parallel, turn, untimed)
            return watch.figures(len(updates) - untimed)


def dispatcher(client: Redis, engine: AsyncEngine) -> Dispatcher:
    durable = Dispatcher(storage=RedisStorage(client))
    sessions = async_sessionmaker(engine, expire_on_commit=False)
    durable.message.outer_middleware(StoreMessage(sessions))
    durable.include_router(questions.router(confirm))
    return durable
