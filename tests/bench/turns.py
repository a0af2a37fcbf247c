"""Our own side of `make bench`: the same conversation through the whole program but the network.

A turn is an update's JSON parsed, the message acted on and committed (SQLite: synchronous=FULL), the reply built,
claimed, "sent" to a stub whose answer is parsed, and its outcome recorded.
"""

import asyncio
import json
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Self, cast

from aiogram import Bot
from aiogram.methods.base import TelegramMethod, TelegramType
from shapely import box
from sqlalchemy import Engine, func, select, update
from typing_extensions import override

from bot.channels.telegram import Telegram
from bot.channels.telegram_aiogram import AiogramApi, Session
from bot.channels.telegram_inbound import UpdateReader
from bot.channels.telegram_settings import TelegramSettings
from bot.channels.telegram_update import parsed
from bot.sender import Sender
from bot.sent_log import SentLog
from bot.wiring import WRITERS_ON_POSTGRESQL
from bot.writer import Writer
from handlers.catalogue import ROUTES
from handlers.dispatch import Dispatched, Dispatcher
from handlers.flood import Flood
from handlers.messages import File, Received
from storage.area_index import AreaIndex
from storage.areas import add_area
from storage.database import open_database, reading, transaction
from storage.domain.areas import Level
from storage.domain.rules import Rules
from storage.memory import Memory
from storage.migrations import migrate
from storage.store import Store
from storage.tables import areas, outbox, proposals
from tests.bench.feeding import feed
from tests.bench.figures import Figures
from tests.bench.stub_session import ANSWER, TOKEN
from tests.bench.traffic import FIRST_PERSON, conversation, interleaved

NOW = datetime(2025, 9, 1, tzinfo=UTC)


def our_updates(people: int, rounds: int) -> Iterator[bytes]:
    """The baseline's traffic with the answers that our questions want: the same number and size of messages.

    The topic is left out, and "no more photos" is said instead.
    """
    yield from map(_ours, interleaved(people, rounds))


def _ours(update: bytes) -> bytes:
    """Turn six answers into ours by their place in the conversation: start, words, place, photo, done, yes."""
    parsed = json.loads(update)
    message = parsed["message"]
    step = (message["message_id"] - 1) % 6
    person = message["from"]["id"] - FIRST_PERSON
    theirs = [json.loads(one)["message"] for one in conversation(person, message["message_id"] - step)]
    content = (theirs[0], theirs[2], theirs[3], theirs[4], {"text": "1"}, {"text": "1"})[step]
    for name in ("text", "location", "photo", "entities"):
        message.pop(name, None)
        if name in content:
            message[name] = content[name]
    return json.dumps(parsed).encode()


@contextmanager
def fresh_database(url: str | None) -> Iterator[Engine]:
    """An empty, migrated database with a congress that collects everywhere the traffic comes from."""
    with tempfile.TemporaryDirectory() as folder:
        engine = open_database(url or f"sqlite:///{Path(folder) / 'bench.db'}", pool_size=10)
        migrate(engine)
        with transaction(engine) as unit:
            _prepare(Store(unit, NOW, AreaIndex(())))
        try:
            yield engine
        finally:
            engine.dispose()


def _prepare(store: Store) -> None:
    unit = store.unit
    township = add_area(unit, store.audit, None, Level.TOWNSHIP, "bench", "云溪镇")
    village = add_area(unit, store.audit, township, Level.VILLAGE, "bench-1", "石桥村")
    cell = add_area(unit, store.audit, village, Level.CELL, "bench-1-1", "第一网格")
    unit.write(update(areas).where(areas.c.id == cell.id).values(polygon=box(119, 29, 122, 32).wkb))
    congress = store.congresses.add("云溪镇人大", Level.TOWNSHIP, township.id, rules=Rules())
    store.congresses.begin_cycle(congress, 2025, date(2025, 1, 1), date(2026, 12, 31))


class _StubSession(Session):
    """A Bot API that answers at once: all of our own work on a request, without a network. Tells who was written to."""

    def __init__(self, on_sent: Callable[[int], None]) -> None:
        super().__init__()
        self._on_sent = on_sent

    @override
    async def make_request(
        self, bot: Bot, method: TelegramMethod[TelegramType], timeout: int | None = None
    ) -> TelegramType:
        self.build_form_data(bot, method)
        response = self.check_response(bot, method, status_code=200, content=ANSWER)
        self._on_sent(method.chat_id)  # type: ignore[attr-defined]  # only messages are sent here
        return cast(TelegramType, response.result)


class _Program:
    """The program's parts between the update and the stub."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        settings = TelegramSettings(token=TOKEN, per_second=1e9, chat_interval=0)
        self._api = AiogramApi(settings, _StubSession(self._answered))
        self._reader = UpdateReader(settings.bot_id, settings.file_limit)
        self._channel = Telegram(settings, self._api, clock=lambda: NOW)
        self._replies: dict[int, asyncio.Event] = {}
        dispatcher = Dispatcher(
            clock=lambda: NOW,
            routes=ROUTES,
            memory=Memory(),
            capabilities={"telegram": Telegram.capabilities},
            flood=Flood(per_minute=10**9),
            on_fault=_raise,
        )
        threads = 1 if engine.dialect.name == "sqlite" else WRITERS_ON_POSTGRESQL
        self.writer = Writer(engine, dispatcher, threads=threads, on_done=self._done)
        self._sent_log = SentLog(folder)
        self.sender = Sender(
            self.writer,
            {"telegram": self._channel},
            clock=lambda: NOW,
            ready=_no_file,
            on_sent=lambda _: None,
            sent_log=self._sent_log,
        )

    async def __aenter__(self) -> Self:
        self.writer.start()
        self.sender.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.sender.stop()
        await self.writer.stop()
        self._sent_log.close()

    async def turn(self, update: bytes) -> None:
        """One message in, and its reply out."""
        inbound = self._reader.read(parsed(json.loads(update)), NOW)
        assert inbound is not None
        answered = self._replies[int(inbound.account)] = asyncio.Event()
        assert await self.writer.receive(inbound) is Received.ACTED_ON
        await answered.wait()

    def _answered(self, chat: int) -> None:
        self._replies[chat].set()

    def _done(self, done: Dispatched) -> None:
        self.sender.wake(done.mail)


async def run(
    updates: Sequence[bytes], parallel: int, database_url: str | None, redis_url: str | None, untimed: int = 0
) -> Figures:
    """Feed the traffic through, `parallel` people at a time; done when every outcome is recorded."""
    del redis_url  # one replica needs none
    with fresh_database(database_url) as engine, tempfile.TemporaryDirectory() as folder:
        program = _Program(engine, Path(folder))
        async with program:
            watch = await feed(updates, parallel, program.turn, untimed)
        return watch.figures(len(updates) - untimed)


def outcome(engine: Engine) -> tuple[int, int]:
    """Proposals made and messages sent, to be sure that work was done."""
    with reading(engine) as unit:
        sent = unit.read(select(func.count()).where(outbox.c.state == "sent")).scalar_one()
        return unit.read(select(func.count()).select_from(proposals)).scalar_one(), sent


async def _no_file(_: int) -> File | None:
    return None


def _raise(what: str, error: BaseException) -> None:
    raise RuntimeError(what) from error
