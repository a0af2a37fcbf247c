"""Scripted misfortune: what goes wrong, for which calls, how often."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field

from tests.bot_api.errors import ApiError, bad_request, conflict, forbidden
from tests.bot_api.errors import too_many_requests as too_many_requests_error
from tests.bot_api.http_server import Response, refusal
from tests.bot_api.parameters import JsonObject

DOWNLOAD = "download"  # the "method" of a file's download


@dataclass(frozen=True, slots=True)
class Effect:
    """What happens to a call: it is carried out or not, held back or not, answered how.

    `answer` None with `cuts` False leaves the true answer in place.
    """

    acts: bool
    answer: Response | None = None
    cuts: bool = False
    holds: bool = False
    garbles: bool = False


def passes() -> Effect:
    """Nothing goes wrong: for counting calls and waiting for them."""
    return Effect(acts=True)


def refuses(error: ApiError) -> Effect:
    """Any refusal in the form of the Bot API."""
    return Effect(acts=False, answer=refusal(error))


def too_many_requests(retry_after: int = 1) -> Effect:
    """429 with `retry_after` seconds."""
    return refuses(too_many_requests_error(retry_after))


def forbids(description: str = "bot was blocked by the user") -> Effect:
    """403."""
    return refuses(forbidden(description))


def bad(description: str = "chat not found") -> Effect:
    """400."""
    return refuses(bad_request(description))


def migrates_to(chat_id: int) -> Effect:
    """400: the group became a supergroup with another number."""
    description = "group chat was upgraded to a supergroup chat"
    return refuses(bad_request(description, migrate_to_chat_id=chat_id))


def conflicts() -> Effect:
    """409."""
    return refuses(conflict("terminated by other getUpdates request"))


def internal_error() -> Effect:
    """500 in the form of the Bot API."""
    return refuses(ApiError(500, "Internal Server Error: restart"))


def bad_gateway() -> Effect:
    """502 from the web server in front: HTML, not JSON."""
    body = b"<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>\r\n"
    return Effect(acts=False, answer=Response(body, 502, "text/html"))


def drops_before() -> Effect:
    """The connection breaks and nothing was done."""
    return Effect(acts=False, cuts=True)


def drops_after() -> Effect:
    """It was done, and the connection breaks before the answer."""
    return Effect(acts=True, cuts=True)


def holds_before() -> Effect:
    """Nothing is done until the test releases the fault; a caller that leaves takes it along."""
    return Effect(acts=False, holds=True)


def holds_after() -> Effect:
    """It is done at once; the answer waits until the test releases the fault."""
    return Effect(acts=True, holds=True)


def garbles() -> Effect:
    """It is done, and the answer is JSON that breaks off in the middle."""
    return Effect(acts=True, garbles=True)


@dataclass(eq=False, slots=True)
class Fault:
    """One scripted effect and the calls that it meets.

    `method` and `chat` None mean any; `skip` calls pass first, then `times` are met (None: all).
    """

    effect: Effect
    changed: threading.Condition
    method: str | None = None
    chat: int | None = None
    when: Callable[[JsonObject], bool] | None = None
    skip: int = 0
    times: int | None = 1
    hits: int = 0
    _gate: Future[None] = field(default_factory=Future)

    def meets(self, method: str, chat: int, parameters: JsonObject) -> bool:
        """Whether this call is struck; counts it."""
        if self.method is not None and self.method.lower() != method.lower():
            return False
        if self.chat is not None and self.chat != chat:
            return False
        if self.when is not None and not self.when(parameters):
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        if self.times is not None and self.hits >= self.times:
            return False
        self.hits += 1
        return True

    def release(self) -> None:
        """Lets every call go that this fault holds, now and later; safe from any thread."""
        if not self._gate.done():
            self._gate.set_result(None)

    async def released(self) -> None:
        """Waits for the release, on the stand-in's own loop."""
        # Shielded: a caller that hangs up must not open the gate for the others.
        await asyncio.shield(asyncio.wrap_future(self._gate))

    def wait_until_hit(self, hits: int = 1, timeout: float = 10.0) -> None:
        """Blocks until so many calls were struck; raises `TimeoutError`."""
        with self.changed:
            if not self.changed.wait_for(lambda: self.hits >= hits, timeout):
                raise TimeoutError(f"the fault struck {self.hits} of {hits} calls")


class FaultScript:
    """All faults of a stand-in; the first that meets a call strikes it."""

    def __init__(self, changed: threading.Condition) -> None:
        self._changed = changed
        self._faults: list[Fault] = []

    def add(
        self,
        effect: Effect,
        *,
        method: str | None = None,
        chat: int | None = None,
        when: Callable[[JsonObject], bool] | None = None,
        skip: int = 0,
        times: int | None = 1,
    ) -> Fault:
        """Scripts an effect; `when` sees the call's parameters. Returns it, to release or count."""
        fault = Fault(effect, self._changed, method, chat, when, skip, times)
        with self._changed:
            self._faults.append(fault)
        return fault

    def clear(self) -> None:
        """No more misfortune; what is held goes on."""
        with self._changed:
            faults, self._faults = self._faults, []
        for fault in faults:
            fault.release()

    def strike(self, method: str, chat: int, parameters: JsonObject) -> Fault | None:
        """The fault that meets this call, if any."""
        return next((fault for fault in self._faults if fault.meets(method, chat, parameters)), None)
