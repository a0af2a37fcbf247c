"""Delivery of updates to the bot's webhook."""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from tests.bot_api.http_client import Poster
from tests.bot_api.update_queue import Lane, Pending
from tests.bot_api.world import Webhook, World

# What the published server does: again at once, then twice as long each time (WebhookActor.cpp).
TRUE_BACKOFF = (0.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 120.0)
# The same shape, for tests.
SHORT_BACKOFF = (0.0, 0.01, 0.02, 0.04, 0.08)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One attempt to hand an update to the webhook; `status` 0 means that nobody answered."""

    update_id: int
    status: int


class WebhookDelivery:
    """Posts what waits to the webhook: one update of a lane at a time, lanes side by side."""

    def __init__(self, world: World, backoff: Sequence[float], attempts: list[Delivery]) -> None:
        self._attempts = attempts
        self._world = world
        self._backoff = backoff
        self._woken = asyncio.Event()
        self._lanes: dict[Lane, deque[tuple[int, Pending]]] = {}
        self._known: set[int] = set()

    def wake(self) -> None:
        """Something waits, or the webhook changed; call it on the loop."""
        self._woken.set()

    async def run(self) -> None:
        """Delivers until cancelled, starting afresh whenever the webhook changes."""
        while True:
            await self._woken.wait()
            webhook = self._world.webhook
            if webhook is None:
                self._woken.clear()
                continue
            await self._deliver_to(webhook)

    async def _deliver_to(self, webhook: Webhook) -> None:
        self._lanes.clear()
        self._known.clear()
        slots = asyncio.Semaphore(webhook.max_connections)
        poster = Poster(webhook.url, webhook.secret_token)
        running: set[asyncio.Task[None]] = set()
        try:
            while self._world.webhook is webhook:
                self._woken.clear()
                for lane in self._sort_new():
                    worker = asyncio.create_task(self._serve(lane, slots, poster))
                    running.add(worker)
                    worker.add_done_callback(running.discard)
                await self._woken.wait()
        finally:
            ending = list(running)
            for worker in ending:
                worker.cancel()
            poster.close()
            await asyncio.gather(*ending, return_exceptions=True)

    def _sort_new(self) -> list[Lane]:
        """Puts updates not seen yet into their lanes; returns the lanes that had no worker."""
        fresh: list[Lane] = []
        with self._world.changed:
            waiting = self._world.updates.waiting(self._world.clock())
        for arrival, item in waiting.items():
            if arrival not in self._known:
                self._known.add(arrival)
                if item.lane not in self._lanes:
                    self._lanes[item.lane] = deque()
                    fresh.append(item.lane)
                self._lanes[item.lane].append((arrival, item))
        return fresh

    async def _serve(self, lane: Lane, slots: asyncio.Semaphore, poster: Poster) -> None:
        queue = self._lanes[lane]
        failures = 0
        while queue:
            arrival, item = queue[0]
            if not self._world.updates.holds(arrival) or await self._post(item, slots, poster):
                with self._world.changed:
                    self._world.updates.forget(arrival)
                    self._world.changed.notify_all()
                queue.popleft()
                self._known.discard(arrival)
                failures = 0
            else:
                await asyncio.sleep(self._backoff[min(failures, len(self._backoff) - 1)])
                failures += 1
        del self._lanes[lane]

    async def _post(self, item: Pending, slots: asyncio.Semaphore, poster: Poster) -> bool:
        try:
            async with slots:
                self._mark_shown(item)
                answered = await poster.post(item.raw)
        except OSError as error:
            return self._note(item, 0, str(error) or type(error).__name__)
        if 200 <= answered.status < 300:
            if b'"method"' in answered.body:
                # Telegram would carry it out and never tell the outcome: no way to send durably.
                self._world.violations.append("a method call in the answer to a webhook")
            return self._note(item, answered.status, "")
        reason = f"Wrong response from the webhook: {answered.status} {answered.reason}"
        return self._note(item, answered.status, reason)

    def _mark_shown(self, item: Pending) -> None:
        with self._world.changed:
            self._world.updates.mark_shown(item)
            self._world.changed.notify_all()

    def _note(self, item: Pending, status: int, error: str) -> bool:
        with self._world.changed:
            self._attempts.append(Delivery(item.update_id, status))
            self._world.webhook_error = error or self._world.webhook_error
            self._world.changed.notify_all()
        return not error
