"""The queue of updates that the bot has not confirmed yet."""

import json
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.bot_api.parameters import JsonObject

# Updates of one lane go to a webhook one after another.
Lane = tuple[str, int]

# Bot API, "Getting updates": 24 hours; a button press is kept as long as it can be answered.
KEPT = timedelta(hours=24)
PRESS_KEPT = timedelta(seconds=150)
# TDLib's queue answers from its head when an offset lies further than this beyond its end
# (TQueue::get): after a quiet week the numbers start anew, lower than the offset a bot remembers.
FURTHEST_OFFSET = 10

ALL_KINDS = frozenset(("message", "edited_message", "callback_query", "my_chat_member"))


@dataclass(slots=True)
class Pending:
    """One update that waits; `raw` goes out as it stands, well-formed or not."""

    update_id: int
    lane: Lane
    raw: bytes
    expires: datetime
    is_repeat: bool = False
    was_shown: bool = False

    def is_confirmed_by(self, offset: int) -> bool:
        """Whether a poll with this offset forgets it; a repeat must have been shown first."""
        return self.update_id < offset and (self.was_shown or not self.is_repeat)


def lane_of(update: JsonObject) -> Lane:
    """One lane per chat; presses and memberships have lanes of their own.

    Source: tdlib/telegram-bot-api, the queue identifiers that Client.cpp gives to updates.
    """
    if press := update.get("callback_query"):
        return ("press", press["from"]["id"])
    if change := update.get("my_chat_member"):
        return ("membership", change["chat"]["id"])
    body = update.get("message") or update["edited_message"]
    return ("chat", body["chat"]["id"])


class UpdateQueue:
    """Numbers, keeps and forgets updates as the Bot API does."""

    def __init__(self, first_id: int) -> None:
        self.next_id = first_id
        self.handed_over: Counter[int] = Counter()
        self._allowed = ALL_KINDS
        # By order of arrival, which numbers alone do not tell: they can start anew or repeat.
        self._pending: dict[int, Pending] = {}
        self._arrivals = 0
        self._repeats: Callable[[JsonObject], bool] | None = None
        self._renumbered = False

    def __len__(self) -> int:
        return len(self._pending)

    def allow(self, kinds: Iterable[str]) -> None:
        """Which kinds the bot asks for from now on; none named means all of them."""
        self._allowed = frozenset(kinds) or ALL_KINDS

    def add(self, kind: str, body: JsonObject, now: datetime) -> JsonObject:
        """Queues an update, unless the bot did not ask for its kind, and returns it."""
        update = {"update_id": self._take_id(), kind: body}
        if kind in self._allowed:
            self._queue(update, now)
            if self._repeats and self._repeats(update):
                self.repeat(update, now, renumbered=self._renumbered)
        return update

    def add_raw(self, write: Callable[[int], str], now: datetime) -> int:
        """Queues whatever `write` makes of the next number, valid or not; returns the number."""
        update_id = self._take_id()
        raw = write(update_id).encode(errors="surrogatepass")
        self._keep(Pending(update_id, ("raw", update_id), raw, now + KEPT))
        return update_id

    def repeat(self, update: JsonObject, now: datetime, *, renumbered: bool) -> None:
        """Queues an update again, under its old number or under a new one."""
        if renumbered:
            update = {**update, "update_id": self._take_id()}
        self._queue(update, now, is_repeat=True)

    def repeat_every(self, when: Callable[[JsonObject], bool] | None, *, renumbered: bool) -> None:
        """From now on hands over twice every update for which `when` holds; None ends it."""
        self._repeats = when
        self._renumbered = renumbered

    def fetch(self, offset: int, limit: int, now: datetime) -> list[bytes]:
        """What getUpdates answers: forgets what lies before `offset`, then shows what is left.

        A negative offset keeps that many from the end; one far beyond the end counts as none.
        """
        self._drop(lambda item: item.expires < now)
        if offset < 0:
            self._pending = dict(list(self._pending.items())[offset:])
        elif offset <= self.next_id + FURTHEST_OFFSET:
            self._drop(lambda item: item.is_confirmed_by(offset))
        shown = list(self._pending.values())[:limit]
        for item in shown:
            self.mark_shown(item)
        return [item.raw for item in shown]

    def waiting(self, now: datetime) -> dict[int, Pending]:
        """All updates that have not expired, by order of arrival."""
        self._drop(lambda item: item.expires < now)
        return dict(self._pending)

    def mark_shown(self, item: Pending) -> None:
        """Counts one handing over."""
        item.was_shown = True
        self.handed_over[item.update_id] += 1

    def holds(self, arrival: int) -> bool:
        """Whether an update still waits."""
        return arrival in self._pending

    def forget(self, arrival: int) -> None:
        """Takes one update off the queue: a webhook accepted it."""
        self._pending.pop(arrival, None)

    def clear(self) -> None:
        """Forgets everything that waits (Bot API, `drop_pending_updates`)."""
        self._pending.clear()

    def _queue(self, update: JsonObject, now: datetime, *, is_repeat: bool = False) -> None:
        kept = PRESS_KEPT if "callback_query" in update else KEPT
        self._keep(
            Pending(
                update["update_id"],
                lane_of(update),
                json.dumps(update).encode(),
                now + kept,
                is_repeat,
            )
        )

    def _keep(self, item: Pending) -> None:
        self._pending[self._arrivals] = item
        self._arrivals += 1

    def _drop(self, gone: Callable[[Pending], bool]) -> None:
        self._pending = {key: item for key, item in self._pending.items() if not gone(item)}

    def _take_id(self) -> int:
        self.next_id += 1
        return self.next_id - 1
