"""A program that runs, and the two ways in over which it is attacked."""

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any, TypeVar

import httpx
import pytest
from sqlalchemy import Engine, select
from websockets.sync.client import ClientConnection, connect

from bot.channels.webchat_identity import COOKIE
from storage.database import reading
from storage.tables import messages, outbox
from tests.bot_api import BotApiStandIn, Person
from tests.kill.bot_process import POLL, BotProcess

PATIENCE = 20.0  # seconds; a busy machine needs one
# All that is logged of what came in and was no HTTP, or no form.
EXPECTED = {"WARNING uvicorn.error", "WARNING python_multipart.multipart"}

# For what is the same however Telegram reaches us; of the two databases PostgreSQL is the stricter.
by_webhook = pytest.mark.parametrize("besieged", ["webhook"], indirect=True)

Json = dict[str, Any]
T = TypeVar("T")
_strangers = count(70_001)


@dataclass
class Siege:
    """The program under attack. `mode` is how Telegram reaches it."""

    bot: BotProcess
    stand_in: BotApiStandIn
    engine: Engine
    http: httpx.Client
    mode: str
    _known: Counter[str] = field(default_factory=Counter)

    def person(self) -> Person:
        """Somebody on Telegram who was not here before."""
        return self.stand_in.person(next(_strangers))

    def cookie(self) -> str:
        """That of a browser that was not here before."""
        cookie = self.http.get("/chat").cookies[COOKIE]
        self.http.cookies.clear()
        return cookie

    @contextmanager
    def visitor(self) -> Iterator["Visitor"]:
        """Somebody in the web chat who was not here before."""
        cookie = self.cookie()
        with self.line(cookie, "?after=0") as line:
            yield Visitor(line, cookie)

    def line(self, cookie: str, query: str = "") -> ClientConnection:
        """A socket of the web chat, for a browser with that cookie."""
        address = f"ws://{self.bot.address}/chat/ws{query}"
        return connect(address, additional_headers={"Cookie": f"{COOKIE}={cookie}"}, proxy=None, max_size=None)

    def stored(self, key: str) -> Any:
        """The message of that key (see `key_of` and Visitor.key), None where there is none."""
        with reading(self.engine) as unit:
            return unit.read(select(messages).where(messages.c.platform_key == key)).one_or_none()

    def count(self) -> int:
        """How many messages came in so far."""
        with reading(self.engine) as unit:
            return len(unit.read(select(messages.c.id).where(messages.c.direction == "in")).all())

    def eventually(self, look: Callable[[], T | None]) -> T:
        """What `look` finds in the database, once it finds something: the program does not tell of all it does."""
        deadline = time.monotonic() + PATIENCE
        while not (found := look()):
            assert time.monotonic() < deadline, "what the test waits for did not happen"
            time.sleep(POLL)
        return found

    def wounds(self) -> list[str]:
        """Whatever should never be, since the last look."""
        with reading(self.engine) as unit:
            faults = unit.read(select(messages.c.fault).where(messages.c.fault.is_not(None))).scalars().all()
            failed = unit.read(select(outbox.c.failure).where(outbox.c.state == "failed")).scalars().all()
        complaints = [line for line in self.bot.complaints if line not in EXPECTED]
        found = Counter([*complaints, *faults, *failed, *self.stand_in.violations])
        fresh, self._known = found - self._known, found
        return list(fresh.elements())


def key_of(update: Json) -> str:
    """The key under which an update of somebody's message or tap is stored."""
    if "callback_query" in update:
        return f"cb:{update['callback_query']['id']}"
    return f"4242:{update['message']['chat']['id']}:{update['message']['message_id']}"


@dataclass
class Visitor:
    """Somebody in the web chat."""

    line: ClientConnection
    cookie: str
    key: str = ""  # of what was sent last
    _heard: list[Json] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=count)

    def sends(self, **frame: Any) -> Json:
        """Send a message; the server's word on it, "accepted" or "refused"."""
        identity = f"m{next(self._numbers)}"
        self.key = f"{self.cookie.partition('.')[0]}:{identity}"
        # As browsers write JSON: nothing is escaped but halves of pairs (ECMAScript, JSON.stringify).
        text = json.dumps({"id": identity, **frame}, ensure_ascii=False)
        self.line.send(text.encode(errors="backslashreplace").decode())
        while True:
            answer = self._next()
            if answer["type"] in ("accepted", "refused") and answer["id"] == identity:
                return answer

    def says(self, text: str) -> Json:
        return self.sends(type="text", text=text)

    def hears(self, words: str = "") -> Json:
        """The next message of the bot with these words."""
        while True:
            for position, frame in enumerate(self._heard):
                if words in frame["text"]:
                    del self._heard[: position + 1]
                    return frame
            self._next()

    def _next(self) -> Json:
        frame: Json = json.loads(self.line.recv(PATIENCE))
        if frame["type"] == "message" and not frame["mine"]:
            self._heard.append(frame)
        return frame
