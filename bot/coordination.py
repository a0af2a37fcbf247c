"""What replicas tell one another. The database decides everything; this makes them quick.

Through Redis a replica tells that a chat it cannot reach itself has mail (a web chat is connected elsewhere).
Without Redis the others find out when they next look.
"""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from bot.writer import Writer
from storage.database import Clock
from storage.holders import NAME_LENGTH, new_token
from storage.jobs import Jobs
from storage.token_refreshes import TokenRefreshes

if TYPE_CHECKING:
    from redis.asyncio import Redis

TOPIC = "minsheng:mail"
RECONNECT_AFTER = 1.0  # seconds
ANSWERS_WITHIN = 2.0  # seconds
CONNECTIONS = 8  # to Redis, of one replica
LOCK_LASTS = timedelta(seconds=15)  # after a kill nobody else polls for so long
LOCK_KEPT_EVERY = 4.0  # seconds

log = structlog.get_logger(__name__)

# Mail waits for this account of this channel: (channel, external id).
OnMail = Callable[[str, str], None]


class Coordination:
    """`redis_url` empty: this is the only replica, or the others look for themselves.

    Whatever Redis does or does not do is noted, nothing more.
    """

    def __init__(self, redis_url: str, on_mail: OnMail) -> None:
        self._redis = _client(redis_url) if redis_url else None
        self._on_mail = on_mail
        self._listener: asyncio.Task[None] | None = None

    def start(self) -> None:
        if self._redis:
            self._listener = asyncio.create_task(self._listen(self._redis))

    async def stop(self) -> None:
        if self._listener:
            self._listener.cancel()
            await asyncio.gather(self._listener, return_exceptions=True)
        if self._redis:
            await self._redis.aclose()

    async def tell(self, channel: str, external_id: str) -> None:
        """Mail waits for somebody who is not connected here."""
        if self._redis:
            try:
                async with asyncio.timeout(ANSWERS_WITHIN):
                    await self._redis.publish(TOPIC, json.dumps([channel, external_id]))
            except Exception as error:  # noqa: BLE001
                log.warning("redis_fault", kind=type(error).__name__)

    async def answers(self) -> bool:
        """Whether Redis is there, or not needed."""
        if self._redis is None:
            return True
        try:
            async with asyncio.timeout(ANSWERS_WITHIN):
                return bool(await self._redis.ping())
        except Exception:  # noqa: BLE001
            return False

    async def _listen(self, redis: "Redis") -> None:
        while True:
            try:
                async with redis.pubsub() as topic:
                    await topic.subscribe(TOPIC)
                    async for message in topic.listen():
                        if message["type"] == "message":
                            self._on_mail(*json.loads(message["data"]))
            except Exception as error:  # noqa: BLE001
                log.warning("redis_fault", kind=type(error).__name__)
                await asyncio.sleep(RECONNECT_AFTER)


def _client(url: str) -> "Redis":
    from redis.asyncio import BlockingConnectionPool, Redis

    # However many there are to tell of at once, they wait for one another rather than fail.
    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=CONNECTIONS,
        timeout=ANSWERS_WITHIN,
        decode_responses=True,
        socket_connect_timeout=ANSWERS_WITHIN,
        socket_keepalive=True,
    )
    return Redis.from_pool(pool)


def holder_at(host: str, port: int) -> str:
    """Who listens there. Only one process can, so whoever starts there next knows that this one is dead.

    Empty, for nobody in particular, where it cannot be told which network this is.
    """
    if not (network := _network()):
        return ""
    return hashlib.sha256(f"{network} {host} {port}".encode()).hexdigest()[:NAME_LENGTH]


def _network() -> str:
    """The network that this process is in, unlike any other of this machine or of another one.

    A hostname is not enough, nor an address: containers may have the same ones. proc(5): a machine draws its boot_id
    when it starts. namespaces(7): device and inode tell a namespace from all others that there are.
    """
    try:
        namespace = Path("/proc/self/ns/net").stat()
        started = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii")
    except OSError:
        return ""
    return f"{started.strip()} {namespace.st_dev} {namespace.st_ino}"


class SharedGuard:
    """Sees to it that all replicas together do not force refreshes of a channel's access token too often."""

    def __init__(self, channel: str, writer: Writer, clock: Clock) -> None:
        self._name, self._writer, self._clock = f"{channel} token", writer, clock

    async def may_force(self) -> bool:
        """Whether one may be made now; if so, it counts as made."""
        return await self._writer.do(lambda unit: TokenRefreshes(unit, self._clock()).make(self._name))


class LockLost(Exception):
    """Another replica holds the place now: this one was not heard of for too long."""


class OnlyOne:
    """A place that one replica holds at a time, by a lock in the database: the poller of a platform."""

    def __init__(
        self, name: str, writer: Writer, clock: Clock, *, kept_every: float = LOCK_KEPT_EVERY, holder: str = ""
    ) -> None:
        self._name, self._writer, self._clock, self._kept_every = name, writer, clock, kept_every
        self._token = new_token(holder)

    @asynccontextmanager
    async def __call__(self) -> AsyncIterator[None]:
        """Wait until nobody else holds it; held until the block ends. Raises LockLost in the middle of the block."""
        while not await self._hold():  # noqa: ASYNC110  # another process lets go, and tells nobody
            await asyncio.sleep(self._kept_every)
        keeper = asyncio.create_task(self._keep())
        holder = asyncio.current_task()
        keeper.add_done_callback(lambda task: holder.cancel() if holder and not task.cancelled() else None)
        try:
            yield
        except asyncio.CancelledError:
            if keeper.done() and holder and not holder.uncancel():
                raise LockLost from None
            raise
        finally:
            keeper.cancel()
            await asyncio.gather(keeper, return_exceptions=True)
            await self._writer.do(lambda unit: Jobs(unit, self._clock()).let_go(self._name, self._token))

    async def _hold(self) -> bool:
        return await self._writer.do(lambda unit: Jobs(unit, self._clock()).hold(self._name, self._token, LOCK_LASTS))

    async def _keep(self) -> None:
        """Returns when somebody else has taken the place."""
        while await self._hold():  # noqa: ASYNC110  # as above
            await asyncio.sleep(self._kept_every)
