"""The stand-in itself: a thread with a loop and a server, and what tests ask it."""

import asyncio
import socket
import time
from collections.abc import Callable, Sequence

from tests.bot_api import errors
from tests.bot_api.chats import Chat, Received
from tests.bot_api.errors import NEVER_STARTED
from tests.bot_api.faults import FaultScript
from tests.bot_api.files import LARGEST_UPLOAD, MEGABYTE
from tests.bot_api.front import Front
from tests.bot_api.http_server import Connection
from tests.bot_api.parameters import JsonObject
from tests.bot_api.people import Person
from tests.bot_api.send_log import Limits, most_in_any_window
from tests.bot_api.webhook import SHORT_BACKOFF, Delivery, WebhookDelivery
from tests.bot_api.world import Call, Clock, World, utc_now
from tests.threaded import Threaded, cut_off

TOKEN = "4242:plainly-invented-token-of-a-stand-in"


class BotApiStandIn(Threaded):
    """A strict Telegram Bot API on this machine, for bots that are told its `base_url`; methods are at
    `/bot<token>/<method>`.

    `clock` is its date, `monotonic` the seconds by which it measures sends.
    """

    def __init__(
        self,
        *,
        token: str = TOKEN,
        port: int = 0,
        clock: Clock = utc_now,
        limits: Limits | None = None,
        webhook_backoff: Sequence[float] = SHORT_BACKOFF,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.token = token
        super().__init__(port)
        self.world = World(token, clock, limits)
        self.faults = FaultScript(self.world.changed)
        self._webhook_backoff = webhook_backoff
        self._monotonic = monotonic
        self._attempts: list[Delivery] = []

    # People and groups

    def person(self, chat_id: int, name: str = "居民", *, has_started: bool = True) -> Person:
        """Somebody the bot may write to; not before they wrote, if `has_started` is False."""
        person = Person(self.world, self.world.open_chat(chat_id, name, "private"))
        if not has_started:
            self.world.chats[chat_id].refusal = NEVER_STARTED
        return person

    def group(self, chat_id: int, title: str = "邻里群") -> Chat:
        """A group with the bot in it; `chat_id` is negative."""
        return self.world.open_chat(chat_id, title, "group")

    def upgrade_group(self, group: Chat, new_id: int) -> Chat:
        """Turns a group into a supergroup: the old number only tells the new one."""
        group.refusal = errors.bad_request("group chat was upgraded to a supergroup chat", migrate_to_chat_id=new_id)
        return self.world.open_chat(new_id, group.name, "supergroup")

    # Updates beyond what people do

    def show_everywhere(self, photo: bytes) -> None:
        """Give this photo for every identifier that is not of a file here: for updates that others invented."""
        with self.world.changed:
            self.world.files.otherwise = self.world.files.add("photo", "photo.jpg", photo)

    def inject(self, write: Callable[[int], str]) -> int:
        """Puts raw text where the next update would stand; `write` gets its number."""
        with self.world.changed:
            update_id = self.world.updates.add_raw(write, self.world.clock())
        self.world.on_update()
        return update_id

    def repeat(self, update: JsonObject, *, renumbered: bool = False) -> None:
        """Hands an update over once more, confirmed or not; `renumbered`: under a new number."""
        with self.world.changed:
            self.world.updates.repeat(update, self.world.clock(), renumbered=renumbered)
        self.world.on_update()

    def repeat_every(
        self,
        when: Callable[[JsonObject], bool] | None = lambda _: True,
        *,
        renumbered: bool = False,
    ) -> None:
        """From now on hands over twice every new update for which `when` holds; None ends it."""
        with self.world.changed:
            self.world.updates.repeat_every(when, renumbered=renumbered)

    def restart_numbering(self, first_id: int) -> None:
        """New updates count from here, as after a quiet week (Bot API, Update)."""
        with self.world.changed:
            self.world.updates.next_id = first_id

    @property
    def waiting_updates(self) -> int:
        """How many updates the bot has not confirmed."""
        with self.world.changed:
            return len(self.world.updates)

    def times_handed_over(self, update: JsonObject) -> int:
        """How often the bot was shown an update, by either way."""
        with self.world.changed:
            return self.world.updates.handed_over[update["update_id"]]

    # What the bot did

    @property
    def violations(self) -> list[str]:
        """Every breach of the protocol so far; a good bot leaves this empty."""
        with self.world.changed:
            return list(self.world.violations)

    def calls(self, method: str | None = None) -> list[Call]:
        """The bot's calls in the order of their answers, of one method or of all."""
        with self.world.changed:
            return [call for call in self.world.calls if method in (None, call.method)]

    @property
    def messages(self) -> Sequence[Received]:
        """All messages of the bot, of all chats, in the order in which they were accepted; it grows."""
        return self.world.sent

    @property
    def deliveries(self) -> list[Delivery]:
        """Every attempt to hand an update to the webhook."""
        with self.world.changed:
            return list(self._attempts)

    def sends_in_any_window(self, seconds: float, chat_id: int | None = None) -> int:
        """The most sends that reached the socket in any window of so many seconds.

        Counts requests, accepted or not (an album is one); of one chat, or overall.
        """
        with self.world.changed:
            sends = self.world.sends
            moments = sends.moments if chat_id is None else sends.by_chat[chat_id]
            return most_in_any_window(moments, seconds)

    def most_sends_to_one_chat(self, seconds: float) -> int:
        """The same for the chat that got most."""
        with self.world.changed:
            chats = self.world.sends.by_chat.values()
            return max((most_in_any_window(moments, seconds) for moments in chats), default=0)

    def wait_until(self, holds: Callable[[], object], timeout: float = 10.0) -> None:
        """Blocks until `holds()` is true; looks again after each call and each update.

        Raises `TimeoutError`. In an async test that shares its loop with the bot, await
        `wait_until_async` instead.
        """
        with self.world.changed:
            if not self.world.changed.wait_for(holds, timeout):
                raise TimeoutError("what the test waits for did not happen")

    async def wait_until_async(self, holds: Callable[[], object], timeout: float = 10.0) -> None:
        """`wait_until` for a running loop."""
        await asyncio.to_thread(self.wait_until, holds, timeout)

    # The thread

    async def _serve(self, listener: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        delivery = WebhookDelivery(self.world, self._webhook_backoff, self._attempts)
        front = Front(self.world, self.faults, delivery.wake)
        connections: set[Connection] = set()
        server = await loop.create_server(
            lambda: Connection(front, connections, LARGEST_UPLOAD + MEGABYTE, self._monotonic), sock=listener
        )

        def look_again() -> None:
            front.wake_poll()
            delivery.wake()

        def on_update() -> None:
            loop.call_soon_threadsafe(look_again)

        self.world.on_update = on_update
        delivering = asyncio.create_task(delivery.run())
        delivery.wake()
        await self._until_stopped()
        self.world.on_update = lambda: None
        delivering.cancel()
        await asyncio.wait([delivering])
        await cut_off(server, connections)
