"""What a channel reads of the store that answers in the response to a message."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

from sqlalchemy import Engine

from bot.writer import Writer
from handlers.messages import File
from storage.database import Clock, reading
from storage.messages import Messages
from storage.responses import Fitting, Response, Responses
from storage.waiting import Carried

Ready = Callable[[int], Awaitable[File | None]]


class Answers:
    """For one channel, by its name. `ready` gives the file of an attachment, making it first where needed."""

    def __init__(self, channel: str, *, writer: Writer, engine: Engine, clock: Clock, ready: Ready) -> None:
        self._channel, self._writer, self._engine, self._clock, self._ready = channel, writer, engine, clock, ready
        self._asked: dict[str, Fitting] = {}
        self._taking: asyncio.Task[dict[str, Response]] | None = None

    async def hand_over(self, key: str, fitting: Fitting) -> Response | None:
        """What goes into the response to the message with a key; it counts as sent, unless whoever asks has given up
        waiting before it is taken.

        Those whose messages shared a commit ask at the same moment, and share one again.
        """
        if self._taking is None:
            self._taking = asyncio.create_task(self._take())
        taking, asked = self._taking, self._asked
        asked[key] = fitting
        try:
            return (await asyncio.shield(taking)).get(key)
        except asyncio.CancelledError:
            asked.pop(key, None)
            raise

    async def _take(self) -> dict[str, Response]:
        asked, self._asked, self._taking = self._asked, {}, None
        return await self._writer.do(lambda unit: Responses(unit, self._clock()).take_all(self._channel, dict(asked)))

    async def file_sent(self, message_id: int, within: timedelta) -> File | None:
        """The file that came with a message of ours, if that is not older."""

        def find() -> int | None:
            with reading(self._engine) as unit:
                now = self._clock()
                return Messages(unit, now).file_sent(self._channel, message_id, now - within)

        attachment_id = await asyncio.to_thread(find)
        return None if attachment_id is None else await self._ready(attachment_id)

    async def said(self, message_id: int, within: timedelta) -> Carried | None:
        """A message of ours, if it is not older."""

        def find() -> Carried | None:
            with reading(self._engine) as unit:
                now = self._clock()
                return Responses(unit, now).said(self._channel, message_id, now - within)

        return await asyncio.to_thread(find)
