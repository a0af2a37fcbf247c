"""The baselines are what they are said to be: correct, and the durable one durable."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
from aiogram import Bot, Dispatcher
from aiogram.methods import SendMessage
from aiogram.methods.base import TelegramMethod, TelegramType
from redis import Redis
from sqlalchemy import create_engine, func, select, text
from sqlalchemy.orm import Session

from tests.bench import baseline_aiogram, baseline_memory, questions
from tests.bench.baseline_tables import Proposal, StoredMessage, fresh_database
from tests.bench.feeding import feed
from tests.bench.stub_session import TOKEN, StubSession
from tests.bench.traffic import (
    CONFIRMED,
    FIRST_PERSON,
    START,
    TURNS_PER_CONVERSATION,
    Suggestion,
    conversation,
    interleaved,
    suggestion,
)

PEOPLE, ROUNDS = 10, 2


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'baseline.sqlite3'}"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture
def updates() -> Sequence[bytes]:
    return list(interleaved(PEOPLE, ROUNDS))


@contextmanager
def reading(database_url: str) -> Iterator[Session]:
    engine = create_engine(database_url)
    with Session(engine) as session:
        yield session
    engine.dispose()


def suggestions_of(person: int) -> list[Suggestion]:
    starts = (1 + (done * PEOPLE + person) * TURNS_PER_CONVERSATION for done in range(ROUNDS))
    return [suggestion(person, start) for start in starts]


def stored_proposals(session: Session, person: int) -> list[Suggestion]:
    table = Proposal
    query = select(table.topic, table.text, table.latitude, table.longitude, table.photo)
    rows = session.execute(query.where(table.person == FIRST_PERSON + person).order_by(table.id))
    return [Suggestion(*row) for row in rows]


def stored_messages(session: Session, person: int) -> list[tuple[object, ...]]:
    table = StoredMessage
    query = select(table.kind, table.text, table.latitude, table.longitude, table.photo)
    rows = session.execute(query.where(table.person == FIRST_PERSON + person).order_by(table.id))
    return [tuple(row) for row in rows]


def message_rows(said: Suggestion) -> list[tuple[object, ...]]:
    return [
        ("text", START, None, None, None),
        ("text", said.topic, None, None, None),
        ("text", said.text, None, None, None),
        ("location", None, said.latitude, said.longitude, None),
        ("photo", None, None, None, said.photo),
        ("text", CONFIRMED, None, None, None),
    ]


async def test_every_message_and_every_proposal_of_twenty_conversations_is_stored(
    updates: Sequence[bytes], database_url: str, redis_url: str
) -> None:
    figures = await baseline_aiogram.run(updates, 4, database_url, redis_url)

    assert figures.turns == PEOPLE * ROUNDS * TURNS_PER_CONVERSATION
    with reading(database_url) as session:
        assert session.scalar(select(func.count(Proposal.id))) == PEOPLE * ROUNDS
        assert session.scalar(select(func.count(StoredMessage.id))) == figures.turns
        for person in range(PEOPLE):
            said = suggestions_of(person)
            assert stored_proposals(session, person) == said
            assert stored_messages(session, person) == [row for one in said for row in message_rows(one)]


async def test_no_conversation_is_left_open(updates: Sequence[bytes], redis_url: str) -> None:
    await baseline_aiogram.run(updates, 4, None, redis_url)

    with Redis.from_url(redis_url) as client:
        assert client.dbsize() == 0


async def test_a_conversation_goes_on_after_a_restart(database_url: str, redis_url: str) -> None:
    updates = conversation(person=1, start=1)

    await baseline_aiogram.run(updates[:3], 1, database_url, redis_url)
    await baseline_aiogram.run(updates[3:], 1, database_url, redis_url)

    with reading(database_url) as session:
        assert session.scalars(select(Proposal.text)).all() == [suggestion(1, 1).text]


async def test_a_commit_on_sqlite_waits_for_the_disk(tmp_path: Path) -> None:
    async with (
        fresh_database(f"sqlite:///{tmp_path / 'baseline.sqlite3'}", 4) as engine,
        engine.connect() as connection,
    ):
        assert await connection.scalar(text("PRAGMA journal_mode")) == "wal"
        assert await connection.scalar(text("PRAGMA synchronous")) == 2


async def test_a_commit_on_postgresql_waits_for_the_disk(postgres_url: str) -> None:
    async with fresh_database(postgres_url, 4) as engine, engine.connect() as connection:
        assert await connection.scalar(text("SHOW fsync")) == "on"
        assert await connection.scalar(text("SHOW synchronous_commit")) == "on"


async def test_the_durable_baseline_asks_for_a_redis() -> None:
    with pytest.raises(ValueError, match="Redis"):
        await baseline_aiogram.run([], 1, None, None)


async def test_the_memory_baseline_handles_every_message(updates: Sequence[bytes]) -> None:
    figures = await baseline_memory.run(updates, 4, None, None)

    assert figures.turns == len(updates)


class RecordingSession(StubSession):
    """Remembers what was said."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []

    async def make_request(
        self, bot: Bot, method: TelegramMethod[TelegramType], timeout: int | None = None
    ) -> TelegramType:
        sent: object = method
        assert isinstance(sent, SendMessage)
        self.said.append(sent.text)
        return await super().make_request(bot, method, timeout)


async def replies_to(updates: Sequence[bytes]) -> list[str]:
    dispatcher = Dispatcher()
    dispatcher.include_router(questions.router(baseline_memory.confirm))
    session = RecordingSession()
    async with Bot(TOKEN, session=session) as bot:
        await feed(updates, 1, partial(questions.take_update, dispatcher, bot))
    return session.said


async def test_each_answer_leads_to_the_next_question() -> None:
    said = await replies_to(conversation(person=1, start=1))

    assert [reply[:4] for reply in said] == ["您想反映", "请具体说", "在哪里?", "请发一张", "您的建议", "谢谢!建"]


async def test_an_answer_of_another_kind_is_refused_and_the_question_stays() -> None:
    begin, topic, description, location, photo, confirmed = conversation(person=1, start=1)

    said = await replies_to([begin, topic, description, confirmed, location, photo, confirmed])

    assert said[3].startswith("没看懂")
    assert said[-1].startswith("谢谢")
