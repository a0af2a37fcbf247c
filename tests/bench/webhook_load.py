"""The running program as a process, and updates posted to its webhook as Telegram does, by as little code as can be.

Bot API, setWebhook: an update is a POST with the secret in a header; anything but 2xx means that it was not taken.
"""

import asyncio
import gc
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Protocol

from sqlalchemy import update

from storage.database import transaction
from storage.tables import cycles
from tests.bench.traffic import FIRST_PERSON
from tests.bench.turns import fresh_database
from tests.bot_api import BotApiStandIn
from tests.bot_api.files import small_photo
from tests.kill.bot_process import BotProcess
from tests.kill.bot_settings import WEBHOOK_SECRET, generous_settings


@asynccontextmanager
async def serving(driver: str, people: int, within: Path | None = None) -> AsyncIterator[BotProcess]:
    """The program on a new SQLite database, with so many people who may be written to on a stand-in for Telegram.

    `within` is the folder that its data lie in; default: where temporary files go.
    """
    with TemporaryDirectory(dir=within) as name, BotApiStandIn() as stand_in:
        folder = Path(name)
        url = f"sqlite:///{folder / 'bench.db'}"
        for number in range(people):
            stand_in.person(FIRST_PERSON + number)
        stand_in.show_everywhere(small_photo())
        collect_in(url)
        settings = generous_settings(folder, url, stand_in, webhook=True)
        settings |= {"MINSHENG_TELEGRAM__DRIVER": driver, "MINSHENG_TELEGRAM__PER_SECOND": "1000"}
        settings["PYTHONPATH"] = str(without_rich(folder))
        with BotProcess(folder, settings) as bot:
            settings["MINSHENG_TELEGRAM__WEBHOOK_URL"] = f"http://{bot.address}/telegram"
            bot.start()
            await bot.ready()
            yield bot
            await bot.stop()


def collect_in(url: str) -> None:
    """Make a congress in an empty database that collects proposals today."""
    with fresh_database(url) as engine, transaction(engine) as unit:
        today = datetime.now(UTC).date()
        window = {"collecting_from": today - timedelta(days=2), "collecting_to": today + timedelta(days=60)}
        unit.write(update(cycles).values(window))


def without_rich(folder: Path) -> Path:
    """A folder that hides a package that only development installs: structlog takes it in where it finds it."""
    hiding = folder / "hiding"
    hiding.mkdir()
    (hiding / "rich.py").write_text("raise ImportError")
    return hiding


class Poster(Protocol):
    """One connection that posts one thing after another. Raises RuntimeError for what was not taken."""

    async def open(self) -> None: ...

    async def post(self, body: bytes) -> None: ...

    def close(self) -> None: ...


class Webhook:
    """One connection that posts updates one after another. Raises RuntimeError for one that was not taken."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._head = (
            f"POST /telegram HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\n"
            f"X-Telegram-Bot-Api-Secret-Token: {WEBHOOK_SECRET}\r\nContent-Length: "
        ).encode()

    async def open(self) -> None:
        host, port = self._address.rsplit(":", 1)
        self._reader, self._writer = await asyncio.open_connection(host, int(port))

    async def post(self, body: bytes) -> None:
        self._writer.write(b"%b%d\r\n\r\n%b" % (self._head, len(body), body))
        answer = await self._reader.readuntil(b"\r\n\r\n")
        if not answer.startswith(b"HTTP/1.1 200 ") or b"content-length: 0\r\n" not in answer.lower():
            raise RuntimeError(answer.decode(errors="replace"))

    def close(self) -> None:
        self._writer.close()


Connect = Callable[[str], Poster]  # to a host and port


@asynccontextmanager
async def connected(address: str, count: int, kind: Connect) -> AsyncIterator[asyncio.Queue[Poster]]:
    """So many open connections, to be taken and put back."""
    free: asyncio.Queue[Poster] = asyncio.Queue()
    opened = [kind(address) for _ in range(count)]
    for one in opened:
        await one.open()
        free.put_nowait(one)
    try:
        yield free
    finally:
        for one in opened:
            one.close()


@asynccontextmanager
async def _no_pause_of_our_own() -> AsyncIterator[None]:
    """Search for no garbage meanwhile: with all that a measuring process holds, that takes a quarter of a second."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


async def at_random_times(
    address: str, updates: Sequence[bytes], per_second: float, connections: int, kind: Connect = Webhook
) -> list[float]:
    """Post each update at a moment of its own, as many a second on average (Poisson); the seconds until its answer.

    They count from the moment at which it was due, so that no wait is hidden by a late start.
    """
    chance, seconds, at = Random(1), [], 0.0
    async with connected(address, connections, kind) as free, _no_pause_of_our_own(), asyncio.TaskGroup() as group:
        began = time.perf_counter()

        async def post(body: bytes, due: float) -> None:
            connection = await free.get()
            await connection.post(body)
            free.put_nowait(connection)
            seconds.append(time.perf_counter() - due)

        for body in updates:
            at += chance.expovariate(per_second)
            await asyncio.sleep(max(0.0, began + at - time.perf_counter()))
            group.create_task(post(body, began + at))
    return seconds


async def at_full_speed(address: str, updates: Sequence[bytes], connections: int, kind: Connect = Webhook) -> None:
    """Post the updates in order, so many of them at the same time."""
    waiting = iter(updates)

    async def post_them(connection: Poster) -> None:
        for body in waiting:
            await connection.post(body)

    async with connected(address, connections, kind) as free, asyncio.TaskGroup() as group:
        for _ in range(connections):
            group.create_task(post_them(free.get_nowait()))
