"""The stand-in itself: a thread with a loop and a server, and what tests ask it."""

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from typing import Any, TypeVar

from tests.bot_api.faults import FaultScript
from tests.bot_api.http_server import Connection
from tests.threaded import Threaded, cut_off
from tests.wechat_api.account import Account, Follower
from tests.wechat_api.callbacks import PATIENCE, Caller
from tests.wechat_api.front import Call, Front
from tests.wechat_api.residents import Resident
from tests.wechat_api.tokens import Clock

_LARGEST_BODY = 12 * 1024 * 1024

T = TypeVar("T")


def utc_now() -> datetime:
    """The true time."""
    return datetime.now(UTC)


class WeChatStandIn(Threaded):
    """A strict API of the Official Accounts Platform on this machine, for bots that are told its `base_url`.

    `clock` is its date; `patience` the seconds that it waits for the bot to answer. Once the bot listens,
    `calls_back(url)` tells where.
    """

    def __init__(self, *, clock: Clock = utc_now, port: int = 0, patience: float = PATIENCE, **account: Any) -> None:
        super().__init__(port)
        self.clock = clock
        self._patience = patience
        self._changed = threading.Condition()
        self.faults = FaultScript(self._changed)
        self.account = Account(clock, **account)
        self.accounts = {self.account.app_id: self.account}
        self._front = Front(self.accounts, self.faults, self._changed)
        self._callers: dict[str, Caller] = {}
        self._residents: dict[tuple[str, str], Resident] = {}

    @property
    def settings(self) -> dict[str, str]:
        """The bot's settings for the account."""
        account = self.account
        named = {
            "API_BASE": self.base_url,
            "APP_ID": account.app_id,
            "SECRET": account.secret,
            "TOKEN": account.token,
            "AES_KEY": "" if account.mode == "plain" else account.aes_key,
        }
        return {f"MINSHENG_WECHAT__{name}": value for name, value in named.items()}

    # People, and the bot that they speak to

    def add_account(self, app_id: str, **account: Any) -> Account:
        """One more account on the same platform."""
        self.accounts[app_id] = Account(self.clock, app_id, **account)
        return self.accounts[app_id]

    def resident(
        self, openid: str = "oResident0001", *, account: Account | None = None, follows: bool = True
    ) -> Resident:
        """Somebody who follows the account, or who has never heard of it if `follows` is False."""
        at = account or self.account
        found = self._residents.get((at.app_id, openid))
        if found is None:
            follower = at.followers.setdefault(openid, Follower(openid, is_following=follows))
            found = self._residents[at.app_id, openid] = Resident(self, at, follower)
        return found

    def calls_back(self, url: str, *, account: Account | None = None) -> None:
        """The console's URL: where people's messages are posted to."""
        (account or self.account).url = url

    async def verifies(self, account: Account | None = None) -> bool:
        """The console's 提交: whether the bot proves at that URL that it knows the token."""
        return await self.carried_out(lambda: self.caller(account or self.account).verify())

    # What the bot did

    @property
    def violations(self) -> list[str]:
        """Every breach of the protocol so far; a good bot leaves this empty."""
        return self._front.violations

    def calls(self, name: str | None = None) -> list[Call]:
        """The bot's calls in the order of their answers, of one name (its path after /cgi-bin/) or of all."""
        return [call for call in self._front.calls if name in (None, call.name)]

    async def wait_until(self, holds: Callable[[], object], timeout: float = 10.0) -> None:
        """Wait until `holds()` is true; looks again after each call and each answer. Raises TimeoutError."""
        await asyncio.to_thread(self.block_until, holds, timeout)

    def block_until(self, holds: Callable[[], object], timeout: float = 10.0) -> None:
        """The same for who has no loop."""
        with self._changed:
            if not self._changed.wait_for(holds, timeout):
                raise TimeoutError("what the test waits for did not happen")

    # The thread

    def caller(self, account: Account) -> Caller:
        """Who posts to an account's URL; on the stand-in's loop."""
        if account.app_id not in self._callers:
            self._callers[account.app_id] = Caller(account, self.violations, self._changed, self._patience)
        return self._callers[account.app_id]

    async def carried_out(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Have the stand-in's loop do it, and wait for what comes of it."""

        async def do() -> T:
            return await work()

        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(do(), self._loop))

    async def _serve(self, listener: socket.socket) -> None:
        self._front.address = self.base_url
        connections: set[Connection] = set()
        server = await asyncio.get_running_loop().create_server(
            lambda: Connection(self._front, connections, _LARGEST_BODY, time.monotonic), sock=listener
        )
        await self._until_stopped()
        await cut_off(server, connections)
        callers, self._callers = self._callers, {}
        for caller in callers.values():
            await caller.close()
