"""What replicas tell one another. The database decides everything; this makes them quick.

Through Redis a replica tells that a chat it cannot reach itself has mail (a web chat is connected elsewhere).
Without Redis the others find out when they next look.
"""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from bot.writer import Writer
from storage.database import Clock
from storage.jobs import Jobs

TOPIC = "minsheng:mail"
RECONNECT_AFTER = 1.0
LOCK_LASTS = timedelta(seconds=30)
LOCK_KEPT_EVERY = 10.0

log = structlog.get_logger(__name__)

# Mail waits for this account of this channel: (channel, external id).
OnMail = Callable[[str, str], Awaitable[None]]


class Coordination:
    """`redis_url` empty: this is the only replica, or the others look for themselves."""

    def __init__(self, redis_url: str, on_mail: OnMail) -> None:
        self._redis: Redis | None = Redis.from_url(redis_url, decode_responses=True) if redis_url else None
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
        """Mail waits for somebody who is not connected here. A fault of Redis is noted, nothing more."""
        if self._redis:
            try:
                await self._redis.publish(TOPIC, json.dumps([channel, external_id]))
            except (RedisError, OSError) as error:
                log.warning("redis_fault", kind=type(error).__name__)

    async def answers(self) -> bool:
        """Whether Redis is there, or not needed."""
        try:
            return self._redis is None or bool(await self._redis.ping())
        except (RedisError, OSError):
            return False

    async def _listen(self, redis: "Redis") -> None:
        while True:
            try:
                async with redis.pubsub() as topic:
                    await topic.subscribe(TOPIC)
                    async for message in topic.listen():
                        if message["type"] == "message":
                            await self._on_mail(*json.loads(message["data"]))
            except (RedisError, OSError) as error:
                log.warning("redis_fault", kind=type(error).__name__)
                await asyncio.sleep(RECONNECT_AFTER)


class OnlyOne:
    """A place that one replica holds at a time, by a lock in the database: the poller of a platform."""

    def __init__(self, name: str, writer: Writer, clock: Clock) -> None:
        self._name, self._writer, self._clock = name, writer, clock
        self._token = str(uuid.uuid4())

    @asynccontextmanager
    async def __call__(self) -> AsyncIterator[None]:
        """Wait until nobody else holds it; held until the block ends."""
        while not await self._hold():
            await asyncio.sleep(LOCK_KEPT_EVERY)
        keeper = asyncio.create_task(self._keep())
        try:
            yield
        finally:
            keeper.cancel()
            await asyncio.gather(keeper, return_exceptions=True)
            await self._writer.do(lambda unit: Jobs(unit, self._clock()).let_go(self._name, self._token))

    async def _hold(self) -> bool:
        return await self._writer.do(lambda unit: Jobs(unit, self._clock()).hold(self._name, self._token, LOCK_LASTS))

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(LOCK_KEPT_EVERY)
            await self._hold()
