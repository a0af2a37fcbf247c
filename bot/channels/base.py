"""What a channel is: the one place where a platform is known.

In: a channel verifies what its platform sends, turns it into `Inbound`, hands it to `receive` and acknowledges
only after that returned, for then it is committed. Out: `send` delivers one message once, or says how it failed.
"""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, Protocol, runtime_checkable

from starlette.routing import BaseRoute

from handlers.messages import Capabilities, Inbound, Outbound, Received

# Hands a message in. Returns after the commit; raises only when nothing was stored (the program stops).
Receive = Callable[[Inbound], Awaitable[Received]]


class Failure(StrEnum):
    """Why a send failed, and so what is done about it."""

    RETRY = "retry"  # try again at `retry_at`, or after a back-off
    PAUSED = "paused"  # the platform pauses the whole bot until `retry_at`
    WINDOW_CLOSED = "window_closed"  # waits for the person's next message
    ABSENT = "absent"  # the person is not connected here; waits for them
    UNREACHABLE = "unreachable"  # blocked, deleted, never there: marked, kept until they write again
    REFUSED = "refused"  # this very message will never be accepted
    MISCONFIGURED = "misconfigured"  # a token or permission is wrong: alert, keep all messages


@dataclass(frozen=True, slots=True)
class Sent:
    """Delivered; `platform_id` is the platform's name of the message, where it has one. `used`: by how many messages
    of the person's window, on a channel with windows (see Capabilities). `along`: the numbers of what followed it and
    went along (see Outbound.following)."""

    platform_id: str = ""
    used: int = 0
    along: tuple[int, ...] = ()


class Knock(NamedTuple):
    """One try to tell somebody, by another `kind` of push, that a message waits for them (see Outbound.notice).

    `consent`: the template that it took one of the person's consents for, or found none left of. `failure` and `detail`
    as in NotSent; None when it went through.
    """

    kind: str
    consent: str = ""
    failure: Failure | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class NotSent:
    """Not delivered. `detail` is a code of the platform or a kind of error, never a text of a person; `knocks` what was
    tried in its place (see Outbound.notice)."""

    failure: Failure
    detail: str = ""
    retry_at: datetime | None = None
    moved_to: str = ""  # the chat's new address, when the platform says it moved
    knocks: tuple[Knock, ...] = ()


Outcome = Sent | NotSent


@dataclass(frozen=True, slots=True)
class Asked:
    """A message to many was asked for: the platform's `number` of it, empty where it did not tell, and what `became` of
    it, as far as that is known already."""

    number: str
    became: str = ""


@dataclass(frozen=True, slots=True)
class Limits:
    """How fast a channel may send: messages a second in all, and the least seconds between two to one chat."""

    per_second: float
    chat_interval: float


@dataclass(frozen=True, slots=True)
class Fetched:
    """The content of a platform's file."""

    content: bytes
    media_type: str = ""


class FetchRefused(Exception):
    """The file can never be had (too large, expired); anything else that `fetch` raises is tried again."""


@runtime_checkable
class Massing(Protocol):
    """A channel where one call reaches many (see Capabilities.masses). Neither method raises for what a platform
    does."""

    async def mass_send(self, key: str, people: Sequence[str], text: str) -> Asked | NotSent:
        """Ask for a text to the chats at these addresses; with the same `key` it is sent once."""

    async def mass_became(self, number: str) -> Asked | NotSent:
        """What became of one, where its platform has not told."""


class Channel(Protocol):
    """One platform. `name` is what messages carry as `channel`."""

    name: str
    capabilities: Capabilities
    limits: Limits

    def routes(self) -> list[BaseRoute]:
        """What it serves over HTTP (webhook, page)."""

    async def start(self, receive: Receive) -> None:
        """Begin to receive; returns at once. Faults of the platform are waited out, not raised."""

    async def stop(self) -> None:
        """Stop receiving; what was taken from the platform is handed in first. Sending goes on."""

    async def close(self) -> None:
        """Let go of connections, after the last message was sent."""

    async def send(self, message: Outbound) -> Outcome:
        """Deliver one message, never raising for what a platform or network does."""

    def present(self) -> Collection[str]:
        """Accounts that are connected here now, on a channel where people come and go (a web chat); else none."""

    async def fetch(self, platform_id: str) -> Fetched:
        """Get a file that somebody sent. At most `storage.domain.file_kinds.SIZE_LIMIT` is read."""

    async def check(self) -> list[str]:
        """What is wrong with the settings, in sentences for `minsheng doctor`; empty when all is well."""
