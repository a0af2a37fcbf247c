"""How much one visitor or one network may do, so that nobody can drown the others."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator
from pydantic_settings import NoDecode

Clock = Callable[[], datetime]

_MANY = 4096
_MEASURE = 20_000  # characters of a frame that count as one message


class WebChatSettings(BaseModel):
    """What an operator may choose.

    A network is an IPv4 address or an IPv6 /64; a whole village can share one behind its mobile operator, so its
    limits are wide.
    """

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    messages_per_minute: int = Field(60, gt=0, description="frames of one visitor; a very long one counts as several")
    messages_per_minute_of_network: int = Field(1200, gt=0, description="frames of all visitors of one network")
    connections_per_minute: int = Field(30, gt=0, description="new connections of one visitor")
    connections_per_minute_of_network: int = Field(600, gt=0, description="new connections of one network")
    open_at_once: int = Field(8, gt=0, description="open pages of one visitor")
    open_at_once_of_network: int = Field(2000, gt=0, description="open pages of one network")
    identities_per_hour_of_network: int = Field(240, gt=0, description="visitors of one network who were never here")
    uploads_per_hour: int = Field(60, gt=0, description="files of one visitor")
    uploads_per_hour_of_network: int = Field(600, gt=0, description="files of one network")
    proxies: int = Field(0, ge=0, description="reverse proxies of your own in front, which tell the visitor's address")
    origins: Annotated[frozenset[str], NoDecode] = Field(
        frozenset(), description="further origins of pages that may use the chat, separated by spaces"
    )
    frame_ancestors: str = Field("'none'", description="who may embed the page, as a CSP source list")

    @field_validator("origins", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        return frozenset(value.split()) if isinstance(value, str) else value

    @field_validator("frame_ancestors")
    @classmethod
    def _one_directive(cls, value: str) -> str:
        if not value.isascii() or not value.isprintable() or set(value) & set(";,"):
            raise ValueError("must be one list of sources, without ; and ,")
        return value


class Allowance:
    """At most `count` in `seconds` for each key; used-up room comes back steadily."""

    def __init__(self, count: int, seconds: float, clock: Clock) -> None:
        self._step = seconds / count
        self._seconds = seconds
        self._clock = clock
        # For each key, the moment when all its room will be back. One number says it all (the "generic cell
        # rate algorithm" of ATM networks), and keys whose moment has passed can be forgotten.
        self._full_again: dict[str, float] = {}
        self._tidy_at = _MANY

    def take(self, key: str, number: int = 1) -> float:
        """Take so many, at most all: 0 when there was room, else the seconds until there will be."""
        now = self._clock().timestamp()
        # Never more than the whole in the future: a clock that was set back must not shut anybody out.
        full_again = min(max(self._full_again.get(key, now), now), now + self._seconds)
        taken = min(number * self._step, self._seconds)
        wait = full_again + taken - now - self._seconds
        if wait > 1e-6:
            return wait
        self._full_again[key] = full_again + taken
        self._tidy(now)
        return 0.0

    def _tidy(self, now: float) -> None:
        if len(self._full_again) >= self._tidy_at:
            self._full_again = {key: moment for key, moment in self._full_again.items() if moment > now}
            self._tidy_at = max(_MANY, 2 * len(self._full_again))


class Allowances:
    """What is counted, each for the account and for its network. Every method gives the seconds to wait, 0 for none."""

    def __init__(self, settings: WebChatSettings, clock: Clock) -> None:
        self._messages = Allowance(settings.messages_per_minute, 60, clock)
        self._messages_of_network = Allowance(settings.messages_per_minute_of_network, 60, clock)
        self._connections = Allowance(settings.connections_per_minute, 60, clock)
        self._connections_of_network = Allowance(settings.connections_per_minute_of_network, 60, clock)
        self._uploads = Allowance(settings.uploads_per_hour, 3600, clock)
        self._uploads_of_network = Allowance(settings.uploads_per_hour_of_network, 3600, clock)
        self._identities_of_network = Allowance(settings.identities_per_hour_of_network, 3600, clock)

    def message(self, account: str, network: str, length: int) -> float:
        """One frame over a socket, of so many characters."""
        number = 1 + length // _MEASURE
        return self._messages.take(account, number) or self._messages_of_network.take(network, number)

    def connection(self, account: str, network: str) -> float:
        """One socket."""
        return self._connections.take(account) or self._connections_of_network.take(network)

    def upload(self, account: str, network: str) -> float:
        """One file."""
        return self._uploads.take(account) or self._uploads_of_network.take(network)

    def identity(self, network: str) -> float:
        """One visitor who was not here before."""
        return self._identities_of_network.take(network)
