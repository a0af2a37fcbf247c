"""How much one visitor or one network may do, so that nobody can drown the others."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

Clock = Callable[[], datetime]

_MANY = 4096


@dataclass(frozen=True, slots=True)
class WebChatSettings:
    """What an operator may choose.

    A network is an IPv4 address or an IPv6 /64; a whole village can share one behind its mobile operator, so its
    limits are wide. `proxies` says how many reverse proxies stand in front (see webchat_identity.address_of),
    `origins` names further allowed page origins, `frame_ancestors` who may embed the page (a CSP source list).
    """

    messages_per_minute: int = 60
    messages_per_minute_of_network: int = 1200
    connections_per_minute: int = 30
    connections_per_minute_of_network: int = 600
    open_at_once: int = 8
    open_at_once_of_network: int = 2000
    identities_per_hour_of_network: int = 240
    uploads_per_hour: int = 60
    uploads_per_hour_of_network: int = 600
    proxies: int = 0
    origins: frozenset[str] = frozenset()
    frame_ancestors: str = "'none'"


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

    def take(self, key: str) -> float:
        """Take one: 0 when there was room, else the seconds until there will be."""
        now = self._clock().timestamp()
        # Never more than the whole in the future: a clock that was set back must not shut anybody out.
        full_again = min(max(self._full_again.get(key, now), now), now + self._seconds)
        wait = full_again + self._step - now - self._seconds
        if wait > 1e-6:
            return wait
        self._full_again[key] = full_again + self._step
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

    def message(self, account: str, network: str) -> float:
        """One frame over a socket."""
        return self._messages.take(account) or self._messages_of_network.take(network)

    def connection(self, account: str, network: str) -> float:
        """One socket."""
        return self._connections.take(account) or self._connections_of_network.take(network)

    def upload(self, account: str, network: str) -> float:
        """One file."""
        return self._uploads.take(account) or self._uploads_of_network.take(network)

    def identity(self, network: str) -> float:
        """One visitor who was not here before."""
        return self._identities_of_network.take(network)
