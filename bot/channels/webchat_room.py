"""Everybody who has the chat open, and what passes between their pages and the conversations."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from weakref import WeakValueDictionary

import structlog
from starlette.websockets import WebSocket

from bot.channels.base import Receive
from bot.channels.webchat_frames import Frame, Refused, Shown, id_of, parsed, refusal_of
from bot.channels.webchat_inbound import Visitor, inbound_of, shown_of
from bot.channels.webchat_limits import Allowances, Clock
from bot.channels.webchat_socket import GOING_AWAY, Connection
from bot.channels.webchat_texts import words
from bot.channels.webchat_uploads import Uploads
from handlers.messages import Inbound, Kind

# An account's messages of both sides with an id above the second argument (0: its latest ones), oldest first, at most
# the third.
History = Callable[[str, int, int], Awaitable[Sequence[Shown]]]
# Hears of an account that has just connected.
Arrived = Callable[[str], None]

PAGE = 20  # messages of history at a time, as in every list; each may be as long as texts may be

log = structlog.get_logger()


class Room:
    """The open pages by account. All pages of an account are told the same."""

    def __init__(
        self, history: History, arrived: Arrived, allowances: Allowances, uploads: Uploads, clock: Clock
    ) -> None:
        self._history = history
        self._arrived = arrived
        self._allowances = allowances
        self._uploads = uploads
        self._clock = clock
        self._connections: dict[str, set[Connection]] = {}
        self._networks: Counter[str] = Counter()
        # One message of an account at a time, also when several of its pages write.
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @property
    def accounts(self) -> Collection[str]:
        """Who is connected now."""
        return tuple(self._connections)

    def pages_of(self, account: str) -> list[Connection]:
        """The account's open pages."""
        return list(self._connections.get(account, ()))

    def pages_from(self, network: str) -> int:
        """How many pages are open from a network."""
        return self._networks[network]

    def tell(self, account: str, frame: Frame) -> bool:
        """Let every page of an account have a frame, without waiting; whether at least one took it."""
        taken = [page.offer(frame) for page in self.pages_of(account)]
        return any(taken)

    async def clear(self) -> None:
        """Close every page, each after the message that is being handed in."""
        leaving = [page for pages in self._connections.values() for page in pages]
        for page in leaving:
            page.retire(GOING_AWAY)
        for page in leaving:
            await page.closed.wait()

    async def serve(self, socket: WebSocket, visitor: Visitor, after: int, receive: Receive) -> None:
        """Serve an accepted socket until it closes: first what was said after that message, then what comes."""
        page = Connection(socket, visitor)
        with self._present(page):
            try:
                await page.run(self._converse(page, after, receive))
            except Exception as error:  # noqa: BLE001 - whatever it was, nothing was accepted: the page tries again
                log.error("web_chat_fault", error=type(error).__name__)

    @contextmanager
    def _present(self, page: Connection) -> Iterator[None]:
        account, network = page.visitor.account, page.visitor.network
        self._connections.setdefault(account, set()).add(page)
        self._networks[network] += 1
        try:
            yield
        finally:
            self._networks -= Counter([network])  # which also forgets a network without pages
            self._connections[account].discard(page)
            if not self._connections[account]:
                del self._connections[account]

    async def _converse(self, page: Connection, after: int, receive: Receive) -> None:
        await self._tell_history(page, after)
        if page.retired:
            return
        page.go_live()
        self._arrived(page.visitor.account)
        async for text in page.incoming():
            page.answer(await self._answer(page, text, receive))

    async def _tell_history(self, page: Connection, after: int) -> None:
        account = page.visitor.account
        while messages := await self._history(account, after, PAGE):
            for shown in messages:
                await page.tell(shown.frame())
            if len(messages) < PAGE:
                return
            after = messages[-1].message_id

    async def _answer(self, page: Connection, text: str, receive: Receive) -> Frame:
        """Do what a frame wants; what to say to it."""
        visitor = page.visitor
        frame: Frame = {}
        try:
            wait = self._allowances.message(visitor.account, visitor.network, len(text))
            frame = parsed(text)
            if wait:
                raise Refused("too_fast", wait)
            if frame.get("type") == "ping":
                return {"type": "pong"}
            inbound = inbound_of(frame, visitor, self._clock(), self._uploads)
        except Refused as refused:
            return refusal_of(refused, words(visitor.language), id_of(frame))
        await self._hand_in(page, inbound, receive)
        return {"type": "accepted", "id": id_of(frame)}

    async def _hand_in(self, page: Connection, inbound: Inbound, receive: Receive) -> None:
        async with self._turns.setdefault(inbound.account, asyncio.Lock()):
            page.busy = True
            try:
                if inbound.kind is not Kind.START:
                    self._echo(page, shown_of(inbound).frame())
                await receive(inbound)
            finally:
                page.busy = False

    def _echo(self, page: Connection, frame: Frame) -> None:
        """Show the visitor's other pages what was written on this one, before the answer comes."""
        for other in self.pages_of(page.visitor.account):
            if other is not page:
                other.offer(frame)
