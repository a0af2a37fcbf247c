"""What a channel reads of the store that answers in the response to a message."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import chain

from sqlalchemy import Engine

from bot.writer import Exchange, Writer
from handlers.dispatch import stored_key
from handlers.messages import File, Inbound
from storage.database import Clock, Unit, reading
from storage.messages import Messages
from storage.responses import Fitting, Response, Responses
from storage.waiting import Carried

Ready = Callable[[int], Awaitable[File | None]]


@dataclass(eq=False, frozen=True, slots=True)
class _Asked:
    fitting: Fitting
    waiting: asyncio.Future[Response]


class Answers:
    """For one channel, by its name. `ready` gives the file of an attachment, making it first where needed."""

    def __init__(self, channel: str, *, writer: Writer, engine: Engine, clock: Clock, ready: Ready) -> None:
        self._channel, self._engine, self._clock, self._ready = channel, engine, clock, ready
        self._asked: dict[str, list[_Asked]] = {}
        writer.accompany(self._join)

    @contextmanager
    def asking(self, key: str, fitting: Fitting) -> Iterator[asyncio.Future[Response]]:
        """What goes into the response to the message with a key, which is handed in within: it is there when that is
        done, and counts as sent from its very commit on. Whoever leaves before takes nothing."""
        key, asked = stored_key(key), _Asked(fitting, asyncio.get_running_loop().create_future())
        self._asked.setdefault(key, []).append(asked)
        try:
            yield asked.waiting
        finally:
            if not asked.waiting.cancel():
                asked.waiting.exception()  # which need not be of interest to who leaves
            self._asked[key].remove(asked)
            if not self._asked[key]:
                del self._asked[key]

    def _join(self, messages: Sequence[Inbound]) -> Exchange | None:
        """Our part of a transaction that acts on these messages."""
        keys = [stored_key(message.key) for message in messages if message.channel == self._channel]
        asked = {key: list(self._asked[key]) for key in keys if key in self._asked}
        if not asked:
            return None
        return Exchange(
            (),
            do=lambda unit: self._take(unit, asked),
            done=lambda found: _answer(asked, found),
            failed=lambda error: _fail(asked, error),
        )

    def _take(self, unit: Unit, asked: Mapping[str, Sequence[_Asked]]) -> dict[str, Response]:
        wanted = {key: ones[0].fitting for key, ones in asked.items() if not all(one.waiting.done() for one in ones)}
        return Responses(unit, self._clock()).take_all(self._channel, wanted) if wanted else {}

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


def _answer(asked: Mapping[str, Sequence[_Asked]], found: Mapping[str, Response]) -> None:
    """One that is not found was put back: its person is busy."""
    for key in asked.keys() & found.keys():
        for one in asked[key]:
            if not one.waiting.done():
                one.waiting.set_result(found[key])


def _fail(asked: Mapping[str, Sequence[_Asked]], error: Exception) -> None:
    for one in chain.from_iterable(asked.values()):
        if not one.waiting.done():
            one.waiting.set_exception(error)
